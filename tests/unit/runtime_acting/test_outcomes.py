from __future__ import annotations

import msgspec
import pytest

from andon.model import Cause, Outcome, Refusal, Result
from andon.runtime.outcomes import exit_code, final_outcomes
from tests.unit.runtime_acting.fakes import NOW, some_target

OK, REQ, UNK = Result.CONFIRMED, Result.REQUESTED, Result.UNKNOWN
DEN, FAIL, SKIP = Result.DENIED, Result.FAILED, Result.SKIPPED


def outcomes(*results: Result | tuple[Result, Cause]) -> list[Outcome]:
    pairs = [item if isinstance(item, tuple) else (item, Cause.NONE) for item in results]
    return [
        Outcome(step=str(i), target=some_target(), result=result, cause=cause, at=NOW)
        for i, (result, cause) in enumerate(pairs)
    ]


@pytest.mark.parametrize(
    ("results", "code"),
    [
        ([OK, OK], 0),
        ([], 0),
        ([OK, REQ], 7),
        ([REQ], 7),
        ([UNK, OK], 7),
        ([OK, FAIL], 8),
        ([OK, DEN], 8),
        ([OK, (SKIP, Cause.STALE)], 8),
        ([REQ, (FAIL, Cause.DOWN)], 8),
        ([DEN, DEN], 4),
        ([(DEN, Cause.POLICY)], 4),
        ([(SKIP, Cause.STALE)] * 2, 6),
        ([(FAIL, Cause.DOWN)] * 2, 5),
        ([FAIL], 8),
        ([DEN, FAIL], 8),
        ([(SKIP, Cause.STOPPED)], 8),
    ],
)
def test_the_exit_code_says_what_became_of_all_targets(
    results: list[Result | tuple[Result, Cause]], code: int
) -> None:
    assert exit_code(outcomes(*results)) == code


def test_a_target_that_planning_refused_was_not_acted_on() -> None:
    refusal = Refusal(target=some_target(), why="already drained")
    assert exit_code(outcomes(OK), [refusal]) == 8
    assert exit_code(outcomes(DEN), [refusal]) == 4
    assert exit_code([], [refusal]) == 8


def test_a_target_that_is_as_asked_already_is_no_failure() -> None:
    already = Refusal(target=some_target(), why="already drained", already=True)
    assert exit_code([], [already]) == 0
    assert exit_code(outcomes(OK), [already]) == 0
    assert exit_code(outcomes(REQ), [already]) == 7
    assert exit_code(outcomes(FAIL), [already]) == 8
    assert exit_code([], [already, Refusal(target=some_target("n2"), why="is down")]) == 8


def test_steps_of_several_plans_are_told_apart() -> None:
    here, there = outcomes(OK)[0], outcomes(FAIL)[0]
    there = msgspec.structs.replace(there, target=some_target("n2"))
    assert len(final_outcomes([there, here])) == 2
    assert exit_code([there, here]) == 8


def test_the_last_word_on_a_step_counts() -> None:
    first, second = outcomes(REQ, REQ)
    later = outcomes(OK)[0]
    assert [o.result for o in final_outcomes([first, second, later])] == [OK, REQ]
    assert exit_code([first, later]) == 0
