"""The conformance kit passes a plugin that keeps the contract and catches each way to break it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from andon.sdk import (
    ActionRequest,
    Batch,
    Draft,
    FaultKind,
    Found,
    Kind,
    Node,
    Option,
    Outcome,
    Plugin,
    Refusal,
    Source,
    SourceSettings,
    SourceUnreachable,
    Step,
    Target,
)
from andon.sdk.testing import CLAUSES, ClauseResult, SourceContract, check_plugin
from tests.contract import toy
from tests.contract.toy import FAULTS, Backend, ToyDrain, ToySource, broken_clauses, opener


class TestToyContract(SourceContract):
    """What a plugin's author writes."""

    plugin = toy.plugin
    deadline_s = 0.2
    backend: Backend

    def healthy(self, folder: Path) -> Source:
        return opener(self._backend())()

    def broken(self, folder: Path) -> Mapping[FaultKind, Callable[[], Source]]:
        return {fault: opener(Backend(fault=fault)) for fault in FAULTS}

    def sent(self, folder: Path) -> Sequence[Sequence[str]] | None:
        return self._backend().calls

    def _backend(self) -> Backend:
        if not hasattr(self, "backend"):
            self.backend = Backend()
        return self.backend


def test_a_plugin_that_keeps_the_contract_breaks_no_clause() -> None:
    assert broken_clauses() == {}


def test_a_wrong_declaration_is_caught() -> None:
    broken = broken_clauses("declares_what_the_contract_asks", name="Toy Plugin")
    assert "lower-case" in broken["declares_what_the_contract_asks"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import textual", "imports textual"),
        ("import andon_demo", "imports andon_demo"),
        ("print('hello')", "prints on stdout"),
        ("import subprocess; subprocess.run(['true'])", "subprocess.Popen"),
        ("import socket; socket.socket().connect_ex(('127.0.0.1', 9))", "socket.connect"),
        ("open('written', 'w').close()", "open for writing"),
        ("raise SystemExit('broken')", "cannot be imported by itself"),
    ],
)
def test_an_import_with_side_effects_is_caught(tmp_path: Path, body: str, said: str) -> None:
    (tmp_path / "odd.py").write_text(body)
    script = (
        "from andon.sdk.conformance.importing import imports_of, other_plugins;"
        "print(imports_of('odd', other_plugins('odd')))"
    )
    environ = {**os.environ, "PYTHONPATH": str(tmp_path)}
    finished = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environ, cwd=tmp_path
    )
    assert said in finished.stdout, finished.stderr


def test_looking_around_by_starting_processes_is_caught() -> None:
    def find(environ: object) -> tuple[Found, ...]:
        subprocess.run(["true"], check=True)
        return ()

    broken = broken_clauses("looks_around_without_network_or_processes", find=find)
    assert "subprocess.Popen" in broken["looks_around_without_network_or_processes"]


def test_opening_with_io_is_caught() -> None:
    class Eager(ToySource):
        def __init__(self, settings: SourceSettings) -> None:
            super().__init__(settings)
            with open("/etc/hostname", "rb"):
                pass

    assert "/etc/hostname" in broken_clauses("opens_without_io", source=Eager)["opens_without_io"]


def _reporting(change: Callable[[Node, int], Node]) -> type[ToySource]:
    class Changed(ToySource):
        polls = 0

        def node(self, name: str) -> Node:
            type(self).polls += 1
            return change(super().node(name), self.polls)

    return Changed


@pytest.mark.parametrize(
    ("clause", "change", "said"),
    [
        ("keys_are_unique", lambda node, n: replace(node, name="same"), "two records"),
        (
            "two_polls_of_one_recording_are_equal",
            lambda node, n: replace(node, load_1m=float(n)),
            "differently",
        ),
        (
            "two_polls_of_one_recording_are_equal",
            lambda node, n: replace(node, name=f"n{n}"),
            "lost node",
        ),
        (
            "values_are_of_their_declared_type",
            lambda node, n: replace(node, cpus_total="8"),
            "cpus_total",
        ),
        ("unknown_is_none", lambda node, n: replace(node, gpu_model="N/A"), "gpu_model is 'N/A'"),
        ("unknown_is_none", lambda node, n: replace(node, rack=""), "rack is ''"),
        ("unknown_is_none", lambda node, n: replace(node, cpus_total=-1), "below zero"),
        ("unknown_is_none", lambda node, n: replace(node, load_1m=float("nan")), "load_1m is nan"),
        ("texts_are_clean", lambda node, n: replace(node, comment="\x1b[2J"), "comment"),
        ("texts_are_clean", lambda node, n: replace(node, queues=("a\u202e",)), "queues"),
        (
            "hosts_have_canonical_names",
            lambda node, n: replace(node, name=node.name + ".lan"),
            "not canonical",
        ),
        (
            "reports_what_it_was_asked_for",
            lambda node, n: replace(node, site="elsewhere"),
            "elsewhere",
        ),
    ],
)
def test_a_record_that_is_not_as_it_should_be_is_caught(
    clause: str, change: Callable[[Node, int], Node], said: str
) -> None:
    assert said in broken_clauses(clause, source=_reporting(change))[clause]


