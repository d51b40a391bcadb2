"""Objects of survey forms and of layers in a run: their table, their layer, what of them lies in each grade."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
import yaml

from riskzoning.config import load_study
from riskzoning.pipeline import run_study
from riskzoning.results import StudyResult
from tests.pipeline.conftest import CELL, CRS, LEFT, SIDE, TOP, small_study, write_small_city
from tests.pipeline.stages.test_surveyed import write_forms

ROADS = {"layer": "roads", "kind": "road", "id": "id"}


def write_objects(folder: Path) -> Path:
    """The small city with its roads, a park and villages as objects beside its survey forms."""
    write_small_city(folder)
    write_forms(folder / "forms")
    park = shapely.box(LEFT + 2000, TOP - 6000, LEFT + 5000, TOP - 3000)
    gpd.GeoDataFrame({"name": ["Tiger Hill"]}, geometry=[park], crs=CRS).to_file(folder / "parks.gpkg")
    spots = [shapely.Point(LEFT + CELL * SIDE * share, TOP - 5000) for share in (0.2, 0.5, 0.8)]
    rows = {"name": ["A", "<b>B</b>", None], "people": [100, 200, 300], "type": ["village", None, "community"]}
    gpd.GeoDataFrame(rows, geometry=spots, crs=CRS).to_file(folder / "villages.gpkg")
    data = {**small_study(), "surveys": {"files": "forms"}}
    data["inputs"] |= {name: {"path": f"{name}.gpkg"} for name in ("roads", "parks", "villages")}
    villages = {"layer": "villages", "kind_column": "type", "people": "people"}
    data["exposure"]["objects"] = [ROADS, {"layer": "parks", "kind": "scenic site"}, villages]
    data["outputs"] = {"maps": False, "site": False}
    path = folder / "objects.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    folder = tmp_path_factory.mktemp("objects")
    return run_study(load_study(write_objects(folder)), out=folder / "out")


def test_every_object_has_its_grade_name_and_units(ran: StudyResult) -> None:
    table = ran.tables["objects"].set_index("object_id")
    assert table["kind"].value_counts().to_dict() == {
        "Emergency shelter": 12, "Hidden danger": 12, "road": 9, "scenic site": 1, "village": 1, "villages": 1,
        "community": 1,
    }  # fmt: skip
    assert {"earthquake_grade", "flood_grade", "multi_grade"} <= set(table.columns)
    assert table.loc[["villages-1", "villages-2", "villages-3"], "adcode6"].tolist() == ["320505", "320506", "320507"]
    assert table.loc["villages-2", "name"] == "<b>B</b>"
    assert table.loc["villages-3", "people"] == 300
    assert (np.diff(ran.tables["objects"]["max_grade"]) <= 0).all()
    assert ran.tables["objects_by_grade"]["objects"].sum() == len(table) == 37
    assert (ran.folder / "tables" / "objects.csv").is_file()


def test_the_layer_has_points_lines_and_areas(ran: StudyResult) -> None:
    layer = ran.zones["objects"]
    assert set(layer.geom_type) == {"Point", "LineString", "Polygon"}
    assert layer.crs.to_epsg() == 4490
    assert layer["object_id"].tolist() == ran.tables["objects"]["object_id"].tolist()


def test_kilometres_of_roads_by_grade_are_their_length(ran: StudyResult) -> None:
    extent = ran.tables["objects_extent"]
    roads = extent[(extent["kind"] == "road") & (extent["quantity"] == "length_km")]
    length = gpd.read_file(ran.folder.parent / "roads.gpkg").length.sum() / 1000
    for hazard in ("earthquake", "flood", "multi"):
        assert roads.loc[roads["hazard"] == hazard, "value"].sum() == pytest.approx(length)


def test_a_study_without_objects_has_no_such_tables(tmp_path: Path) -> None:
    result = run_study(load_study(write_small_city(tmp_path)), out=tmp_path / "out")
    assert not {"objects", "objects_by_grade", "objects_extent"} & {*result.tables, *result.zones}
