"""Schedulers' pending reasons in plain words (facts: Slurm's job_reason_codes and its source)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CODE = re.compile(r"\(?([A-Za-z]\w*)\)?\s*(?:[,(:]|$)", re.ASCII)
_LONGEST = 60

NO_REASON = "None"
"""The code of a job for which no reason is given."""

WORDS: dict[str, str] = {
    "None": "the scheduler has not looked at it yet in this cycle",
    "Priority": "jobs with a higher priority come first",
    "Resources": "it is next, and waits for free hardware",
    "Dependency": "another job must finish first",
    "DependencyNeverSatisfied": "its dependency can no longer come true: cancel or edit it",
    "BeginTime": "its start time is not reached",
    "JobHeldUser": "its owner holds it",
    "JobHeldAdmin": "an operator holds it",
    "JobHoldMaxRequeue": "it was requeued too often and is held",
    "ReqNodeNotAvail": "a node it demands is busy, reserved, drained or down",
    "Reservation": "it waits for its reservation to begin",
    "ReservationDeleted": "its reservation is gone: cancel or edit it",
    "ReservationInvalid": "its reservation cannot be used: cancel or edit it",
    "PartitionNodeLimit": "it asks for more nodes than its queue offers, or they are down",
    "PartitionTimeLimit": "it asks for more time than its queue allows",
    "PartitionDown": "its queue is closed",
    "PartitionInactive": "its queue is closed",
    "PartitionConfig": "a rule of its queue does not allow it",
    "NodeDown": "a node it needs is down",
    "BadConstraints": "it can never run as written: cancel or edit it",
    "Constraints": "no node fits its constraints now",
    "Licenses": "it waits for a licence",
    "JobArrayTaskLimit": "its array's own limit of tasks at once is reached",
    "JobArrayTaskLimitReached": "its array's own limit of tasks at once is reached",
    "Cleaning": "its previous run is still being tidied up",
    "Prolog": "its nodes are being prepared",
    "JobLaunchFailure": "it could not be launched",
    "SystemFailure": "the scheduler or a node failed under it",
    "NonZeroExitCode": "it ended with an error",
    "InvalidAccount": "its account does not exist",
    "InvalidQOS": "its QOS does not exist",
    "QOSNotAllowed": "its account or queue may not use this QOS",
    "AccountNotAllowed": "its account may not use this queue",
    "MaxMemPerLimit": "it asks for more memory per CPU or node than allowed",
    "QOSUsageThreshold": "its usage factor is below what its QOS demands",
    "DeadLine": "it cannot finish by its deadline",
    "FedJobLock": "the clusters of the federation are agreeing about it",
    "SchedDefer": "scheduling at submission is put off: the next cycle looks at it",
    "NvidiaImexChannels": "no IMEX channel between GPUs is free",
    "MaxPoweredUpNodes": "the cap on powered-up nodes is reached",
    "MpiPortsBusy": "no MPI port is free",
    "NetworkNotAvail": "the network it asks for is not available",
    "FrontEndDown": "the front end that would start it is down",
    "ReservationNotAvail": "its reservation is not available",
    "OutOfMemory": "it ran out of memory",
    "TimeLimit": "it reached its time limit",
    "InactiveLimit": "it was inactive too long",
}
"""Codes that stand alone."""

RESOURCES: dict[str, str] = {
    "Cpu": "CPUs",
    "CPU": "CPUs",
    "Mem": "memory",
    "Memory": "memory",
    "Node": "nodes",
    "Nodes": "nodes",
    "GRES": "GPUs",
    "Gres": "GPUs",
    "Energy": "energy",
    "BB": "burst buffer",
    "License": "licences",
    "Billing": "billing units",
    "Jobs": "running jobs",
    "SubmitJobs": "submitted jobs",
    "Submit": "submitted jobs",
    "Wall": "run time",
    "WallDuration": "run time",
    "Unknown": "some resource",
}
"""The `<X>` of the families."""

_BUDGETS = {
    "RunMinutes": "minutes of running jobs",
    "RunMins": "minutes of running jobs",
    "Minutes": "minutes, past, present and future together",
}
_FAMILY = re.compile(
    r"(?P<owner>Assoc|QOS|Max)(?P<span>Grp|Max|Min)?(?P<what>[A-Za-z]+?)"
    r"(?P<budget>RunMinutes|RunMins|Minutes)?"
    r"(?:Per(?P<per>Job|Node|User|Account|Cpu))?(?:Limit)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Limit:
    """A reason that is a limit somebody set."""

    owner: str
    """`account`, `QOS` or `partition`: whose limit it is."""
    span: str
    """`total` (all jobs together), `most` (one may have) or `least` (one must have)."""
    resource: str
    """In words, for example `GPUs`."""
    budget: str
    """Empty, or the kind of minutes it counts."""
    per: str
    """Empty, or what it counts for: `job`, `node`, `user` or `account`."""

    @property
    def words(self) -> str:
        """The limit in one sentence."""
        what = self.resource
        if self.budget:
            what = f"{self.resource.removesuffix('s')}-{self.budget}"
        if self.span == "total":
            return f"its {self.owner}'s total of {what} is used up"
        if self.span == "least":
            return f"it asks for less than the fewest {what} its {self.owner} demands"
        if self.per in ("user", "account"):
            return f"its {self.per} already has the most {what} that its {self.owner} allows"
        per = self.per or "job"
        return f"it asks for more {what} than its {self.owner} allows one {per}"


def reason_code(reason: str | None) -> str:
    """Return the code in what a backend says: `ReqNodeNotAvail` of `ReqNodeNotAvail, Unavail…`.

    A free text, as Kubernetes writes it, is its own code, cut to 60 characters.
    """
    text = (reason or "").strip()
    if not text or text in ("None", "(null)", "N/A"):
        return NO_REASON
    found = _CODE.match(text)
    return found[1] if found else text[:_LONGEST]


def limit_of(code: str) -> Limit | None:
    """Return the limit that a code of the `Assoc…`, `QOS…` and `Max…Per…` families names."""
    if code in WORDS:
        return None
    found = _FAMILY.fullmatch(code)
    if found is None:
        return None
    owner, span, what, budget, per = found.group("owner", "span", "what", "budget", "per")
    resource = RESOURCES.get(what)
    if resource is None:
        return None
    per = (per or "").lower()
    if owner == "Max":
        if span is not None or per not in ("user", "account", "job", "node"):
            return None
        owner_words = "account" if per == "account" else "QOS"
        return Limit(owner_words, "most", resource, _BUDGETS.get(budget or "", ""), per)
    if span is None:
        return None
    if what in ("Jobs", "SubmitJobs", "Submit") and span == "Max" and not per:
        per = "user"
    return Limit(
        "account" if owner == "Assoc" else "QOS",
        {"Grp": "total", "Max": "most", "Min": "least"}[span],
        resource,
        _BUDGETS.get(budget or "", ""),
        per,
    )


def reason_words(reason: str | None) -> str:
    """Return a pending reason in plain words; a word nobody here knows is given back as it is."""
    code = reason_code(reason)
    if code in WORDS:
        return WORDS[code]
    if code.startswith("BurstBuffer"):
        return "its burst buffer is not ready"
    limit = limit_of(code)
    if limit is not None:
        return limit.words
    return f"the scheduler says “{(reason or code).strip()}”"
