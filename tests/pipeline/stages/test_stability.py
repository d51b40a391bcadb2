"""Stability of the units of a run: a table by unit, level and hazard, which follows the section of the study."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from riskzoning.config.uncertainty import UncertaintyConfig
from riskzoning.names import MULTI, Index
from riskzoning.pipeline.stages.stability import stable
from riskzoning.pipeline.state import Assessed, Graded, Made
from riskzoning.results import Breaks, IndexBreaks

FIXED = Breaks("fixed", (0.2, 0.4, 0.6, 0.8, 1.0))
FLOOD, GEOLOGY, ALL = Index("flood", "risk"), Index("geology", "risk"), Index(MULTI, "risk")


def run_of(combine: str = "weighted_sum", **options: Any) -> Any:
    study = SimpleNamespace(uncertainty=UncertaintyConfig(**options), seed=3, risk=SimpleNamespace(combine=combine))
    return SimpleNamespace(setting=SimpleNamespace(study=study, levels=("township", "county")))


def made_of(breaks: Breaks = FIXED) -> Made:
    rng = np.random.default_rng(0)
    units = {}
    for level, count in (("township", 30), ("county", 4)):
        flood, geology = rng.random(count), rng.random(count)
        columns = {FLOOD.key: flood, GEOLOGY.key: geology, ALL.key: 0.7 * flood + 0.3 * geology}
        units[level] = gpd.GeoDataFrame(columns, index=[f"{level}{n}" for n in range(count)])
    cut = {index: IndexBreaks(breaks, breaks) for index in (FLOOD, GEOLOGY, ALL)}
    graded = Graded({}, (FLOOD, GEOLOGY, ALL), cut, (), units, pd.DataFrame(), {})
    weights = pd.DataFrame({"hazard": ["flood", "geology"], "weight": [0.7, 0.3]})
    nothing: Any = None
    assessed = Assessed({}, (), (), pd.DataFrame(), pd.DataFrame(), {}, weights, nothing, {})
    return Made((graded, assessed))


def test_every_unit_of_every_level_has_a_row_for_each_hazard_and_all_together() -> None:
    table = stable(run_of(draws=200), made_of()).tables["stability"]
    assert list(table) == ["code", "level", "hazard", "modal_grade", "probability", "entropy"]
    assert len(table) == 34 * 3
    assert set(table["hazard"]) == {"flood", "geology", MULTI}
    assert table["probability"].between(0.2, 1).all()
    assert (table.loc[table["hazard"] == MULTI, "probability"] < 1).any()


def test_where_nothing_varies_all_is_certain_and_the_grade_that_of_the_index() -> None:
    made = made_of()
    table = stable(run_of(draws=20, concentration=1e12, break_share=0), made).tables["stability"]
    alone = table[table["hazard"] == "flood"]
    assert (alone["probability"] == 1).all()
    index = pd.concat([frame[FLOOD.key] for frame in made.of(Graded).units.values()])
    expected = np.searchsorted(FIXED.bounds, index, side="left") + 1
    assert alone["modal_grade"].tolist() == expected.tolist()


def test_the_same_seed_gives_the_same_and_no_draws_no_table() -> None:
    first, second = (stable(run_of(draws=50), made_of()).tables["stability"] for _ in range(2))
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    assert stable(run_of(draws=0), made_of()).tables == {}


def test_grades_that_no_draw_can_make_are_left_out() -> None:
    table = stable(run_of("maximum", draws=20), made_of()).tables["stability"]
    assert set(table["hazard"]) == {"flood", "geology"}
    assert stable(run_of(draws=20), made_of(Breaks("class_share"))).tables == {}
