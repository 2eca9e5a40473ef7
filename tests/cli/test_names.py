"""What `-o name` prints stands for exactly the row that it was printed of, however it is read."""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import andon_demo
from andon.cli.choosing import typed_words
from andon.cli.listing import names_of
from andon.cli.showing import _named
from andon.model import Kind, SourceStatus
from andon.runtime.naming import keys_named
from andon.sdk import Source, SourceSettings
from andon.store import Snapshot, apply
from andon.views.registry import view_named
from andon.views.state import ViewState
from andon.views.tables import table
from tests.cli.conftest import NOW, PAR1, SMALL, Andon, configured
from tests.contract.slurm_tools import FakeSlurm

VIEWS = ("nodes", "jobs", "gpus", "queues", "tenants")


def demo(site: str) -> Source:
    options = {"place": site, "nodes": 24, "jobs": 300, "hostile": True}
    settings = SourceSettings(name=f"demo@{site}", site=site, options=options, clock=lambda: NOW)
    return andon_demo.plugin.open(settings)


def one_site(_folder: Path) -> list[Source]:
    return [demo("par1")]


def three_sites(_folder: Path) -> list[Source]:
    return [demo(site) for site in ("par1", "nrt1", "iad1")]


def slurm(folder: Path) -> list[Source]:
    return [FakeSlurm(folder).open()]


def seen(sources: list[Source]) -> Snapshot:
    snapshot = Snapshot()
    for source in sources:
        status = SourceStatus(name=source.name, plugin="any", site=source.site)
        batch = asyncio.run(source.poll(frozenset(source.intervals_seconds), 10.0))
        snapshot = apply(snapshot.with_status(status), batch)
    return snapshot


Factory = Callable[[Path], list[Source]]


@pytest.mark.parametrize("factory", [one_site, three_sites, slurm])
def test_a_printed_name_stands_for_its_own_row_alone(
    factory: Factory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = seen(factory(tmp_path))
    session: Any = SimpleNamespace(settings=SimpleNamespace(sites=()))
    for view in VIEWS:
        spec = view_named(view)
        assert spec.kind is not None
        shown = table(snapshot, spec, ViewState(view=view), NOW)
        names = names_of(shown, snapshot, spec)
        assert len(set(names)) == len(names) == len(shown.rows)
        for index, name in enumerate(names):
            found = _named(session, snapshot, spec.kind, name)
            assert (found.keys, found.unread) == ((shown.rows.key(index),), ()), name
        if spec.kind not in (Kind.NODE, Kind.JOB):
            continue
        lines = "\n".join(names).encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))
        assert typed_words(["-"], spec.kind) == names
        for index, name in enumerate(names):
            words = typed_words([name], spec.kind)
            assert keys_named(snapshot, spec.kind, words).keys == (shown.rows.key(index),), name


def rests(snapshot: Snapshot) -> list[Any]:
    records = (r for facets in snapshot.of(Kind.JOB).values() for r in facets.records.values())
    return [job for job in records if getattr(job, "array_tasks", None)]


@pytest.mark.parametrize("factory", [one_site, slurm])
def test_there_are_arrays_with_a_waiting_rest_to_be_named(factory: Factory, tmp_path: Path) -> None:
    snapshot = seen(factory(tmp_path))
    running = {job.array_id for job in table_of(snapshot) if job.array_id and job.state.active}
    assert running & {job.array_id for job in rests(snapshot)}


def table_of(snapshot: Snapshot) -> list[Any]:
    rows = table(snapshot, view_named("jobs"), ViewState(view="jobs"), NOW).rows
    return [rows.thing(index) for index in range(len(rows))]  # type: ignore[attr-defined]


def test_a_pipe_of_waiting_jobs_touches_none_that_runs(andon: Andon) -> None:
    names = andon("jobs", "ls", *PAR1, "state=pending & array_id!=-", "-o", "name")
    assert any("_[" in name for name in names.lines)
    said = andon("jobs", "cancel", "-", *PAR1, "--dry-run", "--reason", "x", "-o", "json",
                 stdin=names.data)  # fmt: skip
    (item,) = said.json["items"]
    targets = [step["target"] for step in item["plan"]["steps"]]
    assert [target["name"] for target in targets] == names.lines
    assert {target["before"]["state"] for target in targets} == {"pending"}


