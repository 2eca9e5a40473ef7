"""Names that options give and nothing has: said with the ones that come close."""

from __future__ import annotations

from collections.abc import Iterable

from andon.analysis.merge import things
from andon.model import Job, Tenant
from andon.runtime.config_records import Config
from andon.sdk.errors import UsageError
from andon.store import Snapshot

_LISTED = 12
"""So many names are listed where none comes close to what was typed."""


def no_such(option: str, name: str, known: Iterable[str]) -> UsageError:
    """Return the error that an option names nothing, with what comes close or what there is.

    Args:
        option: for example `--site`.
        name: what was given.
        known: the names there are.
    """
    from difflib import get_close_matches

    names = sorted(known)
    close = get_close_matches(name[:64], names, n=3, cutoff=0.5)
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    listed = f"there are {', '.join(names[:_LISTED])}{more}"
    hint = f"did you mean {' or '.join(close)}?" if close else listed
    return UsageError(f"no {option.removeprefix('--')} “{name}” ({option})", hint=hint)


def tenants_of(snapshot: Snapshot, config: Config) -> set[str]:
    """Return the names of the tenants that the configuration has or any source told of."""
    told = {tenant.name for tenant in things(snapshot, Tenant).values()}
    told |= {job.tenant for job in things(snapshot, Job).values() if job.tenant}
    return told | {tenant.name for tenant in config.tenants}
