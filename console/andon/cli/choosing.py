"""Which things an acting command means: names, host lists, filters, names on stdin."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from andon.cli.session import Session
from andon.model import Kind
from andon.runtime.targets import keys_named
from andon.sdk.errors import UsageError
from andon.store import Snapshot
from andon.views.pages import page, table_of
from andon.views.registry import ViewSpec
from andon.views.state import ViewState

_MOST_NAMES = 100_000


def typed_words(arguments: Sequence[str], kind: Kind) -> list[str]:
    """Return the names that arguments stand for, `-` replaced by the lines of stdin.

    Node names may be host lists (`gpu[001-016]`, `par1/gpu[1-4]`).

    Raises:
        UsageError: a host list cannot be read, or stands for too many names.
    """
    words: list[str] = []
    for argument in arguments:
        if argument == "-":
            words += [line.strip() for line in sys.stdin if line.strip()]
        elif kind is Kind.NODE and any(sign in argument for sign in "[],@"):
            words += expand(argument)
        else:
            words += [part for part in argument.split(",") if part]
    return words


def expand(text: str) -> list[str]:
    """Return the names of one host list, each with the site that stands before it.

    Raises:
        UsageError: it cannot be read, or stands for more than 100,000 names.
    """
    from ClusterShell.NodeSet import NodeSet, NodeSetException

    site, slash, hosts = text.rpartition("/")
    if "@" in hosts:
        raise UsageError(f"{text!r}: groups of hosts are not supported", hint="list the hosts")
    try:
        nodes = NodeSet(hosts)
        if len(nodes) > _MOST_NAMES:
            raise UsageError(f"{text!r} stands for {len(nodes)} names", hint="use a filter")
        return [f"{site}{slash}{name}" for name in nodes]
    except (NodeSetException, ValueError, OverflowError) as error:
        raise UsageError(
            f"{text!r} is no host list: {error}", hint="write it like gpu[001-016],cpu7"
        ) from error


def chosen_keys(
    session: Session,
    snapshot: Snapshot,
    spec: ViewSpec,
    words: Iterable[str],
    filter_text: str,
) -> tuple[str, ...]:
    """Return the record keys that words and filter stand for, each once.

    Raises:
        UsageError: a word names nothing or several things; nothing was named at all.
        FilterError: the filter cannot be read.
    """
    if spec.kind is None:
        raise UsageError(f"nothing can be done to {spec.name}")
    wanted = list(words)
    keys: dict[str, None] = {}
    if wanted:
        named = keys_named(
            snapshot,
            spec.kind,
            wanted,
            sites=session.settings.sites,
            sources=session.settings.sources,
        )
        if named.ambiguous:
            word, options = next(iter(named.ambiguous.items()))
            raise UsageError(
                f"{word!r} may be {' or '.join(options)}", hint="give the whole name, or --site"
            )
        if named.unknown:
            raise UsageError(
                f"no {spec.kind.value} called {', '.join(named.unknown[:5])}"
                + (f" and {len(named.unknown) - 5} more" if len(named.unknown) > 5 else ""),
                hint=f"nothing was done; `andon {spec.name} ls -o name` lists them",
            )
        keys.update(dict.fromkeys(named.keys))
    if filter_text:
        state = ViewState(view=spec.name, filter=filter_text, scope=session.scope)
        table = table_of(page(snapshot, state, session.clock()))
        if table is not None:
            keys.update({table.rows.key(index): None for index in range(len(table.rows))})
    return tuple(keys)
