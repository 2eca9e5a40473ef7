"""What a runner opens: what the user's own configuration says, read when it is needed."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import msgspec
import pytest

from andon.model import Kind
from andon.runtime.discovery import Discovery, load_all
from andon.runtime.plan_file import PlanFile, PlanStale, fingerprint, plan_file
from andon.runtime.reach import Reach, reach
from andon.runtime.runner import run_plan
from andon.sdk.errors import AndonError
from tests.unit.runtime_acting.fakes import ORIGIN, PLUGINS, World

FAKE = EntryPoint("fake", "tests.unit.runtime_acting.fakes:plugin", "andon.plugins.v1")


def discovered() -> Discovery:
    return Discovery(plugins=PLUGINS, problems=())


@pytest.fixture
def config(world: World) -> Path:
    path = world.root / "andon.toml"
    path.write_text(
        "[[sources]]\n"
        'name = "s"\nplugin = "fake"\nsite = "par1"\n'
        f'folder = "{world.backend().folder}"\n'
    )
    return path


def reached(world: World, file: PlanFile) -> Reach:
    return reach(file, world.paths, world.environ, discovered)


def file_of(world: World, config: Path | None) -> PlanFile:
    (plan,) = world.propose("node.drain", "par1/n1")
    return plan_file(
        plan, world.specs, arming=world.file("n1").arming, origin=ORIGIN, config=config
    )


def test_the_plugin_is_found_by_its_entry_point() -> None:
    found = load_all([FAKE])
    assert not found.problems
    assert found.plugins["fake"].actions


async def test_a_plan_is_run_on_the_sources_of_the_named_configuration(
    world: World, config: Path
) -> None:
    named = file_of(world, config)
    seen = reached(world, named).fingerprints
    assert set(seen) == {"s"}
    file = msgspec.structs.replace(named, sources=dict(seen))
    code = await run_plan(
        file,
        paths=world.paths,
        environ=world.environ,
        clock=world.clock,
        open_reach=reached_with,
    )
    assert code == 0
    assert [call[3] for call in world.backend().calls] == ["n1"]


def reached_with(file: PlanFile, paths: object, environ: object) -> Reach:
    return reach(file, paths, environ, discovered)  # type: ignore[arg-type]


def test_a_source_that_is_not_configured_is_not_opened(world: World, config: Path) -> None:
    with pytest.raises(PlanStale, match="no source “zz” any more"):
        reached(world, file_of(world, config)).open("zz")


def test_read_only_is_read_afresh_and_a_broken_file_counts_as_read_only(
    world: World, config: Path
) -> None:
    seen = reached(world, file_of(world, config))
    assert not seen.policy().read_only
    good = config.read_text()
    config.write_text(good + "[policy]\nread_only = true\n")
    assert seen.policy().read_only
    assert str(config) in seen.policy().why
    config.write_text(good + "[policy\n")
    assert seen.policy().read_only
    assert "cannot be read" in seen.policy().why
    with pytest.raises(AndonError):
        reached(world, file_of(world, config))


def test_a_source_is_another_when_anything_that_leads_to_its_backend_is(world: World) -> None:
    (spec,) = world.specs
    same = fingerprint(spec)
    for change in ({"plugin": "kube"}, {"site": "lyo1"}, {"options": {"folder": "/x"}}):
        assert fingerprint(msgspec.structs.replace(spec, **change)) != same
    assert fingerprint(msgspec.structs.replace(spec, why="otherwise")) == same
    assert Kind.NODE in world.open("s").intervals_seconds
