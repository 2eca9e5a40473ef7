from __future__ import annotations

import json
import stat
from pathlib import Path

import msgspec
import pytest

from andon.runtime.plan_file import (
    PlanStale,
    encode_plan,
    load_plan,
    load_plans,
    rearmed,
    refuse_expired,
    save_plan,
    sealed,
)
from andon.runtime.policy import Arming
from andon.sdk.errors import EXIT_STALE_PLAN, UsageError
from tests.unit.runtime_acting.fakes import NOW, ORIGIN, World


@pytest.fixture
def saved(world: World) -> Path:
    return save_plan(world.file("n1", "n2"), world.root / "plans")


def edit(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))


def test_a_plan_is_read_back_as_it_was_written_by_its_owner_only(world: World, saved: Path) -> None:
    assert load_plan(saved).plan.steps[1].target.name == "n2"
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert stat.S_IMODE(saved.parent.stat().st_mode) == 0o700
    assert encode_plan(load_plan(saved)) == saved.read_bytes()


def test_a_whole_number_where_a_float_belongs_does_not_look_like_an_edit(world: World) -> None:
    file = world.file("n1")
    plan = msgspec.structs.replace(file.plan, gpu_hours_at_risk=0)
    path = save_plan(sealed(msgspec.structs.replace(file, plan=plan)), world.root / "plans")
    assert load_plan(path).plan.gpu_hours_at_risk == 0.0


def test_the_same_plan_is_written_once(world: World) -> None:
    file = world.file("n1")
    save_plan(file, world.root / "plans")
    with pytest.raises(PlanStale, match="started before"):
        save_plan(file, world.root / "plans")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"n2"', b'"n3"'),
        (b'"xid 79"', b'"oh well"'),
        (b'"arming":"call"', b'"arming":"session"'),
        (b'"tier":"T2"', b'"tier":"T1"'),
        (b'"user":"alice"', b'"user":"bob"'),
    ],
)
def test_an_edited_plan_is_refused(saved: Path, old: bytes, new: bytes) -> None:
    edit(saved, old, new)
    with pytest.raises(PlanStale, match="was changed after the plan was made") as caught:
        load_plan(saved)
    assert caught.value.exit_code == EXIT_STALE_PLAN


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"schema":"andon/plan-file/v1"}',
        b"\xff\xfe",
        b"null",
        b"[" * 9999,
    ],
    ids=range(8),
)
def test_what_is_no_plan_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    path.chmod(0o600)
    for load in (load_plan, load_plans):
        with pytest.raises(UsageError, match=r"plan\.json"):
            load(path)


def test_a_plan_may_not_name_code(saved: Path) -> None:
    document = json.loads(saved.read_bytes())
    document["module"] = "evil"
    saved.write_text(json.dumps(document))
    with pytest.raises(UsageError, match="module"):
        load_plan(saved)


def test_a_plan_that_others_may_write_is_refused(saved: Path) -> None:
    saved.chmod(0o666)
    with pytest.raises(UsageError, match="may be written by others"):
        load_plan(saved)


def test_a_plan_that_is_not_there_or_not_a_file_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(UsageError):
            load_plan(path)


def test_a_plan_id_that_would_leave_the_folder_is_refused(world: World) -> None:
    file = world.file("n1")
    plan = msgspec.structs.replace(file.plan, id="../../etc/cron.d/x")
    with pytest.raises(PlanStale, match="not a plan id"):
        save_plan(world.sealed(plan), world.root / "plans")


def test_a_printed_dry_run_is_applied_by_whoever_arms_it(world: World, tmp_path: Path) -> None:
    (plan,) = world.propose("node.drain", "par1/n1", arming=Arming.DRY_RUN)
    dry = world.sealed(plan, arming=Arming.DRY_RUN)
    path = tmp_path / "dry.json"
    path.write_bytes(b'{"schema":"andon/v1","items":[' + encode_plan(dry) + b"]}")
    path.chmod(0o644)
    (loaded,) = load_plans(path)
    assert loaded == dry
    armed = rearmed(loaded, arming=Arming.CALL, origin=ORIGIN)
    assert armed.arming is Arming.CALL
    assert load_plan(save_plan(armed, world.root / "plans")) == armed
    edit(path, b'"xid 79"', b'"xid 80"')
    with pytest.raises(PlanStale):
        load_plans(path)


def test_a_plan_expires_and_is_not_from_the_future(world: World) -> None:
    plan = world.file("n1").plan
    refuse_expired(plan, NOW + 300)
    with pytest.raises(PlanStale, match="expired 1 s ago"):
        refuse_expired(plan, NOW + 301)
    with pytest.raises(PlanStale, match="made in the future"):
        refuse_expired(plan, NOW - 60)
