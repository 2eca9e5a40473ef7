"""Import a plugin in a fresh interpreter and report what that drags in and does.

Run as `python -m andon.sdk.conformance.importing MODULE`; prints one JSON object.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from importlib.metadata import entry_points

from andon.sdk.conformance.watching import changing, watched
from andon.sdk.plugin import Plugin

FORBIDDEN = ("textual", "rich", "click", "andon.tui", "andon.cli", "andon.views", "andon.runtime")
TIMEOUT_S = 60.0


def imports_of(module: str, others: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is wrong with importing `module` alone, in words.

    Args:
        module: the plugin's module.
        others: top-level packages of other plugins.
    """
    command = [sys.executable, "-m", "andon.sdk.conformance.importing", module]
    finished = subprocess.run(
        command, capture_output=True, timeout=TIMEOUT_S, check=False, stdin=subprocess.DEVNULL
    )
    lines = [line for line in finished.stdout.splitlines() if line.strip()]
    if finished.returncode or not lines:
        last = (finished.stderr.decode("utf-8", "replace").strip().splitlines() or ["nothing"])[-1]
        return (f"it cannot be imported by itself: {last}",)
    told = json.loads(lines[-1])
    wrong = [f"importing it does {event}" for event in told["events"]]
    if len(lines) > 1:
        wrong.append("importing it prints on stdout")
    loaded = set(told["modules"])
    packages = {*FORBIDDEN, *others} - {module.partition(".")[0]}
    wrong += [f"importing it imports {name}" for name in sorted(packages & loaded)]
    return tuple(wrong)


def home_of(plugin: Plugin) -> str | None:
    """Return the module that declares the plugin; `None` when it cannot be told."""
    named = {
        name
        for name, module in list(sys.modules.items())
        if any(value is plugin for value in list(getattr(module, "__dict__", {}).values()))
    }
    package = getattr(plugin.open, "__module__", "").partition(".")[0]
    ours = sorted((name for name in named if name.partition(".")[0] == package), key=len)
    return ours[0] if ours else None


def other_plugins(module: str) -> tuple[str, ...]:
    """Return the top-level packages of the installed plugins but for the module's own."""
    groups = [group for group in entry_points().groups if group.startswith("andon.plugins")]
    packages = {
        point.value.partition(":")[0].partition(".")[0]
        for group in groups
        for point in entry_points(group=group)
    }
    return tuple(sorted(packages - {module.partition(".")[0]}))


def _main(module: str) -> None:
    with watched() as events:
        importlib.import_module(module)
    told = {"events": changing(events), "modules": sorted(sys.modules)}
    sys.stdout.write("\n" + json.dumps(told) + "\n")


if __name__ == "__main__":
    _main(sys.argv[1])
