"""What is brought up to date by changes must be what is made afresh."""

from __future__ import annotations

import random
from typing import Any

import pytest

from andon.analysis.accelerator_index import accelerator_index
from andon.analysis.job_index import job_index
from andon.analysis.joins import joins
from andon.analysis.merge import merged
from andon.analysis.problems import problems, problems_about
from andon.analysis.summary import summarise
from andon.analysis.watch import oldest_waiting, suspect_accelerators, suspect_nodes
from andon.model import (
    Accelerator,
    AcceleratorState,
    Incident,
    Job,
    JobState,
    Kind,
    Node,
    NodeState,
    Record,
    Severity,
    SourceState,
)
from andon.store import Snapshot
from tests.unit.analysis.factory import HOUR, NOW, incident, said, status

SOURCES = ("slurm-par1", "nvml-par1", "slurm-fra1")
KINDS = (Kind.NODE, Kind.ACCELERATOR, Kind.JOB, Kind.INCIDENT)


def random_record(rng: random.Random, source: str) -> Record:
    site = source.partition("-")[2]
    host = f"n{rng.randrange(6)}"
    driver = source.startswith("nvml")
    kind = rng.choice(KINDS[:2] if driver else KINDS)
    if kind is Kind.NODE:
        return Node(
            site=site,
            name=host,
            state=NodeState.UNKNOWN if driver else rng.choice(list(NodeState)),
            gpus_total=rng.choice([None, 4, 8]),
            gpus_allocated=rng.choice([None, 0, 3]),
            power_draw_watts=rng.choice([None, 100.1, 250.7]),
            reason_at=rng.choice([None, NOW - 5, NOW - 9000]),
            rack=rng.choice([None, "r1"]),
        )
    if kind is Kind.ACCELERATOR:
        index = rng.randrange(3)
        named = driver or rng.random() < 0.2
        return Accelerator(
            site=site,
            node=host,
            index=index,
            uuid=f"GPU-{site}-{host}-{index}" if named else None,
            pci_address=rng.choice([None, f"0000:{index + 1:02x}:00.0"]),
            state=rng.choice(list(AcceleratorState)),
            power_draw_watts=rng.choice([None, 33.3, 400.04]),
            idle_since=rng.choice([None, NOW - HOUR]),
            tenant=rng.choice([None, "a", "b"]),
            throttle_reasons=rng.choice([(), ("hw_slowdown",)]),
        )
    if kind is Kind.INCIDENT:
        card = f"{site}/{host}/{rng.randrange(3)}"
        return Incident(
            site=site,
            id=str(rng.randrange(5)),
            topic="x",
            text=rng.choice(["slowed down", "is idle", "GPU 1 is broken", "not responding"]),
            severity=rng.choice(list(Severity)),
            object_kind=Kind.ACCELERATOR if rng.random() < 0.5 else None,
            object_key=rng.choice([None, card]),
            nodes=rng.choice([(), (host,)]),
        )
    return Job(
        site=site,
        cluster="c1",
        id=str(rng.randrange(40)),
        state=rng.choice(list(JobState)),
        tenant=rng.choice([None, "a", "b"]),
        queue=rng.choice([None, "q1", "q2", "q1,q2"]),
        tasks_count=rng.choice([None, None, 7, 1000]),
        nodes=tuple(f"n{rng.randrange(6)}" for _ in range(rng.randrange(3))),
        gpus=rng.choice([None, 0, 1, 8]),
        reason=rng.choice([None, "Priority", "BadConstraints", "Dependency"]),
        submitted_at=NOW - rng.randrange(1, 400_000),
        user=rng.choice(["u1", "u2"]),
    )


def random_step(rng: random.Random, snapshot: Snapshot) -> Snapshot:
    source = rng.choice(SOURCES)
    if rng.random() < 0.15:
        state = rng.choice([SourceState.LIVE, SourceState.LIVE, SourceState.DOWN])
        return snapshot.with_status(status(source, state=state, site=source.partition("-")[2]))
    records = [random_record(rng, source) for _ in range(rng.randrange(8))]
    whole = [kind for kind in KINDS if rng.random() < 0.1]
    known = [
        (kind, key) for kind in KINDS for key in snapshot.said_by(source, kind) if kind not in whole
    ]
    removed = rng.sample(known, min(len(known), rng.randrange(3)))
    return said(snapshot, *records, source=source, whole=whole, removed=removed)


def everything(snapshot: Snapshot) -> dict[str, Any]:
    index = job_index(snapshot)
    found: dict[str, Any] = {
        "on_node": dict(index.on_node),
        "by_tenant": dict(index.by_tenant),
        "by_queue": dict(index.by_queue),
        "waiting": dict(index.waiting),
        "cards": {key: set(cards) for key, cards in accelerator_index(snapshot).of_node.items()},
        "nodes suspected": dict(suspect_nodes(snapshot)),
        "cards suspected": dict(suspect_accelerators(snapshot)),
        "oldest": [job.submitted_at for job in oldest_waiting(snapshot)[:5]],
        "summary": summarise(snapshot, NOW),
        "problems": {
            (one.title, one.detail, one.severity, one.gpus) for one in problems(snapshot, NOW)
        },
    }
    for kind in KINDS:
        one = merged(snapshot, kind)
        found[f"{kind} records"] = dict(one.records)
        found[f"{kind} clashes"] = dict(one.clashes)
        found[f"{kind} shared"] = one.shared
        found[f"{kind} sources"] = {key: one.sources(key) for key in one.records}
        found[f"{kind} joined by"] = {key: one.joined_by(key) for key in one.records}
    return found


