"""What the grades of all hazards together are: relative where the city itself gives the breaks, and made of which."""

from __future__ import annotations

from riskzoning import standards
from riskzoning.maps.furniture import words
from riskzoning.names import MULTI, Index
from riskzoning.results import StudyResult


def composite_notes(result: StudyResult, index: Index, lang: str) -> list[str]:
    """Lines for the legend of an index of all hazards together; none for that of one hazard."""
    if index.hazard != MULTI:
        return []
    table = result.tables.get("breaks")
    rules = set() if table is None else set(table.loc[table["index"] == index.key, "rule"])
    lines = [] if rules & {"fixed", "frozen", "ladder"} else [words("relative", lang)]
    made_of, missing = result.composite
    if missing:
        comma = {"zh": "、", "en": ", "}[lang]
        of = {"hazards": made_of, "missing": missing}
        names = {key: comma.join(standards.names("hazard", one, lang) for one in keys) for key, keys in of.items()}
        lines.append(words("made_of", lang, **names))
    return lines
