"""A page of tables made to fit: the worst of each is kept, and what is left out is counted."""

from __future__ import annotations

import pytest

from andon.model import Node, NodeState
from andon.store import Snapshot
from andon.views.page import Table
from andon.views.shortening import is_cut, shortened, text_lines
from andon.views.status import status_page
from tests.unit.views.reading import block, column
from tests.unit.views.things import NOW, factory, snapshot_of, source


def _many(count: int) -> Snapshot:
    """Return so many sites, of which the last has a broken node."""
    made = snapshot_of(factory())
    for place in range(count):
        site = f"s{place:02d}"
        state = NodeState.DOWN if place == count - 1 else NodeState.IDLE
        made = snapshot_of(
            [Node(site=site, name="n", state=state, gpus_total=8, gpus_allocated=0)],
            status=source(f"slurm@{site}", site=site),
            base=made,
        )
    return made


PAGE = status_page(_many(30), NOW)


@pytest.mark.parametrize("lines", [20, 24, 30, 50])
def test_it_takes_no_more_lines_than_there_are(lines: int) -> None:
    made = shortened(PAGE, lines)
    assert text_lines(made, apart=False) == lines
    assert is_cut(made)


def test_of_many_sites_those_with_trouble_and_the_sum_are_kept() -> None:
    sites = block(shortened(PAGE, 24), "sites")
    names = column(sites, "site")
    assert {"par1", "s29"} <= set(names)
    assert names[-1] == "all"
    assert sites.title == f"Sites ({len(names)} of 32)"


def test_where_all_fits_nothing_is_cut() -> None:
    assert not is_cut(shortened(PAGE, 200))
    assert [len(one.rows) for one in shortened(PAGE, 200).blocks if isinstance(one, Table)] == [
        len(one.rows) for one in PAGE.blocks if isinstance(one, Table)
    ]


def test_of_what_is_free_the_most_is_kept() -> None:
    more = snapshot_of(
        [Node(site="z9", name="n", state=NodeState.IDLE, gpus_total=512, gpus_allocated=0)],
        status=source("slurm@z9", site="z9"),
        base=_many(30),
    )
    free = block(shortened(status_page(more, NOW), 24), "free")
    assert "512" in column(free, "gpus_free")
