import numpy as np


def test_most_dangers_lie_in_the_mountains_and_on_the_yellow_river(scene, forms):
    rows = forms["dgr_point"]
    at = scene.ground.raster.index(rows["lon"].to_numpy(), rows["lat"].to_numpy())
    high, river = scene.ground.mountain_km[at] > -1, np.abs(scene.ground.river_km[at]) < 6
    assert (high | river).mean() > 0.6
    assert {"GEO", "FLOOD", "FIRE", "EQ", "SECONDARY"} == set(rows["class"])
    assert high[(rows["class"] == "GEO").to_numpy()].all()
    assert river[(rows["kind"] == "险工险段").to_numpy()].all()


def test_levels_follow_the_people_and_none_is_closed_before_it_was_seen(forms):
    rows = forms["dgr_point"]
    assert rows.loc[rows["level"] == "重大", "people"].min() >= 60
    assert rows.loc[rows["level"] == "一般", "people"].max() < 20
    assert (rows["people"] >= rows["households"]).all()
    assert (rows["deadline"] > rows["found_date"]).all()
    assert rows["danger_id"].is_unique
