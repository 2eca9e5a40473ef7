"""Lanes: closed forms that agree with each other, and numbers that lead back."""

from __future__ import annotations

import pytest

from andon.sdk import JobState
from andon_demo import lanes
from andon_demo.arrays import ranges
from andon_demo.assemble import assemble, portions
from andon_demo.course import Block, Course, Deed, Kill
from andon_demo.ids import JobNumbers
from andon_demo.lanes import Look, Stay
from andon_demo.layout import Lane, Layout
from andon_demo.places import PLACES
from andon_demo.tempo import EPOCH, Tempo
from tests.unit.demo.factory import START


def layout(nodes: int = 96, jobs: int = 900, place: int = 2) -> Layout:
    return assemble(PLACES[place], seed=7, nodes=nodes, jobs=jobs)


@pytest.mark.parametrize("now", [START, START + 12_345.6, EPOCH - 5e7, 0.0])
def test_a_course_without_disturbance_is_the_plain_lane(now: float) -> None:
    for lane in layout().lanes:
        seen, plain = Course(lane, (), (), {}).look(now), lanes.look(lane, now)
        assert sorted(seen.stays) == sorted(plain.stays), lane
        assert seen.running == plain.running
        assert seen.waiting == plain.waiting


def test_nothing_changes_before_it_is_said_to() -> None:
    for lane in layout().lanes[::5]:
        now = START
        for _ in range(5):
            look = lanes.look(lane, now)
            assert look.until > now
            later = now + 0.98 * (min(look.until, now + 1e7) - now)
            assert lanes.look(lane, later).stays == look.stays
            now = look.until + 0.001


def test_the_turns_of_a_lane_follow_each_other() -> None:
    for lane in layout().lanes[::7]:
        first = lanes.turn_at(lane, START)
        for turn in range(first - 50, first + 50):
            bits = lanes.bits_of(lane, turn)
            begin, end = lanes.bound(lane, turn), lanes.bound(lane, turn + 1)
            assert begin <= lanes.start_of(lane, turn, begin, bits) < end
            assert lanes.turn_at(lane, begin) == turn
            assert lanes.turn_at(lane, (begin + end) / 2) == turn


@pytest.mark.parametrize(("nodes", "jobs"), [(96, 900), (3, 3), (6, 20_000), (3_000, 20_000)])
def test_job_numbers_are_unique_and_lead_back(nodes: int, jobs: int) -> None:
    site = layout(nodes, jobs)
    numbers = JobNumbers(site)
    seen: set[int] = set()
    for lane in site.lanes:
        present = lanes.turn_at(lane, START)
        for turn in range(present - 3, present + 8 + int(2 * lane.wait)):
            number = numbers.number(lane, turn)
            assert number not in seen
            seen.add(number)
            assert numbers.find(number, START) == (lane.index, turn)
    assert numbers.find(-1, START) is None


def test_job_numbers_grow_with_time() -> None:
    site = layout()
    numbers = JobNumbers(site)
    for lane in site.lanes:
        now = lanes.turn_at(lane, START)
        assert numbers.number(lane, now) < numbers.number(lane, now + 1)
    assert max(numbers.number(lane, lanes.turn_at(lane, START)) for lane in site.lanes) < 10**8


def known(look: Look) -> list[Stay]:
    """Return the stays without what they say of the future."""
    return sorted(stay._replace(expected=None) for stay in look.stays)


def some_lane() -> tuple[Lane, int]:
    lane = next(
        lane
        for lane in layout().lanes
        if lane.team is None
        and lane.rhythm.name == "short"
        and lane.wait > 1
        and lanes.look(lane, START).running is not None
    )
    return lane, lanes.turn_at(lane, START)


def test_an_act_changes_nothing_that_was_before_it() -> None:
    lane, turn = some_lane()
    for word in ("cancel", "hold", "requeue"):
        for target in (turn, turn + 1, turn + 2):
            acted = Course(lane, (), (), {target: [Deed(START, word)]})
            for seconds in range(0, 4_000, 211):
                now = START - 1 - seconds
                assert known(acted.look(now)) == known(lanes.look(lane, now))


def test_a_lane_never_runs_two_jobs_at_once() -> None:
    lane, turn = some_lane()
    deeds = {
        turn: [Deed(START, "requeue"), Deed(START + 30, "hold"), Deed(START + 3_000, "release")],
        turn + 1: [Deed(START + 5, "hold"), Deed(START + 2_000, "release")],
        turn + 2: [Deed(START + 6, "cancel")],
        turn + 3: [Deed(START + 7, "hold"), Deed(START + 9_000, "release")],
    }
    course = Course(
        lane,
        [Block(START + 4_000, START + 6_000, "drained")],
        [Kill(START + 7_000, JobState.NODE_FAILED)],
        deeds,
    )
    ran = set()
    for seconds in range(0, 20_000, 10):
        look = course.look(START + seconds)
        running = [stay for stay in look.stays if stay.state is JobState.RUNNING]
        assert len(running) <= 1
        ran |= {stay.turn for stay in running}
    assert {turn, turn + 1, turn + 3} <= ran
    assert turn + 2 not in ran


def test_a_killed_job_frees_its_place() -> None:
    lane, turn = some_lane()
    course = Course(lane, (), [Kill(START, JobState.FAILED)], {})
    killed = next(stay for stay in course.look(START + 1).stays if stay.turn == turn)
    assert (killed.state, killed.ended) == (JobState.FAILED, START)


def test_numbers_are_written_as_ranges() -> None:
    assert ranges([3, 5, 6, 7, 9]) == "3,5-7,9"
    assert ranges([]) == ""


def test_portions_add_up() -> None:
    for total in range(60):
        assert sum(portions(total, [0.4, 0.26, 0.34])) == total


def test_time_runs_at_the_speed_asked_for_from_one_moment_for_all() -> None:
    fast = Tempo(20.0)
    assert fast.simulated(EPOCH) == EPOCH
    assert fast.simulated(START + 1) - fast.simulated(START) == pytest.approx(20)
    assert fast.real(fast.simulated(START)) == pytest.approx(START, abs=1)
    assert fast.lasting(7_200) == 360
    assert Tempo().simulated(START) == START
