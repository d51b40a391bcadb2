"""Places beyond all stations are told."""

from __future__ import annotations

import geopandas as gpd
import pytest

from riskzoning.errors import Journal, hearing
from riskzoning.grid import analysis_grid
from riskzoning.methods.interpolation import interpolate

GRID = analysis_grid((500000, 3900000, 600000, 3950000), crs="EPSG:4547", resolution=10000)


@pytest.mark.parametrize("method", ["idw", "mean"])
@pytest.mark.parametrize(
    ("x", "nearest", "share"),
    [([500000.0, 550000.0], None, None), ([450000.0, 460000.0], 40, 0.4), ([1_200_000.0, 1_300_000.0], 600, 1.0)],
)
def test_an_area_far_from_every_station_is_told(
    method: str, x: list[float], nearest: int | None, share: float | None
) -> None:
    points = gpd.GeoDataFrame({"v": [1.0, 2.0]}, geometry=gpd.points_from_xy(x, [3925000.0] * 2), crs="EPSG:4547")
    with hearing(Journal()) as journal:
        interpolate(points, "v", GRID, method=method)  # type: ignore[arg-type]
    told = [dict(problem.values) for problem in journal.warnings if problem.rule == "stations.far"]
    if nearest is None:
        assert told == []
    else:
        assert told[0]["nearest"] == nearest
        assert told[0]["share"] == pytest.approx(share, abs=0.1)


def test_places_in_degrees_are_measured_in_kilometres() -> None:
    grid = analysis_grid((113, 35, 114, 36), crs="EPSG:4490", resolution=0.1)
    points = gpd.GeoDataFrame({"v": [1.0, 2.0]}, geometry=gpd.points_from_xy([120.0, 120.1], [30.0, 30.1]), crs=4490)
    with hearing(Journal()) as journal:
        interpolate(points, "v", grid)
    (told,) = [dict(problem.values) for problem in journal.warnings if problem.rule == "stations.far"]
    assert told["nearest"] == pytest.approx(780, abs=40)
    assert told["share"] == 1
