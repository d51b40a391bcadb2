"""What the legend of an index says beside its classes: relative or not, made of which hazards, a mean everywhere."""

from __future__ import annotations

from collections.abc import Iterable

from riskzoning import standards
from riskzoning.maps.furniture import words
from riskzoning.names import MULTI, Index
from riskzoning.results import StudyResult

_DRAWN = "surface_drawn"
_COMMA = {"zh": "、", "en": ", "}


def legend_notes(result: StudyResult, index: Index, lang: str) -> list[str]:
    """Lines for the legend of an index: what it is made of, and which parts of a hazard are the same everywhere."""
    return [*_composite_notes(result, index, lang), *_constant_notes(result, index, lang)]


def _composite_notes(result: StudyResult, index: Index, lang: str) -> list[str]:
    """Of all hazards together: relative where the city itself gives the breaks, of which, and what is absent."""
    if index.hazard != MULTI:
        return []
    cut = result.breaks.get(index)
    lines = [] if cut is not None and (cut.grid.given or cut.units.given) else [words("relative", lang)]
    made_of, missing = result.composite
    if missing:
        lines.append(words("made_of", lang, hazards=_named(made_of, lang), missing=_named(missing, lang)))
    if result.not_applicable:
        lines.append(words("absent", lang, names=_named(result.not_applicable, lang)))
    return lines


def _named(hazards: Iterable[str], lang: str) -> str:
    return _COMMA[lang].join(standards.names("hazard", hazard, lang) for hazard in hazards)


def _constant_notes(result: StudyResult, index: Index, lang: str) -> list[str]:
    """Of a hazard whose stations, or some elements of them, make no surface: it is one mean everywhere."""
    table = result.tables.get("validation")
    if table is None or index.what != "hazard":
        return []
    rows = table[(table["hazard"] == index.hazard) & (table["value"] == 0)]
    measures = [text for text in map(str, rows["measure"]) if text.rpartition(".")[2] == _DRAWN]
    if not measures:
        return []
    kinds = standards.table("hazards/meteorology_measures").data["kinds"]
    names = [
        kinds[part][lang] if (part := text.rpartition(".")[0]) in kinds else part or words("weather", lang)
        for text in measures
    ]
    return [words("constant", lang, names=_COMMA[lang].join(names))]
