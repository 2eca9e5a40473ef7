"""The state of the factory: immutable snapshots, how reports change them, and recent history.

No I/O and no clock.
"""

from __future__ import annotations

from andon.store.apply import apply
from andon.store.history import History
from andon.store.memo import Memo
from andon.store.snapshot import Change, Facets, Snapshot

__all__ = ["Change", "Facets", "History", "Memo", "Snapshot", "apply"]
