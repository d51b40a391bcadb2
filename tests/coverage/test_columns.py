"""Columns of statistics from accumulators and class tables."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import box

from riskzoning.coverage import Coverage
from riskzoning.coverage.columns import checked_statistics, class_statistics, statistic_of, whole_numbers
from riskzoning.coverage.kernels import CELLS, COVER, FIRST, LEAST, MOST, SECOND, SUM, WEIGHT, empty_sums
from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.grid import analysis_grid


def test_names_are_taken_once_and_unknown_ones_refused() -> None:
    assert checked_statistics(["mean", "p90", "mean", "valid_share"]) == ["mean", "p90"]
    assert checked_statistics("sum") == ["sum"]  # type: ignore[arg-type]
    with pytest.raises(LayerError) as caught:
        checked_statistics(["mean", "p101", "medan"])
    assert dict(caught.value.problems[0].values)["wrong"] == ("p101", "medan")


def test_statistics_of_a_unit_without_cells_are_missing_and_its_count_is_0() -> None:
    lines = empty_sums(2)
    values = {CELLS: 2, COVER: 1.5, WEIGHT: 1.5, SUM: 6.0, FIRST: 6.0, SECOND: 30.0, LEAST: 2.0, MOST: 6.0}
    for column, value in values.items():
        lines[0, column] = value
    wanted = {"count": 1.5, "sum": 6.0, "mean": 4.0, "var": 4.0, "std": 2.0, "min": 2.0, "max": 6.0}
    for name, value in wanted.items():
        column = statistic_of(lines, name)
        assert column[0] == pytest.approx(value)
        assert column[1] == 0 if name == "count" else np.isnan(column[1])


def test_whole_numbers_stay_floats_where_one_is_missing() -> None:
    assert whole_numbers(np.array([1.0, 2.0])).dtype == np.int64
    assert whole_numbers(np.array([1.0, np.nan])).dtype == np.float64


def test_a_tie_goes_to_the_larger_code_as_majority_and_to_the_smaller_as_minority() -> None:
    keys, cover = np.array([1.0, 2.0, 3.0]), np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    columns = class_statistics(keys, cover, ["majority", "minority", "variety"], integer=False)
    assert (columns["majority"][0], columns["minority"][0]) == (2, 1)
    assert columns["variety"].tolist() == [2, 0]
    assert np.isnan(columns["majority"][1])


@pytest.mark.parametrize("values", [[1e308, 1e308], [-1e308, -1e308], [1e308, 1e308, -1e308, -1e308]])
def test_sums_beyond_the_largest_number_are_told(values: list[float]) -> None:
    grid = analysis_grid((0, 0, 100 * len(values), 100), crs="EPSG:4547", resolution=100)
    units = gpd.GeoDataFrame(geometry=[box(0, 0, 1000, 100)], crs="EPSG:4547")
    sums = Coverage.from_units(grid, units).accumulator(["a"], ["sum", "min", "count"])
    sums.update(0, {"a": np.array([values])})
    with hearing(Journal()) as journal:
        table = sums.result()
    assert [problem.rule for problem in journal.warnings] == ["zonal.beyond"]
    assert dict(journal.warnings[0].values)["statistics"] == ("sum",)
    assert not np.isfinite(table[("a", "sum")]).any()
    assert table[("a", "count")].tolist() == [len(values)]
