"""Exposed objects: worked examples for points, lines and polygons; counts that add up."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
import xarray as xr

from riskzoning.errors import LayerError
from riskzoning.exposure import exposed_objects, objects_by_grade, objects_extent
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on

CRS = "EPSG:4547"


def grades(*rows: list[float], scheme: str = "") -> xr.DataArray:
    grid = analysis_grid((0, 0, 100 * len(rows[0]), 100 * len(rows)), crs=CRS, resolution=100)
    layer = layer_on(grid, list(rows), quantity="grade")
    return layer.assign_attrs(scheme=scheme) if scheme else layer


def frame(shapes: list[shapely.Geometry], **columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"object_id": [f"{n:02d}" for n in range(len(shapes))]} | columns, geometry=shapes, crs=CRS)


def test_ten_points() -> None:
    layer = grades([1.0, 1, 2, 3, 4, 4, 5, 0, np.nan, 3])
    places = frame([shapely.Point(50 + 100 * n, 50) for n in range(10)], kind="school", people=range(10))
    out = exposed_objects(places, {"flood": layer})
    assert out["natural_hazard_exposed"].sum() == 3
    assert (out["max_grade"] == 0).sum() == 2
    assert out["object_id"].tolist()[:4] == ["06", "05", "04", "09"]
    counts = objects_by_grade(out)
    assert counts["objects"].sum() == 10
    assert counts.set_index("grade")["people"].sum() == 45


def test_a_road_is_graded_from_the_top() -> None:
    # 150 m in 5, 150 m in 4, 700 m in 2: 15 % of grade 5 are too few, 30 % of 4 and above are enough.
    layer = grades([5.0, 5, 4, 4, 2, 2, 2, 2, 2, 2, 2, 2])
    road = shapely.LineString([(50, 50), (350, 50), (1050, 50)])
    row = exposed_objects(frame([road]), {"flood": layer}).iloc[0]
    assert (row["flood_grade"], row["flood_max_grade"]) == (4, 5)


def test_five_hundred_metres_are_enough_for_a_long_road() -> None:
    layer = grades([5.0] * 5 + [1.0] * 45)
    road = shapely.LineString([(0, 50), (5000, 50)])
    assert exposed_objects(frame([road]), {"flood": layer})["flood_grade"].tolist() == [5]
    short = shapely.LineString([(10, 50), (5000, 50)])
    assert exposed_objects(frame([short]), {"flood": layer})["flood_grade"].tolist() == [1]


def test_polygons_by_exact_area_and_circles_around_points() -> None:
    layer = grades([1.0, 5])
    one = shapely.box(0, 0, 125, 100)
    other = shapely.box(0, 0, 124, 100)
    out = exposed_objects(frame([one, other]), {"flood": layer}).set_index("object_id")
    assert out["flood_grade"].to_dict() == {"00": 5, "01": 1}
    assert out["flood_max_grade"].tolist() == [5, 5]
    point = frame([shapely.Point(85, 50)])
    assert exposed_objects(point, {"flood": layer})["flood_grade"].tolist() == [1]
    assert exposed_objects(point, {"flood": layer}, buffer_m=40)["flood_grade"].tolist() == [5]


def test_hazards_of_four_classes_meet_those_of_five() -> None:
    layers = {"flood": grades([3.0], scheme="flood_4"), "geology": grades([3.0], scheme="risk_5")}
    row = exposed_objects(frame([shapely.Point(50, 50)]), layers).iloc[0]
    assert (row["flood_grade"], row["max_grade"], row["main_hazard"]) == (3, 4, "flood")
    assert row["natural_hazard_exposed"]


def test_objects_beyond_the_layers_have_no_grade() -> None:
    out = exposed_objects(frame([shapely.Point(-500, 50), shapely.box(900, 0, 950, 50)]), {"flood": grades([5.0])})
    assert out["max_grade"].tolist() == [0, 0]
    assert out["main_hazard"].tolist() == ["", ""]


def test_other_crs_gives_the_same() -> None:
    grid = analysis_grid((500000, 3900000, 500300, 3900100), crs=CRS, resolution=100)
    layer = layer_on(grid, [[1.0, 3, 5]], quantity="grade")
    places = frame([shapely.Point(500250, 3900050), shapely.Point(500150, 3900050)]).set_crs(CRS, allow_override=True)
    here = exposed_objects(places, {"flood": layer})["flood_grade"].tolist()
    assert exposed_objects(places.to_crs("EPSG:4490"), {"flood": layer})["flood_grade"].tolist() == here == [5, 3]


def test_wrong_objects_are_told_all_at_once() -> None:
    bad = frame([shapely.Point(50, 50), None]).assign(object_id=["a", "a"]).set_crs(None, allow_override=True)
    with pytest.raises(LayerError) as error:
        exposed_objects(bad, {"flood": grades([5.0])})
    assert {problem.rule for problem in error.value.problems} == {
        "objects.id_twice",
        "objects.no_geometry",
        "objects.no_crs",
    }
    with pytest.raises(LayerError):
        exposed_objects(bad, {})


def test_all_hazards_together_stand_beside_and_do_not_decide() -> None:
    layers = {"flood": grades([2.0], scheme="risk_5"), "multi": grades([5.0], scheme="risk_5")}
    row = exposed_objects(frame([shapely.Point(50, 50)]), layers).iloc[0]
    assert (row["multi_grade"], row["max_grade"], row["main_hazard"]) == (5, 2, "flood")
    alone = exposed_objects(frame([shapely.Point(50, 50)]), {"multi": layers["multi"]}).iloc[0]
    assert (alone["max_grade"], alone["main_hazard"]) == (5, "multi")


def test_length_and_area_stand_in_the_layer() -> None:
    shapes = [shapely.Point(50, 50), shapely.LineString([(0, 50), (250, 50)]), shapely.box(0, 0, 100, 100)]
    out = exposed_objects(frame(shapes), {"flood": grades([1.0, 1, 1])}, buffer_m=20).set_index("object_id")
    assert out["length_km"].to_dict() == {"00": 0, "01": 0.25, "02": 0}
    assert out["area_km2"].to_dict() == {"00": 0, "01": 0, "02": 0.01}


def test_extent_adds_up_to_the_whole_of_each_kind() -> None:
    layer = grades([5.0, 1, np.nan])
    roads = [shapely.LineString([(-100, 50), (300, 50)]), shapely.LineString([(0, 20), (100, 20)])]
    things = frame([*roads, shapely.Point(50, 50)], kind=["road", "road", "school"])
    table = objects_extent(things, {"flood": layer})
    road = table[table["kind"] == "road"].set_index("grade")
    assert road["value"].round(9).to_dict() == {0: 0.2, 1: 0.1, 5: 0.2}
    assert road["share"].sum() == pytest.approx(1)
    school = table[table["kind"] == "school"].iloc[0]
    assert (school["quantity"], school["grade"], school["value"]) == ("objects", 5, 1)
