"""What the lab's cluster holds: tenants, limits, a reservation, nodes out of service, jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.lab.slurm.config import CLUSTER
from tests.lab.slurm.processes import wait_until

if TYPE_CHECKING:
    from tests.lab.slurm.lab import SlurmLab


@dataclass(frozen=True)
class Tenant:
    """One Slurm account, its users (of every Debian), and how many GPUs it may hold."""

    account: str
    title: str
    users: tuple[str, ...]
    gpus: int


TENANTS = (
    Tenant("bank", "First National Bank", ("daemon",), 32),
    Tenant("clinic", "University Clinic", ("games",), 2),
    Tenant("research", "Research Institute", ("www-data", "mail"), 28),
    Tenant("ministry", "Ministry of Transport", ("news",), 8),
)
DEFAULT_USER = "www-data"
ADMINISTRATOR = "backup"  # may drain nodes
OPERATOR = "lp"  # may cancel and hold anyone's jobs, may not drain

RESERVATION = "maint-gpu04"
DRAINED_NODE, DRAIN_REASON = "cpu02", "NHC: ib link down"
DOWN_NODE, DOWN_REASON = "cpu04", "PSU failed, ticket 4711"
_SEEDED_S = 60.0


def tenants(lab: SlurmLab) -> None:
    """Tell the accounting of the cluster, its QOS and its tenants; before slurmctld starts."""
    lines = [
        f"add cluster {CLUSTER}",
        "add qos high priority=1000",
        "add qos interactive priority=100",
        "modify account root set qos=normal,high,interactive",
        f"add user {ADMINISTRATOR} account=root adminlevel=administrator",
        f"add user {OPERATOR} account=root adminlevel=operator",
    ]
    for tenant in TENANTS:
        lines += [
            f'add account {tenant.account} description="{tenant.title}" organization=lab',
            f"add user {','.join(tenant.users)} account={tenant.account}",
        ]
    _sacctmgr(lab, lines)


def limits(lab: SlurmLab) -> None:
    """Limit GPUs (which only a registered slurmctld makes known) and mark the nodes."""
    lines = ["modify qos interactive set maxtresperuser=gres/gpu=1"]
    lines += [f"modify account {t.account} set grptres=gres/gpu={t.gpus}" for t in TENANTS]
    _sacctmgr(lab, lines)
    update = ("scontrol", "update")
    lab.run(*update, f"nodename={DRAINED_NODE}", "state=drain", f"reason={DRAIN_REASON}")
    lab.run(*update, f"nodename={DOWN_NODE}", "state=down", f"reason={DOWN_REASON}")
    lab.run(
        *("scontrol", "create", "reservation", f"reservationname={RESERVATION}"),
        *("starttime=now+7days", "duration=04:00:00", "nodes=gpu04", "flags=maint", "users=root"),
    )


def _sacctmgr(lab: SlurmLab, lines: list[str]) -> None:
    """One call for all lines: each call costs up to half a second."""
    lab.run("sacctmgr", "-i", stdin="\n".join([*lines, "quit"]) + "\n")


@dataclass(frozen=True)
class JobSpec:
    """One seeded job: its options, and the state and reason to wait for."""

    name: str
    user: str
    partition: str
    gpus: int = 0
    options: tuple[str, ...] = ()
    reason: str = ""  # empty: it runs


# The order matters: a limit shows as the reason only if nothing bigger waits ahead of it.
JOBS = (
    JobSpec("llm-train", "daemon", "h100", 8, ("-wgpu01", "-c32", "--qos=high")),
    JobSpec("embed", "www-data", "h100", 1, ("-wgpu02", "-c4", "--array=0-5%2"), "array"),
    JobSpec("finetune", "news", "h100", 4, ("-wgpu02", "-c16")),
    JobSpec("llm-eval", "daemon", "h100", 2, ("-wgpu03", "-c8")),
    JobSpec("scan", "games", "a100", 2, ("-c8", "--time=1-00:00:00")),
    JobSpec("notebook", "mail", "a100", 1, ("-c4", "--qos=interactive")),
    JobSpec("cfd", "news", "cpu", 0, ("-wcpu01", "-c16", "--licenses=ansys:2")),
    JobSpec("etl", "mail", "cpu", 0, ("-wcpu01", "-c8")),
    JobSpec("smoke", "daemon", "debug", 0, ("-wcpu01", "--time=30")),
    JobSpec("scan-2", "games", "a100", 1, (), "AssocGrpGRES"),
    JobSpec("notebook-2", "mail", "a100", 1, ("--qos=interactive",), "QOSMaxGRESPerUser"),
    JobSpec("cfd-next", "news", "cpu", 0, ("-wcpu01", "--licenses=ansys:1"), "Licenses"),
    JobSpec("report", "news", "cpu", 0, ("--dependency=afterok:{cfd}",), "Dependency"),
    JobSpec("held", "www-data", "cpu", 0, ("--hold",), "JobHeldUser"),
    JobSpec("held-by-admin", "mail", "cpu", 0, ("-wcpu01", "--hold"), "JobHeldAdmin"),
    JobSpec("tonight", "games", "cpu", 0, ("--begin=now+1day",), "BeginTime"),
    JobSpec("pinned", "games", "cpu", 0, ("-wcpu04",), "ReqNodeNotAvail"),
    JobSpec("pretrain", "daemon", "h100", 8, ("-N3", "--qos=high"), "Resources"),
    JobSpec("pretrain-2", "www-data", "h100", 8, ("-N3",), "Priority"),
)


def jobs(lab: SlurmLab) -> dict[str, int]:
    """Submit the jobs, and wait until each has the state and reason it was made for."""
    ids: dict[str, int] = {}
    for spec in JOBS:
        options = [option.format(**ids) for option in spec.options]
        ids[spec.name] = lab.submit(
            spec.name, user=spec.user, partition=spec.partition, gpus=spec.gpus, options=options
        )
        if spec.reason == "JobHeldAdmin":
            lab.run("scontrol", "hold", str(ids[spec.name]))
    wait_until(lambda: not unsettled(lab), _SEEDED_S, "the jobs' states and reasons")
    return ids


def unsettled(lab: SlurmLab) -> list[str]:
    """The seeded jobs that are not (yet) as they were made to be, each with what it is."""
    shown = lab.run("squeue", "-h", "-o", "%j|%T|%r").stdout.splitlines()
    rows = [row.split("|") for row in shown if row.count("|") == 2]
    states = {name: (state, reason.partition(",")[0]) for name, state, reason in reversed(rows)}
    wanted = {
        spec.name: ("PENDING", spec.reason) if spec.reason else ("RUNNING", "None")
        for spec in JOBS
        if spec.reason != "array"
    }
    wrong = [f"{n}: {states.get(n)}" for n, want in wanted.items() if states.get(n) != want]
    tasks = sorted(state for name, state, _ in rows if name == "embed")
    return wrong if tasks == ["PENDING", "RUNNING", "RUNNING"] else [*wrong, f"embed: {tasks}"]
