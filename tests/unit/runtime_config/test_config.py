"""Configuration: what it means, who wins, and what it says when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from andon.runtime.config import ConfigError, ConfigProblem, load_config
from andon.runtime.config_records import Config
from andon.runtime.config_sections import VIEW_NAMES
from andon.runtime.paths import Paths
from andon.views.registry import VIEWS


class Files:
    """The configuration files of one test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.system = folder / "etc" / "config.toml"
        self.user = folder / "xdg" / "andon" / "config.toml"
        self.extra = folder / "extra.toml"

    def load(
        self, system: str = "", user: str = "", extra: str | None = None, **environ: str
    ) -> Config:
        for path, text in ((self.system, system), (self.user, user)):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        if extra is not None:
            self.extra.write_text(extra, encoding="utf-8")
        environ = {"HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder / "xdg"), **environ}
        paths = Paths.from_environ(environ, system=self.system)
        return load_config(paths, extra=self.extra if extra is not None else None, environ=environ)

    def problems(self, text: str) -> tuple[ConfigProblem, ...]:
        with pytest.raises(ConfigError) as caught:
            self.load(user=text)
        return caught.value.problems


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_without_any_file_everything_has_its_default(files: Files) -> None:
    paths = Paths.from_environ({"HOME": str(files.folder)}, system=files.system)
    assert load_config(paths, environ={}) == Config()


def test_a_full_configuration_is_read(files: Files) -> None:
    config = files.load(
        """
        theme = "andon-light"
        [[sites]]
        name = "par1"
        region = "eu-west"
        jurisdiction = "FR"
        power_price_per_kwh = 0.11
        currency = "EUR"
        [[tenants]]
        name = "hospital"
        sector = "health"
        residency = ["FR", "DE"]
        entitlement_gpu_hours_per_week = 5000
        [[sources]]
        plugin = "slurm"
        timeout = "1m30s"
        intervals = { job = 3, node = "1m" }
        slurm_conf = "/etc/slurm/slurm.conf"
        [keys]
        act.drain = "D"
        "act.hold" = ["H", "ctrl+h"]
        [views.jobs]
        columns = ["id", "state"]
        sort = "-waiting"
        [collector]
        timeout = 20
        """
    )
    assert config.sites[0].jurisdiction == "FR"
    assert config.tenants[0].residency == ("FR", "DE")
    source = config.sources[0]
    assert (source.name, source.site, source.timeout) == ("slurm@par1", "par1", 90.0)
    assert source.intervals == {"job": 3.0, "node": 60.0}
    assert source.options == {"slurm_conf": "/etc/slurm/slurm.conf"}
    assert config.keys == {"act.drain": ("D",), "act.hold": ("H", "ctrl+h")}
    assert config.views["jobs"].sort == "-waiting"
    assert (config.theme, config.collector.timeout) == ("andon-light", 20.0)


def test_later_files_override_key_by_key_under_the_same_name(files: Files) -> None:
    config = files.load(
        system='[[sources]]\nname = "s"\nplugin = "slurm"\ntimeout = 5\nbin = "/opt"\n'
        '[[sites]]\nname = "local"\nregion = "eu"',
        user='theme = "a"\n[[sources]]\nname = "s"\ntimeout = 9\nslurm_conf = "/x"\n'
        '[[sites]]\nname = "local"\ncurrency = "EUR"',
        extra='theme = "b"',
    )
    source = config.sources[0]
    assert (source.plugin, source.timeout) == ("slurm", 9.0)
    assert source.options == {"bin": "/opt", "slurm_conf": "/x"}
    assert source.place("bin").startswith(str(files.system))
    assert source.place("slurm_conf").startswith(str(files.user))
    assert (config.sites[0].region, config.sites[0].currency) == ("eu", "EUR")
    assert config.theme == "b"
    assert config.files == tuple(map(str, (files.system, files.user, files.extra)))


def test_the_environment_names_one_more_file_before_the_option(files: Files) -> None:
    more = files.folder / "more.toml"
    more.write_text('theme = "more"\n[collector]\ntimeout = 1')
    assert files.load(ANDON_CONFIG=str(more)).theme == "more"
    config = files.load(extra='theme = "extra"', ANDON_CONFIG=str(more))
    assert (config.theme, config.collector.timeout) == ("extra", 1.0)
    assert files.load(extra='theme = "extra"', ANDON_THEME="mine").theme == "mine"


@pytest.mark.parametrize("where", ["system", "user", "extra"])
def test_read_only_in_any_file_holds_whatever_the_others_say(files: Files, where: str) -> None:
    texts = dict.fromkeys(("system", "user", "extra"), "[policy]\nread_only = false")
    texts[where] = "[policy]\nread_only = true"
    policy = files.load(**texts, ANDON_READ_ONLY="false").policy
    assert policy.read_only
    assert policy.read_only_from == str(getattr(files, where))


def test_the_environment_can_tighten_and_not_lift(files: Files) -> None:
    assert files.load(ANDON_READ_ONLY="yes").policy.read_only_from == "ANDON_READ_ONLY"
    assert not files.load(ANDON_READ_ONLY="0").policy.read_only
    with pytest.raises(ConfigError, match="ANDON_READ_ONLY"):
        files.load(ANDON_READ_ONLY="maybe")


def test_who_said_read_only_cannot_be_written_into_the_file(files: Files) -> None:
    problem = files.problems('[policy]\nread_only_from = "nobody"')[0]
    assert problem.found == "unknown key"


@pytest.mark.parametrize(
    ("text", "line", "column", "key", "found", "allowed"),
    [
        ("a = = 1", 1, 5, "", "not TOML: Invalid value", "toml.io"),
        ("a = 'x", 1, 7, "", "not TOML", "toml.io"),
        ('[policy]\nread_only = "yes"', 2, 1, "policy.read_only", '"yes"', "true or false"),
        ("polcy = 1", 1, 1, "polcy", "unknown key", "did you mean policy?"),
        ("read_only = true", 1, 1, "read_only", "unknown key", "it belongs into [policy]"),
        ('[[sites]]\nregion = "eu"', 1, 1, "sites[0]", "name is missing", "name"),
        ('[[sites]]\nname = "a"\npue = 0.5', 3, 1, "sites[0].pue", "found 0.5", ">= 1"),
        ('[[sites]]\nname = "a/b"', 2, 1, "sites[0].name", '"a/b"', "letters"),
        ('[sites]\nname = "a"', 1, 1, "sites", "found [sites]", "[[sites]]"),
        ("sources = 3", 1, 1, "sources", "found 3", "[[sources]]"),
        (
            '[[tenants]]\nname="a"\nresidency=["FR",3]',
            3, 17, "tenants[0].residency[1]", "3", "text",
        ),
        ('[[sources]]\nplugin="s"\ntimeout="x"', 3, 1, "sources[0].timeout", '"x"', "30s"),
        ('[[sources]]\nplugin="s"\ntimeout=-1', 3, 1, "sources[0].timeout", "found -1", "> 0"),
        ('[[sources]]\nplugin="s"\ntimeout=inf', 3, 1, "sources[0].timeout", "found inf", "<="),
        ('[[sources]]\nplugin="s"\nenabled=1', 3, 1, "sources[0].enabled", "1", "true or false"),
        ('[[sources]]\nsite="a"', 1, 1, "sources", "plugin is missing", "plugin"),
        (
            '[[sources]]\nplugin="s"\nintervals={ jb=1 }',
            3, 13, "sources[0].intervals.jb", "unknown kind", "did you mean job?",
        ),
        ('[keys]\n"act.drain" = 3', 2, 1, 'keys."act.drain"', "found 3", "keys"),
        ('[views.nodes]\ncolumns = "a"', 2, 1, "views.nodes.columns", '"a"', "an array"),
        ("[views.node]\n", 1, 1, "views.node", "unknown key", "did you mean nodes?"),
        ("theme = 1", 1, 1, "theme", "found 1", "name of a theme"),
        ("[collector]\ntimout = 1", 2, 1, "collector.timout", "unknown key", "mean timeout?"),
    ],
)  # fmt: skip
def test_a_problem_names_place_key_found_and_allowed(
    files: Files, text: str, line: int, column: int, key: str, found: str, allowed: str
) -> None:
    problem = files.problems(text)[0]
    assert problem.file == str(files.user)
    assert (problem.line, problem.column, problem.key) == (line, column, key)
    assert found in problem.found
    assert allowed in problem.allowed


def test_all_problems_are_told_at_once_in_the_order_of_the_files(files: Files) -> None:
    text = 'x = 1\n[[sites]]\nnme = "a"\n[[sources]]\ntimeout = "?"\n'
    with pytest.raises(ConfigError) as caught:
        files.load(system=text, user="y = 1")
    assert [problem.line for problem in caught.value.problems] == [1, 2, 3, 4, 5, 1]
    assert "5 more problems" in caught.value.hint
    assert f"{files.system}:1:1: x: unknown key" in caught.value.message


def test_a_name_is_used_once_in_a_file(files: Files) -> None:
    text = '[[sites]]\nname = "a"\n[[sites]]\nname = "a"'
    assert files.problems(text)[0].line == 4
    problem = files.problems('[[sources]]\nplugin = "s"\n[[sources]]\nplugin = "s"')[0]
    assert (problem.line, problem.found) == (3, 'second source named "s@local"')


def test_a_source_at_an_unknown_site_is_refused_with_the_closest(files: Files) -> None:
    text = '[[sites]]\nname = "par1"\n[[sources]]\nplugin = "s"\nsite = "pra1"'
    problem = files.problems(text)[0]
    assert (problem.line, problem.allowed[:18]) == (5, "did you mean par1?")


def test_with_several_sites_a_source_without_one_is_refused(files: Files) -> None:
    text = '[[sites]]\nname = "a"\n[[sites]]\nname = "b"\n[[sources]]\nplugin = "s"'
    assert files.problems(text)[0].line == 5


def test_a_file_that_is_not_utf8_is_refused_at_its_byte(files: Files) -> None:
    files.load()
    files.user.write_bytes(b"a = 1\nb = '\xff'\n")
    paths = Paths.from_environ({"XDG_CONFIG_HOME": str(files.folder / "xdg")}, system=files.system)
    with pytest.raises(ConfigError) as caught:
        load_config(paths)
    assert (caught.value.problems[0].line, caught.value.problems[0].column) == (2, 6)


def test_a_file_that_is_there_and_cannot_be_read_is_an_error(files: Files) -> None:
    files.load()
    files.system.unlink()
    files.system.mkdir()
    paths = Paths.from_environ({}, system=files.system)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(paths)


def test_a_named_file_that_is_missing_is_an_error(files: Files) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load_config(Paths.from_environ({}, system=files.system), extra=files.folder / "nothing")


def test_hostile_text_in_a_file_does_not_reach_the_message(files: Files) -> None:
    problem = files.problems('"\\u001b[31mx" = 1\ntheme = ["\\u202e"]')[0]
    assert "\x1b" not in problem.message + problem.allowed


def test_deeply_nested_files_are_refused(files: Files) -> None:
    assert files.problems("a = " + "[" * 5000 + "]" * 5000)[0].found


def test_the_views_that_can_be_configured_are_the_views_there_are() -> None:
    assert set(VIEW_NAMES) == {view.name for view in VIEWS}
