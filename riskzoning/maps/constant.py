"""What a hazard takes as one mean everywhere, because its stations make no surface: the legend says so."""

from __future__ import annotations

from riskzoning import standards
from riskzoning.maps.composite import composite_notes
from riskzoning.maps.furniture import words
from riskzoning.names import Index
from riskzoning.results import StudyResult

_DRAWN = "surface_drawn"


def legend_notes(result: StudyResult, index: Index, lang: str) -> list[str]:
    """Lines for the legend of an index: what it is made of, and which parts of a hazard are the same everywhere."""
    return [*composite_notes(result, index, lang), *constant_notes(result, index, lang)]


def constant_notes(result: StudyResult, index: Index, lang: str) -> list[str]:
    """A line for the legend of a hazard whose stations, or some elements of them, make no surface."""
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
    return [words("constant", lang, names={"zh": "、", "en": ", "}[lang].join(names))]
