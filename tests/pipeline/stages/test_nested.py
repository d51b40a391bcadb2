"""Counts of units beside the sums of their children."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from riskzoning.config import load_study
from riskzoning.coverage import Coverage
from riskzoning.errors import RunError
from riskzoning.grid import analysis_grid
from riskzoning.pipeline.stages.nested import level_tables
from riskzoning.pipeline.state import Setting
from riskzoning.samples import sample_study

GRID = analysis_grid((0, 0, 400, 200), crs="EPSG:4547", resolution=100)
CODES = ["410700", "410702", "410702001", "410702002"]


def setting(cut: float = 150, end: float = 400) -> Setting:
    """A city of one county of two townships; they end where it does, or before."""
    shapes = [box(0, 0, 400, 200), box(0, 0, 400, 200), box(0, 0, cut, 200), box(cut, 0, end, 200)]
    columns = {"name": CODES, "level": ["city", "county", "township", "township"]}
    parents = ["", "410700", "410702", "410702"]
    units = gpd.GeoDataFrame(columns | {"parent": parents}, index=CODES, geometry=shapes, crs="EPSG:4547")
    return Setting(load_study(sample_study()), GRID, units, Coverage.from_units(GRID, units))


def counted(given: Setting, cells: Any) -> pd.DataFrame:
    sums = given.coverage.accumulator(["people"], ["sum"])
    sums.update(0, {"people": np.asarray(cells, dtype=np.float64).reshape(2, 4)})
    return pd.DataFrame({"people": sums.result()[("people", "sum")]})


@given(st.lists(st.floats(0, 1e7), min_size=8, max_size=8), st.floats(1, 399))
def test_children_have_what_the_unit_has_wherever_it_is_cut(cells: list[float], cut: float) -> None:
    own = setting(cut)
    table = level_tables(own, counted(own, cells))["level_reconciliation"]
    assert (table["difference"].abs() <= 1e-9).all()
    assert (table["uncovered"] == 0).all()
    assert table["below"].tolist() == ["county"] * 2 + ["township"] * 2


def test_ground_without_children_is_told_and_is_no_fault() -> None:
    own = setting(end=300)
    table = level_tables(own, counted(own, [1] * 8))["level_reconciliation"].set_index(["code", "quantity"])
    row = table.loc[("410702", "people")]
    assert row[["value", "children", "difference", "uncovered"]].tolist() == pytest.approx([8, 6, -0.25, 0.25])
    assert table.loc[("410702", "area_km2"), "uncovered"] == pytest.approx(0.25)


def test_children_that_cover_a_unit_and_have_something_else_stop_the_run() -> None:
    own = setting()
    counts = counted(own, [1] * 8)
    counts.loc["410702001", "people"] += 0.01
    with pytest.raises(RunError) as caught:
        level_tables(own, counts)
    assert [problem.rule for problem in caught.value.problems] == ["stage.children"]


def test_dust_is_no_difference() -> None:
    own = setting()
    counts = counted(own, [1e6] * 8)
    counts.loc["410702001", "people"] += 1e-8
    assert len(level_tables(own, counts))


def test_one_level_has_nothing_to_be_compared_with() -> None:
    one = SimpleNamespace(all_levels=("city",), villages=[], coverage=setting().coverage)
    assert level_tables(one, counted(setting(), [1] * 8)) == {}  # type: ignore[arg-type]


def test_villages_whose_lines_bend_otherwise_are_told_and_stop_nothing() -> None:
    own = setting()
    units = own.units.assign(level=["city", "county", "township", "township"])
    rows = units.loc[["410702001"]].assign(level="village", parent="410702001")
    rows.index = ["410702001201"]
    both = gpd.GeoDataFrame(pd.concat([units, rows]), geometry="geometry", crs=units.crs)
    below = Setting(own.study, GRID, both, Coverage.from_units(GRID, both))
    counts = counted(below, [1] * 8)
    counts.loc["410702001201", "people"] += 1e-7
    table = level_tables(below, counts)["level_reconciliation"].query("below == 'village' and quantity == 'people'")
    assert table["difference"].tolist() == pytest.approx([1e-7 / 3], rel=1e-6)
