"""What differs between two runs, and what of it stands behind a hazard or a receptor."""

from __future__ import annotations

from typing import Any

import pandas as pd

from riskzoning.comparison.differences import Because, Differences, Feed
from riskzoning.comparison.runs import ComparedRun

STUDY: dict[str, Any] = {
    "hazards": [{"hazard": "flood", "inputs": {"depth": ["depth"]}, "params": {}}],
    "inputs": {"depth": {"path": "d.tif", "units": "m"}, "people": {"path": "p.csv"}, "gdp": {"path": "g.csv"}},
    "exposure": {"population": {"table": "people"}, "economy": {"table": "gdp", "spread_by": "population"}},
    "risk": {"form": "gated"},
    "weights": {"method": "equal", "fixed": {}},
    "outputs": {"folder": "a"},
}


def run(study: dict[str, Any] | None = None, *, version: str = "1", **sums: str) -> ComparedRun:
    rows = [{"name": name.replace("__", "."), "sha256": text} for name, text in sums.items()]
    record = {"study": {**STUDY, **(study or {})}, "inputs": rows, "versions": {"riskzoning": version}}
    return ComparedRun("x", pd.DataFrame(), pd.Series(dtype=float), {}, record, ("flood",), ("population", "economy"))


def test_places_and_outputs_are_no_difference() -> None:
    inputs = {**STUDY["inputs"], "depth": {"path": "elsewhere.tif", "units": "m"}}
    between = Differences.between(run(depth="1"), run({"inputs": inputs, "outputs": {"folder": "b"}}, depth="1"))
    assert (between.files, between.keys, between.tables, between.versions) == ((), (), (), ())
    assert between.because(Feed(frozenset({"depth"}))) == Because("unknown", "")


def test_a_key_without_a_value_is_no_difference() -> None:
    inputs = {**STUDY["inputs"], "crops": {"path": "c.csv", "units": None, "year": 2020}}
    assert Differences.between(run(), run({"inputs": inputs})).keys == ("inputs.crops.year",)


def test_a_hazard_is_made_of_its_own_inputs_and_keys() -> None:
    inputs = {**STUDY["inputs"], "depth": {"path": "d.tif", "units": "cm"}}
    between = Differences.between(run(depth="1", people="1"), run({"inputs": inputs}, depth="2", people="2"))
    assert between.because(between.hazard("flood")) == Because("input", "depth, inputs.depth.units")
    assert between.because(between.receptor("population")) == Because("input", "people")


def test_a_receptor_stands_on_the_one_that_it_is_spread_by() -> None:
    between = Differences.between(run(people="1", gdp="1"), run(people="2", gdp="1"))
    assert between.because(between.receptor("economy")) == Because("input", "people")


def test_the_first_feed_that_differs_says_it_then_everything_then_the_program() -> None:
    between = Differences.between(run(depth="1"), run({"risk": {"form": "product"}}, depth="2", version="2"))
    assert between.because(Feed(keys=("risk",)), between.hazard("flood")) == Because("method", "risk.form")
    assert between.because(between.receptor("population")) == Because("input;method", "depth, risk.form")
    same = Differences.between(run(), run(version="2"))
    assert same.because(Feed()) == Because("program", "riskzoning 1 → 2")


def test_weights_and_tables_have_a_place_of_their_own() -> None:
    fixed = {"weights": {"method": "fixed", "fixed": {"flood": 1.0}}, "standards": {"exposure/scales": {"data": 1}}}
    between = Differences.between(run(), run(fixed, standards__ladders="2"))
    assert between.weights == ("weights.method",)
    assert between.because(between.receptor("population")) == Because("table", "exposure/scales")
    assert "ladders" in between.tables
    assert between.because(Feed(keys=("weights",))).cause == "table", "never the weights"
