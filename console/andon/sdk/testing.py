"""Hold a plugin to the contract: `SourceContract` in its tests, `check_plugin` in a command.

    from andon.sdk.testing import SourceContract

    class TestContract(SourceContract):
        plugin = my_plugin

        def healthy(self, folder):
            return my_plugin.open(settings_on_a_recording(folder))

        def broken(self, folder):
            return {FaultKind.UNREACHABLE: lambda: my_plugin.open(settings_of_nowhere())}

Neither imports pytest, unless a test has to be skipped.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from andon.model import FaultKind
from andon.sdk.conformance import clauses
from andon.sdk.conformance.clauses import CLAUSES, Clause
from andon.sdk.conformance.subject import ClauseBroken, NotApplicable, Subject
from andon.sdk.plugin import Found, Plugin
from andon.sdk.source import Source, SourceSettings

__all__ = [
    "CLAUSES",
    "ClauseBroken",
    "ClauseResult",
    "NotApplicable",
    "SourceContract",
    "Subject",
    "check",
    "check_plugin",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseResult:
    """Whether a plugin keeps one clause."""

    clause: str
    """The clause in words."""
    ok: bool
    """Not broken."""
    checked: bool = True
    detail: str = ""
    """How it is broken, or why it could not be checked."""


def check(subject: Subject, chosen: Iterable[Clause] = CLAUSES) -> tuple[ClauseResult, ...]:
    """Check clauses on what is given. Raises nothing for the plugin's sake."""
    return tuple(_result(clause, subject) for clause in chosen)


def check_plugin(
    plugin: Plugin, environ: Mapping[str, str] | None = None
) -> tuple[ClauseResult, ...]:
    """Check every clause that can be checked with what this machine has.

    Sources are opened as the plugin itself finds them, or, for a plugin that simulates, as asked
    for. They are only read: no action is run.

    Args:
        plugin: the loaded plugin.
        environ: the environment it looks around in, the process's own by default.
    """
    environ = os.environ if environ is None else environ
    try:
        found = plugin.expand({}) if plugin.demo else plugin.find(environ)
        first = next(iter(found), None)
    except Exception:  # noqa: BLE001 - the clause about looking around tells it
        first = None
    return check(
        Subject(
            plugin=plugin,
            healthy=_opener(plugin, first, environ) if first else None,
            recorded=plugin.demo,
            environ=environ,
            deadline_s=10.0,
        )
    )


def _opener(plugin: Plugin, found: Found, environ: Mapping[str, str]) -> Callable[[], Source]:
    now = time.time()
    defaults = {option.name: option.default for option in plugin.options}
    settings = SourceSettings(
        name=found.name or f"{plugin.name}@{found.site}",
        site=found.site,
        options={**defaults, **found.options},
        environ=environ,
        # What is simulated stands still while it is looked at.
        clock=(lambda: now) if plugin.demo else time.time,
    )
    return lambda: plugin.open(settings)


def _result(clause: Clause, subject: Subject) -> ClauseResult:
    words = _words(clause)
    try:
        asyncio.run(clauses.keep(clause, subject))
    except NotApplicable as error:
        return ClauseResult(clause=words, ok=True, checked=False, detail=f"not checked: {error}")
    except ClauseBroken as error:
        return ClauseResult(clause=words, ok=False, detail=str(error))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may raise anything
        return ClauseResult(clause=words, ok=False, detail=f"{type(error).__name__}: {error}")
    return ClauseResult(clause=words, ok=True)


def _words(clause: Clause) -> str:
    return (clause.__doc__ or clause.__name__).strip().splitlines()[0]


class SourceContract:
    """Inherit this in a test module, override what opens your sources, and run pytest.

    Each clause is one test. The folder that is given is empty and private to the test.
    """

    plugin: ClassVar[Plugin]
    deadline_s: ClassVar[float] = 2.0
    """What a poll is given; a broken backend has to be told within it."""
    impossible: ClassVar[Mapping[FaultKind, str]] = {}
    """Faults that your kind of backend cannot have, and why."""

    def healthy(self, folder: Path) -> Source:
        """Open a source on a recording or a fake of your backend."""
        raise LookupError("override `healthy` to open a source whose backend answers")

    def broken(self, folder: Path) -> Mapping[FaultKind, Callable[[], Source]]:
        """Return how to open a source whose backend is dead, slow, denied or garbled."""
        return {}

    def sent(self, folder: Path) -> Sequence[Sequence[str]] | None:
        """Return the calls that changed the fake backend so far; `None`: it does not record."""
        return None

    def _keep(self, clause: Clause, folder: Path) -> None:
        records = self.sent(folder) is not None
        subject = Subject(
            plugin=self.plugin,
            healthy=lambda: self.healthy(folder),
            broken=self.broken(folder),
            impossible=self.impossible,
            sent=(lambda: self.sent(folder) or ()) if records else None,
            complete=True,
            environ=os.environ,
            deadline_s=self.deadline_s,
        )
        try:
            asyncio.run(clauses.keep(clause, subject))
        except NotApplicable as error:
            import pytest

            pytest.skip(str(error))

    def pytest_generate_tests(self, metafunc: Any) -> None:
        """Make one test of each clause."""
        if "clause" in metafunc.fixturenames:
            metafunc.parametrize("clause", CLAUSES, ids=lambda clause: clause.__name__)

    def test_the_contract(self, clause: Clause, tmp_path: Path) -> None:
        """The plugin keeps the clause."""
        self._keep(clause, tmp_path)
