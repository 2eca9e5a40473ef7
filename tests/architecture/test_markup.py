"""No text from outside reaches a markup parser: what the console shows is built, never parsed.

In Textual a string given to a widget is markup unless it says otherwise, and markup can hold
actions. So every sink gets a `Text` or `Content`, a literal of ours, or `markup=False`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source_tree import files, shown, tree

SINKS = {
    "Static": 0,
    "Label": 0,
    "Button": 0,
    "Checkbox": 0,
    "RadioButton": 0,
    "Option": 0,
    "Link": 0,
    "Collapsible": None,
    "Tab": 0,
    "TabPane": 0,
    "add_option": 0,
    "Header": None,
    "Tooltip": 0,
    "notify": 0,
    "update": 0,
}
"""Calls that parse markup in a plain string, and which argument that is; `None`: any."""
PARSED_ATTRIBUTES = ("border_title", "border_subtitle", "tooltip")
"""Attributes and arguments of widgets in which a plain string is markup."""
_PARSERS = ("from_markup", "render_markup", "rich_markup")
_BUILT = ("Text", "Content", "Strip", "Segment", "Group", "Table", "Syntax", "Columns")


def sinks_fed_with_strings(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and source of each sink whose argument may be a string from outside."""
    for node in ast.walk(module):
        yield from _attributes_fed(node)
        if not isinstance(node, ast.Call):
            continue
        name = _name(node.func)
        if name in _PARSERS:
            yield node.lineno, ast.unparse(node)
        elif name in SINKS and not _without_markup(node):
            position = SINKS[name]
            given = node.args if position is None else node.args[position : position + 1]
            if any(_may_be_string(each) for each in given):
                yield node.lineno, ast.unparse(node)


def _attributes_fed(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield an assignment to, or an argument for, an attribute that is parsed as markup."""
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [_name(target) for target in targets if isinstance(target, ast.Attribute)]
        if set(names) & set(PARSED_ATTRIBUTES) and _may_be_string(node.value):
            yield node.lineno, ast.unparse(node)
    elif isinstance(node, ast.Call) and not _without_markup(node):
        parsed = (*PARSED_ATTRIBUTES, *(("label", "content", "prompt", "message", "title")
                                        if _name(node.func) in SINKS else ()))  # fmt: skip
        for keyword in node.keywords:
            if keyword.arg in parsed and _may_be_string(keyword.value):
                yield node.lineno, ast.unparse(node)


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else ast.unparse(function)


def _without_markup(call: ast.Call) -> bool:
    return any(
        keyword.arg == "markup"
        and isinstance(keyword.value, ast.Constant)
        and keyword.value.value is False
        for keyword in call.keywords
    )


def _may_be_string(argument: ast.expr) -> bool:
    """Whether an argument is put together from values: an f-string, a join, a sum, a `str()`."""
    if isinstance(argument, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in argument.values)
    if isinstance(argument, ast.BinOp):
        return _may_be_string(argument.left) or _may_be_string(argument.right)
    if isinstance(argument, ast.IfExp):
        return _may_be_string(argument.body) or _may_be_string(argument.orelse)
    if isinstance(argument, ast.Call):
        return _name(argument.func).partition(".")[0] in ("str", "format", "join", "repr", "clean")
    # A name or an attribute: what it holds cannot be seen here, so it has to say so.
    return isinstance(argument, ast.Name | ast.Attribute | ast.Subscript) and not _named_built(
        argument
    )


def _named_built(argument: ast.expr) -> bool:
    words = ast.unparse(argument).lower()
    return any(words.endswith(built.lower()) for built in (*_BUILT, "renderable", "line", "lines"))


@pytest.mark.parametrize(
    "code",
    [
        "Static(f'job {name}')",
        "Label(name)",
        "self.notify(f'{error}')",
        "self.app.notify(str(error))",
        "widget.update('a' + f'{name}')",
        "Text.from_markup(name)",
        "Static(row.name, markup=True)",
        "Button(names[0])",
        "Static(f'{a}' if a else 'b')",
        "self.border_title = name",
        "widget.tooltip = f'{job.name}'",
        "table.border_subtitle: str = names[0]",
        "Button('ok', tooltip=name)",
        "Button(label=name)",
        "self.notify(message=f'{error}')",
        "self.notify('x', title=name)",
        "Tab(content=name)",
    ],
)
def test_the_check_finds_a_sink_that_parses_outside_text(code: str) -> None:
    assert list(sinks_fed_with_strings(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "Static(Text(name))",
        "Label('Cancel')",
        "self.notify(f'{error}', markup=False)",
        "Static(row.name, markup=False)",
        "widget.update(Content(name))",
        "names.sort()",
        "Static()",
        "Static('plain' ' literal')",
        "self.border_title = Content(name)",
        "widget.tooltip = 'ours'",
        "self.notify(message=error, title=name, markup=False)",
        "run(title=name)",
    ],
)
def test_the_check_lets_pass_what_is_built_or_ours(code: str) -> None:
    assert not list(sinks_fed_with_strings(ast.parse(code)))


def _console_files() -> list[Path]:
    return [path for path in files("andon") if "tui" in path.parts]


@pytest.mark.parametrize("path", _console_files(), ids=shown)
def test_no_text_from_outside_reaches_a_markup_parser(path: Path) -> None:
    found = [f"{shown(path)}:{line} {code}" for line, code in sinks_fed_with_strings(tree(path))]
    assert not found


def test_commands_write_without_markup() -> None:
    """Rich's console parses markup when it prints: the commands do not use it."""
    found = [
        f"{shown(path)}:{node.lineno}"
        for path in files("andon")
        if "cli" in path.parts
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("Console", "rich.print", "print")
    ]
    assert not found
