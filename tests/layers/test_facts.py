"""Facts of the values of layers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import dask.array as da
import numpy as np
import pytest

from riskzoning.layers import LayerFacts, Total, fact_problems, scan
from riskzoning.layers.facts import scan_bands

Make = Callable[..., Any]
N = np.nan


def test_scan_of_lazy_bands_equals_numpy(make_layer: Make) -> None:
    values = np.random.default_rng(1).normal(size=(3, 50, 7)).cumsum(axis=0)
    values[:, 3, 4] = np.nan
    values[1, 0, 0] = np.inf
    eager = make_layer(values, "relief", return_periods=[5, 10, 20])
    lazy = eager.copy(data=da.from_array(values, chunks=(1, 7, 7)))
    found = scan(lazy, rows=13)
    assert replace(found, total=0.0) == replace(scan(eager, rows=512), total=0.0)
    good = values[np.isfinite(values)]
    assert (found.minimum, found.maximum) == (good.min(), good.max())
    assert found.total == pytest.approx(good.sum(), rel=1e-12)
    assert (found.valid, found.cells) == (good.size, values.size)


@pytest.mark.parametrize(
    ("most", "cells", "told"), [(25, 24, True), (5, 24, False), (25.5, 24, False), (25, 19, False)]
)
def test_depths_of_whole_numbers_are_probably_centimetres(
    make_layer: Make, most: float, cells: int, told: bool
) -> None:
    values = np.zeros(30)
    values[:cells] = most
    facts = scan(make_layer(values.reshape(5, 6), "flood_depth"))
    assert facts.positive == cells
    rules = [problem.rule for problem in fact_problems(facts, thing="depth", quantity="flood_depth")]
    assert ("layer.whole" in rules) == told
    assert "layer.whole" not in [p.rule for p in fact_problems(facts, thing="x", quantity="precipitation")]


def test_facts_find_falling_and_identical_periods(make_layer: Make) -> None:
    stack = make_layer([[[1.0, 0.0]], [[1.0, 0.0]], [[0.5, 3.0]]], "flood_depth", return_periods=[5, 10, 20])
    facts = scan(stack)
    assert facts.fall == 0.5
    assert facts.identical == ((5.0, 10.0),)
    problems = fact_problems(facts, thing="depth", quantity="flood_depth", monotone=True)
    assert {(p.rule, p.severity) for p in problems} == {("layer.monotone", "error"), ("layer.identical", "warning")}
    assert facts.falls == 0.5
    repaired = fact_problems(facts, thing="depth", quantity="flood_depth", monotone=True, repaired=True)
    assert ("layer.falls_repaired", "warning") in {(p.rule, p.severity) for p in repaired}
    exchanged = fact_problems(
        replace(facts, falls=0.6), thing="depth", quantity="flood_depth", monotone=True, repaired=True
    )
    assert "layer.monotone" in {p.rule for p in exchanged}


@pytest.mark.parametrize(
    ("quantity", "maximum", "hint"),
    [("flood_depth", 250.0, "centimetres"), ("pga", 196.0, "gal"), ("temperature", 300.0, "kelvin")],
)
def test_implausible_values_name_the_likely_unit(quantity: str, maximum: float, hint: str) -> None:
    facts = LayerFacts(cells=4, valid=4, minimum=0.0, maximum=maximum, total=1.0, whole=False)
    (problem,) = fact_problems(facts, thing="a.tif", quantity=quantity)
    assert hint in problem.required


def test_empty_layer_is_an_error() -> None:
    facts = LayerFacts(cells=4, valid=0, minimum=np.nan, maximum=np.nan, total=0.0, whole=False)
    (problem,) = fact_problems(facts, thing="a.tif", quantity="elevation")
    assert problem.rule == "layer.empty"


def test_bands_give_the_facts_of_the_whole() -> None:
    values = np.arange(12.0).reshape(1, 4, 3)
    assert scan_bands([values[:, :1], values[:, 1:]], [np.nan]) == scan_bands([values], [np.nan])


def test_values_taken_or_kept_without_a_declaration_are_told() -> None:
    facts = LayerFacts(1, 1, 0, 0, 0, True, undeclared=(-9999.0,), doubtful=(255.0,))
    rules = [(p.rule, dict(p.values)["numbers"]) for p in fact_problems(facts, thing="a.tif", quantity="elevation")]
    assert rules == [("layer.nodata", ("-9999",)), ("layer.nodata_kept", ("255",))]


def test_a_total_knows_its_parts_and_scales_as_a_whole() -> None:
    total = Total(9.0, beyond_grid=2.0)
    assert (total.on_grid, 10 * total) == (7.0, Total(90.0, 20.0))
    assert Total(4.0).on_grid == 4.0


@pytest.mark.parametrize(
    ("values", "dry", "asked"),
    [
        ([[0.5, N], [1.0, 0.3]], None, True),
        ([[0.5, N], [1.0, N]], None, True),
        ([[0.5, 0.0], [1.0, 0.3]], None, False),
        ([[0.0, N], [1.0, N]], None, False),
        ([[0.0, N], [1.0, 2.0]], None, True),
        ([[0.5, N], [1.0, 0.3]], True, False),
        ([[0.5, N], [1.0, 0.3]], False, False),
    ],
)
def test_no_data_that_may_mean_dry_ground_is_asked_about(
    make_layer: Make, values: Any, dry: bool | None, asked: bool
) -> None:
    layer = make_layer(np.array(values)[:, None, :], "flood_depth", return_periods=[5, 100])
    facts = scan(layer)
    rules = [problem.rule for problem in fact_problems(facts, thing="d.tif", quantity="flood_depth", dry=dry)]
    assert rules == (["layer.dry"] if asked else [])
    assert fact_problems(facts, thing="d.tif", quantity="precipitation") == []


def test_return_periods_without_any_value_are_listed(make_layer: Make) -> None:
    stack = make_layer([[[N, N]], [[1.0, N]], [[N, N]]], "pga", return_periods=[50, 475, 2475])
    facts = scan(stack)
    assert facts.empty == (50.0, 2475.0)
    (problem,) = fact_problems(facts, thing="pga", quantity="pga")
    assert (problem.rule, dict(problem.values)["periods"]) == ("layer.empty_levels", ("50", "2475"))
    # No data that means dry ground is a value of its own.
    assert fact_problems(replace(facts, gaps=0), thing="depth", quantity="flood_depth", dry=True) == []
    assert scan(make_layer([[[N]], [[N]]], "pga", return_periods=[50, 475])).empty == ()