def test_a_batch_of_what_was_not_asked_for_is_caught() -> None:
    class Chatty(ToySource):
        async def poll(self, kinds: frozenset[Kind], deadline_s: float) -> Batch:
            batch = await super().poll(kinds, deadline_s)
            return replace(batch, whole=frozenset({Kind.JOB}))

    said = broken_clauses("reports_what_it_was_asked_for", source=Chatty)[
        "reports_what_it_was_asked_for"
    ]
    assert "reports job, which was not asked for" in said


def test_a_reread_that_keeps_silent_on_what_is_gone_is_caught() -> None:
    class Silent(ToySource):
        async def reread(self, targets: list[Target], deadline_s: float) -> Batch:  # type: ignore[override]
            return replace(await super().reread(targets, deadline_s), removed=())

    assert (
        "does not say so"
        in broken_clauses("rereads_what_it_reported", source=Silent)["rereads_what_it_reported"]
    )


def test_a_fault_of_the_wrong_kind_or_none_or_late_is_caught() -> None:
    class Careless(ToySource):
        mode = ""

        async def reached(self, deadline_s: float) -> Backend:
            fault = self.backend.fault if self.backend else ""
            if fault == "garbled" and self.mode == "raises":
                raise ValueError("what is this")
            if fault == "timeout" and self.mode == "late":
                await asyncio.sleep(deadline_s * 1.5)
            if fault == "denied" and self.mode == "none":
                return Backend()
            if fault == "denied" and self.mode == "other":
                raise SourceUnreachable("no", hint="x")
            if fault == "denied" and self.mode == "hintless":
                raise SourceUnreachable("no")
            return await super().reached(deadline_s)

    for mode, said in (
        ("raises", "garbled: it raises ValueError"),
        ("late", "timeout: it took"),
        ("none", "denied: it reports as if nothing were wrong"),
        ("other", "denied: it says unreachable"),
        ("hintless", "denied: it says unreachable"),
    ):
        Careless.mode = mode
        assert (
            said
            in broken_clauses("faults_are_told_in_time", source=Careless)["faults_are_told_in_time"]
        )


def test_a_contract_test_without_broken_backends_is_told_what_is_missing() -> None:
    said = broken_clauses("faults_are_told_in_time", faults={})["faults_are_told_in_time"]
    assert "how to open a source that is unreachable is not given" in said


def test_a_poll_that_does_not_let_itself_be_cancelled_is_caught() -> None:
    class Stubborn(ToySource):
        async def poll(self, kinds: frozenset[Kind], deadline_s: float) -> Batch:
            try:
                await asyncio.sleep(0 if deadline_s < 60 else 0.3)
            except asyncio.CancelledError:
                await asyncio.sleep(0.25)
                raise
            return await super().poll(kinds, deadline_s)

    assert (
        "ms to end"
        in broken_clauses("cancelling_stops_at_once", source=Stubborn)["cancelling_stops_at_once"]
    )


@pytest.mark.parametrize("how", ["print", "child", "descriptor"])
def test_printing_is_caught_however_it_is_done(how: str) -> None:
    def speak() -> None:
        if how == "print":
            sys.stdout.write("loud")
        elif how == "child":
            subprocess.run(["echo", "loud"], check=True)
        else:
            os.write(1, b"loud")

    class Loud(ToySource):
        async def poll(self, kinds: frozenset[Kind], deadline_s: float) -> Batch:
            speak()
            return await super().poll(kinds, deadline_s)

    assert (
        "prints loud"
        in broken_clauses("nothing_goes_to_stdout", source=Loud)["nothing_goes_to_stdout"]
    )


def test_a_secret_that_shows_is_caught() -> None:
    class Leaky(ToySource):
        def __repr__(self) -> str:
            token = self._settings.options.get("token")
            return f"Leaky({token.reveal()})" if token else "Leaky()"

    assert "shows" in broken_clauses("secrets_stay_secret", source=Leaky)["secrets_stay_secret"]


