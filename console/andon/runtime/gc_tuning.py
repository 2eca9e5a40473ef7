"""The garbage collector, set for processes that hold large tables of records.

A full collection over 100,000 records costs tens of milliseconds, which a key press would feel.
"""

from __future__ import annotations

import gc

# The youngest generation stays small on purpose: records are not collected at all, the tuples in
# them leave the collector's books at the first look, and a look at 10,000 costs 2 ms.
_THRESHOLDS = (10_000, 50, 100)


def tune_gc() -> None:
    """Take what is alive now out of collection and make collections rare.

    Call it after start-up, and once more when the first data is in.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
