"""Indices made again from stored parts are the stored ones; a part of another run is what its name says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskzoning.comparison.recomputing import Kitchen, Recipe, recipes
from riskzoning.comparison.runs import compared
from riskzoning.names import Index
from tests.comparison.conftest import Runs


@pytest.fixture
def kitchen(runs: Runs) -> Kitchen:
    weights = {"fixed": {"earthquake": 0.3, "flood": 0.7}}
    both = compared(runs("a")), compared(runs("weights", weights=weights))
    return Kitchen(both, (both[0].units, both[1].units))


@pytest.mark.parametrize("receptor", [None, "population"])
@pytest.mark.parametrize("hazard", ["flood", "earthquake", "multi"])
def test_made_again_it_is_what_is_stored(kitchen: Kitchen, hazard: str, receptor: str | None) -> None:
    index = Index(hazard, "risk", receptor)
    for recipe, units in ((Recipe(), kitchen.units[0]), (recipes()[-1][1], kitchen.units[1])):
        np.testing.assert_allclose(kitchen.make(index, recipe), units[index.key].astype(float), rtol=0, atol=1e-12)


def test_the_weights_of_the_other_run_weigh_the_risks_of_the_first(kitchen: Kitchen) -> None:
    made = kitchen.make(Index("multi", "risk"), Recipe(members="both", weights=1))
    units = kitchen.units[0]
    expected = 0.3 * units["earthquake_risk_index"] + 0.7 * units["flood_risk_index"]
    np.testing.assert_allclose(made, expected.astype(float), rtol=1e-12)


def test_what_cannot_be_made_again_is_not_made_up(kitchen: Kitchen) -> None:
    lacking = tuple(pd.DataFrame(frame[["name", "level"]]) for frame in kitchen.units)
    bare = Kitchen(kitchen.runs, (lacking[0], lacking[1]))
    assert bare.make(Index("multi", "risk"), Recipe()) is None
