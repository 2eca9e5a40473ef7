from __future__ import annotations

import msgspec
import pytest

from andon.model import (
    Coverage,
    Event,
    Fault,
    FaultKind,
    Kind,
    Severity,
    SourceState,
)
from andon.store import Snapshot
from andon.store.history import History
from andon.views import courses
from andon.views.page import Cells, Page, Series, Tone
from andon.views.pages import page
from andon.views.state import Scope, ViewState
from andon.views.targets import row_key, row_target
from tests.unit.views.reading import block, column, lines, rows
from tests.unit.views.things import NOW, changed, factory, snapshot_of, source

FACTORY = snapshot_of(factory())
DOWN = FACTORY.with_status(
    source(
        state=SourceState.DOWN,
        observed_at=NOW - 300,
        fault=Fault(
            source="slurm@par1",
            kind=FaultKind.TIMEOUT,
            message="no answer in 10s",
            hint="is slurmctld up?",
            at=NOW - 290,
        ),
    )
)


def board(
    snapshot: Snapshot, *, history: History | None = None, scope: Scope | None = None
) -> Page:
    return page(snapshot, ViewState(scope=scope or Scope()), NOW, history=history)


def bar(shown: Page, name: str) -> dict[str, float]:
    made = block(shown, name)
    assert isinstance(made, Cells)
    return dict(zip([cell.text for cell in made.cells], made.weights, strict=True))


def kept(history: History, now: float) -> None:
    for name, value in courses.sample(FACTORY, now).items():
        history.add(name, now, value)


def test_the_most_important_blocks_come_first() -> None:
    history = History()
    kept(history, NOW)
    names = [one.name for one in board(FACTORY, history=history).blocks]
    assert names == [
        "lamps",
        "problems",
        "gpus",
        "nodes",
        "jobs",
        "pending",
        "free",
        "gpus_course",
        "running_course",
        "pending_course",
        "changes",
    ]


def test_lamps_say_in_words_how_each_site_is() -> None:
    lamps = block(board(FACTORY), "lamps")
    assert [(cell.text, cell.tone) for cell in lamps.cells] == [("par1 1 critical", Tone.BAD)]
    unseen = FACTORY.with_status(source(state=SourceState.DOWN))
    assert [cell.text for cell in block(board(unseen), "lamps").cells] == ["par1 2 critical"]


def test_an_incident_opened_in_the_words_of_an_event_is_one_change() -> None:
    history = History()
    history.note(event("seen", NOW - 4, "Opened: Xid 79 on gpu1"))
    history.note(event("else", NOW - 3, "Opened: rack r1 is hot"))
    snapshot = changed(FACTORY, [event("told", NOW - 5, "Xid 79 on gpu1")])
    shown = block(board(snapshot, history=history), "changes")
    assert column(shown, "text") == ["Opened: rack r1 is hot", "Xid 79 on gpu1"]


def test_what_ends_by_itself_is_no_change() -> None:
    ended = msgspec.structs.replace(
        event("ended", NOW - 5, "job 101 failed"),
        severity=Severity.INFO,
        object_kind=Kind.JOB,
        object_key="par1/c1/101",
    )
    large = msgspec.structs.replace(ended, id="large", severity=Severity.WARNING, text="large")
    shown = block(board(changed(FACTORY, [ended, large])), "changes")
    assert column(shown, "text") == ["large"]


def test_gpus_and_nodes_are_shown_by_state_with_their_share() -> None:
    shown = board(FACTORY)
    assert bar(shown, "gpus") == {"1 idle-held": 1.0, "3 free": 3.0, "4 unavailable": 4.0}
    assert block(shown, "gpus").title == "GPUs: 8, 1 held, 3 free"
    assert bar(shown, "nodes") == {"1 idle": 1.0, "1 mixed": 1.0, "1 draining": 1.0, "1 down": 1.0}


def test_jobs_are_counted_with_the_top_reasons_in_words() -> None:
    shown = board(FACTORY)
    assert block(shown, "jobs").title == "Jobs: 2 running, 2 pending"
    assert lines(block(shown, "jobs")) == ["2 GPUs asked for"]
    assert [line[:3] for line in rows(block(shown, "pending"))] == [
        ["1", "1 GPU", "Priority"],
        ["1", "1 GPU", "Resources"],
    ]


def test_the_worst_problem_comes_first_and_opens_the_thing_it_is_about() -> None:
    problems = block(board(FACTORY), "problems")
    assert column(problems, "severity")[0] == "critical"
    key = problems.rows.key(0)
    assert row_target(key) == (Kind.NODE, "par1/gpu3")
    opened = page(FACTORY, ViewState(view="problems", subject=key), NOW)
    assert opened.title == "node gpu3 at par1"


def test_a_problem_of_a_source_opens_the_source() -> None:
    problems = block(board(DOWN), "problems")
    keys = [problems.rows.key(index) for index in range(len(problems.rows))]
    about = [key for key in keys if row_target(key) == (None, "slurm@par1")]
    assert about
    assert page(DOWN, ViewState(view="problems", subject=about[0]), NOW).title == (
        "source slurm@par1"
    )


