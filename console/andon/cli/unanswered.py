"""Calls whose runner was killed before it could say what they came to, for commands that only look.

They are settled, which reads their targets again and journals that, by the next command that acts
and by the console; until then every look tells of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from andon.analysis.problems import Problem
from andon.analysis.words import plural
from andon.cli.session import Session
from andon.model import Result, Severity
from andon.runtime.journal import journal_of
from andon.runtime.journal_records import Phase
from andon.runtime.settle import Unfinished, Unreadable, left_behind


def unanswered(session: Session, *, demo: bool) -> tuple[Problem, ...]:
    """Return a problem for each call that was begun and never answered, oldest first.

    Whose things were acted on does not matter here: it is this operator who has to know.

    Args:
        session: the invocation; of sites and sources it is not about there are none.
        demo: of the simulated factory, or of real ones.
    """
    left = left_behind(journal_of(session.paths), session.paths, session.clock())
    scope = session.scope
    told = [
        problem
        for one in left.unfinished
        if one.file.plan.demo is demo
        for problem in _problems(one)
        if not scope.sites or problem.site in scope.sites
        if not scope.sources or problem.source in scope.sources
    ]
    told += [_unreadable(one) for one in left.unreadable if _is_demo(one) is demo]
    return tuple(told)


def _is_demo(left: Unreadable) -> bool:
    return any(entry.demo for entry in left.entries)


def _unreadable(left: Unreadable) -> Problem:
    """Return that a plan was begun, but what is open of it cannot be said."""
    last = left.entries[-1] if left.entries else None
    return Problem(
        severity=Severity.WARNING,
        site=next((e.target.site for e in left.entries if e.target is not None), ""),
        title=f"plan {left.plan} was begun and its file cannot be used",
        detail=f"{left.why.message}; what it did: andon journal ls --plan {left.plan}",
        kind=None,
        key=left.plan,
        since=last.at if last is not None else None,
        source=None,
    )


def _problems(left: Unfinished) -> Iterator[Problem]:
    plan = left.file.plan
    began = {entry.step: entry.at for entry in left.entries if entry.phase is Phase.INTENT}
    unsent = sum(outcome.result is Result.SKIPPED for outcome in left.outcomes)
    more = f"; {plural(unsent, 'more call')} not sent" if unsent else ""
    for outcome in left.outcomes:
        if outcome.result is Result.UNKNOWN:
            target = outcome.target
            yield Problem(
                severity=Severity.WARNING,
                site=target.site,
                title=f"{plan.verb} of {target.name} got no answer",
                detail=f"its runner was ended{more}: andon journal ls --plan {plan.id}",
                kind=target.kind,
                key=target.key,
                since=began[outcome.step],
                source=target.source,
            )
