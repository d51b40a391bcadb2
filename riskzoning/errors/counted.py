"""One row, two rows: English sentences hold the plural, and speak of one thing where the count is 1."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_TABLE = Path(__file__).resolve().parents[1] / "standards" / "names" / "counted.yml"


@cache
def _grammar() -> tuple[Mapping[str, str], Mapping[str, str], Mapping[str, str], re.Pattern[str], re.Pattern[str]]:
    """Nouns, verbs and pronouns with their singular; what finds a counted noun, and a verb that agrees with it."""
    data = yaml.load(_TABLE.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["data"]
    nouns, between, verbs = ("|".join(map(re.escape, data[part])) for part in ("nouns", "between", "verbs"))
    counted = re.compile(rf"\{{(\w+)([^{{}}]*)\}}((?: (?:{between}))* )({nouns})\b")
    verb = re.compile(rf"((?: (?:that|which|, which))?) ({verbs})\b")
    return data["nouns"], data["verbs"], data["pronouns"], counted, verb


def counted(template: str, values: Mapping[str, Any], lang: str = "en") -> str:
    """An English template for the values of its case: the noun behind a number that is 1 stands in its singular.

    Parameters
    ----------
    template : str
        Of ``str.format``, with the plural behind each number: ``"{count} rows"``. In Chinese it is given back.
    values : mapping
        What it will be filled with; a number 1 or the text ``1`` is one.
    lang : {"zh", "en"}

    Returns
    -------
    str
        Still a template. Nouns, and the verbs that go with them, are those of ``names/counted.yml``.

    Examples
    --------
    >>> counted("has {count} rows that are empty; they are left out", {"count": 1})
    'has {count} row that is empty; it is left out'
    >>> counted("has {rows} rows and {columns} columns", {"rows": 2, "columns": 1})
    'has {rows} rows and {columns} column'
    """
    if lang != "en" or not any(_one(value) for value in values.values()):
        return template
    nouns, verbs, pronouns, finder, agreeing = _grammar()
    parts, at, changed, many = [], 0, 0, 0
    for match in finder.finditer(template):
        before = template[: match.start()]
        # 5 x 1 cells and 1 to 1 tiles are no single thing.
        if not _one(values.get(match[1])) or re.search(r"(?: x| to|[-–/])\s?$", before):
            many += 1
            continue
        changed += 1
        parts.append(f"{template[at : match.start(4)]}{nouns[match[4]]}")
        at = match.end()
        verb = agreeing.match(template, at)
        if verb is not None:
            parts.append(f"{verb[1]} {verbs[verb[2]]}")
            at = verb.end()
    tail = template[at:]
    if changed == 1 and not many:
        for plural, single in pronouns.items():
            tail = re.sub(rf"\b{plural}\b", single, tail)
    return "".join([*parts, tail])


def _one(value: object) -> bool:
    return not isinstance(value, bool) and (value == 1 if isinstance(value, int | float) else value == "1")
