"""Flash-flood danger zones of the villages of a study: a table that says of each village what was found, or why not."""

from __future__ import annotations

from typing import Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from riskzoning.errors import LayerError, Problem, note
from riskzoning.hazards.flood.flash import village_zones
from riskzoning.hazards.inputs import input_of

COLUMNS = [
    "code", "name", "lon", "lat", "people", "first_period", "zone", "zone_zh", "zone_en", "status", "reason",
]  # fmt: skip
_PLACES = "EPSG:4490"


class Choices(Protocol):
    """What the parameters of the hazard say about villages."""

    @property
    def village_record(self) -> str | None: ...
    @property
    def village_people(self) -> str | None: ...
    @property
    def village_safe_depth(self) -> float: ...


def village_table(villages: gpd.GeoDataFrame | None, depths: xr.DataArray | None, params: Choices) -> pd.DataFrame:
    """A row a village with its zone; without villages, depths or a depth there: ``not_assessed`` and the reason."""
    if villages is None or villages.empty:
        return _unknown(pd.DataFrame([{"code": "", "name": ""}]), "no_villages")
    placed = villages[villages.geometry.notna() & ~villages.geometry.is_empty]
    _tell_unplaced(len(villages) - len(placed))
    for wanted in (params.village_record, params.village_people):
        if wanted is not None and wanted not in placed.columns:
            present = list(map(str, placed.columns))
            raise LayerError(Problem("input.columns", input_of("flood", "villages"), missing=[wanted], present=present))
    table = _listed(placed, params)
    if depths is None:
        return _unknown(table, "no_depths")
    points = gpd.GeoDataFrame(placed.drop(columns="geometry"), geometry=_points(placed), crs=placed.crs)
    zoned = village_zones(points, depths, record=params.village_record, within=params.village_safe_depth)
    said = ["first_period", "zone", "zone_zh", "zone_en"]
    table = table.assign(**{name: zoned[name].to_numpy() for name in said})
    known = table["first_period"].notna() | (table["zone"] > 0)
    table["status"] = np.where(known, "assessed", "not_assessed")
    table["reason"] = np.where(known, "", "no_depth_there")
    if not known.all():
        count, of = int((~known).sum()), len(table)
        note(Problem("flood.villages_dark", input_of("flood", "villages"), severity="warning", count=count, total=of))
    # No flood of those given reaches it: an empty cell, which every format can hold.
    table["first_period"] = table["first_period"].where(np.isfinite(table["first_period"]))
    return table.reindex(columns=COLUMNS)


def _unknown(table: pd.DataFrame, reason: str) -> pd.DataFrame:
    """Villages of which nothing can be told."""
    said = {"zone": 0, "zone_zh": "", "zone_en": "", "status": "not_assessed", "reason": reason}
    numbers = dict.fromkeys(("lon", "lat", "people", "first_period"), np.nan)
    return pd.DataFrame({**numbers, **table, **said}, index=table.index)[COLUMNS]


def _points(villages: gpd.GeoDataFrame) -> gpd.GeoSeries:
    """Where the villages are: their points, of areas a point inside."""
    return villages.geometry.representative_point()


def _tell_unplaced(count: int) -> None:
    if count:
        note(Problem("flood.villages_unplaced", input_of("flood", "villages"), severity="warning", count=count))


def _listed(villages: gpd.GeoDataFrame, params: Choices) -> pd.DataFrame:
    """Code, name, place and people; a village without a code is numbered."""
    points = gpd.GeoSeries(_points(villages), crs=villages.crs).to_crs(_PLACES)
    numbers = [str(at) for at in range(1, len(villages) + 1)]
    codes = villages["code"].astype(str).tolist() if "code" in villages.columns else numbers
    names = villages["name"].astype(str).tolist() if "name" in villages.columns else [""] * len(villages)
    people = np.full(len(villages), np.nan)
    if params.village_people is not None:
        people = pd.to_numeric(villages[params.village_people], errors="coerce").to_numpy(dtype=np.float64)
    return pd.DataFrame(
        {"code": codes, "name": names, "lon": points.x.to_numpy().round(6), "lat": points.y.to_numpy().round(6),
         "people": people}
    )  # fmt: skip
