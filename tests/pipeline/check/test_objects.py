"""Layers of objects are looked at before the run: entries, columns, ids, numbers."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import yaml

from riskzoning.errors import Problem
from riskzoning.pipeline import check_study
from tests.pipeline.stages.test_objects import ROADS, write_objects


def problems(folder: Path, *objects: object) -> list[Problem]:
    path = write_objects(folder)
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["exposure"]["objects"] = list(objects)
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return [item for item in check_study(path) if item.severity == "error"]


def test_right_layers_pass(tmp_path: Path) -> None:
    assert problems(tmp_path, ROADS, "villages") == []


def test_an_entry_that_is_not_there(tmp_path: Path) -> None:
    told = problems(tmp_path, {"layer": "vilages"})
    assert [(item.rule, item.field) for item in told] == [("study.entry", "exposure.objects.0.layer")]


def test_columns_kinds_and_numbers_are_told_at_once(tmp_path: Path) -> None:
    told = problems(
        tmp_path, {"layer": "villages", "name": "title"}, {"layer": "parks", "kind": "a", "kind_column": "name"},
        {"layer": "villages", "people": "type"},
    )  # fmt: skip
    assert [item.rule for item in told] == ["exposure.column", "objects.two_kinds", "table.bad_number"]


def test_ids_stand_once(tmp_path: Path) -> None:
    write_objects(tmp_path / "first")
    villages = gpd.read_file(tmp_path / "first" / "villages.gpkg").assign(no=["1", "1", None])
    frame = gpd.GeoDataFrame(pd.concat([villages]), crs=villages.crs)
    path = write_objects(tmp_path / "again")
    frame.to_file(path.parent / "villages.gpkg")
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["exposure"]["objects"] = [{"layer": "villages", "id": "no"}]
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    told = [item for item in check_study(path) if item.severity == "error"]
    assert [(item.rule, dict(item.values)["ids"]) for item in told] == [("objects.layer_ids", ("1",))]
