"""What the tools' complaints mean, and what of the operator's environment reaches them."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.sdk import (
    Finished,
    SourceDenied,
    SourceError,
    SourceGarbled,
    SourceTimeout,
    SourceUnreachable,
    SourceUnsupported,
)
from andon_slurm.commands import Tools, complaint, tool_environment

MUNGE = """\
squeue: error: If munged is up, restart with --num-threads=10
squeue: error: Munge encode failed: Failed to access "/run/munge/socket": No such file or directory
squeue: error: slurm_send_node_msg: auth_g_create: REQUEST_JOB_INFO has authentication error
slurm_load_jobs error: Protocol authentication error
"""
CONF = """\
squeue: error: s_p_parse_file: cannot stat file /x/slurm.conf: No such file, retrying in 1sec
squeue: error: ClusterName needs to be specified
squeue: fatal: Unable to process configuration file
"""
SAID = [
    (MUNGE, SourceUnreachable),
    (CONF, SourceUnreachable),
    ("slurm_load_jobs error: Unable to contact slurm controller (connect failure)", None),
    ("sacctmgr: error: Sending PersistInit msg: Connection refused", None),
    ("sacctmgr: error: Sending PersistInit msg: Resource temporarily unavailable", None),
    ("slurm_update error: Slurm backup controller in standby mode", None),
    ("squeue: error: fetch_config: DNS SRV lookup failed\nsqueue: error: "
     "_establish_config_source: failed to fetch config\nsqueue: fatal: Could not establish a "
     "configuration source", None),
    ("slurm_load_jobs error: Socket timed out on send/recv operation", SourceTimeout),
    ("slurm_load_jobs error: Zero Bytes were transmitted or received", SourceTimeout),
    ("Unexpected message received for job 16\nslurm_suspend error: Unexpected message received",
     SourceTimeout),
    ("slurm_update error: Invalid user id", SourceDenied),
    ("scancel: error: Kill job error on job id 1: Access/permission denied", SourceDenied),
    ("scontrol: error: Operation not permitted", SourceDenied),
    ("slurm_load_jobs error: Protocol authentication error", SourceDenied),
    (" Your user doesn't have privilege to perform this action.", SourceDenied),
    ("squeue: unrecognized option '--Format=x'", SourceUnsupported),
    ("squeue: error: Invalid job format specification: HetJobID:0<a", SourceUnsupported),
    (" You are not running a supported accounting_storage plugin\n Only "
     "'accounting_storage/slurmdbd' is supported.", SourceUnsupported),
    ("slurm_update error: Invalid node state specified", SourceGarbled),
    ("scancel: error: Kill job error on job id 28+1: Operation not permitted on individual "
     "component of heterogeneous job", SourceGarbled),
    ("", SourceGarbled),
]  # fmt: skip


@pytest.mark.parametrize(("said", "kind"), SAID)
def test_a_complaint_is_told_as_what_it_is(said: str, kind: type[SourceError] | None) -> None:
    error = complaint(Finished(("/usr/bin/squeue",), 1, b"", said.encode()))
    assert type(error) is (kind or SourceUnreachable)
    assert error.message.startswith("squeue: ")
    assert error.hint


def test_the_line_that_says_why_is_shown_not_the_last_one() -> None:
    error = complaint(Finished(("squeue",), 1, b"", MUNGE.encode()))
    assert error.message.startswith("squeue: Munge encode failed: Failed to access")
    assert "munged" in error.hint


def test_a_tool_that_was_killed_or_said_nothing_is_told_so() -> None:
    assert complaint(Finished(("squeue",), -9, b"", b"")).message == "squeue was ended by signal 9"
    assert complaint(Finished(("squeue",), 3, b"", b"")).message == "squeue: exit status 3"


def test_a_complaint_cannot_reach_a_terminal() -> None:
    error = complaint(Finished(("squeue",), 1, b"", b"\x1b]0;x\x07 \xff\xe2\x80\xae " + b"y" * 999))
    assert "\x1b" not in error.message
    assert len(error.message) < 400


def test_what_the_operator_set_for_own_use_does_not_steer_us() -> None:
    own = {
        "PATH": "/bin",
        "SLURM_CONF": "/x/slurm.conf",
        "SQUEUE_PARTITION": "mine",
        "SQUEUE_STATES": "running",
        "SINFO_FORMAT": "%N",
        "SCANCEL_INTERACTIVE": "1",
        "SLURM_CLUSTERS": "all",
        "SLURM_BITSTR_LEN": "16",
        "SLURM_TIME_FORMAT": "relative",
        "LC_ALL": "de_DE.UTF-8",
    }
    assert tool_environment(own) == {
        "PATH": "/bin",
        "SLURM_CONF": "/x/slurm.conf",
        "SLURM_BITSTR_LEN": "0",
        "SLURM_TIME_FORMAT": "%s",
        "LC_ALL": "C",
    }
    assert tool_environment({}, "standard")["SLURM_TIME_FORMAT"] == "standard"


async def test_a_missing_slurm_conf_is_told_at_once(tmp_path: Path) -> None:
    conf = tmp_path / "gone.conf"
    tools = Tools({"SLURM_CONF": str(conf), "PATH": "/bin"})
    with pytest.raises(SourceUnreachable, match=f"SLURM_CONF names {conf}, which is not there"):
        await tools.text(("sleep", "60"), 30.0)
