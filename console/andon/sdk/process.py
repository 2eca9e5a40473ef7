"""Run a backend's command-line tool: argv only, with a deadline, an output cap and no shell."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from andon.sdk.errors import SourceTimeout, SourceTooLarge, SourceUnreachable

OUTPUT_LIMIT_BYTES = 1 << 30
_STDERR_LIMIT_BYTES = 64 << 10
_CHUNK_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Finished:
    """What a process left behind."""

    argv: tuple[str, ...]
    returncode: int
    stdout: bytes
    stderr: bytes
    """The first 64 KiB."""


async def run_process(
    argv: Sequence[str],
    *,
    deadline_s: float,
    environ: Mapping[str, str] | None = None,
    output_limit_bytes: int = OUTPUT_LIMIT_BYTES,
    stdin: bytes = b"",
) -> Finished:
    """Run `argv` in its own process group with `LC_ALL=C` and return what it printed.

    The whole group is killed when the deadline passes, the output exceeds the cap or the caller is
    cancelled.

    Raises:
        SourceUnreachable: the program is missing or cannot be started.
        SourceTimeout: it did not end within `deadline_s` seconds.
        SourceTooLarge: it printed more than `output_limit_bytes`.
    """
    program = argv[0]
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**(os.environ if environ is None else environ), "LC_ALL": "C"},
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise SourceUnreachable(
            f"{program} cannot be started: {error}",
            hint=f"install {program} on this machine or name its folder in the source's settings",
        ) from error
    try:
        async with asyncio.timeout(deadline_s):
            stdout, stderr = await _collect(process, stdin, output_limit_bytes)
            returncode = await process.wait()
    except TimeoutError as error:
        raise SourceTimeout(
            f"{program} did not answer within {deadline_s:g} s",
            hint="the backend is slow or hangs; raise the source's `timeout` if it only is slow",
        ) from error
    finally:
        await _end(process)
    return Finished(tuple(argv), returncode, stdout, stderr)


async def _collect(
    process: asyncio.subprocess.Process, stdin: bytes, limit_bytes: int
) -> tuple[bytes, bytes]:
    assert process.stdin and process.stdout and process.stderr
    async with asyncio.TaskGroup() as group:
        feeding = group.create_task(_feed(process.stdin, stdin))
        output = group.create_task(_read(process.stdout, limit_bytes))
        errors = group.create_task(_read(process.stderr, None))
    feeding.result()
    body, whole = output.result()
    if not whole:
        raise SourceTooLarge(
            f"a reply was larger than {limit_bytes >> 20} MiB and was dropped",
            hint="narrow the source (fewer queues, shorter history) or raise its `output_limit`",
        )
    return body, errors.result()[0]


async def _feed(pipe: asyncio.StreamWriter, data: bytes) -> None:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        pipe.write(data)
        await pipe.drain()
    pipe.close()


async def _read(pipe: asyncio.StreamReader, limit_bytes: int | None) -> tuple[bytes, bool]:
    """Return what was read and whether that is all; without a limit, keep a head and drain on."""
    keep = _STDERR_LIMIT_BYTES if limit_bytes is None else limit_bytes
    chunks: list[bytes] = []
    size = 0
    while chunk := await pipe.read(_CHUNK_BYTES):
        if size + len(chunk) > keep:
            if limit_bytes is not None:
                return b"", False
            chunk = chunk[: keep - size]
        size += len(chunk)
        if chunk:
            chunks.append(chunk)
    return b"".join(chunks), True


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill what is left of the process group and reap it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    transport = getattr(process, "_transport", None)
    if transport is not None:
        # Closes the pipes: a grandchild that left the group must not keep us waiting on them.
        transport.close()
    if process.returncode is None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await process.wait()
