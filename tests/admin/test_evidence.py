"""An offset datum is proven by boundaries or points that are known to lie right, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import Point

from riskzoning import admin
from riskzoning.admin.evidence import Evidence, named_datum, proven_datum

Counties = Callable[..., gpd.GeoDataFrame]
Rules = Callable[..., set[str]]
Mended = Callable[..., admin.AdminUnits]


def test_gcj02_is_proven_by_a_reference(counties: Counties, rules: Rules, mended: Mended, halves: list[Any]) -> None:
    true = counties(geometry=halves)
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


def villages(halves: list[Any], step: float, shift: float = 0.0) -> gpd.GeoDataFrame:
    """Points with the code of a village over both counties of the test city."""
    rows = []
    for code, shape in zip(("410702", "410703"), halves, strict=True):
        west, south, east, north = shape.bounds
        # Near enough to the border that an offset of 540 m carries some of them over it.
        for x in np.arange(west + 0.001, east, step):
            rows += [{"code": f"{code}001{len(rows):03d}", "geometry": Point(x + shift, (south + north) / 2)}]
    return gpd.GeoDataFrame(rows, crs="EPSG:4490")


def test_points_with_codes_prove_an_offset_and_stray_points_do_not(
    counties: Counties, rules: Rules, mended: Mended, halves: list[Any]
) -> None:
    true = counties(geometry=halves)
    points = villages(halves, 0.0004)
    assert admin.assemble({"county": true}, reference=points).reference_check == "passed"
    assert rules(gcj02(true), reference=points) == {"admin.datum"}
    assert mended(gcj02(true), reference=points).reference_check == "converted"
    # Names of units do as well as codes.
    named = points.assign(code=["红旗区" if code.startswith("410702") else "卫滨区" for code in points["code"]])
    assert rules(gcj02(true.assign(name=["红旗区", "卫滨区"])), reference=named) == {"admin.datum"}
    # Points that no datum brings back prove nothing.
    stray = admin.assemble({"county": true}, reference=villages(halves, 0.0004, shift=5.0))
    assert (stray.reference_check, [p.rule for p in stray.problems]) == ("off", ["admin.reference"])
    for useless in (points.iloc[:3], points.drop(columns="code"), points.assign(code="999999")):
        found = admin.assemble({"county": true}, reference=useless)
        assert (found.reference_check, [p.rule for p in found.problems]) == ("not checked", ["admin.reference_codes"])


def test_a_datum_that_is_declared_though_it_is_none_is_refused(
    counties: Counties, rules: Rules, halves: list[Any]
) -> None:
    true = counties(geometry=halves)
    assert rules(true, datum="gcj02", reference=true) == {"admin.datum_declared"}


def test_a_file_that_names_its_datum_wants_an_answer(
    counties: Counties, rules: Rules, mended: Mended, halves: list[Any]
) -> None:
    frame = gcj02(counties(geometry=halves))
    frame.attrs["source"] = "county_GCJ-02.geojson"
    assert rules(frame) == {"admin.datum_named"}
    back = mended(frame).units.loc["410702"].geometry
    assert back.hausdorff_distance(halves[0]) < 1e-7
    said = admin.assemble({"county": frame}, datum="wgs84")
    assert [(p.rule, p.severity) for p in said.problems] == [("admin.datum_disagrees", "warning")]
    frame.attrs["source"] = "county_gcj02_to_wgs84.geojson"
    assert admin.assemble({"county": frame}).problems == ()


def test_a_reference_without_shapes_says_nothing(counties: Counties) -> None:
    empty = counties(geometry=[None, None])
    assert proven_datum({"county": counties()}, empty) == Evidence(None, 0.0, 0.0, 0, False)


def test_a_layer_that_is_its_own_reference_lies_right(counties: Counties) -> None:
    evidence = proven_datum({"county": counties()}, counties())
    assert (evidence.datum, evidence.off, evidence.before) == (None, False, 0.0)
    assert evidence.compared > 0


@pytest.mark.parametrize(
    ("source", "datum"),
    [
        ("county_GCJ-02.shp", "gcj02"),
        ("county gcj 02.shp", "gcj02"),
        ("bd09_county.geojson", "bd09"),
        ("county.shp", None),
        ("gcj02转wgs84.shp", None),
        ("", None),
    ],
)
def test_the_name_of_a_file_may_state_its_datum(source: str, datum: str | None) -> None:
    assert named_datum(source) == datum
