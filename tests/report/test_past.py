"""The record of disasters and the targets of the plan in the report."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd

from tests.full_result import full_result
from tests.report.documents import read


def test_targets_in_words(tmp_path: Path) -> None:
    result = full_result()
    targets = result.tables["targets"].assign(
        indicator=["loss_gdp", "deaths_per_million", "affected_per_100000"],
        units=["%", "persons per million", "person-times per 100000"],
        basis="in the words of another language",
        first_year=[1978, 1978, None],
        last_year=[2020, 2020, None],
    )
    targets["met"] = targets["met"].astype(object)
    targets.loc[2, ["value", "met"]] = None
    _, tables = read(dataclasses.replace(result, tables={**result.tables, "targets": targets}), tmp_path)
    rows = tables["规划目标与历史记录"]
    assert rows[2] == ["年均每百万人口因灾死亡率", "< 1.30", "1.60", "否", "1.10", "人/百万人", "1978–2020 年记录"]
    assert rows[3][2:4] == ["—", ""]
    assert rows[3][-1] == "无历史记录"


def test_losses_by_kind_unit_and_return_period(tmp_path: Path) -> None:
    result = full_result()
    rows = [
        ("990100", "city", "ALL", "all hazards", 12, 3e4, 5, 2.5e8),
        ("990100", "city", "FLOOD", "flood", 10, 2e4, 5, 2e8),
        ("990101", "county", "ALL", "全部灾种", 4, 1e4, 1, 5e7),
        ("990102", "county", "ALL", "全部灾种", 8, 2e4, 4, 2e8),
    ]
    columns = ["code", "level", "hazard", "hazard_name", "events", "affected", "dead_missing", "loss_constant_yuan"]
    history = pd.DataFrame(rows, columns=columns).assign(first_year=1978, last_year=2020)
    curve = [
        ("city", "ALL", "loss_constant_yuan", method, period, value)
        for method, factor in (("empirical", 1.0), ("gpd", 2.0), ("observed", 9.0))
        for period, value in ((10.0, 1e8 * factor), (50.0, None if method == "empirical" else 3e8))
    ]
    periods = pd.DataFrame(curve, columns=["level", "hazard", "measure", "method", "return_period", "value"])
    tables = {**result.tables, "history": history, "history_return_periods": periods}
    _, read_tables = read(dataclasses.replace(result, tables=tables), tmp_path)
    kinds = read_tables["历史灾害（1978–2020，按灾种）"]
    assert kinds[1] == ["全部灾种", "12", "30,000", "5", "25,000"]
    units = read_tables["历史灾害（全部灾种，按县级单元）"]
    assert [row[0] for row in units[1:]] == ["东县", "西县"]
    assert [row[0] for row in kinds[1:]] == ["全部灾种", "洪涝"]
    rare = read_tables["不同重现期的年损失：直接损失（万元，可比价）"]
    assert rare == [["重现期", "经验频率", "广义帕累托"], ["10 年", "10,000", "20,000"], ["50 年", "—", "30,000"]]
