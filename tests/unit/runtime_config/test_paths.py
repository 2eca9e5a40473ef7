"""Where files are, from the environment that is passed in."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from andon.runtime import durations
from andon.runtime.paths import SYSTEM_CONFIG, Paths


def test_files_are_below_home_as_xdg_says() -> None:
    paths = Paths.from_environ({"HOME": "/h"})
    assert paths.config_files == (SYSTEM_CONFIG, Path("/h/.config/andon/config.toml"))
    assert (paths.state, paths.cache) == (Path("/h/.local/state/andon"), Path("/h/.cache/andon"))
    assert paths.plugin_folder("demo") == Path("/h/.local/state/andon/plugins/demo")


def test_the_xdg_variables_move_them_and_relative_ones_are_ignored() -> None:
    environ = {
        "HOME": "/h",
        "XDG_CONFIG_HOME": "/c",
        "XDG_STATE_HOME": "here",
        "XDG_RUNTIME_DIR": "/run/user/7",
    }
    paths = Paths.from_environ(environ)
    assert paths.config_files[1] == Path("/c/andon/config.toml")
    assert paths.state == Path("/h/.local/state/andon")
    assert paths.runtime == Path("/run/user/7/andon")


def test_andons_own_variables_name_the_folders_themselves() -> None:
    environ = {"HOME": "/h", "ANDON_STATE_DIR": "/s", "ANDON_CACHE_DIR": "/k"}
    paths = Paths.from_environ(environ)
    assert (paths.state, paths.cache, paths.runtime) == (
        Path("/s"),
        Path("/k"),
        Path("/s/run/andon"),
    )


def test_without_home_the_account_says_where_home_is() -> None:
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    assert Paths.from_environ({}).state == home / ".local/state/andon"


def test_no_variable_moves_the_sites_own_file() -> None:
    environ = {"XDG_CONFIG_DIRS": "/x", "ANDON_CONFIG": "/y", "HOME": "/h"}
    assert Paths.from_environ(environ).config_files[0] == SYSTEM_CONFIG


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (30, 30),
        (0.5, 0.5),
        ("30s", 30),
        ("2m", 120),
        ("1h30m", 5400),
        ("250ms", 0.25),
        ("1 d", 86400),
    ],
)
def test_a_duration_is_seconds_or_has_units(written: object, meant: float) -> None:
    assert durations.seconds(written) == pytest.approx(meant)


@pytest.mark.parametrize("written", ["", "30", "s", "1x", "-1s", "1h and", True, None, [1]])
def test_what_is_no_duration_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        durations.seconds(written)