def _drafting(change: Callable[[Draft, ActionRequest], Draft]) -> type[ToyDrain]:
    class Changed(ToyDrain):
        def draft(self, request: ActionRequest) -> Draft:
            return change(super().draft(request), request)

    return Changed


def _said_to_be_so(draft: Draft, left: int) -> Draft:
    so = (Refusal(target=step.target, why="so", already=True) for step in draft.steps[left:])
    return Draft(steps=draft.steps[:left], refusals=(*draft.refusals, *so))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda draft, request: Draft(steps=draft.steps), "neither plans nor refuses"),
        (
            lambda draft, request: Draft(
                steps=tuple(replace(step, id="same") for step in draft.steps),
                refusals=draft.refusals,
            ),
            "two steps have one id",
        ),
        (
            lambda draft, request: Draft(
                steps=tuple(replace(step, call=()) for step in draft.steps),
                refusals=draft.refusals,
            ),
            "shows no call",
        ),
        (
            lambda draft, request: Draft(
                steps=draft.steps, refusals=tuple(replace(r, why=" ") for r in draft.refusals)
            ),
            "refused without saying why",
        ),
        (lambda draft, request: _said_to_be_so(draft, 1), "is called as asked already, and is not"),
        (lambda draft, request: _said_to_be_so(draft, 0), "is called as asked already, and is not"),
        (
            lambda draft, request: Draft(steps=(*draft.steps, _on_gone(draft, request))),
            "would act on a thing that is gone",
        ),
    ],
)
def test_a_draft_that_is_not_as_it_should_be_is_caught(
    change: Callable[[Draft, ActionRequest], Draft], said: str
) -> None:
    broken = broken_clauses("plans_are_pure_and_send_nothing", action=_drafting(change))
    assert said in broken["plans_are_pure_and_send_nothing"]


def _on_gone(draft: Draft, request: ActionRequest) -> Step:
    return replace(draft.steps[0], id="gone", target=request.targets[-1])


def test_planning_that_touches_the_backend_is_caught() -> None:
    def ask(draft: Draft, request: ActionRequest) -> Draft:
        subprocess.run(["true"], check=True)
        return draft

    broken = broken_clauses("plans_are_pure_and_send_nothing", action=_drafting(ask))
    assert "subprocess.Popen" in broken["plans_are_pure_and_send_nothing"]


def test_sending_something_else_than_what_was_shown_is_caught() -> None:
    class Sly(ToyDrain):
        async def run(self, source: Source, step: Step, deadline_s: float) -> Outcome:
            assert isinstance(source, ToySource)
            outcome = await super().run(source, step, deadline_s)
            assert source.backend
            source.backend.calls[-1] = ("kill", step.target.name)
            return outcome

    said = broken_clauses("what_is_shown_is_what_is_sent", action=Sly)[
        "what_is_shown_is_what_is_sent"
    ]
    assert "sends [('kill', 'n1')]" in said


def test_a_close_that_fails_is_caught() -> None:
    class Stuck(ToySource):
        async def close(self) -> None:
            raise RuntimeError("never opened")

    assert (
        "never opened"
        in broken_clauses("closes_whatever_happened", source=Stuck)["closes_whatever_happened"]
    )


def _by_words(results: tuple[ClauseResult, ...]) -> dict[str, ClauseResult]:
    return {clause.__name__: result for clause, result in zip(CLAUSES, results, strict=True)}


def test_checking_without_a_backend_says_what_could_not_be_checked() -> None:
    results = _by_words(check_plugin(toy.plugin, environ={}))
    assert all(result.ok for result in results.values())
    assert results["faults_are_told_in_time"].checked
    assert not results["keys_are_unique"].checked
    assert results["keys_are_unique"].detail == "not checked: no backend is at hand"


def test_checking_a_plugin_that_crashes_without_its_backend_tells_it() -> None:
    class Crashing(ToySource):
        async def poll(self, kinds: frozenset[Kind], deadline_s: float) -> Batch:
            raise KeyError("url")

    crashing = Plugin(name="toy", summary="A toy.", open=Crashing)
    results = _by_words(check_plugin(crashing, environ={}))
    assert "it raises KeyError" in results["faults_are_told_in_time"].detail


def test_a_plugin_with_a_required_option_can_be_checked() -> None:
    needy = Plugin(
        name="toy",
        summary="A toy.",
        open=ToySource,
        options=(Option(name="url", summary="Where.", required=True),),
    )
    assert all(result.ok for result in check_plugin(needy, environ={}))


def test_the_kit_needs_no_pytest() -> None:
    script = "import sys, andon.sdk.testing; sys.exit('pytest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0
