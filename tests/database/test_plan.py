"""What a run brings to a database."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from riskzoning.database.plan import first_row, load_of
from riskzoning.samples import toy_result

from . import run_of, shelters


def test_tables_and_survey_records_of_a_run_are_told_apart() -> None:
    what = load_of(run_of("r1", shelter=shelters("a")))
    assert (what.run_id, what.study, what.day, what.coded) == ("r1", "990100", "2026-06-30", True)
    assert set(what.surveys) == {"cap_shelter"}
    assert {"base_admin", "risk_unit", "unit_county", "risk_breaks"} <= set(what.tables)
    assert "meta_run" not in what.tables
    assert what.crs.to_epsg() == toy_result().units["city"].crs.to_epsg()


def test_levels_that_a_study_names_itself_have_no_codes_of_china() -> None:
    own = {"city": {"zh": "岛", "en": "island"}}
    assert not load_of(replace(toy_result(), level_names=own)).coded


def test_the_first_row_is_a_mapping() -> None:
    assert first_row(pd.DataFrame({"a": [1], "b": ["x"]})) == {"a": 1, "b": "x"}
