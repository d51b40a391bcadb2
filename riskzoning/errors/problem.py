"""A problem as a value: a rule, the thing it is about, and the values of its case; sentences are rendered last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

from riskzoning.errors.sentences import Language, filled, language, parts_of, phrases, visible

Severity = Literal["error", "warning", "info"]
_KEYS = ("file", "sheet", "row", "field", "rule", "severity", "found", "required", "fix", "values")


def frozen(value: object) -> Any:
    """Lists become tuples and numpy scalars plain numbers, so that equal problems are equal and can be keys."""
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(frozen(item) for item in value)
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        return value.item()
    return value if value is None or isinstance(value, str | int | float | Phrase) else str(value)


def plain(value: object, lang: Language) -> Any:
    """A value as JSON takes it."""
    if isinstance(value, Phrase):
        return value.text(lang)
    return [plain(item, lang) for item in value] if isinstance(value, tuple) else value


@dataclass(frozen=True, init=False)
class Phrase:
    """Words that stand for a thing in both languages, e.g. ``layer 'depth'``; see ``problems/phrases.yml``.

    Parameters
    ----------
    key : str
        Key of the phrase.
    **values
        What is filled in: text, numbers, lists, other phrases.

    Examples
    --------
    >>> Phrase("layer", name="depth").text("zh"), str(Phrase("layer", name="depth"))
    ('图层“depth”', "layer 'depth'")
    """

    key: str
    values: tuple[tuple[str, Any], ...]

    def __init__(self, key: str, /, **values: object) -> None:
        object.__setattr__(self, "key", key)
        object.__setattr__(self, "values", tuple((name, frozen(value)) for name, value in values.items()))

    def text(self, lang: str | None = None) -> str:
        """The words in a language (default: the one spoken now).

        Examples
        --------
        >>> Phrase("input", name="dem").text("en")
        "input 'dem'"
        """
        spoken = cast(Language, lang or language())
        return filled(phrases()[self.key][spoken], dict(self.values), spoken)

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True, init=False)
class Problem:
    """One thing that is wrong (or only unusual) in an input: a rule, a place and the values of the case.

    Its sentences in Chinese and English stand under the name of the rule in ``standards/names/problems/*.yml``; a rule
    without an entry there takes its sentences from the values ``found``, ``required``, ``fix``.

    Parameters
    ----------
    rule : str
        Dotted name of the rule, e.g. ``layer.units``, or an id such as ``Q05``.
    thing : Phrase or str
        What it is about: a phrase, or a path as it is.
    severity : {"error", "warning", "info"}
    sheet, row, field : optional
        Place inside the file; ``row`` as a person sees it (first row = 1).
    **values
        What the sentences are filled with: text, numbers, lists (shown shortened), phrases.

    Examples
    --------
    >>> problem = Problem("example.empty", Phrase("layer", name="depth"))
    >>> print(problem)
    layer 'depth' is empty; expected one value or more. Export it again.
    >>> print(problem.text("zh"))
    图层“depth”为空；要求：至少有一个值。请重新导出。
    """

    rule: str
    about: Phrase | str
    severity: Severity
    sheet: str | None
    row: int | None
    field: str | None
    values: tuple[tuple[str, Any], ...]

    def __init__(
        self,
        rule: str,
        thing: object,
        /,
        *,
        severity: Severity = "error",
        sheet: str | None = None,
        row: int | None = None,
        field: str | None = None,
        **values: object,
    ) -> None:
        about = thing if isinstance(thing, Phrase) else str(thing)
        given = {"rule": rule, "about": about, "severity": severity, "sheet": sheet, "row": row, "field": field}
        for name, value in given.items():
            object.__setattr__(self, name, value)
        object.__setattr__(self, "values", tuple((name, frozen(value)) for name, value in values.items()))

    def _part(self, part: str, lang: str | None) -> str:
        spoken, values = cast(Language, lang or language()), dict(self.values)
        sentences = parts_of(self.rule)
        if sentences is None or part in values:
            own = values.get(part, "")
            return own.text(spoken) if isinstance(own, Phrase) else visible(str(own))
        place = {"sheet": self.sheet, "row": self.row, "field": self.field, "file": self.about}
        text = filled(sentences[part][spoken], {**place, **values}, spoken)
        more = values.get("more")  # problems that say the same of other rows
        return text + more.text(spoken) if part == "found" and isinstance(more, Phrase) else text

    @property
    def file(self) -> str:
        """The thing in the language spoken now: a path, or words such as ``layer 'depth'``.

        Examples
        --------
        >>> Problem("example.empty", "a.tif").file
        'a.tif'
        """
        return str(self.about)

    @property
    def found(self) -> str:
        """What was found.

        Examples
        --------
        >>> Problem("example.empty", "a.tif").found
        'is empty'
        """
        return self._part("found", None)

    @property
    def required(self) -> str:
        """What is required.

        Examples
        --------
        >>> Problem("example.empty", "a.tif").required
        'one value or more'
        """
        return self._part("required", None)

    @property
    def fix(self) -> str:
        """What to do, a sentence.

        Examples
        --------
        >>> Problem("example.empty", "a.tif").fix
        'Export it again.'
        """
        return self._part("fix", None)

    @property
    def thing(self) -> str:
        """The place in words, e.g. ``study.yaml, field 'grid.crs'``.

        Examples
        --------
        >>> Problem("example.empty", "a.xlsx", sheet="人口", row=4).thing
        "a.xlsx, sheet '人口', row 4"
        """
        return self.place()

    def place(self, lang: str | None = None) -> str:
        """The place in words in a language.

        Examples
        --------
        >>> Problem("example.empty", "a.xlsx", sheet="人口", row=4).place("zh")
        'a.xlsx，工作表“人口”，第 4 行'
        """
        spoken = cast(Language, lang or language())
        parts = [self.about.text(spoken) if isinstance(self.about, Phrase) else visible(self.about)]
        for key, value in (("sheet", self.sheet), ("row", self.row), ("field", self.field)):
            if value is not None:
                parts.append(Phrase(f"place_{key}", value=value).text(spoken))
        return ("，" if spoken == "zh" else ", ").join(parts)

    def text(self, lang: str | None = None) -> str:
        """The whole message in a language (default: the one spoken now).

        Examples
        --------
        >>> Problem("example.empty", "a.tif").text("en")
        'a.tif is empty; expected one value or more. Export it again.'
        """
        spoken = cast(Language, lang or language())
        parts = {part: self._part(part, spoken) for part in ("found", "required", "fix")}
        parts["required"] = parts["required"].rstrip(".。")
        key = "message" if parts_of(self.rule) is not None else "message_plain"
        return filled(phrases()[key][spoken], {"thing": self.place(spoken), **parts}, spoken)

    def __str__(self) -> str:
        return self.text()

    def at(self, thing: object = None, **place: object) -> Problem:
        """The same problem at another place: ``thing``, ``sheet``, ``row``, ``field``, ``severity``.

        Examples
        --------
        >>> Problem("example.empty", "a.tif").at("b.tif", row=3).thing
        'b.tif, row 3'
        """
        kept = {"severity": self.severity, "sheet": self.sheet, "row": self.row, "field": self.field}
        changed: dict[str, Any] = {**dict(self.values), **kept, **place}
        return Problem(self.rule, self.about if thing is None else thing, **changed)

    def as_row(self, lang: str | None = None) -> dict[str, object]:
        """The problem as a JSON-ready mapping with the keys of ``--format json``.

        Examples
        --------
        >>> list(Problem("example.empty", "a.tif").as_row())
        ['file', 'sheet', 'row', 'field', 'rule', 'severity', 'found', 'required', 'fix', 'values']
        """
        spoken = cast(Language, lang or language())
        row: dict[str, object] = {key: getattr(self, key) for key in ("sheet", "row", "field", "rule", "severity")}
        row["file"] = self.about.text(spoken) if isinstance(self.about, Phrase) else self.about
        row |= {part: self._part(part, spoken) for part in ("found", "required", "fix")}
        row["values"] = {name: plain(value, spoken) for name, value in self.values}
        return {key: row[key] for key in _KEYS}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Problem:
        """The problem of a row of :meth:`as_row`; its sentences are those of the row.

        Examples
        --------
        >>> problem = Problem("example.empty", "a.tif", row=2)
        >>> Problem.from_row(problem.as_row()).thing == problem.thing
        True
        """
        place = {key: row.get(key) for key in ("sheet", "row", "field")}
        sentences = {key: row[key] for key in ("found", "required", "fix")}
        values = {**(row.get("values") or {}), **sentences}
        return cls(str(row["rule"]), row["file"], severity=row["severity"], **place, **values)
