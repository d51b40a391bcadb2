"""A pass over bands: every sink gets every row once, in order; the result does not depend on bands or threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr

from riskzoning.errors import GridMismatchError
from riskzoning.layers import layer_on
from riskzoning.pipeline.stages.streaming import TILE, HistogramSink, RangeSink, Sink, Values, band_rows, stream


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


@pytest.mark.parametrize(
    ("width", "layers", "limit", "rows"), [(1500, 30, 2 * 1024**3, 1024), (10**6, 30, 1024**2, TILE), (0, 0, 0, TILE)]
)
def test_bands_are_whole_tile_rows(width: int, layers: int, limit: int, rows: int) -> None:
    assert band_rows(width, layers, limit) == rows


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
