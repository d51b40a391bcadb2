"""Each input of a hazard is a job; what a hazard says of its inputs together is one more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from riskzoning.config import load_study
from riskzoning.errors import Phrase
from riskzoning.grid import analysis_grid
from riskzoning.hazards import HAZARDS
from riskzoning.inputs import InputSpec
from riskzoning.pipeline.catalogue import Catalogue
from riskzoning.pipeline.check.inputs import _station_problems, entry_problems, geometry_problems, hazard_jobs
from riskzoning.pipeline.workspace.progress import Work

from ..conftest import SIDE, units, write_raster

City = Callable[..., Path]


def test_a_clean_study_has_a_job_for_each_input_and_one_for_each_hazard_and_all_find_nothing(small_city: City) -> None:
    jobs = dict(hazard_jobs(Catalogue(load_study(small_city())), None))
    assert list(jobs) == [Work("earthquake", "pga"), Work("earthquake"), Work("flood", "depth"), Work("flood")]
    assert [job() for job in jobs.values()] == [[]] * 4


def test_a_hazard_says_what_it_misses(small_city: City) -> None:
    study = load_study(small_city())
    bare = study.hazards[1].model_copy(update={"inputs": {}})
    jobs = dict(hazard_jobs(Catalogue(study.model_copy(update={"hazards": (bare,)})), None))
    problems = jobs[Work("flood")]()
    assert problems
    assert {problem.severity for problem in problems} == {"error"}


def test_values_are_judged_by_their_quantity_and_the_message_names_the_files(small_city: City) -> None:
    def falling(content: dict[str, Any], folder: Path) -> None:
        write_raster(folder / "depth_100.tif", np.zeros((SIDE, SIDE), np.float32))

    spec = HAZARDS["flood"].input("depth")
    (problem,) = entry_problems(Catalogue(load_study(small_city(falling))), ("depth_20", "depth_100"), spec, None)
    assert problem.rule == "layer.monotone"
    assert problem.file == "input 'depth' (depth_20.tif, depth_100.tif)"


def test_a_column_that_is_not_there_is_named_with_those_that_are(small_city: City) -> None:
    def roads(content: dict[str, Any], folder: Path) -> None:
        content["inputs"]["roads"] = {"path": "roads.gpkg", "column": "class"}

    catalogue = Catalogue(load_study(small_city(roads)))
    (problem,) = entry_problems(catalogue, ("roads",), InputSpec("rivers", "lines"), None)
    assert (problem.rule, dict(problem.values)) == (
        "catalogue.column",
        {"column": "class", "columns": ("id", "geometry")},
    )


def test_kinds_of_features() -> None:
    assert geometry_problems(units(), "polygons", "a") == []
    assert geometry_problems(units(), "footprints", "a") == []
    assert geometry_problems(units().assign(geometry=units().boundary), "lines", "a") == []
    (problem,) = geometry_problems(units(), "points", "a")
    assert problem.rule == "vector.type"
    assert problem.text("zh") == "a 的要素类型为 Polygon；要求：点图层。请检查文件路径和图层名。"
    assert geometry_problems(units().iloc[:0], "points", "a") == []


@pytest.mark.parametrize(
    ("lon", "rules"), [([114.0, 114.1], []), ([120.0, 120.1], ["stations.far"]), ([np.nan] * 2, [])]
)
def test_stations_of_another_province_are_told(lon: list[float], rules: list[str]) -> None:
    coords = {"station": ["1", "2"], "lon": ("station", lon), "lat": ("station", [35.2, 35.3])}
    grid = analysis_grid((113.9, 35.1, 114.2, 35.4), crs="EPSG:4490", resolution=0.01)
    problems = _station_problems(xr.Dataset(coords=coords), Phrase("input", name="rain"), grid)
    assert [problem.rule for problem in problems] == rules


def test_motion_in_another_unit_is_told_when_the_study_is_checked(small_city: City) -> None:
    def metres(content: dict[str, Any], folder: Path) -> None:
        steps = np.linspace(0.8, 3, SIDE * SIDE, dtype=np.float32).reshape(SIDE, SIDE)
        write_raster(folder / content["inputs"]["pga_475"]["path"], steps)

    catalogue = Catalogue(load_study(small_city(metres)))
    problems = entry_problems(catalogue, ("pga_475",), HAZARDS["earthquake"].input("pga"), None)
    assert [(problem.rule, problem.severity) for problem in problems] == [
        ("input.lowest", "warning"),
        ("input.highest", "warning"),
    ]
