"""Which cluster it is, who we are to it, what it hides, and how it is found."""

from __future__ import annotations

from pathlib import Path

import pytest

import andon_slurm
from andon.sdk import Kind
from andon_slurm.cluster import Identity, cluster_of, hidden

CONFIG = """\
Configuration data as of 2026-11-23T12:27:32
ClusterName             = lab
PrivateData             = {private}
SlurmUser               = slurm(64030)
SLURM_VERSION           = 22.05.8

Slurmctld(primary) at ctl01 is UP
"""
KINDS = frozenset({Kind.JOB, Kind.NODE, Kind.ACCELERATOR, Kind.TENANT})


def test_a_cluster_says_its_name_version_and_what_it_hides() -> None:
    cluster = cluster_of(CONFIG.format(private="jobs,nodes,usage"))
    assert (cluster.name, cluster.version, cluster.owner) == ("lab", "22.05.8", "slurm")
    assert cluster.private == ("jobs", "nodes", "usage")
    assert cluster_of(CONFIG.format(private="none")).private == ()


@pytest.mark.parametrize(
    ("user", "level", "shown"),
    [
        ("ada", None, "ada"),
        ("ada", "None", "ada"),
        ("ada", "Operator", "ada (Operator)"),
        ("root", "Administrator", "root (Administrator)"),
    ],
)
def test_an_identity_is_shown_with_its_right(user: str, level: str | None, shown: str) -> None:
    assert str(Identity(user, level)) == shown


def test_what_may_be_hidden_from_an_ordinary_user_is_said() -> None:
    cluster = cluster_of(CONFIG.format(private="jobs,nodes,usage"))
    notes = hidden(cluster, Identity("ada", "None"), KINDS)
    assert [part.kind for part in notes] == [Kind.JOB, Kind.NODE, Kind.ACCELERATOR]
    assert notes[0].note == "PrivateData=jobs may hide some"
    # Nobody knows whether anything is missing: that is a note, not a gap.
    assert all(part.reported == part.expected for part in notes)


@pytest.mark.parametrize(
    "identity",
    [Identity("root"), Identity("slurm"), Identity("ada", "Operator")],
    ids=["root", "SlurmUser", "operator"],
)
def test_nothing_is_hidden_from_those_who_may_see_all(identity: Identity) -> None:
    cluster = cluster_of(CONFIG.format(private="jobs,nodes"))
    assert hidden(cluster, identity, KINDS) == []


def test_where_nothing_is_private_nothing_is_hidden() -> None:
    assert hidden(cluster_of(CONFIG.format(private="none")), Identity("ada"), KINDS) == []


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    folder = tmp_path / "opt" / "bin"
    folder.mkdir(parents=True)
    squeue = folder / "squeue"
    squeue.write_text("#!/bin/sh\n")
    squeue.chmod(0o755)
    return folder


def test_a_machine_without_the_tools_is_no_slurm(tmp_path: Path) -> None:
    environ = {"PATH": str(tmp_path), "SLURM_CONF": "/x/slurm.conf"}
    assert andon_slurm.plugin.find(environ) == ()


def test_tools_and_slurm_conf_are_a_slurm(tools: Path) -> None:
    (found,) = andon_slurm.plugin.find({"PATH": str(tools), "SLURM_CONF": "/x/slurm.conf"})
    assert found.why == f"{tools}/squeue with SLURM_CONF=/x/slurm.conf"
    assert found.site == "local"


def test_a_configuration_beside_the_tools_is_found(
    tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(andon_slurm, "_CONFIGURATIONS", ())
    assert andon_slurm.plugin.find({"PATH": str(tools)}) == ()
    conf = tools.parent / "etc" / "slurm.conf"
    conf.parent.mkdir()
    conf.write_text("ClusterName=x\n")
    (found,) = andon_slurm.plugin.find({"PATH": str(tools)})
    assert found.why == f"{tools}/squeue and {conf}"
