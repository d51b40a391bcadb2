"""The layer of objects as a file where no database of the folder holds it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import geopandas as gpd

from riskzoning.config import OutputsConfig
from riskzoning.pipeline.outputs.objects import OBJECTS, write_objects
from riskzoning.pipeline.outputs.output import Writing
from riskzoning.samples import toy_result
from tests.full_result import HOSTILE, full_result

from . import toy_study


def test_it_is_wanted_without_a_database_file_only() -> None:
    assert not OBJECTS.asked(OutputsConfig())
    assert OBJECTS.asked(OutputsConfig(database=False))
    assert OBJECTS.asked(OutputsConfig(database="postgresql://a@b/c"))


def test_the_layer_as_it_is_and_the_same_bytes_twice(tmp_path: Path) -> None:
    results = [dataclasses.replace(full_result(), folder=tmp_path / name) for name in ("a", "b")]
    for result in results:
        write_objects(Writing(toy_study(), result))
    files = [result.folder / "layers" / "objects.gpkg" for result in results]
    assert files[0].read_bytes() == files[1].read_bytes()
    read = gpd.read_file(files[0])
    assert len(read) == 42
    assert read["name"].iloc[0] == HOSTILE
    assert set(read.geom_type) == {"Point", "LineString", "Polygon"}
    assert list(OBJECTS.left(results[0].folder, "990100")) == [files[0]]


def test_without_objects_nothing_is_written(tmp_path: Path) -> None:
    write_objects(Writing(toy_study(), dataclasses.replace(toy_result(), folder=tmp_path)))
    assert not list(tmp_path.rglob("*.gpkg"))
