"""Turn a reference to a secret into the secret, as late as possible and without showing either.

env:NAME              a variable of the environment
file:PATH             a file of ours that nobody else may read
command:ARGV          what a program prints, for example `command:pass show slurm`; no shell
keyring:SERVICE/USER  the desktop's keyring, with the optional package `keyring`
"""

from __future__ import annotations

import importlib
import os
import shlex
import stat
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from andon.sdk.errors import UsageError
from andon.sdk.lengths import seconds_text
from andon.sdk.secret import Secret

ALLOWED = "env:NAME, file:PATH (mode 0600), command:ARGV or keyring:SERVICE/USER"
COMMAND_TIMEOUT_S = 10.0
_SIZE_LIMIT_BYTES = 64 << 10


class SecretUnavailable(UsageError):
    """A secret cannot be had. Says which reference and why, never what it holds."""


def is_reference(text: object) -> bool:
    """Whether a text has the form of a reference."""
    if not isinstance(text, str):
        return False
    scheme, colon, rest = text.partition(":")
    return bool(colon and rest.strip()) and scheme in _SCHEMES


def resolve_secret(reference: str, environ: Mapping[str, str]) -> Secret:
    """Return what a reference stands for, without the newline at its end. May block.

    Raises:
        SecretUnavailable: there is nothing, or it is not kept as a secret has to be.
    """
    if not is_reference(reference):
        # The text may be the secret itself: it is not repeated.
        raise SecretUnavailable("a secret is given by reference only", hint=f"write {ALLOWED}")
    scheme, _, rest = reference.partition(":")
    value = _SCHEMES[scheme](rest.strip(), environ).rstrip("\r\n")
    if not value:
        raise SecretUnavailable(f"{scheme}: secret is empty", hint="put something there")
    return Secret(value)


def _from_environ(name: str, environ: Mapping[str, str]) -> str:
    try:
        return environ[name]
    except KeyError:
        raise SecretUnavailable(
            f"env:{name}: this variable is not set", hint=f"export {name}, or use file:PATH"
        ) from None


def _from_file(name: str, environ: Mapping[str, str]) -> str:
    path = Path(name)
    if name.startswith("~/"):
        path = Path(environ.get("HOME", "/")) / name[2:]
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as stream:
            _refuse_exposed(path, os.fstat(descriptor))
            content = stream.read(_SIZE_LIMIT_BYTES + 1)
    except OSError as error:
        raise SecretUnavailable(
            f"file:{path}: cannot be read: {error.strerror}", hint="make it yours, mode 0600"
        ) from None
    if len(content) > _SIZE_LIMIT_BYTES:
        raise SecretUnavailable(f"file:{path}: is too large for a secret", hint="name another file")
    return _text(content, f"file:{path}")


def _refuse_exposed(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise SecretUnavailable(f"file:{path}: is not a file", hint="name a file, mode 0600")
    if status.st_uid != os.geteuid():
        raise SecretUnavailable(
            f"file:{path}: belongs to another user", hint=f"chown it: `chown $USER {path}`"
        )
    if status.st_mode & 0o077:
        raise SecretUnavailable(
            f"file:{path}: others may read it (mode {stat.S_IMODE(status.st_mode):04o})",
            hint=f"`chmod 600 {path}`",
        )


def _from_command(line: str, environ: Mapping[str, str]) -> str:
    try:
        argv = shlex.split(line)
        finished = subprocess.run(
            argv,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it may repeat the secret
            timeout=COMMAND_TIMEOUT_S,
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SecretUnavailable(
            f"command: {argv[0]} did not end within {seconds_text(COMMAND_TIMEOUT_S)}",
            hint="it must not ask anything: unlock it before",
        ) from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "its quotes do not match"
        raise SecretUnavailable(
            f"command: cannot be started: {why}", hint="program and arguments, as for a shell"
        ) from None
    if finished.returncode:
        raise SecretUnavailable(
            f"command: {argv[0]} ended with status {finished.returncode}", hint="run it by hand"
        )
    return _text(finished.stdout[:_SIZE_LIMIT_BYTES], f"command: {argv[0]}")


def _from_keyring(name: str, environ: Mapping[str, str]) -> str:
    service, slash, user = name.partition("/")
    if not slash:
        raise SecretUnavailable(f"keyring:{name}: names no user", hint="keyring:SERVICE/USER")
    try:
        keyring = importlib.import_module("keyring")
    except ImportError:
        raise SecretUnavailable(
            "keyring: the package is not installed", hint="`pip install 'andon[keyring]'`"
        ) from None
    try:
        value = keyring.get_password(service, user)
    except Exception as error:  # noqa: BLE001 - a keyring's backend may fail in any way
        why = type(error).__name__
        raise SecretUnavailable(f"keyring: cannot be asked: {why}", hint="unlock it") from None
    if value is None:
        raise SecretUnavailable(
            f"keyring:{name}: there is no such entry", hint=f"`keyring set {service} {user}`"
        )
    return str(value)


def _text(content: bytes, where: str) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise SecretUnavailable(f"{where}: is not text", hint="UTF-8 is needed") from None


_SCHEMES: Mapping[str, Callable[[str, Mapping[str, str]], str]] = {
    "env": _from_environ,
    "file": _from_file,
    "command": _from_command,
    "keyring": _from_keyring,
}
