"""Units that reports name: by code, by name, by the short name that people use, and none that could be two."""

from __future__ import annotations

import pandas as pd

from riskzoning.pipeline.stages.proof.named import units_named

NAMES = pd.DataFrame(
    {
        "name": ["辉县市", "获嘉县", "城关镇", "城关镇", "牧野区", "牧野镇", "Huqiu District"],
        "level": ["county", "county", "township", "township", "county", "township", "county"],
    },
    index=["410782", "410724", "410724100", "410782100", "410711", "410711101", "320505"],
)
LEVELS = ("county", "township")


def test_a_cell_names_several_units_by_their_short_names() -> None:
    assert units_named(["辉县、获嘉,牧野区", None, float("nan")], NAMES, LEVELS) == {
        "county": ["410782", "410724", "410711"]
    }


def test_codes_and_english_names() -> None:
    assert units_named([410782, "410711101.0", "huqiu"], NAMES, LEVELS) == {
        "county": ["410782", "320505"],
        "township": ["410711101"],
    }


def test_a_name_of_two_units_is_none_and_a_short_name_is_that_of_the_coarser_level() -> None:
    assert units_named(["城关镇", "station only", ">=700 mm"], NAMES, LEVELS) == {}
    assert units_named(["牧野"], NAMES, LEVELS) == {"county": ["410711"]}
    assert units_named(["牧野镇"], NAMES, LEVELS) == {"township": ["410711101"]}
