"""A coverage kept, loaded and asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
import pytest

from riskzoning import io
from riskzoning.coverage import Coverage, engine, quantiles, zonal_statistics
from riskzoning.errors import GridMismatchError, LayerError
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.rasters import rows
from riskzoning.samples import toy_city


def test_a_kept_coverage_gives_the_same_statistics(tmp_path: Path) -> None:
    city = toy_city()
    made = Coverage.cached(city.grid, city.units, tmp_path)
    (kept,) = tmp_path.iterdir()
    again = Coverage.cached(city.grid, city.units, tmp_path)
    people = city.layers["population"]
    assert again.content_hash == made.content_hash == Coverage.load(kept).content_hash
    assert again.statistics(people, ["sum", "p50"]).equals(made.statistics(people, ["sum", "p50"]))
    kept.write_bytes(b"damaged")
    assert Coverage.cached(city.grid, city.units, tmp_path).content_hash == made.content_hash


def test_layers_of_another_grid_and_wrong_questions_are_refused() -> None:
    city = toy_city()
    coverage = Coverage.from_units(city.grid, city.units)
    other = layer_on(analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100), 1.0, quantity="slope")
    with pytest.raises(GridMismatchError) as mismatch:
        coverage.statistics(other)
    assert mismatch.value.problems[0].rule == "coverage.grid"
    questions = {
        "zonal.not_additive": lambda: coverage.accumulator(["a"], ["median"]),
        "zonal.coverage": lambda: Coverage.from_units(city.grid, city.units, coverage="half"),  # type: ignore[arg-type]
        "zonal.weighted": lambda: coverage.statistics(
            city.layers["population"], ["median"], weights=city.layers["population"]
        ),
    }
    for rule, ask in questions.items():
        with pytest.raises(LayerError) as caught:
            ask()
        assert caught.value.problems[0].rule == rule


def test_an_accumulator_counts_the_grid_and_the_finest_units() -> None:
    city = toy_city()
    sums = Coverage.from_units(city.grid, city.units).accumulator(["a"], ["sum"])
    sums.update(0, {"a": np.ones(city.grid.shape)})
    assert sums.totals()["a"] == city.grid.shape[0] * city.grid.shape[1] >= sums.finest_sums()["a"]


EVERY = ["count", "sum", "mean", "min", "max", "std", "var"]


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> Iterator[list[Any]]:
    """The calls of a function, each with its arguments."""
    calls: list[Any] = []
    work = getattr(owner, name)

    def told(*given: Any, **more: Any) -> Any:
        calls.append(given)
        return work(*given, **more)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, told)
        yield calls


def test_layers_that_come_from_one_field_are_computed_in_one_pass_for_all_statistics(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Levels, periods and receptors of one call share what they are made of; the units are walked once."""
    city, made = toy_city(), []

    def field(block: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        made.append(block.shape)
        return block

    height = city.layers["elevation"]
    shared = da.from_array(height.to_numpy(), chunks=(20, -1)).map_blocks(
        field, dtype=height.dtype, meta=np.empty((0, 0))
    )
    layers = {f"T{period}": height.copy(data=shared + period) for period in (5, 20, 100)}
    with counted(monkeypatch, engine, "build_table") as walks:
        together = zonal_statistics(layers, city.units, EVERY)
    assert len(walks) == 1
    assert len(made) == shared.numblocks[0]
    for name, layer in layers.items():
        assert together[name].equals(zonal_statistics(layer.compute(), city.units, EVERY))


def test_bands_of_a_file_are_read_once_for_all_statistics(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    city = toy_city()
    io.write_cog(tmp_path / "a.tif", city.layers["elevation"])
    coverage, reads = Coverage.from_units(city.grid, city.units), {}
    for statistics in (EVERY[:1], EVERY):
        with counted(monkeypatch, rows._Reader, "read") as calls:
            coverage.statistics(tmp_path / "a.tif", statistics)
        reads[len(statistics)] = [given[1:] for given in calls]
    assert reads[1] == reads[len(EVERY)] != []


def test_cells_are_gathered_once_for_all_quantiles_and_once_for_all_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    city = toy_city()
    coverage = Coverage.from_units(city.grid, city.units)
    with counted(monkeypatch, quantiles, "expand") as gathered:
        coverage.statistics(city.layers["elevation"], ["p10", "median", "p90"])
        assert len(gathered) == 1
        coverage.statistics(city.layers["elevation"].round(-2), ["majority", "minority", "variety"])
        assert len(gathered) == 2
