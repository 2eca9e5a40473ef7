"""Rows of sinfo and scontrol to nodes, GPUs and partitions."""

from __future__ import annotations

import pytest

from andon.sdk import AcceleratorState, Kind, NodeState, QueueState, SourceGarbled, clean
from andon_slurm.parse_nodes import (
    NODE_FIELDS,
    QUEUE_FIELDS,
    accelerators,
    nodes,
    partitions,
    queues,
)
from andon_slurm.unlisted import unlisted_rows
from tests.unit.slurm.rows import NODE, PLACE, job, node


def test_a_node_has_its_state_load_and_gpus() -> None:
    found = node()
    assert found.key == "par1/gpu02"
    assert (found.state, found.backend_state) == (NodeState.MIXED, "MIXED")
    assert (found.cpus_allocated, found.cpus_total, found.load_1m) == (24, 96, 1.4)
    assert found.memory_total_bytes == 1_000_000 << 20
    assert (found.gpus_allocated, found.gpus_total) == (6, 8)
    assert found.gpu_indexes_allocated == (0, 1, 2, 3, 4, 5)
    assert (found.gpu_model, found.features) == ("h100", ("h100",))
    assert found.queues == ("h100",)
    assert (found.reason, found.reason_by, found.reason_at) == (None, None, None)
    assert found.backend_name is None


def test_a_drained_node_says_who_drained_it_why_and_when() -> None:
    found = node(
        StateComplete="idle+drain", CPUsState="0/0/64/64", Reason="NHC: ib link down", User="root",
        TimeStamp="1795436854",
    )  # fmt: skip
    assert found.state is NodeState.DRAINED
    assert (found.reason, found.reason_by) == ("NHC: ib link down", "root")
    assert found.reason_at == 1795436854.0


def test_processors_that_slurmctld_still_counts_on_an_idle_node_are_not_work() -> None:
    found = node(StateComplete="idle+drain", CPUsState="1/0/63/64")
    assert (found.state, found.cpus_allocated) == (NodeState.DRAINED, 0)


def test_a_node_in_two_partitions_is_one_node() -> None:
    table = [[(NODE | {"Partition": name})[f] for f in NODE_FIELDS] for name in ("h100*", "debug")]
    found = nodes(table, PLACE)
    assert [one.queues for one in found] == [("h100", "debug")]


def test_a_node_keeps_the_name_that_slurm_uses() -> None:
    found = node(NodeList="GPU02.Example.org")
    assert (found.name, found.backend_name) == ("gpu02", "GPU02.Example.org")


def test_what_a_silent_node_does_not_tell_is_not_reported() -> None:
    found = node(CPUsLoad="N/A", FreeMem="N/A", Version="N/A", StateComplete="down+not_responding")
    assert (found.load_1m, found.memory_free_bytes, found.agent_version) == (None, None, None)


@pytest.mark.parametrize("name", ["", "-x", "a b", "x\ny", "Welcome\ngpu01", "gpu[01-02]", "ä"])
def test_a_row_without_a_node_name_is_garbled(name: str) -> None:
    with pytest.raises(SourceGarbled, match="where a node name belongs"):
        node(NodeList=name)


def test_hostile_reasons_and_comments_are_cleaned() -> None:
    hostile = "\x1b]0;x\x07[/evil]\n\u202e"
    found = node(Reason=hostile, Comment=hostile, User=hostile, Features=hostile)
    assert found.reason == found.comment == found.reason_by == clean(hostile)
    assert found.features == (clean(hostile),)


GPU_STATES = [
    ({}, "aaaaaaff"),
    ({"StateComplete": "mixed+drain"}, "aaaaaauu"),
    ({"StateComplete": "down", "GresUsed": "gpu:0"}, "uuuuuuuu"),
    ({"GresUsed": "gpu:h100:6(CNT:6)"}, "????????"),
    ({"GresUsed": "gpu:h100:8(CNT:8)"}, "aaaaaaaa"),
    ({"GresUsed": "N/A"}, "ffffffff"),
    ({"StateComplete": "mixed+not_responding"}, "aaaaaa??"),
]


