from __future__ import annotations

import random
import re
import time

import pytest

from andon.sdk import UsageError
from andon.views.filters import FilterError, compile_filter
from tests.unit.filters.rows import FIELDS, ROW, shown

MORE: list[tuple[str, int, str]] = [
    ("stat=", 5, "value is missing"),
    ("state=", 6, "value is missing"),
    ("state= ", 7, "value is missing"),
    ("state=a,", 8, "value is missing"),
    ("state=a,,b", 8, "value is missing"),
    ("(state=)", 7, "value is missing"),
    ("state>", 6, "value is missing"),
    ("statte=down", 0, "no field “statte”"),
    ("gpus=8 & colour=red", 9, "no field “colour”"),
    ("power_=3", 0, "may be"),
    ("gpus=many", 5, "not a number"),
    ("gpus=1,many", 7, "not a number"),
    ("mem>70parsec", 4, "not bytes"),
    ("idle>soon", 5, "not seconds"),
    ("is_default=maybe", 11, "yes or no"),
    ("is_default>yes", 10, "compare it with ="),
    ("name~[a", 5, "bad regular expression"),
    ("name~a)", 6, "closes nothing"),
    ("name~(a", 5, "bad regular expression"),
    ("name~x(?P<n>[", 12, "bad regular expression"),
    ('name~"(["', 7, "bad regular expression"),
    ("name~(a+)+$", 9, "take forever"),
    ("name~(a|aa)*b", 11, "take forever"),
    ("name~(a?){30}a", 9, "take forever"),
    ("name~.*a.*b.*c.*d", 12, "take forever"),
    ('name~"(a|a)(a|a)(a|a)(a|a)b.*c.*d"', 31, "take forever"),
    (r"name~(a)\1", 8, "references"),
    ("'abc", 0, "not closed"),
    ('user="abc', 5, "not closed"),
    ("(state=down", 0, "not closed"),
    ("a (b | (c)", 2, "not closed"),
    ("a)", 1, "closes nothing"),
    ("()", 0, "nothing in these parentheses"),
    ("a |", 3, "missing at the end"),
    ("a &", 3, "missing at the end"),
    ("!", 1, "missing at the end"),
    ("| a", 0, "missing before"),
    ("a & & b", 4, "missing before"),
    ("a | | b", 4, "missing before"),
    ("=3", 0, "field is missing"),
    ("a =~", 4, "value is missing"),
    ("name=a*b*c*d*e*f", 5, "at most four"),
    ("(" * 60 + "a" + ")" * 60, 41, "too many groups"),
    ("!" * 60 + "a", 41, "too many groups"),
    ("x" * 5000, 4000, "at most 4,000"),
]


@pytest.mark.parametrize(("text", "column", "words"), MORE)
def test_every_mistake_is_shown_at_its_column(text: str, column: int, words: str) -> None:
    with pytest.raises(FilterError) as caught:
        compile_filter(text, FIELDS)
    assert words in caught.value.message
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("text", "near"),
    [("statte=x", "state"), ("usr=x", "user"), ("gpu_s=1", "gpus"), ("tempp=1", "temp")],
)
def test_an_unknown_field_names_what_is_near(text: str, near: str) -> None:
    with pytest.raises(FilterError) as caught:
        compile_filter(text, FIELDS)
    assert near in caught.value.hint


def test_a_field_that_is_near_nothing_names_what_there_is() -> None:
    with pytest.raises(FilterError) as caught:
        compile_filter("zzzzzz=1", FIELDS)
    assert "there is" in caught.value.hint


def test_a_name_that_means_several_names_them_all() -> None:
    with pytest.raises(FilterError, match="power_draw_watts or power_limit_watts"):
        compile_filter("power_>3", FIELDS)


def test_a_mistake_is_one_of_usage() -> None:
    with pytest.raises(UsageError):
        compile_filter("(", FIELDS)


def test_hostile_text_in_a_mistake_is_cleaned() -> None:
    with pytest.raises(FilterError) as caught:
        compile_filter("\x1b]0;P\x07\x9b2J=x", FIELDS)
    told = caught.value.message + caught.value.hint
    assert "\x1b" not in told
    assert "\x9b" not in told


def _random_text(rng: random.Random) -> str:
    pieces = [
        *FIELDS,
        *("=", "!=", ">", "<", ">=", "<=", "~", "=~", "!~", "==", "&", "|", "!", "(", ")", ","),
        *("'", '"', "\\", " ", "  ", "-", "*", "?", "[", "]", "{", "}", "{3}", "{2,}", "+", "$"),
        *("70GiB", "30m", "1-02:03", "a", "é", "\x00", "\x1b[2J", "\u202e", "日本", "\ud800", "%"),
        *("[@click=app.quit]x[/]", "(?i)", "(?P<a>", "(?:", "[[", "(a+)+", "\\1", "\\d", "\n", "٣"),
    ]
    return "".join(rng.choices(pieces, k=rng.randrange(10)))


@pytest.mark.parametrize("seed", range(8))
def test_random_text_raises_nothing_but_a_filter_error(seed: int) -> None:
    rng = random.Random(seed)
    read = 0
    for _ in range(1500):
        text = _random_text(rng)
        try:
            compiled = compile_filter(text, FIELDS)
        except FilterError as error:
            assert 0 <= error.column <= len(text), text
            assert error.message
            continue
        read += 1
        assert compiled.matches(ROW.get, lambda: shown(ROW)) in (True, False)
        empty = dict.fromkeys(ROW)
        assert compiled.matches(empty.get, lambda: "") in (True, False)
    assert read > 100, "the generator has to make filters that can be read, too"


@pytest.mark.parametrize("seed", range(4))
def test_a_regular_expression_that_is_taken_is_fast_on_hostile_names(seed: int) -> None:
    rng = random.Random(seed)
    atoms = ["a", "b", ".", "[ab]", "(a|b)", "(ab)", "a?", "a+", "a*", "(a+)", "{5}", "+", "*", "$"]
    name = "a" * 255 + "!"
    checked = 0
    for _ in range(300):
        pattern = "".join(rng.choices(atoms, k=rng.randrange(1, 9)))
        try:
            compiled = compile_filter(f'name~"{pattern}"', FIELDS)
        except FilterError:
            continue
        checked += 1
        start = time.perf_counter()
        compiled.matches({"name": name}.get, lambda: "")
        assert time.perf_counter() - start < 2.0, pattern
    assert checked > 20


@pytest.mark.parametrize(
    "pattern",
    [
        r"^(\d+\.){3}\d+$",
        r"train.*llm.*v\d+",
        r"^.*a.*b.*c$",
        r"foo|bar|baz|qux|quux|corge|grault|garply|waldo|fred",
        r"^gpu[0-9]{1,3}(-(a|b))?$",
        r"(?i:llm)",
        r"^svc-\w+-\d+$",
        r"^([a-z]+-)+\d+$",
        r"(ab)+c",
    ],
)
def test_what_operators_write_is_taken(pattern: str) -> None:
    assert compile_filter(f'name~"{pattern}"', FIELDS)


def test_a_nested_set_warns_nobody() -> None:
    # Python warns of `[[`; a warning on stderr would tear the screen.
    assert compile_filter("name~[[]", FIELDS).matches({"name": "x[1]"}.get, lambda: "")


def test_the_names_in_messages_are_those_of_the_rows() -> None:
    with pytest.raises(FilterError) as caught:
        compile_filter("nosuch=1", FIELDS)
    for word in re.findall(r"[a-z_]{4,}_[a-z_]+", caught.value.hint):
        assert word in FIELDS
