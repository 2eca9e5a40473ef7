"""The subprocess runner: deadlines, caps, groups and what is left afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from andon.sdk import SourceTimeout, SourceTooLarge, SourceUnreachable, run_process
from andon.sdk.process import STDERR_LIMIT_BYTES, Finished

SOON_S = 0.1
"""How long after an abort the whole group may still be seen."""


@pytest.fixture(autouse=True)
async def _nothing_is_left_open() -> AsyncIterator[None]:
    before = _descriptors()
    yield
    gc.collect()
    assert _descriptors() <= before


def _descriptors() -> set[str]:
    names = set()
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            names.add(f"{name} {os.readlink(f'/proc/self/fd/{name}')}")
    return {name for name in names if "/proc/" not in name}


async def _shell(script: str, *, deadline_s: float = 20.0, **more: object) -> Finished:
    return await run_process(["sh", "-c", script], deadline_s=deadline_s, **more)  # type: ignore[arg-type]


async def _until(holds: Callable[[], bool], within_s: float = 10.0) -> float:
    """Wait for a condition; return how long it took in seconds."""
    started = time.monotonic()
    while not holds():
        assert time.monotonic() - started < within_s, "it never came true"
        await asyncio.sleep(0.005)
    return time.monotonic() - started


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


async def test_it_returns_status_output_and_errors() -> None:
    finished = await _shell("echo out; echo err >&2; exit 3")
    assert finished == Finished(
        ("sh", "-c", "echo out; echo err >&2; exit 3"), 3, b"out\n", b"err\n"
    )


async def test_a_process_ended_by_a_signal_shows_the_signal() -> None:
    assert (await _shell("kill -TERM $$")).returncode == -15


async def test_the_locale_is_always_c_and_the_environment_is_the_one_given() -> None:
    environ = {"PATH": os.environ["PATH"], "LC_ALL": "de_DE.UTF-8", "MARK": "1"}
    finished = await _shell("echo $LC_ALL $MARK $HOME", environ=environ)
    assert finished.stdout.split() == [b"C", b"1"]


async def test_no_shell_sees_the_arguments() -> None:
    finished = await run_process(["printf", "%s", "$(id); `id`"], deadline_s=20)
    assert finished.stdout == b"$(id); `id`"


async def test_standard_input_is_fed_and_closed() -> None:
    data = os.urandom(1 << 20)
    assert (await run_process(["cat"], deadline_s=20, stdin=data)).stdout == data


async def test_without_input_the_process_reads_nothing() -> None:
    assert (await run_process(["cat"], deadline_s=20)).stdout == b""


async def test_a_process_that_does_not_read_its_input_still_ends() -> None:
    assert (await _shell("exit 4", stdin=b"x" * (1 << 20))).returncode == 4


async def test_a_missing_program_is_unreachable_and_named() -> None:
    with pytest.raises(SourceUnreachable, match="no-such-program") as caught:
        await run_process(["no-such-program"], deadline_s=20)
    assert "no-such-program" in caught.value.hint


async def test_a_file_that_is_not_executable_is_unreachable(tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\n")
    with pytest.raises(SourceUnreachable, match="Permission denied"):
        await run_process([str(tool)], deadline_s=20)


async def test_an_argument_with_a_null_byte_is_refused_before_anything_starts() -> None:
    with pytest.raises(SourceUnreachable, match="null byte"):
        await run_process(["echo", "a\0b"], deadline_s=20)


async def test_a_hanging_process_times_out_at_the_deadline_and_its_group_is_dead(
    tmp_path: Path,
) -> None:
    noted = tmp_path / "pids"
    started = time.monotonic()
    with pytest.raises(SourceTimeout, match="did not answer within"):
        await _shell(f"sleep 60 & echo $$ $! > {noted}; wait", deadline_s=0.5)
    assert time.monotonic() - started < 0.5 * 1.1 + 0.2
    pids = [int(word) for word in noted.read_text().split()]
    assert await _until(lambda: not any(map(_alive, pids))) < SOON_S


async def test_a_process_that_ignores_sigterm_is_dead_after_the_deadline(tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    with pytest.raises(SourceTimeout):
        await _shell(
            f"trap '' TERM INT HUP; echo $$ > {noted}; while :; do sleep 1; done", deadline_s=0.4
        )
    pid = int(noted.read_text())
    assert await _until(lambda: not _alive(pid)) < SOON_S


async def test_cancelling_kills_the_whole_group_within_a_tenth_of_a_second(tmp_path: Path) -> None:
    noted = tmp_path / "pids"
    task = asyncio.create_task(
        _shell(f"sleep 60 & echo $$ $! > {noted}.new; mv {noted}.new {noted}; wait")
    )
    await _until(noted.exists)
    pids = [int(word) for word in noted.read_text().split()]
    assert all(map(_alive, pids))
    started = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await _until(lambda: not any(map(_alive, pids)))
    assert time.monotonic() - started < SOON_S


async def test_an_interrupt_while_it_is_started_leaves_nothing_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    born = tmp_path / "born"
    started: list[int] = []

    class Interrupting(subprocess.Popen[bytes]):
        """Ctrl-c comes when the process runs and its number is not known to anybody."""

        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            started.append(self.pid)
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(subprocess, "Popen", Interrupting)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            await _coroutine_alone(_shell(f"echo > {born}; exec sleep 60"))
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(started) == 1
    await _until(lambda: not _alive(started[0]))


async def _coroutine_alone(coroutine: Coroutine[Any, Any, object]) -> None:
    """Take the first step of a coroutine here: a task would pass an interrupt on to the loop."""
    try:
        coroutine.send(None)
    finally:
        coroutine.close()


async def test_too_much_output_is_refused_at_once_even_if_the_process_goes_on() -> None:
    started = time.monotonic()
    with pytest.raises(SourceTooLarge, match="printed more than 1000 bytes"):
        await _shell("head -c 5000 /dev/zero; sleep 60", output_limit_bytes=1000)
    assert time.monotonic() - started < 5


async def test_output_as_large_as_the_cap_is_taken() -> None:
    finished = await _shell("head -c 300000 /dev/zero", output_limit_bytes=300_000)
    assert len(finished.stdout) == 300_000


async def test_output_without_end_never_costs_much_more_memory_than_the_cap() -> None:
    cap = 64 << 20
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(SourceTooLarge, match="64 MiB"):
        await run_process(["cat", "/dev/zero"], deadline_s=60, output_limit_bytes=cap)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib) << 10
    assert grown < cap * 1.5


async def test_a_full_error_stream_neither_blocks_nor_costs_memory() -> None:
    finished = await _shell("head -c 3000000 /dev/zero >&2; echo done")
    assert finished.stdout == b"done\n"
    assert len(finished.stderr) == STDERR_LIMIT_BYTES


async def test_a_grandchild_that_keeps_the_pipes_open_is_not_waited_for(tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    started = time.monotonic()
    finished = await _shell(f"sleep 60 & echo $! > {noted}; echo here")
    assert time.monotonic() - started < 5
    assert finished.stdout == b"here\n"
    assert finished.left_open
    pid = int(noted.read_text())
    assert await _until(lambda: not _alive(pid)) < SOON_S


async def test_a_grandchild_that_left_the_group_does_not_hold_us_either(tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    finished = await _shell(f"setsid sh -c 'echo $$ > {noted}; exec sleep 60' & echo here")
    assert finished.stdout == b"here\n"
    assert finished.left_open
    await _until(noted.exists)
    with contextlib.suppress(ProcessLookupError):
        os.kill(int(noted.read_text()), 9)


async def test_what_a_grandchild_prints_right_after_the_end_is_still_read() -> None:
    finished = await _shell("(sleep 0.05; echo late) & echo early")
    assert finished.stdout == b"early\nlate\n"
    assert not finished.left_open


async def test_all_of_a_large_last_burst_is_read() -> None:
    finished = await _shell("head -c 4000000 /dev/zero")
    assert len(finished.stdout) == 4_000_000


async def test_a_process_that_closes_its_output_is_waited_for() -> None:
    finished = await _shell("exec >&- 2>&-; sleep 0.2; exit 9")
    assert finished.returncode == 9


async def test_where_no_exit_notice_exists_the_end_is_found_by_looking(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(pid: int, flags: int = 0) -> int:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(os, "pidfd_open", refuse)
    finished = await _shell("sleep 60 & echo here; exit 5")
    assert (finished.returncode, finished.stdout) == (5, b"here\n")
    with pytest.raises(SourceTimeout):
        await _shell("sleep 60", deadline_s=0.2)


async def test_no_process_is_left_to_reap() -> None:
    await _shell("true")
    with contextlib.suppress(SourceTimeout):
        await _shell("sleep 60", deadline_s=0.1)

    def childless() -> bool:
        try:
            return os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        except ChildProcessError:
            return True

    assert await _until(childless) < 5


async def test_the_loop_stays_free_while_much_is_read() -> None:
    task = asyncio.create_task(_shell("head -c 200000000 /dev/zero"))
    longest, last = 0.0, time.monotonic()
    while not task.done():
        await asyncio.sleep(0)
        now = time.monotonic()
        longest, last = max(longest, now - last), now
    assert len((await task).stdout) == 200_000_000
    assert longest < 0.5


async def test_many_at_once_do_not_mix_their_output() -> None:
    script = "import sys; print(sys.argv[1] * 1000)"
    runs = [
        run_process([sys.executable, "-IS", "-c", script, str(n)], deadline_s=60) for n in range(8)
    ]
    for n, finished in enumerate(await asyncio.gather(*runs)):
        assert finished.stdout == str(n).encode() * 1000 + b"\n"
