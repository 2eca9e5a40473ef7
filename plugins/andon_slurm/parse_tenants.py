"""Associations of sacctmgr to tenants. Pure; texts from outside are cleaned here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from andon.sdk import Job, SourceGarbled, Tenant, clean
from andon_slurm import gres
from andon_slurm.fields import Place, number, text

TENANT_COLUMNS = ("cluster", "account", "user", "parentname", "share", "grptres")


@dataclass(frozen=True, slots=True)
class Account:
    """One account as the accounting database knows it; its name is as sacctmgr prints it."""

    parent: str | None = None
    gpus_limit: int | None = None
    cpus_limit: int | None = None
    shares: int | None = None
    users: tuple[str, ...] = ()


def accounts(output: str, place: Place) -> dict[str, Account]:
    """Return the accounts of this cluster from `sacctmgr -nP show associations`.

    sacctmgr prints `|` between fields and knows no other separator in this form, so a row with
    another number of them is garbled.

    Raises:
        SourceGarbled: a row does not have the columns asked for.
    """
    found: dict[str, Account] = {}
    users: dict[str, dict[str, None]] = defaultdict(dict)
    lines = output.removesuffix("\n").split("\n") if output else []
    for line_number, line in enumerate(lines, start=1):
        fields = line.split("|")
        if len(fields) != len(TENANT_COLUMNS):
            raise SourceGarbled(
                f"line {line_number} of sacctmgr has {len(fields)} fields instead of "
                f"{len(TENANT_COLUMNS)}",
                hint="run `sacctmgr -nP show associations` by hand and compare",
            )
        cluster, account, user, parent, share, limits = fields
        if place.cluster and cluster != place.cluster:
            continue
        found.setdefault(account, Account())
        if user:
            # A user has a row for each partition that an association is limited to.
            users[account][clean(user)] = None
        else:
            found[account] = Account(
                parent=text(parent),
                gpus_limit=_gpus_limit(limits),
                cpus_limit=number(gres.tres_value(limits, "cpu") or ""),
                shares=number(share),
            )
    return {name: replace(one, users=tuple(users[name])) for name, one in found.items()}


def tenants(found: Mapping[str, Account], all_jobs: Iterable[Job], place: Place) -> list[Tenant]:
    """Return one record per account, with what its jobs and those of its children hold now.

    Slurm counts the jobs of an account's children against the account's own limits.
    """
    usage = _usage(found, all_jobs)
    return [
        Tenant(
            site=place.site,
            cluster=place.cluster,
            name=clean(name),
            parent=account.parent,
            gpus_limit=account.gpus_limit,
            cpus_limit=account.cpus_limit,
            shares=account.shares,
            users=account.users,
            gpus_used=usage[name][0],
            cpus_used=usage[name][1],
        )
        for name, account in found.items()
    ]


def _gpus_limit(limits: str) -> int | None:
    return gres.job_gpus(limits).count if "gres/gpu" in limits else None


def _usage(found: Mapping[str, Account], all_jobs: Iterable[Job]) -> dict[str, tuple[int, int]]:
    """Return GPUs and CPUs held, by account."""
    used = dict.fromkeys(found, (0, 0))
    for job in all_jobs:
        if not job.state.active:
            continue
        above: str | None = job.tenant
        passed: set[str] = set()
        while above is not None and above in used and above not in passed:
            passed.add(above)
            gpus_held, cpus_held = used[above]
            used[above] = (gpus_held + (job.gpus or 0), cpus_held + (job.cpus or 0))
            above = found[above].parent
    return used
