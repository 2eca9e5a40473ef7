"""What the sources of the demo tell, and how they fail."""

from __future__ import annotations

import json
import re
from collections import Counter

import pytest

from andon.sdk import (
    Accelerator,
    AcceleratorState,
    Event,
    Incident,
    JobState,
    Kind,
    NodeState,
    Reservation,
    Service,
    Site,
    SourceTimeout,
    Target,
)
from andon_demo import SITES, plugin
from tests.unit.demo.factory import START, Clock, open_source, see, target_of

_SITES = ("par1", "nrt1", "iad1")


def test_one_request_means_four_sources() -> None:
    found = plugin.expand({"seed": 3, "nodes": 12})
    assert [each.name for each in found] == [
        "demo@par1",
        "demo@nrt1",
        "demo@iad1",
        "demo-gpu@iad1",
    ]
    assert {each.site for each in found} == set(SITES)
    assert all(each.options["seed"] == 3 and each.options["nodes"] == 12 for each in found)


def test_the_demo_is_never_found_unasked() -> None:
    assert plugin.find({"DEMO": "1"}) == ()
    assert plugin.demo


def test_every_kind_is_told_by_exactly_one_source_of_a_site() -> None:
    whole = set(open_source("iad1").intervals_seconds)
    scheduler = set(open_source("iad1", part="scheduler").intervals_seconds)
    telemetry = set(open_source("iad1", part="telemetry").intervals_seconds)
    assert whole == set(Kind)
    assert scheduler | telemetry == whole
    assert not scheduler & telemetry
    assert telemetry == {Kind.ACCELERATOR, Kind.PROCESS}


async def test_a_source_names_its_user_version_and_coverage() -> None:
    batch = (await see(open_source())).batch
    assert batch.identity == "demo (Operator)"
    assert batch.version
    assert {each.kind for each in batch.coverage} == {Kind.NODE, Kind.ACCELERATOR}


async def test_the_records_carry_the_site_that_was_configured() -> None:
    from andon.sdk import SourceSettings

    source = plugin.open(
        SourceSettings(name="x", site="my-lab", options={"place": "nrt1"}, clock=Clock())
    )
    seen = await see(source)
    assert {record.site for record in seen.batch.records} == {"my-lab"}


async def test_telemetry_falls_silent_and_comes_back_while_the_scheduler_goes_on() -> None:
    clock = Clock()
    telemetry = open_source("iad1", clock, part="telemetry")
    scheduler = open_source("iad1", clock, part="scheduler")
    silent = 0
    for _ in range(60):
        clock.now += 30
        assert (await see(scheduler, [Kind.JOB])).jobs
        try:
            assert (await see(telemetry, [Kind.ACCELERATOR])).accelerators
        except SourceTimeout as error:
            silent += 1
            assert error.hint
    assert 4 <= silent <= 12


async def test_a_silent_node_is_counted_as_not_covered() -> None:
    clock = Clock()
    source = open_source(clock=clock)
    for _ in range(200):
        clock.now += 120
        seen = await see(source, [Kind.NODE, Kind.ACCELERATOR])
        down = [node for node in seen.nodes.values() if node.state is NodeState.DOWN]
        if down:
            break
    coverage = next(each for each in seen.batch.coverage if each.kind is Kind.ACCELERATOR)
    assert coverage.expected - coverage.reported == 8 * len(down)
    assert down[0].name in coverage.note and "silent" in coverage.note
    mine = [each for each in seen.accelerators.values() if each.node == down[0].name]
    assert {each.state for each in mine} == {AcceleratorState.UNKNOWN}
    assert {each.power_draw_watts for each in mine} == {None}


