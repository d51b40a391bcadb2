"""A pass over bands: every sink gets every row once, in order; the result does not depend on bands or threads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dask.array as da
import numpy as np
import pytest
import rasterio
import xarray as xr
from distributed import Client, LocalCluster

from riskzoning.coverage import Coverage, engine
from riskzoning.errors import GridMismatchError, RunError
from riskzoning.grid import analysis_grid
from riskzoning.layers import describe, layer_on
from riskzoning.methods.classification import classify
from riskzoning.names import MULTI, Index
from riskzoning.pipeline.stages.streaming import (
    TILE,
    HistogramSink,
    Passes,
    RangeSink,
    Sink,
    UnitSink,
    Values,
    _gathered,
    band_rows,
    keep,
    stream,
)
from riskzoning.pipeline.state import Machine, Setting
from riskzoning.pipeline.workspace.progress import Silent
from riskzoning.pipeline.workspace.store import CogStore, Store
from riskzoning.samples import toy_city

FLOOD = Index("flood", "hazard", scheme="flood_4")


class Rows:
    """Keeps what it is handed."""

    def __init__(self) -> None:
        self.first: list[int] = []
        self.bands: list[np.ndarray[Any, Any]] = []

    def update(self, first_row: int, values: Values, /) -> None:
        self.first.append(first_row)
        self.bands.append(values["a"])


@pytest.fixture
def layer(make_grid: Callable[..., Any]) -> xr.DataArray:
    geobox = make_grid()
    values = np.arange(geobox.shape[0] * geobox.shape[1], dtype=np.float64).reshape(geobox.shape)
    return layer_on(geobox, values, quantity="slope").chunk({"y": 2})


@pytest.mark.parametrize("rows", [1, 2, 512])
@pytest.mark.parametrize("workers", [1, 2])
def test_every_row_comes_once_and_in_order(layer: xr.DataArray, rows: int, workers: int) -> None:
    sink, told = Rows(), []
    stream({"a": layer}, [sink], rows=rows, workers=workers, progress=told.append)
    assert sink.first == list(range(0, layer.shape[0], rows))
    np.testing.assert_array_equal(np.vstack(sink.bands), layer.to_numpy())
    assert told[-1] == 1


def test_layers_of_different_grids_are_refused(layer: xr.DataArray) -> None:
    with pytest.raises(GridMismatchError):
        stream({"a": layer, "b": layer.isel(x=slice(1, None))}, [Rows()])


def test_no_layers_are_no_bands() -> None:
    sink = Rows()
    stream({}, [sink])
    assert sink.first == []


def test_ranges_leave_out_what_is_no_number() -> None:
    sink = RangeSink(["a", "b"])
    sink.update(0, {"a": np.array([[2.0, 3.0]]), "b": np.array([[np.nan]])})
    sink.update(1, {"a": np.array([[np.inf, 1.0]]), "b": np.array([[np.nan]])})
    assert sink.range("a") == (1.0, 3.0)
    assert np.isnan(sink.range("b")).all()


def test_histograms_count_cells_with_a_value() -> None:
    sink = HistogramSink({"a": (0.0, 1.0)})
    sinks: list[Sink] = [sink]
    for values in ([[0.25, np.nan, 0.75]], [[0.5, 0.5, 0.5]]):
        sinks[0].update(0, {"a": np.array(values)})
    assert int(sink.histograms["a"].count) == 5


def test_breaks_of_a_pass_rest_on_every_cell_and_reach_the_single_largest_and_smallest() -> None:
    values = np.random.default_rng(3).uniform(0.2, 0.6, (90, 40))
    values[17, 5], values[64, 31] = 0.95, 0.01
    sink = HistogramSink({"a": (0.0, 1.0)})
    for first in range(0, 90, 7):
        sink.update(first, {"a": values[first : first + 7]})
    histogram, whole = sink.histograms["a"], classify(values, "natural_breaks", k=5)
    np.testing.assert_allclose(histogram.breaks("natural_breaks", 5), whole.breaks, rtol=1e-12)
    assert histogram.counts_for(whole.breaks).tolist() == whole.counts.tolist()
    assert (histogram.count, histogram.minimum, histogram.maximum) == (values.size, 0.01, 0.95)


@pytest.mark.parametrize(
    ("width", "layers", "limit", "rows"), [(1500, 30, 2 * 1024**3, 1024), (10**6, 30, 1024**2, TILE), (0, 0, 0, TILE)]
)
def test_bands_are_whole_tile_rows(width: int, layers: int, limit: int, rows: int) -> None:
    assert band_rows(width, layers, limit) == rows


def test_a_small_rest_goes_with_the_band_above_it() -> None:
    whole = np.arange(25.0).reshape(25, 1)
    for rows, firsts in ((8, [0, 8, 16]), (7, [0, 7, 14, 21]), (30, [0]), (24, [0]), (16, [0, 16])):
        sink = Rows()
        stream({"a": layer_on(analysis_grid((0, 0, 1, 25), crs="EPSG:4547", resolution=1), whole, quantity="slope")},
               [sink], rows=rows)  # fmt: skip
        assert sink.first == firsts
        np.testing.assert_array_equal(np.vstack(sink.bands), whole)


def test_what_a_block_tells_reaches_the_journal_of_the_run(make_layer: Any) -> None:
    from riskzoning.errors import Journal, Problem, hearing, note

    problem = Problem("example.empty", "a.tif", severity="warning")

    def told(block: Any) -> Any:
        note(problem)
        return block

    layer = make_layer(np.ones((4, 4)), "slope").chunk({"y": 2})
    layer = layer.copy(data=layer.data.map_blocks(told, meta=np.empty((0, 0))))
    with hearing(Journal()) as journal:
        stream({"slope": layer}, [RangeSink(["slope"])], workers=2)
    assert journal.warnings == [problem]


@pytest.fixture
def stored(tmp_path: Path, make_grid: Any) -> Any:
    grid = make_grid()
    return SimpleNamespace(
        setting=SimpleNamespace(grid=grid), machine=Machine(), workspace=SimpleNamespace(store=Store(tmp_path, grid))
    )


def test_what_is_kept_comes_back(stored: Any) -> None:
    grid = stored.setting.grid
    values = np.arange(20.0).reshape(4, 5)
    values[0, 0] = np.nan
    stack = np.stack([values, values + 1])
    keep(
        stored,
        {
            "people": layer_on(grid, values, quantity="population").chunk({"y": 2}),
            "depth": layer_on(grid, stack, quantity="flood_depth", return_periods=[10, 100]),
        },
    )
    np.testing.assert_allclose(stored.workspace.store.get("people"), values)
    depth = stored.workspace.store.get("depth")
    np.testing.assert_allclose(depth, stack)
    assert depth["return_period"].values.tolist() == [10, 100]


@pytest.fixture
def passes(tmp_path: Path) -> Passes:
    city = toy_city()
    admin = SimpleNamespace(level_keys=("city", "county", "township"), profile="cn")
    levels = admin.level_keys
    study: Any = SimpleNamespace(code="990100", data_date="2026-06-30", admin=admin, published_levels=levels)
    coverage = Coverage.from_units(city.grid, city.units)
    run: Any = SimpleNamespace(
        setting=Setting(study, city.grid, city.units, coverage),
        workspace=SimpleNamespace(
            published=CogStore(tmp_path / "layers", tmp_path / "work", city.grid, "990100"),
            store=Store(tmp_path / "store", city.grid),
        ),
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


def test_what_is_kept_is_added_up_on_the_way(passes: Passes) -> None:
    run, people = passes.run, some_layers()["population"]
    sums = run.setting.coverage.accumulator(["people"], statistics=("sum",))
    keep(run, {"exposure_population": people}, sinks=[UnitSink(sums, {"people": "exposure_population"})])
    assert sums.totals()["people"] == pytest.approx(20_000)
    np.testing.assert_array_equal(run.workspace.store.get("exposure_population"), people)


def test_a_pass_leaves_files_ranges_sums_and_histograms(passes: Passes) -> None:
    layers = some_layers()
    ranges = passes.over(layers, [FLOOD], told=("hazards", 0.0, 0.5))
    assert passes.published.names() == sorted(layers)
    assert ranges[FLOOD.key] == (0.0, 1.0)
    assert list(ranges) == ["population", FLOOD.key]
    assert list(passes.histograms) == [FLOOD]
    city = passes.run.setting.codes("city")
    assert 0 < passes.sums().loc[city[0], "population"] < 20_000
    assert passes.means().loc[city[0], FLOOD.key] == pytest.approx(0.5, abs=0.02)
    with rasterio.open(passes.published.path(FLOOD.grade_key)) as file:
        assert file.tags()["CLASS_ORDER"] == "ascending"
        assert "#{:02X}{:02X}{:02X}".format(*file.colormap(1)[4][:3]) == FLOOD.colours(4)[3]


def test_the_coverage_of_the_study_serves_all_layers_and_periods(
    passes: Passes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Units are walked through the grid once in a study: no pass, however many layers it has, does it again."""
    monkeypatch.setattr(engine, "build_table", None)
    layers = some_layers()
    periods = {f"flood_depth_T{period}": layers["flood_depth_T100"] + period for period in (5, 20, 50)}
    for part in (layers, {name: describe(layer, quantity="flood_depth") for name, layer in periods.items()}):
        passes.over(part, [FLOOD] if FLOOD.key in part else [], told=("hazards", 0.0, 0.5))
    assert set(passes.means()) == {*layers, *periods}


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


def test_workers_that_have_gone_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskzoning.pipeline.stages.streaming.SCHEDULER_SECONDS", 0.5)
    with (
        LocalCluster(n_workers=0, dashboard_address=None, processes=False) as cluster,
        Client(cluster) as client,
        pytest.raises(RunError) as caught,
    ):
        _gathered(client, [da.ones(4, chunks=2), np.ones(2)])
    assert caught.value.problems[0].rule == "run.no_workers"
