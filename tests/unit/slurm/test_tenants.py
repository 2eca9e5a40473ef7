"""Associations of sacctmgr to tenants."""

from __future__ import annotations

import pytest

from andon.sdk import Job, SourceGarbled, Tenant, clean
from andon_slurm.fields import Place
from andon_slurm.parse_tenants import accounts, tenants
from tests.unit.slurm.rows import PLACE, WAITING, job

ASSOCIATIONS = """\
lab|root|||1|
lab|root|root||1|
lab|research||root|4|gres/gpu=28,cpu=512
lab|research|mail||1|
lab|research|www-data||1|
lab|research|www-data||1|
lab|physics||research|parent|gres/gpu:h100=4,gres/gpu:a100=2
lab|ministry||root|1|
other|bank||root|1|gres/gpu=40
"""


def tenant(name: str, *all_jobs: Job) -> Tenant:
    found = tenants(accounts(ASSOCIATIONS, PLACE), all_jobs, PLACE)
    return next(one for one in found if one.name == name)


def test_an_account_has_its_parent_limits_shares_and_users() -> None:
    found = tenant("research")
    assert found.key == "par1/lab/research"
    assert (found.parent, found.shares) == ("root", 4)
    assert (found.gpus_limit, found.cpus_limit) == (28, 512)
    assert found.users == ("mail", "www-data")


def test_limits_by_model_add_up_where_there_is_no_total() -> None:
    assert tenant("physics").gpus_limit == 6
    assert tenant("physics").shares is None


def test_an_account_without_a_limit_has_none_not_zero() -> None:
    assert tenant("ministry").gpus_limit is None


def test_jobs_count_for_their_account_and_those_above_it() -> None:
    running = job(Account="physics")
    waiting = job(WAITING, Account="physics")
    used = {name: tenant(name, running, waiting).gpus_used for name in ("physics", "research")}
    assert used == {"physics": 4, "research": 4}
    assert tenant("root", running).gpus_used == 4
    assert tenant("ministry", running).gpus_used == 0
    assert tenant("research", running).cpus_used == 16


def test_accounts_that_are_each_others_parents_do_not_hang() -> None:
    loop = accounts("lab|a||b|1|\nlab|b||a|1|\n", PLACE)
    assert [one.gpus_used for one in tenants(loop, [job(Account="a")], PLACE)] == [4, 4]


def test_other_clusters_of_the_same_database_are_left_out() -> None:
    assert "bank" not in accounts(ASSOCIATIONS, PLACE)
    assert "bank" in accounts(ASSOCIATIONS, Place("par1", "other"))


def test_no_associations_are_no_tenants() -> None:
    assert accounts("", PLACE) == {}


@pytest.mark.parametrize("line", ["lab|a|b", "lab|a||root|1||", "", "sacctmgr: hello"])
def test_a_line_with_other_columns_is_garbled(line: str) -> None:
    with pytest.raises(SourceGarbled, match=r"line 2 of sacctmgr has \d fields instead of 6"):
        accounts(f"lab|root|||1|\n{line}\nlab|b||root|1|\n", PLACE)


def test_hostile_names_are_cleaned() -> None:
    hostile = "\x1b]0;x\x07\u202e\u2028"
    found = tenants(accounts(f"lab|{hostile}||{hostile}|1|\n", PLACE), (), PLACE)
    assert (found[0].name, found[0].parent) == (clean(hostile), clean(hostile))
