"""A source's options against what its plugin declares. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from andon.runtime import durations, secrets
from andon.runtime.config_problems import ConfigProblem, closest, value_text
from andon.sdk.clean import clean
from andon.sdk.declaring import RESERVED_OPTIONS
from andon.sdk.option import Option


def checked_options(
    declared: Iterable[Option],
    given: Mapping[str, Any],
    place: Callable[[str], str] = lambda key: "",
    *,
    source: str = "",
) -> tuple[dict[str, Any], tuple[ConfigProblem, ...]]:
    """Return the options that are right, and what is wrong with the others.

    Durations become seconds; paths and references to secrets stay as written; defaults are not
    filled in.

    Args:
        declared: what the plugin knows.
        given: what was written.
        place: where a key was written, as `file:line:column`; the empty key: the source.
        source: its name, for messages.
    """
    by_name = {option.name: option for option in declared}
    right: dict[str, Any] = {}
    problems: list[ConfigProblem] = []

    def wrong(key: str, found: str, allowed: str) -> None:
        problems.append(_problem(place(key), f"{source}: {key}" if source else key, found, allowed))

    for name, value in given.items():
        option = by_name.get(name)
        if option is None:
            known = {*by_name, *(RESERVED_OPTIONS - {"options", "places"})}
            wrong(name, "unknown key", closest(name, known))
            continue
        try:
            right[name] = option_value(option, value)
        except ValueError as error:
            # What stands where a reference to a secret should may be the secret.
            found = "found something else" if option.secret else f"found {value_text(value)}"
            wrong(name, found, str(error))
    for name, option in by_name.items():
        if option.required and name not in given:
            wrong(name, "is missing", option.summary)
    return right, tuple(problems)


def option_value(option: Option, value: object) -> Any:
    """Return a value as the option's type has it.

    Raises:
        ValueError: it is not allowed; the text says what is.
    """
    if option.secret:
        if not secrets.is_reference(value):
            raise ValueError(f"a reference to the secret: {secrets.ALLOWED}")
        return value
    match option.type:
        case "text" | "path" if isinstance(value, str) and "\0" not in value:
            return value
        case "choice" if value in option.choices:
            return value
        case "flag" if isinstance(value, bool):
            return value
        case "integer" if isinstance(value, int) and not isinstance(value, bool):
            return _in_range(option, value)
        case "number" if isinstance(value, int | float) and not isinstance(value, bool):
            return _in_range(option, value)
        case "duration":
            return _in_range(option, _seconds(option, value))
    raise ValueError(_allowed(option))


def _seconds(option: Option, value: object) -> float:
    try:
        return durations.seconds(value)
    except ValueError as error:
        raise ValueError(_allowed(option)) from error


def _in_range(option: Option, value: float) -> float:
    low, high = option.minimum, option.maximum
    if math.isfinite(value) and (low is None or value >= low) and (high is None or value <= high):
        return value
    raise ValueError(_allowed(option))


def _allowed(option: Option) -> str:
    words = {
        "text": "text",
        "path": "a path",
        "flag": "true or false",
        "integer": "a whole number",
        "number": "a number",
        "duration": durations.ALLOWED,
        "choice": "one of " + ", ".join(option.choices),
    }[option.type]
    low, high = option.minimum, option.maximum
    if low is not None and high is not None:
        return f"{words}, {low:g} to {high:g}"
    if low is not None:
        return f"{words}, at least {low:g}"
    return words if high is None else f"{words}, at most {high:g}"


def _problem(place: str, key: str, found: str, allowed: str) -> ConfigProblem:
    file, line, column = place.rsplit(":", 2) if place.count(":") >= 2 else (place, "0", "0")
    return ConfigProblem(
        file=clean(file),
        line=int(line),
        column=int(column),
        key=clean(key),
        found=clean(found),
        allowed=clean(allowed),
    )
