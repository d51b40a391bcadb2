"""Entries of the catalogue become values once, and what was done to them is rung."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

from riskzoning.config import InputConfig, StudyConfig, load_study
from riskzoning.errors import ConfigError, Journal, LayerError, Problem, hearing
from riskzoning.hazards import HAZARDS
from riskzoning.inputs import InputSpec
from riskzoning.pipeline.catalogue import Catalogue, problems_of
from riskzoning.samples import sample_study

City = Callable[..., Path]


@pytest.fixture(scope="module")
def sample() -> Catalogue:
    return Catalogue(load_study(sample_study()))


def test_each_kind_of_entry_becomes_its_value_once(sample: Catalogue) -> None:
    assert (sample.layer("elevation").dims, sample.layer("elevation").attrs["units"]) == (("y", "x"), "m")
    assert sample.vector("rivers").crs.to_epsg() == 4490
    assert len(sample.table("gdp_county")) == 12
    assert sorted(sample.stations("stations").dims) == ["station", "time"]
    assert sample.vector("rivers") is sample.vector("rivers")
    flood = next(item for item in sample.study.hazards if item.hazard == "flood")
    stack = sample.hazard_input(flood.inputs["depth"], HAZARDS["flood"].input("depth"))
    assert stack.dims == ("return_period", "y", "x")


@pytest.mark.parametrize(
    ("call", "kind", "rule"),
    [
        (lambda catalogue: catalogue.entry("no"), ConfigError, "catalogue.entry"),
        (lambda catalogue: catalogue.layer("depth_20"), None, None),
        (lambda catalogue: catalogue.layer("bare"), LayerError, "catalogue.quantity"),
        (lambda catalogue: catalogue.stack(["bare"], "elevation"), LayerError, "catalogue.return_period"),
        (lambda catalogue: catalogue.vector("chosen"), LayerError, "catalogue.where"),
        (
            lambda catalogue: catalogue.hazard_input(("bare", "roads"), InputSpec("rivers", "lines")),
            LayerError,
            "catalogue.one_entry",
        ),
    ],
)
def test_what_an_entry_lacks_is_said(small_city: City, call: Any, kind: type[Exception] | None, rule: str) -> None:
    def change(content: dict[str, Any], folder: Path) -> None:
        content["inputs"]["bare"] = {"path": "dem.tif"}
        content["inputs"]["roads"] = {"path": "roads.gpkg"}
        content["inputs"]["chosen"] = {"path": "roads.gpkg", "where": {"kind": ["1"]}}

    catalogue = Catalogue(load_study(small_city(change)))
    if kind is None:
        assert call(catalogue).attrs["quantity"] == "flood_depth"
        return
    with pytest.raises(kind) as caught:
        call(catalogue)
    assert [problem.rule for problem in caught.value.problems] == [rule]  # type: ignore[attr-defined]


def test_rows_left_out_a_datum_and_an_empty_layer_are_rung(small_city: City) -> None:
    def change(content: dict[str, Any], folder: Path) -> None:
        gpd.read_file(folder / "roads.gpkg").to_crs("EPSG:4326").to_file(folder / "turned.gpkg", driver="GPKG")
        content["inputs"]["few"] = {"path": "roads.gpkg", "where": {"id": ["1", "2"]}}
        content["inputs"]["none"] = {"path": "roads.gpkg", "where": {"id": ["77"]}}
        content["inputs"]["turned"] = {"path": "turned.gpkg", "datum": "gcj02"}

    catalogue = Catalogue(load_study(small_city(change)))
    with hearing(Journal()) as journal:
        assert [len(catalogue.vector(name)) for name in ("few", "none", "turned", "few")] == [2, 0, 9, 2]
    rows = [(problem.rule, dict(problem.values)) for problem in journal.steps]
    assert rows == [
        ("step.where", {"input": "few", "column": "id", "left_out": 7, "rows": 9}),
        ("step.where", {"input": "none", "column": "id", "left_out": 9, "rows": 9}),
        ("step.datum", {"input": "turned", "datum": "gcj02"}),
    ]
    assert [problem.rule for problem in journal.warnings] == ["vector.empty_where"]


def test_an_error_without_problems_becomes_one() -> None:
    (problem,) = problems_of(LayerError("broken"), "dem.tif")
    assert (problem.rule, problem.file) == ("catalogue.unusable", "dem.tif")
    own = Problem("vector.empty", "a.gpkg")
    assert problems_of(LayerError(own), "dem.tif") == [own]


def test_what_a_reader_says_of_a_file_is_said_of_the_input_and_its_source_stays_with_it(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("code,lon,lat\n1,114,35\n2,,\n", encoding="utf-8")
    study = load_study(sample_study())
    entry = InputConfig(path="a.csv", source="市应急管理局", year=2020)
    catalogue = Catalogue(study.model_copy(update={"inputs": {"shelters": entry}, "base": tmp_path}))
    with hearing(Journal()) as journal:
        points = catalogue.vector("shelters")
    (problem,) = journal.dropped
    assert problem.place("zh") == "输入“shelters”（a.csv）"
    assert (problem.rule, dict(problem.values)["input"]) == ("dropped.points", "shelters")
    assert points.attrs["source"] == "市应急管理局"


def test_units_of_a_table_of_stations_stand_in_its_headings(tmp_path: Path) -> None:
    rows = "station,lon,lat,date,precipitation (mm)\n1,113.9,35.3,2020-07-01,4\n1,113.9,35.3,2020-07-02,0\n"
    (tmp_path / "stations.csv").write_text(rows, encoding="utf-8")
    entry = {"path": "stations.csv", "format": "station_table", "units": "0.1mm"}
    study = StudyConfig(
        name="X", code="410700", data_date="2026-06-30", admin={"path": "a"}, inputs={"s": entry}, base=tmp_path
    )
    with hearing(Journal()) as journal:
        Catalogue(study).stations("s")
    assert "catalogue.station_units" in {problem.rule for problem in journal.warnings}
