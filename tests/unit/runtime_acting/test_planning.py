from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as replace_step

from andon.model import Effect, Kind, Node, Plan, Tier
from andon.runtime.config_records import Config, PolicyConfig
from andon.runtime.naming import keys_named
from andon.runtime.planning import MANY_TARGETS, NothingToDo, plan_id
from andon.runtime.policy import (
    Arming,
    Policy,
    PolicyRefused,
    may_act,
    may_plan,
    policy_of,
    refusal,
    unreadable,
)
from andon.runtime.targets import freeze_targets
from andon.sdk.action import ActionRequest, Draft
from andon.sdk.errors import EXIT_DENIED, EXIT_USAGE, UsageError
from tests.unit.runtime_acting.fakes import NOW, Evict, World


def whys(plan: Plan) -> dict[str, str]:
    return {refusal.target.name: refusal.why for refusal in plan.refusals}


def test_a_plan_shows_the_exact_call_the_state_before_and_what_it_rests_on(world: World) -> None:
    (plan,) = world.propose("node.drain", "par1/n2")
    (step,) = plan.steps
    assert step.call == ("set", "drained", "--", "n2", "xid 79")
    assert step.target.before["state"] == "mixed"
    assert step.target.before["observed_at"] == "2027-01-15T08:00:00+00:00"
    assert step.target.source == "s"
    assert plan.reads == {"s": NOW}
    assert plan.title == "Stop new work on node n2"
    assert plan.effect is Effect.STOP_NEW_WORK
    assert plan.tier is Tier.REVERSIBLE
    assert plan.expires_at == NOW + 300
    assert plan.effect_text
    assert not plan.demo


def test_an_alias_of_a_verb_plans_the_action_it_stands_for(world: World) -> None:
    (plan,) = world.propose("node.cordon", "par1/n1")
    assert plan.verb == plan.steps[0].verb == "node.drain"


def test_verbs_that_mean_the_same_to_all_sources_are_one_thing_to_do(world: World) -> None:
    (drain,) = world.offers.different(Kind.NODE, ["s"])
    assert (drain[0], len(drain[1])) == (("node.drain", "node.cordon"), 1)
    assert [verbs for verbs, _ in world.offers.different(Kind.JOB, ["s"])] == [
        ("job.cancel",),
        ("job.hold",),
    ]
    assert world.offers.different(Kind.NODE, ["nobody"]) == ()


def test_verbs_that_differ_at_one_of_the_sources_are_told_apart() -> None:
    offers = World(Path("/nowhere"), plugins={"s": "fake", "k": "kube"}).offers
    found = {verbs: len(actions) for verbs, actions in offers.different(Kind.NODE, ["s", "k"])}
    assert found == {("node.drain",): 2, ("node.cordon",): 1}


def test_a_target_named_twice_is_acted_on_once(world: World) -> None:
    (plan,) = world.propose("node.drain", "par1/n1", "par1/n2", "par1/n1")
    assert [step.target.name for step in plan.steps] == ["n1", "n2"]
    assert [step.id for step in plan.steps] == ["1", "2"]


def test_several_targets_are_disruptive_and_very_many_destructive(world: World) -> None:
    world.backend().put(**{f"m{i}": {"state": "idle"} for i in range(MANY_TARGETS + 2)})
    keys = [f"par1/m{i}" for i in range(MANY_TARGETS + 1)]
    assert world.propose("node.drain", *keys[:2])[0].tier is Tier.DISRUPTIVE
    assert world.propose("node.drain", *keys[:-1])[0].tier is Tier.DISRUPTIVE
    assert world.propose("node.drain", *keys)[0].tier is Tier.DESTRUCTIVE


def test_a_whole_site_is_destructive_however_small_and_says_so(world: World) -> None:
    world.backend().put(n4=None)
    (plan,) = world.propose("node.drain", "par1/n1", "par1/n2", "par1/n3")
    assert plan.tier is Tier.DESTRUCTIVE
    assert "this is every node of s at par1" in plan.warnings


def test_every_living_job_of_a_site_is_a_whole_site_though_ended_ones_are_left(
    world: World,
) -> None:
    world.backend().put(
        **{"1": {"job": 1, "state": "running"}, "2": {"job": 1, "state": "pending"}},
        **{"3": {"job": 1, "state": "completed"}},
    )
    keys = ("par1/c/1", "par1/c/2")
    (plan,) = world.propose("job.cancel", *keys, reason="flood")
    assert plan.tier is Tier.DESTRUCTIVE
    with pytest.raises(UsageError, match="needs a reason"):
        world.propose("job.cancel", *keys, reason="")