def without_memory(snapshot: Snapshot) -> Snapshot:
    return Snapshot(snapshot.facets, snapshot.sources, snapshot.revision, snapshot.log)


@pytest.mark.parametrize("seed", range(12))
def test_a_random_history_ends_in_what_is_made_afresh(seed: int) -> None:
    rng = random.Random(seed)
    snapshot = Snapshot()
    for name in SOURCES:
        snapshot = snapshot.with_status(status(name, site=name.partition("-")[2]))
    for step in range(60):
        snapshot = random_step(rng, snapshot)
        if rng.random() < 0.5:
            # Sometimes nobody looks, and several changes are taken in at once.
            kept, afresh = everything(snapshot), everything(without_memory(snapshot))
            for name, value in afresh.items():
                assert kept[name] == value, f"{name} after step {step}"


@pytest.mark.parametrize("seed", range(3))
def test_an_older_snapshot_still_says_what_it_said(seed: int) -> None:
    rng = random.Random(100 + seed)
    before = Snapshot()
    for _ in range(20):
        before = random_step(rng, before)
    told = everything(before)
    after = before
    for _ in range(10):
        after = random_step(rng, after)
        everything(after)
    assert everything(before) == told


def test_two_futures_of_one_snapshot_do_not_mix() -> None:
    rng = random.Random(7)
    start = Snapshot()
    for _ in range(20):
        start = random_step(rng, start)
    everything(start)
    one, other = random_step(rng, start), random_step(rng, start)
    for _ in range(5):
        one, other = random_step(rng, one), random_step(rng, other)
        assert everything(one) == everything(without_memory(one))
        assert everything(other) == everything(without_memory(other))


def test_what_did_not_change_is_not_made_again() -> None:
    snapshot = Snapshot()
    rng = random.Random(3)
    for _ in range(20):
        snapshot = random_step(rng, snapshot)
    everything(snapshot)
    quiet = snapshot.with_status(status("slurm-par1", failures=0, latency_seconds=0.5))
    for kind in KINDS:
        if merged(snapshot, kind).order == merged(quiet, kind).order:
            assert merged(quiet, kind) is merged(snapshot, kind)
    assert joins(quiet).jobs is joins(snapshot).jobs


def by_index(host: str, index: int, **more: Any) -> Accelerator:
    return Accelerator(site="par1", node=host, index=index, **more)


def test_an_incident_about_a_card_is_the_same_whenever_the_driver_was_first_heard() -> None:
    about = incident(
        "i",
        text="Xid 79",
        object_kind=Kind.ACCELERATOR,
        object_key="par1/n1/3",
    )
    snapshot = said(Snapshot(), by_index("n1", 3), about, source="slurm-par1")
    problems(snapshot, NOW)
    broken = by_index("n1", 3, uuid="GPU-3", state=AcceleratorState.FAULTY, xid_last=79)
    after = said(snapshot, broken, source="nvml-par1")
    assert [one.title for one in problems(after, NOW)] == ["Xid 79"]
    assert problems(after, NOW) == problems(without_memory(after), NOW)
    assert problems_about(after, Kind.ACCELERATOR, broken.key, NOW) == problems(after, NOW)


def test_which_of_two_incidents_tells_does_not_depend_on_which_came_first() -> None:
    texts = {"a": "n1: Xid 79", "b": "n1: fallen off the bus"}
    broken = by_index("n1", 3, uuid="GPU-3", xid_last=79, recovery_action="reboot")

    def told(*ids: str) -> list[str]:
        snapshot = said(Snapshot(), broken, source="slurm-par1")
        for id_ in ids:
            one = incident(id_, text=texts[id_], nodes=("n1",))
            snapshot = said(snapshot, one, source="slurm-par1")
            problems(snapshot, NOW)
        return [f"{one.title}: {one.detail}" for one in problems(snapshot, NOW)]

    assert told("a", "b") == told("b", "a")


def test_the_words_of_a_problem_do_not_depend_on_which_card_was_heard_first() -> None:
    idle = [
        by_index(host, 0, state=AcceleratorState.IDLE_HELD, tenant="a", idle_since=NOW - HOUR)
        for host in ("n1", "n2", "n3", "n4")
    ]
    first = problems(said(Snapshot(), *idle, source="slurm-par1"), NOW)
    assert problems(said(Snapshot(), *reversed(idle), source="slurm-par1"), NOW) == first
    assert first[0].detail.endswith("on n1, n2, n3 and 1 more")
