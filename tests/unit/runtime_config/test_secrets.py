"""Secrets come by reference, are kept as secrets must be, and are never shown."""

from __future__ import annotations

import os
import pickle
import stat
from pathlib import Path

import pytest

from andon.runtime import secrets
from andon.runtime.secrets import SecretUnavailable, is_reference, resolve_secret
from andon.sdk import Secret
from tests.unit.runtime_config.fakes import module

ENVIRON = {"TOKEN": "hunter2", "PATH": os.environ["PATH"]}


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text("hunter2\n")
    path.chmod(0o600)
    return path


def test_a_secret_never_shows_itself() -> None:
    secret = Secret("hunter2")
    shown = f"{secret} {secret!r} {[secret]} {secret:>20}" + "%s" % secret  # noqa: UP031
    assert "hunter2" not in shown
    assert shown.count("***") == 5
    assert secret.reveal() == "hunter2"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_a_secret_comes_from_the_environment_it_is_given() -> None:
    assert resolve_secret("env:TOKEN", ENVIRON) == Secret("hunter2")
    with pytest.raises(SecretUnavailable, match="NOTHING: this variable is not set"):
        resolve_secret("env:NOTHING", ENVIRON)


def test_a_secret_comes_from_a_private_file_without_its_newline(kept: Path) -> None:
    assert resolve_secret(f"file:{kept}", ENVIRON).reveal() == "hunter2"
    home = {"HOME": str(kept.parent)}
    assert resolve_secret("file:~/token", home).reveal() == "hunter2"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601])
def test_a_file_that_others_may_use_is_refused(kept: Path, mode: int) -> None:
    kept.chmod(mode)
    with pytest.raises(SecretUnavailable, match="others may read it") as caught:
        resolve_secret(f"file:{kept}", ENVIRON)
    assert f"chmod 600 {kept}" in caught.value.hint
    assert stat.S_IMODE(kept.stat().st_mode) == mode


def test_a_file_of_somebody_else_is_refused(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(SecretUnavailable, match="another user"):
        resolve_secret(f"file:{kept}", ENVIRON)


def test_what_is_no_file_or_too_large_or_empty_or_no_text_is_refused(kept: Path) -> None:
    with pytest.raises(SecretUnavailable, match="not a file"):
        resolve_secret("file:/dev/null", ENVIRON)
    with pytest.raises(SecretUnavailable, match="cannot be read"):
        resolve_secret(f"file:{kept.parent}/nothing", ENVIRON)
    for content, why in ((b"x" * 70_000, "too large"), (b"\n", "empty"), (b"\xff", "not text")):
        kept.write_bytes(content)
        with pytest.raises(SecretUnavailable, match=why):
            resolve_secret(f"file:{kept}", ENVIRON)


def test_a_pipe_in_place_of_a_file_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(SecretUnavailable, match="not a file"):
        resolve_secret(f"file:{tmp_path}/pipe", ENVIRON)


def test_a_command_runs_without_a_shell() -> None:
    assert resolve_secret("command:printf '%s' '$TOKEN; id'", ENVIRON).reveal() == "$TOKEN; id"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("no-such-program-at-all", "cannot be started"),
        ("sh -c 'echo hunter2 >&2; exit 3'", "status 3"),
        ("printf 'unmatched", "quotes do not match"),
        ("true", "empty"),
    ],
)
def test_a_command_that_fails_says_so_and_not_what_it_printed(line: str, why: str) -> None:
    with pytest.raises(SecretUnavailable, match=why) as caught:
        resolve_secret(f"command:{line}", ENVIRON)
    assert "hunter2" not in caught.value.message + caught.value.hint


def test_a_command_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "COMMAND_TIMEOUT_S", 0.1)
    with pytest.raises(SecretUnavailable, match="did not end"):
        resolve_secret("command:sleep 60", ENVIRON)


def test_the_keyring_is_used_only_where_it_is_installed() -> None:
    with pytest.raises(SecretUnavailable) as caught:
        resolve_secret("keyring:slurm/alice", ENVIRON)
    assert "andon[keyring]" in caught.value.hint
    with module("keyring", get_password=lambda service, user: f"{service}+{user}"):
        assert resolve_secret("keyring:slurm/alice", ENVIRON).reveal() == "slurm+alice"
    with (
        module("keyring", get_password=lambda service, user: None),
        pytest.raises(SecretUnavailable, match="no such entry"),
    ):
        resolve_secret("keyring:slurm/alice", ENVIRON)


def test_a_literal_is_no_reference_and_is_not_repeated() -> None:
    assert not is_reference("hunter2")
    assert not is_reference("https://hunter2")
    assert not is_reference("env:")
    with pytest.raises(SecretUnavailable) as caught:
        resolve_secret("hunter2", ENVIRON)
    assert "hunter2" not in caught.value.message + caught.value.hint
