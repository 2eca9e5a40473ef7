"""Draining, cancelling, holding and requeueing from the screen, on a real Slurm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import OptionList

from andon.tui.screens.menu import MenuScreen
from tests.lab.andon import Andon
from tests.lab.screen import RealConsole, real_console
from tests.lab.shims import Shims
from tests.lab.slurm import SlurmLab, seed

NODE = "cpu03"


@pytest.fixture
def shims(tmp_path: Path) -> Shims:
    return Shims(tmp_path / "bin")


@pytest.fixture
def operator(slurm_lab: SlurmLab, tmp_path: Path, shims: Shims) -> Andon:
    return Andon(slurm_lab, tmp_path, environ=shims.env(slurm_lab.env()))


@pytest.fixture
def node(slurm_lab: SlurmLab) -> Iterator[str]:
    yield NODE
    slurm_lab.undrain(NODE)


@pytest.fixture
def job(slurm_lab: SlurmLab) -> Iterator[str]:
    """A job that waits for tomorrow, called like an option and like markup."""
    name = b"--all [@click=app.quit]x[/]\x1b]0;x\x07"
    made = slurm_lab.submit(name, options=["--begin=now+1day"], state="PENDING")
    yield str(made)
    slurm_lab.run("scancel", str(made))


def is_drained(lab: SlurmLab, node: str) -> bool:
    return "DRAIN" in lab.node_state(node).split("+")


async def menu(screen: RealConsole, verb: str) -> None:
    """Choose a verb from the menu of everything that can be done."""
    await screen.press("x")
    await screen.until(lambda: isinstance(screen.app.screen, MenuScreen), "the menu")
    options = screen.app.screen.query_one(OptionList).options
    names = [str(option.id) for option in options if not option.disabled]
    await screen.press(*["down"] * names.index(verb if "." in verb else f"job.{verb}"), "enter")


async def test_a_node_is_drained_and_undrained_from_the_screen(
    slurm_lab: SlurmLab, operator: Andon, shims: Shims, node: str
) -> None:
    async with real_console(operator, armed=True, view="nodes", filter=f"name={node}") as screen:
        await screen.shows(node, "ARMED")
        await screen.press("D")
        await screen.shows("Stop new work on node cpu03", "Exact calls")
        assert shims.changing() == []
        await screen.type("fan is loud")
        await screen.press("enter")
        await screen.shows("scontrol update NodeName=cpu03 State=DRAIN")
        assert shims.changing() == []
        await screen.press("y")
        await screen.says("Stop new work", "1 confirmed")
        assert is_drained(slurm_lab, node)
        await screen.shows("drained", "fan is loud")

        await screen.press("U")
        await screen.shows("Allow new work on node cpu03", "drained by root: fan is loud")
        await screen.press("y")
        await screen.says("Allow new work", "1 confirmed")
        assert not is_drained(slurm_lab, node)
    assert shims.changing() == [
        ("scontrol", "update", "NodeName=cpu03", "State=DRAIN", "Reason=fan is loud"),
        ("scontrol", "update", "NodeName=cpu03", "State=UNDRAIN"),
    ]
    verified = [entry for entry in operator.journal() if entry["phase"] == "verify"]
    assert [entry["result"] for entry in verified] == ["confirmed", "confirmed"]


async def test_a_drain_of_somebody_else_stays_theirs(
    slurm_lab: SlurmLab, operator: Andon, shims: Shims
) -> None:
    where = f"name={seed.DRAINED_NODE}"
    async with real_console(operator, armed=True, view="nodes", filter=where) as screen:
        await screen.shows(seed.DRAINED_NODE)
        await screen.press("D")
        await screen.says("already drained by root", seed.DRAIN_REASON)
        await screen.press("U")
        await screen.shows("was drained by root: NHC: ib link down")
        await screen.press("escape")
    assert shims.changing() == []
    assert is_drained(slurm_lab, seed.DRAINED_NODE)


async def test_a_job_is_held_released_requeued_and_cancelled_from_the_screen(
    slurm_lab: SlurmLab, operator: Andon, shims: Shims, job: str
) -> None:
    async with real_console(operator, armed=True, view="jobs", filter=f"id={job}") as screen:
        await screen.shows(job, "--all [@click=app.quit]x[/]")
        await screen.press("H")
        await screen.shows(f"scontrol hold {job}")
        await screen.press("y")
        await screen.says("Hold job", "1 confirmed")
        assert slurm_lab.job_reason(job) == "JobHeldAdmin"

        # At once: what the table still shows is from before the hold, and nobody plans on that.
        await menu(screen, "release")
        await screen.shows(f"scontrol release {job}")
        await screen.press("y")
        await screen.says("Release job", "1 confirmed")
        assert not slurm_lab.job_reason(job).startswith("JobHeld")

        await screen.press("ctrl+d")
        await screen.shows(f"scancel -- {job}", "Type 1")
        # Neither a key alone confirms nor enter without the count.
        await screen.press("y", "enter")
        assert slurm_lab.job_state(job) == "PENDING"
        await screen.type("1")
        await screen.press("enter")
        await screen.says("Cancel job", "1 confirmed")
        assert slurm_lab.job_state(job) == "CANCELLED"
    verbs = [call[:2] for call in shims.changing()]
    assert verbs == [("scontrol", "hold"), ("scontrol", "release"), ("scancel", "--")]


async def test_a_running_job_is_requeued_from_the_screen(
    slurm_lab: SlurmLab, operator: Andon
) -> None:
    made = slurm_lab.submit("again", options=["-wcpu01"], state="RUNNING")
    try:
        async with real_console(operator, armed=True, view="jobs", filter=f"id={made}") as screen:
            await screen.shows("again", "running")
            await menu(screen, "requeue")
            await screen.shows(f"scontrol requeue {made}", "Type 1")
            await screen.type("1")
            await screen.press("enter")
            await screen.says("Requeue job", "1 confirmed")
        assert "Restarts=1" in slurm_lab.run("scontrol", "show", "job", str(made)).stdout
    finally:
        slurm_lab.run("scancel", str(made))


@pytest.mark.parametrize("why", ["not armed", "read_only"])
async def test_read_only_sends_nothing_whatever_is_pressed(
    slurm_lab: SlurmLab, operator: Andon, shims: Shims, why: str
) -> None:
    if why == "read_only":
        operator.configure("[policy]\nread_only = true\n")
    keys = {"nodes": ("D", "C", "U", "x"), "jobs": ("ctrl+d", "H", "x")}
    for view, acting in keys.items():
        async with real_console(operator, armed=why == "read_only", view=view) as screen:
            await screen.shows("READ-ONLY", "cpu03" if view == "nodes" else "llm-train")
            for key in acting:
                await screen.press(key, "y", "1", "enter", "escape")
    assert shims.calls()
    assert shims.changing() == []
    assert operator.journal() == []
    assert seed.unsettled(slurm_lab) == []
    assert not is_drained(slurm_lab, NODE)


async def test_read_only_that_comes_while_the_screen_is_open_holds(
    slurm_lab: SlurmLab, operator: Andon, shims: Shims
) -> None:
    async with real_console(operator, armed=True, view="nodes", filter=f"name={NODE}") as screen:
        await screen.shows(NODE, "ARMED")
        operator.configure("[policy]\nread_only = true\n")
        await screen.press("D")
        await screen.shows("Exact calls")
        await screen.type("fan")
        await screen.press("enter", "y")
        await screen.says("read-only")
    assert shims.changing() == []
    assert not is_drained(slurm_lab, NODE)


async def test_the_raw_record_is_slurms_own_text(
    slurm_lab: SlurmLab, operator: Andon, job: str
) -> None:
    async with real_console(operator, armed=False, view="jobs", filter=f"id={job}") as screen:
        await screen.shows(job)
        await screen.press("y")
        await screen.shows(f"JobId={job} JobName=--all [@click=app.quit]x[/]", "SubmitTime=20")
        assert "\x1b" not in screen.text()
