"""What people call a code: ``rainstorm`` is 暴雨; the code stands behind it, to be found in a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_STANDARDS = Path(__file__).resolve().parents[1] / "standards"
_TABLE = "names/called.yml"


def called(group: str, code: str, lang: str) -> str:
    """The name of a code in a language with the code behind it; the code alone where it has no name, or is one.

    Parameters
    ----------
    group : str
        What the code stands for: ``hazard receptor kind element factor indicator group recorded quantity form``, as in
        ``names/called.yml``.
    code : str
        As it stands in files.
    lang : {"zh", "en"}

    Examples
    --------
    >>> called("kind", "cold_wave", "zh"), called("kind", "cold_wave", "en"), called("element", "tmax", "en")
    ('寒潮（cold_wave）', 'cold_wave', 'daily maximum temperature (tmax)')
    """
    name = str(names_of(group).get(code, {}).get(lang, ""))
    if lang == "zh":
        return f"{name}（{code}）" if name and name != code else code
    if not name or group in _stated()["codes_in_english"] or _alike(name) == _alike(code):
        return code
    return f"{name} ({code})"


@cache
def names_of(group: str) -> Mapping[str, Mapping[str, str]]:
    """The names of all codes of a group in both languages; of a group that nothing is known of, none."""
    data = _stated()
    names: dict[str, Mapping[str, str]] = {}
    for path, *keys in data["from"].get(group, ()):
        names = {**_entries(path, keys), **names}
    return {**names, **data["own"].get(group, {})}


def _entries(path: str, keys: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    """Names by code of a part of a table; of a folder (``survey_forms/*``) a code for each file."""
    if path.endswith("/*"):
        files = sorted((_STANDARDS / path[:-2]).glob("*.yml"))
        data = {file.stem: _read(f"{path[:-1]}{file.name}") for file in files}
        return {code: part[keys[0]] for code, part in data.items() if keys[0] in part}
    entries = _read(path)
    for key in keys:
        entries = entries[key]
    return {str(code): entry for code, entry in entries.items()}


def groups() -> tuple[str, ...]:
    """The groups of codes that have names."""
    return tuple(dict.fromkeys([*_stated()["from"], *_stated()["own"]]))


def _stated() -> Mapping[str, Any]:
    return _read(_TABLE)


@cache
def _read(path: str) -> Mapping[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content: Mapping[str, Any] = yaml.load((_STANDARDS / path).read_text(encoding="utf-8"), Loader=loader)["data"]
    return content


def _alike(text: str) -> str:
    """Case, underscores and hyphens make no other name."""
    return text.lower().replace("_", " ").replace("-", " ")
