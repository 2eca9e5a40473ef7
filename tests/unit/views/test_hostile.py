"""Names that attack, through every view, page and object."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import msgspec
import pytest

from andon.model import RECORD_TYPES, JobState, Kind, Severity
from andon.store import Snapshot
from andon.store.history import History
from andon.views.page import Page
from andon.views.pages import page
from andon.views.registry import VIEWS
from andon.views.serialize import envelope, page_object, thing_object
from andon.views.state import ViewState
from andon.views.status import status_page
from tests.unit.views.reading import cells
from tests.unit.views.things import HOSTILE, NOW, filled, snapshot_of, source


def hostile(text: str) -> Snapshot:
    """Return a snapshot of every kind of record whose every text is hostile."""
    records: list[Any] = [filled(type_, text) for type_ in RECORD_TYPES.values()]
    job = next(record for record in records if record.kind is Kind.JOB)
    records.append(msgspec.structs.replace(job, id=f"{text}2", state=JobState.PENDING))
    about = {"severity": Severity.CRITICAL, "object_kind": Kind.NODE, "object_key": "par1/x"}
    records = [
        msgspec.structs.replace(record, **about)
        if record.kind in (Kind.EVENT, Kind.INCIDENT)
        else record
        for record in records
    ]
    status = filled(type(source()), text, name=text, state=source().state, site="par1")
    return snapshot_of(records, status=status)


def check(shown: Page) -> None:
    for cell in cells(shown):
        assert not any(
            unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")
            for character in cell.text
        ), (shown.title, cell.text)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_page_lets_a_hostile_name_out_of_its_line(text: str) -> None:
    snapshot = hostile(text)
    for view in VIEWS:
        for wide in (False, True):
            check(page(snapshot, ViewState(view=view.name, wide=wide), NOW, history=History()))
        if view.columns:
            every = ViewState(view=view.name, columns=view.every_column)
            check(page(snapshot, every, NOW))
    check(status_page(snapshot, NOW))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_detail_lets_a_hostile_name_out_of_its_line(text: str) -> None:
    from andon.views.detail import detail, source_detail

    snapshot = hostile(text)
    for kind in Kind:
        for key in list(snapshot.said_by(text, kind)):
            shown = detail(snapshot, kind, key, NOW)
            check(shown)
            json.dumps(page_object(shown), allow_nan=False)
            assert thing_object(snapshot, kind, key, NOW) is not None
        check(detail(snapshot, kind, f"par1/{text}/nowhere", NOW))
    check(source_detail(snapshot, text, NOW))
    json.dumps(envelope("nodes", [], snapshot, NOW), allow_nan=False)


@pytest.mark.parametrize("text", HOSTILE[:4], ids=range(4))
def test_a_hostile_filter_is_an_error_or_an_answer(text: str) -> None:
    from andon.views.filters import FilterError

    snapshot = hostile(text)
    try:
        check(page(snapshot, ViewState(view="jobs", filter=text), NOW))
    except FilterError as error:
        assert error.message.isprintable()
