"""Terminals without Unicode: what Andon draws itself stays readable and says the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.color import Color

import andon
from andon.tui.plain_glyphs import PlainGlyphs, plain
from andon.tui.text import fit, width_of

SOURCE = Path(andon.__file__).parent
TABLES = {"cli/streams.py", "tui/plain_glyphs.py"}
"""What stands there is replaced, not drawn."""
NOT_DRAWN = {
    "\N{REPLACEMENT CHARACTER}",  # stands for bytes from outside that are no text: `?` says so
    "\U0010ffff",  # sorts behind everything
}


def drawn(path: Path) -> Iterator[str]:
    """Yield the letters beyond ASCII in a file's strings, its docstrings apart."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield from (letter for letter in node.value if not letter.isascii())


FILES = [path for path in SOURCE.rglob("*.py") if str(path.relative_to(SOURCE)) not in TABLES]


def test_every_glyph_that_andon_draws_has_one_in_ascii() -> None:
    letters = {letter for path in FILES for letter in drawn(path)} - NOT_DRAWN
    assert {"…", "╸", "≥"} <= letters
    assert [letter for letter in sorted(letters) if "?" in plain(letter)] == []


def test_a_glyph_takes_as_many_cells_as_before() -> None:
    for glyph in PlainGlyphs.glyphs():
        assert width_of(plain(glyph)) == width_of(glyph)
        assert plain(glyph).isascii()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("≥184", "184+"),
        ("   ≥184", "  >=184"),
        (" ≥184", " 184+"),
        ("GPUs ≥1.5 TiB", "GPUs 1.5+ TiB"),
        ("≥12k", "12k+"),
        ("GPUs ≥704, ≥6 held", "GPUs 704+, 6+ held"),
        ("≥40%", "40%+"),
        ("≥3/12", "3+/12"),
        ("  ≥3/12 ≥4", " >=3/12 4+"),
        ("≥3\u2026", "3~+"),
        ("≥ ", "> "),
    ],
)
def test_at_least_so_many_is_not_said_as_more_than_so_many(text: str, said: str) -> None:
    assert plain(text) == said
    assert len(said) == len(text)


def test_a_line_is_as_long_as_it_was() -> None:
    line = [Segment(fit("≥184", 9, "right")), Segment(" "), Segment("━━╸")]
    made = PlainGlyphs().apply(line, Color(0, 0, 0))
    assert [part.text for part in made] == ["    >=184", " ", "==-"]
