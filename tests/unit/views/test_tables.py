from __future__ import annotations

import random
from typing import Any

import pytest

from andon.model import Job, JobState, Node, NodeState, SourceState, Tenant
from andon.store import Snapshot
from andon.views.filters import FilterError
from andon.views.page import Table
from andon.views.registry import UnknownColumn, view_named
from andon.views.rows import LazyRows
from andon.views.state import Scope, ViewState
from andon.views.tables import FILTER_AGE_SECONDS, table
from tests.unit.views.things import NOW, changed, factory, filled, snapshot_of, source


def show(
    snapshot: Snapshot, view: str, previous: Table | None = None, now: float = NOW, **state: Any
) -> Table:
    return table(snapshot, view_named(view), ViewState(view=view, **state), now, previous)


def keys(shown: Table) -> list[str]:
    return [shown.rows.key(index) for index in range(len(shown.rows))]


def names(shown: Table) -> list[str]:
    return [key.rpartition("/")[2] for key in keys(shown)]


def column(shown: Table, name: str) -> list[str]:
    place = [one.name for one in shown.columns].index(name)
    return [shown.rows.cells(index)[place].text for index in range(len(shown.rows))]


def basis(shown: Table) -> Any:
    assert isinstance(shown.rows, LazyRows)
    return shown.rows.basis


FACTORY = snapshot_of(factory())


def test_nodes_come_worst_first() -> None:
    assert column(show(FACTORY, "nodes"), "state") == ["down", "draining", "mixed", "idle"]


def test_gpus_that_are_held_and_idle_come_first_and_the_rest_by_node_and_index() -> None:
    shown = show(FACTORY, "gpus")
    places = list(zip(column(shown, "node"), column(shown, "index"), strict=True))
    assert places[0] == ("gpu1", "0")
    assert places[1:] == sorted(places[1:])


def test_jobs_that_run_come_first_then_what_waits_by_priority_then_what_ended() -> None:
    assert names(show(FACTORY, "jobs")) == ["102", "101", "104", "103", "99"]


def test_a_column_is_sorted_in_its_own_direction_unless_asked() -> None:
    assert names(show(FACTORY, "jobs", sort="id")) == ["99", "101", "102", "103", "104"]
    assert names(show(FACTORY, "jobs", sort="id", descending=True))[0] == "104"
    shown = show(FACTORY, "jobs", sort="priority")
    assert shown.descending
    assert names(shown)[:2] == ["104", "103"]
    assert names(show(FACTORY, "jobs", sort="priority", descending=False))[:2] == ["103", "104"]


def test_rows_tell_where_a_thing_stands_in_either_direction() -> None:
    for descending in (False, True):
        for sort in ("id", "gpus", "name"):
            shown = show(FACTORY, "jobs", sort=sort, descending=descending)
            for index, key in enumerate(keys(shown)):
                assert shown.rows.index(key) == index
            assert shown.rows.index("par1/c1/none") is None


def test_a_row_that_is_not_there_raises() -> None:
    shown = show(FACTORY, "jobs")
    for index in (-1, 5):
        with pytest.raises(IndexError):
            shown.rows.key(index)


def test_a_filter_reads_every_column_and_free_words_the_shown_ones() -> None:
    assert names(show(FACTORY, "jobs", filter="user=alice")) == ["101"]
    assert names(show(FACTORY, "jobs", filter="comment=- tenant=health")) == ["102"]
    assert names(show(FACTORY, "jobs", filter="priority")) == ["103"]
    assert names(show(FACTORY, "jobs", filter="TRAIN-10")) == ["102", "101", "104", "103"]
    assert names(show(FACTORY, "jobs", filter="health")) == []
    assert names(show(FACTORY, "jobs", filter="health", wide=True)) == ["102"]
    shown = show(FACTORY, "jobs", filter="user=alice")
    assert (len(shown.rows), shown.total) == (1, 5)
    assert shown.rows.index("par1/c1/102") is None


