"""A plugin whose backend is hostile: every text that it hands on tries to drive the terminal.

Installed for tests only, by a path and an entry point. It imports the sdk and nothing else of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_type_hints

from andon.sdk import (
    Accelerator,
    AcceleratorState,
    Action,
    ActionRequest,
    Batch,
    Coverage,
    Draft,
    Effect,
    Event,
    Incident,
    Job,
    JobState,
    Kind,
    Node,
    NodeState,
    Option,
    Outcome,
    Plugin,
    Queue,
    QueueState,
    Record,
    Refusal,
    Result,
    Site,
    Source,
    SourceDenied,
    SourceGarbled,
    SourceSettings,
    Step,
    Target,
    Tenant,
    Tier,
    clean,
)

PAYLOADS = (
    "\x1b]0;pwned-title\x07",
    "\x1b]52;c;cHduZWQ=\x1b\\pwned-clip",
    "\x1b[2Jpwned-clear\x1b[31;5m",
    "\x9b2Jpwned-c1\x9d0;t\x9c",
    "\x1bPpwned-dcs\x1b\\\x1b_pwned-apc\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\\x1bc",
    "[@click=app.quit]pwned-click[/]",
    "[@click=screen.press('back')]pwned[/] [@click=app.bell()]x[/]",
    "[/pwned-close] [bold]open",
    "[link=http://pwned.example]l[/link] $text-success [on red]",
    "\u202epwned-bidi\u2066\u2069\u200b\ufeff\u2028\u2029",
    "two\nlines\rpwned-cr\ttab\x0b\x0c\x08\x08\x7f\x00",
    "|,;:\x1e\x1f\x01pwned-field\x02\x03\udcff\ud800",
    "pwned-long" * 1_000,
    "-all --pwned; rm -rf / `id` $(id) '\"\\",
    "=cmd|'/c calc'!A0 pwned-formula",
    "\U000e0041\U0010ffff\ue000pwned-private e\u0301\u0301\u0301\u0301\u0301 漢字",
    "🏴\u200d☠\ufe0f pwned-emoji ﷽",
)
_KINDS: Mapping[Kind, type[Record]] = {
    Kind.SITE: Site,
    Kind.NODE: Node,
    Kind.ACCELERATOR: Accelerator,
    Kind.JOB: Job,
    Kind.QUEUE: Queue,
    Kind.TENANT: Tenant,
    Kind.INCIDENT: Incident,
    Kind.EVENT: Event,
}
_PLAIN: Mapping[str, Any] = {
    "gpus_total": 8,
    "gpus_allocated": 3,
    "gpus": 1,
    "jobs_pending": 2,
    "power_draw_watts": 300.0,
    "utilization_percent": 40.0,
}
_STATES: Mapping[Kind, Sequence[Any]] = {
    Kind.NODE: (NodeState.MIXED, NodeState.DOWN, NodeState.DRAINED),
    Kind.ACCELERATOR: (AcceleratorState.BUSY, AcceleratorState.FAULTY),
    Kind.JOB: (JobState.RUNNING, JobState.PENDING),
    Kind.QUEUE: (QueueState.OPEN, QueueState.STOPPED),
}


class EvilSource(Source):
    """Reports hostile texts in every field of every kind, or fails with hostile words."""

    def __init__(self, settings: SourceSettings) -> None:
        self.name = settings.name
        self.site = settings.site
        self.intervals_seconds = dict.fromkeys(_KINDS, 2.0)
        self._mode = str(settings.options["mode"])
        self._clock = settings.clock

    async def poll(self, kinds: frozenset[Kind], deadline_s: float) -> Batch:
        """Report, or raise."""
        message = "; ".join(PAYLOADS)
        if self._mode == "denied":
            raise SourceDenied(message, hint=message)
        if self._mode == "garbled":
            raise SourceGarbled(message, hint=message)
        if self._mode == "crash":
            raise RuntimeError(message)
        records = [
            self._record(kind, index)
            for kind in kinds
            if kind in _KINDS
            for index in _numbers(kind)
        ]
        return Batch(
            source=self.name,
            observed_at=self._clock(),
            records=tuple(records),
            whole=kinds & frozenset(_KINDS),
            observed=kinds & frozenset(_KINDS),
            coverage=(
                Coverage(kind=Kind.NODE, reported=3, expected=4, note=self._said(PAYLOADS[0])),
            ),
            identity=self._said(PAYLOADS[3] + PAYLOADS[7]),
            version=self._said(PAYLOADS[2]),
        )

    async def raw(self, target: Target, deadline_s: float) -> str:
        """Return everything there is, uncleaned, as the contract wants it."""
        return "\n".join(PAYLOADS) + "\r\n\x1b]0;pwned-raw\x07\n"

    def _said(self, text: str) -> str:
        """Return a text as a careful plugin hands it on, or as a careless one does."""
        return text.encode("utf-8", "replace").decode() if self._mode == "dirty" else clean(text)

    def _record(self, kind: Kind, index: int) -> Record:
        made: dict[str, Any] = {}
        shape = _KINDS[kind]
        for name, hint in get_type_hints(shape).items():
            text = self._said(PAYLOADS[index])
            if name in _PLAIN:
                made[name] = _PLAIN[name]
            elif hint == tuple[str, ...]:
                made[name] = (text,)
            elif hint is str or str in get_args(hint):
                made[name] = text
        made["site"] = self.site
        if kind in _STATES:
            made["state"] = _STATES[kind][index % len(_STATES[kind])]
        if kind is Kind.EVENT:
            made["at"] = self._clock()
        for name in ("object_kind", "object_key"):
            made.pop(name, None)
        return shape(**made)


def _numbers(kind: Kind) -> range:
    return range(1 if kind is Kind.SITE else len(PAYLOADS))


class EvilAction(Action):
    """Refuses half of what it is asked for, and says hostile things of the rest."""

    label = "[/pwned] stop"
    effect = Effect.STOP_NEW_WORK
    tier = Tier.REVERSIBLE
    needs_reason = True

    def draft(self, request: ActionRequest) -> Draft:
        """Plan a call that holds what is hostile and can be shown, refuse some targets."""
        kept = [target for target in request.targets if len(target.name) % 3]
        words = [text for text in PAYLOADS if clean(text) == text]
        return Draft(
            steps=tuple(
                Step(
                    id=target.key,
                    verb=request.verb,
                    target=target,
                    call=("evil", "--", target.name, request.reason, *words),
                    promise=PAYLOADS[0],
                )
                for target in kept
            ),
            refusals=tuple(
                Refusal(target=target, why=f"no: {PAYLOADS[1]}")
                for target in request.targets
                if target not in kept
            ),
            warnings=(PAYLOADS[0], PAYLOADS[3], PAYLOADS[7]),
        )

    async def run(self, source: Source, step: Step, deadline_s: float) -> Outcome:
        """Fail with hostile words."""
        message = "; ".join((PAYLOADS[7], *PAYLOADS))
        return Outcome(
            step=step.id, target=step.target, result=Result.FAILED, message=message,
            observed=message, at=1.0,
        )  # fmt: skip

    def holds(self, step: Step, record: Record | None) -> bool:
        """Never."""
        return False


class EvilDrain(EvilAction):
    """On nodes."""

    verb = "node.drain"
    kind = Kind.NODE


class EvilCancel(EvilAction):
    """On jobs."""

    verb = "job.cancel"
    kind = Kind.JOB


plugin = Plugin(
    name="evil",
    summary="a hostile backend",
    open=EvilSource,
    options=(
        Option(
            name="mode",
            summary="how it is hostile",
            type="choice",
            default="clean",
            choices=("clean", "dirty", "denied", "garbled", "crash"),
        ),
    ),
    actions=(EvilDrain(), EvilCancel()),
)
