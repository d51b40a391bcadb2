"""A run is read from its folder as it was in memory."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from riskzoning.comparison.runs import compared
from riskzoning.errors import ConfigError
from riskzoning.samples import toy_result
from tests.comparison.conftest import Runs, left_in


def test_a_folder_gives_what_the_result_holds(runs: Runs, tmp_path: Path) -> None:
    result = runs("a")
    held, read = compared(result), compared(left_in(result, tmp_path / "run"))
    shown = [name for name in held.units.columns if held.units[name].dtype.kind == "f"]
    pd.testing.assert_frame_equal(read.units[shown], held.units[shown].astype(float), check_exact=True)
    assert (read.hazards, read.receptors, read.levels) == (held.hazards, held.receptors, held.levels)
    pd.testing.assert_series_equal(read.weights, held.weights)
    assert {key: cut for key, cut in held.breaks.items() if cut.bounds} == dict(read.breaks)
    assert (read.shapes, held.shapes is None) == (None, False)
    assert read.title("zh") == "Suzhou"
    assert read.level_name("county", "zh") == "县级"


def test_a_result_without_grades_and_tables_that_are_none_are_refused(runs: Runs, tmp_path: Path) -> None:
    toy = toy_result()
    fields = {name: getattr(toy, name) for name in toy.__dataclass_fields__}
    with pytest.raises(ConfigError) as caught:
        compared(type(toy)(**{**fields, "units": {}}))
    assert caught.value.problems[0].rule == "compare.no_grades"
    folder = left_in(runs("a"), tmp_path / "run")
    (folder / "tables/units_city.csv").write_bytes(b"\xff\xfe\x00 no table")
    with pytest.raises(ConfigError) as caught:
        compared(folder)
    assert caught.value.problems[0].rule.startswith("compare.")


@pytest.mark.parametrize(("tables", "rule"), [(True, "compare.unpublished"), (False, "compare.no_tables")])
def test_a_run_that_stopped_early_is_not_told_to_ask_for_tables(tmp_path: Path, *, tables: bool, rule: str) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"study": {"outputs": {"tables": tables}}}), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        compared(tmp_path)
    (problem,) = caught.value.problems
    assert problem.rule == rule
    assert ("--only" in str(problem), "`tables: true`" in str(problem)) == (tables, not tables)
