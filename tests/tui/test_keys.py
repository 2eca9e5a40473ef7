"""The key registry, commands after the colon, and places."""

from __future__ import annotations

import pytest

from andon.model import Kind
from andon.runtime.config_records import ViewConfig
from andon.tui.commands import (
    VERBS,
    WORDS,
    Command,
    CommandError,
    Vocabulary,
    complete,
    hint,
    parse,
)
from andon.tui.handlers import commanding, handler
from andon.tui.keys import GROUPS, KEYS, VIEW_KEYS, Context, footer, shown, with_overrides, works
from andon.tui.opening import opening_states
from andon.tui.places import Place, Places, Thing, thing_of
from andon.tui.screens.main import MainScreen
from andon.tui.text import length
from andon.tui.theme import load_themes
from andon.tui.widgets.bars import footer_line
from andon.views.registry import VIEWS
from andon.views.state import ViewState
from andon.views.targets import row_key
from tests.tui.world import console

PALETTE = load_themes().named("andon-dark")


def test_every_key_has_one_meaning_a_group_and_a_handler() -> None:
    taken: dict[str, str] = {}
    for key in KEYS:
        assert key.group in GROUPS
        assert callable(handler(key))
        for name in key.keys:
            assert taken.setdefault(name, key.id) == key.id
    assert len({key.id for key in KEYS}) == len(KEYS)


def test_plain_lower_case_letters_never_act() -> None:
    for key in KEYS:
        if key.verb:
            for name in key.keys:
                assert name.isupper() or name.startswith("ctrl+"), name


def test_view_keys_are_those_of_the_views() -> None:
    assert [(f"view.{view.name}", (str(view.digit),)) for view in VIEWS] == [
        (key.id, key.keys) for key in VIEW_KEYS
    ]


def test_bindings_are_made_from_the_registry_alone() -> None:
    bound = {binding.id for binding in MainScreen.BINDINGS}  # type: ignore[union-attr]
    assert bound == {key.id for key in KEYS}


@pytest.mark.parametrize("kind", [Kind.NODE, Kind.JOB, None])
@pytest.mark.parametrize("width", [1, 40, 80, 200])
def test_the_footer_fits_any_width_and_begins_with_help(kind: Kind | None, width: int) -> None:
    entries = footer(KEYS, Context(table=True, kind=kind, thing=True), armed=True)
    line = footer_line(entries, PALETTE, width)
    text = "".join(part.text for part in line)
    if width >= 40:
        assert text.startswith(" ? help")
        assert ": command" in text
    if width >= 80 and kind is Kind.NODE:
        assert "D drain" in text
    assert length(line) <= width + 2


def test_at_the_root_the_footer_says_quit() -> None:
    labels = {key: label for key, label, _ in footer(KEYS, Context(), armed=True, root=True)}
    assert labels["q"] == "quit"


def test_acts_are_not_in_the_footer_while_read_only() -> None:
    on = Context(table=True, kind=Kind.NODE, thing=True)
    acts = {"drain", "undrain", "actions", "mark"}
    assert not acts & {label for _, label, _ in footer(KEYS, on, armed=False)}
    assert acts <= {label for _, label, _ in footer(KEYS, on, armed=True)}


def test_keys_work_on_their_kind_only() -> None:
    drain = next(key for key in KEYS if key.id == "act.drain")
    assert works(drain, Context(thing=True, kind=Kind.NODE))
    assert not works(drain, Context(thing=True, kind=Kind.JOB))
    assert not works(drain, Context())


def test_keys_are_written_as_people_write_them() -> None:
    assert shown("ctrl+backslash") == "ctrl-\\"
    assert shown("question_mark") == "?"
    assert shown("ctrl+d") == "ctrl-d"


def test_an_override_takes_a_key_from_whoever_had_it() -> None:
    made, problems = with_overrides(KEYS, {"pause": ("w",)})
    by_id = {key.id: key for key in made}
    assert by_id["pause"].keys == ("w",)
    assert by_id["wide"].keys == ("ctrl+w",)
    assert problems == ()


def test_overrides_are_written_as_people_write_keys() -> None:
    made, problems = with_overrides(KEYS, {"act.drain": ("ctrl-e",), "help": ("?", "f2")})
    by_id = {key.id: key for key in made}
    assert by_id["act.drain"].keys == ("ctrl+e",)
    assert by_id["help"].keys == ("question_mark", "f2")
    assert problems == ()
    for plain_key in ("space", "enter", "e", "f5", "1"):
        assert with_overrides(KEYS, {"act.drain": (plain_key,)})[1]


async def test_an_override_works_and_the_usual_key_no_longer_does() -> None:
    registry, _ = with_overrides(KEYS, {"pause": ("f9",), "act.undrain": ("ctrl-u",)})
    async with console(registry=registry) as it:
        await it.press("p")
        assert not it.app.desk.paused
        await it.press("f9")
        assert it.app.desk.paused
        await it.press("U")
        assert it.backend.planned == []
        await it.press("ctrl+u")
        assert it.backend.planned


def test_an_act_cannot_be_put_on_a_plain_letter_and_unknown_names_are_named() -> None:
    made, problems = with_overrides(KEYS, {"act.drain": ("e",), "nosuch": ("z",)})
    assert next(key for key in made if key.id == "act.drain").keys == ("D",)
    assert "plain keys never act" in problems[0]
    assert "no such action; there are act.cancel, " in problems[1]


