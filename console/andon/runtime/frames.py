"""The messages of the feed, and the control messages that go the other way.

The feed is versioned by its first frame, `Hello`. Fields may be added with a default; anything else
is a new version. Records travel encoded (`upserts`), so that a reader can decode them a slice at a
time and skip what it does not want.
"""

from __future__ import annotations

from typing import Final

import msgspec

from andon.model import Coverage, Fault, Kind, SourceStatus, Target

FEED_FORMAT: Final = "andon-feed"
FEED_VERSION: Final = 1
PART_RECORDS: Final = 1_000
"""The most records, and the most removed keys, that one frame carries."""


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag="hello", tag_field="is"):
    """The first frame: what this is, and the sources it will speak of."""

    format: str = FEED_FORMAT
    version: int = FEED_VERSION
    demo: bool
    """Whether any of the data is invented."""
    at: float
    sources: tuple[SourceStatus, ...]


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="is"):
    """Some records of one kind from one source.

    The parts of a source up to and including the one with `last` make one batch. Parts of several
    sources may be interleaved.
    """

    source: str
    kind: Kind
    observed_at: float
    upserts: msgspec.Raw
    """An array of at most `PART_RECORDS` records of `kind`."""
    last: bool = False
    coverage: tuple[Coverage, ...] = ()
    """With the last part, like `identity` and `version`."""
    identity: str | None = None
    version: str | None = None


class Keyframe(Part, frozen=True, kw_only=True, omit_defaults=True, tag="keyframe"):
    """A part of everything the source says of a kind: what is in none of them is gone."""


class Change(Part, frozen=True, kw_only=True, omit_defaults=True, tag="change"):
    """What changed of a kind; without records it says that nothing did."""

    removed: tuple[str, ...] = ()
    """Keys of the records that went, at most `PART_RECORDS`."""


class FaultFrame(msgspec.Struct, frozen=True, kw_only=True, tag="fault", tag_field="is"):
    """A source could not report."""

    fault: Fault


class StatusFrame(msgspec.Struct, frozen=True, kw_only=True, tag="status", tag_field="is"):
    """How a source is doing, sent when that changes."""

    at: float
    status: SourceStatus


class Beat(msgspec.Struct, frozen=True, kw_only=True, tag="beat", tag_field="is"):
    """Sent every few seconds: the collector lives, also when nothing changes."""

    at: float


class Bye(msgspec.Struct, frozen=True, kw_only=True, tag="bye", tag_field="is"):
    """The last frame of a feed that ended on purpose."""

    at: float
    why: str = ""


Frame = Hello | Keyframe | Change | FaultFrame | StatusFrame | Beat | Bye


class PluginPath(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin named explicitly, beside those that are installed."""

    name: str
    target: str
    """`module:attribute`, as an entry point has it."""


class Open(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="open", tag_field="is"
):
    """Open these sources: the first control message. A later one adds sources."""

    specs: msgspec.Raw
    """An array of `SourceSpec`; secrets in it are references."""
    registry: msgspec.Raw = msgspec.Raw(b"\xc0")
    """The tenant and site registry of the configuration; nil: none."""
    plugins: tuple[PluginPath, ...] = ()
    interest: frozenset[Kind] | None = None
    """The kinds looked at; `None`: all."""
    suspects: tuple[str, ...] = ()
    """Sources that were being polled when the last collector ended: polled one at a time."""
    flight_fd: int | None = None
    """Inherited descriptor of the flight record, see `andon.runtime.flight`."""


class Interest(msgspec.Struct, frozen=True, kw_only=True, tag="interest", tag_field="is"):
    """The kinds that somebody looks at now; others are not polled."""

    kinds: frozenset[Kind] | None
    """`None`: all."""


class Refresh(msgspec.Struct, frozen=True, kw_only=True, tag="refresh", tag_field="is"):
    """Poll now, also what is backing off."""

    sources: tuple[str, ...] = ()
    """Empty: all."""


class Reread(msgspec.Struct, frozen=True, kw_only=True, tag="reread", tag_field="is"):
    """Ask again for just these things."""

    targets: tuple[Target, ...]


class KeyframePlease(msgspec.Struct, frozen=True, kw_only=True, tag="keyframe", tag_field="is"):
    """Send everything once more: the reader starts afresh."""


class Quit(msgspec.Struct, frozen=True, kw_only=True, tag="quit", tag_field="is"):
    """End."""


Control = Open | Interest | Refresh | Reread | KeyframePlease | Quit
