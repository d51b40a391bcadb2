import numpy as np
import shapely
from make.surveys.scene import days, numbered, one_of


def test_communities_add_up_to_their_townships(scene):
    sums = scene.communities.groupby("town9")["pop"].sum()
    assert sums.to_dict() == scene.towns["pop"].to_dict()
    assert (scene.communities["pop"] > 0).all()
    assert (scene.communities.index.str[:9] == scene.communities["town9"]).all()
    assert scene.communities.index.is_unique


def test_communities_and_town_halls_lie_in_their_townships(scene):
    for codes, rows in ((scene.communities["town9"], scene.communities), (scene.towns.index, scene.towns)):
        home = scene.units.geometry.loc[codes].to_numpy()
        assert shapely.contains_xy(home, rows["lon"].to_numpy(), rows["lat"].to_numpy()).all()
        assert (scene.township_at(rows["lon"].to_numpy(), rows["lat"].to_numpy()) == np.asarray(codes)).all()


def test_each_county_has_its_seat_and_the_mountains_lie_in_the_north_west(scene):
    assert scene.towns["seat"].sum() == 12
    assert set(scene.counties.index[scene.counties["seat"].isin(scene.towns.index)]) == set(scene.counties.index)
    high = scene.towns[scene.towns["mountain"] > 0.6]
    assert set(high["county"]) <= {"410704", "410781", "410782"}
    assert len(high) > 5


def test_places_outside_a_township_become_its_town_hall(scene):
    code = scene.towns.index[0]
    lon, lat = scene.inside(np.array([code]), np.array([100.0]), np.array([30.0]))
    assert (lon[0], lat[0]) == tuple(scene.towns.loc[code, ["lon", "lat"]])


def test_keys_days_and_answers():
    rng = np.random.default_rng(1)
    assert numbered("A", 2, 3) == ["A001", "A002"]
    assert set(days(rng, 20, "2021-03-01", "2021-03-02")) == {"2021-03-01", "2021-03-02"}
    assert set(one_of(rng, 1.0, 5)) == {"是"}
    assert set(one_of(rng, np.zeros(5), 5, "有", "无")) == {"无"}
