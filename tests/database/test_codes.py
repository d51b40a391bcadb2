"""Codes of units in the tables of a load."""

from __future__ import annotations

import pandas as pd
import pytest

from riskzoning.database.codes import codes_of, lost_codes, study_prefix, unit_columns, with_statistical_units
from riskzoning.database.schema import Schema


@pytest.mark.parametrize(
    ("code", "prefix"),
    [("410700", "4107"), ("410000", "41"), ("410782", "410782"), ("410110", "410110"), ("I1", "I1")],
)
def test_the_codes_of_a_study_begin_alike(code: str, prefix: str) -> None:
    assert study_prefix(code) == prefix


def test_units_of_statistics_inside_the_study_join_the_units_and_those_of_elsewhere_do_not() -> None:
    base = pd.DataFrame({"code": ["410700", "410702"], "level": ["city", "county"], "stat_only": [0, 0]})
    rows = pd.DataFrame({"adcode6": ["410702", "410771", "320500", None], "town9": ["", "410773001", None, "41"]})
    units = with_statistical_units(base, codes_of(rows), "4107", "410700").set_index("code")
    assert units.index.tolist() == ["410700", "410702", "410771", "410773", "410773001"]
    assert units.loc["410773001", ["level", "parent", "stat_only"]].tolist() == ["township", "410773", 1]
    assert units.loc["410771", "parent"] == "410700"
    assert lost_codes(rows, ["adcode6"], set(units.index))["Q03: adcode6 REFERENCES base_admin"].tolist() == [
        False, False, True, False,
    ]  # fmt: skip
    assert with_statistical_units(base, codes_of(rows), None, "410700") is base
    assert codes_of(rows) == {"410702", "410771", "320500", "410773001", "41"}


def test_a_code_without_a_level_is_none_of_a_unit() -> None:
    schema = Schema()
    assert unit_columns(schema["exp_building"]) == ["adcode6", "town9"]
    assert unit_columns(schema["risk_unit"]) == ["code"]
    zones = schema.for_frame("zone_patch", pd.DataFrame({"code": ["Z1"]}))
    assert unit_columns(zones) == []
    assert unit_columns(schema["base_admin"]) == []