async def test_faults_of_every_kind_come_and_go() -> None:
    clock = Clock()
    topics: Counter[str] = Counter()
    seen_open: list[set[str]] = []
    sources = [open_source(site, clock) for site in _SITES]
    for _ in range(90):
        clock.now += 300
        now_open = set()
        for source in sources:
            for record in (await see(source, [Kind.INCIDENT])).batch.records:
                assert isinstance(record, Incident)
                topics[record.topic] += 1
                now_open.add(record.key)
        seen_open.append(now_open)
    assert set(topics) == {
        "gpu-lost",
        "gpu-memory",
        "link",
        "silent",
        "waits-for-part",
        "thermal",
        "power",
        "ecc",
        "nvlink",
        "stuck-queue",
        "idle-held",
    }
    assert all(before != after for before, after in zip(seen_open, seen_open[4:], strict=False))


async def test_a_gpu_that_fell_off_the_bus_shows_nothing_but_its_xid() -> None:
    clock = Clock()
    sources = [open_source(site, clock) for site in _SITES]
    lost: Accelerator | None = None
    while lost is None and clock.now < START + 90_000:
        clock.now += 300
        for source in sources:
            found = (await see(source, [Kind.ACCELERATOR])).accelerators.values()
            lost = lost or next((each for each in found if each.xid_last == 79), None)
    assert lost is not None
    assert lost.state is AcceleratorState.FAULTY
    assert lost.recovery_action == "reboot"
    assert lost.job is None
    assert lost.utilization_percent is None and lost.power_draw_watts is None


async def test_the_states_and_reasons_of_real_schedulers_occur() -> None:
    clock = Clock()
    reasons: set[str] = set()
    node_states: set[NodeState] = set()
    accelerator_states: set[AcceleratorState] = set()
    job_states: set[JobState] = set()
    throttled: set[str] = set()
    for site in _SITES:
        source = open_source(site, clock)
        clock.now = START
        for _ in range(60):
            clock.now += 600
            seen = await see(source, [Kind.JOB, Kind.NODE, Kind.ACCELERATOR])
            reasons |= {
                (job.reason or "").partition(",")[0]
                for job in seen.jobs.values()
                if job.state.waiting
            }
            node_states |= {node.state for node in seen.nodes.values()}
            job_states |= {job.state for job in seen.jobs.values()}
            for each in seen.accelerators.values():
                accelerator_states.add(each.state)
                throttled.update(each.throttle_reasons)
    assert reasons >= {
        "Resources",
        "Priority",
        "AssocGrpGRES",
        "QOSMaxGRESPerUser",
        "Dependency",
        "BeginTime",
        "JobHeldUser",
        "JobHeldAdmin",
        "ReqNodeNotAvail",
        "Licenses",
        "Reservation",
        "JobArrayTaskLimit",
        "PartitionInactive",
    }
    assert node_states >= set(NodeState) - {NodeState.STARTING, NodeState.UNKNOWN}
    assert accelerator_states >= set(AcceleratorState) - {AcceleratorState.ALLOCATED}
    assert job_states >= {
        JobState.COMPLETED,
        JobState.FAILED,
        JobState.CANCELLED,
        JobState.TIMEOUT,
        JobState.PREEMPTED,
        JobState.NODE_FAILED,
    }
    assert {"hw_thermal_slowdown", "hw_power_brake_slowdown"} <= throttled


async def test_the_load_of_services_follows_the_day() -> None:
    clock = Clock()
    source = open_source(clock=clock)
    rates: list[float] = []
    for _ in range(24):
        clock.now += 3_600
        batch = (await see(source, [Kind.SERVICE])).batch
        services = [record for record in batch.records if isinstance(record, Service)]
        assert services
        rates.append(sum(service.tokens_per_second or 0 for service in services))
    assert max(rates) > 1.6 * min(rates)


async def test_the_three_sites_differ_in_law_and_price() -> None:
    sites: list[Site] = []
    for name in _SITES:
        batch = (await see(open_source(name), [Kind.SITE])).batch
        sites += [record for record in batch.records if isinstance(record, Site)]
    assert len({site.jurisdiction for site in sites}) == 3
    assert len({site.currency for site in sites}) == 3
    for site in sites:
        assert site.power_draw_watts and site.power_limit_watts
        assert site.power_draw_watts < site.power_limit_watts


