"""What the link says of a collector that ended or is silent, for as long as it holds."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from andon.model import Batch
from andon.runtime.link import FeedLink
from tests.unit.runtime_feed.test_link import DEADLINE_S, FAKES, REPOSITORY
from tests.unit.runtime_feed.things import spec


@asynccontextmanager
async def followed(home: Path) -> AsyncIterator[tuple[FeedLink, asyncio.Queue[str]]]:
    """Run a link whose troubles at each report, and at each second between, go into a queue."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(REPOSITORY)}
    link = FeedLink([spec("a")], plugins=[FAKES], environ=environ)
    said: asyncio.Queue[str] = asyncio.Queue()
    await link.start()

    async def read() -> None:
        async for report in link.messages():
            if isinstance(report, Batch) or link.condition.trouble:
                said.put_nowait(link.condition.trouble)

    task = asyncio.create_task(read())
    try:
        async with asyncio.timeout(DEADLINE_S):
            yield link, said
    finally:
        await link.close()
        await asyncio.wait_for(task, DEADLINE_S)


async def until(said: asyncio.Queue[str], wanted: str) -> None:
    while await said.get() != wanted:
        pass


async def test_a_collector_that_was_killed_is_told_until_the_next_one_brings_data(
    tmp_path: Path,
) -> None:
    async with followed(tmp_path) as (link, said):
        await until(said, "")
        assert link.pid
        os.kill(link.pid, signal.SIGKILL)
        await until(said, "collector ended, restarting")
        await until(said, "")
        assert link.pid


async def test_a_collector_that_stands_still_is_told_with_how_long(tmp_path: Path) -> None:
    async with followed(tmp_path) as (link, said):
        await until(said, "")
        assert link.pid
        os.kill(link.pid, signal.SIGSTOP)
        while link.condition.trouble != "collector silent for 4s":  # noqa: ASYNC110 - only time passes
            await asyncio.sleep(0.05)
        os.kill(link.pid, signal.SIGCONT)
        while link.condition.trouble:  # noqa: ASYNC110 - the next beat comes with no report
            await asyncio.sleep(0.05)
