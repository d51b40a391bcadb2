"""Tables of standards as data: each with title, source, status and whether somebody compared it with its source.

Code is formulas; grade limits, weights, curves, palettes and names are files of this folder. A study may replace any of
them by its own file (:func:`session`), and a run records which tables it used and their status.
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import yaml

from riskzoning.errors import Phrase, Problem, StandardTableError, UnitsError, first_few

__all__ = [
    "Quantity",
    "Session",
    "StandardTable",
    "convert_units",
    "is_unit",
    "names",
    "provenance",
    "quantity",
    "replaced",
    "session",
    "shipped_table",
    "table",
    "table_names",
    "unit_factor",
    "used_tables",
]

_ROOT = Path(__file__).parent
_STATUS = ("official", "literature", "project_default")


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
    unknown = [name for name in overrides if name not in table_names()]
    if unknown:
        raise StandardTableError(problems=[_unknown_table(name) for name in unknown])
    opened = Session(overrides)
    token = _session.set(opened)
    try:
        yield opened
    finally:
        _session.reset(token)


@lru_cache(maxsize=1)
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
        return opened.used[name]
    if name not in table_names():
        raise StandardTableError(_unknown_table(name))
    found = _shipped(name)
    if opened is not None:
        opened.used[name] = found
    return found


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


@dataclass(frozen=True)
class Quantity:
    """What a quantity is: kind, unit, plausible range, names.

    ``kind`` is one of ``count intensity density index class distance direction``. Outside ``hard`` a value is an error,
    outside ``soft`` a warning.

    Examples
    --------
    >>> quantity("population").kind, quantity("population").units
    ('count', 'person')
    """

    name: str
    kind: Literal["count", "intensity", "density", "index", "class", "distance", "direction"]
    units: str
    zh: str
    en: str
    hard: tuple[float, float] | None = None
    soft: tuple[float, float] | None = None
    hint: str = ""
    negative_is_nodata: bool = False


def quantity(name: str) -> Quantity:
    """The quantity of that name from the vocabulary.

    Raises
    ------
    StandardTableError
        When the vocabulary does not have it.

    Examples
    --------
    >>> quantity("flood_depth").hard
    (0.0, 30.0)
    """
    entries = table("quantities").data
    if name not in entries:
        near = _near(name, entries)
        raise StandardTableError(
            Problem(
                f"quantity '{name}'",
                "is not in the vocabulary",
                f"one of {len(entries)} quantities" + (f", near ones: {first_few(near)}" if near else ""),
                "Correct the name, or add it to standards/quantities.yml through `standards:` in study.yaml.",
                rule="standards.quantity",
            )
        )
    entry = dict(entries[name])
    for key in ("hard", "soft"):
        if key in entry:
            low, high = entry[key]
            entry[key] = (float(low), float(high))
    return Quantity(name=name, **entry)


def unit_factor(found: str, wanted: str) -> tuple[float, float] | None:
    """Factor and offset that turn a value in unit ``found`` into ``wanted``; None when that is impossible.

    Examples
    --------
    >>> unit_factor("cm", "m"), unit_factor("K", "degC"), unit_factor("kg", "m")
    ((0.01, 0.0), (1.0, -273.15), None)
    """
    entry = table("units")
    aliases = entry.info["aliases"]
    found, wanted = (aliases.get(text.strip(), text.strip()) for text in (found, wanted))
    if found == wanted:
        return 1.0, 0.0
    pair = entry.data.get(wanted, {}).get(found)
    return None if pair is None else (float(pair[0]), float(pair[1]))


def is_unit(text: str) -> bool:
    """Whether a text names a unit of measure that the table of units knows; words and plain numbers are none.

    Examples
    --------
    >>> is_unit("cm"), is_unit("metres"), is_unit("persons in the cell"), is_unit("1")
    (True, True, False, False)
    """
    entry = table("units")
    name = entry.info["aliases"].get(text.strip(), text.strip())
    return name != "1" and any(name == wanted or name in known for wanted, known in entry.data.items())


def convert_units(values: Any, found: str, quantity_name: str, *, thing: Phrase | str) -> Any:
    """Values in the unit of the quantity; works on arrays, layers and tables, lazily when they are lazy.

    Raises
    ------
    UnitsError
        When the declared unit cannot become the quantity's unit; names ``thing``.

    Examples
    --------
    >>> convert_units(150.0, "cm", "flood_depth", thing="layer 'depth'")
    1.5
    """
    wanted = quantity(quantity_name).units
    pair = unit_factor(found, wanted)
    if pair is None:
        known = sorted(table("units").data.get(wanted, {wanted: None}))
        raise UnitsError(
            Problem(
                str(thing),
                f"has units '{found}'",
                f"quantity '{quantity_name}' needs '{wanted}' (known: {', '.join(known)})",
                f'Declare the true unit in study.yaml with "units: {known[0]}", or fix the file.',
                rule="layer.units",
            )
        )
    factor, offset = pair
    if factor == 1.0 and offset == 0.0:
        return values
    return values * factor + offset if offset else values * factor


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
    return _parse(name, yaml.safe_load((_ROOT / f"{name}.yml").read_text(encoding="utf-8")))


def _parse(name: str, content: Any, replaced_by: str | None = None) -> StandardTable:
    if not isinstance(content, Mapping) or "data" not in content:
        raise StandardTableError(
            Problem(
                replaced_by or f"standards/{name}.yml",
                "has no key 'data'",
                "a mapping with data, title, source, status, verified",
                "Copy the shipped table and change its numbers.",
                rule="standards.form",
            )
        )
    info = {
        key: value for key, value in content.items() if key not in ("data", "title", "source", "status", "verified")
    }
    if replaced_by:
        info["replaced_by"] = replaced_by
    status = content.get("status", "project_default")
    if status not in _STATUS:
        raise StandardTableError(
            Problem(
                replaced_by or f"standards/{name}.yml",
                f"has status '{status}'",
                f"one of {', '.join(_STATUS)}",
                "Correct the key 'status'.",
                rule="standards.status",
            )
        )
    return StandardTable(
        name=name,
        data=content["data"],
        title=str(content.get("title", name)),
        source=str(content.get("source", "study" if replaced_by else "")),
        status=status,
        verified=bool(content.get("verified", False)),
        info=MappingProxyType(info),
    )


def _replacement(name: str, value: Any) -> StandardTable:
    if isinstance(value, Mapping):
        content = value if "data" in value else {"data": value}
        return _parse(name, content, replaced_by="study.yaml (inline)")
    path = Path(value)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise StandardTableError(
            Problem(
                str(path),
                f"cannot be read ({str(error).splitlines()[0]})",
                f"a YAML file that replaces the table '{name}'",
                "Correct the path or the file under `standards:` in study.yaml.",
                rule="standards.file",
            )
        ) from None
    return _parse(name, content, replaced_by=str(path))


def _near(name: str, known: Any) -> list[str]:
    import difflib

    return difflib.get_close_matches(name, list(known), n=3)


def _unknown_table(name: str) -> Problem:
    near = _near(name, table_names())
    return Problem(
        f"table of standards '{name}'",
        "does not exist",
        f"one of {len(table_names())} tables" + (f", near ones: {first_few(near)}" if near else ""),
        "Correct the name, or give your own table under `standards:` in study.yaml.",
        rule="standards.table",
    )