def test_effects_that_differ_become_plans_of_their_own(world: World) -> None:
    world.plugins["k"] = "kube"
    world.backend("k").put(pod1={"state": "idle"}, pod2={"state": "idle"})
    stop, kill = world.propose("node.drain", "par1/n1", "par1/pod1", "par1/nowhere")
    assert (stop.effect, kill.effect) == (Effect.STOP_NEW_WORK, Effect.KILL_JOBS)
    assert (stop.tier, kill.tier) == (Tier.REVERSIBLE, Tier.DISRUPTIVE)
    assert [step.target.name for step in kill.steps] == ["pod1"]
    assert kill.title == "Kill the jobs on node pod1"
    assert stop.id != kill.id
    assert whys(stop) == {"nowhere": "no source knows such a node"}


def test_a_node_that_two_sources_could_drain_is_refused_until_one_is_named(world: World) -> None:
    world.plugins["k"] = "kube"
    world.backend("k").put(n1={"state": "idle"})
    with pytest.raises(NothingToDo, match="s and k can both do this: name one with --source"):
        world.propose("node.drain", "par1/n1")
    (plan,) = world.propose("node.drain", "par1/n1", sources=("k",))
    assert plan.steps[0].target.source == "k"


def test_what_cannot_be_done_is_refused_in_words(world: World) -> None:
    world.plugins["b"] = "blind"
    world.backend("b").put(b1={"state": "idle"})
    (plan,) = world.propose("node.drain", "par1/n1", "par1/n4", "par1/b1", "par1/zz")
    assert whys(plan) == {
        "n4": "already drained",
        "b1": "b cannot drain it",
        "zz": "no source knows such a node",
    }


def test_when_everything_is_refused_there_is_no_plan_and_each_reason_is_kept(world: World) -> None:
    with pytest.raises(NothingToDo, match="n4: already drained") as caught:
        world.propose("node.drain", "par1/n4", "par1/zz")
    assert [item.target.name for item in caught.value.refusals] == ["zz", "n4"]
    assert caught.value.exit_code == EXIT_USAGE
    assert not caught.value.already


def test_what_a_plugin_calls_already_so_stays_so_in_the_plan(world: World) -> None:
    with pytest.raises(NothingToDo) as caught:
        world.propose("node.drain", "par1/n4")
    assert caught.value.already
    (plan,) = world.propose("node.drain", "par1/n1", "par1/n4", "par1/zz")
    assert {item.target.name: item.already for item in plan.refusals} == {"zz": False, "n4": True}


def test_a_verb_that_no_source_offers_is_refused(world: World) -> None:
    with pytest.raises(UsageError, match="no source at hand can explode nodes"):
        world.propose("node.explode", "par1/n1")


def test_a_drain_needs_a_reason_that_can_be_shown(world: World) -> None:
    for reason, words in (
        (" \n ", "^drain needs a reason$"),
        ("a\x1b]0;x\x07", "cannot be shown"),
        ("\u202eevil", "cannot be shown"),
        ("x" * 201, "201 characters"),
    ):
        with pytest.raises(UsageError, match=words):
            world.propose("node.drain", "par1/n1", reason=reason)
    (plan,) = world.propose("node.drain", "par1/n1", reason="  ib\tlink   down \n")
    assert plan.reason == "ib link down"


def test_parameters_are_held_to_what_the_action_declares(world: World) -> None:
    (plan,) = world.propose("node.drain", "par1/n1", params={"grace": "30"})
    assert plan.steps[0].params == {"grace": "30"}
    for params in ({"grace": "soon"}, {"grace": "-1"}, {"force": "yes"}):
        with pytest.raises(UsageError, match=r"node\.drain"):
            world.propose("node.drain", "par1/n1", params=params)


def test_read_only_refuses_to_plan_whatever_arms_it_but_for_a_dry_run(world: World) -> None:
    locked = Policy(True, "read_only = true in /etc/andon/config.toml")
    for arming in (Arming.NONE, Arming.CALL, Arming.SESSION):
        with pytest.raises(PolicyRefused, match=r"/etc/andon/config\.toml") as caught:
            world.propose("node.drain", "par1/n1", policy=locked, arming=arming)
        assert caught.value.exit_code == EXIT_DENIED
        assert caught.value.hint
    assert world.propose("node.drain", "par1/n1", policy=locked, arming=Arming.DRY_RUN)


def test_the_hint_names_what_made_it_read_only() -> None:
    def hint(**policy: str) -> str:
        config = Config(policy=PolicyConfig(read_only=True, **policy))
        made = policy_of(config)
        return refusal(made, may_act(made, Arming.CALL) or "").hint

    assert hint(read_only_from="/etc/andon/config.toml").startswith("whoever keeps that file")
    assert hint(read_only_from="ANDON_READ_ONLY").startswith("unset that variable")
    assert "config check" in unreadable(UsageError("line 3: no")).hint


def test_nothing_is_allowed_unless_it_is_armed() -> None:
    assert may_plan(Policy(), Arming.NONE) == "read-only: acting is not armed"
    assert may_plan(Policy(), Arming.DRY_RUN) is None
    assert may_act(Policy(), Arming.DRY_RUN) == "this is a dry run: nothing is sent"
    assert may_act(Policy(), Arming.CALL) is None
    assert may_act(Policy(), Arming.SESSION) is None