@pytest.mark.parametrize(("fields", "states"), GPU_STATES)
def test_each_gpu_of_a_node_is_free_held_closed_or_unknown(
    fields: dict[str, str], states: str
) -> None:
    letters = {
        AcceleratorState.ALLOCATED: "a",
        AcceleratorState.FREE: "f",
        AcceleratorState.UNAVAILABLE: "u",
        AcceleratorState.UNKNOWN: "?",
    }
    found = accelerators([node(**fields)], {})
    assert [gpu.index for gpu in found] == list(range(8))
    assert "".join(letters[gpu.state] for gpu in found) == states


def test_a_gpu_names_the_job_and_tenant_that_hold_it() -> None:
    gpu = accelerators([node()], {"gpu02:0": job()})[0]
    assert (gpu.key, gpu.job, gpu.tenant, gpu.model) == ("par1/gpu02/0", "3", "ministry", "h100")
    assert gpu.cluster == "lab"


def test_an_absurd_number_of_gpus_is_cut() -> None:
    assert len(accelerators([node(Gres="gpu:999999999", GresUsed="gpu:0")], {})) == 1024


QUEUE = dict(
    zip(QUEUE_FIELDS, ("h100*", "up", "3-00:00:00", "1", "3", "64/224/0/288"), strict=True)
)


def test_a_partition_sums_the_gpus_of_its_nodes() -> None:
    found = queues(partitions([list(QUEUE.values())]), [node()], PLACE)[0]
    assert (found.kind, found.key) == (Kind.QUEUE, "par1/lab/h100")
    assert (found.state, found.is_default, found.priority) == (QueueState.OPEN, True, 1)
    assert (found.nodes, found.nodes_total, found.cpus_total) == (("gpu02",), 3, 288)
    assert (found.gpus_total, found.gpus_allocated) == (8, 6)
    assert found.time_limit_seconds == 259_200


@pytest.mark.parametrize("name", ["", "*", "a b", "Welcome\ncpu", "a,b"])
def test_a_row_without_a_partition_is_garbled(name: str) -> None:
    with pytest.raises(SourceGarbled, match="where a partition belongs"):
        partitions([list((QUEUE | {"Partition": name}).values())])


SHOWN = (
    "NodeName=cpu02 Arch=x86_64 CoresPerSocket=32  CPUAlloc=3 CPUEfctv=64 CPUTot=64 CPULoad=1.40 "
    "AvailableFeatures=old,ib ActiveFeatures=ib Gres=gpu:a100:4 GresDrain=N/A "
    "GresUsed=gpu:a100:1(IDX:2) NodeAddr=127.0.0.1 NodeHostName=cpu02 Port=25736 Version=22.05.8 "
    "OS=Linux 6.18 #1 SMP RealMemory=250000 AllocMem=0 FreeMem=22889 Sockets=2 Boards=1 "
    "State=MIXED+DRAIN ThreadsPerCore=1 Partitions=  BootTime=1795433308 "
    "Reason=NHC: ib [x] link State=IDLE down [root@1795436854]"
)


def test_a_node_in_no_partition_is_seen_all_the_same() -> None:
    output = f"{SHOWN}\n{SHOWN.replace('cpu02', 'gpu02')}\n"
    rows = list(unlisted_rows(output, {"gpu02"}, NODE_FIELDS))
    (found,) = nodes(rows, PLACE)
    assert (found.name, found.state, found.queues) == ("cpu02", NodeState.DRAINING, ())
    assert (found.cpus_allocated, found.cpus_total, found.features) == (3, 64, ("ib",))
    assert (found.gpus_total, found.gpu_indexes_allocated) == (4, (2,))
    assert found.memory_total_bytes == 250_000 << 20
    assert found.reason == "NHC: ib [x] link State=IDLE down"
    assert (found.reason_by, found.reason_at) == ("root", 1795436854.0)


def test_lines_that_are_no_nodes_are_passed_over() -> None:
    assert list(unlisted_rows("\nNo nodes in the system\n  NodeName=x \n", (), NODE_FIELDS)) == []
