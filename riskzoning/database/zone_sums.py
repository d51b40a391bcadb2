"""Ground and people of zones: each against its shape and units, tiers against the city, parents against children."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskzoning.database.schema import GEOMETRY
from riskzoning.database.stored_run import StoredRun, numbers, with_ground
from riskzoning.errors import Problem
from riskzoning.names import MULTI
from riskzoning.results import level_order

# What zones have of their units, and where the units have it.
_FROM = {"area_km2": "base_admin", "population": "risk_unit"}
_SUMMED = tuple(_FROM)
# Areas are those of the grid of the study, shapes are measured on the ellipsoid: they agree within this share.
_CLOSE = 2e-3
# What the shapes of a partition may overlap or leave open: rounding of coordinates.
_SLIVER = 1e-5


def zones_resummed(run: StoredRun, tidy: pd.DataFrame) -> Iterator[Problem]:
    """What is wrong with the sums of zones."""
    city = _City.of(run, tidy)
    regions = run.get("zone_region", "zone_id", "code", "tier", "parent", *_SUMMED)
    if regions is not None:
        for tier, part in regions.groupby("tier"):
            yield from city.held(run, "zone_region", part, f"tier {tier}")
        yield from _tiers(run, regions)
        yield from _shapes(run, "zone_region", regions)
    prevention = run.get("zone_prevention", "zone_id", "code", "hazard", *_SUMMED)
    if prevention is not None:
        every = prevention[prevention["hazard"] == MULTI]
        by_units = _basis(run) == "units"
        if len(every) and by_units:
            yield from city.held(run, "zone_prevention", every, MULTI)
        yield from _shapes(run, "zone_prevention", prevention)


def _basis(run: StoredRun) -> str:
    zoning = run.study.get("zoning") or {}
    return str((zoning.get("prevention") or {}).get("basis", ""))


class _City:
    """Ground and people of the units of the finest level, and of all of them."""

    def __init__(self, units: pd.DataFrame, people: pd.Series[float]) -> None:
        self.units = units.drop_duplicates("code").set_index("code")
        self.people = people.reindex(self.units.index)

    @classmethod
    def of(cls, run: StoredRun, tidy: pd.DataFrame) -> _City:
        base = run.get("base_admin", "code", "level", "parent", "area_km2")
        if base is None:
            return cls(pd.DataFrame({"code": [], "area_km2": []}), pd.Series(dtype=float))
        base = with_ground(base)
        levels = [
            name for name in level_order(base.drop_duplicates("code").set_index("code")) if _is_assessed(tidy, name)
        ]
        ground = base[base["level"] == levels[-1]] if levels else base.iloc[:0]
        counts = tidy[(tidy["indicator"] == "population") & (tidy["hazard"] == "") & (tidy["receptor"] == "")]
        return cls(ground, numbers(counts.drop_duplicates("code"), "value"))

    def _sums(self) -> dict[str, pd.Series[float]]:
        known = {"area_km2": self.units["area_km2"].astype(float)}
        return known | ({"population": self.people.fillna(0.0)} if self.people.notna().any() else {})

    def held(self, run: StoredRun, name: str, zones: pd.DataFrame, what: str) -> list[Problem]:
        """What is wrong with zones that are the whole city: zone by zone, else in their sums."""
        return [*self.of_units(run, name, zones)] or [*self.partition(run, name, zones, what)]

    def partition(self, run: StoredRun, name: str, zones: pd.DataFrame, what: str) -> Iterator[Problem]:
        """Zones that are the whole city: their sums are the city's, their shapes neither overlap nor leave a gap."""
        for column, of_units in self._sums().items():
            stored = pd.Series([numbers(zones, column).sum()], index=[what])
            yield from run.compared(name, column, _FROM[column], stored, [of_units.sum()])
        if GEOMETRY in zones and GEOMETRY in self.units and len(self.units):
            whole = shapely.union_all(self.units[GEOMETRY].to_numpy()).area
            shapes = zones[GEOMETRY].to_numpy()
            parts, union = float(shapely.area(shapes).sum()), float(shapely.union_all(shapes).area)
            for computed in (union, whole):
                problems = run.compared(
                    name, GEOMETRY, "base_admin", pd.Series([parts], index=[what]), [computed], _SLIVER
                )
                yield from problems
                if problems:
                    return

    def of_units(self, run: StoredRun, name: str, zones: pd.DataFrame) -> Iterator[Problem]:
        """Zones that are made of units: each has the ground and the people of the units inside it."""
        if GEOMETRY not in zones or GEOMETRY not in self.units or not len(self.units):
            return
        inside = shapely.point_on_surface(self.units[GEOMETRY].to_numpy())
        tree = shapely.STRtree(zones[GEOMETRY].to_numpy())
        unit, zone = tree.query(inside, predicate="intersects")
        if len(np.unique(unit)) != len(self.units) or len(unit) != len(self.units):
            return
        for column, values in self._sums().items():
            sums = np.bincount(zone, values.to_numpy()[unit], minlength=len(zones))
            yield from run.compared(name, column, _FROM[column], numbers(zones, column, "zone_id"), sums)


def _is_assessed(tidy: pd.DataFrame, level: str) -> bool:
    return bool((tidy["level"] == level).any())


def _tiers(run: StoredRun, regions: pd.DataFrame) -> Iterator[Problem]:
    """A region is the sum of those below it."""
    for column in _SUMMED:
        stored = numbers(regions, column)
        below = regions[regions["parent"].fillna("") != ""]
        sums = numbers(below, column, "parent").groupby(level=0).sum(min_count=1)
        with_children = stored[stored.index.isin(sums.index)]
        yield from run.compared("zone_region", column, "zone_region", with_children, sums.reindex(with_children.index))


def _shapes(run: StoredRun, name: str, zones: pd.DataFrame) -> Iterator[Problem]:
    """The area of a zone is that of its shape."""
    crs = getattr(zones, "crs", None)
    if crs is None or GEOMETRY not in zones:
        return
    shapes = gpd.GeoSeries(zones[GEOMETRY], crs=crs)
    geod = shapes.crs.get_geod()
    measured = [abs(geod.geometry_area_perimeter(shape)[0]) / 1e6 for shape in shapes.to_crs(shapes.crs.geodetic_crs)]
    yield from run.compared(name, "area_km2", GEOMETRY, numbers(zones, "area_km2", "zone_id"), measured, _CLOSE)
