"""Where Andon reads configuration and keeps files, from an environment that is passed in.

The rules are those of the XDG base directory specification on every system: an operator's files are
in the same places on a Mac as on the login node. `platformdirs` reads the process environment and
so cannot serve a test or a runner that is given another one.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SYSTEM_CONFIG = Path("/etc/andon/config.toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """The files and folders of one invocation. Nothing is made here."""

    config_files: tuple[Path, ...]
    """Configuration files in the order in which they count; later ones override earlier ones."""
    state: Path
    """Kept between runs: journal, plans, what plugins keep."""
    cache: Path
    """May be deleted at any time."""
    runtime: Path
    """For sockets and locks of running processes."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], *, system: Path = SYSTEM_CONFIG) -> Paths:
        """Return the paths for an environment.

        Args:
            environ: `XDG_*`, `HOME`, `ANDON_STATE_DIR`, `ANDON_CACHE_DIR` are looked up here.
            system: the site's configuration file; not to be changed by the environment, since the
                guards in it hold against the environment.
        """
        home = _home(environ)
        config = _folder(environ, "XDG_CONFIG_HOME", home / ".config")
        state = _folder(environ, "XDG_STATE_HOME", home / ".local" / "state") / "andon"
        cache = _folder(environ, "XDG_CACHE_HOME", home / ".cache") / "andon"
        state = _folder(environ, "ANDON_STATE_DIR", state)
        return cls(
            config_files=(system, config / "andon" / "config.toml"),
            state=state,
            cache=_folder(environ, "ANDON_CACHE_DIR", cache),
            runtime=_folder(environ, "XDG_RUNTIME_DIR", state / "run") / "andon",
        )

    def plugin_folder(self, plugin: str) -> Path:
        """Return the folder that all sources of one plugin share between runs."""
        return self.state / "plugins" / plugin


def _home(environ: Mapping[str, str]) -> Path:
    home = environ.get("HOME", "")
    if os.path.isabs(home):
        return Path(home)
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:  # a container's user that has no account
        return Path("/")


def _folder(environ: Mapping[str, str], variable: str, default: Path) -> Path:
    """Return the variable's folder; the specification says to ignore one that is relative."""
    value = environ.get(variable, "")
    return Path(value) if os.path.isabs(value) else default
