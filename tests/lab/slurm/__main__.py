"""A lab for a shell: `eval "$(python -m tests.lab.slurm up)"`, then squeue, then `down`."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from tests.lab.slurm.keeper import RELEASE
from tests.lab.slurm.lab import SlurmLab, erase
from tests.lab.slurm.tools import LabError


def main() -> int:
    """Run one command and give its exit code."""
    arguments = _parser().parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        return _COMMANDS[arguments.command](arguments)
    except LabError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _leave(number: int, frame: FrameType | None) -> None:
    del frame
    raise SystemExit(128 + number)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.lab.slurm", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("up", "bring a lab up and print the line that makes a shell use it"),
        ("down", "take a lab down: the one of --dir, else of SLURM_CONF"),
        ("keep", "take a lab down when standard input ends"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("--dir", type=Path, help="the lab's folder")
        if name == "up":
            command.add_argument("--no-jobs", action="store_true", help="submit no jobs")
    return parser


def _up(arguments: argparse.Namespace) -> int:
    began = time.monotonic()
    lab = SlurmLab.up(arguments.dir, tied=False, jobs=not arguments.no_jobs)
    parts = ", ".join(f"{part} {seconds:.1f}" for part, seconds in lab.seconds.items())
    sys.stderr.write(f"up in {time.monotonic() - began:.1f} s ({parts})\n")
    sys.stdout.write(f"export SLURM_CONF={lab.layout.slurm_conf}\n")
    return 0


def _down(arguments: argparse.Namespace) -> int:
    began = time.monotonic()
    erase(SlurmLab.attach(_folder(arguments)).layout.root)
    sys.stderr.write(f"down in {time.monotonic() - began:.1f} s\n")
    return 0


def _keep(arguments: argparse.Namespace) -> int:
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    if sys.stdin.buffer.read() != RELEASE:
        erase(_folder(arguments))
    return 0


def _folder(arguments: argparse.Namespace) -> Path:
    if arguments.dir is not None:
        return Path(arguments.dir).absolute()
    named = os.environ.get("SLURM_CONF")
    if not named:
        raise LabError("which lab? give --dir, or set SLURM_CONF")
    return Path(named).parent


_COMMANDS = {"up": _up, "down": _down, "keep": _keep}

if __name__ == "__main__":
    raise SystemExit(main())
