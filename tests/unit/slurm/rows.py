"""Rows as the tools print them, for tests to change one field at a time."""

from __future__ import annotations

from collections.abc import Mapping

from andon.sdk import Job, Node
from andon_slurm.fields import Place
from andon_slurm.parse_jobs import JOB_FIELDS, jobs
from andon_slurm.parse_nodes import NODE_FIELDS, nodes

PLACE = Place("par1", "lab")

RUNNING = {
    "JobID": "3",
    "ArrayJobID": "3",
    "ArrayTaskID": "N/A",
    "HetJobID": "N/A",
    "HetJobOffset": "N/A",
    "State": "RUNNING",
    "Reason": "None",
    "UserName": "news",
    "Account": "ministry",
    "Partition": "h100",
    "QOS": "normal",
    "PriorityLong": "1",
    "SubmitTime": "1795436854",
    "EligibleTime": "1795436854",
    "StartTime": "1795436855",
    "EndTime": "1795480055",
    "TimeLimit": "12:00:00",
    "NodeList": "gpu02",
    "ReqNodes": "gpu02",
    "NumNodes": "1",
    "NumTasks": "1",
    "NumCPUs": "16",
    "tres-alloc": "cpu=16,mem=16000M,node=1,billing=16,gres/gpu=4,gres/gpu:h100=4",
    "tres-per-job": "N/A",
    "tres-per-node": "gres:gpu:4",
    "tres-per-socket": "N/A",
    "tres-per-task": "N/A",
    "Dependency": "(null)",
    "Reservation": "(null)",
    "Licenses": "(null)",
    "exit_code": "0",
    "Cluster": "lab",
    "Comment": "(null)",
    "Name": "finetune",
}
WAITING = RUNNING | {
    "JobID": "20",
    "ArrayJobID": "20",
    "State": "PENDING",
    "Reason": "Resources",
    "StartTime": "1795480054",
    "EndTime": "1795523254",
    "NodeList": "",
    "ReqNodes": "",
}
ARRAY_REST = WAITING | {
    "JobID": "2",
    "ArrayJobID": "2",
    "ArrayTaskID": "2-5%2",
    "Reason": "JobArrayTaskLimit",
    "Name": "embed",
}

NODE = {
    "NodeList": "gpu02",
    "Partition": "h100*",
    "StateComplete": "mixed",
    "CPUsState": "24/72/0/96",
    "CPUsLoad": "1.40",
    "Memory": "1000000",
    "AllocMem": "24000",
    "FreeMem": "22889",
    "Gres": "gpu:h100:8",
    "GresUsed": "gpu:h100:6(IDX:0-5)",
    "Version": "22.05.8",
    "NodeAddr": "127.0.0.1",
    "User": "Unknown",
    "TimeStamp": "Unknown",
    "Features": "h100",
    "Comment": "(null)",
    "Reason": "none",
}


def job(base: Mapping[str, str] = RUNNING, **fields: str) -> Job:
    """Return the job of one row; underscores in field names stand for `-`."""
    changed = {**base} | {_field(name): value for name, value in fields.items()}
    return jobs([[changed[name] for name in JOB_FIELDS]], PLACE)[0]


def node(**fields: str) -> Node:
    """Return the node of one row."""
    changed = NODE | fields
    return nodes([[changed[name] for name in NODE_FIELDS]], PLACE)[0]


def _field(name: str) -> str:
    return name if name in RUNNING else name.replace("_", "-")
