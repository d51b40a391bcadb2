from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from riskzoning.errors import LayerError, MissingCRSError, UnitsError
from riskzoning.exposure import building_layers, structure_vulnerability, vulnerability_layer

ROWS = {
    "area_m2": [100.0, 50.0, 80.0, 60.0],
    "value_wan": [30.0, 10.0, 8.0, 5.0],
    "struct": [2, 1, 5, 7],
    "built_year": [2010, 1990, 1975, 2000],
    "n": [1.0, 2.5, 1.0, 1.0],
}


@pytest.fixture
def sample() -> gpd.GeoDataFrame:
    points = gpd.points_from_xy([500_050, 500_060, 500_150, 500_950], [3_900_050] * 4)
    return gpd.GeoDataFrame(ROWS, geometry=points, crs="EPSG:4547")


def test_layers_expand_the_sample_and_name_what_lies_outside(sample: gpd.GeoDataFrame, make_grid: Any) -> None:
    grid = make_grid(rows=1, columns=3)
    found = building_layers(sample.to_crs(4490), grid, value="value_wan", value_units="万元", factor="n")
    assert found["building_count"].values.tolist() == [[3.5, 1.0, 0.0]]
    assert found["building_area"].values.tolist() == [[225.0, 80.0, 0.0]]
    assert found["building_value"].values.tolist() == [[550_000.0, 80_000.0, 0.0]]
    assert found["building_area"].attrs["outside"] == 60.0
    assert [layer.attrs["units"] for layer in found.values()] == ["1", "m2", "yuan"]


def test_value_by_area_and_without_value(sample: gpd.GeoDataFrame, make_grid: Any) -> None:
    grid = make_grid(rows=1, columns=3)
    found = building_layers(sample, grid, unit_value=2000)
    assert found["building_value"].values.tolist() == [[300_000.0, 160_000.0, 0.0]]
    assert "building_value" not in building_layers(sample, grid)


def test_footprints_count_by_a_point_inside(make_grid: Any) -> None:
    ring = shapely.box(500_010, 3_900_010, 500_090, 3_900_090)
    frame = gpd.GeoDataFrame({"area_m2": [500.0]}, geometry=[ring], crs="EPSG:4547")
    assert building_layers(frame, make_grid(rows=1, columns=2))["building_area"].values.tolist() == [[500.0, 0.0]]


def test_what_does_not_fit_is_refused(sample: gpd.GeoDataFrame, make_grid: Any) -> None:
    grid = make_grid(rows=1, columns=3)
    with pytest.raises(LayerError, match="no column 'floor'"):
        building_layers(sample, grid, area="floor")
    with pytest.raises(LayerError, match=r"has 2 values .* many"):
        building_layers(sample.assign(area_m2=["many", -1, 3, 4]), grid)
    with pytest.raises(LayerError, match="both value and unit_value"):
        building_layers(sample, grid, value="value_wan", unit_value=5)
    with pytest.raises(UnitsError, match="'dollar'"):
        building_layers(sample, grid, value="value_wan", value_units="dollar")
    with pytest.raises(MissingCRSError):
        building_layers(sample.set_crs(None, allow_override=True), grid)


@pytest.mark.parametrize(
    ("structure", "year", "v"),
    [
        (2, 2002, 0.1), (2, 2001, 0.2), (1, 2002, 0.35), (1, 2001, 0.55), (1, None, 0.55), ("2", "2015", 0.1),
        (11, 2015, 0.6), (12, 1980, 0.6), (4, 2015, 0.6), (5, 2015, 0.9), (8, 2015, np.nan), (None, 2015, np.nan),
    ],
)  # fmt: skip
def test_structure_vulnerability(structure: Any, year: Any, v: float) -> None:
    assert structure_vulnerability([structure], [year]).tolist() == pytest.approx([v], nan_ok=True)


def test_vulnerability_is_the_mean_by_floor_area(sample: gpd.GeoDataFrame, make_grid: Any) -> None:
    grid = make_grid(rows=1, columns=10)
    found = vulnerability_layer(sample, grid, factor="n")
    expected = (100 * 0.1 + 125 * 0.55) / 225
    np.testing.assert_allclose(found[0, :3], [expected, 0.9, np.nan])
    # a structure that is not in the table is left out, and its share said
    assert np.isnan(found[0, 9])
    assert found.attrs["unknown_structure"] == pytest.approx(60 / 365)
    assert found.attrs["quantity"] == "vulnerability_index"
    plain = vulnerability_layer(sample.drop(columns="built_year"), grid, built_year=None)
    assert plain[0, 0].item() == pytest.approx((100 * 0.2 + 50 * 0.55) / 150)
    with pytest.raises(LayerError, match="no column 'struct'"):
        vulnerability_layer(sample.drop(columns="struct"), grid)
