"""The garbage collector, set for processes that hold large tables of records.

A full collection over 100,000 records costs tens of milliseconds, which a key press would feel.
"""

from __future__ import annotations

import gc

# The youngest generation stays small on purpose: a look at 10,000 things that live costs 10 ms, and
# lines that were drawn refer to themselves, so that only the collector ends them. The middle one
# is looked at before it holds so much that a key would wait for it.
_THRESHOLDS = (3_000, 10, 100)


def tune_gc() -> None:
    """Take what is alive now out of collection and make collections rare.

    Call it after start-up, and once more when the first data is in.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
