"""One real Slurm cluster on loopback, up and down."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from tests.lab.slurm import files, ports, seed, services
from tests.lab.slurm.config import NODES, Layout
from tests.lab.slurm.daemons import Daemons
from tests.lab.slurm.keeper import Keeper
from tests.lab.slurm.processes import Process, marked_environment, wait_until
from tests.lab.slurm.tools import LabError, clean_environment, missing, program

_READY_S = 60.0
_COMMAND_S = 60.0


class SlurmLab:
    """A Slurm with nodes, partitions, tenants and jobs; `seed` says which."""

    def __init__(self, layout: Layout) -> None:
        """A lab in a folder that `up()` or `attach()` has found."""
        self.layout = layout
        self.daemons = Daemons(layout.root, layout.host_name)
        self.jobs: dict[str, int] = {}
        self.seconds: dict[str, float] = {}
        self._keeper: Keeper | None = None

    @classmethod
    def up(cls, root: Path | None = None, *, tied: bool = True, jobs: bool = True) -> Self:
        """Bring a lab up, or leave nothing behind and raise.

        Args:
            root: Its folder, new or empty; None for a fresh one under /tmp.
            tied: Whether the lab goes down when this process ends, however that happens.
            jobs: Whether to submit the jobs of `seed`.
        """
        reason = missing()
        if reason:
            raise LabError(reason)
        with ports.PortBlock() as block:
            lab = cls(Layout(files.new_root(root), block.first, ports.host_name()))
            try:
                lab._keeper = Keeper(lab.layout.root) if tied else None
                lab._bring_up(jobs)
            except BaseException:
                lab.down()
                raise
        return lab

    @classmethod
    def attach(cls, root: Path) -> Self:
        """The lab that another process has brought up in `root`."""
        try:
            saved = json.loads((root / "lab.json").read_text())
        except FileNotFoundError:
            raise LabError(f"no lab in {root}") from None
        lab = cls(Layout(root, saved["first_port"], saved["host_name"]))
        lab.jobs = saved["jobs"]
        return lab

    def down(self) -> None:
        """End every process of the lab and remove its folder; may be called again."""
        self.daemons.kill_all()
        shutil.rmtree(self.layout.root, ignore_errors=True)
        if self._keeper is not None:
            self._keeper.release()
            self._keeper = None

    def env(self) -> dict[str, str]:
        """This process's environment, such that Slurm's commands reach this lab."""
        return clean_environment() | {"SLURM_CONF": str(self.layout.slurm_conf)}

    def run(
        self,
        *argv: str | bytes,
        user: str = "root",
        check: bool = True,
        stdin: str = "",
        deadline_s: float = _COMMAND_S,
    ) -> subprocess.CompletedProcess[str]:
        """Run one of Slurm's commands against this lab, as any of the machine's users.

        Output is decoded as UTF-8 with surrogate escapes, its line ends untouched. Raises
        LabError on a non-zero exit, unless `check` is false.
        """
        account, root = pwd.getpwnam(user), self.layout.root
        raw = subprocess.run(
            [program(os.fsdecode(argv[0])), *argv[1:]],
            input=stdin.encode(),
            capture_output=True,
            env=marked_environment(root) | self.env() | {"HOME": "/tmp", "USER": user},
            cwd="/tmp",
            user=account.pw_uid,
            group=account.pw_gid,
            extra_groups=[],
            timeout=deadline_s,
            check=False,
        )
        texts = [part.decode("utf-8", "surrogateescape") for part in (raw.stdout, raw.stderr)]
        done = subprocess.CompletedProcess(raw.args, raw.returncode, *texts)
        if check and done.returncode:
            command = " ".join(os.fsdecode(part) for part in argv)[:200]
            raise LabError(f"{command}: exit {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def submit(
        self,
        name: str | bytes,
        *,
        user: str = seed.DEFAULT_USER,
        partition: str = "cpu",
        gpus: int = 0,
        options: Sequence[str | bytes] = (),
        command: str = "exec sleep 3600",
        state: str = "",
    ) -> int:
        """Submit a batch job and give its id.

        Args:
            name: The job's name: up to 1023 bytes, any but NUL.
            user: One of the machine's users who has an account (`seed.TENANTS`).
            partition: Where it is to run.
            gpus: How many GPUs on each node.
            options: More options of sbatch, such as `--hold`.
            command: What the job runs, in a shell.
            state: The state to wait for, such as `RUNNING`; empty for none.
        """
        argv: list[str | bytes] = ["sbatch", "--parsable", f"--partition={partition}"]
        argv += ["--output=/dev/null", "--chdir=/tmp", b"--job-name=" + os.fsencode(name)]
        argv += [f"--gres=gpu:{gpus}"] if gpus else []
        done = self.run(*argv, *options, user=user, stdin=f"#!/bin/sh\n{command}\n")
        job = int(done.stdout.strip().partition(";")[0])
        if state:
            self.wait_for_job(job, state)
        return job

    def job_state(self, job: int | str) -> str:
        """A job's state as squeue words it (`RUNNING`), or empty when it is forgotten."""
        return self._squeue(job, "%T")

    def job_reason(self, job: int | str) -> str:
        """Why a job waits (`Resources`), as squeue words it."""
        return self._squeue(job, "%r")

    def wait_for_job(self, job: int | str, state: str, deadline_s: float = _READY_S) -> None:
        """Wait until a job is in a state, such as `RUNNING` or `CANCELLED`."""
        wait_until(lambda: self.job_state(job) == state, deadline_s, f"job {job} to be {state}")

    def node_state(self, node: str) -> str:
        """A node's state with its flags as scontrol words it, such as `IDLE+DRAIN`."""
        return self.node_field(node, "State")

    def node_field(self, node: str, field: str) -> str:
        """One field without spaces of `scontrol show node`, empty if it is not there."""
        shown = self.run("scontrol", "-o", "show", "node", node).stdout
        return next((w.partition("=")[2] for w in shown.split() if w.startswith(f"{field}=")), "")

    def undrain(self, node: str) -> None:
        """Lift a node's drain and wait until slurmctld has pinged it: up to about 10 s.

        Until then the node is NOT_RESPONDING (`idle*`) and nothing starts on it.
        """
        self.run("scontrol", "update", f"nodename={node}", "state=undrain")
        wait_until(
            lambda: not {"DRAIN", "NOT_RESPONDING"} & set(self.node_state(node).split("+")),
            _READY_S,
            f"{node} to respond",
        )

    def stop_controller(self) -> None:
        """End slurmctld; the jobs go on."""
        self.daemons.stop(services.CONTROLLER)

    def start_controller(self) -> None:
        """Start slurmctld again with the state it saved, and wait until it knows its nodes."""
        if not self.daemons.is_running(services.CONTROLLER):
            services.start_controller(self.layout, self.daemons)
        self._wait_for_nodes()

    @contextmanager
    def suspend_controller(self) -> Iterator[None]:
        """Freeze slurmctld (SIGSTOP) for the body: it takes connections and says nothing."""
        self.daemons.signal(services.CONTROLLER, signal.SIGSTOP)
        try:
            yield
        finally:
            self.daemons.signal(services.CONTROLLER, signal.SIGCONT)
            self._wait_for_controller()

    def processes(self) -> list[Process]:
        """Every live process of this lab."""
        return self.daemons.all_processes()

    def listeners(self) -> set[tuple[str, int]]:
        """The (address, port) pairs on which the lab listens."""
        return ports.listeners(process.pid for process in self.processes())

    def _bring_up(self, jobs: bool) -> None:
        self._save()
        self._timed("files", lambda: files.write(self.layout))
        self._timed("munge", lambda: services.start_munge(self.layout, self.daemons))
        self._timed("database", lambda: services.start_database(self.layout, self.daemons))
        self._timed("accounting", lambda: services.start_accounting(self.layout, self.daemons))
        self._timed("tenants", lambda: seed.tenants(self))
        self._timed("controller", lambda: services.start_controller(self.layout, self.daemons))
        self._timed("nodes", self._start_nodes)
        self._timed("limits", lambda: seed.limits(self))
        if jobs:
            self._timed("jobs", lambda: self.jobs.update(seed.jobs(self)))
        self._save()

    def _start_nodes(self) -> None:
        services.start_nodes(self.layout, self.daemons)
        self._wait_for_nodes()

    def _wait_for_nodes(self) -> None:
        """Until then a restarted slurmctld says UNKNOWN, and refuses to undrain."""
        self._wait_for_controller()
        served = {node.name for node in NODES if node.served}

        def all_known() -> bool:
            shown = self.run("sinfo", "-hN", "-o", "%N %T", check=False).stdout
            rows = [line.split() for line in shown.splitlines()]
            unknown = {name for name, state in rows if "*" in state or "unk" in state}
            return served <= {name for name, _ in rows} - unknown

        wait_until(all_known, _READY_S, "the nodes to register")

    def _wait_for_controller(self) -> None:
        def answers() -> bool:
            return self.run("squeue", "-h", "-o", "%i", check=False).returncode == 0

        wait_until(answers, _READY_S, "slurmctld to answer")

    def _squeue(self, job: int | str, column: str) -> str:
        done = self.run("squeue", "-h", "-t", "all", "-j", str(job), "-o", column, check=False)
        return done.stdout.partition("\n")[0].strip()

    def _timed(self, part: str, action: Callable[[], object]) -> None:
        began = time.monotonic()
        action()
        self.seconds[part] = time.monotonic() - began

    def _save(self) -> None:
        saved = {
            "first_port": self.layout.first_port,
            "host_name": self.layout.host_name,
            "jobs": self.jobs,
        }
        (self.layout.root / "lab.json").write_text(json.dumps(saved))


def erase(root: Path) -> None:
    """Take a lab down, complete or not, from another process than its owner."""
    Daemons(root, "").kill_all()
    shutil.rmtree(root, ignore_errors=True)
