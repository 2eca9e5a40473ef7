"""A small factory that never changes by itself, and a backend that serves it from memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from msgspec.structs import replace
from textual.pilot import Pilot

from andon.model import (
    Accelerator,
    AcceleratorState,
    Batch,
    Intent,
    Job,
    JobState,
    Kind,
    Node,
    NodeState,
    Outcome,
    Plan,
    Queue,
    QueueState,
    Record,
    Refusal,
    Result,
    Site,
    SourceState,
    SourceStatus,
    Step,
    Target,
    Tenant,
    Tier,
    WorkClass,
)
from andon.runtime.planning import NothingToDo
from andon.sdk.errors import UsageError
from andon.store import Snapshot
from andon.tui.app import AndonApp, Tempo
from andon.tui.backend import Chosen, Report, Verb
from andon.tui.keys import KEYS, Key
from andon.tui.theme import Themes, load_themes
from andon.tui.widgets.bars import Bar
from andon.views.state import ViewState
from tests.tui.verbs import EFFECTS, VERBS

NOW = 1_760_000_000.0
SITE = "par1"
SOURCE = "slurm@par1"


def nodes(count: int = 12) -> list[Node]:
    states = [NodeState.MIXED, NodeState.ALLOCATED, NodeState.IDLE, NodeState.DRAINED]
    return [
        Node(
            site=SITE,
            name=f"gpu-{number:03d}",
            cluster="main",
            state=NodeState.DOWN if number == 7 else states[number % 4],
            reason="NHC: ib link down" if number % 4 == 3 or number == 7 else None,
            reason_by="root" if number % 4 == 3 else None,
            queues=("train", "infer"),
            cpus_total=128,
            cpus_allocated=16 * (number % 8),
            memory_total_bytes=1024 * 2**30,
            memory_allocated_bytes=(number % 8) * 100 * 2**30,
            gpus_total=8,
            gpus_allocated=number % 9,
            gpu_model="H100",
        )
        for number in range(1, count + 1)
    ]


def accelerators(count: int = 12) -> list[Accelerator]:
    states = [AcceleratorState.BUSY, AcceleratorState.FREE, AcceleratorState.IDLE_HELD]
    return [
        Accelerator(
            site=SITE,
            node=f"gpu-{number:03d}",
            index=index,
            uuid=f"GPU-{number:03d}-{index}",
            vendor="NVIDIA",
            model="H100",
            state=states[(number + index) % 3],
            utilization_percent=float((number * 7 + index * 13) % 101),
            memory_total_bytes=80 * 2**30,
            memory_used_bytes=(number + index) % 80 * 2**30,
            temperature_celsius=40.0 + index,
            power_draw_watts=300.0 + 10 * index,
        )
        for number in range(1, count + 1)
        for index in range(8)
    ]


def jobs(count: int = 40) -> list[Job]:
    users = ["ada", "grace", "edsger"]
    return [
        Job(
            site=SITE,
            cluster="main",
            id=str(1000 + number),
            name=f"train-llm-{number}",
            user=users[number % 3],
            tenant=["physics", "energy"][number % 2],
            queue="train",
            state=JobState.RUNNING if number % 3 else JobState.PENDING,
            reason=None if number % 3 else "Priority",
            work=WorkClass.TRAINING,
            priority=10_000 - number,
            submitted_at=NOW - 7200 - number,
            started_at=NOW - 3700 - number if number % 3 else None,
            time_limit_seconds=86_400,
            nodes=(f"gpu-{1 + number % 12:03d}",) if number % 3 else (),
            gpus=8,
        )
        for number in range(count)
    ]


def batch(records: Sequence[Record], *, at: float = NOW, source: str = SOURCE) -> Batch:
    kinds = frozenset(record.kind for record in records)
    return Batch(source=source, observed_at=at, records=tuple(records), whole=kinds)


def status(
    name: str = SOURCE, state: SourceState = SourceState.LIVE, **more: object
) -> SourceStatus:
    fields: dict[str, object] = {
        "plugin": "slurm",
        "site": SITE,
        "kinds": (Kind.NODE, Kind.JOB),
        "verbs": ("node.drain", "job.cancel"),
        "interval_seconds": 10.0,
        "observed_at": NOW - 3,
        "latency_seconds": 0.2,
        "identity": "ada (Operator)",
    }
    return SourceStatus(name=name, state=state, **(fields | more))  # type: ignore[arg-type]


def reports(job_count: int = 40, node_count: int = 12) -> list[Report]:
    return [
        status(),
        batch(
            [
                Site(site=SITE, region="FR", jurisdiction="EU"),
                *nodes(node_count),
                *accelerators(node_count),
                *jobs(job_count),
                Queue(site=SITE, cluster="main", name="train", state=QueueState.OPEN,
                      nodes_total=12, gpus_total=96),
                Tenant(site=SITE, cluster="main", name="physics", sector="science", gpus_limit=64),
                Tenant(site=SITE, cluster="main", name="energy", sector="energy", gpus_limit=32),
            ]
        ),
    ]  # fmt: skip


class MemoryBackend:
    """Serves what a test puts in and remembers what it was asked for."""

    def __init__(self, reports: Sequence[Report] = (), *, armed: bool = True) -> None:
        self.identity = "ada@login1"
        self.read_only_why = None if armed else "read-only: start with andon --write to act"
        self.collector_trouble = ""
        self.queue: asyncio.Queue[Report | None] = asyncio.Queue()
        for report in reports:
            self.queue.put_nowait(report)
        self.interests: list[frozenset[Kind]] = []
        self.refreshed = 0
        self.reread_keys: list[list[str]] = []
        self.planned_on: list[Snapshot] = []
        self.answered_at = NOW
        self.refused: dict[str, str] = {}
        self.already: dict[str, str] = {}
        self.planned: list[Intent] = []
        self.launched: list[Plan] = []
        self.outcomes: list[Outcome] = []
        self.hold_outcomes = asyncio.Event()
        self.hold_outcomes.set()
        self.raw_text: Callable[[], str] = lambda: "NodeName=gpu-001 State=MIXED"
        self.raw_gate = asyncio.Event()
        self.raw_gate.set()
        self.tier = Tier.REVERSIBLE
        self.result = Result.CONFIRMED
        """What comes of every step."""
        self.closed = False

    async def start(self) -> None:
        return

    async def messages(self) -> AsyncIterator[Report]:
        while (report := await self.queue.get()) is not None:
            yield report

    def interest(self, kinds: frozenset[Kind]) -> None:
        self.interests.append(kinds)

    def refresh(self) -> None:
        self.refreshed += 1

    def reread(self, targets: Sequence[Target]) -> None:
        self.reread_keys.append([target.key for target in targets])

    async def unsettled(self) -> tuple[Outcome, ...]:
        return ()

    async def raw(self, snapshot: Snapshot, kind: Kind, key: str) -> str:
        await self.raw_gate.wait()
        return self.raw_text()

    def verbs(self, snapshot: Snapshot, kind: Kind, keys: Sequence[str]) -> Sequence[Verb]:
        return VERBS.get(kind, ())

    def choose(self, snapshot: Snapshot, verb: str, keys: Sequence[str]) -> Chosen:
        kind = Kind(verb.partition(".")[0])
        found = [offered for offered in VERBS.get(kind, ()) if offered.name == verb]
        if not found:
            raise UsageError(f"no source at hand can do {verb}")
        knowing = {key: name for name, said in snapshot.of(kind).items() for key in said.records}
        targets = [
            Target(kind=kind, key=key, name=key.rpartition("/")[2], site=SITE,
                   source=knowing.get(key, SOURCE))
            for key in keys
        ]  # fmt: skip
        return Chosen(found[0], tuple(targets))

    def plan(
        self, intent: Intent, refusals: Sequence[Refusal], snapshot: Snapshot, now: float
    ) -> tuple[Plan, ...]:
        if why := self.refused.get(intent.verb):
            raise NothingToDo([Refusal(target=one, why=why) for one in intent.targets])
        refusals = [*refusals, *self._as_asked(intent.targets)]
        left = tuple(one for one in intent.targets if one.key not in self.already)
        if not left:
            raise NothingToDo(refusals)
        intent = replace(intent, targets=left)
        self.planned.append(intent)
        self.planned_on.append(snapshot)
        tier = max(self.tier, Tier.DISRUPTIVE if len(intent.targets) > 1 else Tier.REVERSIBLE)
        steps = tuple(
            Step(
                id=str(number),
                verb=intent.verb,
                target=target,
                call=("scontrol", "update", f"NodeName={target.name}", f"Reason={intent.reason}"),
                promise="drained",
            )
            for number, target in enumerate(intent.targets, 1)
        )
        effect = EFFECTS[intent.verb]
        return (
            Plan(
                id="20251009T000000-aa",
                verb=intent.verb,
                title=f"{effect.value.replace('-', ' ').capitalize()} on {len(steps)} things",
                effect=effect,
                effect_text="2 jobs keep running, the last ends 14:20",
                tier=tier,
                steps=steps,
                refusals=tuple(refusals),
                reason=intent.reason,
                actor=intent.actor,
                created_at=now,
                expires_at=now + 300,
            ),
        )

    def _as_asked(self, targets: Sequence[Target]) -> list[Refusal]:
        so = [(one, self.already[one.key]) for one in targets if one.key in self.already]
        return [Refusal(target=one, why=why, already=True) for one, why in so]

    async def launch(self, plan: Plan) -> AsyncIterator[Outcome]:
        self.launched.append(plan)
        for step in plan.steps:
            await self.hold_outcomes.wait()
            yield Outcome(step=step.id, target=step.target, result=self.result,
                          at=self.answered_at)  # fmt: skip

    async def close(self) -> None:
        self.closed = True
        self.queue.put_nowait(None)


@dataclass
class Console:
    """A running console under test."""

    app: AndonApp
    pilot: Pilot[None]
    backend: MemoryBackend

    async def settle(self) -> None:
        """Wait until nothing is left to do."""
        for _ in range(3):
            await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def type(self, text: str) -> None:
        await self.pilot.press(*(_NAMES.get(character, character) for character in text))
        await self.settle()

    async def tell(self, *reports: Report) -> None:
        """Let sources say something and wait until it is on the screen."""
        for report in reports:
            self.backend.queue.put_nowait(report)
        for _ in range(500):
            await self.settle()
            if self.backend.queue.empty() and not self.app.drawing.is_due:
                break
        await self.settle()

    def text(self) -> str:
        """Return the screen as text."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)

    def line(self, words: str) -> str:
        """Return the first line of the screen that holds some words."""
        return next((line for line in self.text().split("\n") if words in line), "")

    def bar(self, name: str) -> str:
        """Return what a bar says."""
        bar: Bar = self.app.main.bars[name]
        return "\n".join("".join(part.text for part in line) for line in bar.lines)

    def toasts(self) -> list[str]:
        """Return the messages shown."""
        return [notification.message for notification in self.app._notifications]


