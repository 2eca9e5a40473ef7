"""A plugin whose sources misbehave on demand, for collectors that run in their own process.

What a source does is in its options: `does` names the behaviour, `count` how many jobs it has.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
import threading
from pathlib import Path
from typing import Any

from andon.sdk import Batch, Job, JobState, Kind, Option, Plugin, Source, SourceSettings

FOREVER_S = 3600.0


class FakeSource(Source):
    """Reports `count` jobs, of which `changing` per cent change with every poll."""

    def __init__(self, settings: SourceSettings) -> None:
        self.name = settings.name
        self.site = settings.site
        self._options: dict[str, Any] = dict(settings.options)
        self._clock = settings.clock
        self._polls = 0
        self.intervals_seconds = {Kind.JOB: float(self._options.get("every") or 10.0)}

    async def poll(self, kinds: frozenset[Kind], deadline_s: float) -> Batch:
        self._polls += 1
        await getattr(self, "_" + str(self._options.get("does") or "report"))()
        return Batch(
            source=self.name,
            observed_at=self._clock(),
            records=tuple(self._job(number) for number in range(self._options.get("count") or 1)),
            whole=kinds,
        )

    def _job(self, number: int) -> Job:
        changing = self._options.get("changing") or 0
        turn = self._polls if number % 100 < changing else 0
        return Job(
            site=self.site,
            id=str(1_000_000 + number),
            cluster="c",
            uid=f"c/{number}/1700000000",
            name=f"train-llm-{number % 500}",
            user=f"user{number % 90}",
            tenant=f"tenant{number % 25}",
            queue=f"queue{number % 9}",
            state=JobState.RUNNING if number % 3 else JobState.PENDING,
            backend_state="RUNNING",
            reason="None" if number % 3 else "Priority",
            priority=number + turn,
            submitted_at=1_700_000_000.0 + number,
            started_at=1_700_000_100.0 + number,
            time_limit_seconds=86_400,
            nodes=(f"gpu{number % 999:04}", f"gpu{(number + 1) % 999:04}"),
            nodes_count=2,
            cpus=128,
            memory_bytes=1 << 39,
            gpus=16,
        )

    async def _report(self) -> None:
        """Just report."""

    async def _print(self) -> None:
        """Write to stdout in every way there is."""
        sys.stdout.write("rubbish on stdout\n")
        sys.stdout.flush()
        os.write(1, b"rubbish on descriptor 1\n")
        sys.stderr.write("a word on stderr \x1b[31m\n")
        sys.stderr.flush()

    async def _die(self) -> None:
        """End the process as a native fault would."""
        await asyncio.sleep(0)
        ctypes.string_at(0)

    async def _block(self) -> None:
        """Hold the loop."""
        threading.Event().wait(FOREVER_S)

    async def _hang(self) -> None:
        """Never answer, but let the loop turn."""
        await asyncio.Event().wait()

    async def _unfit(self) -> None:
        """Say what cannot be sent."""
        self._options["count"] = 0
        self.site = 7  # type: ignore[assignment]
        self._options["count"] = 1

    async def _count(self) -> None:
        """Leave a byte in the marker file with every poll."""
        append(self._options["marker"])

    async def _quarrel(self) -> None:
        """End the process the first time, as the marker file tells."""
        if append(self._options["marker"]) == 1:
            ctypes.string_at(0)


def append(path: str) -> int:
    """Add a byte to a file; return its size then."""
    with Path(path).open("ab") as file:
        file.write(b".")
        return file.tell()


def _open(settings: SourceSettings) -> Source:
    if settings.options.get("does") == "refuse":
        raise ValueError("cannot be opened")
    return FakeSource(settings)


plugin = Plugin(
    name="fake",
    summary="Misbehaves on demand",
    open=_open,
    options=(
        Option(name="does", summary="what it does", default="report"),
        Option(name="count", summary="how many jobs", type="integer"),
        Option(name="changing", summary="per cent of the jobs that change", type="integer"),
        Option(name="every", summary="seconds between polls", type="number"),
        Option(name="marker", summary="a file that says it has happened", type="path"),
    ),
)
