"""The scripted face: click commands over the same views and the same action engine as the screen.

`output` alone owns stdout; `diagnostics` alone owns stderr and the exit codes.
"""
