"""From daily station values to events and their index per year; one engine for every kind of event.

Kinds are entries of ``hazards/meteorology_events``: which days make an event, what makes it severe. An event's index is
the weighted sum of its normalised factors; the weights come from entropy over all events of all stations; a station's
value is the mean over complete years of the sum of the year's events.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.hazards.inputs import Facts, input_of
from riskzoning.hazards.meteorology.measures import daily_series, elements_for, has_values, in_window
from riskzoning.hazards.stations import tell_gaps, valid_elements
from riskzoning.layers.plausible import is_settled, takes
from riskzoning.methods.events import Statistic, annual_values, completeness, over_events, spells
from riskzoning.methods.ranges import spans
from riskzoning.methods.weights import entropy


@dataclass(frozen=True, eq=False)
class EventTables:
    """Events of one kind and the years they may be counted in.

    Parameters
    ----------
    events : DataFrame
        ``station start end length extreme sum`` and a column for each factor.
    coverage : DataFrame
        ``station year days share complete``.
    start_month : int

    Examples
    --------
    >>> EventTables(pd.DataFrame(), pd.DataFrame(), 7).start_month
    7
    """

    events: pd.DataFrame
    coverage: pd.DataFrame
    start_month: int


@dataclass(frozen=True)
class EventScale:
    """What turns the factors of an event into its index: range and weight of each factor.

    Parameters
    ----------
    low, high, weights : mapping factor -> number
    directions : mapping factor -> +1 or -1
    half : bool
        Scale factors to 0.5..1 instead of 0..1.

    Examples
    --------
    >>> scale = EventScale({"days": 1.0}, {"days": 5.0}, {"days": 1.0}, {"days": 1})
    >>> scale.index(pd.DataFrame({"days": [1, 3, 9]})).tolist()
    [0.0, 0.5, 1.0]
    """

    low: Mapping[str, float]
    high: Mapping[str, float]
    weights: Mapping[str, float]
    directions: Mapping[str, int]
    half: bool = False

    def normalised(self, events: pd.DataFrame) -> pd.DataFrame:
        """Factors on 0..1 (or 0.5..1), larger is worse; a factor that is the same in all events is 0.

        Examples
        --------
        >>> scale = EventScale({"cold": -20.0}, {"cold": 0.0}, {"cold": 1.0}, {"cold": -1})
        >>> scale.normalised(pd.DataFrame({"cold": [-20.0, -5.0]}))["cold"].tolist()
        [1.0, 0.25]
        """
        out = {}
        for name in self.weights:
            low, high = self.low[name], self.high[name]
            wide = spans(low, high)
            share = (events[name] - low) / (high - low) if wide else events[name] * 0.0
            share = (share if self.directions[name] > 0 else (1.0 - share) * wide).clip(0.0, 1.0)
            out[name] = 0.5 + 0.5 * share if self.half else share
        return pd.DataFrame(out, index=events.index)

    def as_record(self) -> dict[str, Any]:
        """Ranges and weights of the factors, as JSON holds them.

        Examples
        --------
        >>> EventScale({"days": 1.0}, {"days": 5.0}, {"days": 1.0}, {"days": 1}).as_record()["high"]
        {'days': 5.0}
        """
        return {"low": dict(self.low), "high": dict(self.high), "weights": dict(self.weights), "half": self.half}

    def index(self, events: pd.DataFrame) -> pd.Series[float]:
        """Index of each event; a factor that is missing leaves its weight to the others.

        Examples
        --------
        >>> scale = EventScale({"a": 0, "b": 0}, {"a": 1, "b": 1}, {"a": 0.5, "b": 0.5}, {"a": 1, "b": 1})
        >>> scale.index(pd.DataFrame({"a": [1.0, 1.0], "b": [0.0, np.nan]})).tolist()
        [0.5, 1.0]
        """
        factors = self.normalised(events)
        weights = pd.Series(dict(self.weights), dtype=np.float64)
        present = factors.notna().mul(weights).sum(axis=1)
        return factors.mul(weights).sum(axis=1) / present.where(present > 0)


@takes()
def event_tables(stations: xr.Dataset, kind: str, *, day: float | None = None) -> EventTables:
    """Events of a kind at every station, with their factors.

    Parameters
    ----------
    stations : Dataset
        ``station`` x ``time``, daily.
    kind : str
        An entry of ``hazards/meteorology_events``.
    day : float, optional
        Another limit for a day to belong to an event, e.g. 10 mm for rain processes.

    Raises
    ------
    LayerError
        No such kind, an element that lacks or has no value, or a time axis that is not ascending.

    Examples
    --------
    >>> time = pd.date_range("2001-01-01", "2001-12-31")
    >>> rain = xr.DataArray(np.zeros((1, 365)), coords={"station": ["a"], "time": time}, dims=("station", "time"))
    >>> rain[0, 199:202] = [5.0, 60.0, 20.0]
    >>> event_tables(rain.to_dataset(name="precipitation"), "rainstorm").events[["total", "daily_max", "days"]]
       total  daily_max  days
    0   85.0       60.0   3.0
    """
    table = standards.table("hazards/meteorology_events").data
    rule = event_rule(kind)
    stations = _checked(stations, kind, rule)
    series = daily_series(stations, rule["series"])
    limit = float(rule["day"] if day is None else day)
    inside = in_window(series.indexes["time"], rule.get("window"))
    counted = series if inside.all() else series.where(xr.DataArray(inside, dims="time"))
    events = spells(counted, limit, op=rule["op"], min_length=rule["min_length"], max_gap=rule["max_gap"])
    if rule["core"] is not None:
        reached = events["extreme"] >= rule["core"] if rule["op"] in (">=", ">") else events["extreme"] <= rule["core"]
        events = events[reached].reset_index(drop=True)
    for name, factor in rule["factors"].items():
        events[name] = _factor(events, daily_series(stations, factor["of"]), factor["by"])
    coverage = completeness(series, min_share=table["min_year_share"], start_month=rule["start_month"])
    if not is_settled():
        _tell_none(kind, events, coverage)
    return EventTables(events, coverage, int(rule["start_month"]))


def _tell_none(kind: str, events: pd.DataFrame, coverage: pd.DataFrame) -> None:
    """Tell of a kind that never occurred in the complete years: its index is 0 there, which is no missing value."""
    whole = coverage[coverage["complete"]]
    if len(events) or whole.empty:
        return
    first, last, count = int(whole["year"].min()), int(whole["year"].max()), int(whole["station"].nunique())
    thing = input_of("meteorology", "stations")
    note(Problem(
        "meteorology.no_events", thing, severity="warning", kind=kind, count=count, first=first, last=last,
    ))  # fmt: skip


def event_rule(kind: str) -> Facts:
    """The entry of a kind of event; an unknown kind is refused."""
    kinds: Mapping[str, Facts] = standards.table("hazards/meteorology_events").data["kinds"]
    if kind not in kinds:
        thing = Phrase("hazard", name="meteorology")
        raise LayerError(Problem("meteorology.kind_names", thing, field="kind", names=[kind], known=list(kinds)))
    return kinds[kind]


def _checked(stations: xr.Dataset, kind: str, rule: Facts) -> xr.Dataset:
    """The stations with valid values of what an event needs; refuses elements that lack or are in another unit."""
    names = [rule["series"], *(factor["of"] for factor in rule["factors"].values())]
    missing = [name for name in elements_for(stations, names).values() if not has_values(stations, name)]
    if missing:
        have = [str(name) for name in stations.data_vars if has_values(stations, str(name))]
        shown = Phrase("these_elements", names=have) if have else Phrase("no_elements")
        thing = input_of("meteorology", "stations")
        lacking = list(dict.fromkeys(missing))
        raise LayerError(Problem("meteorology.event_elements", thing, have=shown, missing=lacking, kind=kind))
    valid = valid_elements(stations, elements_for(stations, names).values(), hazard="meteorology")
    if rejected := valid.attrs["rejected"]:
        counts = [Phrase("count_of", count=count, name=name) for name, count in rejected.items()]
        note(Problem("stations.values", input_of("meteorology", "stations"), severity="warning", counts=counts))
    if not is_settled():  # A run has told it of all elements together.
        tell_gaps(valid, dict.fromkeys(elements_for(stations, names).values()), hazard="meteorology")
    return valid


@takes()
def return_levels(
    stations: xr.Dataset,
    kind: str,
    return_periods: Sequence[float] = (10, 20, 50, 100),
    *,
    distribution: Literal["pearson3", "gev", "gumbel"] = "pearson3",
) -> pd.DataFrame:
    """Levels that the extreme of a year reaches once in so many years, for a kind of event at every station (重现期).

    Parameters
    ----------
    stations : Dataset
        ``station`` x ``time``, daily.
    kind : str
        An entry of ``hazards/meteorology_events`` with ``extreme``: largest daily rain of rainstorms, largest rain of
        five days of continuous rain, highest temperature of heat, strongest gust, lowest minimum of cold waves, and of
        frost between jointing and maturity, largest hailstone, least visibility ...
    return_periods : sequence of float
        Years, above 1.
    distribution : {"pearson3", "gev", "gumbel"}

    Returns
    -------
    DataFrame
        ``station kind element days return_period level years``: ``days`` over which the element is summed; years July
        to June for kinds of the cold season. NaN where a station has too few complete years (5; below 15 it is warned)
        or its extremes are all the same. Years without hail are a share of their own.

    Raises
    ------
    LayerError
        No such kind, no extreme of it, an element that lacks, or no station that can be fitted.

    Examples
    --------
    >>> time = pd.date_range("1991-01-01", "2020-12-31")
    >>> rng = np.random.default_rng(0)
    >>> rain = np.where(rng.random((1, time.size)) < 0.1, rng.gamma(0.8, 18.0, (1, time.size)), 0.0)
    >>> data = xr.Dataset({"precipitation": (("station", "time"), rain)}, {"station": ["a"], "time": time})
    >>> return_levels(data, "rainstorm", [10, 50])[["return_period", "level", "years"]].round(0).values.tolist()
    [[10.0, 92.0, 30], [50.0, 116.0, 30]]
    """
    from riskzoning.methods.extremes import fit, yearly_extremes  # slow to import

    rule = event_rule(kind)
    extreme = rule.get("extreme")
    if extreme is None:
        kinds = standards.table("hazards/meteorology_events").data["kinds"]
        known = [name for name, entry in kinds.items() if entry.get("extreme")]
        raise LayerError(
            Problem("meteorology.no_extreme", Phrase("hazard", name="meteorology"), kind=kind, known=known)
        )
    stations = _checked(stations, kind, {"series": extreme["of"], "factors": {}})
    daily = _days_of_extreme(daily_series(stations, extreme["of"]), rule, extreme)
    season: Literal["calendar", "cold"] = "cold" if int(rule["start_month"]) == 7 else "calendar"
    yearly = yearly_extremes(daily, mode=extreme["mode"], season=season)
    zeros: Literal["fit", "mixed"] = "mixed" if extreme.get("zeros") == "mixed" else "fit"
    levels = fit(yearly, distribution, mode=extreme["mode"], zeros=zeros).return_level(list(return_periods))
    table = levels.T.rename_axis("station").reset_index()
    table = table.melt(id_vars="station", var_name="return_period", value_name="level")
    table["years"] = table["station"].map(yearly.count()).astype(int)
    table.insert(1, "kind", kind)
    table.insert(2, "element", extreme["of"])
    table.insert(3, "days", int(extreme.get("days", 1)))
    return table.sort_values(["station", "return_period"], kind="stable", ignore_index=True)


def _days_of_extreme(series: xr.DataArray, rule: Facts, extreme: Facts) -> pd.DataFrame:
    """Daily values whose extreme of a year is wanted: sums of several days, or those of a season alone.

    Days outside the season take the mildest value of their station, so that they are known and never the extreme.
    """
    time, names = pd.DatetimeIndex(series.indexes["time"]), series["station"].to_numpy()
    values = series.to_numpy().astype(np.float64).T
    if extreme.get("season"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a station without any value
            mildest = np.nanmin(values, axis=0) if extreme["mode"] == "max" else np.nanmax(values, axis=0)
        kept = in_window(time, rule.get("window"))[:, None] | np.isnan(values)
        values = np.where(kept, values, mildest)
    daily, days = pd.DataFrame(values, index=time, columns=names), int(extreme.get("days", 1))
    return daily if days == 1 else daily.rolling(f"{days}D", min_periods=days).sum()


def _factor(events: pd.DataFrame, series: xr.DataArray, by: Statistic) -> Any:
    """A statistic of a series over the days of each event; NaN where the event has no value of it."""
    time = series.indexes["time"]
    rows = pd.Index(series["station"].to_numpy()).get_indexer(events["station"])
    first, last = (time.get_indexer(events[end]) for end in ("start", "end"))
    return over_events(series.to_numpy(), rows, first, last, by)


@takes()
def event_scale(tables: EventTables, kind: str, *, normalise: str | None = None) -> EventScale:
    """Ranges and entropy weights of the factors, over all events of all stations.

    Fewer than three events, or factors that are all constant, get equal weights; no weight exceeds the largest one of
    the table (0.6), as counts, most of them small, else take nearly everything.

    Parameters
    ----------
    tables : EventTables
    kind : str
    normalise : {"minmax", "half"}, optional
        Default from the table.

    Examples
    --------
    >>> events = pd.DataFrame({"total": [50.0, 90.0, 70.0], "daily_max": [50.0, 60.0, 51.0], "days": [1.0, 3.0, 2.0]})
    >>> scale = event_scale(EventTables(events, pd.DataFrame(), 1), "rainstorm")
    >>> round(sum(scale.weights.values()), 9), scale.high["total"]
    (1.0, 90.0)
    """
    table = standards.table("hazards/meteorology_events").data
    factors = event_rule(kind)["factors"]
    half = (normalise or table["normalise"]) == "half"
    columns = tables.events[list(factors)]
    directions = {name: int(rule.get("direction", 1)) for name, rule in factors.items()}
    low = {name: float(columns[name].min()) if columns[name].notna().any() else 0.0 for name in factors}
    high = {name: float(columns[name].max()) if columns[name].notna().any() else 0.0 for name in factors}
    even = EventScale(low, high, dict.fromkeys(factors, 1 / len(factors)), directions, half)
    scaled = even.normalised(columns).dropna()
    _tell_constant(kind, columns, low, high)
    if (
        len(scaled) < 3
        or not any(spans(low[name], high[name]) for name in factors)
        or not spans(scaled.min(), scaled.max()).any()
    ):
        return even
    weights = entropy(scaled, most=float(table["largest_weight"])).weights
    return EventScale(low, high, {name: float(weights[name]) for name in factors}, directions, half)


def _tell_constant(kind: str, columns: pd.DataFrame, low: Mapping[str, float], high: Mapping[str, float]) -> None:
    """Tell of factors that are the same in all events: they tell no event from another and count as 0."""
    same = [name for name in low if columns[name].notna().any() and not spans(low[name], high[name])]
    if not same or (is_settled() and len(same) < len(columns.columns)):
        return
    shown = [Phrase("factor_is", name=name, value=low[name]) for name in same]
    rule = "meteorology.constant_factors" if len(same) == len(columns.columns) else "meteorology.constant_factor"
    thing = Phrase("kind_events", kind=kind)
    note(Problem(rule, thing, severity="warning", count=len(columns), factors=shown))


@takes()
def station_values(tables: EventTables, scale: EventScale, *, min_years: int | None = None) -> pd.DataFrame:
    """Mean over complete years of the annual sum of event indices, for each station.

    Parameters
    ----------
    tables : EventTables
    scale : EventScale
    min_years : int, optional
        Complete years that a station needs, default from the table; with fewer its value is NaN.

    Returns
    -------
    DataFrame
        Index ``station``: ``value`` (event index a year), ``events`` (a year), ``years`` (complete).

    Examples
    --------
    >>> time = pd.date_range("2001-01-01", "2003-12-31")
    >>> rain = xr.DataArray(np.zeros((1, time.size)), coords={"station": ["a"], "time": time}, dims=("station", "time"))
    >>> rain[0, [199, 600, 603, 604]] = [60.0, 80.0, 120.0, 90.0]
    >>> tables = event_tables(rain.to_dataset(name="precipitation"), "rainstorm")
    >>> station_values(tables, event_scale(tables, "rainstorm")).round(3)
             value  events  years
    station
    a        0.372     1.0      3
    """
    least = int(standards.table("hazards/meteorology_events").data["min_years"]) if min_years is None else min_years
    events = tables.events.assign(index_of_event=scale.index(tables.events))
    annual = annual_values(events, tables.coverage, "index_of_event", start_month=tables.start_month)
    grouped = annual.groupby("station", sort=False)
    out = pd.DataFrame(
        {
            "value": grouped["index_of_event"].mean(),
            "events": grouped["events"].mean(),
            "years": grouped["complete"].sum().astype(int),
        }
    )
    out.loc[out["years"] < least, ["value", "events"]] = np.nan
    return out
