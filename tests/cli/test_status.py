"""`andon status`: whole in a mail, cut at a terminal, and of a tenant what is the tenant's."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.conftest import PAR1, SMALL, Andon
from tests.cli.process import at_terminal, environ

PROBLEM = re.compile(r"(?:critical|warning |info    )  \S+ +\S+  \S.*")


@pytest.mark.usefixtures("frozen")
def test_in_a_pipe_each_problem_is_one_whole_line_with_its_reason(andon: Andon) -> None:
    said = andon("status", *SMALL, "-o", "wide")
    items = andon("status", *SMALL, "-o", "json").json["items"][0]["problems"]
    assert items
    lines = [line for line in said.lines if PROBLEM.fullmatch(line)]
    assert len([line for line in said.lines if "…" in line]) == 0
    for item in items:
        text = "; ".join(filter(None, [item["title"], item["detail"]]))
        assert any(line.endswith(text) for line in lines), text
        assert item["severity"] in ("critical", "warning", "info")
        assert item["site"] in ("par1", "nrt1", "iad1")


@pytest.mark.usefixtures("frozen")
def test_in_a_pipe_it_is_of_bounded_length_and_says_what_it_leaves_out(andon: Andon) -> None:
    said = andon("status", "--demo")
    whole = andon("status", "--demo", "-o", "json").json["items"][0]
    assert len(said.lines) <= 30
    assert said.lines[-1] == "All of it: andon status -o wide"
    for title, name in (("Why jobs wait", "pending"), ("Free GPUs", "free")):
        count = re.search(r" \((\d+) of (\d+)\)$", next(one for one in said.lines if title in one))
        assert count is not None
        assert int(count[2]) == len(whole[name])
        place = next(at for at, line in enumerate(said.lines) if line.startswith(title))
        below = said.lines[place + 1 : [*said.lines, ""].index("", place)]
        heading = name == "free"
        shown = [line for line in below if not line.startswith("All of it")]
        assert len(shown) - heading == int(count[1])


@pytest.mark.usefixtures("frozen")
def test_its_json_has_values_under_every_block(andon: Andon) -> None:
    (made,) = andon("status", "--demo", "-o", "json").json["items"]
    assert len(made["pending"]) > 5
    lines = andon("status", "--demo").lines
    text = {line.split()[0]: line for line in lines[: lines.index("")]}
    for site in made["sites"]:
        assert len(site["at_least"]) == text[site["site"]].count("≥")
    for one in made["pending"]:
        assert set(one) == {"jobs", "gpus", "reason", "words"}
        assert isinstance(one["jobs"], int) and isinstance(one["gpus"], int)
    ranked = [(-one["jobs"], -one["gpus"], one["reason"]) for one in made["pending"]]
    assert ranked == sorted(ranked)
    assert set(made["free"][0]) == {
        "site",
        "model",
        "gpus_free",
        "gpus_total",
        "gpus_free_in_one_node",
    }
    assert list(made) == ["sites", "problems", "changes", "pending", "free", "sources"]
    for name, block in made.items():
        assert all(isinstance(one, dict) for one in block), name


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (100, 60)])
def test_at_a_terminal_it_fits_the_screen_with_the_prompt_under_it(
    home: Path, size: tuple[int, int]
) -> None:
    width, height = size
    surroundings = environ(home, TERM="xterm", COLUMNS=str(width), LINES=str(height))
    _, written = at_terminal(["status", "--demo"], surroundings, {})
    lines = re.sub(r"\x1b\[[0-9;]*m", "", written.decode()).splitlines()
    assert len(lines) <= height - 1
    assert all(len(line) <= width for line in lines)
    assert any(line.startswith("critical") for line in lines)


@pytest.mark.usefixtures("frozen")
def test_each_trouble_is_counted_once(andon: Andon) -> None:
    problems = andon("status", *SMALL, "-o", "json").json["items"][0]["problems"]
    nodes = [re.findall(r"gpu-[a-z]+\d-\d+", item["title"]) for item in problems]
    named = [found[0] for found in nodes if len(found) == 1]
    assert len(named) == len(set(named)), problems


def test_at_a_terminal_no_line_of_a_problem_is_longer_than_it(home: Path) -> None:
    surroundings = environ(home, TERM="xterm", COLUMNS="80", LINES="24")
    _, written = at_terminal(["status", *SMALL], surroundings, {})
    plain = re.sub(r"\x1b\[[0-9;]*m", "", written.decode())
    lines = [line for line in plain.splitlines() if PROBLEM.fullmatch(line)]
    assert lines
    assert all(len(line) <= 80 for line in lines)
    assert any(line.endswith("…") for line in lines)


@pytest.mark.usefixtures("frozen")
def test_the_status_of_a_tenant_says_so_in_text_and_json(andon: Andon) -> None:
    scope = (*PAR1, "--tenant", "medivance")
    said = andon("status", *scope)
    assert said.lines[0] == "Held by tenant medivance"
    assert "GPUS" not in said.lines[1].split()
    assert any(line.startswith("Problems of tenant medivance") for line in said.lines)
    assert "Free GPUs, of the whole sites" in said.lines
    document = andon("status", *scope, "-o", "json").json
    assert document["scope"]["tenants"] == ["medivance"]
    held = sum(
        row["gpus"] or 0
        for row in andon("jobs", "ls", *scope, "-o", "json").json["items"]
        if row["state"] in ("running", "completing", "suspended", "starting")
    )
    (site,) = document["items"][0]["sites"]
    assert site["gpus_allocated"] == held
    assert "gpus_free" not in site


@pytest.mark.usefixtures("frozen")
def test_a_mistyped_tenant_is_not_all_well(andon: Andon) -> None:
    said = andon("status", *PAR1, "--tenant", "medivanse")
    assert said.code == 2
    assert said.talk == "andon: no tenant “medivanse” (--tenant)\n  → did you mean medivance?\n"
