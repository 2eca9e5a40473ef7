"""Markers: what a job's owner types cannot become another row or another field."""

from __future__ import annotations

import pytest

from andon.sdk import SourceGarbled
from andon_slurm.table import Markers, format_argument, fresh_markers, rows

MARKERS = Markers("<f1e2l3d4", ">r1o2w3x4")
FIELDS = ("JobID", "State", "Name")
HEADER = ("JOBID", "STATE", "NAME")


def printed(*table: tuple[str, ...]) -> bytes:
    text = "".join(MARKERS.field.join(row) + MARKERS.row + "\n" for row in table)
    return text.encode("utf-8", "surrogateescape")


def reply(*table: tuple[str, ...]) -> bytes:
    return printed(HEADER, *table)


def read(output: bytes) -> list[list[str]]:
    return list(rows("squeue", output, FIELDS, MARKERS))


def test_a_reply_is_split_into_rows_and_fields() -> None:
    table = [("1", "RUNNING", "a"), ("2", "PENDING", "b")]
    assert read(reply(*table)) == [list(row) for row in table]


def test_a_header_alone_is_no_rows() -> None:
    assert read(reply()) == []


@pytest.mark.parametrize("output", [b"", b"\n"])
def test_a_tool_that_prints_nothing_has_not_answered(output: bytes) -> None:
    with pytest.raises(SourceGarbled, match="squeue printed nothing, not even its header"):
        read(output)


def test_a_first_row_is_not_lost_where_the_header_is_kept_from_us() -> None:
    with pytest.raises(SourceGarbled, match="rows without its header"):
        read(printed(("1", "RUNNING", "a"), ("2", "PENDING", "b")))


def test_a_header_of_other_columns_is_garbled() -> None:
    with pytest.raises(SourceGarbled, match="the header of squeue has 2 fields instead of 3"):
        read(printed(("JOBID", "STATE"), ("1", "RUNNING")))


@pytest.mark.parametrize(
    "name",
    [
        "two\nlines",
        "\n",
        "ends with a line\n",
        "2|PENDING|b",
        "tab\tcomma, semicolon; 'quotes\" \\",
        "<00000000 >00000000",
        "",
        "\x00\x1b]0;x\x07\x9b",
        "x" * 10_000,
    ],
)
def test_whatever_is_between_two_markers_is_one_field(name: str) -> None:
    assert read(reply(("1", "RUNNING", name), ("2", name, "b"))) == [
        ["1", "RUNNING", name],
        ["2", name, "b"],
    ]


def test_bytes_that_are_not_utf8_survive_as_surrogates() -> None:
    assert read(reply(("1", "RUNNING", "\udcff\udc9b31m")))[0][2] == "\udcff\udc9b31m"


@pytest.mark.parametrize("fields", [("1", "RUNNING"), ("1", "RUNNING", "a", "b"), ("",)])
def test_a_row_with_another_number_of_fields_makes_the_reply_garbled(
    fields: tuple[str, ...],
) -> None:
    with pytest.raises(SourceGarbled, match=r"row 2 of squeue has \d fields instead of 3"):
        read(reply(("1", "RUNNING", "a"), fields))


def test_a_name_that_knew_the_marker_makes_the_reply_garbled_and_no_row() -> None:
    spoofed = f"x{MARKERS.row}\n9{MARKERS.field}RUNNING{MARKERS.field}phantom"
    with pytest.raises(SourceGarbled):
        read(reply(("1", f"a{MARKERS.field}b", "c")))
    # Three fields again: only the randomness of the marker keeps this out.
    assert len(read(reply(("1", "RUNNING", spoofed)))) == 2
    assert spoofed not in "".join(map(str, range(10)))


@pytest.mark.parametrize("cut", [1, 5, 9, 12, 20])
def test_a_reply_that_is_cut_off_is_garbled(cut: int) -> None:
    whole = reply(("1", "RUNNING", "a"), ("2", "PENDING", "b")).removesuffix(b"\n")
    with pytest.raises(SourceGarbled, match="middle of row 2"):
        read(whole[:-cut])


@pytest.mark.parametrize("output", [b"Welcome to the cluster!\n", b"\n" * 5000, b"\xff" * 5000])
def test_rubbish_is_garbled(output: bytes) -> None:
    with pytest.raises(SourceGarbled, match="or printed something else"):
        read(output)


def test_text_after_the_last_row_is_garbled() -> None:
    with pytest.raises(SourceGarbled, match="middle of row 2"):
        read(reply(("1", "RUNNING", "a")) + b"bye\n")


def test_markers_are_fresh_for_each_call_and_of_letters_and_digits() -> None:
    seen = {marker for _ in range(200) for marker in (lambda m: (m.field, m.row))(fresh_markers())}
    assert len(seen) == 400
    for marker in seen:
        # A digit behind the size 0 would be read as part of it; a comma would end the field.
        assert marker[0] in "<>"
        assert marker[1:].isalnum()
        assert len(marker) == 9


def test_every_field_is_asked_for_whole_and_with_its_marker() -> None:
    asked = format_argument(("JobID", "State", "Name"), MARKERS)
    assert asked == "JobID:0<f1e2l3d4,State:0<f1e2l3d4,Name:0>r1o2w3x4"
