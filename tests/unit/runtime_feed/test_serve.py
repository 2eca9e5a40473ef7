"""`andon feed`: the feed on any descriptor, in this process."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from andon.model import Batch, Kind, SourceState, SourceStatus
from andon.runtime.child import serve
from andon.runtime.feed import (
    Bye,
    Frame,
    FrameReader,
    Hello,
    Interest,
    Keyframe,
    PluginPath,
    Quit,
    StatusFrame,
    encode,
    read_frames,
    read_reports,
)
from tests.unit.runtime_feed.things import spec

FAKES = (PluginPath(name="fake", target="tests.unit.runtime_feed.fakes:plugin"),)
DEADLINE_S = 20.0


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path)}


async def frames_until(fd: int, reader: FrameReader, last: type[Frame]) -> list[Frame]:
    """Read a descriptor in a thread until a frame of that type came."""
    frames: list[Frame] = []
    while not any(isinstance(frame, last) for frame in frames):
        chunk = await asyncio.wait_for(asyncio.to_thread(os.read, fd, 1 << 16), DEADLINE_S)
        assert chunk
        frames += reader.push(chunk)
    return frames


async def test_a_recording_is_the_feed_in_a_file(environ: dict[str, str], tmp_path: Path) -> None:
    control, commands = os.pipe()
    file = tmp_path / "site.feed"
    out = os.open(file, os.O_WRONLY | os.O_CREAT)
    feeding = asyncio.create_task(
        serve([spec("a", count=3000)], out, control, plugins=FAKES, environ=environ)
    )

    def recorded() -> list[Batch | SourceStatus]:
        if not file.stat().st_size:
            return []
        reports = [report for _, report in read_reports(read_frames(file))]
        return [report for report in reports if isinstance(report, Batch | SourceStatus)]

    async with asyncio.timeout(DEADLINE_S):
        while not any(  # noqa: ASYNC110 - no event comes from a file
            isinstance(report, SourceStatus) and report.state is SourceState.LIVE
            for report in recorded()
        ):
            await asyncio.sleep(0.02)
    os.write(commands, encode(Quit()))
    assert await asyncio.wait_for(feeding, DEADLINE_S) == "asked to"
    (batch,) = [report for report in recorded() if isinstance(report, Batch)]
    assert len(batch.records) == 3000
    assert isinstance(list(read_frames(file))[-1], Bye)
    for fd in (control, commands, out):
        os.close(fd)


async def test_a_reader_that_goes_ends_the_feed(environ: dict[str, str]) -> None:
    source, sink = os.pipe()
    feeding = asyncio.create_task(
        serve([spec("a", every=0.05)], sink, None, plugins=FAKES, environ=environ)
    )
    assert await asyncio.to_thread(os.read, source, 1)
    os.close(source)
    assert "reader is gone" in await asyncio.wait_for(feeding, DEADLINE_S)
    os.close(sink)


@pytest.mark.parametrize("ends", [True, False])
async def test_the_end_of_the_input_ends_the_feed_only_where_it_is_meant_to(
    environ: dict[str, str], ends: bool
) -> None:
    source, sink = os.pipe()
    control, commands = os.pipe()
    os.close(commands)
    feeding = asyncio.create_task(
        serve([spec("a")], sink, control, plugins=FAKES, environ=environ, end_with_input=ends)
    )
    if ends:
        assert await asyncio.wait_for(feeding, DEADLINE_S) == "the input ended"
    else:
        await asyncio.to_thread(os.read, source, 1)
        assert not feeding.done()
    feeding.cancel()
    await asyncio.gather(feeding, return_exceptions=True)
    for fd in (source, sink, control):
        os.close(fd)


async def test_interest_comes_in_over_the_input(environ: dict[str, str]) -> None:
    source, sink = os.pipe()
    control, commands = os.pipe()
    feeding = asyncio.create_task(
        serve(
            [spec("a")],
            sink,
            control,
            plugins=FAKES,
            environ=environ,
            interest=frozenset(),
        )
    )
    reader = FrameReader()
    os.write(commands, encode(Interest(kinds=frozenset({Kind.JOB}))))
    frames = await frames_until(source, reader, Keyframe)
    assert isinstance(frames[0], Hello)
    os.write(commands, encode(Quit()))
    await frames_until(source, reader, Bye)
    assert await feeding == "asked to"
    for fd in (source, sink, control, commands):
        os.close(fd)


async def test_descriptors_that_somebody_made_non_blocking_are_waited_for(
    environ: dict[str, str],
) -> None:
    source, sink = os.pipe()
    control, commands = os.pipe()
    os.set_blocking(sink, False)
    os.set_blocking(control, False)
    feeding = asyncio.create_task(
        serve([spec("a", count=20_000)], sink, control, plugins=FAKES, environ=environ)
    )
    reader = FrameReader()
    frames = await frames_until(source, reader, StatusFrame)
    while not any(isinstance(frame, Keyframe) and frame.last for frame in frames):
        frames += await frames_until(source, reader, Keyframe)
    os.write(commands, encode(Quit()))
    await frames_until(source, reader, Bye)
    assert await feeding == "asked to"
    for fd in (source, sink, control, commands):
        os.close(fd)
