"""Why a unit has no grade, as its card says it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from riskzoning import standards
from riskzoning.errors import Phrase
from riskzoning.results import StudyResult

_LANGUAGES = ("zh", "en")
_KEYS = ["hazard", "receptor", "indicator"]


def reasons_of(result: StudyResult) -> dict[str, dict[str, str]]:
    """The reasons that units of the result have for lacking a grade, in both languages, by key."""
    table = result.tables.get("no_grade")
    if table is None or not len(table):
        return {}
    # Reasons with numbers of their own are told without them: the table has them in one language.
    plain = {lang: standards.table("names/site").data[lang]["no_grade"] for lang in _LANGUAGES}
    return {
        key: {lang: plain[lang].get(key) or Phrase(f"reason_{key}").text(lang) for lang in _LANGUAGES}
        for key in sorted(table["reason"].astype(str).unique())
    }


def ungraded_units(result: StudyResult, level: str, codes: list[str]) -> dict[str, Any]:
    """``no_grade``: column of grades -> reason -> places of the units that lack it, or true for all of them."""
    table = result.tables.get("no_grade")
    own = table[table["level"] == level] if table is not None else pd.DataFrame()
    if not len(own):
        return {}
    place = {code: at for at, code in enumerate(codes)}
    columns = {(one.hazard, one.receptor or "", one.grade_quantity): one.grade_key for one in result.indices}
    units_by: dict[str, dict[str, Any]] = {}
    for (hazard, receptor, indicator), rows in own.fillna("").groupby(_KEYS, sort=False):
        column = columns.get((str(hazard), str(receptor), str(indicator)))
        if column is None:  # of a hazard that does not exist here: it has no place on the page
            continue
        for reason, units in rows.groupby("reason", sort=False)["code"]:
            at = sorted(place[str(code)] for code in units if str(code) in place)
            units_by.setdefault(column, {})[str(reason)] = True if len(at) == len(codes) else at
    return {"no_grade": units_by} if units_by else {}
