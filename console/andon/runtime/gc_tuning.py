"""The garbage collector, set for processes that hold large tables of records.

A full collection over 100,000 records costs tens of milliseconds, which a key press would feel.
"""

from __future__ import annotations

import gc

_THRESHOLDS = (50_000, 20, 100)


def tune_gc() -> None:
    """Take what is alive now out of collection and make collections rare.

    Call it after start-up, and once more when the first data is in.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
