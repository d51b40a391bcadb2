"""The tables of a run."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd

from riskzoning.database import run_tables
from riskzoning.samples import toy_result


def test_numbers_of_the_units_keep_the_name_of_their_table() -> None:
    result = toy_result()
    row = {"code": "990100", "level": "city", "hazard": "flood", "quantity": "area_km2", "grade": 1}
    by_grade = pd.DataFrame([{**row, "value": 2.0, "share": 1.0}])
    tables = run_tables(replace(result, tables={**result.tables, "exposure_by_grade": by_grade}))
    assert tables["exposure_by_grade"]["run_id"].tolist() == ["toy"]
    assert {"risk_breaks", "risk_weights", "meta_reconciliation"} <= set(tables)


def test_zones_and_tables_have_the_name_of_their_type() -> None:
    result = toy_result()
    zones = result.units["county"].reset_index()[["code", "name", "geometry"]]
    table = pd.DataFrame({"code": ["990101"], "value": [1.0]})
    ran = replace(
        result,
        zones={"zone_region": zones, "planning_conflict": zones},
        tables={"capacity": table, "planning_conflict": table},
    )
    tables = run_tables(ran)
    assert {"zone_region", "zone_planning_conflict", "cap_index"} <= set(tables)
    assert "geometry" in tables["zone_planning_conflict"]


def test_the_row_of_a_run_has_the_edition_of_its_boundaries() -> None:
    result = toy_result()
    study = {**result.record["study"], "admin": {"path": "a.gpkg", "source": "省厅 2023 版"}}
    row = run_tables(replace(result, record={**result.record, "study": study}))["meta_run"].iloc[0]
    assert json.loads(row["record"])["study"]["admin"]["source"] == "省厅 2023 版"


def test_a_record_is_json_for_every_reader_whatever_it_holds() -> None:
    result = toy_result()
    steps = [{"name": "x", "valid_share": float("nan"), "highest": float("inf"), "mean": np.float32("nan")}]
    row = run_tables(replace(result, record={**result.record, "steps": steps}))["meta_run"].iloc[0]

    def refused(word: str) -> None:
        raise AssertionError(word)

    (step,) = json.loads(row["record"], parse_constant=refused)["steps"]
    assert step == {"name": "x", "valid_share": None, "highest": None, "mean": None}
