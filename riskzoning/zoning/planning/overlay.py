"""What of planned ground lies in which grade of risk: areas that add up, people, polygons of conflicts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from numpy.typing import NDArray

from riskzoning.coverage import Coverage
from riskzoning.coverage.class_sums import ClassAccumulator, ClassSums
from riskzoning.layers import grid_of
from riskzoning.zoning.partition import ClassPolygons, faces_within, zones_of
from riskzoning.zoning.planning.plans import Plan, ruling

GRADES = (1, 2, 3, 4, 5)
# All hazards together among the sums by hazard.
_ALL = ""
# Cells that are looked at together.
_CELLS = 4_000_000
CONFLICTS = [
    "region", "plan", "class", "space", "risk_grade", "hazard", "area_km2", "population", "conflict", "intensity",
    "text",
]  # fmt: skip


@dataclass(frozen=True)
class Held:
    """What shapes (rows) have of the grades 0 to 5 (columns; 0: no grade): km2, persons, the hazard that makes it."""

    area: NDArray[np.float64]
    people: NDArray[np.float64]
    hazard: NDArray[Any]


@dataclass(frozen=True)
class Ground:
    """The grid that plans are held against: grades of risk, persons where they are known, both on one grid.

    ``hazard`` is the number in ``hazards``, from 1, of the hazard that a grade comes from.
    """

    grade: xr.DataArray
    population: xr.DataArray | None = None
    hazard: xr.DataArray | None = None
    hazards: tuple[str, ...] = ()

    def by_grade(self, shapes: gpd.GeoDataFrame) -> Held:
        """What each shape has of each grade."""
        grid = grid_of(self.grade)
        frame = shapes.to_crs(str(grid.crs))
        frame.geometry = shapely.make_valid(frame.geometry.to_numpy())
        held = self._sums(Coverage.from_units(grid, frame))
        cell = float(abs(grid.affine.a * grid.affine.e)) / 1e6
        area = held[_ALL].ground[:, 1:] * cell
        whole = shapely.area(frame.geometry.to_numpy()) / 1e6
        rest = whole - area.sum(axis=1)
        # What is left of two equal sums is rounding, not ground.
        rest = np.where(np.abs(rest) > 1e-9 * whole, rest, 0.0)
        people = np.full((len(frame), 6), np.nan) if self.population is None else held[_ALL].held
        parts = np.stack([held[name].ground[:, 1:].T * cell for name in self._named or (_ALL,)], axis=1)
        return Held(np.column_stack([rest, area]), people, self._leading(parts))

    @property
    def _named(self) -> tuple[str, ...]:
        """The hazards that grades come from, where they are told apart."""
        return self.hazards if self.hazard is not None else ()

    def _sums(self, cover: Coverage) -> dict[str, ClassSums]:
        """Ground and people of each shape by grade, of all hazards together and of the grades that each one makes."""
        sums = ClassAccumulator(cover, dict.fromkeys((_ALL, *self._named), len(GRADES)))
        rows, columns = self.grade.shape
        step = max(_CELLS // max(columns, 1), 1)
        for top in range(0, rows, step):
            band = {"y": slice(top, top + step)}
            grade = self.grade.isel(band).fillna(0).values
            grade = np.where(grade <= len(GRADES), grade, 0).astype(np.uint8)
            people = None if self.population is None else self.population.isel(band).fillna(0.0).values
            nothing = np.zeros(grade.shape, np.float32)
            bands = {_ALL: (grade, nothing, people)}
            for at, name in enumerate(self._named, start=1):
                assert self.hazard is not None
                bands[name] = (np.where(self.hazard.isel(band).values == at, grade, 0), nothing, None)
            sums.update(top, bands)
        return sums.result()

    def _leading(self, parts: NDArray[np.float64]) -> NDArray[Any]:
        """The hazard of most of the ground of each shape in each grade; empty where none is told apart."""
        names = np.full((parts.shape[2], len(GRADES) + 1), "", dtype=object)
        if self.hazard is not None and len(self.hazards):
            most = np.array(self.hazards, dtype=object)[np.argmax(np.round(parts, 9), axis=1)]
            names[:, 1:] = np.where(parts.sum(axis=1) > 0, most, "").T
        return names


def conflict_table(plan: Plan, parts: gpd.GeoDataFrame, ground: Ground, lang: str) -> pd.DataFrame:
    """What of each class lies in which grade in each region, and what follows; grade 0 has no data."""
    if parts.empty:
        return pd.DataFrame(columns=CONFLICTS)
    held = ground.by_grade(parts)
    count = len(parts)
    table = pd.DataFrame(
        {
            "region": np.repeat(parts["region"].to_numpy(), 6),
            "plan": plan.name,
            "class": np.repeat(parts["class"].to_numpy(), 6),
            "space": np.repeat(parts["space"].to_numpy(), 6),
            "risk_grade": np.tile(np.arange(6), count),
            "hazard": held.hazard.ravel(),
            "area_km2": held.area.ravel(),
            "population": held.people.ravel(),
        }
    )
    table = table[table["area_km2"] > 0].reset_index(drop=True)
    said = ruling(plan, table["class"].to_numpy(), table["space"].to_numpy(), table["risk_grade"].to_numpy(), lang)
    return pd.concat([table, said], axis=1)[CONFLICTS]


def areas_table(plan: Plan, parts: gpd.GeoDataFrame, units: pd.Series[float], metric: str) -> pd.DataFrame:
    """What each unit has of each class and what no class takes (``region plan class area_km2 share``)."""
    sizes = parts.to_crs(metric).area / 1e6 if len(parts) else pd.Series(dtype=float)
    held = parts[["region", "class"]].assign(area_km2=np.asarray(sizes, dtype=np.float64))
    rest = units - held.groupby("region")["area_km2"].sum().reindex(units.index).fillna(0.0)
    rest = rest.where(rest.abs() > 1e-9 * units, 0.0)
    nothing = pd.DataFrame({"region": units.index.astype(str), "class": "", "area_km2": rest.to_numpy()})
    table = pd.concat([held, nothing], ignore_index=True).sort_values(["region", "class"], kind="stable")
    table["share"] = table["area_km2"].to_numpy() / units.reindex(table["region"]).to_numpy()
    table.insert(1, "plan", plan.name)
    return table.reset_index(drop=True)


def conflict_polygons(
    plan: Plan, parts: gpd.GeoDataFrame, polygons: ClassPolygons, *, least_km2: float, lang: str, metric: str
) -> gpd.GeoDataFrame:
    """Ground of a plan with a conflict, drawn so that it can be read; the table has the exact areas."""
    columns = ["region", "plan", "class", "risk_grade", "conflict", "text", "area_km2", "geometry"]
    if parts.empty:
        return gpd.GeoDataFrame(columns=columns, geometry="geometry", crs=parts.crs)
    areas = parts.to_crs(metric).area.to_numpy() / 1e6
    faces = faces_within(polygons, parts, areas)
    zones = zones_of(faces, faces.grade, least=least_km2, within=faces.unit)
    first = np.full(len(zones.shapes), -1, dtype=np.int64)
    first[zones.of_face[::-1]] = faces.unit[::-1]
    rows: dict[str, Any] = {
        "region": parts["region"].to_numpy()[first],
        "plan": plan.name,
        "class": parts["class"].to_numpy()[first],
        "risk_grade": zones.code,
        "area_km2": np.bincount(zones.of_face, faces.area, minlength=len(zones.shapes)),
    }
    said = ruling(plan, rows["class"], parts["space"].to_numpy()[first], zones.code, lang)
    table = gpd.GeoDataFrame({**rows, **said[["conflict", "text"]]}, geometry=zones.shapes, crs=parts.crs)
    return table[table["conflict"].fillna(0) > 0].reset_index(drop=True)[columns]
