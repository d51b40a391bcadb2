import numpy as np
import pandas as pd
import pytest
import shapely
from make import assets
from make.boundaries import drawn_units
from make.exposure import RESIDENTS, settlement


@pytest.fixture(scope="module")
def lived():
    return settlement(1, 60)


@pytest.fixture(scope="module")
def table(lived):
    return pd.DataFrame(
        {
            "code": lived.towns.index,
            "county": lived.towns.county.to_numpy(),
            "pop": lived.towns.people.round().to_numpy(),
        }
    )


def test_sampled_buildings_stand_for_a_plausible_floor_area(lived, table):
    found = assets.buildings(drawn_units(1), lived, table, seed=1)
    area = (found.area_m2 * found.n_represented).sum()
    assert 40 < area / RESIDENTS < 70
    assert found.obj_id.is_unique
    assert set(found.struct) <= {1, 2, 3, 4, 5, 11}
    assert (found.n_represented > 0).all()
    assert (found.floors_up[found.struct.isin([1, 4, 5, 11])] <= 6).all()
    assert found.built_year.between(1950, 2020).all()
    per_m2 = found.value_wan * 1e4 / found.area_m2
    assert per_m2.between(200, 5000).all()
    assert (found.groupby("town9").size() >= 5).all()
    assert found.town9.nunique() == 154


def test_objects_lie_in_the_township_that_they_name(lived, table):
    units = drawn_units(1)
    for found in (assets.buildings(units, lived, table, seed=1), assets.public_services(units, lived, seed=1)):
        home = units.geometry.loc[found.town9].to_numpy()
        assert (shapely.distance(home, found.geometry.to_numpy()) < 2e-5).all()


def test_gross_product_adds_up(table):
    found = assets.gdp_by_county(table)
    assert found.gdp_wan.sum() == 35_697_000
    assert (found.gdp1_wan + found.gdp2_wan + found.gdp3_wan == found.gdp_wan).all()
    assert (found[["gdp1_wan", "gdp2_wan", "gdp3_wan"]] > 0).all().all()


def test_roads_join_every_town_to_its_county_seat(lived):
    net = assets.roads(drawn_units(1), lived, lambda x, y: 0 * x, seed=1)
    assert (net.length_km > 0).all()
    ends = shapely.union_all(net.geometry.to_numpy()).buffer(2e-3)
    longitude, latitude = assets.Plane.degrees(lived.towns.x.to_numpy(), lived.towns.y.to_numpy())
    assert shapely.contains_xy(ends, longitude, latitude).all()


def test_roads_keep_away_from_steep_ground():
    # A ridge across the way with a gap at y = 1: the road goes through the gap.
    def steep(x, y):
        return np.where(np.abs(x - 5) < 1, 30 * np.abs(y - 1), 0)

    line = assets._winding(np.array([[0.0, 0.0], [10.0, 0.0]]), steep)
    assert line.intersection(shapely.LineString([(5, -3), (5, 3)])).y > 0.4


def test_crops_need_no_more_land_than_there_is():
    found = assets.crops(drawn_units(1), np.full(154, 800.0), seed=1)
    season = found[found.crop != "冬小麦"].groupby("code").sown_ha.sum()
    assert (season <= 800).all()
    assert len(found) == 3 * 154
