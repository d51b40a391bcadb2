"""Stability of the units of a run: a table by unit, level and hazard, which follows the section of the study."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from riskzoning.config import RiskConfig
from riskzoning.config.uncertainty import UncertaintyConfig
from riskzoning.errors import Journal, hearing
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.methods.classification import natural_breaks
from riskzoning.names import MULTI, Index
from riskzoning.pipeline.stages.stability import stable
from riskzoning.pipeline.state import Assessed, Graded, Made
from riskzoning.pipeline.workspace.store import CogStore
from riskzoning.results import Breaks, IndexBreaks

FIXED = Breaks("fixed", (0.2, 0.4, 0.6, 0.8, 1.0))
FLOOD, GEOLOGY, ALL = Index("flood", "risk"), Index("geology", "risk"), Index(MULTI, "risk")


def run_of(combine: str = "weighted_sum", **options: Any) -> Any:
    study = SimpleNamespace(uncertainty=UncertaintyConfig(**options), seed=3, risk=RiskConfig(combine=combine))
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
    assert set(stable(run_of(draws=0), made_of()).tables) == {"sensitivity"}
    assert stable(run_of(draws=0, sensitivity=False), made_of()).tables == {}


def test_grades_that_no_draw_can_make_are_left_out_and_told() -> None:
    with hearing(Journal()) as journal:
        table = stable(run_of("maximum", draws=20), made_of()).tables["stability"]
    assert set(table["hazard"]) == {"flood", "geology"}
    assert [dict(problem.values) for problem in journal.steps] == [{"method": "maximum", "tables": ("stability",)}]
    with hearing(Journal()) as journal:
        made = stable(run_of("topsis", draws=20), made_of()).tables
    assert MULTI not in set(made["stability"]["hazard"])
    assert set(made["sensitivity"].loc[made["sensitivity"]["hazard"] == MULTI, "kind"]) == {"breaks"}
    (problem,) = journal.steps
    assert problem.rule == "combined.not_varied"
    assert "stability、sensitivity" in problem.text("zh")
    with hearing(Journal()) as journal:
        stable(run_of(draws=20), made_of())
        stable(run_of("union", draws=0), made_of())
    assert not journal.steps
    assert stable(run_of(draws=20), made_of(Breaks("class_share"))).tables == {}


def ranked(made: Made) -> Breaks:
    """Natural breaks of the townships, as a run computes them."""
    values = made.of(Graded).units["township"][ALL.key]
    return Breaks("natural_breaks", tuple(natural_breaks(values.to_numpy(), 5)))


def test_breaks_that_rank_the_units_follow_the_draw() -> None:
    made = made_of()
    for frame in made.of(Graded).units.values():
        # All hazards high or low together: other weights move all units, and no rank.
        frame[GEOLOGY.key] = 0.4 * frame[FLOOD.key]
        frame[ALL.key] = 0.7 * frame[FLOOD.key] + 0.3 * frame[GEOLOGY.key]
    rule = ranked(made)
    cut = {index: IndexBreaks(rule, rule) for index in made.of(Graded).breaks}
    graded = replace(made.of(Graded), breaks=cut)
    made = Made((graded, made.of(Assessed)))
    kept, anew = (
        stable(run_of(draws=300, break_share=0, computed_breaks=how, sensitivity=False), made).tables["stability"]
        for how in ("kept", "anew")
    )
    townships = [part[(part["hazard"] == MULTI) & (part["level"] == "township")] for part in (kept, anew)]
    assert (townships[1]["probability"] == 1).all()
    assert townships[0]["probability"].mean() < 0.99
    # Without any variation the grades are those that the run gives.
    still = stable(run_of(draws=3, concentration=1e15), made).tables["stability"]
    alone = still[(still["hazard"] == MULTI) & (still["level"] == "township")]
    values = made.of(Graded).units["township"][ALL.key]
    assert (alone["probability"] == 1).all()
    assert alone["modal_grade"].tolist() == (np.searchsorted(rule.bounds, values, side="left") + 1).tolist()
    # What was given stays where it is: the breaks of another year rank nobody.
    given = Breaks("fixed", rule.bounds)
    fixed = Made((replace(graded, breaks={index: IndexBreaks(given, given) for index in cut}), made.of(Assessed)))
    frozen = stable(run_of(draws=300, break_share=0, sensitivity=False), fixed).tables["stability"]
    pd.testing.assert_frame_equal(frozen, kept)


def test_the_error_of_inputs_may_differ_by_hazard() -> None:
    made = made_of()
    only = stable(run_of(draws=200, input_share={"flood": 0.4}, break_share=0), made).tables["stability"]
    assert (only.loc[only["hazard"] == "geology", "probability"] == 1).all()
    assert (only.loc[only["hazard"] == "flood", "probability"] < 1).any()


def test_cells_have_layers_of_their_own_in_blocks(tmp_path: Path) -> None:
    grid = analysis_grid((0, 0, 4000, 3000), crs="EPSG:4547", resolution=100)
    rng = np.random.default_rng(0)
    values = {FLOOD: rng.random((30, 40)), GEOLOGY: rng.random((30, 40))}
    values[ALL] = 0.7 * values[FLOOD] + 0.3 * values[GEOLOGY]
    values[FLOOD][0, 0] = values[GEOLOGY][0, 0] = np.nan
    layers = {index.key: layer_on(grid, part, quantity="risk_index") for index, part in values.items()}
    for rule in (FIXED, Breaks("natural_breaks", tuple(natural_breaks(values[ALL].ravel(), 5)))):
        made = made_of(rule)
        graded = replace(made.of(Graded), layers=layers)
        run = run_of(draws=50, cells=True, sensitivity=False)
        store = CogStore(tmp_path / rule.rule, tmp_path / f"w{rule.rule}", grid, "410700")
        for name, value in (("grid", grid), ("all_levels", ("township", "county"))):
            setattr(run.setting, name, value)
        run.workspace = SimpleNamespace(published=store)
        run.machine = SimpleNamespace(workers=1, client=None, memory_limit=10**9)
        stable(run, Made((graded, made.of(Assessed))))
        assert set(store.names()) == {"multi_modal_grade", "multi_grade_probability"}
        probability = store.get("multi_grade_probability").to_numpy()
        assert np.isnan(probability[0, 0])
        assert np.nanmin(probability) >= 0.2
        modal = store.get("multi_modal_grade").to_numpy()
        published = np.searchsorted(rule.bounds, values[ALL]) + 1
        sure = probability > 0.95
        assert sure.any()
        # Natural breaks of other weights may lie elsewhere: a cell just beside one is the other grade in all of them.
        assert (modal[sure] == published[sure]).mean() > 0.99