async def test_tenants_of_four_sectors_stay_where_they_may() -> None:
    sectors: set[str | None] = set()
    for name in _SITES:
        seen = await see(open_source(name), [Kind.TENANT, Kind.SITE])
        site = next(record for record in seen.batch.records if isinstance(record, Site))
        for tenant in seen.tenants.values():
            sectors.add(tenant.sector)
            assert not tenant.residency or site.jurisdiction in tenant.residency
            assert tenant.entitlement_gpu_hours_per_week
    assert sectors == {"health", "finance", "manufacturing", "research"}


async def test_a_maintenance_empties_its_nodes_and_is_announced() -> None:
    clock = Clock()
    source = open_source(clock=clock)
    seen_in = seen_ahead = False
    for _ in range(100):
        clock.now += 600
        seen = await see(source, [Kind.NODE, Kind.RESERVATION])
        plans = [
            record
            for record in seen.batch.records
            if isinstance(record, Reservation) and record.is_maintenance
        ]
        assert plans
        names = {name for plan in plans for name in plan.nodes}
        going_on = [
            plan for plan in plans if (plan.starts_at or 0) <= clock.now < (plan.ends_at or 0)
        ]
        states = {node.state for node in seen.nodes.values() if node.name in names}
        assert (NodeState.MAINTENANCE in states) == bool(going_on)
        seen_in |= bool(going_on)
        seen_ahead |= not going_on
    assert seen_in and seen_ahead


async def test_events_are_in_order_of_the_last_two_hours_and_have_their_own_keys() -> None:
    events = [
        record
        for record in (await see(open_source(), [Kind.EVENT])).batch.records
        if isinstance(record, Event)
    ]
    assert len({event.key for event in events}) == len(events) > 3
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert all(START - 7_201 <= event.at <= START for event in events)


async def test_every_key_of_a_kind_is_its_own() -> None:
    for site in _SITES:
        seen = await see(open_source(site))
        assert len(seen.all) == len(seen.batch.records)


async def test_processes_belong_to_running_jobs() -> None:
    seen = await see(open_source())
    processes = [record for record in seen.batch.records if record.kind is Kind.PROCESS]
    held = [each for each in seen.accelerators.values() if each.job is not None]
    assert len(processes) == len(held)


async def test_the_raw_text_of_a_thing_reads_like_a_schedulers() -> None:
    source = open_source()
    seen = await see(source)
    job = next(job for job in seen.jobs.values() if job.state is JobState.RUNNING)
    text = await source.raw(target_of(job, source), 5)
    assert text.startswith(f"JobId={job.id} JobName=")
    assert "JobState=RUNNING" in text
    node = next(iter(seen.nodes.values()))
    assert f"NodeName={node.name}" in await source.raw(target_of(node, source), 5)


async def test_the_raw_text_of_anything_is_a_backends_or_json_and_never_pythons() -> None:
    source = open_source(hostile=True)
    seen = await see(source)
    for kind in Kind:
        records = [record for record in seen.batch.records if record.kind is kind]
        for record in records[:: max(1, len(records) // 20)]:
            target = Target(
                kind=kind, key=record.key, name=record.key, site=record.site, source=source.name
            )
            text = await source.raw(target, 5)
            if kind in (Kind.JOB, Kind.NODE):
                assert "=None" not in text.replace("Reason=None", "")
                assert not re.search(r"<\w+\.|\('|\(\)", text)
            else:
                told = json.loads(text)
                assert told["site"] == record.site
                assert None not in told.values()


async def test_slices_name_their_card_and_share_no_uuid() -> None:
    seen = await see(open_source(), [Kind.ACCELERATOR])
    slices = [each for each in seen.accelerators.values() if each.partition is not None]
    assert slices
    for each in slices:
        assert each.parent_uuid and each.uuid and each.parent_uuid != each.uuid
        assert each.power_draw_watts is None


@pytest.mark.parametrize("now", [0.0, 1_000.0, 4e9])
async def test_any_clock_will_do(now: float) -> None:
    seen = await see(open_source(clock=Clock(now)))
    assert seen.jobs and seen.nodes
