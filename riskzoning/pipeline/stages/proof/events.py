"""Events that a study names, held against its zoning: units that were hit, points, the extent that was observed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from riskzoning.config import EventsConfig
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.grid import align, point_counts, rasterise, sample
from riskzoning.history import shrinking_figures
from riskzoning.history.holdout import places_hit
from riskzoning.layers import describe
from riskzoning.methods.validation import ScoreCounts, extent_agreement
from riskzoning.names import MULTI, Index
from riskzoning.pipeline.stages.proof.classes import by_class, rises
from riskzoning.pipeline.stages.proof.named import units_named
from riskzoning.pipeline.stages.proof.record import UnitRecord, foresight_rows, rates
from riskzoning.pipeline.stages.proof.rows import Row, Sample

_AREA, _PEOPLE = "area_km2", "population"
# Figures of reports; those of a table that has them need a source and a time, for later ones correct them.
_FIGURES, _STATED = ("indicator", "value"), ("as_of", "source")
_CODES = ("adcode6", "code")
_CELLS = 4_000_000


@dataclass(frozen=True)
class Zoning:
    """What events are held against: units and what lies in their classes, layers, the record of losses."""

    units: Mapping[str, gpd.GeoDataFrame]
    by_grade: pd.DataFrame
    layers: Mapping[str, xr.DataArray]
    mask: xr.DataArray
    names: pd.DataFrame
    levels: tuple[str, ...]
    record: UnitRecord | None = None
    intensities: Mapping[tuple[str, float], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Proof:
    """Rows of skill, and events by class."""

    rows: list[Row]
    classes: list[pd.DataFrame]


def unit_events(name: str, given: EventsConfig, table: pd.DataFrame, zoning: Zoning) -> Proof:
    """Events told by the units that they hit."""
    hit = units_named(table[list(given.units)].to_numpy().ravel(), zoning.names, zoning.levels)
    period = given.period or _period(table)
    rows, classes = _figures(name, given, table, zoning, period), []
    for level, codes in hit.items():
        frame = zoning.units.get(level)
        if frame is None or not 0 < len(codes) < len(frame):
            thing = Phrase("events_named", name=name)
            total = 0 if frame is None else len(frame)
            note(Problem("proof.none_or_all", thing, severity="warning", level=level, hit=len(codes), units=total))
            continue
        rows += _unit_rows(name, given, level, codes, zoning, period)
        shares = _classes_of_units(name, given, level, codes, zoning, period)
        if len(shares):
            classes.append(shares)
            rows.append(_rising(name, given, shares, period))
    return Proof(rows, classes)


def _unit_rows(name: str, given: EventsConfig, level: str, codes: list[str], zoning: Zoning, period: str) -> list[Row]:
    rows: list[Row] = []
    hazard, frame = given.hazard or MULTI, zoning.units[level]
    for index in dict.fromkeys([Index(hazard, "hazard"), Index(hazard, "risk"), Index(MULTI, "risk")]):
        if index.key in frame.columns and frame[index.key].notna().any():
            scores = pd.Series(frame[index.key].to_numpy(dtype=np.float64), index=frame.index.astype(str))
            told = places_hit(scores, codes)
            rows += foresight_rows(index.hazard, f"event.{name}.{level}.auc_{index.indicator}", told, period, "")
    record = zoning.record
    if record is not None and record.level == level and len(years := record.years(hazard)):
        lost = rates(years)["loss"].reindex(frame.index.astype(str)).dropna()
        if 0 < lost.index.isin(codes).sum() < len(lost):
            told = places_hit(lost, codes)
            rows += foresight_rows(hazard, f"event.{name}.{level}.auc_record", told, period, f"record {record.period}")
    return rows


def _classes_of_units(
    name: str, given: EventsConfig, level: str, codes: list[str], zoning: Zoning, period: str
) -> pd.DataFrame:
    """Ground of the units that were hit by class, against the ground of all: denser in higher classes or not."""
    table = zoning.by_grade
    table = table[(table["hazard"] == given.hazard) & (table["quantity"] == _AREA)]
    own = table[table["code"].astype(str).isin(zoning.units[level].index.astype(str))]
    if not len(own):
        return pd.DataFrame()
    inside = own[own["code"].astype(str).isin(codes)].groupby("grade")["value"].sum()
    areas = own.groupby("grade")["value"].sum()
    made = by_class(inside, areas, (str(given.hazard), f"{name} ({level})"), (period, "independent"))
    # The ground of units is no number of events: what is counted are the units.
    return made.assign(n=float(len(codes)))


def _rising(name: str, given: EventsConfig, table: pd.DataFrame, period: str) -> Row:
    about: tuple[float, str, str, Sample] = (float(table["n"].iloc[0]), period, "", "independent")
    return Row(given.hazard or MULTI, f"event.{name}.ratio_rises_with_class", rises(table), *about)


def _period(table: pd.DataFrame) -> str:
    """First and last day of the reports, where the table has them."""
    if "as_of" not in table.columns:
        return ""
    days = sorted(set(table["as_of"].dropna().astype(str).str[:10]))
    return f"{days[0]} - {days[-1]}" if len(days) > 1 else "".join(days)


def figure_problems(table: pd.DataFrame, thing: Phrase) -> list[Problem]:
    """Figures of reports without their time or source: press figures differ from those of the final assessment."""
    if not set(_FIGURES) <= set(table.columns):
        return []
    lacking = [name for name in _STATED if name not in table.columns or table[name].isna().any()]
    return [Problem("proof.unstated", thing, columns=lacking)] if lacking else []


def _figures(name: str, given: EventsConfig, table: pd.DataFrame, zoning: Zoning, period: str) -> list[Row]:
    """People that reports say were affected in the study area, beside those who live in the classes of the hazard."""
    needed = {*_FIGURES, "as_of", "area"}
    if not needed <= set(table.columns):
        return []
    for fall in shrinking_figures(table).astype(str).to_dict("records"):
        note(Problem("proof.shrinking", Phrase("events_named", name=name), severity="warning", **_texts(fall)))
    own = table[table["indicator"] == "affected"]
    whole = next((str(frame.index[0]) for frame in zoning.units.values() if len(frame) == 1), "")
    of_whole = [whole in row for row in own[[c for c in own.columns if c in _CODES]].astype(str).to_numpy().tolist()]
    reported: pd.Series[float] = pd.to_numeric(own.loc[of_whole, "value"], errors="coerce").dropna()
    if not len(reported) or given.hazard is None:
        return []
    lived = zoning.by_grade
    lived = lived[(lived["hazard"] == given.hazard) & (lived["quantity"] == _PEOPLE)]
    people = lived[lived["code"].astype(str) == whole].set_index("grade")["value"].astype(np.float64)
    rows = [Row(given.hazard, f"event.{name}.affected_reported", float(reported.max()), 1.0, period, "", "independent")]
    for least in (2, 3):
        living = float(people.to_numpy()[people.index.to_numpy(dtype=int) >= least].sum())
        rows.append(Row(given.hazard, f"event.{name}.people_in_grade_{least}_up", living, 1.0, period, "", ""))
    return rows


def _texts(fall: Mapping[Any, Any]) -> dict[str, Any]:
    return {key: str(fall[key]) for key in ("area", "indicator", "as_of", "value", "value_before")}


def point_events(name: str, given: EventsConfig, points: gpd.GeoDataFrame, zoning: Zoning, sample_of: Sample) -> Proof:
    """Events at points: the classes that they lie in, AUC and rate curve of the index against all ground."""
    index = Index(given.hazard or MULTI, "hazard" if given.hazard else "risk")
    grade, layer = zoning.layers.get(index.grade_key), zoning.layers.get(index.key)
    if grade is None or layer is None:
        return Proof([], [])
    period = given.period or years_of(points)
    classes = own_classes(index, name, points, zoning, (period, sample_of))
    n = float(classes["n"].iloc[0]) if len(classes) else 0.0
    if not n:
        note(Problem("proof.outside", Phrase("events_named", name=name), severity="warning", events=len(points)))
        return Proof([], [])
    auc, area = _skill(layer, point_counts(points, grade.odc.geobox))
    about: tuple[float, str, str, Sample] = (n, period, "", sample_of)
    rows = [
        Row(index.hazard, f"event.{name}.auc_{index.indicator}", auc, *about),
        Row(index.hazard, f"event.{name}.success_area", area, *about),
        Row(index.hazard, f"event.{name}.ratio_rises_with_class", rises(classes), *about),
    ]
    return Proof(rows, [classes])


def own_classes(
    index: Index, name: str, points: gpd.GeoDataFrame, zoning: Zoning, about: tuple[str, str]
) -> pd.DataFrame:
    """Points by the class of an index that they lie in; ``about``: their period, and what the model has seen."""
    grade = zoning.layers[index.grade_key]
    at = sample(grade, points[points.geometry.notna() & ~points.geometry.is_empty])
    grades = pd.Series(np.asarray(at, dtype=np.float64)).dropna()
    areas = _areas(index, zoning)
    counts = grades[grades > 0].astype(int).value_counts().astype(float)
    return by_class(counts, areas, (index.hazard, name), about)


def _areas(index: Index, zoning: Zoning) -> pd.Series[float]:
    """Ground of each class, km2."""
    coarsest = next(iter(zoning.units.values())).index.astype(str)
    table = zoning.by_grade
    table = table[(table["hazard"] == index.hazard) & (table["quantity"] == _AREA)]
    own = table[table["code"].astype(str).isin(coarsest)]
    if len(own) and index.what == "hazard":
        return own.groupby("grade")["value"].sum()
    counts = pd.Series(0.0, index=range(index.classes + 1))
    cell = abs(zoning.mask.odc.geobox.affine.a * zoning.mask.odc.geobox.affine.e) / 1e6
    for part in _bands(zoning.layers[index.grade_key]):
        codes, many = np.unique(np.asarray(part), return_counts=True)
        for code, count in zip(codes, many, strict=True):
            counts[int(code)] = counts.get(int(code), 0.0) + count * cell
    return counts


def _skill(layer: xr.DataArray, counts: xr.DataArray) -> tuple[float, float]:
    """AUC of the cells with events against the others, and the area under the rate curve."""
    made = ScoreCounts(0.0, 1.0)
    for values, events in zip(_bands(layer), _bands(counts), strict=True):
        made.update(np.asarray(values), np.asarray(events))
    if not made.events.sum():
        return float("nan"), float("nan")
    return made.auc(), float(made.curve().attrs["area"])


def _bands(layer: xr.DataArray) -> Any:
    """The values of a layer in bands of rows, so that a large one is never whole in memory."""
    rows = max(1, _CELLS // max(layer.shape[1], 1))
    for first in range(0, layer.shape[0], rows):
        yield layer.isel(y=slice(first, first + rows)).to_numpy()


def extent_events(name: str, given: EventsConfig, observed: xr.DataArray | gpd.GeoDataFrame, zoning: Zoning) -> Proof:
    """An observed extent: hit rate, false alarms, critical success index."""
    hazard = str(given.hazard)
    modelled = _modelled(hazard, given, zoning)
    grid = zoning.mask.odc.geobox
    if isinstance(observed, gpd.GeoDataFrame):
        seen = rasterise(observed, grid, quantity="mask")
    else:
        seen = align(observed, grid)
    inside = zoning.mask > 0
    wet = describe(xr.where(inside, modelled, np.nan), quantity="share", like=zoning.mask)
    seen = describe(
        xr.where(seen > 0, 1.0, xr.where(np.isfinite(seen), 0.0, np.nan)), quantity="share", like=zoning.mask
    )
    told = extent_agreement(wet, seen)
    cells = told["hits"] + told["misses"]
    about: tuple[float, str, str, Sample] = (cells, given.period, "", "independent")
    kept = ("hit_rate", "false_alarm_ratio", "critical_success_index")
    return Proof([Row(hazard, f"event.{name}.{measure}", told[measure], *about) for measure in kept], [])


def _modelled(hazard: str, given: EventsConfig, zoning: Zoning) -> xr.DataArray:
    """1 where the hazard acts: the layer of a return period above a value, or classes from the second one on."""
    if given.return_period is None:
        grade = zoning.layers[Index(hazard, "hazard").grade_key]
        return xr.where(grade > 0, (grade >= 2) * 1.0, np.nan)
    key = zoning.intensities.get((hazard, float(given.return_period)))
    if key is None or key not in zoning.layers:
        periods = sorted(period for of, period in zoning.intensities if of == hazard)
        thing = Phrase("hazard", name=hazard)
        raise LayerError(Problem("proof.no_period", thing, period=given.return_period, periods=periods))
    layer = zoning.layers[key]
    return xr.where(np.isfinite(layer), (layer > given.above) * 1.0, np.nan)


def years_of(points: pd.DataFrame) -> str:
    """First and last year of points that have a column of dates or years, whatever it is called."""
    for column in ("year", "年份", "date", "acq_date", "日期", "发生时间", "time"):
        if column in points.columns:
            years = points[column].astype(str).str.extract(r"((?:19|20)\d\d)")[0].dropna()
            return f"{years.min()}-{years.max()}" if len(years) else ""
    return ""