_NAMES = {" ": "space", "=": "equals_sign", "/": "slash", "-": "minus", "_": "underscore",
          "(": "left_parenthesis", ">": "greater_than_sign", "!": "exclamation_mark",
          ",": "comma", ".": "full_stop", "~": "tilde", "[": "left_square_bracket",
          "]": "right_square_bracket", "@": "at", ":": "colon"}  # fmt: skip


@asynccontextmanager
async def console(
    *said: Report,
    size: tuple[int, int] = (120, 40),
    armed: bool = True,
    view: str = "nodes",
    clock: Callable[[], float] = lambda: NOW,
    registry: tuple[Key, ...] = KEYS,
    themes: Themes | None = None,
    theme: str | None = None,
    deaf_seconds: float = 0.0,
    filter_seconds: float = 0.0,
    backend: MemoryBackend | None = None,
) -> AsyncIterator[Console]:
    """Run a console over the small factory, or over what is given."""
    backend = backend or MemoryBackend(said or reports(), armed=armed)
    app = AndonApp(
        backend=backend,
        themes=themes or load_themes(),
        theme_name=theme,
        start=ViewState(view=view),
        clock=clock,
        registry=registry,
        tempo=Tempo(
            deaf_seconds=deaf_seconds,
            filter_seconds=filter_seconds,
            redraw_seconds=0.0,
            tick_seconds=0.0,
            unheard_seconds=60.0,
        ),
    )
    async with app.run_test(size=size, notifications=True) as pilot:
        running = Console(app, pilot, backend)
        await running.tell()
        yield running
