"""Which things an acting command means: names, host lists, filters, names on stdin."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence

from andon.cli import diagnostics
from andon.cli.hearing import Unheard, names_of
from andon.cli.session import Session
from andon.model import Kind, Target
from andon.runtime.naming import Named, keys_named
from andon.sdk.errors import UsageError
from andon.store import Snapshot
from andon.views.registry import ViewSpec
from andon.views.state import ViewState
from andon.views.tables import table

_MOST_NAMES = 100_000
_RANGE = re.compile(r"(\d{1,18})-(\d{1,18})")
_COMMA_OUTSIDE_BRACKETS = re.compile(r",(?![^\[\]]*\])")


class NotHeard(UsageError):
    """Something was named that no source told of; nothing was done."""


def among_what_was_heard(
    error: NotHeard, silent: Sequence[Unheard], kind: Kind, *, heard: bool
) -> UsageError:
    """Say who did not answer; return the error as it is said after that.

    Args:
        error: what nobody told of.
        silent: who did not tell all; without any the error is the whole answer.
        kind: what was named.
        heard: whether anybody told of that kind.
    """
    if not silent:
        return error
    for each in silent:
        diagnostics.say_silent(each.source, each.message, each.hint)
    names = names_of(silent)
    if heard:
        return UsageError(
            f"{error.message} among what was heard",
            hint=f"nothing was done; {names} did not answer, `andon doctor` says why",
        )
    return UsageError(
        f"nothing was done: {names} did not answer, so nobody knows what the names of"
        f" {kind.value}s stand for",
        hint="`andon doctor` says what to do about it",
    )


def typed_words(arguments: Sequence[str], kind: Kind) -> list[str]:
    """Return the names that arguments stand for, `-` replaced by the lines of stdin.

    Node names may be host lists (`gpu[001-016]`, `par1/gpu[1-4]`). Tasks of an array
    (`123_[1,4-6]`) stay one word: those that wait together are one job.

    Raises:
        UsageError: a host list cannot be read, or stands for too many names.
    """
    words: list[str] = []
    for argument in arguments:
        if argument == "-":
            words += _lines_of_stdin()
        elif kind is Kind.NODE and any(sign in argument for sign in "[],@"):
            words += expand(argument)
        else:
            words += [part for part in _COMMA_OUTSIDE_BRACKETS.split(argument) if part]
    return words


def _lines_of_stdin() -> list[str]:
    data = sys.stdin.buffer.read()
    lines = (line.strip() for line in data.decode("utf-8", "replace").splitlines())
    words = [line for line in lines if line]
    if len(words) > _MOST_NAMES:
        raise UsageError(f"stdin has {len(words)} names", hint="use a filter")
    return words


def expand(text: str) -> list[str]:
    """Return the names of one host list, each with the site that stands before it.

    Raises:
        UsageError: it cannot be read, or stands for more than 100,000 names.
    """
    from ClusterShell.NodeSet import RESOLVER_NOGROUP, NodeSet, NodeSetException

    site, slash, hosts = text.rpartition("/")
    if "@" in hosts:
        raise UsageError(f"“{text}”: groups of hosts are not supported", hint="list the hosts")
    if any(int(high) - int(low) >= _MOST_NAMES for low, high in _RANGE.findall(hosts)):
        raise UsageError(f"“{text}” stands for too many names", hint="use a filter")
    try:
        nodes = NodeSet(hosts, resolver=RESOLVER_NOGROUP)
        if len(nodes) > _MOST_NAMES:
            raise UsageError(f"“{text}” stands for {len(nodes)} names", hint="use a filter")
        return [f"{site}{slash}{name}" for name in nodes]
    except (NodeSetException, ValueError, OverflowError) as error:
        raise UsageError(
            f"“{text}” is no host list: {error}", hint="write it like gpu[001-016],cpu7"
        ) from error


def chosen_keys(
    session: Session,
    snapshot: Snapshot,
    spec: ViewSpec,
    words: Iterable[str],
    filter_text: str,
) -> tuple[Snapshot, tuple[str, ...]]:
    """Return the record keys that words and filter stand for, each once, and where all of them are.

    A task that waits with others of its array has no record until its source is asked for it: then
    it is in the snapshot that is returned.

    Raises:
        UsageError: a word names several things.
        NotHeard: a word names nothing.
        FilterError: the filter cannot be read.
        SourceError: a source could not be asked again.
    """
    if spec.kind is None:
        raise UsageError(f"nothing can be done to {spec.name}")
    wanted = list(words)
    keys: dict[str, None] = {}
    unread: tuple[Target, ...] = ()
    if wanted:
        named = _named(session, snapshot, spec, spec.kind, wanted)
        keys, unread = dict.fromkeys(named.keys), named.unread
    if filter_text:
        state = ViewState(view=spec.name, filter=filter_text, scope=session.scope)
        rows = table(snapshot, spec, state, session.clock()).rows
        keys.update({rows.key(index): None for index in range(len(rows))})
        # The filter may have chosen all that wait, as one.
        within = {target.key for target in unread if target.key.rpartition("_")[0] in keys}
        unread = tuple(target for target in unread if target.key not in within)
        keys = {key: None for key in keys if key not in within}
    return session.read_again(snapshot, unread), tuple(keys)


def _named(
    session: Session, snapshot: Snapshot, spec: ViewSpec, kind: Kind, wanted: list[str]
) -> Named:
    settings = session.settings
    named = keys_named(snapshot, kind, wanted, sites=settings.sites, sources=settings.sources)
    if named.ambiguous:
        word, options = next(iter(named.ambiguous.items()))
        raise UsageError(
            f"“{word}” may be {' or '.join(options[:5])}", hint="give the whole name, or --site"
        )
    if named.unknown:
        more = len(named.unknown) - 5
        raise NotHeard(
            f"no {kind.value} called {', '.join(named.unknown[:5])}"
            + (f" and {more} more" if more > 0 else ""),
            hint=f"nothing was done; `andon {spec.name} ls -o name` lists them",
        )
    return named
