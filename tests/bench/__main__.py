"""`python -m tests.bench [NAME …]`: measure, print a table, and with `--json FILE` write JSON."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from tests.bench.results import Result, as_json, table
from tests.bench.setting import Setting

BENCHES = {
    "keys": "key → paint with a large factory, at rest and while data comes in",
    "starting": "start → first rows, and --help",
    "resting": "bytes, CPU and memory of a console that is only looked at",
    "commands": "lists of a large factory, wall time and memory",
    "slurm": "jobs of a real Slurm against squeue --json (needs the lab)",
}


def main() -> int:
    """Run the benches; 1 when a goal was missed."""
    names = "; ".join(f"{name}: {what}" for name, what in BENCHES.items())
    parser = argparse.ArgumentParser(prog="python -m tests.bench", epilog=names)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which benches; all by default")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the results there")
    parser.add_argument("--nodes", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--keys", type=int, default=200, help="keys pressed in each phase")
    parser.add_argument("--pairs", type=int, default=7, help="timings of a command")
    parser.add_argument("--rest", type=float, default=20.0, help="seconds to watch a calm console")
    given = parser.parse_args()
    if unknown := set(given.names) - BENCHES.keys():
        parser.error(f"no such bench: {', '.join(sorted(unknown))}")
    results: list[Result] = []
    for name in given.names or BENCHES:
        measure: Callable[[Setting], list[Result]] = import_module(f"tests.bench.{name}").measure
        with tempfile.TemporaryDirectory(prefix="andon-bench-") as folder:
            setting = Setting(
                folder=Path(folder),
                nodes=given.nodes,
                jobs=given.jobs,
                keys=given.keys,
                pairs=given.pairs,
                rest_seconds=given.rest,
            )
            found = measure(setting)
        results += found
        sys.stderr.write(f"{table(found)}\n\n")
    sys.stdout.write(f"{table(results)}\n")
    if given.json:
        given.json.write_bytes(as_json(results))
    return 1 if any(one.reached is False for one in results) else 0


if __name__ == "__main__":
    sys.exit(main())
