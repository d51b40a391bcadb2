"""Reads tables of standards: the shipped ones and those that a study puts in their place, with their provenance."""

from __future__ import annotations

import contextlib
import contextvars
import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import yaml

from riskzoning.errors import LayerError, Phrase, Problem, StandardTableError
from riskzoning.errors.sentences import shipped_yaml
from riskzoning.files import bounded
from riskzoning.limits import TEXT_BYTES
from riskzoning.standards import own
from riskzoning.standards.own import OWN_TABLE
from riskzoning.yamls import loaded

_ROOT = Path(__file__).parent
# A study may add tables of these kinds: the ladder of a hazard of its own, a survey form of its own.
_ADDED_TO = ("quantities", "palettes/grades", "names/common")
_OF_ONES_OWN = ("ladders/", "survey_forms/", OWN_TABLE)
# How like two names are of which one is a slip of the other; names of shipped forms are up to 0.75 like each other.
_MISTAKEN = 0.8
_STATUS = ("official", "literature", "project_default")
# What people read and what files look like, not what results are computed from.
_WORDS = ("names/", "palettes/", "formats/", "survey_forms/", "quantities")


@dataclass(frozen=True)
class StandardTable:
    """One table of standards: its numbers and where they come from.

    ``data`` is what the file holds under ``data``; ``info`` the other keys (``closed``, ``units``, ``note`` ...).

    Examples
    --------
    >>> table("units").status
    'official'
    """

    name: str
    data: Any
    title: str
    source: str
    status: Literal["official", "literature", "project_default"]
    verified: bool
    info: Mapping[str, Any] = field(default_factory=dict)

    def provenance(self) -> dict[str, Any]:
        """Name, title, source, clause, status and verified, ready for the run record.

        Examples
        --------
        >>> table("units").provenance()["verified"]
        True
        """
        return {
            "name": self.name,
            "title": self.title,
            "source": self.source,
            "clause": self.info.get("clause"),
            "status": self.status,
            "verified": self.verified,
            "units": self.info.get("units"),
            "replaced_by": self.info.get("replaced_by"),
        }


@dataclass
class Session:
    """Replacements that a study makes and the tables used while it is open (see :func:`session`).

    Examples
    --------
    >>> Session({}).used
    {}
    """

    overrides: Mapping[str, Any]
    used: dict[str, StandardTable] = field(default_factory=dict)


_session: contextvars.ContextVar[Session | None] = contextvars.ContextVar("riskzoning_standards", default=None)


def used_tables() -> list[str]:
    """Names of the tables read in the open session, sorted; empty without one.

    Examples
    --------
    >>> with session():
    ...     _ = table("units")
    ...     used_tables()
    ['units']
    """
    opened = _session.get()
    return sorted(opened.used) if opened is not None else []


def replaced() -> dict[str, Any]:
    """Tables that the open session replaces, as :func:`session` takes them; empty without one.

    Examples
    --------
    >>> with session({"units": {"m": {}}}):
    ...     replaced()
    {'units': {'m': {}}}
    """
    opened = _session.get()
    return dict(opened.overrides) if opened is not None else {}


@contextlib.contextmanager
def session(overrides: Mapping[str, Any] | None = None) -> Iterator[Session]:
    """Use a study's own tables and note every table read while the block runs.

    Parameters
    ----------
    overrides : mapping, optional
        Table name -> path of a YAML file, or the mapping itself (with ``data`` and, if known, ``source``, ``status``).
        A ladder (``ladders/<hazard>``) and a survey form (``survey_forms/<name>``) may be new: one's own.

    Raises
    ------
    StandardTableError
        When a replaced table does not exist or the file cannot be read.

    Examples
    --------
    >>> with session() as opened:
    ...     _ = table("units")
    >>> sorted(opened.used)
    ['units']
    """
    overrides = dict(overrides or {})
    unknown = [name for name in overrides if name not in table_names() and not name.startswith(_OF_ONES_OWN)]
    if unknown:
        raise StandardTableError(problems=[_unknown_table(name) for name in unknown])
    opened = Session(overrides)
    token = _session.set(opened)
    try:
        yield opened
    finally:
        _session.reset(token)


@cache
def table_names() -> tuple[str, ...]:
    """Names of all tables that the package ships, e.g. ``palettes/risk``.

    Examples
    --------
    >>> "quantities" in table_names()
    True
    """
    return tuple(sorted(path.relative_to(_ROOT).with_suffix("").as_posix() for path in _ROOT.rglob("*.yml")))


def table(name: str) -> StandardTable:
    """A table of standards by name, or the study's replacement of it.

    Raises
    ------
    StandardTableError
        When there is no such table; the message lists near names.

    Examples
    --------
    >>> table("quantities").data["pga"]["units"]
    'g'
    """
    opened = _session.get()
    if opened is not None and name in opened.overrides:
        if name not in opened.used:
            opened.used[name] = _replacement(name, opened.overrides[name])
        return _with_own(opened.used[name])
    if name not in table_names():
        raise StandardTableError(_unknown_table(name))
    shipped = _shipped(name)
    if opened is not None:
        opened.used[name] = shipped
    return _with_own(shipped)


