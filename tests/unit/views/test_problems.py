from __future__ import annotations

from andon.analysis.problems import Problem
from andon.model import Severity
from andon.views.problems import with_own


def problem(title: str, severity: Severity) -> Problem:
    return Problem(
        severity=severity, site="", title=title, detail="", kind=None, key="", since=None
    )


def test_what_an_operator_left_open_comes_after_what_is_worse_and_before_what_is_as_bad() -> None:
    found = [
        problem("fire", Severity.CRITICAL),
        problem("smoke", Severity.WARNING),
        problem("dust", Severity.INFO),
    ]
    own = [problem("no answer", Severity.WARNING)]
    told = [one.title for one in with_own(own, found)]
    assert told == ["fire", "no answer", "smoke", "dust"]
