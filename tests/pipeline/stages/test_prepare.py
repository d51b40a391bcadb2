"""What several hazards need is made once a run, kept, and handed to each; a resumed run makes nothing again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning.config import ExposureConfig, load_study
from riskzoning.errors import ConfigError, Journal, hearing
from riskzoning.grid import analysis_grid
from riskzoning.hazards import HAZARDS, products
from riskzoning.hazards.flood import assessment as flood
from riskzoning.hazards.meteorology import assessment as meteorology
from riskzoning.inputs import InputSpec
from riskzoning.layers import layer_on
from riskzoning.pipeline import run_study
from riskzoning.pipeline.stages import prepare
from riskzoning.pipeline.workspace.store import Store

City = Callable[..., Path]
NAMES = {
    "geology": ("elevation", "landslides"),
    "flood": ("elevation",),
    "meteorology": ("stations", "elevation"),
    "forest_fire": ("fwi", "landcover", "elevation"),
}


@pytest.fixture
def grid() -> GeoBox:
    return analysis_grid((500_000, 3_896_000, 524_000, 3_916_000), crs="EPSG:4547", resolution=1000)


@pytest.fixture
def entries(grid: GeoBox) -> dict[str, Any]:
    rng = np.random.default_rng(5)
    wide = grid.pad(4)
    y, x = np.mgrid[0 : wide.shape[0], 0 : wide.shape[1]]
    places = rng.uniform((501_000, 3_897_000), (523_000, 3_915_000), (60, 2))
    time = pd.date_range("2001-01-01", "2003-12-31")
    rain = np.where(rng.random((4, time.size)) < 0.03, 80.0, 0.0) * rng.uniform(0.7, 1.3, (4, 1))
    coords = {"station": list("abcd"), "time": time, "lon": ("station", [114.05, 114.1, 114.15, 114.2])}
    coords["lat"] = ("station", [35.25, 35.3, 35.25, 35.3])
    return {
        "elevation": layer_on(wide, 300.0 + 40 * y + 15 * x + 60 * np.sin(x / 3), quantity="elevation"),
        "landslides": gpd.GeoDataFrame(geometry=gpd.points_from_xy(*places.T), crs=grid.crs),
        "stations": xr.Dataset({"precipitation": (("station", "time"), rain)}, coords),
        "fwi": layer_on(grid, rng.uniform(1, 40, tuple(grid.shape)), quantity="fire_weather_index"),
        "landcover": layer_on(grid, np.full(tuple(grid.shape), 20, np.uint8), quantity="landcover"),
    }


@pytest.fixture
def run(tmp_path: Path, grid: GeoBox, entries: dict[str, Any]) -> Any:
    left, bottom, right, top = grid.boundingbox
    corners = gpd.points_from_xy([left, right], [bottom, top])
    area = gpd.GeoDataFrame({"level": ["county"]}, geometry=[corners.union_all().envelope], crs=grid.crs)
    inputs = {name: SimpleNamespace(column=None) for name in entries}
    study = SimpleNamespace(inputs=inputs, exposure=ExposureConfig())
    return SimpleNamespace(
        setting=SimpleNamespace(grid=grid, study=study, units=area, finest="county"),
        workspace=SimpleNamespace(store=Store(tmp_path / "store", grid)),
        machine=SimpleNamespace(workers=2, client=None, memory_limit=2**30),
        catalogue=SimpleNamespace(hazard_input=lambda names, spec: entries[names[0]]),
    )


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    calls: Counter[str] = Counter()

    def count(home: Any, name: str) -> None:
        original = getattr(home, name)

        def counting(*arguments: Any, **options: Any) -> Any:
            calls[name] += 1
            return original(*arguments, **options)

        monkeypatch.setattr(home, name, counting)

    count(meteorology, "event_tables")
    count(flood, "height_above_nearest_drainage")
    count(products.terrain, "slope")
    count(products.terrain, "aspect")
    return calls


def work(run: Any) -> dict[str, xr.Dataset]:
    """All stages of the hazards, as a run does them."""
    results = {}
    with hearing(Journal()):
        for name, keys in NAMES.items():
            spec = HAZARDS[name]
            kept = prepare._prepare_hazard(run, spec, {key: (key,) for key in keys}, spec.params())
            prepared = prepare._read_back(run, name, kept)
            scale = spec.calibrate(prepared)
            results[name] = spec.assess(prepared, grid=run.setting.grid, calibration=scale).compute()
    return results


def test_events_slope_and_drainage_are_made_once(run: Any, counted: Counter[str], grid: GeoBox) -> None:
    results = work(run)
    assert counted == {"event_tables": 1, "height_above_nearest_drainage": 1, "slope": 1, "aspect": 1}
    shared = {path.stem for path in run.workspace.store.folder.glob("shared_*.tif")}
    assert {name.rsplit("_", 1)[1] for name in shared} == {"slope", "aspect"}
    for result in results.values():
        assert result["hazard_index"].shape == grid.shape
        assert np.isfinite(result["hazard_index"]).any()


def test_what_is_read_back_gives_what_the_inputs_give(run: Any, entries: dict[str, Any], grid: GeoBox) -> None:
    area = run.setting.units[["geometry"]]
    for name, result in work(run).items():
        given = {key: entries[key] for key in NAMES[name]} | ({"study_area": area} if name == "geology" else {})
        with hearing(Journal()):
            direct = HAZARDS[name].assess(given, grid=grid)
        for key in direct:
            np.testing.assert_allclose(result[key], direct[key], rtol=1e-12, atol=1e-12, err_msg=f"{name} {key}")


def test_the_crops_of_the_study_say_where_weather_harms_crops(run: Any, entries: dict[str, Any], grid: GeoBox) -> None:
    entries["cover"] = layer_on(grid, np.full(tuple(grid.shape), 20, np.uint8), quantity="landcover")
    entries["cover"][:, :5] = 10
    names = {key: (key,) for key in NAMES["meteorology"]}
    spec = HAZARDS["meteorology"]

    def handed() -> xr.DataArray | None:
        kept = prepare._prepare_hazard(run, spec, names, spec.params())
        return prepare._read_back(run, "meteorology", kept).layers.get("cropland")

    with hearing(Journal()):
        assert handed() is None
        run.setting.study.exposure = ExposureConfig(crops={"landcover": "cover"})
        crops = handed()
    assert crops is not None
    np.testing.assert_array_equal(crops[:, 5:], 0)
    np.testing.assert_array_equal(crops[:, :5], 100)


def test_a_product_of_another_source_is_another_one(run: Any, entries: dict[str, Any], counted: Counter[str]) -> None:
    entries["other"] = entries["elevation"] + 1
    entries["other"].attrs = entries["elevation"].attrs
    run.setting.study.inputs["other"] = SimpleNamespace(column=None)
    spec = HAZARDS["forest_fire"]
    for dem in ("elevation", "other", "elevation"):
        names = {"fwi": ("fwi",), "landcover": ("landcover",), "elevation": (dem,)}
        prepare._prepare_hazard(run, spec, names, spec.params())
    assert counted["slope"] == 2


def test_a_class_column_that_is_not_there_is_named(run: Any) -> None:
    entry = SimpleNamespace(classes={}, column="rock", quantity=None)
    run.catalogue.entry = lambda name: entry
    frame = gpd.GeoDataFrame({"stone": ["a"]}, geometry=gpd.points_from_xy([0], [0]))
    with pytest.raises(ConfigError) as caught:
        prepare._rasterised(run, frame, "lithology", "lithology")
    assert caught.value.problems[0].rule == "study.class_column"


def test_layers_are_aligned_unless_they_keep_their_own_grid(
    run: Any, entries: dict[str, Any], make_layer: Callable[..., xr.DataArray], grid: GeoBox
) -> None:
    spec: Any = SimpleNamespace(
        inputs=(InputSpec("elevation", "layer", "elevation", native=True), InputSpec("dem", "layer", "elevation"))
    )
    run.setting.study.inputs["dem"] = SimpleNamespace(column=None)
    entries["dem"] = entries["elevation"]
    with hearing(Journal()) as heard:
        inputs = prepare._inputs(run, spec, {"elevation": ("elevation",), "dem": ("dem",)})
    assert inputs["elevation"] is entries["elevation"]
    assert inputs["dem"].shape == grid.shape  # type: ignore[union-attr]
    assert [problem.rule for problem in heard.steps] == ["step.aligned"]


def five(content: dict[str, Any], folder: Path) -> None:
    content["inputs"] |= {
        "gdp": {"path": "gdp.csv"},
        "houses": {"path": "houses.gpkg"},
        "roads": {"path": "roads.gpkg"},
    }
    content["exposure"] |= {
        "economy": {"table": "gdp", "units": "万元"},
        "buildings": {"points": "houses", "unit_value": 1000, "structure": "struct", "built_year": "built_year"},
        "roads": {"lines": "roads"},
    }


def with_services(content: dict[str, Any], folder: Path) -> None:
    five(content, folder)
    houses = gpd.read_file(folder / "houses.gpkg")
    houses[["geometry"]].assign(users=np.arange(len(houses))).to_file(folder / "schools.gpkg", driver="GPKG")
    content["inputs"]["schools"] = {"path": "schools.gpkg"}
    content["exposure"]["public_services"] = {"points": "schools"}


def tables(path: Path, out: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    result = run_study(load_study(path), out=out, only="grade")
    return pd.DataFrame(result.units["county"].drop(columns="geometry")), result.tables["reconciliation"]


@pytest.mark.slow  # two whole runs
def test_a_sixth_receptor_has_its_columns_and_changes_no_other(small_city: City, tmp_path: Path) -> None:
    before, totals = tables(small_city(five), tmp_path / "a")
    after, more = tables(small_city(with_services), tmp_path / "b")
    own = [column for column in after if "public_service" in column]
    assert {"public_service_users", "flood_public_services_risk_index", "multi_public_services_risk_grade"} <= set(own)
    assert after["public_service_users"].sum() == sum(range(60))
    pd.testing.assert_frame_equal(after.drop(columns=own), before, rtol=1e-12, check_exact=False)
    assert set(more["quantity"]) - set(totals["quantity"]) == {"public_service_users"}
    assert more["difference"].abs().max() < 1e-6 * more["total_input"].max()


def test_a_sixth_receptor_enters_the_risk_with_a_stated_weight(small_city: City, tmp_path: Path) -> None:
    def weigh(content: dict[str, Any], folder: Path) -> None:
        with_services(content, folder)
        content["risk"] = {"receptor_weights": {"population": 0.5, "public_services": 0.5}}

    units, _ = tables(small_city(weigh), tmp_path / "c")
    mean = (units["flood_population_risk_index"] + units["flood_public_services_risk_index"]) / 2
    np.testing.assert_allclose(units["flood_risk_index"], mean, rtol=1e-6)
