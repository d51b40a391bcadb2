"""Objects put together from forms and layers: ids, kinds, units, what has no place."""

from __future__ import annotations

import warnings
from pathlib import Path

import geopandas as gpd
import shapely
import yaml

from riskzoning.config import load_study
from riskzoning.pipeline.catalogue import Catalogue
from riskzoning.pipeline.objects import study_objects
from tests.pipeline.conftest import CRS, LEFT, TOP, small_study, units, write_small_city


def objects_of(folder: Path, layers: dict[str, gpd.GeoDataFrame], listed: object) -> gpd.GeoDataFrame:
    write_small_city(folder)
    data = small_study()
    for name, frame in layers.items():
        frame.to_file(folder / f"{name}.gpkg")
        data["inputs"][name] = {"path": f"{name}.gpkg"}
    data["exposure"]["objects"] = listed
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    study = load_study(path)
    shapes = units().set_index("code").assign(level="county", parent="320500")
    out = study_objects(study, Catalogue(study), shapes, {})
    assert out is not None
    return out


def spots(*places: tuple[float, float] | None, **columns: object) -> gpd.GeoDataFrame:
    points = [None if at is None else shapely.Point(LEFT + at[0], TOP - at[1]) for at in places]
    return gpd.GeoDataFrame(columns, geometry=points, crs=CRS)


def test_the_same_id_in_two_layers_is_two_objects(tmp_path: Path) -> None:
    layers = {"mills": spots((2000, 2000), no=["7"]), "pits": spots((6000, 2000), (6000, 3000), no=["7", "8"])}
    listed = [{"layer": name, "id": "no"} for name in layers]
    out = objects_of(tmp_path, layers, listed)
    assert out["object_id"].tolist() == ["mills-1:7", "pits-2:7", "8"]
    assert out["kind"].tolist() == ["mills", "pits", "pits"]
    assert out["adcode6"].tolist() == ["320505", "320506", "320506"]


def test_what_lies_nowhere_is_left_out_and_told(tmp_path: Path) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        out = objects_of(tmp_path, {"mills": spots((2000, 2000), None, people=[1, 2])}, "mills")
    assert len(out) == 1
    assert any("1" in str(item.message) and "mills" in str(item.message) for item in told)


def test_beyond_all_units_an_object_has_no_code(tmp_path: Path) -> None:
    out = objects_of(tmp_path, {"mills": spots((-900, 2000), (2000, 2000), name=["", "M"])}, ["mills"])
    assert out["adcode6"].tolist() == ["", "320505"]
    assert out["name"].tolist() == ["", "M"]
