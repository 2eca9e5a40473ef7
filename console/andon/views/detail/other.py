"""The page of a thing that has no view of its own: incidents, events, services and others."""

from __future__ import annotations

from enum import Enum

from andon.model import Incident, Record
from andon.views.columns import Context
from andon.views.columns.tones import SEVERITY_TONES
from andon.views.detail.parts import disagreements, lines, problems_of, sources_fact
from andon.views.formats import clock_text, number_text, several
from andon.views.page import MISSING, Block, Cell, Facts, Tone

_LONG_LISTS = frozenset({"evidence"})


def other_blocks(record: Record, key: str, context: Context) -> tuple[Block, ...]:
    """Return every field of a record with its unit in its name."""
    items = [
        (_label(name), _cell(name, getattr(record, name), context.now))
        for name in record.__struct_fields__
        if name not in _LONG_LISTS
    ]
    items.append(sources_fact(record.kind, key, context))
    blocks: list[Block] = [Facts(name="facts", title=record.kind.value.title(), items=tuple(items))]
    if isinstance(record, Incident):
        if record.evidence:
            blocks.append(lines("evidence", "Evidence", record.evidence))
        about = [(record.kind, key)]
        if record.object_kind is not None and record.object_key:
            about.append((record.object_kind, record.object_key))
        blocks.extend(problems_of(context, about))
    blocks.extend(disagreements(record.kind, key, context))
    return tuple(blocks)


def _label(name: str) -> str:
    words = name.replace("_", " ")
    return words[0].upper() + words[1:]


def _cell(name: str, value: object, now: float) -> Cell:
    if value is None or value == "" or value == ():
        return MISSING
    if isinstance(value, Enum):
        word = str(value.value)
        tone = next((SEVERITY_TONES[one] for one in SEVERITY_TONES if one is value), Tone.NORMAL)
        return Cell(word, tone, word)
    if isinstance(value, bool):
        return Cell("yes" if value else "no", Tone.NORMAL, value)
    if isinstance(value, int | float):
        moment = name == "at" or name.endswith("_at")
        return Cell(clock_text(value, now) if moment else number_text(value), Tone.NORMAL, value)
    if isinstance(value, tuple):
        words = [str(one) for one in value]
        return Cell(several(words, 12), Tone.NORMAL, tuple(words))
    return Cell(str(value), Tone.NORMAL, str(value))
