"""Units of two runs are matched by code, by the table of replaced codes, and told by their ground where by neither."""

from __future__ import annotations

import itertools

import geopandas as gpd
import pandas as pd
from shapely.geometry import box

from riskzoning.comparison.runs import ComparedRun
from riskzoning.comparison.units import matched


def run(*codes: str, names: dict[str, str] | None = None, edges: list[float] | None = None) -> ComparedRun:
    name = [(names or {}).get(code, code) for code in codes]
    units = pd.DataFrame({"name": name, "level": "county", "parent": ""}, index=list(codes))
    shapes = None
    if edges is not None:
        boxes = [box(west, 35, east, 36) for west, east in itertools.pairwise(edges)]
        shapes = gpd.GeoSeries(boxes, index=list(codes), crs="EPSG:4490")
    return ComparedRun("x", units, pd.Series(dtype=float), {}, {}, shapes=shapes)


def test_an_old_code_leads_to_the_one_that_replaced_it() -> None:
    sides = matched(run("410702", "410728"), run("410783", "410702"))
    assert (sides.before, sides.after) == (["410728", "410702"], ["410783", "410702"])
    assert (sides.gone, sides.new, sides.said) == ([], [], {"410783": "410728 → 410783"})


def test_a_split_and_a_merger_are_told_by_the_ground() -> None:
    before = run("410702", "410703", "410704", edges=[113.0, 113.4, 113.6, 114.0])
    after = run("410711", "410712", "410713", edges=[113.0, 113.1, 113.4, 114.0])
    sides = matched(before, after)
    assert sides.said["410711"] == "410711 ← 410702 100%"
    assert sides.said["410702"] == "410702 → 410712 75%, 410711 25%"
    assert sides.said["410713"] == "410713 ← 410704 67%, 410703 33%"


def test_another_name_under_the_same_code_is_told() -> None:
    sides = matched(run("410702", names={"410702": "甲区"}), run("410702", names={"410702": "乙区"}))
    assert sides.said == {"410702": "甲区 → 乙区"}
    assert matched(run("410702"), run("410702")).said == {}
