"""What a planned polygon brings into which grade: people, value and ground."""

from __future__ import annotations

from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr

from riskzoning.coverage import Coverage
from riskzoning.errors import ConfigError, LayerError, Phrase, Problem, note
from riskzoning.layers import describe
from riskzoning.layers.plausible import takes
from riskzoning.names import MULTI, Index
from riskzoning.results import StudyResult

_NOTHING = shapely.Polygon()
# Values that count as such where nothing else is planned, the first that the run has.
_VALUES = ("building_value_yuan", "gdp_yuan")
Planned: TypeAlias = shapely.Geometry | gpd.GeoSeries | gpd.GeoDataFrame


@takes()
def what_if(
    polygon: Planned, result: StudyResult, *, people: float | None = None, value: float | None = None
) -> pd.DataFrame:
    """What a planned polygon brings into each grade of each hazard (规划情景): people, value, ground.

    Parameters
    ----------
    polygon : geometry, GeoSeries or GeoDataFrame
        A plain geometry is in the CRS of the units; several are taken together.
    result : StudyResult
    people : float, optional
        Persons that are planned, spread evenly over the polygon; default: those who live there now.
    value : float, optional
        Value that is planned, yuan; default: that of the buildings, else the GDP, that is there now.

    Returns
    -------
    DataFrame
        ``hazard grade area_km2 share people value_yuan``: a row for each grade of a hazard that the polygon touches
        (grade of the hazard; of the risk for ``multi`` and where a run has no other), 0 where nothing is known. Ground
        of a hazard adds up to the polygon. People and value are NaN where the run does not know them.

    Raises
    ------
    LayerError
        The polygon is empty, no area, or outside the study area.
    ConfigError
        ``people`` or ``value`` is negative or no number.

    Examples
    --------
    >>> from riskzoning.samples import toy_result
    >>> city = toy_result()
    >>> table = what_if(city.units["township"].geometry.iloc[0], city, people=1000)
    >>> float(table[table["hazard"] == "multi"]["people"].sum().round(6))
    1000.0
    """
    grid = result.grid
    _check_amounts(people=people, value=value)
    shape = _polygon(polygon, result)
    frame = gpd.GeoDataFrame(geometry=[shape], crs=str(grid.crs))
    whole = float(shapely.area(shape)) / 1e6
    cell = float(abs(grid.affine.a * grid.affine.e)) / 1e6
    cover = Coverage.from_units(grid, frame)
    persons = result.layers.get("population")
    worth = next((result.layers[name] for name in _VALUES if name in result.layers), None)
    rows = []
    for hazard, grade in _grades(result):
        codes = [int(code) for code in range(1, _highest(grade) + 1)]
        layers = _masked(grade, codes, persons, worth)
        sums = cover.statistics(layers, ["sum"]).fillna(0.0).iloc[0]
        area = {code: float(sums[(f"area_{code}", "sum")]) * cell for code in codes}
        area[0] = max(whole - sum(area.values()), 0.0)
        for code in sorted(area):
            if area[code] > 1e-9 * whole:
                rows.append(
                    {
                        "hazard": hazard, "grade": code, "area_km2": area[code], "share": area[code] / whole,
                        "people": _held(people, area[code] / whole, sums, f"people_{code}"),
                        "value_yuan": _held(value, area[code] / whole, sums, f"value_{code}"),
                    }
                )  # fmt: skip
    return pd.DataFrame(rows, columns=["hazard", "grade", "area_km2", "share", "people", "value_yuan"])


def _held(planned: float | None, share: float, sums: pd.Series[Any], name: str) -> float:
    if planned is not None:
        return float(planned) * share
    return float(sums[(name, "sum")]) if (name, "sum") in sums.index else float("nan")


def _masked(
    grade: xr.DataArray, codes: list[int], persons: xr.DataArray | None, worth: xr.DataArray | None
) -> xr.Dataset:
    out = {}
    known = grade.fillna(0)
    for code in (0, *codes):
        inside = known == code
        if code:
            out[f"area_{code}"] = describe(inside.astype(np.float32), quantity="mask", like=grade)
        for name, layer in (("people", persons), ("value", worth)):
            if layer is not None:
                quantity = str(layer.attrs["quantity"])
                out[f"{name}_{code}"] = describe(layer.fillna(0.0).where(inside, 0.0), quantity=quantity, like=layer)
    return xr.Dataset(out)


def _highest(grade: xr.DataArray) -> int:
    return max(int(grade.max()), 1)


def _grades(result: StudyResult) -> list[tuple[str, xr.DataArray]]:
    """The layer of grades of each hazard: of the hazard, else of the risk; of all together that of the risk first."""
    out = []
    for hazard in (*result.hazards, MULTI):
        kinds = ("risk", "hazard") if hazard == MULTI else ("hazard", "risk")
        keys = [Index(hazard, kind).grade_key for kind in kinds]
        key = next((key for key in keys if key in result.layers), None)
        if key is not None:
            out.append((hazard, result.layers[key]))
    return out


def _check_amounts(**amounts: float | None) -> None:
    wrong = {name: one for name, one in amounts.items() if one is not None and not 0 <= one < np.inf}
    if wrong:
        problems = [
            Problem("planning.amount", Phrase("argument", name=name), value=str(one)) for name, one in wrong.items()
        ]
        raise ConfigError(problems=problems)


def _polygon(given: Planned, result: StudyResult) -> shapely.Geometry:
    """The polygon in the CRS of the grid, checked against the study area."""
    thing = Phrase("planned_polygon")
    units = next(iter(result.units.values()))
    series = given.geometry if isinstance(given, gpd.GeoDataFrame | gpd.GeoSeries) else gpd.GeoSeries([given])
    if series.crs is None:
        series = series.set_crs(units.crs)
    metric = str(result.grid.crs)
    shape = shapely.union_all(shapely.make_valid(series.to_crs(metric).to_numpy())) if len(series) else _NOTHING
    if not shapely.area(shape) > 0:
        raise LayerError(Problem("planning.polygon", thing))
    city = shapely.union_all(units.to_crs(metric).geometry.to_numpy())
    inside = float(shapely.area(shapely.intersection(shape, city)))
    if inside <= 0:
        raise LayerError(Problem("planning.outside", thing, crs=str(series.crs)))
    share = 1 - inside / float(shapely.area(shape))
    if share > 1e-6:
        note(Problem("planning.partly_outside", thing, severity="warning", share=share))
    return shape
