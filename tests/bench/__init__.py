"""How fast and how light Andon is, measured in a real pseudo-terminal.

Run `python -m tests.bench` from the root of the repository, or with the names of some benches. Not
collected by pytest: it takes minutes, and its verdicts are ratios measured side by side, not tests.
"""
