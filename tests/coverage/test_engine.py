"""A coverage kept, loaded and asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from riskzoning.coverage import Coverage
from riskzoning.errors import GridMismatchError, LayerError
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
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
