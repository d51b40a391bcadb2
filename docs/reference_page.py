"""Writes reference.md, quantities.md, tables.md and names.md from the program: ``make docs-reference``."""

from __future__ import annotations

import importlib
import inspect
import re
import textwrap
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer.main
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from riskzoning import standards
from riskzoning.cli import app
from riskzoning.config import StudyConfig
from riskzoning.config.schema import inner_model
from riskzoning.errors import speaking
from riskzoning.exposure import RECEPTORS
from riskzoning.faces import public_names
from riskzoning.hazards import HAZARDS

FOLDER = Path(__file__).parent
_KEYS = "names/study_keys"
_WRITTEN = "Written by `make docs-reference` from the program."


def keys_of(model: type[BaseModel], at: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every key of a section and of the sections in it, as dotted names."""
    for name, field in model.model_fields.items():
        if field.exclude:
            continue
        yield f"{at}{name}", field
        inner = inner_model(field.annotation)
        if inner is not None:
            yield from keys_of(inner, f"{at}{name}.")


def reference() -> str:
    """Keys of study.yaml, commands, what stands where."""
    lines = [
        "# Reference",
        "",
        _prose(
            f"{_WRITTEN} Quantities: [quantities.md](quantities.md). Tables of numbers that a study may replace, and",
            "the tables that a run leaves: [tables.md](tables.md). Functions by task: [names.md](names.md).",
            "Inputs of the hazards and receptors: [hazards.md](hazards.md), [receptors.md](receptors.md). The run",
            "record: [run-record.md](run-record.md).",
        ),
        "",
        "## Keys of study.yaml",
        "",
        _prose(
            "A key without a value is a key that is not given; an unknown key is an error that names the nearest known",
            "one. `riskzoning init DIR` writes a study with comments.",
        ),
        "",
    ]
    words = standards.table(_KEYS).data
    for section, keys in _sections().items():
        lines += [f"### {section}", "", "| key | type, range | default | meaning | example |", "|---|---|---|---|---|"]
        lines += [_key_row(key, field, words[key]) for key, field in keys]
        lines.append("")
    lines += ["## Parameters of the hazards", "", "Under `params:` of a hazard.", ""]
    for name, spec in HAZARDS.items():
        lines += [
            f"### {name} {spec.title['zh']}",
            "",
            "| parameter | type, range | default | meaning |",
            "|---|---|---|---|",
        ]
        said = _parameters(spec.params)
        lines += [
            f"| `{key}` | {kind(field)} | {_default(field)} | {_cell(said[key])} |"
            for key, field in spec.params.model_fields.items()
        ]
        lines.append("")
    return "\n".join([*lines, *_commands(), ""])


def _prose(*parts: str) -> str:
    return textwrap.fill(" ".join(parts), 120, break_long_words=False, break_on_hyphens=False)


def _sections() -> dict[str, list[tuple[str, FieldInfo]]]:
    """Keys by their section: the plain ones of the file first, then each section with what is in it."""
    every = list(keys_of(StudyConfig))
    top = [(key, field) for key, field in every if "." not in key]
    sections: dict[str, list[tuple[str, FieldInfo]]] = {"The file": top}
    for key, field in every:
        if "." in key:
            sections.setdefault(f"`{key.partition('.')[0]}:`", []).append((key, field))
    return sections


def _key_row(key: str, field: FieldInfo, words: Mapping[str, Any]) -> str:
    meaning = f"{words['en']}<br>{words['zh']}"
    return f"| `{key}` | {kind(field)} | {_default(field)} | {_cell(meaning)} | `{_cell(str(words['example']))}` |"


def kind(field: FieldInfo) -> str:
    """Type of a key in words, with its range."""
    limits = [text for text in (_limit(part) for part in _metadata(field)) if text]
    if field.annotation is str:
        limits = [text.replace(" items", " characters") for text in limits]
    return _cell(", ".join([_type(field.annotation), *dict.fromkeys(limits)]))


def _metadata(field: FieldInfo) -> Iterator[Any]:
    yield from field.metadata
    for argument in typing.get_args(field.annotation):
        yield from getattr(argument, "__metadata__", ())


def _limit(part: Any) -> str:
    words = {"gt": "above {}", "ge": "from {}", "lt": "below {}", "le": "to {}", "max_length": "at most {} items"}
    return next((text.format(f"{getattr(part, key):,}") for key, text in words.items() if _number(part, key)), "")


def _number(part: Any, key: str) -> bool:
    return isinstance(getattr(part, key, None), int | float)


_PLAIN = {
    "str": "text", "int": "whole number", "float": "number", "bool": "true or false", "Path": "path", "date": "date",
    "Any": "anything",
}  # fmt: skip


def _type(annotation: Any) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _type(arguments[0])
    if origin is typing.Literal:
        return " or ".join(f"`{str(value).lower() if value is False else value}`" for value in arguments)
    if origin in (tuple, list):
        kinds = [_type(argument) for argument in arguments if argument is not Ellipsis]
        return f"list of {kinds[0]}" if len(set(kinds)) == 1 else f"list ({', '.join(kinds)})"
    if origin in (dict, Mapping):
        values = _type(arguments[1])
        return "mapping" if values == "anything" else f"mapping of {_type(arguments[0])} to {values}"
    if arguments:
        return " or ".join(dict.fromkeys(_type(item) for item in arguments if item is not type(None)))
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return "section"
    return _PLAIN.get(getattr(annotation, "__name__", ""), str(annotation))


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.get_default(call_default_factory=True)
    empty = value is None or value is PydanticUndefined or value in ((), {}, "", [])
    if empty or isinstance(value, BaseModel):
        return ""
    return f"`{_yaml(value)}`"


def _yaml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list):
        return f"[{', '.join(_yaml(item) for item in value)}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_yaml(item)}" for key, item in value.items()) + "}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _parameters(model: type[BaseModel]) -> dict[str, str]:
    """What the docstring of a model says of each parameter."""
    text = inspect.cleandoc(model.__doc__ or "").partition("Parameters\n----------\n")[2].partition("\n\n")[0]
    said: dict[str, str] = {}
    names: list[str] = []
    for line in text.splitlines():
        if line and not line.startswith(" "):
            names = [name.strip() for name in line.partition(":")[0].split(",")]
            said |= dict.fromkeys(names, "")
        else:
            said |= {name: f"{said[name]} {line.strip()}".strip() for name in names}
    return said


def _cell(text: str) -> str:
    """Text that stands in a cell of a table."""
    text = re.sub(r":(?:func|class|meth):`([^`]*)`", r"`\1`", text.replace("``", "`"))
    return text.replace("|", "\\|").replace("\n", " ")


def _commands() -> list[str]:
    group: Any = typer.main.get_command(app)
    lines = ["## Commands", ""]
    for name, command in group.commands.items():
        lines += [f"### riskzoning {name}", "", str(command.help), ""]
        lines += ["| option | default | meaning |", "|---|---|---|"]
        lines += [_option_row(option) for option in command.params]
        lines.append("")
    return lines


def _option_row(option: Any) -> str:
    names = ", ".join(f"`{text}`" for text in (*option.opts, *option.secondary_opts))
    if not option.opts[0].startswith("-"):
        names = f"`{option.metavar or option.name}`"
    # The language is that of the terminal.
    given = None if option.name == "lang" else option.default
    default = "" if given in (None, False, ()) else f"`{given}`"
    return f"| {names} | {default} | {_cell(str(getattr(option, 'help', None) or ''))} |"


def quantities() -> str:
    """Every quantity with kind, units and range."""
    lines = [
        "# Quantities",
        "",
        _prose(
            f"{_WRITTEN} `quantity:` of an input is one of these. The kind decides how a layer is put on the grid: a",
            "`count` adds up and keeps its total, a `class` takes the nearest or most frequent code, the others are",
            "averaged. Values outside the hard range are an error, outside the soft one a warning. Other units are",
            "converted: `units:` of the input.",
        ),
        "",
        "| quantity | meaning | kind | units | also | hard range | soft range |",
        "|---|---|---|---|---|---|---|",
    ]
    units = standards.table("units").data
    for name, facts in standards.table("quantities").data.items():
        other = ", ".join(f"`{unit}`" for unit in units.get(facts["units"], {}) if unit != facts["units"])
        hard, soft = (_range(facts.get(key)) for key in ("hard", "soft"))
        own = "" if facts["units"] == "1" else facts["units"]
        meaning = f"{facts['en']} {facts['zh']}"
        lines.append(f"| `{name}` | {meaning} | {facts['kind']} | {own} | {other} | {hard} | {soft} |")
    return "\n".join([*lines, ""])


def _range(limits: Any) -> str:
    return "" if limits is None else " to ".join(f"{float(limit):g}" for limit in limits)


def tables() -> str:
    """Tables of numbers that come with the package, and tables that a run leaves."""
    lines = [
        "# Tables",
        "",
        f"{_WRITTEN}",
        "",
        "## Tables of a run",
        "",
        _prose(
            "`tables/NAME.csv`, a sheet of `tables.xlsx`, and in the database (`unit_LEVEL` with outlines, `risk_unit`",
            "with one row for each unit and indicator, `base_admin`; the others as `meta_NAME` or `risk_NAME`).",
        ),
        "",
    ]
    known = standards.table("names/output_tables").data
    for name, facts in known["tables"].items():
        lines += [f"### {name}", "", f"{facts['about']['en']}. {facts['about']['zh']}。", ""]
        columns = facts["columns"] or known["units"]
        lines += ["| column | meaning |", "|---|---|"]
        lines += [f"| `{column}` | {words['en']} {words['zh']} |" for column, words in columns.items()]
        lines.append("")
    lines += [
        "`<h>` is a hazard or `multi`, `<r>` a receptor. Counts: "
        + ", ".join(f"`{count.name}`" for spec in RECEPTORS.values() for count in spec.counts) + ".",
        "",
        "## Tables of standards",
        "",
        _prose(
            "A study replaces one under `standards:`; the run record lists those that were read. Status: `official`,",
            "`literature` or `project_default`; verified: compared with its source.",
        ),
        "",
        "| table | title | status | verified | source |",
        "|---|---|---|---|---|",
    ]  # fmt: skip
    for name in standards.table_names():
        if name.startswith("names/problems/"):
            continue
        facts = standards.provenance(name)
        verified = "yes" if facts["verified"] else "no"
        lines.append(
            f"| `{name}` | {_cell(facts['title'])} | {facts['status']} | {verified} | {_cell(facts['source'])} |"
        )
    return "\n".join([*lines, ""])


def names() -> str:
    """Public names by task."""
    lines = [
        "# Names by task",
        "",
        _prose(
            f"{_WRITTEN} What stands in `__all__` of each face, with its first sentence; `import riskzoning as rz`. A",
            "wrong name is answered with where it is, or with what is like it.",
        ),
        "",
    ]
    for face, listed in sorted(public_names().items()):
        module = importlib.import_module(face)
        if face.startswith("riskzoning.cli"):
            continue
        lines += [f"## {face}", "", _first(module), "", "| name | what it is |", "|---|---|"]
        lines += [f"| `{name}` | {_cell(_about(module, name))} |" for name in sorted(listed) if name != "__version__"]
        lines.append("")
    return "\n".join(lines)


def _about(module: Any, name: str) -> str:
    value = getattr(module, name)
    if inspect.ismodule(value) or inspect.isclass(value) or inspect.isroutine(value):
        return _first(value)
    return f"a value of type {type(value).__name__}"


def _first(value: Any) -> str:
    """The first sentence of a docstring."""
    text = inspect.cleandoc(value.__doc__ or "").partition("\n\n")[0]
    return " ".join(text.split())


PAGES = {"reference.md": reference, "quantities.md": quantities, "tables.md": tables, "names.md": names}

if __name__ == "__main__":
    with speaking("en"):
        for file, page in PAGES.items():
            (FOLDER / file).write_text(page(), encoding="utf-8")
