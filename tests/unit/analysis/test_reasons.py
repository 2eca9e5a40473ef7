from __future__ import annotations

import random
import string

import pytest

from andon.analysis.reasons import NO_REASON, WORDS, limit_of, reason_code, reason_words


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("Priority", "Priority"),
        ("(Resources)", "Resources"),
        ("ReqNodeNotAvail, UnavailableNodes:gpu[01-02]", "ReqNodeNotAvail"),
        ("ReqNodeNotAvail(Unavailable:gpu1)", "ReqNodeNotAvail"),
        (None, NO_REASON),
        ("", NO_REASON),
        ("None", NO_REASON),
        ("(null)", NO_REASON),
        ("couldn't assign flavors to pod set main", "couldn't assign flavors to pod set main"),
        ("x" * 200, "x" * 200),
        ("a b " * 50, ("a b " * 50)[:60]),
    ],
)
def test_the_code_of_a_reason_is_its_first_word_when_that_is_one(
    reason: str | None, code: str
) -> None:
    assert reason_code(reason) == code


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AssocGrpGRES", "its account's total of GPUs is used up"),
        ("AssocGrpCpuLimit", "its account's total of CPUs is used up"),
        ("AssocGrpGRESMinutes", "its account's total of GPU-minutes, past, present and future"),
        ("AssocGrpGRESRunMinutes", "its account's total of GPU-minutes of running jobs"),
        ("AssocMaxGRESPerJob", "it asks for more GPUs than its account allows one job"),
        ("AssocMaxNodePerJobLimit", "it asks for more nodes than its account allows one job"),
        ("AssocMaxJobsLimit", "its user already has the most running jobs"),
        ("AssocMaxWallDurationPerJobLimit", "it asks for more run time than its account allows"),
        ("QOSGrpGRES", "its QOS's total of GPUs is used up"),
        ("QOSMaxGRESPerUser", "its user already has the most GPUs that its QOS allows"),
        ("QOSMaxGRESPerNode", "it asks for more GPUs than its QOS allows one node"),
        ("QOSMaxJobsPerUserLimit", "its user already has the most running jobs"),
        ("QOSMinGRES", "it asks for less than the fewest GPUs its QOS demands"),
        ("MaxGRESPerAccount", "its account already has the most GPUs"),
        ("MaxJobsPerAccount", "its account already has the most running jobs"),
        ("MaxCpuRunMinsPerUser", "its user already has the most CPU-minutes of running jobs"),
        ("QOSMaxNodePerUserLimit", "its user already has the most nodes"),
    ],
)
def test_limits_are_told_by_their_family(code: str, words: str) -> None:
    assert limit_of(code) is not None
    assert words in reason_words(code)


@pytest.mark.parametrize("code", sorted(WORDS))
def test_every_known_reason_has_plain_words(code: str) -> None:
    words = reason_words(code)
    assert code not in words or code == "None"
    assert words[0].islower() or words.startswith("its")
    assert "�" not in words


def test_a_reason_with_a_number_of_names_is_known() -> None:
    assert "burst buffer" in reason_words("BurstBufferStageIn")


def test_a_reason_nobody_knows_is_given_back_as_it_is() -> None:
    assert "Insufficient quota" in reason_words("Insufficient quota for nvidia.com/gpu")
    assert limit_of("AssocGrpUnicorns") is None
    assert "AssocGrpUnicorns" in reason_words("AssocGrpUnicorns")


def test_random_reasons_raise_nothing() -> None:
    rng = random.Random(1)
    for _ in range(3000):
        text = "".join(rng.choices(string.printable + "é\x1b", k=rng.randrange(30)))
        assert reason_words(text)
        assert reason_code(text)