def test_the_ids_of_json_are_such_names_too(andon: Andon) -> None:
    items = andon("jobs", "ls", *PAR1, "-o", "json").json["items"]
    assert {item["id"] for item in items} == set(andon("jobs", "ls", *PAR1, "-o", "name").lines)


def waiting_of(andon: Andon, *where: str) -> tuple[str, list[str]]:
    """Return an array and the names of its waiting tasks."""
    from andon.model import tasks_in

    items = andon("jobs", "ls", *where, "array_tasks!=-", "-o", "json").json["items"]
    tasks = tasks_in(items[0]["array_tasks"])
    assert tasks is not None
    return items[0]["array_id"], [f"{items[0]['array_id']}_{number}" for number in tasks]


def test_a_single_waiting_task_is_shown_held_released_and_cancelled(andon: Andon) -> None:
    array, tasks = waiting_of(andon, *PAR1)
    task = tasks[-1]
    shown = andon("jobs", "show", task, *PAR1, "-o", "json")
    assert (shown.code, shown.json["items"][0]["id"]) == (0, task)
    raw = andon("jobs", "show", task, *PAR1, "-o", "raw").lines
    assert raw[0].startswith(f"JobId={task} ")
    for verb in ("hold", "release", "cancel"):
        said = andon("jobs", verb, task, *PAR1, "--yes", "--reason", "x", "-o", "json")
        assert (said.code, said.json["items"][0]["result"]) == (0, "confirmed"), said
        (target,) = [item["target"] for item in said.json["items"]]
        assert (target["name"], target["uid"].count(task)) == (task, 1)
    assert array not in [item["target"]["name"] for item in said.json["items"]]


def test_tasks_in_brackets_are_targets_one_by_one_and_all_that_wait_is_one(andon: Andon) -> None:
    array, tasks = waiting_of(andon, *PAR1)
    first, second = (name.partition("_")[2] for name in tasks[-2:])
    said = andon("jobs", "hold", f"{array}_[{first},{second}]", *PAR1, "--dry-run", "-o", "json")
    steps = said.json["items"][0]["plan"]["steps"]
    assert [step["target"]["name"] for step in steps] == tasks[-2:]
    numbers = ",".join(name.partition("_")[2] for name in tasks)
    whole = ("jobs", "hold", f"{array}_[{numbers}]", *PAR1, "--dry-run", "--reason", "x")
    said = andon(*whole, "-o", "json")
    (step,) = said.json["items"][0]["plan"]["steps"]
    assert step["target"]["key"].endswith(f"/{array}")
    assert step["target"]["count"] == len(tasks)
    assert said.json["items"][0]["plan"]["title"].startswith(f"Hold {len(tasks)} jobs ({array}_[")


def test_a_task_that_is_none_is_unknown(andon: Andon) -> None:
    array, _ = waiting_of(andon, *PAR1)
    said = andon("jobs", "cancel", f"{array}_99999", *PAR1, "--yes")
    assert (said.code, f"no job called {array}_99999" in said.talk) == (2, True)


def test_a_recorded_task_is_cancelled_by_its_own_name(
    andon: Andon, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in FakeSlurm(home / "slurm").environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    folder = home / "slurm" / "bin"
    configured(home, f'[[sources]]\nplugin = "slurm"\nsite = "par1"\nbin = "{folder}"\n')
    said = andon("jobs", "cancel", "2_3", "--dry-run", "-o", "json")
    (step,) = said.json["items"][0]["plan"]["steps"]
    assert step["call"] == ["scancel", "--", "2_3"]
    assert step["target"]["uid"] == "lab:2_3::1795439486"
    said = andon("jobs", "cancel", "2_[2-5%2]", "--dry-run", "-o", "json")
    (step,) = said.json["items"][0]["plan"]["steps"]
    assert step["call"] == ["scancel", "--", "2_[2-5]"]
    said = andon("jobs", "cancel", "2", "--dry-run")
    assert [word for word in ("2_0", "2_1", "2_[2-5]") if word not in said.data.decode()] == []


def test_several_sites_print_whole_names(andon: Andon) -> None:
    names = andon("jobs", "ls", *SMALL, "array_tasks!=-", "-o", "name").lines
    assert names
    assert all(name.count("/") == 2 and name.endswith("]") for name in names)
