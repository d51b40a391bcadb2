import re

import pytest
import shapely
from make.boundaries import drawn_units, geography
from pandas.testing import assert_frame_equal
from pyproj import Geod

from riskzoning import standards
from riskzoning.samples import city_units

# The maker of the sample city is no part of the package; what it has made is checked in test_city.py.
pytestmark = pytest.mark.slow

COUNTY = re.compile(r"^41078[1-3]$|^4107(0[234]|11|2[14567])$")


def by_level(units, level):
    return units[units["level"] == level]


def test_the_table_of_units_is_complete_and_consistent():
    table = standards.table("names/xinxiang_townships")
    towns, counties = table.data["townships"], table.data["counties"]
    assert (len(counties), len(towns)) == (12, 154)
    assert all(COUNTY.match(code) for code in counties)
    kinds = {"街道": 0, "镇": 0, "乡": 0}
    for code, (name, kind, parent) in towns.items():
        assert re.match(r"^\d{9}$", code)
        assert parent == table.data["pseudo_counties"].get(code[:6], code[:6])
        assert parent in counties
        assert name
        kinds[kind] += 1
    assert kinds == {"街道": 36, "镇": 78, "乡": 40}
    for code, entry in counties.items():
        assert entry["seat"] in {row[0] for row in towns.values() if row[2] == code}


def test_every_drawn_place_names_a_known_unit():
    towns = standards.table("names/xinxiang_townships").data["townships"]
    drawn = geography()
    assert set(drawn["townships"]) <= set(towns)
    assert set(drawn["counties"]) == set(standards.table("names/xinxiang_townships").data["counties"])


@pytest.mark.parametrize("seed", [20260630, 1, 2, 3])
def test_units_tile_each_other_exactly_for_any_seed(seed):
    units = drawn_units(seed)
    towns, counties, city = (by_level(units, level) for level in ("township", "county", "city"))
    assert (len(city), len(counties), len(towns)) == (1, 12, 154)
    for frame in (towns, counties):
        assert shapely.is_valid(frame.geometry.to_numpy()).all()
        assert shapely.coverage_is_valid(frame.geometry.to_numpy())
        assert shapely.equals(shapely.coverage_union_all(frame.geometry.to_numpy()), city.geometry.iloc[0])
    for code, county in counties.iterrows():
        own = towns.geometry[towns["parent"] == code].to_numpy()
        assert shapely.equals(shapely.coverage_union_all(own), county.geometry)
        assert len(county.geometry.geoms) == 1


def test_borders_are_detailed_but_not_heavy():
    units = drawn_units()
    points = shapely.get_num_coordinates(units.geometry[units["level"] == "township"].to_numpy())
    assert points.min() >= 12
    assert 5_000 < points.sum() < 12_000


def test_areas_are_near_those_of_the_table():
    units, table = drawn_units(), standards.table("names/xinxiang_townships").data["counties"]
    counties = by_level(units, "county")
    for code, area in counties.area_km2.items():
        assert area == pytest.approx(table[code]["area_km2"], rel=0.04), code
    geodesic = abs(Geod(ellps="GRS80").geometry_area_perimeter(by_level(units, "city").geometry.iloc[0])[0]) / 1e6
    assert by_level(units, "township").area_km2.sum() == pytest.approx(geodesic, rel=1e-6)


def test_there_is_a_township_of_two_parts_and_one_inside_another():
    towns = by_level(drawn_units(), "township")
    parts = towns.geometry.map(lambda shape: len(shape.geoms))
    assert parts[parts > 1].to_dict() == {"410781208": 2}
    holes = towns.geometry.map(lambda shape: sum(len(part.interiors) for part in shape.geoms))
    assert holes[holes > 0].to_dict() == {"410727200": 1}
    hole = shapely.Polygon(towns.geometry["410727200"].geoms[0].interiors[0])
    assert shapely.equals(hole, towns.geometry["410727100"])


@pytest.mark.parametrize(
    ("code", "side", "of"),
    [
        ("410782", "north", "410725"),
        ("410782", "west", "410781"),
        ("410783", "east", "410726"),
        ("410727", "south", "410783"),
        ("410724", "west", "410721"),
        ("410704", "north", "410711"),
    ],
)
def test_counties_lie_as_they_do(code, side, of):
    middle = drawn_units().geometry.loc[[code, of]].representative_point()
    east, north = middle.x.diff().iloc[1], middle.y.diff().iloc[1]
    assert {"north": north < 0, "south": north > 0, "east": east < 0, "west": east > 0}[side]


def test_the_units_that_ship_are_these():
    units, shipped = drawn_units(), city_units()
    assert_frame_equal(units.drop(columns="geometry"), shipped.drop(columns="geometry"))
    assert shapely.equals_exact(units.geometry.to_numpy(), shipped.geometry.to_numpy(), 1e-9).all()
