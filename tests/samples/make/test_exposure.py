import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from make.boundaries import drawn_units
from make.exposure import (
    RESIDENTS,
    cell_shares,
    people_by_township,
    people_raster,
    settlement,
    township_index,
    whole_numbers,
)
from make.terrain import Raster, ground

# The maker of the sample city is no part of the package; what it has made is checked in test_city.py.
pytestmark = pytest.mark.slow


@settings(deadline=None)
@given(
    st.lists(st.floats(0, 1e4), min_size=1, max_size=40).filter(lambda values: sum(values) > 1), st.integers(0, 10**6)
)
def test_whole_numbers_add_up_and_are_near(values, total):
    found = whole_numbers(np.array(values), total)
    assert found.sum() == total
    assert np.abs(found - np.array(values) * total / sum(values)).max() <= 1 + 1e-5


def test_shares_of_cells_are_areas():
    raster = Raster.over((113.0, 35.0, 113.2, 35.2), 180)
    triangle = shapely.Polygon([(113.0, 35.0), (113.2, 35.0), (113.0, 35.2)])
    table = cell_shares([triangle], raster)
    share = np.zeros(raster.shape)
    share.flat[table["cell"].to_numpy()] = table["share"].to_numpy()
    expected = np.array([[0.5, 0, 0, 0], [1, 0.5, 0, 0], [1, 1, 0.5, 0], [1, 1, 1, 0.5]])
    assert np.allclose(share, expected)


@pytest.mark.parametrize("seconds", [30, 45, 120])
def test_people_are_kept_on_any_cell(seconds):
    place, units = ground(1, 60), drawn_units(1)
    target = Raster.over(tuple(units.total_bounds), seconds, margin=2)
    people = people_raster(units, settlement(1, 60), place.raster, target)
    assert people[people >= 0].sum() == RESIDENTS
    table = people_by_township(units, people, target, 1)
    assert table["pop"].sum() == RESIDENTS
    assert (table[["male", "female", "age0_14", "age15_59", "age60p"]] >= 0).all().all()
    assert (table.age0_14 + table.age15_59 + table.age60p == table["pop"]).all()


def test_people_live_on_the_plain_and_in_towns():
    place, lived, units = ground(20260630, 6), settlement(20260630, 6), drawn_units()
    inside = township_index(units, place.raster) >= 0
    total = lived.people.sum()
    assert lived.people[~inside].sum() == 0
    assert lived.people[place.slope < 5].sum() / total > 0.95
    assert lived.people[np.abs(place.river_km) < 0.8].sum() == 0
    per_km2 = lived.people.sum() / (inside.sum() * np.prod(place.raster.cell_km))
    hills = inside & (place.mountain_km > 2)
    assert lived.people[hills].sum() / (hills.sum() * np.prod(place.raster.cell_km)) < per_km2 / 4
    built = lived.landcover == 80
    assert 0.08 < built[inside].mean() < 0.2
    assert lived.people[built].sum() / total > 0.75


def test_land_cover_follows_the_ground():
    place, lived = ground(20260630, 6), settlement(20260630, 6)
    assert set(np.unique(lived.landcover)) == {10, 20, 30, 40, 60, 80, 90}
    assert np.median(place.slope[lived.landcover == 20]) > 12
    assert (lived.landcover[np.abs(place.river_km) < 0.3] == 60).mean() > 0.95
    assert (place.slope[lived.landcover == 10] < 8).mean() > 0.95


def test_villages_lie_in_their_township_and_have_unique_codes():
    lived, units = settlement(20260630, 6), drawn_units()
    from make.assets import villages

    points = villages(lived)
    assert points.code.is_unique
    assert points.code.str.fullmatch(r"\d{12}").all()
    assert (points.code.str[:9] == points.town9).all()
    home = units.geometry.loc[points.town9].to_numpy()
    assert (shapely.distance(home, points.geometry.to_numpy()) < 2e-5).all()
    assert 1500 < len(points) < 2600


def test_a_small_township_keeps_its_people_on_a_coarse_grid():
    lived = settlement(2, 60)
    index = township_index(drawn_units(2), ground(2, 60).raster)
    found = np.bincount(index[index >= 0], lived.people[index >= 0], minlength=154)
    assert np.allclose(found, lived.towns.people)
    assert pd.notna(lived.towns).all().all()
