"""Lays a lab's folder out: subfolders with their owners, configuration, device files."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import tempfile
from pathlib import Path

from tests.lab.slurm import config
from tests.lab.slurm.config import NODES, Layout
from tests.lab.slurm.tools import LabError

_LONGEST = 60  # a unix socket's path has 108 bytes, and mariadbd adds to the folder's

_FOLDERS = {
    "log": "slurm",
    "state": "slurm",
    "run": "slurm",
    "db": "mysql",
    "tmp": "mysql",
    "munge": "root",
    "spool": "root",
    "dev": "root",
}


def new_root(wanted: Path | None) -> Path:
    """Make the lab's folder: short, and to be traversed by every user."""
    if wanted is None:
        root = Path(tempfile.mkdtemp(prefix="andon-lab-", dir="/tmp"))
    else:
        root = wanted.absolute()
        if len(os.fsencode(root)) > _LONGEST:
            raise LabError(f"{root} is too long for unix sockets: at most {_LONGEST} bytes")
        root.mkdir(parents=True, exist_ok=True)
        if any(root.iterdir()):
            raise LabError(f"{root} is not empty")
    root.chmod(0o755)
    closed = [str(parent) for parent in root.parents if not parent.stat().st_mode & stat.S_IXOTH]
    if closed:
        raise LabError(f"every user must be able to enter {closed[0]}")
    return root


def write(layout: Layout) -> None:
    """Fill the lab's folder."""
    root = layout.root
    for name, owner in _FOLDERS.items():
        _folder(root / name, owner)
    _file(root / "munge" / "key", os.urandom(128), 0o400)
    _file(layout.slurm_conf, config.slurm_conf(layout).encode())
    _file(root / "gres.conf", config.gres_conf(layout).encode())
    _file(root / "cgroup.conf", config.cgroup_conf().encode())
    _file(root / "db.sql", config.database_init_sql().encode())
    _file(layout.slurmdbd_conf, config.slurmdbd_conf(layout).encode(), 0o600)
    shutil.chown(layout.slurmdbd_conf, "slurm")
    for node in NODES:
        for index in range(node.gpus):
            device = layout.device(node, index)
            os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
            device.chmod(0o666)


def _folder(path: Path, owner: str) -> None:
    path.mkdir()
    path.chmod(0o755)
    os.chown(path, pwd.getpwnam(owner).pw_uid, -1)


def _file(path: Path, content: bytes, mode: int = 0o644) -> None:
    path.write_bytes(content)
    path.chmod(mode)
