from __future__ import annotations

import pytest

from andon.views.registry import VIEWS, ViewSpec
from andon.views.worth import most_worth

TABLES = [view for view in VIEWS if view.columns]


def test_what_is_worth_least_goes_first() -> None:
    wanted = [("id", 8), ("state", 10), ("why", 30), ("site", 2)]
    assert most_worth(wanted, 50) == ("id", "state", "why", "site")
    assert most_worth(wanted, 49) == ("id", "state", "why")
    assert most_worth(wanted, 30) == ("id", "state")
    assert most_worth(wanted, 7) == ()


@pytest.mark.parametrize("view", TABLES, ids=lambda view: view.name)
def test_every_column_has_its_worth_and_the_name_most(view: ViewSpec) -> None:
    assert set(view.core) == set(view.column_names(wide=False))
    assert view.by_worth[0] == view.columns[0].name
    assert sorted(view.by_worth) == sorted(spec.name for spec in view.columns)