@pytest.mark.parametrize(
    ("name", "meant"),
    [("drain", "act.drain"), ("act.darin", "act.drain"), ("refrehs", "refresh")],
)
def test_an_unknown_action_is_answered_with_what_it_may_have_been(name: str, meant: str) -> None:
    (problem,) = with_overrides(KEYS, {name: ("F5",)})[1]
    assert problem.startswith(f"[keys] {name}: no such action; did you mean {meant}")
    assert len(problem) < 120


# -- commands ------------------------------------------------------------------------------------


def test_a_view_takes_what_follows_as_its_filter() -> None:
    assert parse("jobs state=pending | user=ada") == Command(
        "view", ("jobs",), "state=pending | user=ada"
    )
    assert parse(" nodes /down") == Command("view", ("nodes",), "down")


def test_words_are_found_by_alias_and_unique_beginning() -> None:
    assert parse("q") == Command("quit")
    assert parse("uncordon") == Command("undrain")
    assert parse("th andon-light") == Command("theme", ("andon-light",))
    assert parse("site par1,nrt1") == Command("site", ("par1", "nrt1"))


@pytest.mark.parametrize(
    ("text", "column"),
    [("", 0), ("nosuch", 0), ("  nosuch x", 2), ("sort", 5), ("pause now", 6), ("view", 0)],
)
def test_what_makes_no_sense_is_shown_at_its_column(text: str, column: int) -> None:
    with pytest.raises(CommandError) as caught:
        parse(text)
    assert caught.value.column == column


def test_a_typo_is_answered_with_the_closest_word() -> None:
    with pytest.raises(CommandError, match="did you mean"):
        parse("refrehs")


def test_completion_offers_views_words_and_names() -> None:
    vocabulary = Vocabulary({"sites": ["par1", "par2", "nrt1"]})
    assert [each.shown for each in complete("s", vocabulary)][:1] == ["sources"]
    assert [each.text for each in complete("site par", vocabulary)] == ["site par1", "site par2"]
    assert [each.text for each in complete("site par1 n", vocabulary)] == ["site par1 nrt1"]
    assert complete("nosuch x", vocabulary) == []


def test_hints_say_what_a_word_takes() -> None:
    assert "COLUMN" in hint("sort ")
    assert "filter" in hint("jobs ")
    assert hint("zzz") == ""


def test_every_word_does_something() -> None:
    for word in WORDS:
        assert word.name in VERBS or word.name in commanding._RUN


# -- places --------------------------------------------------------------------------------------


def place(view: str, **more: object) -> Place:
    return Place(state=ViewState(view=view), **more)  # type: ignore[arg-type]


def walked(*views: str) -> Places:
    places = Places(root=views[0])
    for view in views:
        places.go(place(view))
    return places


def test_going_somewhere_new_forgets_what_was_ahead() -> None:
    places = walked("overview", "nodes", "jobs")
    places.step(-1)
    places.go(place("gpus"))
    assert [seen.state.view for seen in places.visited] == ["overview", "nodes", "gpus"]
    assert places.step(1) is None


def test_toggle_goes_to_and_fro() -> None:
    places = walked("overview", "nodes")
    first, second = places.toggle(), places.toggle()
    assert first is not None
    assert second is not None
    assert (first.state.view, second.state.view) == ("overview", "nodes")


def test_up_closes_the_pane_then_leads_to_the_root_and_then_nowhere() -> None:
    places = walked("overview")
    places.go(place("nodes", detail=Thing("nodes", "par1/a")))
    views = []
    while (now := places.up()) is not None:
        views.append((now.state.view, now.detail is not None))
    assert views == [("nodes", False), ("overview", False)]


def test_up_from_a_followed_place_leads_back_to_where_it_was_followed_from() -> None:
    places = walked("overview", "nodes")
    places.go(place("jobs", followed=True))
    now = places.up()
    assert now is not None
    assert now.state.view == "nodes"


def test_the_history_is_limited() -> None:
    places = walked("overview", *["nodes", "jobs"] * 200)
    assert len(places.visited) == 100
    assert places.now.state.view == "jobs"


def test_a_row_about_a_thing_leads_to_its_view() -> None:
    assert thing_of("nodes", "par1/a") == Thing("nodes", "par1/a")
    assert thing_of("problems", row_key(Kind.NODE, "par1/a", "down")) == Thing("nodes", "par1/a")
    assert thing_of("changes", row_key(None, "slurm@par1", "down")) == Thing(
        "sources", "slurm@par1"
    )
    other = thing_of("problems", row_key(Kind.INCIDENT, "par1/i1", "x"))
    assert not other.has_view
    assert other.kind is Kind.INCIDENT
    assert Thing("jobs", "x").kind is Kind.JOB


# -- how views open ------------------------------------------------------------------------------


def test_views_open_as_configured_and_mistakes_are_named() -> None:
    states, problems = opening_states(
        {
            "jobs": ViewConfig(columns=("id", "user"), sort="-gpus", filter="state=pending"),
            "nodes": ViewConfig(filter="state=idle nosuch=1"),
            "nothing": ViewConfig(),
        }
    )
    assert states["jobs"].columns == ("id", "user")
    assert states["jobs"].descending is True
    assert states["jobs"].filter == "state=pending"
    assert [problem.partition("]")[0] for problem in problems] == ["[views.nodes", "[views.nothing"]
    assert problems[0].startswith("[views.nodes] filter, column 12: no field “nosuch”")
