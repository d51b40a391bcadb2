"""Collections of geometries."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from riskzoning.errors import Journal, hearing
from riskzoning.io.vectors.parts import parts_of_kind

BOX, OTHER = shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)
LINE, POINT = shapely.LineString([(0, 0), (1, 1)]), shapely.Point(5, 5)
MIXED = shapely.GeometryCollection([BOX, LINE, shapely.GeometryCollection([OTHER, POINT])])


@pytest.mark.parametrize(
    ("form", "wanted"),
    [
        ("polygons", shapely.MultiPolygon([BOX, OTHER])),
        ("layer", shapely.MultiPolygon([BOX, OTHER])),
        ("lines", LINE),
        ("points", POINT),
        ("footprints", shapely.MultiPolygon([BOX, OTHER])),
    ],
)
def test_parts_of_the_wanted_kind_are_taken_with_a_word(form: str, wanted: shapely.Geometry) -> None:
    frame = gpd.GeoDataFrame({"a": [1, 2]}, geometry=[BOX, MIXED], crs="EPSG:4547")
    with hearing(Journal()) as journal:
        out = parts_of_kind(frame, form, "a.gpkg")
    assert out.geometry.iloc[1].equals(wanted)
    assert [(problem.rule, dict(problem.values)["rows"]) for problem in journal.warnings] == [
        ("vector.mixed_taken", (2,))
    ]


def test_what_has_no_such_part_stays() -> None:
    frame = gpd.GeoDataFrame(geometry=[shapely.GeometryCollection([LINE]), None, BOX], crs="EPSG:4547")
    assert parts_of_kind(frame, "polygons", "a.gpkg") is frame


def test_several_lines_and_points_stay_together() -> None:
    two = shapely.GeometryCollection([LINE, shapely.LineString([(2, 2), (3, 3)]), POINT, shapely.Point(6, 6)])
    frame = gpd.GeoDataFrame(geometry=[two], crs="EPSG:4547")
    with hearing(Journal()):
        assert parts_of_kind(frame, "lines", "a.gpkg").geometry.iloc[0].geom_type == "MultiLineString"
        assert parts_of_kind(frame, "points", "a.gpkg").geometry.iloc[0].geom_type == "MultiPoint"
