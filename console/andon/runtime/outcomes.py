"""What a run came to: the last word on each step, and the exit code that follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from andon.model import Cause, Outcome, Refusal, Result
from andon.sdk.errors import (
    EXIT_DENIED,
    EXIT_DOWN,
    EXIT_NOT_CONFIRMED,
    EXIT_OK,
    EXIT_SOME_FAILED,
    EXIT_STALE_PLAN,
)

_MAYBE_DONE = frozenset({Result.CONFIRMED, Result.REQUESTED, Result.UNKNOWN})


def final_outcomes(outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """Return the last outcome of each step, in the order in which the steps began."""
    last: dict[tuple[str, str, str], Outcome] = {}
    for outcome in outcomes:
        # Step ids are unique within one plan only; outcomes of several may come together.
        last[outcome.step, outcome.target.source, outcome.target.key] = outcome
    return tuple(last.values())


def counted(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """Return how many steps ended with each result."""
    return dict(Counter(outcome.result.value for outcome in final_outcomes(outcomes)))


def exit_code(outcomes: Iterable[Outcome], refusals: Iterable[Refusal] = ()) -> int:
    """Return the exit code of a run.

    Args:
        outcomes: what `follow` yielded, in that order; of one plan or of several.
        refusals: targets that planning left out; with any of them not all that was asked is done,
            except of those that were as asked already.

    Returns:
        0 all confirmed or so already, 7 all taken but not all confirmed, 4 all denied, 6 all
        stale, 5 no backend could be asked, 8 for any mixture in which some target was not acted on.
    """
    final = final_outcomes(outcomes)
    refused = any(not item.already for item in refusals)
    results = {outcome.result for outcome in final}
    if results & _MAYBE_DONE or not results:
        if refused or results - _MAYBE_DONE:
            return EXIT_SOME_FAILED
        return EXIT_OK if results <= {Result.CONFIRMED} else EXIT_NOT_CONFIRMED
    if results == {Result.DENIED}:
        return EXIT_DENIED
    causes = {outcome.cause for outcome in final}
    if causes == {Cause.STALE}:
        return EXIT_STALE_PLAN
    if causes == {Cause.DOWN}:
        return EXIT_DOWN
    return EXIT_SOME_FAILED
