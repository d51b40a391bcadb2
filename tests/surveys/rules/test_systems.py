"""Whole tables in another system of coordinates are read and told once; single rows stay errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pyproj import Transformer

from riskzoning.surveys.checking import check_records
from riskzoning.surveys.context import Context
from riskzoning.surveys.rules.systems import System, metres_system, zone_epsg
from tests.surveys.conftest import TODAY, make_units, records_of, shelters

CONTEXT = Context(units=make_units(), today=TODAY)
BOX = CONTEXT.box


def projected(epsg: int, *, turned: bool = False) -> pd.DataFrame:
    rows = shelters()
    x, y = Transformer.from_crs(4490, epsg, always_xy=True).transform(rows["经度"], rows["纬度"])
    return rows.assign(经度=y, 纬度=x) if turned else rows.assign(经度=x, 纬度=y)


@pytest.mark.parametrize(
    ("epsg", "turned"), [(4526, False), (4547, False), (4547, True), (4508, False), (4497, True), (3857, False)]
)
def test_a_table_of_metres_is_read_and_told_once(epsg: int, turned: bool) -> None:
    checked = check_records(records_of("shelter", projected(epsg, turned=turned)), CONTEXT)
    told = [item for item in checked.findings.items if item.severity != "info"]
    assert [(item.rule, item.severity, item.values["count"]) for item in told] == [("Q06.projected", "warning", 12)]
    assert checked.records.frame["lon"].to_numpy() == pytest.approx(shelters()["经度"].to_numpy(), abs=1e-6)
    assert checked.records.frame["lat"].to_numpy() == pytest.approx(shelters()["纬度"].to_numpy(), abs=1e-6)


def test_exchanged_columns_are_read_and_told_once() -> None:
    rows = shelters().rename(columns={"经度": "纬度", "纬度": "经度"})
    checked = check_records(records_of("shelter", rows), CONTEXT)
    assert [item.rule for item in checked.findings.items if item.severity != "info"] == ["Q05.exchanged"]
    assert checked.records.frame["lon"].between(113, 115).all()


def test_single_rows_stay_errors() -> None:
    rows = shelters().astype(object)
    rows.loc[2, ["经度", "纬度"]] = [38_500_000.0, 3_880_000.0]
    rows.loc[4, ["经度", "纬度"]] = [35.05, 113.9]
    rows.loc[6, ["经度", "纬度"]] = [12_679_000.0, 4_170_000.0]
    rows.loc[8, ["经度", "纬度"]] = [11_390_000.0, 35.05]
    checked = check_records(records_of("shelter", rows), CONTEXT)
    told = {int(item.rows[0]): (item.rule, item.values.get("crs")) for item in checked.findings.items}
    assert told[2][0] == "Q06.zone"
    assert told[4][0] == "Q05.swapped"
    assert told[6] == ("Q05.metres_of", np.array(["EPSG:3857"]))
    assert told[8][0] == "Q05.degree"


def test_zone_numbers_of_china() -> None:
    assert zone_epsg(38_500_000) == (38, 4526)
    assert zone_epsg(19_500_000) == (19, 4497)
    assert zone_epsg(12_679_000) is None
    assert metres_system(5e5, 3.88e6, None) is None
    assert metres_system(5e5, 3.88e6, BOX) == System(4547)