def test_a_filter_takes_aliases_units_and_joined_columns() -> None:
    assert names(show(FACTORY, "jobs", filter="wait>2h")) == ["104", "103"]
    assert names(show(FACTORY, "nodes", filter="jobs>0")) == ["gpu4", "gpu1"]
    assert names(show(FACTORY, "nodes", filter="tenant=health")) == ["gpu4"]
    assert column(show(FACTORY, "gpus", filter="idle>30m"), "node") == ["gpu1"]


def test_jobs_of_a_tenant_count_for_the_one_above_it_too() -> None:
    above = Tenant(site="par1", cluster="c1", name="root", gpus_used=9)
    below = [
        Tenant(site="par1", cluster="c1", name=name, parent="root")
        for name in ("physics", "health")
    ]
    one = changed(FACTORY, [above, *below])
    running = dict(
        zip(names(show(one, "tenants")), column(show(one, "tenants"), "jobs_running"), strict=True)
    )
    assert int(running["root"]) == int(running["physics"]) + int(running["health"]) > 0


def test_a_scope_keeps_sites_tenants_users_and_sources() -> None:
    assert names(show(FACTORY, "jobs", scope=Scope(user="alice"))) == ["101"]
    assert names(show(FACTORY, "nodes", scope=Scope(user="alice"))) == ["gpu1"]
    assert names(show(FACTORY, "nodes", scope=Scope(tenants=("health",)))) == ["gpu4"]
    assert column(show(FACTORY, "gpus", scope=Scope(tenants=("physics",))), "index") == ["0"]
    assert names(show(FACTORY, "tenants", scope=Scope(tenants=("health",)))) == ["health"]
    assert names(show(FACTORY, "jobs", scope=Scope(sites=("ber1",)))) == []
    assert names(show(FACTORY, "jobs", scope=Scope(sources=("other",)))) == []
    assert len(show(FACTORY, "queues", scope=Scope(tenants=("health",))).rows) == 1
    assert len(show(FACTORY, "sources", scope=Scope(sources=("other",))).rows) == 0


def test_columns_can_be_chosen_by_name_alias_or_beginning() -> None:
    shown = show(FACTORY, "gpus", columns=("node", "mem", "therm", "xid-last"))
    assert [one.name for one in shown.columns] == [
        "node",
        "memory_used_bytes",
        "thermal_margin_celsius",
        "xid_last",
    ]


def test_an_unknown_column_is_refused_with_the_closest_name() -> None:
    with pytest.raises(UnknownColumn, match="prioriti") as caught:
        show(FACTORY, "jobs", columns=("prioriti",))
    assert "priority" in caught.value.hint
    with pytest.raises(UnknownColumn):
        show(FACTORY, "jobs", sort="nonsense")


def test_a_bad_filter_names_its_column() -> None:
    with pytest.raises(FilterError) as caught:
        show(FACTORY, "jobs", filter="user=alice nonsense=3")
    assert caught.value.column == len("user=alice ")


def test_nothing_new_does_no_work_on_things() -> None:
    before = show(FACTORY, "jobs", filter="gpus=1")
    after = show(FACTORY, "jobs", before, now=NOW + 1, filter="gpus=1")
    assert basis(after).order is basis(before).order
    assert basis(after).kept is basis(before).kept
    assert column(before, "time_seconds")[1] != column(after, "time_seconds")[1] or (
        column(before, "time_seconds")[0] != column(after, "time_seconds")[0]
    )


def test_a_cleared_filter_shows_the_order_that_was_kept() -> None:
    before = show(FACTORY, "jobs", filter="gpus=1")
    after = show(FACTORY, "jobs", before)
    assert basis(after).kept is basis(before).order.entries


def test_a_cell_that_depends_on_its_record_only_is_made_once() -> None:
    before = show(FACTORY, "jobs")
    first = before.rows.cells(0)
    again = show(FACTORY, "jobs", before, now=NOW + 5).rows.cells(0)
    by_name = [one.name for one in before.columns]
    assert again[by_name.index("name")] is first[by_name.index("name")]
    assert again[by_name.index("time_seconds")] != first[by_name.index("time_seconds")]


