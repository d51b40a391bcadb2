"""Tables of standards that a study replaces: whether they have the shape of the shipped ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from riskzoning import standards
from riskzoning.errors import Phrase, Problem, StandardTableError


def replaced_table_problems(name: str) -> Iterator[Problem]:
    """Compare the replacement of a table, in the open session, with the shipped table: kind, keys, numbers."""
    try:
        table = standards.table(name)
    except StandardTableError as error:
        yield from error.problems
        return
    thing = Phrase("replaced_table", name=name, file=table.info.get("replaced_by", "study.yaml"))
    yield from _differences(table.data, standards.shipped_table(name).data, thing, ())


def _differences(given: object, shipped: object, thing: Phrase, at: tuple[str, ...]) -> Iterator[Problem]:
    field = ".".join(("data", *at))
    if _kind(given).key != _kind(shipped).key:
        yield Problem("standards.shape", thing, field=field, shape=_shown(given), wanted=_kind(shipped))
    elif isinstance(shipped, Mapping) and isinstance(given, Mapping) and not at:
        lost = [str(key) for key in shipped if key not in given]
        if lost:
            yield Problem("standards.keys", thing, keys=lost)
        for key in shipped:
            if key in given:
                yield from _differences(given[key], shipped[key], thing, (str(key),))


def _kind(value: object) -> Phrase:
    if isinstance(value, Mapping):
        return Phrase("kind_mapping")
    if isinstance(value, list | tuple):
        return Phrase("kind_list")
    if isinstance(value, bool):
        return Phrase("kind_flag")
    if isinstance(value, int | float):
        return Phrase("kind_number")
    return Phrase("kind_text" if isinstance(value, str) else "kind_nothing")


def _shown(value: object) -> Phrase:
    return _kind(value) if value is None or isinstance(value, Mapping | list | tuple) else Phrase("quoted", value=value)