def test_old_data_is_said_to_be_old(world: World) -> None:
    snapshot = world.snapshot()
    fresh = world.propose("node.drain", "par1/n1", snapshot=snapshot, now=NOW + 59)
    old = world.propose("node.drain", "par1/n1", snapshot=snapshot, now=NOW + 61)
    said = "what s said is 61 s old; everything is read again before it is sent"
    assert said in old[0].warnings
    assert not any(text.startswith("what s said") for text in fresh[0].warnings)


def test_plan_ids_sort_by_time_and_never_repeat() -> None:
    ids = [plan_id(NOW + i) for i in range(3)]
    assert ids == sorted(ids)
    assert ids[0].startswith("20270115T080000-")
    assert len({plan_id(NOW) for _ in range(100)}) == 100


def test_a_plugin_that_cannot_plan_refuses_its_targets_and_no_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Evict, request: object) -> None:
        raise ValueError("[@click=app.quit]x[/]\x1b[2J")

    world.plugins["k"] = "kube"
    world.backend("k").put(pod1={"state": "idle"})
    monkeypatch.setattr(Evict, "draft", broken)
    (plan,) = world.propose("node.drain", "par1/n1", "par1/pod1")
    assert [step.target.name for step in plan.steps] == ["n1"]
    assert "could not plan this: ValueError" in whys(plan)["pod1"]
    assert "\x1b" not in whys(plan)["pod1"]
    monkeypatch.setattr(Evict, "draft", lambda self, request: "not a draft")
    assert "AttributeError" in whys(world.propose("node.drain", "par1/n1", "par1/pod1")[0])["pod1"]
    monkeypatch.setattr(Evict, "draft", lambda self, request: Draft(steps=()))
    (plan,) = world.propose("node.drain", "par1/n1", "par1/pod1")
    assert whys(plan) == {"pod1": "its plugin has no call for it"}


@pytest.mark.parametrize("word", ["\x1b]0;x\x07", "\x9b2J", "a\u202eb", "a\nb", "a\udcffb"])
def test_a_call_that_cannot_be_shown_as_it_is_is_not_planned(
    world: World, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    usual = Evict.draft

    def sly(self: Evict, request: ActionRequest) -> Draft:
        draft = usual(self, request)
        steps = [replace_step(step, call=(*step.call, word), promise=word) for step in draft.steps]
        return Draft(steps=tuple(steps), refusals=draft.refusals)

    world.plugins["k"] = "kube"
    world.backend("k").put(pod1={"state": "idle"})
    monkeypatch.setattr(Evict, "draft", sly)
    (plan,) = world.propose("node.drain", "par1/n1", "par1/pod1")
    assert [step.target.name for step in plan.steps] == ["n1"]
    assert whys(plan) == {"pod1": "its call holds characters that cannot be shown"}


def test_words_become_keys_by_name_domain_key_and_array(world: World) -> None:
    world.backend().put(
        **{
            "7_1": {"job": 1, "state": "running", "array": "7"},
            "7_2": {"job": 1, "state": "pending", "array": "7"},
            "8": {"job": 1, "state": "running", "name": "7"},
        }
    )
    snapshot = world.snapshot()
    nodes = keys_named(snapshot, Kind.NODE, ["N1.cluster.example", "par1/n2", "n1", "n99"])
    assert (nodes.keys, nodes.unknown) == (("par1/n1", "par1/n2"), ("n99",))
    jobs = keys_named(snapshot, Kind.JOB, ["8", "7"])
    assert jobs.keys == ("par1/c/8", "par1/c/7_1", "par1/c/7_2")
    assert keys_named(snapshot, Kind.NODE, ["n1"], sites=["lyo1"]).unknown == ("n1",)


def test_a_name_that_two_sites_use_is_ambiguous(world: World) -> None:
    other = World(world.root, plugins={"t": "fake"})
    other.backend("t").put(n1={"state": "idle"})
    world.plugins["t"] = "fake"
    snapshot = world.snapshot()
    moved = Node(site="lyo1", name="n1")
    facets = dict(snapshot.facets[Kind.NODE])
    facets["t"] = replace(facets["t"], records={moved.key: moved})
    snapshot = replace(snapshot, facets={**snapshot.facets, Kind.NODE: facets})
    named = keys_named(snapshot, Kind.NODE, ["n1"])
    assert named.ambiguous == {"n1": ("par1/n1", "lyo1/n1")}
    assert keys_named(snapshot, Kind.NODE, ["n1"], sites=["lyo1"]).keys == ("lyo1/n1",)


def test_a_hostile_target_name_stays_text(world: World) -> None:
    frozen = freeze_targets(
        world.snapshot(), "node.drain", ["par1/[/evil]\x1b]0;x\x07", "-all"], world.offers
    )
    names = [item.target.name for item in frozen.refusals]
    assert names[1] == "-all"
    assert "\x1b" not in names[0]
    assert not frozen.targets