def test_another_column_set_does_not_show_cells_of_the_old_one() -> None:
    before = show(FACTORY, "jobs")
    before.rows.cells(0)
    after = show(FACTORY, "jobs", before, wide=True)
    assert len(after.rows.cells(0)) == len(after.columns)


def test_a_filter_on_an_age_lets_rows_in_as_time_passes() -> None:
    text = "wait>2h14m"
    before = show(FACTORY, "jobs", filter=text)
    assert names(before) == []
    soon = show(FACTORY, "jobs", before, now=NOW + 1, filter=text)
    later = show(FACTORY, "jobs", soon, now=NOW + 200, filter=text)
    assert len(names(later)) == 2
    assert FILTER_AGE_SECONDS < 200


def test_a_filter_on_a_joined_column_follows_the_other_kind() -> None:
    before = show(FACTORY, "nodes", filter="jobs>0")
    ended = Job(site="par1", cluster="c1", id="101", state=JobState.COMPLETED, user="alice")
    snapshot = changed(FACTORY, [ended])
    assert names(show(snapshot, "nodes", before, filter="jobs>0")) == ["gpu4"]
    by_jobs = show(FACTORY, "nodes", sort="jobs")
    assert names(by_jobs)[:2] == ["gpu1", "gpu4"]
    assert names(show(snapshot, "nodes", by_jobs, sort="jobs"))[0] == "gpu4"
    mine = show(FACTORY, "nodes", scope=Scope(user="alice"))
    assert names(show(snapshot, "nodes", mine, scope=Scope(user="alice"))) == []


def test_a_cell_joined_from_another_kind_follows_it() -> None:
    before = show(FACTORY, "nodes")
    assert column(before, "jobs") == ["0", "1", "1", "0"]
    ended = Job(site="par1", cluster="c1", id="102", state=JobState.COMPLETED)
    assert column(show(changed(FACTORY, [ended]), "nodes", before), "jobs") == ["0", "0", "1", "0"]


STATES = [
    ViewState(view="jobs"),
    ViewState(view="jobs", sort="name", descending=True),
    ViewState(view="jobs", sort="gpus", filter="gpus>2"),
    ViewState(view="jobs", sort="age", filter="train-1"),
    ViewState(view="jobs", sort="user", filter="wait>1h", scope=Scope(tenants=("t1", "t2"))),
    ViewState(view="nodes"),
    ViewState(view="nodes", sort="jobs", filter="jobs>0 | state=down"),
    ViewState(view="nodes", sort="reason", filter="n1", scope=Scope(user="u1")),
]


@pytest.mark.parametrize("state", STATES, ids=lambda state: f"{state.view}-{state.sort}")
def test_a_table_made_from_the_last_one_equals_one_made_afresh(state: ViewState) -> None:
    chance = random.Random(11)
    things = {place: random_thing(chance, place) for place in range(60)}
    snapshot = snapshot_of(things.values())
    spec = view_named(state.view)
    shown: Table | None = None
    for step in range(25):
        now = NOW + step * 3
        shown = table(snapshot, spec, state, now, shown)
        if step * 3 % int(FILTER_AGE_SECONDS) == 0 or ">1h" not in state.filter:
            fresh = table(snapshot, spec, state, now)
            assert keys(shown) == keys(fresh)
            assert [shown.rows.cells(i) for i in range(len(shown.rows))] == [
                fresh.rows.cells(i) for i in range(len(fresh.rows))
            ]
            assert (shown.total, shown.empty) == (fresh.total, fresh.empty)
        chosen = chance.sample(sorted(things), 4)
        gone = [things.pop(place) for place in chosen[:1]]
        for place in [*chosen[1:], 1_000 + step]:
            things[place] = random_thing(chance, place)
        new = [things[place] for place in [*chosen[1:], 1_000 + step]]
        snapshot = changed(snapshot, new, gone)


