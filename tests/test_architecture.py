"""The rules of the house: bounded tails, mirrored tests, documented names, no stray words."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import riskzoning

PACKAGE = Path(riskzoning.__file__).parent
TESTS = Path(__file__).parent
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "data" not in path.relative_to(PACKAGE).parts)
MAX_FUNCTION, MAX_FILE = 60, 600
# Share of the arguments of a room that may be of any type.
MOST_ANY = 0.05
FORBIDDEN = {"utils", "helpers", "common", "manager", "handler", "processor", "misc", "core"}


def _code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    doc = ast.get_docstring(node, clean=False)
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1 - (doc.count("\n") + 1 if doc else 0)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(_tree(path)))


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in _nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _at(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_functions_and_files_are_short() -> None:
    functions = [(f"{_at(path)}: {node.name}", _code_lines(node)) for path in FILES for node in _functions(path)]
    assert len(functions) > 1000
    assert [(name, lines) for name, lines in functions if lines > MAX_FUNCTION] == []
    lines_of = {_at(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {path: lines for path, lines in lines_of.items() if lines > MAX_FILE} == {}


def _rooms() -> list[str]:
    return sorted({path.relative_to(PACKAGE).parts[0] for path in FILES} - {"__init__.py", "__main__.py"})


def _annotations(path: Path) -> Iterator[str]:
    for node in _functions(path):
        given = node.args
        every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        yield from (ast.unparse(item.annotation) for item in every if item is not None and item.annotation is not None)


@pytest.mark.parametrize("room", _rooms())
def test_arguments_have_types_that_say_something(room: str) -> None:
    stated = [text for path in FILES if path.relative_to(PACKAGE).parts[0] == room for text in _annotations(path)]
    bare = sum(text == "Any" for text in stated)
    assert bare <= MOST_ANY * len(stated), f"{room}: {bare} of {len(stated)} arguments are Any"


def _vague(node: ast.AST) -> bool:
    stored = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    return stored and re.fullmatch(r"_?found(_\w+)?", node.id) is not None


def test_values_have_names_of_their_own() -> None:
    vague = [f"{_at(path)}:{node.lineno}" for path in FILES for node in _nodes(path) if _vague(node)]
    assert not vague, f"a variable called found: {vague}"


def _silent(node: ast.Call) -> Iterator[str]:
    """What is wrong with a call that shall tell somebody something."""
    name, given = ast.unparse(node.func), {word.arg for word in node.keywords}
    if name == "warnings.warn" or "stacklevel" in given:
        yield name
    if name.rsplit(".", 1)[-1] == "Problem" and (len(node.args) > 2 or given & {"required", "rule"}):
        yield "a problem written out in one language"


def test_notes_go_through_one_bell_and_problems_are_rules() -> None:
    calls = [(path, node) for path in FILES for node in _nodes(path) if isinstance(node, ast.Call)]
    wrong = [f"{_at(path)}:{node.lineno}: {fault}" for path, node in calls for fault in _silent(node)]
    assert wrong == []


def _not_its_place(path: Path, tree: ast.Module) -> Iterator[str]:
    listed = [n for n in tree.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "__all__"]
    functions = [n.name for n in tree.body if isinstance(n, ast.FunctionDef) and not n.name.startswith("__")]
    if path.name == "__init__.py":
        if functions:
            yield f"logic on a face: {functions}"
    elif listed and path.relative_to(PACKAGE).parts[:-1] and path.parent.name != "methods":
        # A part of a package: what is public of it, the face of the package names.
        yield "an inner module with __all__"


def test_faces_are_faces() -> None:
    wrong = [f"{_at(path)}: {fault}" for path in FILES for fault in _not_its_place(path, _tree(path))]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("found_rows = 1", 1),
        ("rows = found(1)", 0),
        ("warnings.warn('x')", 1),
        ("note(problem, stacklevel=2)", 1),
        ("Problem(thing, 'is wrong', required='right')", 1),
        ("Problem('layer.units', thing, units='cm')", 0),
        ("__all__ = ['f']", 1),
        ("def f(): ...", 0),
    ],
)
def test_what_breaks_a_rule_of_the_house_is_seen(text: str, faults: int) -> None:
    tree = ast.parse(text)
    calls = [fault for node in ast.walk(tree) if isinstance(node, ast.Call) for fault in _silent(node)]
    places = list(_not_its_place(PACKAGE / "room" / "part.py", tree))
    assert len(calls) + len(places) + sum(map(_vague, ast.walk(tree))) == faults


def test_a_face_with_logic_is_seen() -> None:
    tree = ast.parse("__all__ = ['f']\ndef f(): ...")
    assert list(_not_its_place(PACKAGE / "room" / "__init__.py", tree)) == ["logic on a face: ['f']"]


def test_module_names_say_what_they_hold() -> None:
    names = {part for path in FILES for part in path.relative_to(PACKAGE).with_suffix("").parts}
    assert not names & FORBIDDEN


def test_tests_mirror_modules() -> None:
    missing = []
    for path in FILES:
        relative = path.relative_to(PACKAGE)
        if path.name == "__init__.py" and not _defines_something(path):
            continue
        stem = relative.parent.name if path.name == "__init__.py" else relative.stem
        folder = relative.parent.parent if path.name == "__init__.py" else relative.parent
        candidates = [TESTS / folder / f"test_{stem}.py", TESTS / relative.parent / f"test_{stem}.py"]
        if path.name not in ("__main__.py",) and not any(candidate.is_file() for candidate in candidates):
            missing.append(relative.as_posix())
    assert not missing, f"modules without a test file: {missing}"


def _defines_something(path: Path) -> bool:
    kinds = ast.FunctionDef | ast.ClassDef
    return any(isinstance(node, kinds) and not node.name.startswith("__") for node in _tree(path).body)


def _modules() -> list[ModuleType]:
    found = [riskzoning]
    for info in pkgutil.walk_packages([str(PACKAGE)], prefix="riskzoning."):
        found.append(importlib.import_module(info.name))
    return found


def _public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    # A module without __all__ is a part of its package: what is public of it, the package names.
    for name in getattr(module, "__all__", []):
        value = getattr(module, name, None)
        home = str(getattr(value, "__module__", None))
        own = home == module.__name__ or home.startswith(f"{module.__name__}.")
        if own and (inspect.isclass(value) or callable(value)):
            yield f"{module.__name__}.{name}", value
            if inspect.isclass(value):
                fields = getattr(value, "__dataclass_fields__", {})
                for attribute, member in vars(value).items():
                    if attribute in fields:
                        continue  # a function given as a default: the class says what the field is
                    function = member.fget if isinstance(member, property) else getattr(member, "__func__", member)
                    if not attribute.startswith("_") and inspect.isfunction(function):
                        yield f"{module.__name__}.{name}.{attribute}", function


# What an example may not rest on: that a name exists, or that something is of a type.
_EMPTY = re.compile(r"\.__\w+__\b|^\s*(print\()?(callable|isinstance|issubclass|hasattr|type)\(")


def _shows_something(examples: list[doctest.Example]) -> bool:
    return any(example.want.strip() and not _EMPTY.search(example.source) for example in examples)


@pytest.mark.parametrize(
    ("text", "shows"),
    [
        (">>> f.__name__\n'f'", False),
        (">>> callable(f)\nTrue", False),
        (">>> isinstance(f(1), int)\nTrue", False),
        (">>> _ = f(1)", False),
        (">>> f(1)\n2", True),
        (">>> f.__name__\n'f'\n>>> f(1)\n2", True),
    ],
)
def test_an_example_that_shows_nothing_is_told_from_one_that_does(text: str, shows: bool) -> None:
    assert _shows_something(doctest.DocTestParser().get_examples(text)) is shows


def _is_error(value: Any) -> bool:
    return inspect.isclass(value) and issubclass(value, Exception)


def _is_face(module: str) -> bool:
    """The room itself, or a method or hazard that is called by its own name: ``methods.weights``, ``hazards.flood``."""
    parts = module.split(".")
    return len(parts) <= 2 or (len(parts) == 3 and parts[1] in ("methods", "hazards"))


def _undocumented(module: ModuleType) -> Iterator[str]:
    parser = doctest.DocTestParser()
    for name, value in _public(module):
        doc = inspect.getdoc(value) or ""
        # What a class can do, the example of the class shows.
        shown = _is_error(value) or not _is_face(module.__name__) or name.count(".") > module.__name__.count(".") + 1
        if not doc:
            yield name
        elif not shown and not _shows_something(parser.get_examples(doc)):
            yield f"{name} (no example, or one that shows nothing)"


def test_public_names_have_a_docstring_with_an_example() -> None:
    modules = _modules()
    assert len(modules) > 500
    bare = [name for module in modules for name in _undocumented(module)]
    assert not bare, f"without docstring or example: {bare}"


def test_import_contracts_hold() -> None:
    from importlinter.cli import lint_imports

    assert lint_imports(config_filename=str(PACKAGE.parent / "pyproject.toml"), no_cache=True) == 0


def test_import_is_light() -> None:
    import subprocess
    import sys

    heavy = "{'numba', 'matplotlib', 'geopandas', 'xarray', 'dask'}"
    code = f"import sys, riskzoning; print(sorted({heavy} & set(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_every_test_can_fail() -> None:
    checks = re.compile(r"\bassert\b|raises|warns|check|approx|assert_|refused|names_")
    empty = []
    for path in TESTS.rglob("test_*.py"):
        text = path.read_text(encoding="utf-8")
        lines = re.sub(r"#.*", "", text).splitlines()
        for node in ast.walk(ast.parse(text)):
            own = isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
            if own and not checks.search("\n".join(lines[node.lineno - 1 : node.end_lineno])):
                empty.append(f"{path.name}::{node.name}")
    assert not empty


def test_every_dependency_has_a_reason() -> None:
    text = (PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8")
    block = text.split("dependencies = [", 1)[1].split("\n]", 1)[0]
    bare = [line.strip() for line in block.splitlines() if line.strip() and "#" not in line]
    assert not bare


def test_every_table_of_standards_states_its_status() -> None:
    from riskzoning import standards

    for name in standards.table_names():
        entry = standards.table(name)
        assert entry.title, name
        assert entry.source, name
        assert isinstance(entry.verified, bool), name
