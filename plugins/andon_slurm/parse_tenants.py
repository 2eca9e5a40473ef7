"""Associations of sacctmgr to tenants. Pure; texts from outside are cleaned here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from andon.sdk import Job, SourceGarbled, Tenant, clean
from andon_slurm import gres
from andon_slurm.fields import Place, number, text


@dataclass(frozen=True, slots=True)
class _Account:
    parent: str | None = None
    gpus_limit: int | None = None
    cpus_limit: int | None = None
    shares: int | None = None
    users: tuple[str, ...] = ()


TENANT_COLUMNS = ("cluster", "account", "user", "parentname", "share", "grptres")


def tenants(output: str, running: Iterable[Job], place: Place) -> list[Tenant]:
    """Return one record per account from `sacctmgr -nP show assoc`, with what its jobs use.

    sacctmgr prints `|` between fields and knows no other separator in this form, so a row with
    another number of them is garbled.

    Raises:
        SourceGarbled: a row does not have the columns asked for.
    """
    accounts: dict[str, _Account] = {}
    for line_number, line in enumerate(output.splitlines(), start=1):
        fields = line.split("|")
        if len(fields) != len(TENANT_COLUMNS):
            raise SourceGarbled(
                f"line {line_number} of sacctmgr has {len(fields)} fields instead of "
                f"{len(TENANT_COLUMNS)}",
                hint="run `sacctmgr -nP show assoc` by hand and compare",
            )
        cluster, account, user, parent, share, limits = fields
        if place.cluster and cluster != place.cluster:
            continue
        known = accounts.get(account, _Account())
        if user:
            accounts[account] = replace(known, users=(*known.users, clean(user)))
        else:
            accounts[account] = replace(
                known,
                parent=text(parent),
                gpus_limit=number(gres.tres_value(limits, "gres/gpu") or ""),
                cpus_limit=number(gres.tres_value(limits, "cpu") or ""),
                shares=number(share),
            )
    usage = _usage(running)
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
            gpus_used=usage.get(name, (0, 0))[0],
            cpus_used=usage.get(name, (0, 0))[1],
        )
        for name, account in accounts.items()
    ]


def _usage(all_jobs: Iterable[Job]) -> dict[str, tuple[int, int]]:
    """Return GPUs and CPUs that each tenant's jobs hold now."""
    used: dict[str, tuple[int, int]] = {}
    for job in all_jobs:
        if job.state.active and job.tenant:
            gpus_held, cpus_held = used.get(job.tenant, (0, 0))
            used[job.tenant] = (gpus_held + (job.gpus or 0), cpus_held + (job.cpus or 0))
    return used
