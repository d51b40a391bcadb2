"""One row is no "1 rows": every English sentence of the package, filled with ones, is read once more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import riskzoning
from riskzoning.errors import Phrase, Problem, counted
from riskzoning.errors.sentences import filled

NAMES = Path(riskzoning.__file__).parent / "standards" / "names"
GRAMMAR = yaml.safe_load((NAMES / "counted.yml").read_text(encoding="utf-8"))["data"]
# Words in s behind a number that are no counted things: verbs, lists of names before a verb, codes.
NO_NOUNS = {
    "is", "its", "as", "has", "was", "does", "this", "less", "plus", "comes", "lies", "takes", "gives", "puts", "keeps",
    "needs", "lacks", "fits", "makes", "loses", "class", "loss", "series", "across", "imls", "dims",
}  # fmt: skip


@pytest.mark.parametrize(
    ("template", "ones", "text"),
    [
        ("{count} files of maps written", {"count": 1}, "1 file of maps written"),
        ("{count} files of maps written", {"count": 2}, "2 files of maps written"),
        ("{count:,} files", {"count": 1.0}, "1.0 file"),
        ("{count} units are not named", {"count": "1"}, "1 unit is not named"),
        ("{count} more rows are there", {"count": 1}, "1 more row is there"),
        ("has {count} rows that break it; they are left out", {"count": 1}, "has 1 row that breaks it; it is left out"),
        ("has {rows} x {columns} cells", {"rows": 5, "columns": 1}, "has 5 x 1 cells"),
        ("{rows} rows by {columns} columns", {"rows": 1, "columns": 3}, "1 row by 3 columns"),
        ("{least} years or more", {"least": 1}, "1 year or more"),
        ("{flag} rows", {"flag": True}, "True rows"),
    ],
)
def test_what_is_said_of_one(template: str, ones: dict[str, Any], text: str) -> None:
    assert filled(template, ones, "en") == text
    assert counted(template, ones, "zh") == template


def english() -> Iterator[tuple[str, str]]:
    """Every English template, with its file and key."""

    def walk(part: Any, place: str, inside: bool) -> Iterator[tuple[str, str]]:
        if isinstance(part, dict):
            for key, item in part.items():
                yield from walk(item, f"{place}.{key}", inside or key == "en")
        elif isinstance(part, str) and inside:
            yield place, part

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    for path in sorted(NAMES.rglob("*.yml")):
        yield from walk(yaml.load(path.read_text(encoding="utf-8"), Loader=loader)["data"], path.stem, False)


def test_no_sentence_says_one_rows() -> None:
    behind = re.compile(r"(?<![x\w–/-])(?<! to) ?(?<!x )\{\w+(?::[^{}]*)?\}((?: [a-z]+)?) ([a-z]\w*s)\b")
    between, known = set(GRAMMAR["between"]), set(GRAMMAR["nouns"])
    lost = []
    for place, template in english():
        for words, noun in behind.findall(template):
            direct = not words.strip() or words.strip() in between
            if direct and noun not in known and noun not in NO_NOUNS:
                lost.append(f"{place}: {noun}")
    assert lost == [], "write the noun and its singular into standards/names/counted.yml"


def test_every_singular_is_used_and_is_one() -> None:
    text = "\n".join(template for _, template in english())
    assert [noun for noun in GRAMMAR["nouns"] if not re.search(rf"\b{noun}\b", text)] == []
    assert all(single != noun for noun, single in GRAMMAR["nouns"].items())


def test_problems_and_phrases_speak_of_one() -> None:
    problem = Problem("webmap.categories", Phrase("column", name="kind"), count=1, most=12)
    assert "1 different value" in problem.text("en")
    assert "values" not in problem.text("en")
    assert Phrase("wanted_at_most", count=1).text("en") == "at most 1 item"
