"""Loopback ports: claiming a free block of them, and reading who listens on what."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from tests.lab.slurm.tools import LabError

BLOCK = 16
_FIRST, _LAST = 20_000, 32_000  # below what the kernel hands to outgoing connections
_LISTEN = "0A"


class PortBlock:
    """Sixteen free loopback ports, held against other labs until their daemons listen.

    The claim is a name in the abstract socket space: it has the scope of the ports
    themselves (the network namespace), leaves no file, and ends with its process.
    """

    def __init__(self) -> None:
        """Claim a block, or raise LabError."""
        starts = list(range(_FIRST, _LAST, BLOCK))
        random.shuffle(starts)
        for start in starts:
            claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                claim.bind(f"\0andon-lab-ports-{start}")
            except OSError:
                claim.close()
                continue
            if all(_is_free(start + offset) for offset in range(BLOCK)):
                self.first = start
                self._claim = claim
                return
            claim.close()
        raise LabError(f"no {BLOCK} free loopback ports between {_FIRST} and {_LAST}")

    def __enter__(self) -> Self:
        """The block itself."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Give up the claim; by now the daemons hold the ports, or nobody needs them."""
        self._claim.close()


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Whether something accepts connections on a loopback port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def host_name() -> str:
    """This host's short name if it is a loopback name, else `localhost`.

    Slurm's daemons bind to what their host's name resolves to. Where that is no loopback
    address they are started in a UTS namespace in which the host is called `localhost`.
    """
    name = socket.gethostname().partition(".")[0]
    try:
        found = socket.getaddrinfo(name, None, socket.AF_INET)
    except OSError:
        return "localhost"
    loopback = all(str(entry[4][0]).startswith("127.") for entry in found)
    return name if loopback else "localhost"


def listeners(pids: Iterable[int]) -> set[tuple[str, int]]:
    """The (address, port) pairs on which any of these processes listens for TCP."""
    by_inode: dict[str, tuple[str, int]] = {}
    for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        path = Path("/proc/net") / table
        if path.exists():
            by_inode |= _listening(path.read_text(), family)
    return {by_inode[inode] for pid in pids for inode in _inodes(pid) if inode in by_inode}


def _listening(table: str, family: socket.AddressFamily) -> dict[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for line in table.splitlines()[1:]:
        fields = line.split()
        if fields[3] == _LISTEN:
            address, _, port = fields[1].partition(":")
            found[fields[9]] = (_address(address, family), int(port, 16))
    return found


def _address(text: str, family: socket.AddressFamily) -> str:
    words = [bytes.fromhex(text[start : start + 8])[::-1] for start in range(0, len(text), 8)]
    return socket.inet_ntop(family, b"".join(words))


def _inodes(pid: int) -> set[str]:
    found: set[str] = set()
    try:
        for link in (Path("/proc") / str(pid) / "fd").iterdir():
            target = str(link.readlink())
            if target.startswith("socket:["):
                found.add(target[8:-1])
    except OSError:
        pass  # the process ended meanwhile
    return found
