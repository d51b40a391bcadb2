"""The text of study.yaml: one reader for its values, its lines and what is wrong with it as YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from riskzoning.errors import LayerError, Phrase, Problem, Severity
from riskzoning.files import bounded
from riskzoning.limits import TEXT_BYTES, YAML_VALUES
from riskzoning.yamls import BoundedLoader, TooDeep, TooManyValues, checked_root

Location = tuple[str | int, ...]

# What the gate of files says, in words for a study.
_OF_STUDY = {
    "file.missing": "study.missing", "file.missing_folder": "study.missing", "file.folder": "study.folder",
    "file.folder_empty": "study.folder", "file.permission": "study.unreadable", "file.no_path": "study.no_path",
    "file.too_large": "study.size",
}  # fmt: skip


class _Loader(BoundedLoader):
    """YAML without its surprises: dates and numbers with leading zeros stay text (a code is no octal number)."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if not tag.endswith((":timestamp", ":int"))]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9_]*)$"), list("-+0123456789"))


@dataclass(frozen=True)
class StudyText:
    """What a study file holds, before anything is checked: values, the line of each, problems of the text."""

    path: Path
    raw: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[Location, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def line(self, location: Location) -> int | None:
        """Line of a key, or of the nearest one that holds it."""
        return next((self.lines[location[:n]] for n in range(len(location), 0, -1) if location[:n] in self.lines), None)

    def problem(self, rule: str, location: Location, *, severity: Severity = "error", **values: Any) -> Problem:
        """A problem of a key, with its line."""
        name = ".".join(str(part) for part in location)
        return Problem(rule, self.path, severity=severity, row=self.line(location), field=name or None, **values)


def read_text(path: Path) -> StudyText:
    """Read a study file; never raises, what is wrong is in ``problems``."""
    text, problem = _text(path)
    if problem is not None:
        return StudyText(path, problems=(problem,))
    try:
        loader = _Loader(text)
        node = checked_root(loader)
        # Before the values are made: that writes merged mappings (<<) into the tree.
        doubled = [] if node is None else [*_duplicate_keys(node, path)]
        raw = loader.construct_document(node) if node is not None else None
    except TooManyValues:
        return StudyText(path, problems=(Problem("study.anchors", path, limit=YAML_VALUES),))
    except (TooDeep, RecursionError):
        return StudyText(path, problems=(Problem("study.yaml_deep", path),))
    except yaml.YAMLError as error:
        return StudyText(path, problems=(_syntax_problem(error, text, path),))
    except ValueError as error:
        return StudyText(path, problems=(Problem("study.yaml_value", path, reason=error),))
    if not isinstance(raw, dict):
        return StudyText(path, problems=(Problem("study.empty" if raw is None else "study.form", path),))
    assert isinstance(node, yaml.MappingNode)
    problems = [*doubled, *_keys_not_text(node, path)]
    return StudyText(
        path, {key: value for key, value in raw.items() if isinstance(key, str)}, _lines(node), (*problems,)
    )


def _text(path: Path) -> tuple[str, Problem | None]:
    try:
        content = bounded(path, TEXT_BYTES, what=Phrase("study_file"))
    except LayerError as error:
        (problem,) = error.problems
        rule = _OF_STUDY.get(problem.rule)
        return "", problem if rule is None else Problem(rule, problem.about, **dict(problem.values))
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace"), None
    try:
        return content.decode("utf-8-sig"), None
    except UnicodeDecodeError:
        return "", _encoding_problem(path, content)


def _encoding_problem(path: Path, content: bytes) -> Problem:
    if any(byte < 9 or 13 < byte < 27 for byte in content[:4096]):
        return Problem("study.binary", path)
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    return Problem("study.gbk" if any("\u4e00" <= letter <= "\u9fff" for letter in text) else "study.encoding", path)


def _syntax_problem(error: yaml.YAMLError, text: str, path: Path) -> Problem:
    mark = getattr(error, "problem_mark", None)
    row = None if mark is None else mark.line + 1
    reason = str(getattr(error, "problem", "") or error).splitlines()[0]
    lines = text.splitlines()
    line = lines[row - 1] if row is not None and row <= len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return Problem("study.yaml_tab", path, row=row)
    if "another document" in reason:
        return Problem("study.yaml_documents", path, row=row)
    if "unacceptable character" in str(error) or "special characters" in str(error):
        return Problem("study.yaml_control", path, row=row, reason=reason)
    return Problem("study.yaml", path, row=row, reason=reason)


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
    for at, mapping in _mappings(node):
        seen: dict[str, int] = {}
        for key, _ in mapping.value:
            line = key.start_mark.line + 1
            name = str(key.value)
            if name in seen and name != "<<":
                field, lines = ".".join(map(str, (*at, name))), sorted({seen[name], line})
                yield Problem("study.duplicate_key", path, row=line, field=field, key=name, lines=lines)
            seen.setdefault(name, line)


def _keys_not_text(node: yaml.MappingNode, path: Path) -> Iterator[Problem]:
    for key, _ in node.value:
        if not (isinstance(key, yaml.ScalarNode) and key.tag.endswith((":str", ":merge"))):
            shown = Phrase("given_text", text=f"'{key.value}'") if key.value else Phrase("none_of_text")
            shown = shown if isinstance(key, yaml.ScalarNode) else Phrase("list_or_mapping")
            yield Problem("study.key", path, row=key.start_mark.line + 1, field=str(shown), key=shown)
