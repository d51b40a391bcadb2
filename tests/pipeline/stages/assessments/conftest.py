"""A city of two counties with two townships each, as an assessment sees it: units, people, roads, no run."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString

from riskzoning.config import StudyConfig
from riskzoning.coverage import Coverage
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.pipeline.stages.assessments import Given
from riskzoning.pipeline.state import Graded, Prepared
from tests.surveys.conftest import make_units

CRS = "EPSG:4547"
COUNTIES = ["410702", "410703"]
TOWNS = ["410702001", "410702002", "410703001", "410703002"]


@pytest.fixture(scope="session")
def town_units() -> gpd.GeoDataFrame:
    return make_units()


@pytest.fixture(scope="session")
def ground(town_units: gpd.GeoDataFrame) -> tuple[Any, Coverage]:
    shapes = town_units.to_crs(CRS)
    grid = analysis_grid(tuple(shapes.total_bounds), crs=CRS, resolution=500)
    return grid, Coverage.from_units(grid, shapes)


@pytest.fixture
def given(town_units: gpd.GeoDataFrame, ground: tuple[Any, Coverage]) -> Callable[..., Given]:
    """given(forms, exposure=..., vectors=...): what assessments get; two people a cell, each township has its own."""
    grid, coverage = ground

    def make(
        forms: dict[str, pd.DataFrame], *, exposure: dict[str, Any] | None = None, vectors: dict[str, Any] | None = None
    ) -> Given:
        layers = vectors or {}
        study = StudyConfig.model_validate(
            {
                "name": "X", "code": "410700", "data_date": "2022-01-01", "admin": {"path": "admin.gpkg"},
                "inputs": {name: {"path": f"{name}.gpkg"} for name in layers},
                "exposure": exposure or {},
            }
        )  # fmt: skip
        setting = SimpleNamespace(
            study=study, grid=grid, coverage=coverage, units=town_units, finest="township",
            all_levels=("township", "county", "city"),
            codes=lambda level: town_units.index[town_units["level"] == level],
        )  # fmt: skip
        people = layer_on(grid, np.full(grid.shape, 2.0), quantity="population")
        sums = coverage.statistics(people, ["sum"])["sum"]
        units = {
            level: town_units[town_units["level"] == level].assign(population=sums, gdp_yuan=sums * 5e4)
            for level in ("city", "county", "township")
        }
        pga = layer_on(grid, np.full((2, *grid.shape), 0.2), quantity="pga", return_periods=[475.0, 2475.0])
        made = {
            Graded: SimpleNamespace(units=units),
            Prepared: SimpleNamespace(
                exposure=SimpleNamespace(counts={"population": people}),
                hazards={"earthquake": SimpleNamespace(layers={"pga": pga})},
            ),
        }
        run = SimpleNamespace(setting=setting, catalogue=SimpleNamespace(vector=lambda name: layers[name].copy()))
        return Given(run, SimpleNamespace(of=made.__getitem__, has=made.__contains__), forms)

    return make


def middles(units: gpd.GeoDataFrame, codes: list[str]) -> gpd.GeoSeries:
    return units.geometry.loc[codes].representative_point().reset_index(drop=True)


@pytest.fixture
def shelters(town_units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A shelter in the middle of three of the four townships."""
    rows = {
        "shelter_id": ["1", "2", "3"], "name": ["x", "y", "z"], "adcode6": ["410702", "410702", "410703"],
        "type": ["紧急避难场所", "短期避难场所", "长期避难场所"], "town9": TOWNS[:3],
        "area_m2": 3000.0, "capacity": 1200,
    }  # fmt: skip
    return gpd.GeoDataFrame(rows, geometry=middles(town_units, TOWNS[:3]), crs="EPSG:4490")


@pytest.fixture
def roads(town_units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """One road through all townships and a piece of its own."""
    way = LineString(middles(town_units, [TOWNS[0], TOWNS[1], TOWNS[3], TOWNS[2]]).tolist())
    alone = LineString([(113.81, 35.001), (113.82, 35.001)])
    return gpd.GeoDataFrame({"路段": ["a", "b"], "等级": ["二级公路", "四级"]}, geometry=[way, alone], crs="EPSG:4490")
