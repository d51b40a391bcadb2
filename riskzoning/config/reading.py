"""The text of study.yaml: one reader for its values, its lines and what is wrong with it as YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from riskzoning.errors import Problem

__all__ = ["Location", "StudyText", "read_text"]

Location = tuple[str | int, ...]

_EXAMPLE = "See the example in the documentation, or make one with `riskzoning init DIR`."
_MAX_BYTES = 2_000_000
# Values after the anchors are written out; a few lines of nested anchors stand for billions.
_MAX_VALUES = 50_000


class _Loader(yaml.SafeLoader):
    """YAML without its surprises: dates and numbers with leading zeros stay text (a code is no octal number)."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if not tag.endswith((":timestamp", ":int"))]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9_]*)$"), list("-+0123456789"))


@dataclass(frozen=True)
class StudyText:
    """What a study file holds, before anything is checked: values, the line of each, problems of the text.

    ``raw`` is empty where the file is no mapping at all.

    Examples
    --------
    >>> StudyText(Path("study.yaml"), {"seed": 1}, {("seed",): 4}).line(("seed", "x"))
    4
    """

    path: Path
    raw: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[Location, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def line(self, location: Location) -> int | None:
        """Line of a key, or of the nearest one that holds it.

        Examples
        --------
        >>> StudyText(Path("study.yaml")).line(("seed",)) is None
        True
        """
        return next((self.lines[location[:n]] for n in range(len(location), 0, -1) if location[:n] in self.lines), None)

    def problem(self, location: Location, found: str, required: str, fix: str = "Correct it.", **parts: Any) -> Problem:
        """A problem of a key, with its line; ``parts`` are further fields of the problem (rule, severity).

        Examples
        --------
        >>> StudyText(Path("study.yaml")).problem(("grid", "crs"), "is 'x'", "a CRS", rule="study.value").thing
        "study.yaml, field 'grid.crs'"
        """
        name = ".".join(str(part) for part in location)
        return Problem(str(self.path), found, required, fix, row=self.line(location), field=name or None, **parts)


def read_text(path: Path) -> StudyText:
    """Read a study file; never raises, what is wrong is in ``problems``.

    Examples
    --------
    >>> read_text(Path("no/such/study.yaml")).problems[0].rule
    'study.missing'
    """
    text, problem = _text(path)
    if problem is not None:
        return StudyText(path, problems=(problem,))
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        broken = _expansion_problem(node, path)
        if broken is not None:
            return StudyText(path, problems=(broken,))
        # Before the values are made: that writes merged mappings (<<) into the tree.
        doubled = [] if node is None else [*_duplicate_keys(node, path)]
        raw = loader.construct_document(node) if node is not None else None
    except yaml.YAMLError as error:
        return StudyText(path, problems=(_syntax_problem(error, text, path),))
    except (RecursionError, ValueError) as error:
        reason = "values nested too deeply" if isinstance(error, RecursionError) else str(error)
        return StudyText(path, problems=(_failed(path, f"is no valid YAML ({reason})", "YAML text", "yaml"),))
    if not isinstance(raw, dict):
        found = "is empty" if raw is None else "holds no mapping (key: value)"
        return StudyText(path, problems=(_failed(path, found, "keys such as name, code, admin, inputs", "form"),))
    assert isinstance(node, yaml.MappingNode)
    problems = [*doubled, *_keys_not_text(node, path)]
    return StudyText(
        path, {key: value for key, value in raw.items() if isinstance(key, str)}, _lines(node), (*problems,)
    )


def _failed(path: Path, found: str, required: str, rule: str, fix: str = _EXAMPLE, row: int | None = None) -> Problem:
    return Problem(str(path), found, required, fix, rule=f"study.{rule}", row=row)


def _text(path: Path) -> tuple[str, Problem | None]:
    try:
        if path.is_dir():
            return "", _failed(path, "is a folder", "the path of a study.yaml", "folder")
        size = path.stat().st_size
        if size > _MAX_BYTES:
            found = f"is {size / 1e6:.1f} MB of data"
            return "", _failed(path, found, "a study.yaml, a text of some kilobytes", "size")
        content = path.read_bytes()
    except FileNotFoundError:
        return "", _failed(path, "does not exist", "the path of a study.yaml", "missing")
    except OSError as error:
        return "", _failed(path, f"cannot be read ({error.strerror})", "a readable study.yaml", "unreadable")
    except ValueError as error:
        return "", _failed(path, f"is no path ({error})", "the path of a study.yaml", "missing")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace"), None
    try:
        return content.decode("utf-8-sig"), None
    except UnicodeDecodeError:
        return "", _encoding_problem(path, content)


def _encoding_problem(path: Path, content: bytes) -> Problem:
    binary = any(byte < 9 or 13 < byte < 27 for byte in content[:4096])
    found = "is not UTF-8 text"
    try:
        text = content.decode("gb18030")
        found = "is GBK text" if not binary and any("\u4e00" <= letter <= "\u9fff" for letter in text) else found
    except UnicodeDecodeError:
        pass
    fix = _EXAMPLE if binary else 'Save it again as UTF-8 (in Notepad: "Save as", encoding UTF-8).'
    return _failed(path, "is not text but binary data" if binary else found, "text in UTF-8", "encoding", fix)


def _syntax_problem(error: yaml.YAMLError, text: str, path: Path) -> Problem:
    mark = getattr(error, "problem_mark", None)
    row = None if mark is None else mark.line + 1
    reason = str(getattr(error, "problem", "") or error).splitlines()[0]
    lines = text.splitlines()
    line = lines[row - 1] if row is not None and row <= len(lines) else ""
    fix = "Correct the line; keys of one level start in the same column."
    if "\t" in line[: len(line) - len(line.lstrip())]:
        reason, fix = "a tab at the start of the line", "Use blanks instead of tabs."
    elif "another document" in reason:
        reason, fix = "a second document begins with ---", "Keep one study in a file."
    elif "unacceptable character" in str(error) or "special characters" in str(error):
        fix = "Remove the control characters, or save the file again as UTF-8 text."
    return _failed(path, f"is no valid YAML ({reason})", "YAML text", "yaml", fix, row)


def _expansion_problem(node: yaml.Node | None, path: Path) -> Problem | None:
    sizes: dict[int, int] = {}
    fix = "Write the values out instead of using anchors."

    def size(item: yaml.Node) -> int:
        known = sizes.get(id(item))
        if known is not None:
            return known
        sizes[id(item)] = _MAX_VALUES + 1  # a value that holds itself is without end
        total = 1
        if isinstance(item, yaml.MappingNode):
            total += sum(size(key) + size(value) for key, value in item.value)
        elif isinstance(item, yaml.SequenceNode):
            total += sum(size(value) for value in item.value)
        sizes[id(item)] = total
        return total

    if node is not None and size(node) > _MAX_VALUES:
        found = f"stands for more than {_MAX_VALUES} values (anchors that repeat each other)"
        return _failed(path, found, "a study of some hundred values", "anchors", fix)
    return None


def _lines(node: yaml.Node) -> dict[Location, int]:
    return dict(_numbered(node, ()))


def _numbered(node: yaml.Node, at: Location) -> Iterator[tuple[Location, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*at, str(key.value))
            yield here, key.start_mark.line + 1
            yield from _numbered(value, here)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*at, index), value.start_mark.line + 1
            yield from _numbered(value, (*at, index))


def _mappings(node: yaml.Node, at: Location = ()) -> Iterator[tuple[Location, yaml.MappingNode]]:
    if isinstance(node, yaml.MappingNode):
        yield at, node
        for key, value in node.value:
            yield from _mappings(value, (*at, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _mappings(value, (*at, index))


def _duplicate_keys(node: yaml.Node, path: Path) -> Iterator[Problem]:
    # YAML keeps the last of two equal keys without a word; an input catalogue cannot afford that.
    for at, found in _mappings(node):
        seen: dict[Any, int] = {}
        for key, _ in found.value:
            line = key.start_mark.line + 1
            name = str(key.value)
            if name in seen and name != "<<":
                where = f"lines {seen[name]} and {line}" if seen[name] != line else f"line {line}"
                yield Problem(
                    str(path), f"has the key '{name}' twice ({where})", "each key once", "Rename or remove one.",
                    rule="study.duplicate_key", row=line, field=".".join(map(str, (*at, name))),
                )  # fmt: skip
            seen.setdefault(name, line)


def _keys_not_text(node: yaml.MappingNode, path: Path) -> Iterator[Problem]:
    for key, _ in node.value:
        if not (isinstance(key, yaml.ScalarNode) and key.tag.endswith((":str", ":merge"))):
            shown = str(key.value) if isinstance(key, yaml.ScalarNode) else "a list or mapping"
            yield Problem(
                str(path), f"has the key {shown or '(none)'}, which is no text", "keys such as name, code, admin",
                "Correct the key.", rule="study.key", row=key.start_mark.line + 1, field=shown,
            )  # fmt: skip
