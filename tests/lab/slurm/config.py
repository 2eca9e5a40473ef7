"""The text of the lab's configuration files. Pure: nothing here touches the machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CLUSTER = "lab"
DATABASE_USER = "slurm"
DATABASE_PASSWORD = "lab-only"  # of a private database that listens on loopback


@dataclass(frozen=True)
class NodeSpec:
    """One node the controller knows; several of them share this machine."""

    name: str
    cpus: int
    memory_mib: int
    gpu_type: str = ""
    gpus: int = 0
    served: bool = True  # False: defined without a slurmd, so it is DOWN

    @property
    def gres(self) -> str:
        """The node's GRES as slurm.conf writes it, empty without GPUs."""
        return f"gpu:{self.gpu_type}:{self.gpus}" if self.gpus else ""


@dataclass(frozen=True)
class PartitionSpec:
    """One partition and the nodes it holds, as a hostlist."""

    name: str
    nodes: str
    max_time: str = "3-00:00:00"
    default: bool = False


NODES = (
    NodeSpec("gpu01", 96, 1_000_000, "h100", 8),
    NodeSpec("gpu02", 96, 1_000_000, "h100", 8),
    NodeSpec("gpu03", 96, 1_000_000, "h100", 8),
    NodeSpec("gpu04", 64, 500_000, "a100", 4),
    NodeSpec("cpu01", 64, 250_000),
    NodeSpec("cpu02", 64, 250_000),
    NodeSpec("cpu03", 64, 250_000),
    NodeSpec("cpu04", 64, 250_000, served=False),
)
PARTITIONS = (
    PartitionSpec("h100", "gpu[01-03]", default=True),
    PartitionSpec("a100", "gpu04"),
    PartitionSpec("cpu", "cpu[01-04]"),
    PartitionSpec("debug", "gpu04,cpu01", max_time="04:00:00"),
)
LICENSES = "ansys:2"


@dataclass(frozen=True)
class Layout:
    """Where one lab's files and ports are."""

    root: Path
    first_port: int
    host_name: str

    @property
    def slurm_conf(self) -> Path:
        """The file that SLURM_CONF names."""
        return self.root / "slurm.conf"

    @property
    def slurmdbd_conf(self) -> Path:
        """Read by slurmdbd from beside slurm.conf."""
        return self.root / "slurmdbd.conf"

    @property
    def munge_socket(self) -> Path:
        """The socket of the lab's own munged."""
        return self.root / "munge" / "socket"

    @property
    def logs(self) -> Path:
        """Every daemon's log and working directory."""
        return self.root / "log"

    @property
    def controller_port(self) -> int:
        """The port of slurmctld."""
        return self.first_port

    @property
    def accounting_port(self) -> int:
        """The port of slurmdbd."""
        return self.first_port + 1

    @property
    def database_port(self) -> int:
        """The port of mariadbd."""
        return self.first_port + 2

    def node_port(self, node: NodeSpec) -> int:
        """The port of a node's slurmd; nothing listens there for one that is not served."""
        return self.first_port + 3 + NODES.index(node)

    def device(self, node: NodeSpec, index: int) -> Path:
        """The device file that stands for one GPU."""
        return self.root / "dev" / f"{node.name}-nvidia{index}"


PORTS_NEEDED = 3 + len(NODES)


def slurm_conf(layout: Layout) -> str:
    """The controller's, the nodes' and the commands' configuration."""
    lines = [_daemons(layout), _policy()]
    lines += [_node_line(layout, node) for node in NODES]
    lines += [_partition_line(partition) for partition in PARTITIONS]
    return "\n".join(lines) + "\n"


def _daemons(layout: Layout) -> str:
    root, logs = layout.root, layout.logs
    return f"""\
ClusterName={CLUSTER}
SlurmctldHost={layout.host_name}(127.0.0.1)
SlurmctldPort={layout.controller_port}
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SlurmUser=slurm
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={layout.munge_socket}
StateSaveLocation={root}/state
SlurmctldPidFile={root}/run/slurmctld.pid
SlurmctldLogFile={logs}/slurmctld.log
SlurmdSpoolDir={root}/spool/%n
SlurmdPidFile={root}/run/slurmd-%n.pid
SlurmdLogFile={logs}/slurmd-%n.log
SlurmdParameters=config_overrides
SlurmctldTimeout=60
SlurmdTimeout=300
KillWait=2
MessageTimeout=10
ReturnToService=2
MailProg=/bin/true
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/linux
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={layout.accounting_port}
AccountingStoragePass={layout.munge_socket}"""


def _policy() -> str:
    return f"""\
AccountingStorageEnforce=associations,limits,qos
AccountingStorageTRES=gres/gpu,gres/gpu:h100,gres/gpu:a100
PriorityType=priority/multifactor
PriorityWeightQOS=10000
PriorityWeightAge=100
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=1000
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2
EnforcePartLimits=NO
GresTypes=gpu
Licenses={LICENSES}
MaxJobCount=20000
MinJobAge=3600"""


def _node_line(layout: Layout, node: NodeSpec) -> str:
    gres = f" Gres={node.gres} Feature={node.gpu_type}" if node.gpus else ""
    return (
        f"NodeName={node.name} NodeAddr=127.0.0.1 Port={layout.node_port(node)} CPUs={node.cpus}"
        f" Sockets=2 CoresPerSocket={node.cpus // 2} ThreadsPerCore=1"
        f" RealMemory={node.memory_mib}{gres} State=UNKNOWN"
    )


def _partition_line(partition: PartitionSpec) -> str:
    default = "YES" if partition.default else "NO"
    return (
        f"PartitionName={partition.name} Nodes={partition.nodes} Default={default}"
        f" DefaultTime=12:00:00 MaxTime={partition.max_time} State=UP"
    )


def gres_conf(layout: Layout) -> str:
    """One line for each GPU, so that jobs are given them by index."""
    lines = [
        f"NodeName={node.name} Name=gpu Type={node.gpu_type} File={layout.device(node, index)}"
        for node in NODES
        for index in range(node.gpus)
    ]
    return "\n".join(lines) + "\n"


def cgroup_conf() -> str:
    """Names a plugin, since detecting one dies where no cgroups are mounted; none is used."""
    return "CgroupPlugin=cgroup/v1\n"


def slurmdbd_conf(layout: Layout) -> str:
    """The accounting daemon's configuration; it must be owned by slurm with mode 0600."""
    return f"""\
DbdHost={layout.host_name}
DbdAddr=127.0.0.1
DbdPort={layout.accounting_port}
CommunicationParameters=NoInAddrAny
SlurmUser=slurm
AuthType=auth/munge
AuthInfo=socket={layout.munge_socket}
LogFile={layout.logs}/slurmdbd.log
PidFile={layout.root}/run/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageHost=127.0.0.1
StoragePort={layout.database_port}
StorageUser={DATABASE_USER}
StoragePass={DATABASE_PASSWORD}
"""


def database_init_sql() -> str:
    """Run by mariadbd before it accepts connections; each statement on one line."""
    user = f"'{DATABASE_USER}'@'127.0.0.1'"
    return (
        "CREATE DATABASE IF NOT EXISTS slurm_acct_db;\n"
        f"CREATE USER IF NOT EXISTS {user} IDENTIFIED BY '{DATABASE_PASSWORD}';\n"
        f"GRANT ALL ON slurm_acct_db.* TO {user};\n"
    )
