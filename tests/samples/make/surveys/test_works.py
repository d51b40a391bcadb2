import numpy as np
import shapely
from make.surveys.works import counties_km, in_km


def test_reservoirs_lie_on_streams_of_the_mountains(scene, forms):
    rows = forms["reservoir"]
    assert len(rows) >= 8
    points = in_km(shapely.points(rows["lon"], rows["lat"]))
    streams = shapely.union_all([line for rank, line in scene.ground.rivers.values() if rank == 4])
    assert (shapely.distance(points, streams) < 0.05).all()
    at = scene.ground.raster.index(rows["lon"].to_numpy(), rows["lat"].to_numpy())
    assert (scene.ground.mountain_km[at] > 0.3).all()
    assert (rows["design_rp"] < rows["check_rp"]).all()
    assert (rows.loc[rows["sick"] == "是", "strong"] == "否").all()


def test_levees_of_the_yellow_river_are_in_the_counties_that_lie_on_it(forms):
    rows = forms["levee"]
    assert set(rows.loc[rows["river"] == "黄河", "adcode6"]) <= {"410725", "410727", "410783"}
    assert 60 < rows.loc[rows["river"] == "黄河", "length_km"].sum() < 260
    assert (rows["ok_km"] <= rows["length_km"]).all()


def test_sluices_stand_on_rivers_of_the_plain(scene, forms):
    rows = forms["sluice"]
    points = in_km(shapely.points(rows["lon"], rows["lat"]))
    canals = shapely.union_all([line for rank, line in scene.ground.rivers.values() if rank in (2, 3)])
    assert (shapely.distance(points, canals) < 0.05).all()
    assert (rows.loc[rows["safety"] == "四类", "sick"] == "是").all()


def test_detention_areas_have_no_more_fields_than_ground(forms):
    rows = forms["detention_area"]
    assert (rows["crop_ha"] <= rows["area_km2"] * 100).all()


def test_counties_in_kilometres_have_their_area(scene):
    areas = {code: shape.area for code, shape in counties_km(scene).items()}
    stated = scene.units.loc[list(areas), "area_km2"]
    assert np.allclose(list(areas.values()), stated, rtol=0.01)
