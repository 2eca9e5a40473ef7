"""How the collector is, in the words that the screen's header says."""

from __future__ import annotations

from dataclasses import dataclass

_SILENT_SECONDS = 3.0
"""So long without a beat is worth a word; less may be a busy machine."""


@dataclass(slots=True)
class Condition:
    """What the console knows of the collector beyond what its sources say."""

    ended: str = ""
    """How the last collector ended and what is done about it, until the next one brought data."""
    silent_seconds: float = 0.0
    """How long its loop has not turned."""

    def end(self, *, again: bool) -> None:
        """Note that it ended.

        Args:
            again: whether it is started again without being asked.
        """
        self.silent_seconds = 0.0
        self.ended = "collector ended, " + ("restarting" if again else "ctrl-r tries again")

    @property
    def trouble(self) -> str:
        """What is wrong with it now, in a few words; nothing while it serves."""
        if self.ended:
            return self.ended
        if self.silent_seconds < _SILENT_SECONDS:
            return ""
        return f"collector silent for {round(self.silent_seconds)}s"
