"""What the lab's cluster holds: tenants, limits, a reservation, nodes out of service, jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.lab.slurm.config import CLUSTER
from tests.lab.slurm.processes import wait_until
from tests.lab.slurm.tools import LabError

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
    Tenant("bank", "First National Bank", ("daemon",), 40),
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
    file = lab.layout.root / "tenants"
    file.write_text(_tenants_file())
    _sacctmgr(
        lab,
        [
            "add qos high priority=1000",
            "add qos interactive priority=100",
            f"load file={file}",
            "modify account root set qos=normal,high,interactive",  # load drops `normal`
        ],
    )


def _tenants_file() -> str:
    """In sacctmgr's own format: loading it is four times faster than adding each."""
    lines = [
        f"Cluster - '{CLUSTER}':Fairshare=1",
        "Parent - 'root'",
        "User - 'root':DefaultAccount='root':AdminLevel='Administrator'",
        f"User - '{ADMINISTRATOR}':DefaultAccount='root':AdminLevel='Administrator'",
        f"User - '{OPERATOR}':DefaultAccount='root':AdminLevel='Operator'",
    ]
    lines += [
        f"Account - '{t.account}':Description='{t.title}':Organization='lab'" for t in TENANTS
    ]
    for tenant in TENANTS:
        lines += [f"Parent - '{tenant.account}'"]
        lines += [f"User - '{user}':DefaultAccount='{tenant.account}'" for user in tenant.users]
    return "\n".join(lines) + "\n"


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
    reason: str = ""  # why it waits; empty: it runs
    running_tasks: int = 0  # of an array, while the rest of it waits

    @property
    def expected(self) -> list[tuple[str, str]]:
        """The (state, reason) of each record that squeue has of it, sorted."""
        if not self.reason:
            return [("RUNNING", "None")]
        return [("PENDING", self.reason), *[("RUNNING", "None")] * self.running_tasks]


RUNNING = (
    JobSpec("llm-train", "daemon", "h100", 8, ("-wgpu01", "-c32", "--qos=high")),
    JobSpec(
        "embed", "www-data", "h100", 1, ("-wgpu02", "-c4", "--array=0-5%2"), "JobArrayTaskLimit", 2
    ),
    JobSpec("finetune", "news", "h100", 4, ("-wgpu02", "-c16")),
    JobSpec("llm-eval", "daemon", "h100", 2, ("-wgpu03", "-c8")),
    JobSpec("scan", "games", "a100", 2, ("-c8", "--time=1-00:00:00")),
    JobSpec("notebook", "mail", "a100", 1, ("-c4", "--qos=interactive")),
    JobSpec("cfd", "news", "cpu", 0, ("-wcpu01", "-c16", "--licenses=ansys:2")),
    JobSpec("etl", "mail", "cpu", 0, ("-wcpu01", "-c8")),
    JobSpec("smoke", "daemon", "debug", 0, ("-wcpu01", "--time=04:00:00")),
)
# The order matters: a limit shows as the reason only if nothing bigger waits ahead of it.
PENDING = (
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
    for some in (RUNNING, PENDING):
        for spec in some:
            options = [option.format(**ids) for option in spec.options]
            ids[spec.name] = lab.submit(
                spec.name, user=spec.user, partition=spec.partition, gpus=spec.gpus, options=options
            )
            if spec.reason == "JobHeldAdmin":
                lab.run("scontrol", "hold", str(ids[spec.name]))
        _settle(lab, some)
    return ids


def _settle(lab: SlurmLab, some: tuple[JobSpec, ...]) -> None:
    try:
        wait_until(lambda: not unsettled(lab, some), _SEEDED_S, "the jobs' states and reasons")
    except LabError as error:
        raise LabError(f"{error}: {unsettled(lab, some)}") from None


def unsettled(lab: SlurmLab, some: tuple[JobSpec, ...] = ()) -> list[str]:
    """The seeded jobs that are not (yet) as they were made to be, each with what it is."""
    shown = lab.run("squeue", "-h", "-o", "%j|%T|%r").stdout.splitlines()
    rows = [row.split("|") for row in shown if row.count("|") == 2]
    wrong: list[str] = []
    for spec in some or (*RUNNING, *PENDING):
        found = sorted((state, reason) for name, state, reason in rows if name == spec.name)
        if [(state, reason.partition(",")[0]) for state, reason in found] != spec.expected:
            wrong.append(f"{spec.name}: {found}")
    return wrong
