"""Starting, ending and crashing; the backend over the collector and the action engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from andon.model import Kind, Outcome, Result, SourceStatus, Target
from andon.runtime.config import load_config
from andon.runtime.discovery import load_all
from andon.runtime.origin import Origin
from andon.runtime.paths import Paths
from andon.runtime.policy import Policy
from andon.runtime.registry import registry_of
from andon.runtime.sources import DemoRequest, Resolution, resolve
from andon.sdk.errors import AndonError
from andon.store import Snapshot, apply
from andon.tui import run as runner
from andon.tui.backend import Report
from andon.tui.live import HOW_TO_ARM, LiveBackend, World
from andon.tui.run import fitting_theme, run_tui, speaks_unicode, unusable_terminal
from andon.tui.theme import load_themes
from tests.tui.world import NOW, MemoryBackend, batch, console, jobs, nodes, reports


def environ(folder: Path) -> dict[str, str]:
    return {"HOME": str(folder), "PATH": "/usr/bin:/bin", "TERM": "xterm-256color"}


def test_without_a_terminal_it_says_so_and_what_to_use_instead(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    env = environ(tmp_path)
    paths = Paths.from_environ(env, system=tmp_path / "none.toml")
    code = run_tui(
        config=load_config(paths, environ=env),
        resolution=Resolution(),
        discovery=load_all([]),
        paths=paths,
        environ=env,
    )
    assert code == 2
    assert "andon status" in capsys.readouterr().err


@pytest.mark.parametrize("term", ["", "dumb", "unknown"])
def test_a_dumb_terminal_is_refused(monkeypatch: pytest.MonkeyPatch, term: str) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

    for name in ("__stdin__", "__stdout__", "__stderr__"):
        monkeypatch.setattr(f"sys.{name}", Terminal())
    why = unusable_terminal({"TERM": term})
    assert why is not None
    assert "TERM" in why
    assert unusable_terminal({"TERM": "xterm"}) is None


def test_the_theme_fits_the_terminal() -> None:
    themes = load_themes()
    assert fitting_theme(themes, {"TERM": "xterm-256color"}) is None
    assert fitting_theme(themes, {"TERM": "xterm", "COLORTERM": "truecolor"}) is None
    assert fitting_theme(themes, {"TERM": "xterm-256color", "NO_COLOR": "1"}) == "andon-ansi"


def test_only_unicode_encodings_count_as_such() -> None:
    assert speaks_unicode("utf-8")
    assert speaks_unicode("UTF8")
    assert not speaks_unicode("ISO-8859-1")
    assert not speaks_unicode(None)


def test_a_crash_is_one_line_and_a_private_log_without_local_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = "hunter2"
    try:
        raise ValueError("[/evil] \x1b]0;x\x07")
    except ValueError as error:
        runner._report_crash(error, tmp_path / "state" / "crash.log", debug=False)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "internal error: ValueError" in said
    assert "\x1b" not in said
    log = tmp_path / "state" / "crash.log"
    assert str(log) in said
    assert log.stat().st_mode & 0o777 == 0o600
    assert "Traceback" in log.read_text()
    assert secret not in log.read_text().replace('secret = "hunter2"', "")


async def test_an_error_in_a_handler_ends_the_screen_and_is_kept_for_the_report() -> None:
    with pytest.raises(RuntimeError, match="broken"):
        async with console() as it:

            def broken() -> None:
                raise RuntimeError("broken")

            it.app.main.set_timer(0.001, broken)
            await it.pilot.pause(0.2)
    assert isinstance(it.app.crash, RuntimeError)


async def test_a_view_that_fails_says_so_and_the_others_live_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with console() as it:
        monkeypatch.setattr(
            it.app.desk, "page", lambda *_: (_ for _ in ()).throw(KeyError("[/evil]"))
        )
        await it.press("ctrl+r")
        it.app.main.redraw()
        await it.settle()
        assert "cannot be drawn" in it.bar("title")
        monkeypatch.undo()
        await it.press("4")
        assert it.app.main.table.row_count == 40


async def test_many_reports_make_few_redraws_and_the_last_state_is_shown() -> None:
    async with console() as it:
        drawn = 0
        redraw = it.app.main.redraw

        def counted() -> None:
            nonlocal drawn
            drawn += 1
            redraw()

        it.app.main.redraw = counted  # type: ignore[method-assign]
        it.app.drawing.pulse._distance = 0.2
        await it.tell(*(batch(nodes(n), at=NOW + n) for n in range(1, 30)))
        assert drawn <= 10
        assert it.app.main.table.row_count == 29


async def test_while_the_terminal_is_behind_news_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console() as it:
        monkeypatch.setattr(it.app, "_terminal_is_behind", lambda: True)
        it.backend.queue.put_nowait(batch(nodes(3), at=NOW + 1))
        await it.pilot.pause(0.05)
        assert it.app.main.table.row_count == 12
        monkeypatch.undo()
        await it.tell()
        assert it.app.main.table.row_count == 3


async def test_what_dead_runners_left_is_said_at_the_start() -> None:
    class Left(MemoryBackend):
        async def unsettled(self) -> tuple[Outcome, ...]:
            target = Target(kind=Kind.NODE, key="par1/a", name="[/evil]", site="par1", source="s")
            return (Outcome(step="1", target=target, result=Result.UNKNOWN, at=NOW),)

    async with console(backend=Left(reports())) as it:
        assert any("[/evil]: unknown" in toast for toast in it.toasts())


async def test_leaving_closes_the_backend() -> None:
    async with console() as it:
        await it.press("q")
    assert it.backend.closed


async def test_keys_move_the_cursor_while_large_batches_come_in() -> None:
    async with console(view="jobs") as it:
        for number in range(3):
            it.backend.queue.put_nowait(batch(jobs(5_000), at=NOW + number + 1))
            before = it.app.main.table.cursor_row
            await it.pilot.press("j")
            assert it.app.main.table.cursor_row == before + 1
        await it.tell()
        assert it.app.main.table.row_count == 5_000


# -- the real backend ----------------------------------------------------------------------------


@asynccontextmanager
async def live(
    folder: Path, *, armed: bool, read_only: bool = False, how_to_arm: str = HOW_TO_ARM
) -> AsyncIterator[LiveBackend]:
    env = environ(folder)
    paths = Paths.from_environ(env, system=folder / "none.toml")
    config = load_config(paths, environ=env)
    discovery = load_all()
    demo = DemoRequest(seed=1, nodes=12, jobs=30)
    backend = LiveBackend(
        World(
            specs=resolve(config, discovery, demo, env).specs,
            discovery=discovery,
            paths=paths,
            environ=env,
            registry=registry_of(config),
            policy=lambda: Policy(read_only, "a file says so"),
            origin=Origin(user="ada", uid=1, host="login1"),
            armed=armed,
            how_to_arm=how_to_arm,
            demo=demo,
        )
    )
    await backend.start()
    try:
        yield backend
    finally:
        await backend.close()


async def first_snapshot(backend: LiveBackend, kinds: frozenset[Kind]) -> Snapshot:
    snapshot = Snapshot()
    backend.interest(kinds)

    def taken(snapshot: Snapshot, report: Report) -> Snapshot:
        if isinstance(report, SourceStatus):
            return snapshot.with_status(report)
        return apply(snapshot, report)

    async with asyncio.timeout(60):
        async for report in backend.messages():
            snapshot = taken(snapshot, report)
            if all(snapshot.of(kind) for kind in kinds):
                break
    return snapshot


async def test_the_feed_arrives_raw_records_too_and_plans_are_made(tmp_path: Path) -> None:
    async with live(tmp_path, armed=True) as backend:
        assert backend.read_only_why is None
        snapshot = await first_snapshot(backend, frozenset({Kind.NODE, Kind.JOB}))
        source, facets = next(iter(snapshot.of(Kind.JOB).items()))
        key = next(iter(facets.records))
        assert "JobId" in await backend.raw(snapshot, Kind.JOB, key)
        assert source in snapshot.sources
        verbs = backend.verbs(snapshot, Kind.JOB, [key])
        assert {"job.cancel", "job.hold"} <= {verb.name for verb in verbs}
        node = next(iter(snapshot.said_by(source, Kind.NODE)))
        drain = backend.verbs(snapshot, Kind.NODE, [node])[0]
        assert (drain.name, drain.aliases) == ("node.drain", ("node.cordon",))
        assert backend.verbs(snapshot, Kind.NODE, ["no/such"]) == ()
        assert backend.choose(snapshot, "job.cancel", [key]).targets[0].key == key
        with pytest.raises(AndonError):
            await backend.raw(snapshot, Kind.NODE, "no/such")


async def test_read_only_says_why_whether_by_file_or_for_want_of_write(tmp_path: Path) -> None:
    async with live(tmp_path, armed=False) as backend:
        assert "--write" in (backend.read_only_why or "")
    async with live(tmp_path, armed=False, how_to_arm="leave --read-only out") as backend:
        assert backend.read_only_why == "leave --read-only out"
    async with live(tmp_path, armed=True, read_only=True) as backend:
        assert "a file says so" in (backend.read_only_why or "")
        assert "whoever keeps the configuration" in (backend.read_only_why or "")
