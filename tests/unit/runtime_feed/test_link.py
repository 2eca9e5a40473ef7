"""The collector in a process of its own, killed, stopped and garbled."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from andon.model import Batch, FaultKind, Kind, Site, SourceState, SourceStatus
from andon.runtime.config_records import SiteConfig
from andon.runtime.feed import PluginPath, Report
from andon.runtime.link import FeedLink
from andon.runtime.registry import Registry
from andon.runtime.sources import SourceSpec
from tests.unit.runtime_feed.things import spec

REPOSITORY = Path(__file__).parents[3]
FAKES = PluginPath(name="fake", target="tests.unit.runtime_feed.fakes:plugin")
DEADLINE_S = 30.0


class Console:
    """A reader of the link that remembers what it got."""

    def __init__(self, link: FeedLink) -> None:
        self.link = link
        self.batches: dict[str, list[Batch]] = {}
        self.statuses: dict[str, list[SourceStatus]] = {}
        self.reports: list[Report] = []
        self.news = asyncio.Event()

    async def read(self) -> None:
        async for report in self.link.messages():
            self.reports.append(report)
            if isinstance(report, Batch):
                self.batches.setdefault(report.source, []).append(report)
            elif isinstance(report, SourceStatus):
                self.statuses.setdefault(report.name, []).append(report)
            self.news.set()

    async def until(self, seen: Callable[[], object]) -> None:
        """Read on until `seen()`."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not seen():
                    self.news.clear()
                    await self.news.wait()
        except TimeoutError:
            said = "\n".join(map(str, [*self.reports[-8:], *self.link.diagnostics]))
            pytest.fail(f"it never came; last reports and words:\n{said}")

    def state(self, source: str) -> SourceState | None:
        statuses = self.statuses.get(source)
        return statuses[-1].state if statuses else None

    def message(self, source: str) -> str:
        fault = self.statuses[source][-1].fault
        return fault.message if fault else ""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    paths = [str(REPOSITORY), os.environ.get("PYTHONPATH", "")]
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@asynccontextmanager
async def console(
    environ: dict[str, str], *specs: SourceSpec, **options: object
) -> AsyncIterator[Console]:
    link = FeedLink(specs, plugins=[FAKES], environ=environ, **options)  # type: ignore[arg-type]
    await link.start()
    reader = Console(link)
    task = asyncio.create_task(reader.read())
    try:
        yield reader
    finally:
        await link.close()
        await asyncio.wait_for(task, DEADLINE_S)


async def test_batches_and_statuses_arrive_typed_and_whole(environ: dict[str, str]) -> None:
    async with console(environ, spec("a", count=5000), spec("b")) as screen:
        assert [status.name for status in (await first(screen, 2))] == ["a", "b"]
        await screen.until(lambda: screen.state("a") == screen.state("b") == SourceState.LIVE)
        (batch,) = screen.batches["a"]
        assert len(batch.records) == 5000
        assert batch.records[0].kind is Kind.JOB
        assert batch.whole == {Kind.JOB}
        pid = screen.link.pid
        assert pid
        assert os.getpgid(pid) == pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def first(screen: Console, count: int) -> list[SourceStatus]:
    await screen.until(lambda: len(screen.reports) >= count)
    return [report for report in screen.reports[:count] if isinstance(report, SourceStatus)]


