"""Administrative units: every defect named, mended only when asked, every change listed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from shapely import Point, Polygon, box

from riskzoning import admin
from riskzoning.errors import AdminError
from riskzoning.samples import city_units

Counties = Callable[..., gpd.GeoDataFrame]
Rules = Callable[..., set[str]]
Mended = Callable[..., admin.AdminUnits]

BOW = Polygon([(113.8, 35.2), (113.9, 35.3), (113.9, 35.2), (113.8, 35.3)])


def test_clean_units_get_their_city(counties: Counties) -> None:
    found = admin.assemble({"county": counties()})
    assert found.units.loc["410702", ["level", "parent"]].tolist() == ["county", "410700"]
    assert found.units.loc["410700", "level"] == "city"
    assert admin.check_admin(found.units) is found.units


def test_all_three_levels_of_the_sample_are_clean() -> None:
    units = city_units().reset_index()
    found = admin.assemble({level: units[units["level"] == level] for level in ("city", "county", "township")})
    assert found.problems == ()
    assert found.units["level"].value_counts().to_dict() == {"township": 154, "county": 12, "city": 1}


RIGHT = box(113.9, 35.2, 114.0, 35.3)


@pytest.mark.parametrize(
    ("changes", "rule", "repaired"),
    [
        ({"geometry": [box(35.2, 113.8, 35.3, 113.9), box(35.2, 113.9, 35.3, 114.0)]}, "admin.axes", True),
        ({"code": ["410702 ", "410703"]}, "admin.blank", True),
        ({"code": ["４10702", "410703"]}, "admin.digits", True),
        ({"code": ["410702000000", "410703"]}, "admin.code12", True),
        ({"name": ["红旗区 ", "卫滨区"]}, "admin.blank_name", True),
        ({"geometry": [box(113.8, 35.2, 113.9005, 35.3), RIGHT]}, "admin.overlap", True),
        ({"geometry": [BOW, RIGHT]}, "admin.invalid", True),
        ({"geometry": [None, RIGHT]}, "admin.no_geometry", False),
        ({"geometry": [Point(113.8, 35.2), RIGHT]}, "admin.geometry", False),
        ({"geometry": [box(13.8, 35.2, 13.9, 35.3), RIGHT]}, "admin.extent", False),
        ({"code": ["410702", "410702"]}, "admin.duplicate", False),
        ({"code": ["410702", "4107x3"]}, "admin.code", False),
        ({"code": ["410702", None]}, "admin.code_missing", False),
        ({"name": [None, "卫滨区"]}, "admin.name", False),
    ],
)
def test_defects_are_refused_and_mended_where_they_can_be(
    counties: Counties, rules: Rules, mended: Mended, changes: dict[str, Any], rule: str, repaired: bool
) -> None:
    assert rule in rules(counties(**changes))
    if repaired:
        found = mended(counties(**changes))
        assert rule.replace("admin.", "admin.mended.") in {action.rule for action in found.actions}
        assert len(found.units) == 3
        assert shapely.coverage_is_valid(found.units[found.units["level"] == "county"].geometry.to_numpy())
    else:
        assert rule in rules(counties(**changes), repair=True)


def test_all_defects_are_told_at_once(counties: Counties, rules: Rules) -> None:
    frame = counties(
        code=["410702 ", "4107x3"], geometry=[box(113.8, 35.2, 113.9005, 35.3), box(113.9, 35.2, 114.0, 35.3)]
    )
    assert len(rules(frame)) >= 3


def test_a_gap_goes_to_a_neighbour(counties: Counties, rules: Rules, mended: Mended) -> None:
    hole = box(113.85, 35.24, 113.851, 35.26)
    frame = counties(geometry=[box(113.8, 35.2, 113.9, 35.3).difference(hole), box(113.9, 35.2, 114.0, 35.3)])
    assert rules(frame) == {"admin.gap"}
    units = mended(frame).units
    assert units.loc["410702"].geometry.area == pytest.approx(0.01)


def test_township_without_its_county_and_statistical_zones(counties: Counties, rules: Rules) -> None:
    towns = gpd.GeoDataFrame(
        {"code": ["410702001", "410711001"], "name": ["甲街道", "乙街道"]},
        geometry=[box(113.8, 35.2, 113.9, 35.3), box(113.9, 35.2, 114.0, 35.3)],
        crs="EPSG:4490",
    )
    above = counties()[:1]
    assert "admin.parent" in rules({"county": above, "township": towns})
    zone = towns.assign(code=["410702001", "410771001"])
    both = gpd.GeoDataFrame(above.assign(geometry=[box(113.8, 35.2, 114.0, 35.3)]), crs="EPSG:4490")
    assert "admin.pseudo_parent" in rules({"county": both, "township": zone})
    found = admin.assemble({"county": both, "township": zone}, pseudo_counties={"410771": "410702"})
    assert found.units.loc["410771001", "parent"] == "410702"


def test_a_unit_that_another_swallows_is_not_mended(counties: Counties, halves: list[Any]) -> None:
    same = counties(geometry=[halves[0], halves[0]])
    with pytest.raises(AdminError, match="410703 would lose most of its area"):
        admin.assemble({"county": same}, repair=True)


def test_every_change_of_a_repair_is_told_with_who_got_it(counties: Counties, mended: Mended) -> None:
    found = mended(counties(geometry=[box(113.8, 35.2, 113.901, 35.3), box(113.9, 35.2, 114.0, 35.3)]))
    (action,) = (action for action in found.actions if action.rule == "admin.mended.overlap")
    values = dict(action.values)
    assert (values["unit"], values["losers"]) == ("410702", ("410703",))
    assert values["area_m2"] == pytest.approx(1.0096e6, rel=1e-3)
    (told,) = (problem for problem in found.problems if problem.severity == "info")
    assert told == action
    assert told.found == "had an overlap of 1.01 km2, which 410702 keeps and 410703 loses"
    assert "归 410702，不再属于 410703" in told.text("zh")
    gained = found.units.geometry["410702"].area, found.units.geometry["410703"].area
    assert gained == pytest.approx((0.0101, 0.0099))


def test_townships_directly_under_a_city_need_no_county(halves: list[Any]) -> None:
    halves = [box(113.7, 22.9, 113.8, 23.0), box(113.8, 22.9, 113.9, 23.0)]
    towns = gpd.GeoDataFrame({"code": ["441900003", "441900004"], "name": ["东城", "南城"]}, geometry=halves, crs=4490)
    city = gpd.GeoDataFrame(
        {"code": ["441900"], "name": ["东莞市"]}, geometry=[box(113.7, 22.9, 113.9, 23.0)], crs=4490
    )
    for layers in ({"township": towns}, {"city": city, "township": towns}):
        found = admin.assemble(layers)
        assert admin.check_admin(found.units)["level"].tolist() == ["city", "township", "township"]
        assert set(found.units["parent"][1:]) == {"441900"}
        assert found.problems == ()


def test_statistical_zones_of_the_county_layer_are_folded_or_told(counties: Counties) -> None:
    frame = counties(code=["410702", "410771"])
    found = admin.assemble({"county": frame})
    assert [problem.rule for problem in found.problems] == ["admin.pseudo"]
    folded = admin.assemble({"county": frame}, pseudo_counties={"410771": "410702"})
    assert folded.units.index.tolist() == ["410700", "410702"]
    assert folded.units.geometry["410702"].area == pytest.approx(0.02)
    (zone,) = (dict(action.values) for action in folded.actions if action.rule == "admin.mended.pseudo")
    assert zone == {"code": "410771", "host": "410702"}


def test_one_name_twice_in_one_parent_is_told(counties: Counties) -> None:
    found = admin.assemble({"county": counties(name=["红旗区", "红旗区"])})
    assert [(problem.rule, problem.severity) for problem in found.problems] == [("admin.same_name", "warning")]


def test_contract_of_units_lists_what_is_broken(counties: Counties) -> None:
    with pytest.raises(AdminError) as caught:
        admin.check_admin(counties())
    assert [p.rule for p in caught.value.problems] == ["admin.contract.columns", "admin.contract.codes_text"]
    twice = counties().assign(code=["1", "1"], level=["county", "region"], parent="").set_index("code")
    with pytest.raises(AdminError) as caught:
        admin.check_admin(twice.set_crs(None, allow_override=True), name="frame")
    names = ["codes_twice", "crs", "levels"]
    assert [p.rule for p in caught.value.problems] == [f"admin.contract.{name}" for name in names]
    assert all(p.file == "frame" for p in caught.value.problems)


def test_missing_crs_suggests_one(counties: Counties) -> None:
    bare = counties().to_crs("EPSG:4526").set_crs(None, allow_override=True)
    with pytest.raises(AdminError, match="EPSG:4526"):
        admin.assemble({"county": bare})


DIRTY = {
    "county_echarts_invalid.geojson": (False, True),
    "county_swapped_latlon.geojson": (False, True),
    "县界_GBK.shp": (True, True),
    "county_zone38_EPSG4526.gpkg": (True, True),
    "township_topology_errors.gpkg": (False, False),
    "../admin_gcj02.geojson": (False, True),
}


@pytest.mark.city
@pytest.mark.parametrize("name", DIRTY)
@pytest.mark.parametrize("repair", [False, True])
def test_dirty_files_of_the_city(city_data: Path, name: str, repair: bool) -> None:
    from riskzoning import io

    frame = io.read_vector(city_data / "admin_dirty" / name)
    level = "township" if "township" in name else "county"
    reference = gpd.read_file(city_data / "admin.gpkg", layer="county") if "gcj02" in name else None
    if DIRTY[name][repair]:
        found = admin.assemble({level: frame} if reference is None else frame, repair=repair, reference=reference)
        assert "410783" in found.units.index
    else:
        expected = {"admin.duplicate"} if repair else set()
        given = {level: frame} if reference is None else frame
        with pytest.raises(AdminError) as caught:
            admin.assemble(given, repair=repair, reference=reference)
        errors = [problem for problem in caught.value.problems if problem.severity == "error"]
        assert len(errors) == 1 if expected else errors
        if expected:
            told = {problem.rule for problem in caught.value.problems if problem.severity == "info"}
            assert told >= {f"admin.mended.{what}" for what in ("overlap", "gap", "code12", "blank_name")}


def test_published_areas_are_held_against_the_polygons(counties: Counties, rules: Rules) -> None:
    """The first county has its geodesic area; of 红旗区 a table says 99 km2 where its polygon has 158.5 (+60 %)."""
    from pyproj import Geod

    shapes = [box(113.8, 35.2, 113.9, 35.3), box(113.9, 35.2, 114.0, 35.3)]
    true = abs(Geod(ellps="GRS80").geometry_area_perimeter(shapes[0])[0]) / 1e6
    frame = counties(面积=[f"{true:.2f}", 0.84 * true])
    assert admin.assemble({"county": frame}).problems == ()
    made = admin.assemble({"county": frame}, columns={"area": "面积"})
    (problem,) = made.problems
    assert (problem.rule, problem.severity, dict(problem.values)["count"]) == ("admin.published_area", "warning", 1)
    assert "-16%" in problem.text("en")
    assert "410703" in problem.text("zh")
    assert rules(counties(), columns={"area": "面积"}) == {"admin.no_area_column"}
    assert admin.assemble({"county": counties(km2=[None, true])}, columns={"area": "km2"}).problems == ()
