"""A runner process whose sources are the fakes: `python fake_runner.py ROOT PLAN`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from andon.runtime.clock import SystemClock
from andon.runtime.runner import main
from tests.unit.runtime_acting.fakes import World

if __name__ == "__main__":
    world = World(
        Path(sys.argv[1]),
        plugins=json.loads(os.environ["FAKE_WORLD"]),
        clock=SystemClock(),  # type: ignore[arg-type]
    )
    sys.exit(main(sys.argv[2:], open_reach=world.reach))