def random_thing(chance: random.Random, place: int) -> Any:
    if place % 3 == 0:
        return Node(
            site="par1",
            name=f"n{place}",
            state=chance.choice(list(NodeState)),
            reason=chance.choice([None, "n1 is bad", "later"]),
            gpus_total=8,
        )
    return Job(
        site="par1",
        cluster="c1",
        id=str(place),
        name=f"train-{chance.randrange(30)}",
        user=f"u{chance.randrange(3)}",
        tenant=f"t{chance.randrange(4)}",
        state=chance.choice([JobState.RUNNING, JobState.PENDING, JobState.COMPLETED]),
        gpus=chance.choice([None, 0, 1, 4, 8]),
        priority=chance.randrange(5),
        submitted_at=NOW - chance.randrange(9_000),
        started_at=NOW - chance.randrange(100),
        nodes=(f"n{chance.randrange(20) * 3}",),
    )


def test_two_sources_of_one_kind_are_followed_through_their_merge() -> None:
    first = snapshot_of([filled(Node, "x", name="gpu1", state=NodeState.IDLE)])
    both = snapshot_of(
        [Node(site="par1", name="gpu1"), Node(site="par1", name="gpu2", state=NodeState.DOWN)],
        status=source("nvml@par1", plugin="nvml"),
        base=first,
    )
    before = show(both, "nodes")
    assert names(before) == ["gpu2", "gpu1"]
    after = changed(both, [Node(site="par1", name="gpu2", state=NodeState.IDLE)], (), "nvml@par1")
    assert names(show(after, "nodes", before)) == ["gpu1", "gpu2"]
    gone = changed(after, (), [Node(site="par1", name="gpu2")], "nvml@par1")
    assert names(show(gone, "nodes", show(after, "nodes", before))) == ["gpu1"]


def test_rows_of_a_source_that_is_not_trusted_carry_their_age() -> None:
    down = FACTORY.with_status(source(state=SourceState.DOWN, observed_at=NOW - 120))
    shown = show(down, "jobs")
    assert shown.rows.stale_seconds(0) == 120
    assert show(FACTORY, "jobs").rows.stale_seconds(0) is None
    # What is known of the source itself is new.
    assert show(down, "sources").rows.stale_seconds(0) is None
    assert "slurm@par1 down 2m" in [note.text for note in shown.notes]


def test_a_source_turns_late_and_stale_by_time_alone() -> None:
    shown = show(FACTORY, "sources")
    assert column(shown, "state") == ["live"]
    assert column(show(FACTORY, "sources", shown, now=NOW + 3_600), "state") == ["stale"]


def test_the_table_of_another_view_is_no_start() -> None:
    jobs = show(FACTORY, "jobs")
    assert len(show(FACTORY, "nodes", jobs).rows) == 4


def test_a_table_says_what_it_is_sorted_by() -> None:
    shown = show(FACTORY, "nodes")
    assert (shown.sort, shown.descending, shown.name, shown.total) == ("state", False, "nodes", 4)


def test_a_source_that_came_later_than_the_table_is_seen() -> None:
    before = show(Snapshot().with_status(source()), "jobs")
    assert before.empty
    assert names(show(FACTORY, "jobs", before)) == ["102", "101", "104", "103", "99"]


def test_the_longest_wait_of_a_queue_follows_its_jobs() -> None:
    def waits(snapshot: Snapshot) -> float | None:
        shown = show(snapshot, "queues", columns=("oldest_wait_seconds",))
        raw = shown.rows.cells(0)[0].raw
        assert raw is None or isinstance(raw, float)
        return raw

    def waiting(id_: str, since: float) -> Job:
        return Job(
            site="par1",
            cluster="c1",
            id=id_,
            queue="main",
            state=JobState.PENDING,
            eligible_at=NOW - since,
        )

    assert waits(FACTORY) == 8_000
    older = changed(FACTORY, [waiting("200", 9_000), waiting("201", 8_500)])
    assert waits(older) == 9_000
    younger = changed(older, [waiting("200", 10)])
    assert waits(younger) == 8_500
    gone = changed(younger, (), [waiting("201", 0), waiting("103", 0), waiting("104", 0)])
    assert waits(gone) == 10
    assert waits(changed(gone, (), [waiting("200", 0)])) is None
    again = changed(changed(gone, (), [waiting("200", 0)]), [waiting("300", 5)])
    assert waits(again) == 5
