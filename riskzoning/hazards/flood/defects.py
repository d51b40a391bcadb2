"""Works against floods in bad condition (病险工程): how far around them they raise the hazard, and by how much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.hazards.flood.works import kept_shares
from riskzoning.hazards.inputs import input_of
from riskzoning.layers import layer_on
from riskzoning.layers.plausible import takes
from riskzoning.methods.terrain import distance_to
from riskzoning.names import WORKS

COLUMNS = [
    "kind", "code", "name", "lon", "lat", "condition", "kept", "factor", "reach_m", "area_km2", "status", "reason",
]  # fmt: skip
_PLACES = "EPSG:4490"
_M2_A_KM2 = 1e6


class Defects(NamedTuple):
    """What works in bad condition do (:func:`works_defects`).

    Parameters
    ----------
    factor : DataArray
        ``defect_factor``, 1 or more: by which the severity of flooding is raised.
    table : DataFrame
        A row for each work: ``kind code name lon lat condition kept factor reach_m area_km2 status reason``;
        ``area_km2`` is the ground that it raises, ``status`` ``defective``, ``sound`` or ``not_assessed``.

    Examples
    --------
    >>> Defects._fields
    ('factor', 'table')
    """

    factor: xr.DataArray
    table: pd.DataFrame


@takes()
def works_defects(works: Mapping[str, gpd.GeoDataFrame], grid: GeoBox, *, condition: Mapping[str, str]) -> Defects:
    """Works in bad condition as modifiers of the hazard around them (险库、病险闸、险工险段、病险蓄滞洪区).

    At a work the factor is 1 + ``most`` (1 - kept): ``kept`` is the share that works of its condition still hold
    (``hazards/flood_works``), ``most`` and the reach of each kind stand in ``hazards/flood_defects`` (proposals of this
    project, not verified). It falls to 1 at the reach, on all sides, since no direction of the flow is known; where
    works overlap the largest counts. A detention area acts inside alone.

    Parameters
    ----------
    works : mapping
        Kind (``reservoirs``, ``sluices``, ``levees``, ``detention_areas``) -> features in any CRS.
    grid : GeoBox
        Projected.
    condition : mapping
        Kind -> column with the condition, as :func:`effective_protection` reads it; in a column that asks for the
        defect (是否病险, 险工险段) a yes, or a number above 0, is one.

    Returns
    -------
    Defects
        The factor on the grid, float64, and a row for each work. A condition that is not understood changes nothing
        and is ``not_assessed``, which is told.

    Raises
    ------
    LayerError
        A kind that is none, a kind without features, a column that is not there, or a geographic grid.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> grid = analysis_grid((0, 0, 3000, 1000), crs="EPSG:4547", resolution=1000)
    >>> dams = gpd.GeoDataFrame({"state": ["三类坝"]}, geometry=gpd.points_from_xy([500], [500]), crs="EPSG:4547")
    >>> from riskzoning.errors import Journal, hearing
    >>> with hearing(Journal()) as said:
    ...     made = works_defects({"reservoirs": dams}, grid, condition={"reservoirs": "state"})
    >>> made.factor.values.round(2).tolist(), made.table["status"].tolist()
    ([[1.25, 1.2, 1.15]], ['defective'])
    >>> [problem.rule for problem in said.warnings]
    ['flood.works_defects']
    """
    _check(works, condition)
    rules = standards.table("hazards/flood_defects").data["kinds"]
    factor: Any = np.ones(tuple(grid.shape))
    rows = []
    for kind in (kind for kind in WORKS if kind in condition):
        frame = works[kind]
        frame = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
        listed = _listed(frame, kind, condition[kind], float(rules[kind]["reach_m"]), float(rules[kind]["most"]))
        factors = listed["factor"].to_numpy()
        for raised in np.unique(factors[factors > 1.0]).tolist():
            around = _around(frame[factors == raised], grid, raised, float(rules[kind]["reach_m"]))
            factor = np.maximum(factor, around)
        listed["area_km2"] = [_ground(frame.iloc[[at]], row, grid) for at, row in enumerate(listed.itertuples())]
        rows.append(listed)
        _tell(listed, kind)
    table = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=COLUMNS)
    return Defects(layer_on(grid, factor, quantity="defect_factor"), table.reindex(columns=COLUMNS))


def _check(works: Mapping[str, gpd.GeoDataFrame], condition: Mapping[str, str]) -> None:
    """All that is wrong with kinds and columns at once."""
    problems = []
    for kind, column in condition.items():
        thing = input_of("flood", kind)
        if kind not in WORKS:
            problems.append(Problem("flood.works_kind", thing, known=list(WORKS)))
        elif kind not in works:
            problems.append(Problem("flood.works_missing", thing, given=sorted(works)))
        elif column not in works[kind].columns:
            present = list(map(str, works[kind].columns))
            problems.append(Problem("input.columns", thing, missing=[column], present=present))
    if problems:
        raise LayerError(problems=problems)


def _listed(frame: gpd.GeoDataFrame, kind: str, column: str, reach: float, most: float) -> pd.DataFrame:
    """A row for each work: what it is, its condition, and the factor beside it."""
    shares = kept_shares(frame[column])
    points = gpd.GeoSeries(frame.geometry.representative_point(), crs=frame.crs).to_crs(_PLACES)
    known = np.array([share is not None for share in shares], dtype=bool)
    kept = np.array([1.0 if share is None else share for share in shares])
    named = {
        key: frame[key].astype(str).tolist() if key in frame.columns else [""] * len(frame) for key in ("code", "name")
    }
    status = np.where(~known, "not_assessed", np.where(kept < 1, "defective", "sound"))
    return pd.DataFrame(
        {
            "kind": kind, **named, "lon": points.x.to_numpy().round(6), "lat": points.y.to_numpy().round(6),
            "condition": ["" if pd.isna(value) else str(value) for value in frame[column]],
            "kept": np.where(known, kept, np.nan), "factor": 1.0 + most * (1.0 - kept), "reach_m": reach,
            "status": status, "reason": np.where(known, "", "condition_unknown"),
        }
    )  # fmt: skip


def _around(works: gpd.GeoDataFrame, grid: GeoBox, raised: float, reach: float) -> Any:
    """The factor around works of one condition."""
    away = np.asarray(distance_to(works, grid).data, dtype=np.float64)
    near = np.clip(1.0 - away / reach, 0.0, 1.0) if reach > 0 else (away <= 0.0).astype(np.float64)
    return 1.0 + (raised - 1.0) * near


def _ground(work: gpd.GeoDataFrame, row: Any, grid: GeoBox) -> float:
    """Ground of the grid within the reach of a work, km2."""
    if row.status != "defective":
        return 0.0
    shape = work.geometry.to_crs(str(grid.crs)).iloc[0].buffer(row.reach_m)
    return round(float(shape.intersection(grid.extent.geom).area / _M2_A_KM2), 4)


def _tell(listed: pd.DataFrame, kind: str) -> None:
    """One line for a kind of works: how many are in bad condition, and what that did."""
    bad = listed[listed["status"] == "defective"]
    thing = input_of("flood", kind)
    if bad.empty:
        note(Problem("flood.works_sound", thing, severity="info", total=len(listed)))
        return
    reach = float(bad["reach_m"].iloc[0])
    where = Phrase("works_around", reach=reach) if reach > 0 else Phrase("works_inside")
    note(
        Problem(
            "flood.works_defects", thing, severity="warning", count=len(bad), total=len(listed),
            most=float(bad["factor"].max()) - 1.0, where=where,
        )
    )  # fmt: skip
