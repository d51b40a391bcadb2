"""The grid of a study lies where the study lies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from riskzoning.config import load_study
from riskzoning.errors import ConfigError
from riskzoning.grid import analysis_grid
from riskzoning.pipeline.check.location import belt_of, grid_crs, grid_problems, study_grid, vector_problems

from ..conftest import units as counties


def units() -> gpd.GeoDataFrame:
    return counties().assign(level="county").set_index("code")


@pytest.mark.parametrize(
    ("longitude", "crs"),
    [(113.9, "EPSG:4547"), (75.0, "EPSG:4534"), (135.2, "EPSG:4554"), (121.4, "EPSG:4549"), (121.6, "EPSG:4550")],
)
def test_belts_of_three_degrees(longitude: float, crs: str) -> None:
    from pyproj import CRS

    assert belt_of(longitude) == crs
    meridian = next(p.value for p in CRS(crs).coordinate_operation.params if "Longitude" in p.name)
    assert abs(meridian - longitude) <= 1.5


def test_places_outside_the_belts_ask_for_a_crs() -> None:
    with pytest.raises(ConfigError, match="Declare the CRS of the analysis grid") as caught:
        belt_of(10.0)
    assert caught.value.problems[0].rule == "grid.longitude"
    assert "`grid: {crs: ...}`" in caught.value.problems[0].fix


def test_a_belt_far_away_is_a_warning_and_its_own_is_none(small_city: Callable[..., Path]) -> None:
    study = load_study(small_city())
    assert grid_crs(study, units()) == "EPSG:4549"
    assert grid_problems(study, units(), study_grid(study, units())) == []
    far = study.model_copy(update={"grid": study.grid.model_copy(update={"crs": "EPSG:4547"})})
    found = grid_problems(far, units(), study_grid(far, units()))
    assert [(problem.rule, problem.severity) for problem in found] == [("grid.distortion", "warning")]
    assert "EPSG:4549" in found[0].fix


def test_grid_has_room_for_neighbours_of_border_cells(small_city: Callable[..., Path]) -> None:
    study = load_study(small_city())
    grid = study_grid(study, units())
    box = units().to_crs("EPSG:4549").total_bounds
    assert grid.boundingbox.left <= box[0] - 3 * 250 + 1e-6
    assert grid.boundingbox.top >= box[3] + 3 * 250 - 1e-6


def test_rings_that_cross_themselves_have_a_place() -> None:
    grid = analysis_grid((500_000, 3_900_000, 510_000, 3_910_000), crs="EPSG:4547", resolution=500)
    corners = [(0, 0), (2000, 2000), (2000, 0), (0, 2000), (0, 0)]
    for east, rules in ((502_000, []), (902_000, ["vector.elsewhere"])):
        bow = shapely.Polygon([(east + x, 3_902_000 + y) for x, y in corners])
        wide = shapely.box(east + 1000, 3_902_000, east + 3000, 3_904_000)
        frame = gpd.GeoDataFrame(geometry=[bow, wide], crs="EPSG:4547")
        assert [problem.rule for problem in vector_problems(frame, "plan", grid)] == rules
    spot = gpd.GeoDataFrame(geometry=[shapely.Point(505_000, 3_905_000)], crs="EPSG:4547")
    assert vector_problems(spot, "plan", grid) == []
