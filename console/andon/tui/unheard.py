"""What is typed after `/` or `:` on a screen that takes neither: none of it runs as keys. Pure."""

from __future__ import annotations

SECONDS = 1.0
"""A pause in typing after which keys are keys again."""
_SAID = {"/": "nothing to filter here; esc goes back", ":": "no commands here; esc goes back"}
_ENDING = ("enter", "escape", "ctrl+c")


class Unheard:
    """Drops the rest of a filter or a command that was begun where there is none.

    Args:
        seconds: how long a pause ends it.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._until = float("-inf")

    def begins(self, character: str | None, now: float) -> str:
        """Note a key that would open a prompt; return what is to be said, nothing for others."""
        said = _SAID.get(character or "", "")
        if said:
            self._until = now + self._seconds
        return said

    def drops(self, key: str, now: float) -> bool:
        """Return whether a key is part of what was begun."""
        if now >= self._until:
            return False
        if key in _ENDING:
            self._until = float("-inf")
            return key == "enter"
        self._until = now + self._seconds
        return True
