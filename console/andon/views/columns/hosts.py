"""Fold host names as clusters write them: `gpu[001-016]`."""

from __future__ import annotations

import re
from collections.abc import Sequence

_FOLDABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_AT_MOST = 4096


def folded(names: Sequence[str]) -> str:
    """Return host names as one hostlist, in natural order.

    Names that a hostlist would read as syntax (`@group`, brackets, commas) are joined as they are.
    """
    if not names:
        return ""
    if len(names) == 1:
        return names[0]
    if len(names) > _AT_MOST or not all(_FOLDABLE.fullmatch(name) for name in names):
        return ",".join(names[:_AT_MOST])
    # Slow to import, and needed only where several nodes stand in one cell.
    from ClusterShell.NodeSet import RESOLVER_NOGROUP, NodeSet

    return str(NodeSet.fromlist(names, resolver=RESOLVER_NOGROUP))


def folded_or_counted(names: Sequence[str], width: int) -> str:
    """Return the hostlist, or `12 nodes` where it is longer than `width`."""
    text = folded(names)
    return text if len(text) <= width or len(names) < 2 else f"{len(names)} nodes"
