"""Arguments of another kind: every public function of the hazards tells which, and what it wants."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping

import pandas as pd
import pytest

from riskzoning import hazards
from riskzoning.errors import LayerError, RiskZoningError, speaking
from riskzoning.hazards.cells import Cells
from riskzoning.layers.kinds import wrong_kinds

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
