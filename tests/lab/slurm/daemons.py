"""Starting the lab's daemons in the foreground, remembering them, and ending them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.lab.slurm.processes import (
    Process,
    is_alive,
    look,
    marked_environment,
    of_lab,
    send,
    wait_until,
)
from tests.lab.slurm.tools import LabError, program

_START_S = 60.0
_STOP_S = 20.0


class Daemons:
    """The processes of one lab, by name, also in `processes.json` of its folder."""

    def __init__(self, root: Path, host_name: str) -> None:
        """The daemons of the lab in `root`, with those that are recorded there."""
        self._root = root
        self._file = root / "processes.json"
        self._prefix = _own_host_name(host_name)
        self._handles: dict[str, subprocess.Popen[bytes]] = {}
        self.recorded: dict[str, Process] = {}
        if self._file.exists():
            saved: dict[str, tuple[int, int]] = json.loads(self._file.read_text())
            self.recorded = {name: Process(pid, started) for name, (pid, started) in saved.items()}

    def start(
        self,
        name: str,
        argv: Sequence[str],
        *,
        extra_env: Mapping[str, str] | None = None,
    ) -> None:
        """Start a daemon that stays in the foreground; its own session, so ctrl-c spares it."""
        environment = marked_environment(self._root) | dict(extra_env or {})
        folder = self._root / "log"
        with (folder / f"{name}.out").open("ab") as output:
            handle = subprocess.Popen(
                [*self._prefix, program(argv[0]), *argv[1:]],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=folder,
                env=environment,
                start_new_session=True,
            )
        self._handles[name] = handle
        found = look(handle.pid)
        if found is not None:
            self.recorded[name] = found
            self._save()

    def wait(self, name: str, ready: Callable[[], bool], deadline_s: float = _START_S) -> None:
        """Wait until a started daemon is ready; LabError with its last words if it ends."""

        def ready_or_dead() -> bool:
            return not self.is_running(name) or ready()

        try:
            wait_until(ready_or_dead, deadline_s, f"{name} to be ready")
        except LabError as error:
            raise LabError(f"{error}:\n{self.last_words(name)}") from None
        if not self.is_running(name):
            raise LabError(f"{name} ended at once:\n{self.last_words(name)}")

    def is_running(self, name: str) -> bool:
        """Whether a daemon is alive; a stopped (SIGSTOP) one is."""
        handle = self._handles.get(name)
        if handle is not None and handle.poll() is not None:
            return False
        return name in self.recorded and is_alive(self.recorded[name])

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to one daemon, if it is alive."""
        if name in self.recorded:
            send(self.recorded[name], number)

    def stop(self, name: str) -> None:
        """End one daemon politely, then by force; no error if it is not running."""
        self.signal(name, signal.SIGCONT)
        self.signal(name, signal.SIGTERM)
        try:
            wait_until(lambda: not self.is_running(name), _STOP_S, f"{name} to end")
        except LabError:
            self.signal(name, signal.SIGKILL)
            wait_until(lambda: not self.is_running(name), _STOP_S, f"{name} to be killed")
        self._forget(name)

    def all_processes(self) -> list[Process]:
        """Every live process of this lab: daemons, job steps and the jobs' own."""
        return of_lab(self._root, self.recorded.values())

    def kill_all(self) -> None:
        """End everything of this lab at once; its state goes with its folder."""

        def none_left() -> bool:
            for process in self.all_processes():
                send(process, signal.SIGKILL)
            for handle in self._handles.values():
                handle.poll()
            return not self.all_processes()

        wait_until(none_left, _STOP_S, "the lab's processes to end")
        for handle in self._handles.values():
            handle.wait()
        self._handles.clear()
        self.recorded.clear()

    def last_words(self, name: str) -> str:
        """The end of what a daemon printed and logged."""
        texts = []
        for path in (self._root / "log" / f"{name}.out", self._root / "log" / f"{name}.log"):
            if path.exists():
                texts += path.read_text(errors="replace").splitlines()[-10:]
        return "\n".join(texts)

    def _forget(self, name: str) -> None:
        handle = self._handles.pop(name, None)
        if handle is not None:
            handle.wait()
        self.recorded.pop(name, None)
        self._save()

    def _save(self) -> None:
        saved = {name: [item.pid, item.started] for name, item in self.recorded.items()}
        draft = self._file.with_suffix(".new")
        draft.write_text(json.dumps(saved))
        draft.replace(self._file)


def _own_host_name(host_name: str) -> list[str]:
    """What goes before a daemon's argv so that it runs on a host of this name."""
    if os.uname().nodename.partition(".")[0] == host_name:
        return []
    script = 'hostname "$0" && exec "$@"'
    return [program("unshare"), "--uts", "--", "/bin/sh", "-c", script, host_name]
