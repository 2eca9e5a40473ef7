from __future__ import annotations

from typing import Any

from andon.model import Coverage, Fault, FaultKind, Job, Kind, SourceState
from andon.store import Snapshot
from andon.views.notes import notes_of
from andon.views.page import Tone
from andon.views.registry import view_named
from andon.views.state import Scope, ViewState
from andon.views.tables import table
from tests.unit.views.things import NOW, factory, snapshot_of, source

FACTORY = snapshot_of(factory())


def empty(snapshot: Snapshot, view: str = "jobs", **state: Any) -> str:
    return table(snapshot, view_named(view), ViewState(view=view, **state), NOW).empty


def notes(
    snapshot: Snapshot, kind: Kind | None = Kind.JOB, scope: Scope | None = None
) -> list[str]:
    return [note.text for note in notes_of(snapshot, kind, scope or Scope(), NOW)]


def test_a_table_with_rows_says_nothing() -> None:
    assert empty(FACTORY) == ""


def test_a_filter_that_matches_nothing_is_named_with_how_many_there_are() -> None:
    assert empty(FACTORY, filter="user=nobody") == "None of 5 jobs matches “user=nobody”"


def test_of_one_thing_it_is_said_in_the_singular() -> None:
    shown = empty(FACTORY, view="sources", filter="name=x")
    assert shown == "The only source does not match “name=x”"


def test_a_scope_that_holds_nothing_is_named() -> None:
    said = empty(FACTORY, scope=Scope(sites=("ber1",), user="eve"))
    assert said == "None of 5 jobs is in scope: site ber1, user eve"


def test_without_sources_it_says_so() -> None:
    assert "andon doctor" in empty(Snapshot())
    assert "andon doctor" in empty(Snapshot(), "sources")


def test_a_source_that_has_not_reported_yet_is_waited_for() -> None:
    connecting = source(state=SourceState.CONNECTING, observed_at=None, kinds=())
    assert empty(Snapshot().with_status(connecting)) == "Waiting for slurm@par1 to report"


def test_a_source_that_cannot_report_the_kind_is_named() -> None:
    only_nodes = Snapshot().with_status(source(kinds=(Kind.NODE,)))
    assert empty(only_nodes) == "No source reports jobs: slurm@par1 cannot"


def test_a_source_that_is_down_says_why_and_what_next() -> None:
    fault = Fault(
        source="slurm@par1",
        kind=FaultKind.UNREACHABLE,
        message="nobody answers",
        hint="is slurmctld up?",
        at=NOW,
    )
    down = Snapshot().with_status(source(state=SourceState.DOWN, fault=fault))
    assert empty(down) == "slurm@par1 is down: nobody answers (is slurmctld up?)"


def test_a_live_source_with_nothing_says_that_there_is_nothing() -> None:
    assert empty(Snapshot().with_status(source())) == "slurm@par1 reports no jobs"


def test_what_a_backend_hides_is_said() -> None:
    hidden = Coverage(kind=Kind.JOB, reported=0, expected=0, note="hidden by PrivateData")
    said = empty(Snapshot().with_status(source(coverage=(hidden,))))
    assert said.endswith("slurm@par1: hidden by PrivateData")


def test_a_source_out_of_scope_is_no_reason() -> None:
    assert "No source is in scope" in empty(
        Snapshot().with_status(source()), scope=Scope(sources=("other",))
    )


def test_the_demo_is_always_named() -> None:
    assert notes(snapshot_of(factory(), status=source(demo=True)))[0] == "DEMO"


def test_a_live_source_needs_no_note() -> None:
    assert notes(FACTORY) == []


def test_an_old_source_is_noted_with_its_age_and_a_silent_part_with_its_numbers() -> None:
    stale = FACTORY.with_status(source(observed_at=NOW - 130))
    assert notes(stale) == ["slurm@par1 stale 2m"]
    part = Coverage(kind=Kind.NODE, reported=125, expected=128, note="3 nodes silent")
    partial = FACTORY.with_status(source(state=SourceState.PARTIAL, coverage=(part,)))
    assert notes(partial, Kind.NODE) == ["slurm@par1 125/128 nodes (3 nodes silent)"]
    assert notes(partial, Kind.JOB) == []
    tones = [note.tone for note in notes_of(stale, Kind.JOB, Scope(), NOW)]
    assert tones == [Tone.BAD]


def test_a_source_without_its_site_in_its_name_is_shown_with_it() -> None:
    plain = snapshot_of(
        [Job(site="ber1", id="1")],
        status=source("slurm", site="ber1", observed_at=NOW - 500),
    )
    assert notes(plain) == ["slurm@ber1 stale 8m"]
    assert notes(plain, scope=Scope(sites=("par1",))) == []
