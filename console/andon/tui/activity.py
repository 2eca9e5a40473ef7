"""Acts under way and just ended: what the lines above the footer and the toasts say. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from rich.segment import Segment

from andon.model import Kind, Outcome, Plan, Result
from andon.store import Snapshot
from andon.tui.text import Line, crop, cut, length, piece, spread
from andon.tui.theme import Palette
from andon.views.page import Tone

_LINES = 3
_LEAST_TITLE = 16
GOOD_SECONDS = 8.0
"""How long a good result stays; one with trouble in it stays until it is put away."""
TONE_OF_RESULT = {
    Result.CONFIRMED: Tone.GOOD,
    Result.REQUESTED: Tone.WARN,
    Result.SKIPPED: Tone.MUTED,
    Result.DENIED: Tone.BAD,
    Result.FAILED: Tone.BAD,
    Result.UNKNOWN: Tone.BAD,
}
_MARK = {
    Result.CONFIRMED: "✓",
    Result.REQUESTED: "…",
    Result.SKIPPED: "–",
    Result.DENIED: "✗",
    Result.FAILED: "✗",
    Result.UNKNOWN: "?",
}
WORDS = {
    Result.CONFIRMED: "confirmed",
    Result.REQUESTED: "requested, not confirmed",
    Result.SKIPPED: "skipped",
    Result.DENIED: "denied",
    Result.FAILED: "failed",
    Result.UNKNOWN: "unknown",
}


@dataclass
class Running:
    """One plan under way or ended."""

    plan: Plan
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    """The newest outcome of each step."""
    ended: bool = False
    dismissed: bool = False
    """Whether its result was put away."""
    error: str = ""
    """Why the whole plan was refused, if it was."""
    seen_at: float | None = None
    """Since when its end is on the screen."""

    @property
    def stays(self) -> bool:
        """Whether its line stays until it is put away: not all went as promised."""
        return bool(self.error) or self.tone in (Tone.BAD, Tone.WARN) or not self.outcomes

    def is_over(self, now: float) -> bool:
        """Whether its line has been read by now and leaves by itself."""
        if self.seen_at is None or self.stays:
            return False
        return now - self.seen_at >= GOOD_SECONDS

    def take(self, outcome: Outcome) -> None:
        """Note what happened to one step."""
        self.outcomes[outcome.step] = outcome

    @property
    def summary(self) -> str:
        """What came of it, in words: `2 confirmed, 1 failed`."""
        if self.error:
            return self.error
        counts = Counter(outcome.result for outcome in self.outcomes.values())
        words = [f"{counts[result]} {WORDS[result]}" for result in Result if counts[result]]
        return ", ".join(words) or "nothing happened"

    @property
    def tone(self) -> Tone:
        """The worst of it."""
        if self.error:
            return Tone.BAD
        tones = {TONE_OF_RESULT[outcome.result] for outcome in self.outcomes.values()}
        for tone in (Tone.BAD, Tone.WARN, Tone.GOOD):
            if tone in tones:
                return tone
        return Tone.MUTED

    @property
    def first_trouble(self) -> str:
        """What the first target that is not as promised says; the title names a single one."""
        for outcome in self.outcomes.values():
            if not outcome.result.ok and outcome.message:
                name = f"{outcome.target.name}: " if len(self.plan.steps) > 1 else ""
                return f"{name}{outcome.message}"
        return ""


@dataclass
class Activity:
    """The plans of this session, the newest last."""

    runs: list[Running] = field(default_factory=list)

    def start(self, plan: Plan) -> Running:
        """Note that a plan was started."""
        running = Running(plan)
        self.runs.append(running)
        return running

    @property
    def under_way(self) -> tuple[Running, ...]:
        """Plans that have not ended."""
        return tuple(run for run in self.runs if not run.ended)

    def awaits_answer(self, kind: Kind, keys: Collection[str]) -> bool:
        """Whether an act on one of these things is under way and nobody knows what came of it."""
        return any(
            step.target.kind is kind and step.target.key in keys and step.id not in run.outcomes
            for run in self.under_way
            for step in run.plan.steps
        )

    def behind(self, kind: Kind, snapshot: Snapshot) -> tuple[Outcome, ...]:
        """Return what came of the acts on things that a snapshot shows as they were before.

        Also of acts that were refused: those saw something that the snapshot has not.
        """
        facets = snapshot.of(kind)
        found: dict[tuple[str, str], Outcome] = {}
        for run in self.runs:
            for outcome in run.outcomes.values():
                target = outcome.target
                said = facets.get(target.source)
                if target.kind is kind and (said is None or said.observed_at < outcome.at):
                    found[target.source, target.key] = outcome
        return tuple(found.values())

    def dismiss(self, now: float) -> bool:
        """Hide the ended ones; return whether any line went away."""
        before = len(self._shown(now))
        for run in self.runs:
            # What is under way may end badly yet, and is told then.
            run.dismissed = run.ended
        return len(self._shown(now)) != before

    def _shown(self, now: float) -> list[Running]:
        """Return what has a line: what is under way, trouble, and the last good result."""
        left = [
            run for run in self.runs if not run.ended or not (run.dismissed or run.is_over(now))
        ]
        good = [run for run in left if run.ended and not run.stays]
        return [run for run in left if run not in good[:-1]][-_LINES:]

    def lines(self, palette: Palette, width: int, now: float, *, seen: bool = True) -> list[Line]:
        """Return a line for each plan on show: its title, its targets, what came of it.

        Args:
            palette: the styles.
            width: cells there are.
            now: seconds since the epoch.
            seen: whether nothing stands before the lines: a good result leaves some time after it
                came into sight.
        """
        shown = self._shown(now)
        for run in shown:
            if run.ended and seen and run.seen_at is None:
                run.seen_at = now
        return [_line(run, palette, width) for run in shown]


def _line(run: Running, palette: Palette, width: int) -> Line:
    done, total = len(run.outcomes), len(run.plan.steps)
    trouble = run.first_trouble if run.ended else ""
    # What went wrong matters more than the whole of what was asked.
    title = cut(run.plan.title, max(_LEAST_TITLE, width // 3)) if trouble else run.plan.title
    line: Line = [Segment(" "), piece(title, palette.tone(Tone.STRONG)), Segment("  ")]
    if run.ended:
        line.append(piece(run.summary, palette.tone(run.tone)))
        if trouble:
            line.append(piece(f"  {trouble}", palette.tone(Tone.MUTED)))
        leave = [Segment("esc hides this ", palette.tone(Tone.MUTED))] if run.stays else []
        return spread(crop(line, max(0, width - length(leave) - 1)), leave, width)
    line.append(Segment(f"{done}/{total}  ", palette.tone(Tone.ACCENT)))
    line += _targets(run, palette)
    return crop(line, width)


def _targets(run: Running, palette: Palette) -> Iterable[Segment]:
    for step in run.plan.steps:
        outcome = run.outcomes.get(step.id)
        if outcome is None:
            yield Segment("· ", palette.tone(Tone.MUTED))
            yield piece(f"{step.target.name}  ", palette.tone(Tone.MUTED))
            continue
        tone = TONE_OF_RESULT[outcome.result]
        yield Segment(f"{_MARK[outcome.result]} ", palette.tone(tone))
        yield piece(f"{step.target.name}  ", palette.tone(Tone.NORMAL))
