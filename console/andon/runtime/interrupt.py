"""What ctrl-c raises, told apart from a plugin that raises the same."""

from __future__ import annotations


class Interrupted(KeyboardInterrupt):
    """The operator, or the system, ends this process: nothing may contain that."""
