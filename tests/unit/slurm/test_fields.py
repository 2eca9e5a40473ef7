"""Numbers, times, limits, host lists, GRES and TRES as Slurm words them."""

from __future__ import annotations

import pytest

from andon_slurm import gres
from andon_slurm.fields import cpus, epoch, hosts, limit_seconds, number, text
from andon_slurm.gres import Gpus


@pytest.mark.parametrize(
    "word", ["", "(null)", "N/A", "n/a", "Unknown", "none", "NONE", "None", "NOT_SET", "  ", "\n"]
)
def test_the_words_for_nothing_are_not_reported(word: str) -> None:
    assert text(word) is None


def test_a_text_is_cleaned_where_it_enters() -> None:
    assert text("\x1b[31mred\n") == "␛[31mred␊"
    assert text("\udcff") == "�"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("0", 0),
        ("4294967294", 4294967294),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("1_0", None),
        (" 1", None),
        ("²", None),
        ("٣", None),
        ("9" * 19, None),
        ("N/A", None),
    ],
)
def test_a_number_is_digits_and_nothing_else(field: str, value: int | None) -> None:
    assert number(field) == value


@pytest.mark.parametrize(
    ("field", "value"), [("1795436854", 1795436854.0), ("0", None), ("N/A", None), ("NONE", None)]
)
def test_a_time_is_seconds_since_the_epoch(field: str, value: float | None) -> None:
    assert epoch(field) == value


@pytest.mark.parametrize(
    ("field", "seconds"),
    [
        ("30:00", 1800),
        ("0:30", 30),
        ("12:00:00", 43_200),
        ("3-00:00:00", 259_200),
        ("1-02:03:04", 93_784),
        ("2-12", 216_000),
        ("90", 5_400),
        ("UNLIMITED", None),
        ("infinite", None),
        ("NOT_SET", None),
        ("INVALID", None),
        ("", None),
        ("1:2:3:4", None),
    ],
)
def test_a_limit_is_read_in_every_form(field: str, seconds: int | None) -> None:
    assert limit_seconds(field) == seconds


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("gpu01", ("gpu01",)),
        ("GPU01.example.org", ("gpu01",)),
        ("gpu[01-03],cpu7", ("gpu01", "gpu02", "gpu03", "cpu7")),
        ("rack[1-2]n[1-2]", ("rack1n1", "rack1n2", "rack2n1", "rack2n2")),
        ("", ()),
        ("(null)", ()),
        ("gpu[01-", ()),
        ("x[1-99999999]", ()),
        ("x[1-999][1-999]", ()),
        ("x[99-1]", ()),
        ("@all", ("@all",)),
    ],
)
def test_a_host_list_is_expanded_or_nothing(field: str, names: tuple[str, ...]) -> None:
    assert set(hosts(field)) == set(names)
    assert len(hosts(field)) == len(names)


def test_processors_are_allocated_and_total() -> None:
    assert cpus("24/72/0/96") == (24, 96)
    assert cpus("0/0/64/64") == (0, 64)
    assert cpus("N/A") == (None, None)


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("gpu:h100:8", Gpus(8, "h100")),
        ("gpu:h100:8(S:0-1)", Gpus(8, "h100")),
        ("gpu:4", Gpus(4)),
        ("gpu", Gpus(1)),
        ("gpu:h100", Gpus(1, "h100")),
        ("gpu:h100:2(IDX:0,3)", Gpus(2, "h100", (0, 3))),
        ("gpu:h100:0(IDX:N/A)", Gpus(0, "h100")),
        ("gpu:a100:2(S:0)(IDX:4-5),gpu:v100:1(IDX:0)", Gpus(3, "a100+v100", (0, 4, 5))),
        ("gpu:h100:4(CNT:4)", Gpus(4, "h100")),
        ("gpu:1g.10gb:7(IDX:0-6)", Gpus(7, "1g.10gb", (0, 1, 2, 3, 4, 5, 6))),
        ("shard:h100:32(0/8,0/8),gpu:h100:1(IDX:7)", Gpus(1, "h100", (7,))),
        ("craynetwork:4,license:2K", Gpus(0)),
        ("gpu:0", Gpus(0)),
        ("(null)", Gpus(0)),
        ("N/A", Gpus(0)),
        ("", Gpus(0)),
        ("gpu:h100:2(IDX:0-999999999)", Gpus(2, "h100")),
    ],
)
def test_gpus_of_a_node(field: str, expected: Gpus) -> None:
    assert gres.gpus(field) == expected


@pytest.mark.parametrize(
    ("tres", "expected"),
    [
        ("cpu=2,mem=2000M,gres/gpu=16,gres/gpu:h100=16", Gpus(16, "h100")),
        ("cpu=2,gres/gpu=4", Gpus(4)),
        ("gres/gpu:a100=2,gres/gpu:v100=1", Gpus(3, "a100+v100")),
        ("cpu=2,mem=2000M", Gpus(0)),
        ("gres/gpumem=4", Gpus(0)),
        ("gres/gpu=x", Gpus(0)),
        ("", Gpus(0)),
    ],
)
def test_the_untyped_total_of_a_job_wins_over_its_parts(tres: str, expected: Gpus) -> None:
    assert gres.job_gpus(tres) == expected


ASKED_NOTHING = {"per_job": "N/A", "per_node": "N/A", "per_socket": "N/A", "per_task": "N/A"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"per_job": "gres:gpu:h100:2"}, Gpus(2, "h100")),
        ({"per_job": "gres:gpu:2"}, Gpus(2)),
        ({"per_node": "gres:gpu:8"}, Gpus(24)),
        ({"per_node": "gres:gpu"}, Gpus(3)),
        ({"per_node": "gres/gpu:h100:8,gres/shard:2"}, Gpus(24, "h100")),
        ({"per_node": "gres/gpu:h100=8"}, Gpus(24, "h100")),
        ({"per_node": "gres:gpu:a100:1,gres:gpu:v100:1"}, Gpus(6, "a100+v100")),
        ({"per_task": "gres:gpu:h100:1"}, Gpus(4, "h100")),
        ({"per_socket": "gres:gpu:1"}, Gpus(None)),
        ({"per_node": "gres:license:2"}, Gpus(0)),
        ({}, Gpus(0)),
    ],
)
def test_gpus_that_a_job_asks_for(asked: dict[str, str], expected: Gpus) -> None:
    assert gres.gpus_asked(**(ASKED_NOTHING | asked), nodes=3, tasks=4) == expected


@pytest.mark.parametrize(
    ("word", "size"),
    [
        ("1000M", 1000 << 20),
        ("16G", 16 << 30),
        ("1.50T", int(1.5 * (1 << 40))),
        ("512", 512 << 20),
        ("0", 0),
        ("4Gc", 4 << 30),
        ("", None),
        ("lots", None),
    ],
)
def test_memory_without_a_unit_is_mebibytes(word: str, size: int | None) -> None:
    assert gres.memory_bytes(word) == size
