"""What was decided about an input where it came in: its mask, its unit, its columns, and why."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from riskzoning.errors.problem import Phrase, frozen, plain
from riskzoning.errors.sentences import Language, language, listed, phrases, visible

_SHOWN = 12


@dataclass(frozen=True)
class Decision:
    """One thing that was decided: ``what`` (``nodata``, ``crs``, ``columns``), its value, and why.

    Examples
    --------
    >>> decision = Decision("depth.tif", "nodata", -9999.0, "file")
    >>> print(decision.text("en"))
    missing value: -9999 (as the file states)
    >>> decision.as_row("zh")["because"]
    '文件声明'
    """

    thing: Phrase | str
    what: str
    value: Any
    why: Phrase | str = ""
    entry: str = ""

    def words(self, lang: str) -> tuple[str, str, str]:
        """What, value and reason in a language.

        Examples
        --------
        >>> Decision("a.csv", "separator", ";").words("zh")
        ('分隔符', ';', '')
        """
        spoken, known = cast(Language, lang), phrases()
        what = known.get(f"decision_{self.what}", {}).get(spoken, self.what)
        reason = Phrase(f"because_{self.why}") if f"because_{self.why}" in known else self.why
        why = reason.text(spoken) if isinstance(reason, Phrase) else visible(reason)
        return what, _shown(self.value, spoken), why

    def text(self, lang: str | None = None) -> str:
        """One line for people (default: in the language spoken now).

        Examples
        --------
        >>> Decision("a.csv", "columns", ("code", "people")).text("en")
        'columns taken: code, people'
        """
        spoken = lang or language()
        what, value, why = self.words(spoken)
        line = f"{what}：{value}" if spoken == "zh" else f"{what}: {value}"
        return f"{line}{f'（{why}）' if spoken == 'zh' else f' ({why})'}" if why else line

    def as_row(self, lang: str) -> dict[str, Any]:
        """The decision as JSON takes it; ``because`` is in the language.

        Examples
        --------
        >>> Decision("a.csv", "encoding", "gb18030").as_row("en")
        {'file': 'a.csv', 'what': 'encoding', 'value': 'gb18030', 'because': ''}
        """
        file = self.thing.text(lang) if isinstance(self.thing, Phrase) else self.thing
        value = plain(self.value, cast(Language, lang))
        return {"file": file, "what": self.what, "value": value, "because": self.words(lang)[2]}


def _shown(value: object, lang: Language) -> str:
    if isinstance(value, tuple):
        return listed(value, _SHOWN, lang)
    if isinstance(value, Phrase):
        return value.text(lang)
    return f"{value:.10g}" if isinstance(value, float) else visible(str(value))


@dataclass
class Decisions:
    """What was decided while somebody heard, each thing once, by input.

    Examples
    --------
    >>> with deciding(Decisions()) as made:
    ...     decided("depth.tif", "nodata", -9999, why="file")
    >>> [decision.what for decision in made.of("depth.tif")]
    ['nodata']
    """

    made: dict[Decision, None] = field(default_factory=dict)

    @property
    def inputs(self) -> list[str]:
        """The inputs, in the order in which they came; a file that belongs to no entry stands for itself.

        Examples
        --------
        >>> Decisions().inputs
        []
        """
        return list(dict.fromkeys(_input(decision) for decision in self.made))

    def of(self, name: str) -> list[Decision]:
        """What was decided about an input.

        Examples
        --------
        >>> Decisions().of("depth")
        []
        """
        return [decision for decision in self.made if _input(decision) == name]

    def as_record(self, lang: str, folder: Path | None = None) -> dict[str, list[dict[str, Any]]]:
        """All of it as JSON takes it, by input, sorted; files below the folder by their path from there.

        Examples
        --------
        >>> with deciding(Decisions()) as made, about_input("people"):
        ...     decided("people.csv", "separator", ";")
        >>> made.as_record("en")
        {'people': [{'file': 'people.csv', 'what': 'separator', 'value': ';', 'because': ''}]}
        """
        rows = {name: [decision.as_row(lang) for decision in self.of(name)] for name in sorted(self.inputs)}
        for row in (row for made in rows.values() for row in made):
            row["file"] = _below(row["file"], folder)
        return {_below(name, folder): made for name, made in rows.items()}


def _below(path: str, folder: Path | None) -> str:
    with contextlib.suppress(ValueError):
        return path if folder is None else Path(path).relative_to(folder).as_posix()
    return path


def _input(decision: Decision) -> str:
    return decision.entry or str(decision.thing)


_ears: contextvars.ContextVar[tuple[Decisions, ...]] = contextvars.ContextVar("riskzoning_decisions", default=())
_entry: contextvars.ContextVar[tuple[str, Mapping[str, str]]] = contextvars.ContextVar(
    "riskzoning_entry", default=("", {})
)


@contextlib.contextmanager
def deciding(made: Decisions) -> Iterator[Decisions]:
    """Keep what is decided while the block runs; who hears around it hears it too.

    Examples
    --------
    >>> with deciding(Decisions()) as made:
    ...     decided("depth.tif", "crs", "EPSG:4490")
    >>> len(made.made)
    1
    """
    token = _ears.set((*_ears.get(), made))
    try:
        yield made
    finally:
        _ears.reset(token)


def is_heard() -> bool:
    """Whether somebody hears what is decided now."""
    return bool(_ears.get())


@contextlib.contextmanager
def about_input(name: str, files: Mapping[str, str] | None = None) -> Iterator[None]:
    """What is decided while the block runs belongs to the entry of the study with this name.

    ``files``: paths that belong to entries of their own.

    Examples
    --------
    >>> with deciding(Decisions()) as made, about_input("depth"):
    ...     decided("depth.tif", "crs", "EPSG:4490")
    >>> made.inputs
    ['depth']
    """
    token = _entry.set((name, files or {}))
    try:
        yield
    finally:
        _entry.reset(token)


def decided(thing: object, what: str, value: object, why: Phrase | str = "") -> None:
    """Tell what was decided about an input where it came in; costs nothing when nobody hears.

    Parameters
    ----------
    thing : Phrase, str or path
        The file, or what else came in.
    what : str
        ``mask nodata scale band axis crs datum encoding separator header units columns dates places layer ...``: a key
        ``decision_*`` of the phrases.
    value : object
        Text, number, phrase, a list of them, or a mapping such as column -> what it is taken for.
    why : Phrase or str
        ``file study option name values default`` (a key ``because_*``), or words of its own.

    Examples
    --------
    >>> with deciding(Decisions()) as made:
    ...     decided("people.csv", "columns", {"code": "区划代码"}, why="name")
    >>> print(made.of("people.csv")[0].text("en"))
    columns taken: code = 区划代码 (by its name)
    """
    ears = _ears.get()
    if not ears:
        return
    if isinstance(value, Mapping):
        value = [f"{key} = {item}" for key, item in value.items()]
    about, (name, files) = thing if isinstance(thing, Phrase) else str(thing), _entry.get()
    decision = Decision(about, what, frozen(value), why, files.get(str(thing), name))
    for made in ears:
        made.made[decision] = None
