"""GRES and TRES strings: how many GPUs, of which model, at which indexes."""

from __future__ import annotations

import re
from dataclasses import dataclass

# name[:type]:count[(S:..)][(IDX:..)|(CNT:..)]; commas inside parentheses do not separate entries.
_ENTRY = re.compile(r"[^,(]+(?:\([^)]*\))*")
_INDEX = re.compile(r"\(IDX:([0-9,\-]+)\)")
_COUNT = re.compile(r"(\d+)([KMGT]?)")
_SCALE = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
_MOST_INDEXES = 4096
# `gres:gpu`, `gres:gpu:2`, `gres:gpu:h100:2`; newer tools write `gres/gpu`, some `=` for the count.
_ASKED = re.compile(
    r"(?:^|,)gres[:/]gpu(?::([A-Za-z][^:,=]*|\d+[^:,=\d][^:,=]*))?(?:[:=](\d{1,9}))?(?=,|$)"
)


@dataclass(frozen=True, slots=True)
class Gpus:
    """GPUs of one node or one job."""

    count: int | None = 0
    """`None` when they are used but the tool does not say how many."""
    model: str | None = None
    """The GRES type; several types are joined by `+`."""
    indexes: tuple[int, ...] = ()
    """In ascending order; empty when the tool does not say."""


def gpus(gres: str) -> Gpus:
    """Read a node's `Gres` or `GresUsed`, for example `gpu:h100:8(S:0-1)` or `gpu:h100:2(IDX:0-1)`.

    Entries that are not `gpu`, `(null)` and `N/A` count nothing.
    """
    counted = 0
    models: list[str] = []
    found: list[int] = []
    for entry in _ENTRY.findall(gres):
        head, _, _ = entry.partition("(")
        words = head.split(":")
        if words[0] != "gpu":
            continue
        number = _COUNT.fullmatch(words[-1]) if len(words) > 1 else None
        counted += int(number[1]) * _SCALE[number[2]] if number else 1
        model = words[1] if len(words) > (2 if number else 1) else None
        if model and model not in models:
            models.append(model)
        if index := _INDEX.search(entry):
            found.extend(indexes(index[1]))
    return Gpus(counted, "+".join(models) or None, tuple(sorted(set(found))))


def indexes(text: str) -> tuple[int, ...]:
    """Read an index list such as `0-3,6`; anything malformed gives nothing."""
    found: list[int] = []
    for part in text.split(","):
        low, _, high = part.partition("-")
        if not low.isdigit() or not (high.isdigit() or not high):
            return ()
        first, last = int(low), int(high or low)
        if last - first > _MOST_INDEXES:
            return ()
        found.extend(range(first, last + 1))
    return tuple(found)


def job_gpus(tres: str) -> Gpus:
    """Read a job's TRES, for example `cpu=2,mem=2000M,gres/gpu=16,gres/gpu:h100=16`.

    The untyped total wins over the typed parts: both are present, and they are the same GPUs.
    """
    total: int | None = None
    typed: dict[str, int] = {}
    for part in tres.split(","):
        name, _, value = part.partition("=")
        if not value.isdigit():
            continue
        if name == "gres/gpu":
            total = int(value)
        elif name.startswith("gres/gpu:"):
            typed[name.removeprefix("gres/gpu:")] = int(value)
    count = sum(typed.values()) if total is None else total
    return Gpus(count, "+".join(typed) or None)


def gpus_asked(
    *,
    per_job: str,
    per_node: str,
    per_socket: str,
    per_task: str,
    nodes: int | None,
    tasks: int | None,
) -> Gpus:
    """Read what a job asks for, for example `gres:gpu:h100:4` per node; `None` when it depends.

    Args:
        per_job: squeue's `tres-per-job`, as are the next three.
        per_node: multiplied by `nodes`.
        per_socket: of how many sockets is not said, so the count stays unknown.
        per_task: multiplied by `tasks`.
        nodes: how many nodes the job has or wants.
        tasks: how many tasks.
    """
    for asked, times in ((per_job, 1), (per_node, nodes), (per_task, tasks), (per_socket, None)):
        found = _ASKED.findall(asked)
        if found:
            each = sum(int(count or 1) for _, count in found)
            return Gpus(None if times is None else each * times, model_asked(asked))
    return Gpus()


def model_asked(asked: str) -> str | None:
    """Return the model that a request such as `gres:gpu:h100:4` names."""
    return "+".join(dict.fromkeys(model for model, _ in _ASKED.findall(asked) if model)) or None


def tres_value(tres: str, name: str) -> str | None:
    """Return one value of a TRES string, for example `mem` → `2000M`."""
    for part in tres.split(","):
        key, _, value = part.partition("=")
        if key == name:
            return value or None
    return None


def memory_bytes(text: str | None) -> int | None:
    """Read Slurm's memory words (`1000M`, `16G`, `1.50T`); without a unit they are MiB."""
    if not text:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([KMGTP]?)[nc]?", text)
    if not match:
        return None
    scale = {"K": 1 << 10, "": 1 << 20, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40, "P": 1 << 50}
    return int(float(match[1]) * scale[match[2]])
