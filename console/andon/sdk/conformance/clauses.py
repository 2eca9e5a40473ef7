"""The clauses: each raises `ClauseBroken` or `NotApplicable`, or returns."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from andon.model import FaultKind
from andon.sdk.clean import clean
from andon.sdk.conformance import reporting
from andon.sdk.conformance.acting import (
    plans_are_pure_and_send_nothing,
    what_is_shown_is_what_is_sent,
)
from andon.sdk.conformance.importing import home_of, imports_of, other_plugins
from andon.sdk.conformance.subject import (
    OVERRUN,
    ClauseBroken,
    NotApplicable,
    Subject,
    error_of,
    opened,
    polled,
    refuse,
    targets_of,
    whole_of,
)
from andon.sdk.conformance.watching import changing, stdout_taken, watched
from andon.sdk.declaring import wrong_in
from andon.sdk.errors import SourceError
from andon.sdk.lengths import seconds_text
from andon.sdk.plugin import Found
from andon.sdk.secret import Secret
from andon.sdk.source import Source, SourceSettings

CANCEL_S = 0.1
REQUIRED_FAULTS = (
    FaultKind.UNREACHABLE,
    FaultKind.TIMEOUT,
    FaultKind.DENIED,
    FaultKind.GARBLED,
)
_SECRET_MARK = "andon-secret-7f3a"


def declares_what_the_contract_asks(subject: Subject) -> None:
    """Names, options and verbs are as the contract wants them."""
    refuse(wrong_in(subject.plugin))


def is_imported_without_io_and_without_others(subject: Subject) -> None:
    """Importing starts, sends, writes and prints nothing; no Textual, no other plugin."""
    module = home_of(subject.plugin)
    if module is None:
        raise NotApplicable("the module that declares it cannot be told")
    refuse(imports_of(module, other_plugins(module)))


def looks_around_without_network_or_processes(subject: Subject) -> None:
    """`find` and `expand` look at this machine only, and answer with what was found."""
    for environ in ({}, {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"}):
        with watched() as events:
            found = tuple(subject.plugin.find(environ))
        refuse(f"find does {event}" for event in changing(events))
        refuse(f"find answers {one!r}" for one in found if not isinstance(one, Found))
    with watched() as events:
        first, second = (tuple(subject.plugin.expand({})) for _ in range(2))
    refuse(f"expand does {event}" for event in events)
    if first != second:
        raise ClauseBroken("expand answers differently when it is asked twice")


def opens_without_io(subject: Subject) -> None:
    """Opening a source touches no file, network or process."""
    options = {option.name: option.default for option in subject.plugin.options}
    settings = SourceSettings(name="check@site", site="site", options=options)
    with watched() as events:
        source = subject.plugin.open(settings)
    refuse(f"opening does {event}" for event in events)
    if (source.name, source.site) != ("check@site", "site"):
        raise ClauseBroken(f"opened as check@site, it calls itself {source.name}@{source.site}")
    if not source.intervals_seconds:
        raise ClauseBroken("it reports no kind at all")


async def reports_what_it_was_asked_for(subject: Subject) -> None:
    """A poll answers with a batch of its own site and just the kinds that were asked for."""
    async with opened(subject) as source:
        every = frozenset(source.intervals_seconds)
        for kinds in (every, *(frozenset({kind}) for kind in sorted(every))):
            refuse(reporting.wrong_in_batch(await polled(subject, source, kinds), source, kinds))


async def keys_are_unique(subject: Subject) -> None:
    """No two records of one kind have the same key."""
    refuse(reporting.wrong_in_keys(await whole_of(subject)))


async def two_polls_of_one_recording_are_equal(subject: Subject) -> None:
    """What did not change is reported the same again, by the same source and by a fresh one."""
    if not subject.recorded:
        raise NotApplicable("the backend is live: it may change between two polls")
    async with opened(subject) as source:
        kinds = frozenset(source.intervals_seconds)
        first = await polled(subject, source, kinds)
        second = await polled(subject, source, kinds)
    third = await whole_of(subject)
    for other, which in ((second, "the second poll"), (third, "a fresh source")):
        before = {(record.kind, record.key): record for record in first.records}
        after = {(record.kind, record.key): record for record in other.records}
        refuse(f"{which} lost {kind} {key}" for kind, key in before.keys() - after.keys())
        refuse(f"{which} has new {kind} {key}" for kind, key in after.keys() - before.keys())
        refuse(
            f"{which} tells {kind} {key} differently"
            for (kind, key), record in before.items()
            if record != after[kind, key]
        )


async def values_are_of_their_declared_type(subject: Subject) -> None:
    """Every field holds what its record declares."""
    refuse(reporting.wrong_in_types(await whole_of(subject)))


async def unknown_is_none(subject: Subject) -> None:
    """What is not reported is `None`: no `N/A`, no empty text, no -1, no NaN."""
    refuse(reporting.wrong_in_unknowns(await whole_of(subject)))


async def texts_are_clean(subject: Subject) -> None:
    """Every text passed `clean` where it came in."""
    refuse(reporting.wrong_in_texts(await whole_of(subject)))


async def hosts_have_canonical_names(subject: Subject) -> None:
    """Hosts are called what every source calls them."""
    refuse(reporting.wrong_in_hosts(await whole_of(subject)))


async def rereads_what_it_reported(subject: Subject) -> None:
    """`reread` tells a thing again and says of one that is gone that it is gone."""
    async with opened(subject) as source:
        batch = await polled(subject, source, frozenset(source.intervals_seconds))
        for target in targets_of(batch, source, per_kind=1):
            again = await source.reread([target], subject.deadline_s)
            keys = {(record.kind, record.key) for record in again.records}
            if subject.recorded and (target.kind, target.key) not in keys:
                raise ClauseBroken(f"reread does not report {target.kind} {target.key}")
            gone = replace(target, key=f"{source.site}//gone", name="gone-7f3a", uid=None)
            try:
                again = await source.reread([gone], subject.deadline_s)
            except SourceError:
                continue  # the backend would not even look for such a name
            if gone.kind not in again.whole and (gone.kind, gone.key) not in again.removed:
                raise ClauseBroken(f"reread of a {gone.kind} that is gone does not say so")


async def faults_are_told_in_time(subject: Subject) -> None:
    """A dead, slow, denied or garbled backend is told as such before the deadline plus 10 %."""
    if subject.complete:
        given = {*subject.broken, *subject.impossible}
        missing = [kind for kind in REQUIRED_FAULTS if kind not in given]
        refuse(f"how to open a source that is {kind} is not given" for kind in missing)
    elif not subject.broken and subject.healthy is not None:
        raise NotApplicable("no broken backend is at hand")
    elif not subject.broken:
        await _told(subject, _with_defaults(subject), None)
    for kind, opens in subject.broken.items():
        await _told(subject, opens(), kind)


def _with_defaults(subject: Subject) -> Source:
    """Open a source where the plugin found no backend: it has to say so properly."""
    options = {option.name: option.default for option in subject.plugin.options}
    if any(option.required for option in subject.plugin.options):
        raise NotApplicable("no backend is at hand, and it has options that are required")
    environ = subject.environ
    return subject.plugin.open(
        SourceSettings(name="check@site", site="site", options=options, environ=environ)
    )


async def _told(subject: Subject, source: Source, kind: FaultKind | None) -> None:
    """Poll a source whose backend has a fault; `None`: whichever it is."""
    what = kind or "without a backend"
    error, took_s = await error_of(subject, source)
    await source.close()
    if error is None and kind is None:
        raise NotApplicable("it reports with nothing but defaults, so that nothing is broken")
    if error is None:
        raise ClauseBroken(f"{what}: it reports as if nothing were wrong")
    if not isinstance(error, SourceError):
        raise ClauseBroken(f"{what}: it raises {type(error).__name__}: {error}")
    if kind is not None and error.fault_kind is not kind:
        raise ClauseBroken(f"{what}: it says {error.fault_kind}: {error.message}")
    if took_s > subject.deadline_s * OVERRUN:
        raise ClauseBroken(f"{what}: it took {took_s:.2f} s of {seconds_text(subject.deadline_s)}")
    if not error.message or not error.hint:
        raise ClauseBroken(f"{what}: the error has no message or no hint")


async def cancelling_stops_at_once(subject: Subject) -> None:
    """A cancelled poll ends within 100 ms."""
    opens = subject.broken.get(FaultKind.TIMEOUT) or subject.healthy
    if opens is None:
        raise NotApplicable("no backend is at hand")
    source = opens()
    poll = source.poll(frozenset(source.intervals_seconds), 60.0)
    task = asyncio.ensure_future(poll)
    await asyncio.wait({task}, timeout=0.05)
    began = time.perf_counter()
    task.cancel()
    await asyncio.wait({task}, timeout=CANCEL_S * 10)
    took_s = time.perf_counter() - began
    if not task.done():
        raise ClauseBroken("a cancelled poll goes on")
    if not task.cancelled():
        task.exception()
    await source.close()
    if took_s > CANCEL_S:
        raise ClauseBroken(f"a cancelled poll took {took_s * 1_000:.0f} ms to end")


async def nothing_goes_to_stdout(subject: Subject) -> None:
    """Neither a good poll nor a failing one prints."""
    opens = [opens for opens in (subject.healthy, *subject.broken.values()) if opens]
    if not opens:
        raise NotApplicable("no backend is at hand")
    with stdout_taken() as path:
        for each in opens:
            source = each()
            await error_of(subject, source)
            await source.close()
        sys.stdout.flush()
        printed = path.read_bytes()
    if printed:
        raise ClauseBroken(f"it prints {clean(printed[:60].decode('utf-8', 'replace'))}")


async def secrets_stay_secret(subject: Subject) -> None:
    """No option that is declared secret shows in an error, a `repr` or a batch."""
    if not any(option.secret for option in subject.plugin.options):
        raise NotApplicable("it declares no secret option")
    options = {
        option.name: Secret(_SECRET_MARK) if option.secret else option.default
        for option in subject.plugin.options
    }
    source = subject.plugin.open(SourceSettings(name="check@site", site="site", options=options))
    shown = [repr(source), str(source)]
    try:
        batch = await source.poll(frozenset(source.intervals_seconds), subject.deadline_s)
        shown.append(repr(batch))
    except Exception as error:  # noqa: BLE001 - whatever it raises may show the secret
        shown += [repr(error), str(error), getattr(error, "hint", "")]
    await source.close()
    if any(_SECRET_MARK in text for text in shown):
        raise ClauseBroken("a secret option shows in an error, a repr or a batch")


async def closes_whatever_happened(subject: Subject) -> None:
    """`close` works before any poll, after a good one and after a failed one."""
    opens = [opens for opens in (subject.healthy, *subject.broken.values()) if opens]
    if not opens:
        raise NotApplicable("no backend is at hand")
    await opens[0]().close()
    for each in opens:
        source = each()
        await error_of(subject, source)
        await asyncio.wait_for(source.close(), 1.0)


Clause = Callable[[Subject], Awaitable[None] | None]

CLAUSES: tuple[Clause, ...] = (
    declares_what_the_contract_asks,
    is_imported_without_io_and_without_others,
    looks_around_without_network_or_processes,
    opens_without_io,
    reports_what_it_was_asked_for,
    keys_are_unique,
    two_polls_of_one_recording_are_equal,
    values_are_of_their_declared_type,
    unknown_is_none,
    texts_are_clean,
    hosts_have_canonical_names,
    rereads_what_it_reported,
    faults_are_told_in_time,
    cancelling_stops_at_once,
    nothing_goes_to_stdout,
    secrets_stay_secret,
    plans_are_pure_and_send_nothing,
    what_is_shown_is_what_is_sent,
    closes_whatever_happened,
)


async def keep(clause: Clause, subject: Subject) -> None:
    """Check one clause.

    Raises:
        ClauseBroken: it is not kept.
        NotApplicable: it cannot be checked.
    """
    outcome = clause(subject)
    if outcome is not None:
        await outcome
