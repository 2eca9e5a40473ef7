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
from andon.runtime.settle import Unfinished, unfinished


def unanswered(session: Session, *, demo: bool) -> tuple[Problem, ...]:
    """Return a problem for each call that was begun and never answered, oldest first.

    Args:
        session: the invocation; of sites it is not about there are none.
        demo: of the simulated factory, or of real ones.
    """
    left = unfinished(journal_of(session.paths), session.paths, session.clock())
    sites = session.scope.sites
    return tuple(
        problem
        for one in left
        if one.file.plan.demo is demo
        for problem in _problems(one)
        if not sites or problem.site in sites
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
