"""Units of the command zonal as people keep them."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from riskzoning.errors import AdminError, Journal, LayerError, hearing
from riskzoning.pipeline.zonal_units import read_units, whole_polygons

LEFT, RIGHT = shapely.box(113.0, 35.98, 113.02, 36.0), shapely.box(113.02, 35.98, 113.04, 36.0)
LINE = shapely.LineString([(113.02, 35.98), (113.02, 36.0)])


def units(path: Path, *shapes: object, codes: list[object], column: str = "code") -> Path:
    gpd.GeoDataFrame({column: codes}, geometry=list(shapes), crs="EPSG:4490").to_file(path)
    return path


def read(path: Path, identifier: str | None = None, crs: str | None = None) -> gpd.GeoDataFrame:
    return read_units(path, layer=None, identifier=identifier, crs=crs)


@pytest.mark.parametrize("codes", [["410702.0", "410703"], ["４１０７０２", " 410703 "], [410702.0, 410703.0]])
def test_codes_are_those_of_every_door(tmp_path: Path, codes: list[object]) -> None:
    path = units(tmp_path / "a.gpkg", LEFT, RIGHT, codes=codes)
    assert read(path).index.tolist() == ["410702", "410703"]


def test_a_unit_without_a_code_is_told(tmp_path: Path) -> None:
    path = units(tmp_path / "a.gpkg", LEFT, RIGHT, LEFT, codes=["410702", None, " "])
    with hearing(Journal()) as journal:
        assert read(path).index.tolist() == ["410702", "", ""]
    assert [(note.rule, dict(note.values)["rows"]) for note in journal.warnings] == [("zonal.nameless", (2, 3))]


def test_the_number_of_a_feature_and_names_in_another_case_identify(tmp_path: Path) -> None:
    path = units(tmp_path / "a.gpkg", LEFT, RIGHT, codes=["a", "b"], column="Town")
    assert read(path, "fid").index.tolist() == ["1", "2"]
    assert read(path, "TOWN").index.tolist() == ["a", "b"]
    assert read(path).index.tolist() == [0, 1]
    with pytest.raises(LayerError) as caught:
        read(path, "geometry")
    assert dict(caught.value.problems[0].values)["columns"] == ("Town",)


def test_a_collection_gives_its_polygons_when_that_is_asked_for(tmp_path: Path) -> None:
    mixed = shapely.GeometryCollection([RIGHT, shapely.GeometryCollection([LINE, LEFT])])
    path = units(tmp_path / "a.gpkg", LEFT, mixed, codes=["a", "b"])
    with pytest.raises(AdminError) as refused:
        whole_polygons(read(path), path, repair=False)
    assert [problem.rule for problem in refused.value.problems] == ["zonal.mixed"]
    with hearing(Journal()) as journal:
        whole = whole_polygons(read(path), path, repair=True)
    assert whole.geometry.iloc[1].equals(shapely.union(LEFT, RIGHT))
    assert [(note.rule, dict(note.values)["units"]) for note in journal.steps] == [("zonal.mixed_taken", ("b",))]


def test_what_has_no_area_is_refused_also_with_repair(tmp_path: Path) -> None:
    path = units(tmp_path / "a.gpkg", LEFT, shapely.GeometryCollection([LINE]), codes=["a", None])
    with pytest.raises(AdminError) as refused, hearing(Journal()):
        whole_polygons(read(path), path, repair=True)
    assert [dict(problem.values)["units"] for problem in refused.value.problems] == [("(2) (GeometryCollection)",)]


@pytest.mark.filterwarnings("ignore:invalid value")
def test_coordinates_that_are_no_numbers_are_a_missing_geometry(tmp_path: Path) -> None:
    broken = shapely.Polygon([(113, 35.98), (113.02, np.nan), (113.02, 36), (113, 35.98)])
    path = units(tmp_path / "a.gpkg", LEFT, broken, codes=["a", "b"])
    with pytest.raises(AdminError) as refused, hearing(Journal()):
        whole_polygons(read(path), path, repair=False)
    assert [problem.rule for problem in refused.value.problems] == ["zonal.bare"]


def test_swapped_axes_are_told_of_the_file(tmp_path: Path) -> None:
    path = units(tmp_path / "a.gpkg", shapely.box(35.98, 113, 36, 113.02), codes=["a"])
    with pytest.raises(LayerError) as caught:
        read(path)
    assert (caught.value.problems[0].rule, caught.value.problems[0].file) == ("vector.axes", str(path))


def test_a_crs_is_given_to_a_file_that_states_none(tmp_path: Path) -> None:
    path = units(tmp_path / "a.shp", LEFT, codes=["a"])
    assert read(path, crs="EPSG:4547").crs.to_epsg() == 4490
    path.with_suffix(".prj").unlink()
    assert read(path, crs="EPSG:4490").crs.to_epsg() == 4490
    with pytest.raises(LayerError) as caught:
        read(path, crs="EPSG:99999")
    assert caught.value.problems[0].file == "--crs"
