"""Who acts and from where, as the operating system knows it."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import socket
from collections.abc import Mapping

import msgspec

from andon.sdk.clean import clean

_ADDRESS = re.compile(r"[0-9A-Fa-f:.]{2,45}(%[\w.-]{1,16})?")
_STANDARD_STREAMS = (0, 1, 2)


class Origin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The person behind an act. The user comes from the process, never from the environment."""

    user: str
    uid: int
    host: str
    tty: str | None = None
    """Terminal the act was typed at; `None` for cron and other scripts."""
    ssh_from: str | None = None
    """Address the SSH session came from, as its server said."""
    sudo_user: str | None = None
    """Who called `sudo`, as sudo said."""

    @property
    def actor(self) -> str:
        """`user@host`, or `user@host (sudo by other)`."""
        who = f"{self.user}@{self.host}"
        return f"{who} (sudo by {self.sudo_user})" if self.sudo_user else who


def origin_of(environ: Mapping[str, str]) -> Origin:
    """Return who runs this process and from where."""
    uid = os.getuid()
    try:
        user = pwd.getpwuid(uid).pw_name
    except KeyError:
        user = str(uid)
    return Origin(
        user=clean(user),
        uid=uid,
        host=clean(socket.gethostname()),
        tty=_terminal(),
        ssh_from=_address(environ.get("SSH_CONNECTION", "")),
        sudo_user=clean(environ["SUDO_USER"]) if environ.get("SUDO_USER") else None,
    )


def _terminal() -> str | None:
    for descriptor in _STANDARD_STREAMS:
        with contextlib.suppress(OSError):
            return clean(os.ttyname(descriptor).removeprefix("/dev/"))
    return None


def _address(connection: str) -> str | None:
    """Return the client's address out of `SSH_CONNECTION` (client, port, server, port)."""
    first = connection.split(" ", 1)[0]
    return first if _ADDRESS.fullmatch(first) else None
