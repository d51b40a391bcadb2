"""Entries of the catalogue become values once, and what was done to them is rung."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning.config import InputConfig, StudyConfig, load_study
from riskzoning.errors import ConfigError, Journal, LayerError, Problem, hearing
from riskzoning.grid import analysis_grid
from riskzoning.hazards import HAZARDS
from riskzoning.inputs import InputSpec
from riskzoning.pipeline.catalogue import Catalogue, problems_of
from riskzoning.pipeline.check.inputs import hazard_jobs
from riskzoning.samples import sample_study

from .conftest import CELL, CRS, LEFT, SIDE, TOP

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
        (lambda catalogue: catalogue.stack(["bare"], "elevation"), LayerError, "catalogue.return_period"),  # noqa: PD013
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


def test_a_layer_may_come_by_the_return_periods_of_another_input(small_city: City) -> None:
    def change(content: dict[str, Any], _: Path) -> None:
        for period in (20, 100):
            entry = content["inputs"][f"depth_{period}"]
            content["inputs"][f"fast_{period}"] = {**entry, "quantity": "flood_velocity", "units": "m/s"}

    catalogue = Catalogue(load_study(small_city(change)))
    wanted = HAZARDS["flood"].input("velocity")
    both = catalogue.hazard_input(("fast_20", "fast_100"), wanted)
    assert both["return_period"].values.tolist() == [20, 100]
    assert both.attrs["quantity"] == "flood_velocity"
    assert catalogue.hazard_input(("fast_100",), wanted).dims == ("y", "x")


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


def _study(folder: Path, **entries: dict[str, Any]) -> StudyConfig:
    return StudyConfig(
        name="X", code="410700", data_date="2026-06-30", admin={"path": "a"}, inputs=entries, base=folder
    )


def test_weather_of_every_format_comes_through_one_door(tmp_path: Path) -> None:
    (tmp_path / "53986.csv").write_text("CHM00053986,20210720,PRCP,2547,,,S,\nCHM00053986,20210721,PRCP,0,,,S,\n")
    hours = pd.date_range("2021-07-20 13:00", "2021-07-21 12:00", freq="h")
    lines = [f"{hour:%Y %m %d %H}   200   100 10052   180    30 -9999     0 -9999" for hour in hours]
    (tmp_path / "539860-99999-2021").write_text("\n".join(lines))
    (tmp_path / "table.csv").write_text("station,lon,lat,date,rain\n1,113.9,35.3,2020-07-01,40\n")
    axes = {"time": pd.date_range("2021-07-20", periods=2), "lat": [35.0, 35.5], "lon": [113.5, 114.0]}
    warm = xr.DataArray(np.full((2, 2, 2), 300.0), dims=("time", "lat", "lon"), coords=axes, attrs={"units": "K"})
    wet = (warm * 0 + 5.0).assign_attrs(units="mm")
    xr.Dataset({"t2m": warm, "pre": wet}).to_netcdf(tmp_path / "grid.nc")
    catalogue = Catalogue(
        _study(
            tmp_path,
            ghcn={"path": "53986.csv", "format": "ghcn_daily"},
            isd={"path": ".", "format": "isd_lite"},
            table={"path": "table.csv", "format": "station_table", "element_units": {"precipitation": "0.1 mm"}},
            grid={"path": "grid.nc"},
        )
    )
    with hearing(Journal()):
        assert catalogue.stations("ghcn").precipitation.values.round(1).tolist() == [[254.7, 0.0]]
        assert catalogue.stations("isd").tmean.values.tolist() == [[20.0]]
        assert catalogue.stations("table").precipitation.values.tolist() == [[4.0]]
        cells = catalogue.stations("grid")
        rain = catalogue.hazard_input(("grid",), HAZARDS["drought"].input("precipitation"))
        by_station = catalogue.hazard_input(("ghcn",), HAZARDS["drought"].input("precipitation"))
        mean = catalogue.hazard_input(("grid",), HAZARDS["drought"].input("temperature"))
        with pytest.raises(LayerError) as caught:
            catalogue.hazard_input(("ghcn",), HAZARDS["drought"].input("temperature"))
    assert caught.value.problems[0].rule == "catalogue.series"
    assert cells["tmean"].dims == rain.dims == mean.dims == ("time", "y", "x")
    assert by_station.dims == ("station", "time")
    assert float(mean.mean()) == pytest.approx(26.85)


def test_gridded_weather_feeds_a_study(small_city: City) -> None:
    def gridded(content: dict[str, Any], folder: Path) -> None:
        days = pd.date_range("2001-01-01", "2012-12-31")
        rng = np.random.default_rng(1)
        axes = {"time": days, "lat": np.arange(30.8, 31.9, 0.25), "lon": np.arange(119.4, 120.3, 0.25)}
        shape = tuple(len(axis) for axis in axes.values())
        wave = -np.cos(2 * np.pi * (days.dayofyear.to_numpy() - 15) / 365.25)[:, None, None]
        warm = 287.0 + 13 * wave + rng.normal(0, 3, shape)
        wet = np.where(rng.random(shape) < 0.25, rng.gamma(0.6, 12.0, shape), 0.0)
        for name, values, units in (("t2m", warm, "K"), ("tp", wet / 1000, "m")):
            layer = xr.DataArray(values.astype("float32"), dims=tuple(axes), coords=axes, attrs={"units": units})
            layer.rename(name).to_netcdf(folder / f"{name}.nc")
        content["inputs"] |= {"rain": {"path": "tp.nc"}, "warmth": {"path": "t2m.nc"}}
        content["hazards"] = [{"hazard": "drought", "inputs": {"precipitation": "rain", "temperature": "warmth"}}]

    path = small_city(gridded)
    catalogue = Catalogue(load_study(path))
    spec = HAZARDS["drought"]
    grid = analysis_grid((LEFT, TOP - SIDE * CELL, LEFT + SIDE * CELL, TOP), crs=CRS, resolution=1000)
    assert [problem for _, job in hazard_jobs(catalogue, grid) for problem in job()] == []
    entries = {"precipitation": "rain", "temperature": "warmth"}
    inputs = {key: catalogue.hazard_input((name,), spec.input(key)) for key, name in entries.items()}
    with hearing(Journal()):
        made = spec.assess(inputs, grid=grid)
    assert float(made["intensity"].min()) > 20
