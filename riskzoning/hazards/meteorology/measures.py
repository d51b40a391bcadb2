"""What stands on the ladders: days or events of hazardous weather in a year, each times the factor of its class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.cells import Array
from riskzoning.hazards.inputs import input_of
from riskzoning.hazards.meteorology.series import daily_series, elements_for, has_values, in_window, most_severe
from riskzoning.methods.events import season_year, spells


def kinds() -> dict[str, dict[str, Any]]:
    """The entries of ``hazards/meteorology_measures``, one a sub-hazard."""
    entries: dict[str, dict[str, Any]] = standards.table("hazards/meteorology_measures").data["kinds"]
    return entries


def elements_of(kind: str, stations: xr.Dataset | None = None) -> list[str]:
    """Elements that a sub-hazard needs; of those that may stand in for each other the one that the stations have."""
    return list(dict.fromkeys(elements_for(stations, [kinds()[kind]["series"]]).values()))


def stand_ins(kind: str, stations: xr.Dataset) -> dict[str, str]:
    """Elements that are not observed -> what stands in for them."""
    pairs = elements_for(stations, [kinds()[kind]["series"]]).items()
    return {wanted: used for wanted, used in pairs if wanted != used}


def kinds_available(
    stations: xr.Dataset, wanted: Sequence[str] | None = None
) -> tuple[list[str], dict[str, list[str]]]:
    """Sub-hazards (default: all) that the elements of the stations allow; for the others the elements they lack."""
    table = kinds()
    unknown = [kind for kind in wanted or () if kind not in table]
    thing = Phrase("hazard", name="meteorology")
    if unknown:
        raise LayerError(Problem("meteorology.kind_names", thing, field="kinds", names=unknown, known=list(table)))
    lacking = {
        kind: [name for name in elements_of(kind, stations) if not has_values(stations, name)]
        for kind in wanted or table
    }
    usable, skipped = [kind for kind in lacking if not lacking[kind]], {k: v for k, v in lacking.items() if v}
    if not usable:
        needs = [Phrase("meteorology_needs", kind=kind, elements=elements_of(kind)) for kind in table]
        have = list(map(str, stations.data_vars))
        shown = Phrase("these_elements", names=have) if have else Phrase("no_elements")
        raise LayerError(Problem("meteorology.elements", input_of("meteorology", "stations"), have=shown, needs=needs))
    return usable, skipped


def daily_scores(stations: xr.Dataset, kind: str) -> xr.DataArray:
    """What each day adds to the measure, ``station`` x ``time``: the factor of its class, 0, or NaN where unknown."""
    rule = kinds()[kind]
    factors = standards.table("ladders/meteorology").data.get(kind, {}).get("factors", {})
    series = daily_series(stations, rule["series"])
    scores = most_severe(series.to_numpy(), rule, factors)
    if rule["per"] == "event":
        scores = _once(series.copy(data=scores))
    return series.copy(data=scores)


def _once(scores: xr.DataArray) -> Array:
    """The score of consecutive days, the largest of them, on the first of them."""
    events = spells(scores, 0.0, op=">")
    out = np.where(np.isfinite(scores.to_numpy()), 0.0, np.nan)
    rows = {station: row for row, station in enumerate(scores["station"].to_numpy())}
    first = scores.indexes["time"].get_indexer(events["start"])
    out[[rows[station] for station in events["station"]], first] = events["extreme"].to_numpy()
    return out


def annual_measures(stations: xr.Dataset, kind: str) -> pd.DataFrame:
    """The measure of each year: ``station year value count complete``, NaN where too many days lack a value.

    ``count``: days or events, whatever their class. A year that the series only touches is not complete.
    """
    rule, least = kinds()[kind], float(standards.table("hazards/meteorology_measures").data["min_year_share"])
    scores = daily_scores(stations, kind)
    time = scores.indexes["time"]
    inside = in_window(time, rule.get("window"))
    years = season_year(time, start_month=int(rule["start_month"]))
    every = np.unique(years)
    values = scores.to_numpy()[:, inside]
    place = np.searchsorted(every, years[inside])
    known, value, count = (
        np.stack([np.bincount(place, weights=row, minlength=every.size) for row in rows])
        for rows in (np.isfinite(values), np.nan_to_num(values), np.nan_to_num(values) > 0)
    )
    length = np.array([_days_of(int(year), rule) for year in every])
    complete = known >= least * length
    names = scores["station"].to_numpy()
    return pd.DataFrame(
        {
            "station": np.repeat(names, every.size),
            "year": np.tile(every, names.size),
            "value": np.where(complete, value, np.nan).ravel(),
            "count": np.where(complete, count, np.nan).ravel(),
            "complete": complete.ravel(),
        }
    )


def _days_of(year: int, rule: dict[str, Any]) -> int:
    """Days of a year of a sub-hazard that count."""
    first = pd.Timestamp(year, int(rule["start_month"]), 1)
    days = pd.date_range(first, first + pd.DateOffset(years=1), inclusive="left")
    return int(in_window(days, rule.get("window")).sum())


def station_measures(annual: pd.DataFrame, *, min_years: int) -> pd.DataFrame:
    """Mean of the complete years of each station: ``value count years``; NaN with fewer years than needed."""
    grouped = annual.groupby("station", sort=False)
    out = grouped[["value", "count"]].mean()
    out["years"] = grouped["complete"].sum().astype(int)
    out.loc[out["years"] < min_years, ["value", "count"]] = np.nan
    return out
