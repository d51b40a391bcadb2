"""A sample of buildings on the ground: strata, their mix, and what units without a sample get."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskzoning.errors import Journal, hearing
from riskzoning.exposure.base.sample import codes_of, sampled_totals, stock_layer, stock_tables, strata
from riskzoning.layers import layer_on

X, Y = 500_000, 3_900_000


@pytest.fixture
def towns() -> gpd.GeoDataFrame:
    """Three towns of 200 x 100 m in a row, the first two of one county."""
    boxes = [shapely.box(X + 200 * i, Y, X + 200 * (i + 1), Y + 100) for i in range(3)]
    rows = {"level": "township", "parent": ["a", "a", "b"]}
    return gpd.GeoDataFrame(rows, index=pd.Index(["a1", "a2", "b1"], name="code"), geometry=boxes, crs="EPSG:4547")


def test_strata_are_the_finest_units_or_the_whole_grid(towns: gpd.GeoDataFrame, make_grid: Any) -> None:
    grid = make_grid(rows=1, columns=6)
    county = towns.dissolve("parent", as_index=True).assign(level="county", parent="")
    both = gpd.GeoDataFrame(pd.concat([county, towns]), crs=towns.crs)
    assert strata(both, grid).index.tolist() == ["a1", "a2", "b1"]
    assert len(strata(gpd.GeoDataFrame(), grid)) == 1
    assert stock_layer(towns, grid).values.tolist() == [[1, 1, 2, 2, 3, 3]]
    assert stock_layer(strata(gpd.GeoDataFrame(), grid), grid).values.min() == 1


def test_a_cell_at_the_outer_border_has_a_stock_and_one_beyond_has_none(
    towns: gpd.GeoDataFrame, make_grid: Any
) -> None:
    stock = stock_layer(
        towns.iloc[:1].assign(geometry=[shapely.box(X, Y, X + 140, Y + 100)]), make_grid(rows=1, columns=3)
    )
    assert stock.values.tolist() == [[1, 1, 0]]


def test_buildings_know_their_town(towns: gpd.GeoDataFrame) -> None:
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy([X + 50, X + 450, X - 50], [Y + 50] * 3), crs="EPSG:4547")
    assert codes_of(points.to_crs(4490), towns).tolist()[:2] == ["a1", "b1"]
    assert pd.isna(codes_of(points, towns).iloc[2])


def test_a_town_without_buildings_has_the_mix_of_its_county_or_of_all(towns: gpd.GeoDataFrame) -> None:
    rows = pd.DataFrame({"code": ["a1", "a1", None], "area": [30.0, 10.0, 99.0], "flood": ["x", "y", "x"]})
    table = stock_tables(rows, ["flood"], towns)["flood"]
    assert table.loc[["a1", "a2", "b1"], ["x", "y"]].to_numpy().tolist() == [[30, 10]] * 3
    rows = pd.DataFrame({"code": ["a1", "b1"], "area": [30.0, 10.0], "flood": ["x", "y"]})
    assert stock_tables(rows, ["flood"], towns)["flood"].loc["a2"].tolist() == [30, 0]
    assert stock_tables(rows.assign(flood=None), ["flood"], towns) == {}


def test_a_town_without_sample_gets_what_its_county_has_per_resident(towns: gpd.GeoDataFrame, make_grid: Any) -> None:
    people = layer_on(make_grid(rows=1, columns=6), np.array([[10.0, 30, 5, 15, 7, 1]]), quantity="population")
    rows = pd.DataFrame({"code": ["a1", "b1", None], "area": [400.0, 80, 9], "value": [4e5, 8e4, 9]})
    with hearing(Journal()) as heard:
        totals = sampled_totals(rows, ["area", "value"], towns, people)
    assert totals["area"].tolist() == pytest.approx([400, 200, 80])
    assert totals["value"].tolist() == pytest.approx([4e5, 2e5, 8e4])
    (problem,) = heard.warnings
    assert (problem.rule, dict(problem.values)["codes"]) == ("exposure.no_sample", ("a2",))
    with hearing(Journal()) as heard:
        alone = sampled_totals(rows.iloc[:1], ["area"], towns, people)
    assert alone["area"].tolist() == pytest.approx([400, 200, 80])
