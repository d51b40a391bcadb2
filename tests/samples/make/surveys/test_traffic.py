import numpy as np
import shapely
from make.surveys.works import in_km


def test_the_roads_of_the_counties_are_those_of_the_city(scene, forms):
    city = shapely.union_all(in_km(scene.units.geometry[scene.units["level"] == "city"].iloc[0]))
    inside = sum(shapely.intersection(in_km(line), city).length for line in scene.roads.geometry)
    assert np.isclose(forms["exp_road"]["length_km"].sum(), inside, rtol=0.02)
    assert set(forms["exp_road"]["admin_class"]) <= set("GSXYC")


def test_bridges_stand_where_roads_cross_rivers(scene, forms):
    rows = forms["exp_bridge"]
    points = in_km(shapely.points(rows["lon"], rows["lat"]))
    roads = shapely.union_all([in_km(line) for line in scene.roads.geometry])
    water = shapely.union_all([line for _, line in scene.ground.rivers.values()])
    assert (shapely.distance(points, roads) < 0.01).all()
    assert (shapely.distance(points, water) < 0.01)[(rows["kind"] != "隧道").to_numpy()].all()
    assert {"桥梁", "涵洞"} <= set(rows["kind"])
    assert (rows["span_max"] <= rows["length_m"]).all()


def test_tunnels_are_where_it_is_steep(scene, forms):
    rows = forms["exp_bridge"].query("kind == '隧道'")
    at = scene.ground.raster.index(rows["lon"].to_numpy(), rows["lat"].to_numpy())
    assert (scene.ground.mountain_km[at] > 0).all()


def test_every_county_has_its_works_and_lifelines(forms):
    for name in ("exp_municipal", "exp_lifeline"):
        counts = forms[name].groupby("adcode6")["type"].nunique()
        assert len(counts) == 12, name
        assert (counts >= 4).all(), name
