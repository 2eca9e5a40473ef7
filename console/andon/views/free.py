"""What is free: by site and model, with the largest block on one node."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace as changed

from andon.analysis.holdings import is_owned
from andon.analysis.summary import ModelCount, Tally, summarise
from andon.store import Snapshot
from andon.views.formats import count_text, least_text, model_text
from andon.views.page import MISSING, Cell, Column, StaticRows, Table, Tone
from andon.views.state import Scope

_COLUMNS: Final = (
    Column(name="site", title="SITE", summary="Site", width=8),
    Column(name="model", title="MODEL", summary="GPU model", width=14, grow=True),
    Column(
        name="gpus_free", title="FREE", summary="GPUs new work could get", width=7, align="right"
    ),
    Column(name="gpus_total", title="OF", summary="All GPUs", width=7, align="right"),
    Column(
        name="gpus_free_in_one_node",
        title="IN ONE NODE",
        summary="Most of them free on one node",
        width=11,
        align="right",
    ),
)


def free_table(snapshot: Snapshot, now: float, scope: Scope, *, some: bool = False) -> Table:
    """Return the free GPUs per site and model, and the largest block free on one node.

    They are nobody's: whose things a scope keeps does not matter. `some` leaves out what is known
    to be all taken.
    """
    summary = summarise(snapshot, now, changed(scope, tenants=(), user=None))
    keys: list[str] = []
    made: list[tuple[Cell, ...]] = []
    for site, tally in summary.sites.items():
        for model, count in tally.models.items():
            known = tally.gpus_free.value is not None
            if some and known and not count.free:
                continue
            first = not made or made[-1][0].raw != site
            keys.append(f"{site}/{model}")
            made.append(_row(site, model, count, tally, first=first))
    return Table(
        name="free",
        title="Free GPUs, of the whole sites" if is_owned(scope) else "Free GPUs",
        columns=_COLUMNS,
        rows=StaticRows(keys, made),
        total=len(keys),
        sort="site",
        empty="" if keys else _none_free(summary.total),
    )


def _row(
    site: str, model: str, count: ModelCount, tally: Tally, *, first: bool
) -> tuple[Cell, ...]:
    largest = None if tally.gpus_free.value is None else count.largest_free_block
    return (
        Cell(site, Tone.STRONG if first else Tone.MUTED, site),
        Cell(model_text(model), Tone.NORMAL, model) if model else Cell("not named", Tone.MUTED),
        _free_cell(count.free, tally),
        Cell(count_text(count.total), Tone.MUTED, count.total),
        MISSING if largest is None else Cell(str(largest), Tone.NORMAL, largest),
    )


def _none_free(total: Tally) -> str:
    return "None is free" if total.gpus_total.value else "No source reports GPUs now"


def _free_cell(free: int, tally: Tally) -> Cell:
    if tally.gpus_free.value is None:
        return MISSING
    text = least_text(count_text(free), partial=tally.gpus_free.partial)
    return Cell(text, Tone.GOOD if free else Tone.NORMAL, free)
