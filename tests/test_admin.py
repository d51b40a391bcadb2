"""Administrative units: every defect named, mended only when asked, every change listed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import Point, Polygon, box

from riskzoning import admin
from riskzoning.errors import AdminError
from riskzoning.samples import city_units

BOW = Polygon([(113.8, 35.2), (113.9, 35.3), (113.9, 35.2), (113.8, 35.3)])
DISC = shapely.Point(113.9, 35.25).buffer(0.1, quad_segs=32)
HALVES = [DISC.intersection(box(113, 35, 113.9, 36)), DISC.intersection(box(113.9, 35, 115, 36))]


def counties(**changes: Any) -> gpd.GeoDataFrame:
    columns = {"code": ["410702", "410703"], "name": ["红旗区", "卫滨区"], **changes}
    shapes = columns.pop("geometry", [box(113.8, 35.2, 113.9, 35.3), box(113.9, 35.2, 114.0, 35.3)])
    return gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4490")


def rules(frame: Any, **options: Any) -> set[str]:
    with pytest.raises(AdminError) as caught:
        admin.assemble(frame if isinstance(frame, dict) else {"county": frame}, **options)
    assert all(p.found and p.required and p.fix for p in caught.value.problems)
    return {problem.rule for problem in caught.value.problems}


def mended(frame: gpd.GeoDataFrame, **options: Any) -> admin.AdminUnits:
    found = admin.assemble({"county": frame}, repair=True, **options)
    assert found.actions
    return found


def test_clean_units_get_their_city() -> None:
    found = admin.assemble({"county": counties()})
    assert found.units.loc["410702", ["level", "parent"]].tolist() == ["county", "410700"]
    assert found.units.loc["410700", "level"] == "city"
    assert admin.check_admin(found.units) is found.units


def test_all_three_levels_of_the_sample_are_clean() -> None:
    units = city_units().reset_index()
    found = admin.assemble({level: units[units["level"] == level] for level in ("city", "county", "township")})
    assert found.problems == ()
    assert found.units["level"].value_counts().to_dict() == {"township": 154, "county": 12, "city": 1}


@pytest.mark.parametrize(
    ("frame", "repaired"),
    [
        (counties(geometry=[box(35.2, 113.8, 35.3, 113.9), box(35.2, 113.9, 35.3, 114.0)]), True),
        (counties(code=["410702 ", "410703"]), True),
        (counties(geometry=[box(113.8, 35.2, 113.9005, 35.3), box(113.9, 35.2, 114.0, 35.3)]), True),
        (counties(geometry=[BOW, box(113.9, 35.2, 114.0, 35.3)]), True),
        (counties(code=["410702", "410702"]), False),
        (counties(code=["410702", "4107x3"]), False),
        (counties(code=["410702", None]), False),
    ],
    ids=["swapped", "blank", "overlap", "invalid", "double", "form", "empty"],
)  # fmt: skip
def test_defects_are_refused_and_mended_where_they_can_be(frame: gpd.GeoDataFrame, repaired: bool) -> None:
    assert rules(frame)
    if repaired:
        units = mended(frame).units
        assert len(units) == 3
        assert shapely.coverage_is_valid(units[units["level"] == "county"].geometry.to_numpy())
    else:
        assert rules(frame, repair=True)


def test_all_defects_are_told_at_once() -> None:
    frame = counties(
        code=["410702 ", "4107x3"], geometry=[box(113.8, 35.2, 113.9005, 35.3), box(113.9, 35.2, 114.0, 35.3)]
    )
    assert len(rules(frame)) >= 3


def test_a_gap_goes_to_a_neighbour() -> None:
    hole = box(113.85, 35.24, 113.851, 35.26)
    frame = counties(geometry=[box(113.8, 35.2, 113.9, 35.3).difference(hole), box(113.9, 35.2, 114.0, 35.3)])
    assert rules(frame) == {"admin.gap"}
    units = mended(frame).units
    assert units.loc["410702"].geometry.area == pytest.approx(0.01)


def test_township_without_its_county_and_statistical_zones() -> None:
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


def test_gcj02_is_proven_by_a_reference() -> None:
    true = counties(geometry=HALVES)
    shifted = true.set_geometry(
        gpd.GeoSeries(
            [
                shapely.transform(g, lambda p: np.column_stack(admin.wgs84_to_gcj02(p[:, 0], p[:, 1])))
                for g in true.geometry
            ],
            crs="EPSG:4490",
        )
    )
    assert rules(shifted, reference=true) == {"admin.datum"}
    back = mended(shifted, reference=true)
    assert back.reference_check == "converted"
    assert back.units.loc["410702"].geometry.hausdorff_distance(true.geometry.iloc[0]) < 1e-7
    declared = admin.assemble({"county": shifted}, datum="gcj02", reference=true)
    assert declared.reference_check == "passed"
    assert admin.assemble({"county": true}, reference=true).reference_check == "passed"


def gcj02(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes = shapely.transform(
        frame.geometry.to_numpy(), lambda p: np.column_stack(admin.wgs84_to_gcj02(p[:, 0], p[:, 1]))
    )
    return frame.set_geometry(gpd.GeoSeries(shapes, crs="EPSG:4490"))


def villages(step: float = 0.01, shift: float = 0.0) -> gpd.GeoDataFrame:
    """Points with the code of a village over both counties of the test city."""
    rows = []
    for code, shape in zip(("410702", "410703"), HALVES, strict=True):
        west, south, east, north = shape.bounds
        # Near enough to the border that an offset of 540 m carries some of them over it.
        for x in np.arange(west + 0.001, east, step):
            rows += [{"code": f"{code}001{len(rows):03d}", "geometry": Point(x + shift, (south + north) / 2)}]
    return gpd.GeoDataFrame(rows, crs="EPSG:4490")


def test_points_with_codes_prove_an_offset_and_stray_points_do_not() -> None:
    true = counties(geometry=HALVES)
    points = villages(0.0004)
    assert admin.assemble({"county": true}, reference=points).reference_check == "passed"
    assert rules(gcj02(true), reference=points) == {"admin.datum"}
    assert mended(gcj02(true), reference=points).reference_check == "converted"
    # Names of units do as well as codes.
    named = points.assign(code=["红旗区" if code.startswith("410702") else "卫滨区" for code in points["code"]])
    assert rules(gcj02(true.assign(name=["红旗区", "卫滨区"])), reference=named) == {"admin.datum"}
    # Points that no datum brings back prove nothing.
    stray = admin.assemble({"county": true}, reference=villages(0.0004, shift=5.0))
    assert (stray.reference_check, [p.rule for p in stray.problems]) == ("off", ["admin.reference"])
    for useless in (points.iloc[:3], points.drop(columns="code"), points.assign(code="999999")):
        found = admin.assemble({"county": true}, reference=useless)
        assert (found.reference_check, [p.rule for p in found.problems]) == ("not checked", ["admin.reference_codes"])


def test_a_datum_that_is_declared_though_it_is_none_is_refused() -> None:
    true = counties(geometry=HALVES)
    assert rules(true, datum="gcj02", reference=true) == {"admin.datum_declared"}


def test_a_file_that_names_its_datum_wants_an_answer() -> None:
    frame = gcj02(counties(geometry=HALVES))
    frame.attrs["source"] = "county_GCJ-02.geojson"
    assert rules(frame) == {"admin.datum_named"}
    back = mended(frame).units.loc["410702"].geometry
    assert back.hausdorff_distance(HALVES[0]) < 1e-7
    said = admin.assemble({"county": frame}, datum="wgs84")
    assert [(p.rule, p.severity) for p in said.problems] == [("admin.datum_disagrees", "warning")]
    frame.attrs["source"] = "county_gcj02_to_wgs84.geojson"
    assert admin.assemble({"county": frame}).problems == ()


def test_a_unit_that_another_swallows_is_not_mended() -> None:
    same = counties(geometry=[HALVES[0], HALVES[0]])
    with pytest.raises(AdminError, match="410703 would lose most of its area"):
        admin.assemble({"county": same}, repair=True)


def test_every_change_of_a_repair_is_told_with_who_got_it() -> None:
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


def test_townships_directly_under_a_city_need_no_county() -> None:
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


def test_statistical_zones_of_the_county_layer_are_folded_or_told() -> None:
    frame = counties(code=["410702", "410771"])
    found = admin.assemble({"county": frame})
    assert [problem.rule for problem in found.problems] == ["admin.pseudo"]
    folded = admin.assemble({"county": frame}, pseudo_counties={"410771": "410702"})
    assert folded.units.index.tolist() == ["410700", "410702"]
    assert folded.units.geometry["410702"].area == pytest.approx(0.02)
    (zone,) = (dict(action.values) for action in folded.actions if action.rule == "admin.mended.pseudo")
    assert zone == {"code": "410771", "host": "410702"}


def test_one_name_twice_in_one_parent_is_told() -> None:
    found = admin.assemble({"county": counties(name=["红旗区", "红旗区"])})
    assert [(problem.rule, problem.severity) for problem in found.problems] == [("admin.same_name", "warning")]


@given(st.floats(75, 130), st.floats(18, 52))
def test_datum_shifts_turn_back(lon: float, lat: float) -> None:
    back = admin.gcj02_to_wgs84(*admin.wgs84_to_gcj02(lon, lat))
    assert np.allclose(back, (lon, lat), atol=1e-8)
    again = admin.bd09_to_wgs84(*admin.wgs84_to_bd09(lon, lat))
    assert np.allclose(again, (lon, lat), atol=1e-6)


def test_known_point_of_the_shift() -> None:
    assert np.allclose(admin.wgs84_to_gcj02(113.9, 35.3), (113.9059092, 35.2993976), atol=5e-8)


def test_contract_of_units_lists_what_is_broken() -> None:
    with pytest.raises(AdminError) as caught:
        admin.check_admin(counties())
    assert len(caught.value.problems) >= 2


def test_missing_crs_suggests_one() -> None:
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
