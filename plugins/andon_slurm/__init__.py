"""Slurm through the tools of a login node: squeue, sinfo, scontrol, scancel and sacctmgr."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from andon.sdk import OUTPUT_LIMIT_BYTES, Found, Option, Plugin
from andon_slurm.job_actions import Cancel, Hold, Release, Requeue
from andon_slurm.node_actions import Drain, Undrain
from andon_slurm.source import SlurmSource

_CONFIGURATIONS = (
    "/etc/slurm/slurm.conf",
    "/etc/slurm-llnl/slurm.conf",
    "/run/slurm/conf/slurm.conf",  # configless: what slurmd or sackd fetched
)


def find(environ: Mapping[str, str]) -> tuple[Found, ...]:
    """Say whether this machine is part of a Slurm cluster: the tools and a configuration."""
    squeue = shutil.which("squeue", path=environ.get("PATH", os.defpath))
    if squeue is None:
        return ()
    if conf := environ.get("SLURM_CONF"):
        return (Found(why=f"{squeue} with SLURM_CONF={conf}", site="local"),)
    own_prefix = Path(squeue).resolve().parent.parent / "etc" / "slurm.conf"
    for conf_file in (*map(Path, _CONFIGURATIONS), own_prefix):
        if conf_file.exists():
            return (Found(why=f"{squeue} and {conf_file}", site="local"),)
    return ()


plugin = Plugin(
    name="slurm",
    summary="Slurm jobs, nodes, GPUs, partitions and accounts through the command-line tools.",
    open=SlurmSource,
    find=find,
    actions=(Drain(), Undrain(), Cancel(), Hold(), Release(), Requeue()),
    options=(
        Option(name="bin", summary="Folder of the Slurm tools, when not on PATH.", type="path"),
        Option(name="slurm_conf", summary="Path of slurm.conf (SLURM_CONF).", type="path"),
        Option(
            name="output_limit_mib",
            summary="Refuse a tool's output above this many MiB.",
            type="integer",
            default=OUTPUT_LIMIT_BYTES >> 20,
            minimum=1,
            maximum=16384,
        ),
    ),
)
