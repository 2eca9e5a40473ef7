from __future__ import annotations

import fcntl
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from andon.model import Result
from andon.runtime import journal as journal_module
from andon.runtime.journal import Journal, JournalUnwritable
from andon.runtime.journal_records import VERSION, Entry, Phase, timestamp
from andon.sdk.errors import EXIT_DENIED, AndonError
from tests.unit.runtime_acting.fakes import NOW, some_target


def entry(plan: str = "p", at: float = NOW, phase: Phase = Phase.PLAN, **more: object) -> Entry:
    fields = {"v": VERSION, "seq": 0, "ts": timestamp(at), "phase": phase, "plan": plan}
    return Entry(**{**fields, "actor": "alice@bastion", **more})  # type: ignore[arg-type]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "state" / "journal.jsonl")


def test_entries_are_numbered_lines_that_only_their_owner_reads(journal: Journal) -> None:
    assert [journal.append(entry()).seq for _ in range(3)] == [1, 2, 3]
    assert len(journal.path.read_bytes().splitlines()) == 3
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700
    first = json.loads(journal.path.read_bytes().splitlines()[0])
    assert first["v"] == 1
    assert first["ts"] == "2027-01-15T08:00:00.000000Z"


def test_a_journal_that_others_could_read_is_closed_to_them(journal: Journal) -> None:
    journal.append(entry())
    journal.path.chmod(0o644)
    journal.append(entry())
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600


