"""The weights of receptors: a hazard's own first, then the study's, then the usual ones."""

from __future__ import annotations

from types import SimpleNamespace

from riskzoning import standards
from riskzoning.config.weighing import receptor_weights

ALL = ("population", "economy", "buildings", "forest")


def test_a_hazards_own_come_first() -> None:
    own = [{"hazard": "surge", "receptors": {"roads": 1}}, SimpleNamespace(hazard="flood", receptors={})]
    stated = {"population": 0.5, "roads": 0.5}
    assert receptor_weights("surge", hazards=own, stated=stated, receptors=ALL) == {"roads": 1.0}
    assert receptor_weights("flood", hazards=own, stated=stated, receptors=ALL) == stated
    # A record of an earlier program does not have the key.
    assert receptor_weights("flood", hazards=[{"hazard": "flood"}], stated={}, receptors=ALL) is None


def test_the_forest_weighs_in_forest_fires_where_it_is_given() -> None:
    special = standards.table("weights/receptors_of").data["forest_fire"]
    assert sum(special.values()) == 1
    assert receptor_weights("forest_fire", hazards=[], stated={}, receptors=ALL) == special
    assert receptor_weights("forest_fire", hazards=[], stated={}, receptors=ALL[:3]) is None
    assert receptor_weights("earthquake", hazards=[], stated={}, receptors=ALL) is None
    assert receptor_weights("forest_fire", hazards=[], stated={"population": 1.0}, receptors=ALL) == {"population": 1.0}
