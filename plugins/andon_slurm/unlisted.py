"""Nodes that are in no partition: sinfo leaves them out, `scontrol show nodes` does not.

A node is often taken out of its partitions for repair; a console that loses sight of it then would
lie about the factory. The text has no markers, so it is used for those nodes alone, and for fields
that only the site's administrators write.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

_NODE = re.compile(r"NodeName=(\S+) ")
# Named as in sinfo's row, with how scontrol names them; the first of a name counts, since what
# people write (reason, comment) comes after.
_FIELDS = {
    "StateComplete": "State",
    "CPUsLoad": "CPULoad",
    "Memory": "RealMemory",
    "AllocMem": "AllocMem",
    "FreeMem": "FreeMem",
    "Gres": "Gres",
    "GresUsed": "GresUsed",
    "Version": "Version",
    "NodeAddr": "NodeAddr",
    "Features": "ActiveFeatures",
}
_REASON = re.compile(r" Reason=(.*) \[([^\s\[\]@]+)@(\d+)\](?: Comment=|\s*$)")


def unlisted_rows(
    output: str, listed: Collection[str], fields: tuple[str, ...]
) -> Iterator[list[str]]:
    """Yield a row of `fields` for each node that is not listed, from one line for each node.

    Args:
        output: what `scontrol --details --oneliner show nodes` printed.
        listed: the names that sinfo printed.
        fields: sinfo's names of the fields a row has.
    """
    for line in output.split("\n"):
        match = _NODE.match(line)
        if match and match[1] not in listed:
            row = _row(match[1], line)
            yield [row.get(field, "N/A") for field in fields]


def _row(name: str, line: str) -> dict[str, str]:
    row = {field: _value(line, word) for field, word in _FIELDS.items()}
    allocated, total = _value(line, "CPUAlloc"), _value(line, "CPUTot")
    reason = _REASON.search(line)
    return {
        **row,
        "NodeList": name,
        "Partition": "",
        "CPUsState": f"{allocated}/0/0/{total}",
        "Reason": reason[1] if reason else "none",
        "User": reason[2] if reason else "Unknown",
        "TimeStamp": reason[3] if reason else "Unknown",
    }


def _value(line: str, word: str) -> str:
    match = re.search(rf" {word}=(\S*)", line)
    return match[1] if match else "N/A"
