"""How each daemon of the lab is started, and how it says that it is ready."""

from __future__ import annotations

import subprocess

from tests.lab.slurm.config import NODES, Layout
from tests.lab.slurm.daemons import Daemons
from tests.lab.slurm.ports import answers
from tests.lab.slurm.processes import marked_environment
from tests.lab.slurm.tools import LabError, program

CONTROLLER = "slurmctld"

_DATABASE = (
    "--no-defaults",
    "--user=mysql",
    "--skip-log-bin",
    "--innodb-log-file-size=8M",
    "--innodb-buffer-pool-size=64M",
    "--innodb-flush-method=nosync",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-lock-wait-timeout=900",
    # As sites must set it for slurmdbd: a job's name may be longer than its column.
    "--sql-mode=NO_ENGINE_SUBSTITUTION",
)


def start_munge(layout: Layout, daemons: Daemons) -> None:
    """Start the daemon that vouches for who sends a message."""
    folder = layout.root / "munge"
    daemons.start(
        "munged",
        [
            "munged",
            "--foreground",
            f"--socket={layout.munge_socket}",
            f"--key-file={folder / 'key'}",
            f"--pid-file={folder / 'pid'}",
            f"--seed-file={folder / 'seed'}",
            f"--log-file={folder / 'log'}",
        ],
    )


def start_database(layout: Layout, daemons: Daemons) -> None:
    """Make an empty database and start its server; blocks for the first of these."""
    folder = layout.root / "db"
    made = subprocess.run(
        [
            program("mariadb-install-db"),
            *_DATABASE,
            f"--datadir={folder}",
            _temporary(layout),
            "--auth-root-authentication-method=socket",
            "--skip-test-db",
        ],
        cwd=layout.root,
        env=marked_environment(layout.root),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=120,
    )
    if made.returncode:
        raise LabError(f"mariadb-install-db failed:\n{made.stdout}\n{made.stderr}")
    daemons.start(
        "mariadbd",
        [
            "mariadbd",
            *_DATABASE,
            f"--datadir={folder}",
            _temporary(layout),
            f"--socket={folder / 'socket'}",
            f"--pid-file={folder / 'pid'}",
            f"--init-file={layout.root / 'db.sql'}",
            "--bind-address=127.0.0.1",
            f"--port={layout.database_port}",
            "--skip-name-resolve",
            "--performance-schema=OFF",
        ],
    )


def start_accounting(layout: Layout, daemons: Daemons) -> None:
    """Start slurmdbd once what it needs is there, and wait until it listens."""
    daemons.wait("munged", layout.munge_socket.exists)
    daemons.wait("mariadbd", lambda: answers(layout.database_port))
    daemons.start("slurmdbd", ["slurmdbd", "-D"], extra_env=_environment(layout))
    daemons.wait("slurmdbd", lambda: answers(layout.accounting_port))


def start_controller(layout: Layout, daemons: Daemons) -> None:
    """Start slurmctld, and wait until it listens."""
    argv = ["slurmctld", "-D", "-f", str(layout.slurm_conf)]
    daemons.start(CONTROLLER, argv, extra_env=_environment(layout))
    daemons.wait(CONTROLLER, lambda: answers(layout.controller_port))


def start_nodes(layout: Layout, daemons: Daemons) -> None:
    """Start a slurmd for every node that is served."""
    for node in NODES:
        if node.served:
            argv = ["slurmd", "-D", "-N", node.name, "-f", str(layout.slurm_conf)]
            daemons.start(f"slurmd-{node.name}", argv, extra_env=_environment(layout))


def _temporary(layout: Layout) -> str:
    """A folder of its own: a mariadbd that starts removes what others keep in theirs."""
    return f"--tmpdir={layout.root / 'tmp'}"


def _environment(layout: Layout) -> dict[str, str]:
    return {"SLURM_CONF": str(layout.slurm_conf)}