async def test_only_changes_travel_after_the_first_batch(environ: dict[str, str]) -> None:
    async with console(environ, spec("a", count=1000, changing=2, every=0.05)) as screen:
        await screen.until(lambda: len(screen.batches.get("a", ())) >= 2)
        batch = screen.batches["a"][1]
        assert not batch.whole
        assert batch.observed == {Kind.JOB}
        assert {len(batch.records) % 10, len(batch.records) // 10} == {0, 2}


async def test_what_plugins_print_never_garbles_the_feed(environ: dict[str, str]) -> None:
    async with console(environ, spec("a", does="print")) as screen:
        await screen.until(lambda: screen.state("a") is SourceState.LIVE)
        await screen.until(lambda: len(screen.link.diagnostics) >= 3)
        assert set(screen.link.diagnostics) == {
            "rubbish on stdout",
            "rubbish on descriptor 1",
            "a word on stderr ␛[31m",
        }


async def test_a_source_that_cannot_be_opened_is_down_beside_the_others(
    environ: dict[str, str],
) -> None:
    async with console(environ, spec("a", does="refuse"), spec("b")) as screen:
        await screen.until(lambda: screen.state("b") is SourceState.LIVE)
        await screen.until(lambda: screen.state("a") is SourceState.DOWN)
        assert "cannot be opened" in screen.message("a")


async def test_a_record_of_a_wrong_type_is_a_fault_and_not_a_garbled_feed(
    environ: dict[str, str],
) -> None:
    async with console(environ, spec("a", does="unfit"), spec("b")) as screen:
        await screen.until(lambda: screen.state("a") is SourceState.DOWN)
        assert "reported a job" in screen.message("a")
        await screen.until(lambda: screen.state("b") is SourceState.LIVE)


async def test_what_the_configuration_knows_of_a_site_is_added_in_the_collector(
    environ: dict[str, str],
) -> None:
    registry = Registry(sites=(SiteConfig(name="lab", jurisdiction="FR"),))
    async with console(environ, spec("a"), registry=registry) as screen:
        await screen.until(lambda: screen.batches.get("a"))
        assert Site(site="lab", jurisdiction="FR") in screen.batches["a"][0].records


async def test_a_killed_collector_is_started_again_and_the_data_stays(
    environ: dict[str, str],
) -> None:
    async with console(environ, spec("a")) as screen:
        await screen.until(lambda: screen.state("a") is SourceState.LIVE)
        before = screen.link.pid
        assert before
        os.kill(before, signal.SIGKILL)
        await screen.until(lambda: screen.state("a") is SourceState.STALE)
        status = screen.statuses["a"][-1]
        assert "killed by SIGKILL" in screen.message("a")
        assert status.observed_at == screen.batches["a"][0].observed_at
        assert status.fault
        assert status.fault.retry_at
        await screen.until(lambda: screen.state("a") is SourceState.LIVE)
        assert screen.link.pid not in (None, before)
        assert len(screen.batches["a"]) == 2


async def test_a_plugin_that_ends_the_collector_twice_is_quarantined_and_others_go_on(
    environ: dict[str, str],
) -> None:
    async with console(environ, spec("bad", does="die"), spec("good")) as screen:
        await screen.until(lambda: screen.state("bad") is SourceState.QUARANTINED)
        await screen.until(lambda: screen.state("good") is SourceState.LIVE)
        assert "SIGSEGV" in screen.message("bad")
        pid = screen.link.pid
        screen.link.refresh()
        await screen.until(lambda: screen.state("bad") is not SourceState.QUARANTINED)
        await screen.until(lambda: screen.link.pid not in (None, pid))


async def test_a_source_that_is_taken_back_is_polled_again(
    environ: dict[str, str], tmp_path: Path
) -> None:
    marker = tmp_path / "marker"
    source = spec("a", does="quarrel", marker=str(marker))
    async with console(environ, source, spec("b")) as screen:
        await screen.until(lambda: screen.state("a") is SourceState.LIVE)
        assert any("SIGSEGV" in (s.fault.message if s.fault else "") for s in screen.statuses["a"])


async def test_a_plugin_that_holds_the_loop_is_found_ended_and_quarantined(
    environ: dict[str, str],
) -> None:
    async with console(environ, spec("good"), spec("stuck", does="block"), hang_s=2.0) as screen:
        await screen.until(lambda: screen.state("stuck") is SourceState.QUARANTINED)
        assert "hung in stuck" in screen.message("stuck")
        await screen.until(lambda: screen.state("good") is SourceState.LIVE)


async def test_a_source_that_never_answers_does_not_hold_up_another(
    environ: dict[str, str],
) -> None:
    source = spec("a", does="hang", timeout=0.2)
    async with console(environ, source, spec("b", every=0.1)) as screen:
        await screen.until(lambda: screen.state("a") is SourceState.DOWN)
        assert "no answer" in screen.message("a")
        seen = len(screen.batches["b"])
        await screen.until(lambda: len(screen.batches["b"]) > seen + 3)


async def test_a_kind_that_comes_into_view_is_polled_and_others_are_not(
    environ: dict[str, str],
) -> None:
    async with console(environ, spec("a"), interest=frozenset({Kind.NODE})) as screen:
        await screen.until(lambda: any(status.kinds for status in screen.statuses.get("a", ())))
        assert screen.state("a") is SourceState.CONNECTING
        screen.link.interest(frozenset({Kind.JOB}))
        await screen.until(lambda: screen.state("a") is SourceState.LIVE)


async def test_an_interrupt_from_the_keyboard_is_not_for_the_collector(
    environ: dict[str, str],
) -> None:
    async with console(environ, spec("a")) as screen:
        await screen.until(lambda: screen.state("a") is SourceState.LIVE)
        pid = screen.link.pid
        assert pid
        os.kill(pid, signal.SIGINT)
        screen.link.keyframe()
        await screen.until(lambda: len(screen.batches["a"]) == 2)
        assert screen.link.pid == pid


async def test_a_keyframe_on_request_brings_everything_again(environ: dict[str, str]) -> None:
    async with console(environ, spec("a", count=10)) as screen:
        await screen.until(lambda: screen.state("a") is SourceState.LIVE)
        screen.link.keyframe()
        await screen.until(lambda: len(screen.batches["a"]) == 2)
        assert screen.batches["a"][1].records == screen.batches["a"][0].records


async def test_a_reader_that_stands_still_and_goes_on_gets_the_newest_state(
    environ: dict[str, str], tmp_path: Path
) -> None:
    marker = tmp_path / "polls"
    busy = spec(
        "a",
        does="count",
        marker=str(marker),
        count=2000,
        changing=100,
        every=0.02,
        polls_per_minute=10_000,
    )
    link = FeedLink([busy], plugins=[FAKES], environ=environ)
    await link.start()
    messages = link.messages()
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not isinstance(await anext(messages), Batch):
                pass
            # Nobody reads now, and the collector polls on.
            polls = size_of(marker)
            await until_grown(marker, polls + 40)
            resumed_at = time.time()
            old = 0
            while True:
                report = await anext(messages)
                if isinstance(report, Batch):
                    if report.observed_at > resumed_at:
                        break
                    old += 1
        # What was under way in pipe and queue, and not the forty that were polled meanwhile.
        assert old <= 8
    finally:
        await link.close()


async def until_grown(file: Path, size: int) -> None:
    """Wait for another process to have written so much."""
    while size_of(file) < size:  # noqa: ASYNC110 - no event crosses from that process
        await asyncio.sleep(0.02)


def size_of(file: Path) -> int:
    return file.stat().st_size


def imposter(tmp_path: Path, body: str) -> tuple[str, ...]:
    script = tmp_path / "imposter.py"
    script.write_text("import sys, os\nfrom andon.runtime.feed import *\n" + textwrap.dedent(body))
    return (sys.executable, str(script))


async def test_a_garbled_feed_is_a_fault_and_the_collector_is_started_again(
    environ: dict[str, str], tmp_path: Path
) -> None:
    argv = imposter(
        tmp_path,
        """
        os.write(1, encode(Hello(demo=False, at=1.0, sources=())) + b"\\x00\\x00\\x00\\x03abc")
        sys.stdin.read()
        """,
    )
    async with console(environ, spec("a"), argv=argv) as screen:
        await screen.until(lambda: screen.state("a") is SourceState.DOWN)
        fault = screen.statuses["a"][-1].fault
        assert fault
        assert fault.kind is FaultKind.GARBLED
        assert fault.retry_at
        await screen.until(lambda: len([s for s in screen.statuses["a"] if s.fault]) >= 2)


async def test_a_collector_of_another_version_is_named_and_not_started_again(
    environ: dict[str, str], tmp_path: Path
) -> None:
    argv = imposter(
        tmp_path,
        """
        os.write(1, encode(Hello(demo=False, at=1.0, sources=(), version=99)))
        sys.stdin.read()
        """,
    )
    async with console(environ, spec("a"), argv=argv) as screen:
        await screen.until(lambda: screen.state("a") is SourceState.DOWN)
        assert "version 99" in screen.message("a")
        assert screen.statuses["a"][-1].fault.retry_at is None  # type: ignore[union-attr]
        assert screen.link.pid is None


async def test_a_collector_that_cannot_be_started_says_so(environ: dict[str, str]) -> None:
    async with console(environ, spec("a"), argv=("/nonexistent/python",)) as screen:
        await screen.until(lambda: screen.state("a") is SourceState.DOWN)
        assert "cannot be started" in screen.message("a")


async def test_the_collector_ends_when_its_console_is_gone(
    environ: dict[str, str], tmp_path: Path
) -> None:
    script = tmp_path / "console.py"
    script.write_text(
        textwrap.dedent(
            """
            import asyncio, os, sys
            from andon.runtime.link import FeedLink
            from tests.unit.runtime_feed.test_link import FAKES
            from tests.unit.runtime_feed.things import spec

            async def main():
                link = FeedLink([spec("a", does=sys.argv[1])], plugins=[FAKES])
                await link.start()
                async for report in link.messages():
                    if link.pid and report.kinds:
                        print(link.pid, flush=True)
                        break
                os._exit(0)

            asyncio.run(main())
            """
        )
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(script), "report", env=environ, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await asyncio.wait_for(process.communicate(), DEADLINE_S)
    async with asyncio.timeout(DEADLINE_S):
        with contextlib.suppress(ProcessLookupError):
            while True:
                os.kill(int(out), 0)
                await asyncio.sleep(0.02)
