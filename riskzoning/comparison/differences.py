"""What differs between two runs before anything was computed: files, keys of the study, tables, the program.

What changed in a unit is ascribed to what differs among the things that it is made of (:class:`Feed`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from riskzoning.comparison.runs import ComparedRun
from riskzoning.names import Index

# What stands in a study without a bearing on any number of a unit.
_NO_BEARING = (
    "name", "language", "outputs", "run", "code", "uncertainty", "planning", "zoning.zones", "zoning.regions",
    "zoning.landforms", "zoning.prevention",
)  # fmt: skip
# Where a file lies says nothing of what is in it: its checksum does.
_PLACES = ("path", "paths", "stations")
INPUT, PARAMETER, METHOD, TABLE, WEIGHT, BREAK, CODE = (
    "input", "parameter", "method", "table", "weight", "break", "code",
)  # fmt: skip
PROGRAM, UNKNOWN = "program", "unknown"
# The order in which several causes of one step are named, and in which steps are taken.
CAUSES = (CODE, INPUT, TABLE, PARAMETER, METHOD, WEIGHT, BREAK, PROGRAM, UNKNOWN)


class Because(NamedTuple):
    """A cause of :data:`CAUSES` (several joined by ``;`` where they cannot be told apart), and the names of things."""

    cause: str
    detail: str


@dataclass(frozen=True)
class Feed:
    """What something is made of: names of inputs, keys of the study and tables, each with all that stands below."""

    files: frozenset[str] = frozenset()
    keys: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()

    def __or__(self, other: Feed) -> Feed:
        """Both."""
        return Feed(self.files | other.files, (*self.keys, *other.keys), (*self.tables, *other.tables))


@dataclass(frozen=True)
class Differences:
    """What differs between two runs: names of inputs, dotted keys of the study, tables, versions of the program."""

    files: tuple[str, ...]
    keys: tuple[str, ...]
    tables: tuple[str, ...]
    versions: tuple[str, ...]
    before: ComparedRun
    after: ComparedRun

    @classmethod
    def between(cls, before: ComparedRun, after: ComparedRun) -> Differences:
        """What differs between two runs."""
        sums = [_checksums(run.record) for run in (before, after)]
        files = _differing(*sums)
        flat = [dict(_flat(_by_name(run.study))) for run in (before, after)]
        keys = [key for key in _differing(*flat) if not _within(key, _NO_BEARING)]
        tables = {key.split(".", 1)[1].split(".")[0] for key in keys if key.startswith("standards.")}
        tables |= {name.removeprefix("standards.") for name in files if name.startswith("standards.")}
        return cls(
            files=tuple(name for name in files if not name.startswith(("standards.", "weights."))),
            keys=tuple(key for key in keys if not key.startswith("standards.")),
            tables=tuple(sorted(tables)),
            versions=tuple(_versions(before.record, after.record)),
            before=before,
            after=after,
        )

    @property
    def weights(self) -> tuple[str, ...]:
        """Keys and tables of the weights of hazards that differ; the fixed ones are the weights themselves."""
        keys = [key for key in self.keys if _within(key, ("weights",)) and not _within(key, ("weights.fixed",))]
        return (*keys, *_among(self.tables, ("weights/hazards",)))

    def because(self, *feeds: Feed) -> Because:
        """What differs in the first of these feeds where anything does; what differs at all where none says it."""
        for feed in feeds:
            made = self._of(feed)
            if made.cause:
                return made
        every = self._of(Feed(frozenset(self.files), ("",), ("",)))
        if every.cause:
            return every
        return Because(PROGRAM, ", ".join(self.versions)) if self.versions else Because(UNKNOWN, "")

    def _of(self, feed: Feed) -> Because:
        files = [name for name in self.files if _within(name, feed.files)]
        keys = [key for key in self.keys if _within(key, feed.keys) and not _within(key, ("weights",))]
        tables = _among(self.tables, feed.tables)
        named: dict[str, list[str]] = {INPUT: files, TABLE: tables}
        for key in keys:
            named.setdefault(_kind(key), []).append(key)
        causes = [cause for cause in CAUSES if named.get(cause)]
        return Because(";".join(causes), ", ".join(name for cause in causes for name in named[cause]))

    @cached_property
    def ground(self) -> Feed:
        """What every value of a unit rests on: its boundaries and the grid."""
        return Feed(frozenset({"admin"}), ("admin", "grid"))

    def hazard(self, name: str) -> Feed:
        """What a hazard is made of."""
        files = set[str]()
        for run in (self.before, self.after):
            of_hazard = _by_name(run.study).get("hazards", {}).get(name, {})
            files |= _named(of_hazard.get("inputs", {}), run)
        keys = (
            f"hazards.{name}",
            f"zoning.frozen.{Index(name, 'hazard').key}",
            "seed",
            *(f"inputs.{file}" for file in files),
        )
        return Feed(frozenset(files), keys, (f"ladders/{name}", f"hazards/{name}"))

    def receptor(self, name: str) -> Feed:
        """What the exposure of a receptor is made of, and the receptor that it is spread by."""
        files, sections = set[str](), {name}
        for run in (self.before, self.after):
            exposure = run.section("exposure")
            by = (exposure.get(name) or {}).get("spread_by")
            sections |= {by} if isinstance(by, str) and by in exposure else set()
            files |= {file for section in sections for file in _named(exposure.get(section), run)}
        keys = (*(f"exposure.{section}" for section in sections), *(f"inputs.{file}" for file in files))
        return Feed(frozenset(files), keys, ("exposure/",))

    def exposure(self, receptors: Iterable[str]) -> Feed:
        """What the exposure of several receptors is made of."""
        whole = Feed()
        for name in receptors:
            whole = whole | self.receptor(name)
        return whole


def _kind(key: str) -> str:
    if _within(key, ("inputs",)):
        return INPUT
    return METHOD if _within(key, ("risk", "grades")) else PARAMETER


def _within(name: str, above: Iterable[str]) -> bool:
    return any(not one or name == one or name.startswith(f"{one}.") for one in above)


def _among(tables: Iterable[str], starts: tuple[str, ...]) -> list[str]:
    return [name for name in tables if name.startswith(starts)] if starts else []


def _differing(one: Mapping[str, object], other: Mapping[str, object]) -> list[str]:
    """Names under which two mappings do not hold the same."""
    lost = object()
    return [name for name in dict.fromkeys([*one, *other]) if one.get(name, lost) != other.get(name, lost)]


def _checksums(record: Mapping[str, Any]) -> dict[str, object]:
    return {str(row["name"]): row.get("sha256") for row in record.get("inputs", ())}


def _by_name(study: Mapping[str, Any]) -> dict[str, Any]:
    """The study with its hazards by name."""
    return {**study, "hazards": {str(item["hazard"]): item for item in study.get("hazards", ())}}


def _flat(value: object, key: str = "") -> Iterator[tuple[str, object]]:
    """Dotted keys and what they hold; lists and numbers are whole."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name not in _PLACES or not key.startswith(("inputs.", "admin")):
                yield from _flat(item, f"{key}.{name}" if key else str(name))
    elif value is not None:
        # A key without a value is a key that was not given.
        yield key, list(value) if isinstance(value, tuple) else value


def _named(value: object, run: ComparedRun) -> set[str]:
    """The inputs of a run that stand anywhere in a value."""
    if isinstance(value, str):
        return {value} if value in run.section("inputs") else set()
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return {name for item in items for name in _named(item, run)}


def _versions(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = before.get("versions", {}), after.get("versions", {})
    for name in _differing(old, new):
        yield f"{name} {old.get(name, '-')} → {new.get(name, '-')}"