def test_a_row_about_nothing_opens_nothing() -> None:
    assert row_target(row_key(Kind.NODE, None, "x")) is None
    assert row_target("nonsense here") is None
    shown = page(FACTORY, ViewState(view="changes", subject=row_key(None, None, "x")), NOW)
    assert shown.blocks == ()


def test_what_is_free_is_shown_by_site_and_model_with_the_largest_block() -> None:
    assert rows(block(board(FACTORY), "free")) == [["par1", "H100", "3", "8", "2"]]


def test_a_lost_source_is_neither_zero_nor_good() -> None:
    shown = board(DOWN)
    text = " ".join(
        cell.text for one in shown.blocks if isinstance(one, Cells) for cell in one.cells
    )
    assert "free" not in text
    assert block(shown, "gpus").title == "GPUs: –, – held, – free"
    assert lines(block(shown, "jobs")) == [
        "not known: no source of jobs answers now; 5 jobs when one last did"
    ]
    free = block(shown, "free")
    assert free.empty or all("3" not in row for row in rows(free))


def test_a_part_that_is_silent_makes_the_numbers_lower_bounds() -> None:
    part = Coverage(kind=Kind.NODE, reported=4, expected=6, note="2 nodes silent")
    partial = FACTORY.with_status(source(state=SourceState.PARTIAL, coverage=(part,)))
    shown = board(partial)
    assert block(shown, "nodes").title == "Nodes: ≥4"
    assert "≥8" in block(shown, "gpus").title
    assert "slurm@par1 4/6 nodes (2 nodes silent)" in [note.text for note in shown.notes]


def test_no_problem_is_all_clear_only_when_everything_is_heard() -> None:
    healthy = tuple(one for one in factory() if one.key in ("par1", "par1/gpu2"))
    assert block(board(snapshot_of(healthy)), "problems").empty.startswith("None: nothing")
    assert "No source" in block(board(Snapshot()), "problems").empty
    waiting = Snapshot().with_status(source(state=SourceState.CONNECTING, observed_at=None))
    said = block(board(waiting), "problems")
    assert len(said.rows) or "not all is heard" in said.empty


def test_what_changed_joins_what_was_seen_and_what_sources_say_newest_first() -> None:
    history = History()
    history.note(event("seen", NOW - 30, "gpu3 went down"))
    snapshot = changed(FACTORY, [event("told", NOW - 10, "Xid 79 on gpu1")])
    shown = block(board(snapshot, history=history), "changes")
    assert column(shown, "text") == ["Xid 79 on gpu1", "gpu3 went down"]
    assert column(shown, "age_seconds") == ["10s", "30s"]
    assert row_target(shown.rows.key(0)) == (Kind.NODE, "par1/gpu1")
    elsewhere = board(snapshot, history=history, scope=Scope(sites=("ber1",)))
    assert block(elsewhere, "changes").empty


def event(id_: str, at: float, text: str) -> Event:
    return Event(
        site="par1",
        id=id_,
        at=at,
        severity=Severity.WARNING,
        topic="x",
        text=text,
        object_kind=Kind.NODE,
        object_key="par1/gpu1",
    )


def test_courses_show_the_last_minutes_and_their_latest_value() -> None:
    history = History(span_seconds=60, step_seconds=10)
    kept(history, NOW - 20)
    kept(history, NOW)
    shown = board(FACTORY, history=history)
    running = block(shown, "running_course")
    assert isinstance(running, Series)
    assert running.latest.text == "2"
    assert [value for value in running.values if value is not None] == [2.0, 2.0]
    assert len(running.values) == 6
    assert block(shown, "power_course") is None


def test_a_lost_source_leaves_a_gap_in_the_courses_not_a_fall() -> None:
    assert set(courses.sample(DOWN, NOW).values()) == {None}
    assert courses.sample(FACTORY, NOW)[courses.JOBS_PENDING] == 2.0


def test_what_is_not_heard_now_has_no_latest_value_and_keeps_its_past() -> None:
    history = History(span_seconds=60, step_seconds=10)
    kept(history, NOW - 20)
    shown = board(DOWN, history=history)
    for name in ("gpus_course", "running_course", "pending_course"):
        course = block(shown, name)
        assert (course.latest.text, course.latest.raw) == ("–", None), name
        assert any(value is not None for value in course.values), name


def test_the_board_of_nothing_says_so() -> None:
    shown = board(Snapshot())
    assert block(shown, "free").empty
    assert block(shown, "lamps").cells == ()


@pytest.mark.parametrize("sites", [("par1",), ("ber1",)])
def test_a_scope_of_sites_applies_to_the_board(sites: tuple[str, ...]) -> None:
    shown = board(FACTORY, scope=Scope(sites=sites))
    assert bool(bar(shown, "nodes")) is (sites == ("par1",))
    assert bool(len(block(shown, "problems").rows)) is (sites == ("par1",))
