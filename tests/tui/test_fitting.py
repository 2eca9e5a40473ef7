"""Which columns are shown: the narrow set, and of the others those there is room for."""

from __future__ import annotations

import pytest

from andon.tui.fitting import fitting
from andon.tui.table_lines import GAP, GUTTER
from andon.views.registry import VIEWS, ViewSpec, view_named
from tests.tui.world import Console, console, reports, status

TABLES = [view for view in VIEWS if view.columns]


def titles(it: Console) -> list[str]:
    table = it.app.main.table.table
    assert table is not None
    return [column.title for column in table.columns]


@pytest.mark.parametrize("view", TABLES, ids=lambda view: view.name)
def test_more_room_only_ever_adds_columns(view: ViewSpec) -> None:
    narrow = set(view.column_names(wide=False))
    assert set(fitting(view, 80)) == narrow
    before = narrow
    for width in range(80, 300):
        now = fitting(view, width)
        assert before <= set(now)
        assert list(now) == [spec.name for spec in view.columns if spec.name in now]
        sizes = [spec.column.width for spec in view.columns if spec.name in now]
        assert GUTTER + sum(sizes) + GAP * (len(sizes) - 1) <= max(width, 80)
        before = set(now)
    assert before > narrow


@pytest.mark.parametrize("view", TABLES, ids=lambda view: view.name)
def test_what_is_added_is_of_the_wide_set(view: ViewSpec) -> None:
    assert set(view.worth) <= set(view.column_names(wide=True))
    assert not set(view.worth) & set(view.column_names(wide=False))


async def test_a_wider_terminal_shows_more_and_a_narrow_one_what_it_did() -> None:
    async with console(size=(80, 24), view="jobs") as it:
        assert titles(it) == [
            view_named("jobs").column(name).column.title
            for name in view_named("jobs").column_names(wide=False)
        ]
        await it.pilot.resize_terminal(160, 24)
        await it.settle()
        assert "TENANT" in titles(it)
        assert "NODES/REASON" in titles(it)


async def test_w_shows_all_columns_and_then_again_those_that_fit() -> None:
    async with console(size=(160, 24), view="jobs") as it:
        fit = titles(it)
        await it.press("w")
        assert len(titles(it)) > len(fit)
        await it.press("w")
        assert titles(it) == fit


async def test_columns_that_were_chosen_stay_alone() -> None:
    async with console(size=(160, 24), view="jobs") as it:
        await it.press("colon")
        await it.type("columns id user")
        await it.press("enter")
        assert titles(it) == ["ID", "USER"]


async def test_the_columns_fit_from_the_first_look_on_and_when_the_pane_takes_room() -> None:
    async with console(size=(160, 24), view="overview") as it:
        await it.press("4")
        assert "TENANT" in titles(it)
        await it.press("enter")
        assert "TENANT" not in titles(it)
        await it.press("escape")
        assert "TENANT" in titles(it)


@pytest.mark.parametrize("view", TABLES, ids=lambda view: view.name)
def test_a_column_that_says_the_same_on_every_row_goes_before_any_other(view: ViewSpec) -> None:
    narrow = set(view.column_names(wide=False))
    assert set(fitting(view, 80, ("site",))) == narrow
    assert set(fitting(view, 40, ("site",))) == narrow - {"site"}
    for width in range(80, 300):
        with_it, others = fitting(view, width), fitting(view, width, ("site",))
        if "site" in set(others) - narrow:
            assert set(view.worth) <= set(others)
        assert len(others) >= len(with_it) - 1


async def test_a_small_terminal_at_one_site_has_no_column_of_it_and_no_blank_beside_names() -> None:
    async with console(size=(40, 10)) as it:
        assert "SITE" not in titles(it)
        heading = it.line("NAME")
        assert heading.index("STATE") == heading.index("NAME") + len("gpu-001") + GAP
        assert "GPUS" in heading
    other = status("slurm@lyon", site="lyon")
    async with console(*reports(), other, size=(40, 10)) as it:
        assert "SITE" in titles(it)
        await it.press("colon")
        await it.type("site lyon")
        await it.press("enter")
        assert "SITE" not in titles(it)
