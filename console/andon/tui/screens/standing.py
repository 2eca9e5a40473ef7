"""What the keys of a plan's dialog do now: where a letter goes, what confirms, in words. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from andon.model import Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a dialog is from being confirmed, and where its focus is."""

    focus: str
    """`reason` or `word` while a field has it, `leave` or `confirm` while a button has."""
    needs_reason: bool
    has_reason: bool
    tier: Tier
    targets: int
    word: str
    """What is to be typed to confirm."""
    typed: str
    """What is typed for it so far."""

    @property
    def wants_word(self) -> bool:
        """Whether confirming takes a typed word."""
        return self.tier is not Tier.REVERSIBLE

    @property
    def y_confirms(self) -> bool:
        """Whether the letter confirms now: not while it would be text."""
        return not (self.wants_word or self.missing or self.focus in ("reason", "word"))

    @property
    def _what(self) -> str:
        if self.tier is Tier.DISRUPTIVE:
            return "the number of targets"
        return "the name" if self.targets == 1 else "the site"

    @property
    def _wants_reason(self) -> bool:
        return self.needs_reason and not self.has_reason

    @property
    def missing(self) -> str:
        """What is still missing to confirm, in words."""
        if self._wants_reason:
            return "a reason is needed: type it"
        if self.wants_word and self.typed != self.word:
            return f"type {self._what} to confirm: {self.word}"
        return ""

    def field_for(self, text: str) -> str | None:
        """Return the field for what is typed while a button has the focus, `None` for nowhere.

        The first that is wanted and empty, the reason before the word; letters that cannot be part
        of a number are the reason.
        """
        if not text.strip():
            return None
        if self._wants_reason:
            return "reason"
        numeric = self.tier is Tier.DISRUPTIVE
        if self.missing and (not numeric or text[:1].isdigit()):
            return "word"
        return None if self.has_reason else "reason"

    @property
    def guide(self) -> str:
        """What the keys do here and now, in 40 cells; the other button says how to leave."""
        if self.focus == "reason":
            if self._wants_reason:
                return "typing the reason: it is needed"
            where = "the next field" if self.wants_word else "the button"
            return f"typing the reason; enter: {where}"
        if self.focus == "word":
            what = "the number" if self.tier is Tier.DISRUPTIVE else self._what
            if self._wants_reason:
                return f"typing {what}; a reason is needed too"
            confirm = f"{self.word} and enter confirm" if self.missing else "enter confirms"
            return f"typing {what}; {confirm}"
        if self._wants_reason:
            return "a reason is needed: just type it"
        return self._guide_on_button()

    def _guide_on_button(self) -> str:
        if self.missing:
            if self.tier is not Tier.DISRUPTIVE or self.has_reason:
                return self.missing
            return f"type {self.word} to confirm; letters: the reason"
        if not self.wants_word:
            return "y confirms" + ("" if self.has_reason else "; other letters: the reason")
        return "enter leaves; tab: the other button" if self.focus == "leave" else "enter confirms"
