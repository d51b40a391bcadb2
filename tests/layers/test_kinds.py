"""Arguments of another kind: every public function of the hazards tells which, and what it wants."""

from __future__ import annotations

import contextlib
import inspect
import re
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from riskzoning import exposure, hazards, methods, zoning
from riskzoning.errors import Journal, LayerError, RiskZoningError, hearing, speaking
from riskzoning.hazards.cells import Cells
from riskzoning.layers.kinds import wrong_kinds
from riskzoning.layers.plausible import takes

ROOMS = ("earthquake", "geology", "flood", "drought", "meteorology", "forest_fire")


def functions():
    for room in ROOMS:
        face = getattr(hazards, room)
        for name in getattr(face, "__all__", dir(face)):
            value = getattr(face, name, None)
            if inspect.isfunction(value) and not name.startswith("_"):
                yield pytest.param(value, id=f"{room}.{name}")


@pytest.mark.parametrize("function", functions())
def test_every_function_of_the_hazards_tells_arguments_of_another_kind(function):
    assert hasattr(function, "__wrapped__"), "write @takes() above it"


def mixed(values: Cells, years: float, table: pd.DataFrame, items: Mapping[str, Cells], word: str = "a") -> None: ...


def told(**wrong):
    good = {"values": [1, 2], "years": 3.0, "table": pd.DataFrame(), "items": {"a": 1}, **wrong}
    problems = wrong_kinds(inspect.signature(mixed), good)
    return [(dict(problem.about.values)["name"], problem.rule) for problem in problems]


@pytest.mark.parametrize(
    ("wrong", "rules"),
    [
        ({}, []),
        ({"values": "0.2g"}, [("values", "argument.numbers")]),
        ({"values": None}, [("values", "argument.kind")]),
        ({"years": [1, 2]}, [("years", "argument.kind")]),
        ({"table": "fires.csv"}, [("table", "argument.kind")]),
        ({"items": "a"}, [("items", "argument.kind")]),
        ({"items": {"a": "x"}}, [("items", "argument.numbers")]),
        ({"word": []}, [("word", "argument.kind")]),
        ({"values": "x", "table": 3}, [("values", "argument.numbers"), ("table", "argument.kind")]),
    ],
)
def test_all_wrong_arguments_are_told_at_once(wrong, rules):
    assert told(**wrong) == rules


@pytest.mark.parametrize(
    "call",
    [
        lambda: hazards.earthquake.site_amplification("0.2g", "II"),
        lambda: hazards.earthquake.rupture_length("M7"),
        lambda: hazards.earthquake.catalogue_points("catalogue.csv"),
        lambda: hazards.geology.debris_flow_score("0.2g"),
        lambda: hazards.flood.storm_depth([1, 6], day_mm="100mm", n1=0.5, n2=0.7),
        lambda: hazards.drought.spi("precipitation.csv", 3),
        lambda: hazards.meteorology.memberships("high", [1, 2, 3]),
        lambda: hazards.meteorology.spells([1, 2], "hot", op=">="),
        lambda: hazards.forest_fire.fire_size(area_ha="12 ha"),
        lambda: hazards.forest_fire.htz_rank("high"),
    ],
)
def test_text_where_numbers_are_wanted_is_a_message_in_both_languages(call):
    with pytest.raises(RiskZoningError) as caught:
        call()
    assert isinstance(caught.value, LayerError)
    for lang in ("zh", "en"):
        with speaking(lang):
            (problem,) = caught.value.problems
            assert problem.found
            assert problem.required
            assert problem.fix
            assert bool(re.search("[一-鿿]", problem.found + problem.fix)) == (lang == "zh")


CARELESS = (None, "abc", [1, 2, "x"], [], np.empty(0), np.ones((2, 3, 4)), pd.DataFrame({"a": [1]}), {"a": 1}, object())


@contextlib.contextmanager
def suppress_told(told):
    """Errors of the product are kept as text; those of Python go on."""
    try:
        yield
    except RiskZoningError as error:
        told += [problem.text("zh") for problem in error.problems]


@pytest.mark.parametrize(
    "call",
    [
        lambda value: methods.susceptibility.block_folds(value, folds=3, repeats=1, seed=1),
        lambda value: methods.susceptibility.prior_corrected(value, 0.5, 0.1),
        lambda value: methods.events.completeness(value),
        lambda value: methods.events.annual_values(value, "max"),
        lambda value: methods.weights.entropy(value),
        lambda value: exposure.exposure_index(value),
        lambda value: exposure.spread_totals(value, value, value, quantity="population"),
        lambda value: zoning.prevention_grades(value),
    ],
)
def test_careless_values_never_end_in_an_error_of_python(call):
    told = []
    for value in CARELESS:
        with hearing(Journal()), suppress_told(told):
            call(value)
    assert all(re.search("[一-鿿]", text) for text in told)


def test_what_a_given_function_raises_is_its_own():
    @takes()
    def applied(function, value):
        return function(value)

    def broken(value):
        raise ValueError(f"no {value}")

    with pytest.raises(ValueError, match="no 3"):
        applied(broken, 3)
    with pytest.raises(LayerError) as caught:
        applied(len, 3)
    assert caught.value.problems[0].rule == "argument.unusable"
    assert caught.value.problems[0].text("zh").startswith("函数 applied 无法用给定的参数计算（TypeError")