def own_hazards() -> dict[str, Mapping[str, Any]]:
    """Hazards that the study of the open session defines itself, by key; without a session, those of studies read.

    Examples
    --------
    >>> surge = {"name": {"zh": "风暴潮", "en": "Storm surge"}}
    >>> with session({"hazards/custom": {"data": {"surge": surge}}}):
    ...     own_hazards()["surge"]["name"]["en"], names("hazard", "surge", "zh")
    ('Storm surge', '风暴潮')
    """
    opened = _session.get()
    return own.own_hazards(None if opened is None else opened.overrides)


def _with_own(known: StandardTable) -> StandardTable:
    """The table with what hazards of a study's own add to it."""
    if known.name not in _ADDED_TO or not (hazards := own_hazards()):
        return known
    added, data = own.additions(known.name, hazards), dict(known.data)
    if known.name == "names/common":
        return replace(known, data={**data, "hazard": {**added, **data["hazard"]}})
    return replace(known, data={**added, **data})


def shipped_table(name: str) -> StandardTable:
    """A table as the package ships it, whatever a study replaces.

    Raises
    ------
    StandardTableError
        When there is no such table.

    Examples
    --------
    >>> with session({"units": {"m": {}}}):
    ...     len(shipped_table("units").data) > 1
    True
    """
    if name not in table_names():
        raise StandardTableError(_unknown_table(name))
    return _shipped(name)


def provenance(name: str) -> dict[str, Any]:
    """Where the numbers of a table come from: title, source, clause, status, verified.

    Examples
    --------
    >>> provenance("quantities")["status"]
    'project_default'
    """
    return table(name).provenance()


def tables_of_numbers(used: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Of the tables that a run used, those with numbers that results rest on: limits, weights, curves, criteria.

    Parameters
    ----------
    used : iterable of mapping
        Rows with ``name``, such as ``tables_used`` of a run record.

    Returns
    -------
    list of mapping
        The rows in their order, without names, palettes, file formats, survey forms and the list of quantities.

    Examples
    --------
    >>> [row["name"] for row in tables_of_numbers([{"name": "weights/hazards"}, {"name": "names/site"}])]
    ['weights/hazards']
    """
    return [row for row in used if not str(row["name"]).startswith(_WORDS)]


def names(kind: str, key: str, lang: str) -> str:
    """What people read for a key: ``names("hazard", "flood", "zh")``; the key itself when no name is known.

    Examples
    --------
    >>> names("level", "township", "en")
    'township'
    """
    entry = table("names/common").data.get(kind, {}).get(key)
    return str(entry.get(lang, entry.get("en", key))) if entry else key


@cache
def _shipped(name: str) -> StandardTable:
    return _parse(name, shipped_yaml(_ROOT / f"{name}.yml"))


def _parse(name: str, content: object, replaced_by: str | None = None) -> StandardTable:
    place = replaced_by or f"standards/{name}.yml"
    if not isinstance(content, Mapping) or "data" not in content:
        raise StandardTableError(Problem("standards.form", place))
    info = {
        key: value for key, value in content.items() if key not in ("data", "title", "source", "status", "verified")
    }
    if replaced_by:
        info["replaced_by"] = replaced_by
    status = content.get("status", "project_default")
    if status not in _STATUS:
        raise StandardTableError(Problem("standards.status", place, status=status, known=_STATUS))
    return StandardTable(
        name=name,
        data=content["data"],
        title=str(content.get("title", name)),
        source=str(content.get("source", "study" if replaced_by else "")),
        status=status,
        verified=bool(content.get("verified", False)),
        info=MappingProxyType(info),
    )


def _replacement(name: str, value: Mapping[str, Any] | str | Path) -> StandardTable:
    if isinstance(value, Mapping):
        content = value if "data" in value else {"data": value}
        return _parse(name, content, replaced_by="study.yaml (inline)")
    path = Path(value)
    try:
        content = loaded(bounded(path, TEXT_BYTES, what=Phrase("standards_file", name=name)).decode("utf-8-sig"))
    except LayerError as error:
        raise StandardTableError(problems=error.problems) from None
    except (RecursionError, yaml.YAMLError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise StandardTableError(Problem("standards.file", str(path), reason=reason, name=name)) from None
    return _parse(name, content, replaced_by=str(path))


def near_names(name: str, known: Iterable[str]) -> Phrase:
    """Names like a mistyped one, as words that a message may end in; empty words where there is none."""
    near = difflib.get_close_matches(name, list(known), n=3)
    return Phrase("near", names=near) if near else Phrase("nothing")


def mistaken_for(name: str) -> str | None:
    """The shipped table whose name a new one is nearly, as ``survey_forms/shelters`` is; None where there is none."""
    folder, _, own = name.rpartition("/")
    if name in table_names():
        return None
    known = {other.rpartition("/")[2]: other for other in table_names() if other.rpartition("/")[0] == folder}
    near = difflib.get_close_matches(own.lower(), known, n=1, cutoff=_MISTAKEN)
    return known[near[0]] if near else None


def _unknown_table(name: str) -> Problem:
    known = table_names()
    return Problem("standards.table", Phrase("table", name=name), count=len(known), near=near_names(name, known))