def test_an_entry_is_synced_before_append_returns(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        real(descriptor)
        synced.append(os.fstat(descriptor).st_size)

    monkeypatch.setattr(os, "fsync", fsync)
    journal.append(entry())
    assert journal.path.stat().st_size in synced


def test_what_comes_back_is_what_was_written(journal: Journal) -> None:
    written = journal.append(
        entry(
            phase=Phase.OUTCOME,
            step="1",
            target=some_target(before={"state": "idle"}),
            call=("scontrol", "update"),
            result=Result.REQUESTED,
            observed="IDLE+DRAIN",
        )
    )
    (read,) = journal.read().entries
    assert read == written
    assert read.at == NOW
    assert read.outcome is not None
    assert read.outcome.observed == "IDLE+DRAIN"


def test_reading_narrows_by_time_number_plan_and_count(journal: Journal) -> None:
    for index in range(6):
        journal.append(entry(plan="ab"[index % 2], at=NOW + index))
    assert [e.seq for e in journal.read(since=NOW + 4).entries] == [5, 6]
    assert [e.seq for e in journal.read(after_seq=4).entries] == [5, 6]
    assert [e.seq for e in journal.read(plan="a").entries] == [1, 3, 5]
    assert [e.seq for e in journal.read(plan="a", limit=2).entries] == [3, 5]
    assert journal.read(limit=0).entries == ()


def test_no_journal_reads_as_empty(journal: Journal) -> None:
    assert journal.read().entries == ()
    assert journal.read_from(0) == ((), 0)
    assert journal.size() == 0


def test_a_torn_last_line_is_reported_kept_and_written_behind(journal: Journal) -> None:
    journal.append(entry())
    with journal.path.open("ab") as stream:
        stream.write(b'{"v":1,"seq":2,"ts":"20')
    torn = journal.read()
    assert [e.seq for e in torn.entries] == [1]
    assert [(p.line, p.why) for p in torn.problems] == [
        (2, "the last line was cut off while it was written")
    ]
    assert journal.append(entry()).seq == 2
    healed = journal.read()
    assert [e.seq for e in healed.entries] == [1, 2]
    assert [p.line for p in healed.problems] == [2]
    assert b'"seq":2,"ts":"20\n' in journal.path.read_bytes()


@pytest.mark.parametrize(
    "line",
    [b"rubbish", b"\xff\xfe", b"[" * 20_000, b'{"v":9}', b'{"v":1,"seq":1}', b"null", b"7"],
    ids=range(7),
)
def test_a_line_that_is_no_entry_is_reported_and_the_others_are_read(
    journal: Journal, line: bytes
) -> None:
    journal.append(entry())
    with journal.path.open("ab") as stream:
        stream.write(line + b"\n")
    journal.append(entry())
    reading = journal.read()
    assert [e.seq for e in reading.entries] == [1, 2]
    assert [problem.line for problem in reading.problems] == [2]


def test_an_entry_of_a_later_version_is_not_guessed_at(journal: Journal) -> None:
    line = journal.append(entry())
    text = journal.path.read_text().replace('"v":1', '"v":2')
    journal.path.write_text(text)
    reading = journal.read()
    assert reading.entries == ()
    assert "another version" in reading.problems[0].why
    assert journal.append(entry()).seq == line.seq + 1


def test_a_number_is_found_behind_lines_longer_than_a_block(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "_BLOCK_BYTES", 64)
    for index in range(3):
        journal.append(entry(title="x" * (200 - index)))
    with journal.path.open("ab") as stream:
        stream.write(b"y" * 500)
    assert journal.append(entry()).seq == 4
    assert journal.append(entry()).seq == 5


def test_hostile_texts_are_cleaned_when_written(journal: Journal) -> None:
    evil = "\x1b]52;c;eA==\x07\x9b2J\u202e[@click=app.quit]x[/]\n\ud800"
    journal.append(entry(reason=evil, call=("x", evil), before={evil: evil}, step="1"))
    raw = journal.path.read_bytes()
    assert raw.count(b"\n") == 1
    text = raw.decode()
    assert not any(bad in text for bad in ("\x1b", "\x07", "\x9b", "\u202e", "\\u001b"))
    assert "[@click=app.quit]x[/]" in text


def test_hostile_texts_that_somebody_else_wrote_are_cleaned_when_read(journal: Journal) -> None:
    journal.append(entry())
    document = json.loads(journal.path.read_bytes())
    document.update(reason="\x1b]0;owned\x07", title="\x9b2J", before={"\x1b[2J": "\u202e"})
    with journal.path.open("a") as stream:
        stream.write(json.dumps(document) + "\n")
    read = journal.read().entries[1]
    shown = repr((read.reason, read.title, read.before))
    assert "\\x1b" not in shown
    assert "\\x9b" not in shown
    assert "\\u202e" not in shown


@pytest.mark.parametrize("make", ["folder", "link", "file-as-folder"])
def test_a_journal_that_cannot_be_written_says_so(tmp_path: Path, make: str) -> None:
    journal = Journal(tmp_path / "state" / "journal.jsonl")
    if make == "folder":
        journal.path.mkdir(parents=True)
    elif make == "link":
        journal.path.parent.mkdir()
        journal.path.symlink_to(tmp_path / "elsewhere")
    else:
        journal.path.parent.write_text("")
    with pytest.raises(JournalUnwritable, match="cannot be written") as caught:
        journal.append(entry())
    assert caught.value.exit_code == EXIT_DENIED
    assert not (tmp_path / "elsewhere").exists()


def test_a_full_disk_leaves_no_half_line(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    journal.append(entry())
    before = journal.path.read_bytes()
    real = os.write

    def write(descriptor: int, data: memoryview) -> int:
        if len(data) < 50:
            raise OSError(28, "No space left on device")
        return real(descriptor, data[: len(data) - 20])

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(JournalUnwritable, match="No space left"):
        journal.append(entry())
    assert journal.path.read_bytes() == before


def test_a_writer_that_never_lets_go_does_not_hang_the_next(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal.append(entry())
    monkeypatch.setattr(journal_module, "LOCK_SECONDS", 0.02)
    with journal.path.open("rb") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        with pytest.raises(JournalUnwritable, match="lock"):
            journal.append(entry())


def test_a_journal_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    with pytest.raises(AndonError, match="cannot be read"):
        journal.read()


WRITER = """
import sys
from pathlib import Path
from andon.runtime.journal import Journal
from andon.runtime.journal_records import Entry, Phase
journal = Journal(Path(sys.argv[1]))
for index in range(40):
    journal.append(Entry(v=1, seq=0, ts="2027-01-15T08:00:00Z", phase=Phase.PLAN,
                         plan=sys.argv[2], actor="a", title="x" * (index * 97)))
"""


def test_two_processes_append_whole_lines_with_numbers_of_their_own(journal: Journal) -> None:
    command = [sys.executable, "-c", WRITER, str(journal.path)]
    writers = [subprocess.Popen([*command, name]) for name in ("a", "b")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    reading = journal.read()
    assert not reading.problems
    assert [e.seq for e in reading.entries] == list(range(1, 81))
    assert [len(e.title) for e in journal.read(plan="b").entries] == [i * 97 for i in range(40)]


def test_following_takes_up_where_it_left_and_leaves_unfinished_lines(journal: Journal) -> None:
    journal.append(entry(plan="a"))
    entries, offset = journal.read_from(0)
    assert [e.plan for e in entries] == ["a"]
    journal.append(entry(plan="b"))
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole[:-5])
    assert journal.read_from(offset) == ((), offset)
    journal.path.write_bytes(whole)
    entries, offset = journal.read_from(offset)
    assert [e.plan for e in entries] == ["b"]
    assert offset == len(whole)
