"""How the texts of a field are written: a pattern whose named parts are other fields of the same row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from riskzoning import standards
from riskzoning.errors import Phrase, Problem
from riskzoning.standards.tables import near_names

# Kinds of fields whose cells are texts of one's own making.
TEXTS = ("id", "text", "name")
_KEYS = {"text", "zh", "en", "words"}


@dataclass(frozen=True)
class Pattern:
    """A regular expression for whole cells; a named group is a field, and says the same as that field of the row.

    ``described`` says in a language how the text is made; ``words`` is a table of standards whose entries have other
    ``words`` for the choices in a group.
    """

    expression: re.Pattern[str]
    described: Mapping[str, str] = field(default_factory=dict)
    words: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """The fields that the text repeats."""
        return tuple(self.expression.groupindex)

    def written(self, lang: str) -> str:
        """How the text is made, as people say it; the expression itself where nobody has said it."""
        return self.described.get(lang) or self.expression.pattern


def read_pattern(item: Mapping[str, object], thing: Phrase, problems: list[Problem]) -> Pattern | None:
    """The pattern of a field of a form: its expression, or a mapping with ``text zh en words``."""
    given = item.get("pattern")
    if given is None:
        return None
    name = str(item["name"])
    whole = given if isinstance(given, Mapping) else {"text": given}
    unknown = sorted(set(map(str, whole)) - _KEYS)
    text = whole.get("text")
    if unknown or not isinstance(text, str) or item["type"] not in TEXTS:
        problems.append(Problem("survey.form_pattern_keys", thing, item=name, names=unknown, kinds=TEXTS))
        return None
    try:
        expression = re.compile(text, re.ASCII)
    except re.error as error:
        problems.append(Problem("survey.form_pattern", thing, item=name, reason=str(error)))
        return None
    words = str(whole.get("words", ""))
    if words and words not in (known := standards.table_names()):
        near = near_names(words, known)
        problems.append(Problem("survey.form_pattern_words", thing, item=name, words=words, near=near))
        return None
    described = {lang: str(whole[lang]) for lang in ("zh", "en") if whole.get(lang)}
    return Pattern(expression, described, words)
