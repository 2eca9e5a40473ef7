"""What cluster this is, who we are to it, and what it hides from us."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass

from andon.sdk import Coverage, Kind, SourceError, clean
from andon_slurm.commands import Tools

_LEVEL_DEADLINE_S = 2.0
_HIDDEN = {
    "jobs": (Kind.JOB,),
    "nodes": (Kind.NODE, Kind.ACCELERATOR),
    "partitions": (Kind.QUEUE,),
    "accounts": (Kind.TENANT,),
}
_PRIVILEGED = ("Operator", "Administrator")


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster as its controller describes it."""

    name: str
    version: str | None
    private: tuple[str, ...]
    """What `PrivateData` hides from ordinary users."""
    owner: str
    """Who Slurm runs as (`SlurmUser`); nothing is hidden from them."""


def cluster_of(config: str) -> Cluster:
    """Read `scontrol show config`."""
    values = {}
    for line in config.split("\n"):
        key, _, value = line.partition("=")
        values[key.strip()] = value.strip()
    private = values.get("PrivateData", "none")
    return Cluster(
        name=clean(values.get("ClusterName", "")),
        version=clean(values.get("SLURM_VERSION", "")) or None,
        private=() if private in ("none", "") else tuple(clean(private).split(",")),
        owner=values.get("SlurmUser", "").partition("(")[0],
    )


@dataclass(frozen=True, slots=True)
class Identity:
    """Who Slurm takes us for."""

    user: str
    level: str | None = None
    """The right in the accounting database; `None` while it could not be asked."""

    def __str__(self) -> str:
        return f"{self.user} ({self.level})" if self.level in _PRIVILEGED else self.user

    def sees_all(self, cluster: Cluster) -> bool:
        """Whether `PrivateData` hides nothing from us."""
        return self.user in ("root", cluster.owner) or self.level in _PRIVILEGED


def own_user() -> str:
    """Return the name of the user that munge vouches for: who this process runs as."""
    uid = os.geteuid()
    try:
        return clean(pwd.getpwuid(uid).pw_name)
    except KeyError:
        return str(uid)


async def identify(tools: Tools, deadline_s: float) -> Identity:
    """Ask the accounting database for our level; a dead or missing one is no fault here."""
    user = own_user()
    argv = ("sacctmgr", "--noheader", "--parsable2", "show", "user", user, "format=adminlevel")
    try:
        said = await tools.text(argv, min(_LEVEL_DEADLINE_S, deadline_s))
    except SourceError:
        return Identity(user)
    return Identity(user, clean(said.partition("\n")[0].strip()) or "None")


def hidden(cluster: Cluster, identity: Identity, kinds: frozenset[Kind]) -> list[Coverage]:
    """Say what an ordinary user may not be shown: an empty list proves nothing then."""
    if identity.sees_all(cluster):
        return []
    return [
        Coverage(kind=kind, reported=0, expected=0, note=f"PrivateData={word} may hide some")
        for word in cluster.private
        for kind in _HIDDEN.get(word, ())
        if kind in kinds
    ]
