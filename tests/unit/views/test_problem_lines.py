"""A problem on one line: how bad, where, for how long, what, and why."""

from __future__ import annotations

from andon.analysis.problems import Problem, problems
from andon.cli.drawing import block_lines
from andon.model import Accelerator, AcceleratorState, Incident, Node, NodeState, Severity
from andon.views.pages import page
from andon.views.problems import count_words, problem_line, problem_table
from andon.views.serialize import block_object
from andon.views.state import ViewState
from tests.unit.views.reading import block, lines
from tests.unit.views.things import NOW, snapshot_of

NODE = Node(
    site="par1",
    name="n1",
    state=NodeState.DRAINED,
    reason="RMA 46766: row remap failure, " + "waiting for the part " * 9,
    reason_by="hsuzuki",
    reason_at=NOW - 8 * 86_400,
    gpus_total=8,
)
FOUND = problems(snapshot_of([NODE]), NOW)


def drawn(width: int | None) -> list[str]:
    return [*block_lines(problem_table(FOUND, NOW, "", 10), colour=False, width=width)]


def test_a_line_says_how_bad_where_since_when_what_and_why() -> None:
    (title, line) = drawn(80)
    assert title == "Problems: 1 warning"
    assert line.startswith(
        "warning  par1  8d00h  Node n1 is drained; “RMA 46766: row remap failure"
    )
    assert line.endswith("…")
    assert len(line) == 80


def test_in_a_pipe_the_reason_is_whole() -> None:
    (_, line) = drawn(None)
    assert line.endswith("” by hsuzuki; 8 GPUs out of use")


def test_where_the_reason_has_no_room_the_title_is_cut_and_nothing_after_it() -> None:
    (_, line) = drawn(40)
    assert line == "warning  par1  8d00h  Node n1 is draine…"


def test_json_has_each_part_by_its_name() -> None:
    (item,) = block_object(problem_table(FOUND, NOW, "", 10))
    assert item["severity"] == "warning"
    assert item["site"] == "par1"
    assert item["began_at"] == NOW - 8 * 86_400
    assert item["title"] == "Node n1 is drained"
    assert item["detail"].endswith("” by hsuzuki; 8 GPUs out of use")


def test_what_there_is_is_counted_by_how_bad_it_is() -> None:
    def some(severity: Severity) -> Problem:
        return Problem(severity=severity, site="", title="", kind=None, key="")

    found = [some(Severity.CRITICAL), some(Severity.INFO), some(Severity.WARNING)]
    assert count_words([*found, found[2]]) == "1 critical, 2 warnings, 1 info"
    assert count_words([]) == ""


def test_the_page_of_a_thing_says_since_when_too() -> None:
    said = "".join(cell.text for cell in problem_line(FOUND[0], NOW))
    assert "Node n1 is drained for 8d00h since " in said


def test_one_trouble_is_one_line_on_the_page_of_the_node_and_of_the_gpu() -> None:
    snapshot = snapshot_of(
        [
            Node(site="par1", name="n1", state=NodeState.DRAINED, reason="GPU 3: Xid 79"),
            Accelerator(
                site="par1",
                node="n1",
                index=3,
                state=AcceleratorState.FAULTY,
                xid_last=79,
                recovery_action="reboot",
            ),
            Incident(site="par1", id="i", topic="xid", text="n1: GPU 3: Xid 79", nodes=("n1",)),
        ]
    )
    for view, key in (("nodes", "par1/n1"), ("gpus", "par1/n1/3")):
        shown = page(snapshot, ViewState(view=view, subject=key), NOW)
        said = lines(block(shown, "problems"))
        assert len(said) == 1, (view, said)
        assert "reboot advised" in said[0]
    assert len(problems(snapshot, NOW)) == 1
    incident = page(snapshot, ViewState(view="problems", subject="incident par1/i\tx"), NOW)
    assert "reboot advised" in lines(block(incident, "problems"))[0]
