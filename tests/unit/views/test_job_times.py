"""What TIME of a job means in each part of its life."""

from __future__ import annotations

from typing import Any

from andon.model import Job, JobState
from andon.views.page import Table
from andon.views.pages import page
from andon.views.state import ViewState
from tests.unit.views.reading import column
from tests.unit.views.things import NOW, snapshot_of


def _job(id_: str, state: JobState, **changes: Any) -> Job:
    return Job(site="par1", cluster="c1", id=id_, state=state, **changes)


def test_the_time_of_a_job_that_ended_is_how_long_it_ran() -> None:
    ended = {"started_at": NOW - 903, "ended_at": NOW - 3}
    jobs = [
        _job("ran", JobState.CANCELLED, **ended),
        _job("never", JobState.CANCELLED, ended_at=NOW - 3),
        _job("runs", JobState.RUNNING, started_at=NOW - 60),
        _job("waits", JobState.PENDING, eligible_at=NOW - 120, submitted_at=NOW - 500),
    ]
    shown = page(snapshot_of(jobs), ViewState(view="jobs", sort="time_seconds"), NOW).blocks[0]
    assert isinstance(shown, Table)
    told = dict(zip(column(shown, "id"), column(shown, "time_seconds"), strict=True))
    assert told == {"waits": "2m00s", "runs": "1m00s", "ran": "15m", "never": "–"}
    assert list(told) == ["waits", "runs", "ran", "never"]
