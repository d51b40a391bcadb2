"""What the front of the page says: objects in danger by kind, and what a reader must know to be missing."""

from __future__ import annotations

from typing import Any

from riskzoning import standards
from riskzoning.errors import LANGUAGES, counted
from riskzoning.exposure.kinds import kind_names
from riskzoning.results import StudyResult

# The upper two of five grades.
_HIGH = 4


def front_data(result: StudyResult) -> dict[str, Any]:
    """Objects of the upper two grades by kind, the most first; sentences on what is missing, by language."""
    return {"objects": _objects(result), "missing": {lang: _missing(result, lang) for lang in LANGUAGES}}


def _objects(result: StudyResult) -> list[dict[str, Any]]:
    frame = result.zones.get("objects")
    if frame is None or frame.empty:
        return []
    high = (frame["max_grade"] >= _HIGH).groupby(frame["kind"]).agg(["sum", "size"])
    high = high.reset_index().sort_values(["sum", "size", "kind"], ascending=[False, False, True])
    return [
        {**kind_names(str(kind)), "high": int(count), "all": int(size)}
        for kind, count, size in high.itertuples(index=False)
        if count
    ]


def _missing(result: StudyResult, lang: str) -> list[str]:
    words = standards.table("names/site").data[lang]
    lines = []
    if result.not_applicable:
        names = [standards.names("hazard", hazard, lang) for hazard in result.not_applicable]
        lines.append(words["absent_hazards"].format(names=words["joint"].join(names)))
    if result.composite[1]:
        names = [standards.names("hazard", hazard, lang) for hazard in result.composite[1]]
        lines.append(words["missing_hazards"].format(names=words["joint"].join(names)))
    warnings, dropped = (len(result.record.get(key, [])) for key in ("warnings", "dropped"))
    if warnings or dropped:
        told = {"warnings": warnings, "dropped": dropped}
        lines.append(counted(words["missing_notes"], told, lang).format(**told))
    used = standards.tables_of_numbers(result.record.get("tables_used", []))
    unverified = sum(not row["verified"] for row in used)
    if unverified:
        told_of = "missing_tables_one" if unverified == 1 and "missing_tables_one" in words else "missing_tables"
        lines.append(words[told_of].format(count=unverified))
    return lines
