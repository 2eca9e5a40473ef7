"""`ls` and `show` over the demo: every view, every format."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from andon.views.registry import VIEWS
from tests.cli.conftest import PAR1, SMALL, Andon, configured

pytestmark = pytest.mark.usefixtures("frozen")
TABLES = [view.name for view in VIEWS if view.columns]


@pytest.mark.parametrize("view", TABLES)
def test_every_view_has_every_format(andon: Andon, view: str) -> None:
    table = andon(view, "ls", *PAR1)
    assert table.code == 0
    assert table.talk == "DEMO\n"
    assert len(table.lines) > 1
    wide = andon(view, "ls", *PAR1, "-o", "wide")
    assert set(table.lines[0].split()) & set(wide.lines[0].split())
    names = andon(view, "ls", *PAR1, "-o", "name")
    assert names.talk == ""
    assert len(names.lines) == len(table.lines) - 1
    document = andon(view, "ls", *PAR1, "-o", "json").json
    assert document["schema"] == "andon/v1"
    assert document["kind"] == view
    assert document["demo"] is True
    assert document["partial"] is False
    lines = andon(view, "ls", *PAR1, "-o", "jsonl").lines
    for line in lines:
        item = json.loads(line)
        assert (item["schema"], item["kind"], item["demo"]) == ("andon/v1", view, True)
    assert len(lines) == len(document["items"])


def test_columns_are_shown_as_asked_and_in_that_order(andon: Andon) -> None:
    said = andon("nodes", "ls", *PAR1, "--columns", "state,name")
    assert said.lines[0].split() == ["STATE", "NAME"]
    items = andon("nodes", "ls", *PAR1, "--columns", "name,jobs", "-o", "json").json["items"]
    assert [list(item) for item in items] == [["name", "jobs"]] * len(items)


@pytest.mark.parametrize("view", TABLES)
def test_columns_help_lists_every_column(andon: Andon, view: str) -> None:
    said = andon(view, "ls", "--columns", "help")
    assert said.code == 0
    spec = next(one for one in VIEWS if one.name == view)
    assert [line.split()[0] for line in said.lines] == [column.name for column in spec.columns]
    assert all(len(line.split()) > 1 for line in said.lines)
    for column, line in zip(spec.columns, said.lines, strict=True):
        assert all(choice in line for choice in column.choices)


def test_the_header_can_be_left_out(andon: Andon) -> None:
    whole = andon("nodes", "ls", *PAR1, "--columns", "name", "--sort", "name")
    bare = andon("nodes", "ls", *PAR1, "--columns", "name", "--sort", "name", "--no-headers")
    assert whole.lines[1:] == bare.lines


def test_sorting_goes_up_and_with_a_minus_down(andon: Andon) -> None:
    up = andon("nodes", "ls", *PAR1, "--sort", "name", "-o", "name").lines
    down = andon("nodes", "ls", *PAR1, "--sort", "-name", "-o", "name").lines
    assert up == sorted(up)
    assert down == up[::-1]


def test_a_filter_may_be_an_option_an_argument_or_both(andon: Andon) -> None:
    by_option = andon("jobs", "ls", *PAR1, "-f", "state=running", "-o", "json").json["items"]
    by_argument = andon("jobs", "ls", *PAR1, "-o", "json", "state=running").json["items"]
    both = andon("jobs", "ls", *PAR1, "-o", "json", "-f", "state=running", "gpus>1 | gpus<0").json
    assert {job["state"] for job in by_option} == {"running"}
    assert [job["id"] for job in by_option] == [job["id"] for job in by_argument]
    assert all(job["state"] == "running" and job["gpus"] > 1 for job in both["items"])
    assert both["items"]


def test_scopes_narrow_what_is_listed(andon: Andon) -> None:
    every = andon("nodes", "ls", *SMALL, "-o", "json").json
    assert {node["site"] for node in every["items"]} == {"par1", "nrt1", "iad1"}
    site = andon("nodes", "ls", *SMALL, "--site", "nrt1", "-o", "json").json
    assert {node["site"] for node in site["items"]} == {"nrt1"}
    source = andon("nodes", "ls", *SMALL, "--source", "demo@nrt1", "-o", "json").json
    assert [one["name"] for one in source["sources"]] == ["demo@nrt1"]
    jobs = andon("jobs", "ls", *PAR1, "-o", "json").json["items"]
    tenant = jobs[0]["tenant"]
    theirs = andon("jobs", "ls", *PAR1, "--tenant", tenant, "-o", "json").json["items"]
    assert {job["tenant"] for job in theirs} == {tenant}
    hosts = andon("nodes", "ls", *PAR1, "--tenant", tenant, "-o", "json").json["items"]
    assert all(tenant in node["tenants"] for node in hosts)


def test_mine_is_what_the_demo_knows_of_the_user(andon: Andon) -> None:
    said = andon("jobs", "ls", *PAR1, "--mine", "-o", "json")
    assert said.code == 0
    assert said.json["items"] == []


def test_an_empty_table_says_why_it_is_empty(andon: Andon) -> None:
    said = andon("jobs", "ls", *PAR1, "-f", "name=there-is-no-such-job")
    assert said.data == b""
    assert said.talk.splitlines()[0]
    assert said.code == 0


def test_names_hold_the_site_where_there_are_several(andon: Andon) -> None:
    many = andon("nodes", "ls", *SMALL, "-o", "name").lines
    one = andon("nodes", "ls", *PAR1, "-o", "name").lines
    assert all("/" in name for name in many)
    assert {f"par1/{name}" for name in one} <= set(many)


@pytest.mark.parametrize("view", TABLES)
def test_whatever_is_listed_can_be_shown(andon: Andon, view: str) -> None:
    name = andon(view, "ls", *PAR1, "-o", "name").lines[0]
    said = andon(view, "show", name, *PAR1)
    assert said.code == 0
    assert name.rpartition("/")[2] in said.data.decode()
    assert said.talk.splitlines()[-1] == "DEMO"
    document = andon(view, "show", name, *PAR1, "-o", "json").json
    assert document["schema"] == "andon/v1"
    assert document["demo"] is True
    assert len(document["items"]) == 1


def test_an_accelerator_is_shown_by_its_key(andon: Andon) -> None:
    items = andon("gpus", "ls", *PAR1, "-o", "name").lines
    assert andon("gpus", "show", items[3], *PAR1).code == 0
    assert andon("gpus", "show", "gpu-par1-002:3", *PAR1).code == 0


def test_what_is_not_there_is_not_shown(andon: Andon) -> None:
    said = andon("nodes", "show", "nope", *PAR1)
    assert said.code == 2
    assert said.data == b""
    assert "nope" in said.talk
    assert "andon nodes ls" in said.talk


def test_a_name_that_may_be_several_things_is_not_guessed(andon: Andon) -> None:
    said = andon("queues", "show", "interactive", *SMALL)
    assert said.code == 2
    assert "may be" in said.talk


def test_status_is_one_screen_and_says_that_it_is_the_demo(andon: Andon) -> None:
    said = andon("status", *PAR1)
    assert said.code in (0, 1)
    assert said.talk.splitlines()[-1] == "DEMO"
    assert said.lines[0] == "Sites"
    document = andon("status", *PAR1, "-o", "json").json
    assert document["kind"] == "status"
    assert document["demo"] is True


def test_options_mean_the_same_before_and_after_the_command(andon: Andon) -> None:
    wanted = andon("nodes", "ls", *PAR1, "-o", "name")
    assert andon(*PAR1, "nodes", "ls", "-o", "name") == wanted
    assert andon("nodes", *PAR1, "ls", "-o", "name") == wanted
    _, *rest = PAR1
    said = andon("nodes", "--demo", "ls", *rest, "-oname")
    assert said == wanted


def test_configured_columns_and_order_are_those_of_the_table_only(andon: Andon, home: Path) -> None:
    configured(home, '[views.nodes]\ncolumns = ["jobs", "name"]\nsort = "-name"\n')
    said = andon("nodes", "ls", *PAR1)
    assert said.lines[0].split() == ["JOBS", "NAME"]
    names = [line.split()[1] for line in said.lines[1:]]
    assert names == sorted(names, reverse=True)
    assert "state" in andon("nodes", "ls", *PAR1, "-o", "json").json["items"][0]


@pytest.mark.parametrize("option", [("--sort", "-"), ("--columns", "name,qqqq")])
def test_a_column_that_nothing_is_like_is_answered_with_how_to_list_them(
    andon: Andon, option: tuple[str, str]
) -> None:
    said = andon("jobs", "ls", *PAR1, *option)
    assert said.code == 2
    assert said.talk.splitlines()[1:] == ["  → `andon jobs ls --columns help` lists them"]


@pytest.mark.parametrize(("view", "begins"), [("nodes", "NodeName="), ("jobs", "JobId=")])
def test_a_backends_own_words_on_a_thing_can_be_had(andon: Andon, view: str, begins: str) -> None:
    name = andon(view, "ls", *PAR1, "-o", "name").lines[0]
    said = andon(view, "show", name, *PAR1, "-o", "raw")
    assert (said.code, said.talk) == (0, "DEMO\n")
    assert said.lines[0].startswith(f"{begins}{name}")


def test_what_no_backend_has_words_for_is_told_as_it_was_reported(andon: Andon) -> None:
    name = andon("tenants", "ls", *PAR1, "-o", "name").lines[0]
    assert andon("tenants", "show", name, *PAR1, "-o", "raw").json["name"] == name


def test_no_words_of_a_backend_drive_the_terminal(andon: Andon) -> None:
    hostile = (*PAR1, "--hostile")
    for job in andon("jobs", "ls", *hostile, "-o", "json", "--columns", "id").json["items"][:40]:
        said = andon("jobs", "show", job["id"], *hostile, "-o", "raw")
        assert said.code == 0
        assert all(line.isprintable() for line in said.data.decode().split("\n"))
