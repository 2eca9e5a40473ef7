"""The own words of a backend on one thing, for those who want to see what is behind a row."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence

from andon.model import Kind, Target
from andon.runtime.discovery import Discovery
from andon.runtime.offers import Offers
from andon.runtime.paths import Paths
from andon.runtime.sources import SourceSpec, open_source
from andon.runtime.targets import name_of, uid_of
from andon.sdk.errors import AndonError, SourceTimeout, UsageError
from andon.sdk.lengths import seconds_text
from andon.store import Snapshot


def knows_best(
    specs: Sequence[SourceSpec], offers: Offers, snapshot: Snapshot, kind: Kind, key: str
) -> SourceSpec:
    """Return the source to ask about a thing: of those that reported it one that acts on it.

    Raises:
        UsageError: none of `specs` reported it.
    """
    names = [name for name in snapshot.of(kind) if key in snapshot.said_by(name, kind)]
    known = [spec for spec in specs if spec.name in names]
    if not known:
        raise UsageError(f"no source at hand reported {kind.value} {key}")
    verb = next(iter(offers.verbs(kind)), "")
    acting = [spec for spec in known if offers.find(spec.name, verb)]
    return (acting or known)[0]


async def raw_text(
    spec: SourceSpec,
    snapshot: Snapshot,
    kind: Kind,
    key: str,
    *,
    discovery: Discovery,
    paths: Paths,
    environ: Mapping[str, str],
    clock: Callable[[], float],
    timeout_s: float,
) -> str:
    """Return what a source's backend says of a thing, uncleaned; empty when it is gone.

    Args:
        spec: a source that reported it.
        snapshot: where it is reported.
        kind: of the thing.
        key: of the thing.
        discovery: where the source's plugin is.
        paths: where files are.
        environ: the environment for plugins and secrets.
        clock: seconds since the epoch.
        timeout_s: seconds for the answer.

    Raises:
        AndonError: it cannot be asked, or does not answer in time.
    """
    # A secret may be fetched by a command: not in the loop that draws.
    source = await asyncio.to_thread(open_source, spec, discovery, paths, environ, clock)
    try:
        target = _target_of(snapshot, spec, kind, key)
        return await asyncio.wait_for(source.raw(target, timeout_s), timeout_s * 1.1)
    except TimeoutError as error:
        raise SourceTimeout(f"{spec.name} did not answer in {seconds_text(timeout_s)}") from error
    finally:
        with contextlib.suppress(AndonError):
            await source.close()


def _target_of(snapshot: Snapshot, spec: SourceSpec, kind: Kind, key: str) -> Target:
    """Return a thing as its source knows it."""
    record = snapshot.said_by(spec.name, kind)[key]
    return Target(
        kind=kind,
        key=key,
        name=name_of(record),
        site=record.site,
        source=spec.name,
        uid=uid_of(record),
    )
