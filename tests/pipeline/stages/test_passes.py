"""A pass writes the layers, gives ranges, adds up the units, and keeps histograms of the indices only."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import rasterio
import xarray as xr

from riskzoning.coverage import Coverage
from riskzoning.layers import describe, layer_on
from riskzoning.names import MULTI, Index
from riskzoning.pipeline.stages.passes import Passes
from riskzoning.pipeline.state import Machine, Setting
from riskzoning.pipeline.workspace.progress import Silent
from riskzoning.pipeline.workspace.store import CogStore
from riskzoning.samples import toy_city

FLOOD = Index("flood", "hazard", scheme="flood_4")


@pytest.fixture
def passes(tmp_path: Path) -> Passes:
    city = toy_city()
    study: Any = SimpleNamespace(code="990100", data_date="2026-06-30")
    coverage = Coverage.from_units(city.grid, city.units)
    run: Any = SimpleNamespace(
        setting=Setting(study, city.grid, city.units, coverage),
        workspace=SimpleNamespace(published=CogStore(tmp_path / "layers", tmp_path / "work", city.grid, "990100")),
        machine=Machine(workers=1),
        progress=Silent(),
    )
    return Passes(run)


def some_layers() -> dict[str, xr.DataArray]:
    city = toy_city()
    east = np.linspace(0, 1, city.grid.shape[1], dtype=np.float32) * np.ones(city.grid.shape, np.float32)
    grade = describe(
        layer_on(city.grid, np.uint8(4), quantity="hazard_grade"), quantity="hazard_grade", scheme="flood_4"
    )
    return {
        "population": city.layers["population"],
        FLOOD.key: layer_on(city.grid, east, quantity="hazard_index"),
        FLOOD.grade_key: grade,
        "flood_depth_T100": layer_on(city.grid, np.float32(2), quantity="flood_depth"),
    }


def test_a_pass_leaves_files_ranges_sums_and_histograms(passes: Passes) -> None:
    layers = some_layers()
    ranges = passes.over(layers, [FLOOD], told=("hazards", 0.0, 0.5))
    assert passes.published.names() == sorted(layers)
    assert ranges[FLOOD.key] == (0.0, 1.0)
    assert list(ranges) == ["population", FLOOD.key]
    assert list(passes.histograms) == [FLOOD]
    assert passes.totals["population"] == pytest.approx(20_000)
    city = passes.run.setting.codes("city")
    assert 0 < passes.sums().loc[city[0], "population"] < 20_000
    assert passes.means().loc[city[0], FLOOD.key] == pytest.approx(0.5, abs=0.02)
    with rasterio.open(passes.published.path(FLOOD.grade_key)) as file:
        assert "#{:02X}{:02X}{:02X}".format(*file.colormap(1)[4][:3]) == FLOOD.colours(4)[3]


def test_grades_rest_on_the_composite_where_there_is_one(passes: Passes) -> None:
    layers = some_layers()
    half = layers[FLOOD.key].where(layers[FLOOD.key] > 0.5)
    passes.over({FLOOD.key: layers[FLOOD.key]}, [FLOOD], told=("hazards", 0.0, 0.5))
    assert passes.valid_share().min() == pytest.approx(1)
    composite = Index(MULTI, "hazard")
    passes.over({composite.key: half}, [composite], told=(MULTI, 0.8, 0.2))
    assert passes.valid_share()["990100"] == pytest.approx(0.5, abs=0.02)


def test_the_mean_of_the_study_weighs_units_by_their_area(passes: Passes) -> None:
    layers = some_layers()
    passes.over({FLOOD.key: layers[FLOOD.key]}, [FLOOD], told=("hazards", 0.0, 0.5))
    assert passes.mean_of(FLOOD.key) == pytest.approx(passes.means().loc["990100", FLOOD.key], rel=1e-6)


def test_the_reference_of_a_count_is_computed_once(passes: Passes, monkeypatch: pytest.MonkeyPatch) -> None:
    passes.over({"population": some_layers()["population"]}, [], told=("hazards", 0.0, 0.5))
    first = passes.reference("population")
    monkeypatch.setattr(passes.published, "get", lambda key: pytest.fail(f"{key} is read again"))
    assert passes.reference("population") is first
    assert first["quantity"] == "population"
