"""One frame for each level, whatever its columns are called."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import box

from riskzoning.admin.columns import level_frames
from riskzoning.admin.findings import Findings
from riskzoning.errors import AdminError


def frame(**columns: list[Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=[box(0, 0, 1, 1)] * len(next(iter(columns.values()))))


def refused(raw: Any, columns: dict[str, Any] | None = None) -> str:
    with pytest.raises(AdminError) as caught:
        level_frames(raw, columns, Findings("admin", repair=True))
    return caught.value.problems[0].rule


def test_usual_names_are_recognised_and_noted() -> None:
    findings = Findings("admin", repair=False)
    (level,) = level_frames({"county": frame(adcode=["410702"], 县名=["红旗区"])}, None, findings).values()
    assert level.columns.tolist() == ["code", "name", "geometry"]
    assert [action.found for action in findings.actions] == [
        "has columns that were recognised: code from adcode, name from 县名"
    ]


def test_named_columns_win_and_may_differ_by_level() -> None:
    layer = frame(adcode=["1"], id=["410702"], name=["a"], label=["红旗区"])
    findings = Findings("admin", repair=False)
    (level,) = level_frames({"county": layer}, {"code": "id", "name": "label"}, findings).values()
    assert level[["code", "name"]].to_numpy().tolist() == [["410702", "红旗区"]]
    (level,) = level_frames({"county": layer}, {"county": {"code": "id"}, "city": {}}, findings).values()
    assert level[["code", "name"]].to_numpy().tolist() == [["410702", "a"]]


def test_a_single_frame_is_split_by_its_level_column_or_its_codes() -> None:
    codes = ["410700", "410702", "410702001"]
    findings = Findings("admin", repair=False)
    for layer in (
        frame(code=codes, name=list("abc"), level=["city", "county", "township"]),
        frame(code=codes, name=list("abc")),
        frame(code=["410700000000", "410702000000", "410702001000"], name=list("abc")),
        frame(code=codes, name=list("abc")).set_index("code"),
    ):
        assert list(level_frames(layer, None, findings)) == ["city", "county", "township"]


@pytest.mark.parametrize(
    ("raw", "columns", "rule"),
    [
        ({"region": frame(code=["1"], name=["a"])}, None, "admin.level"),
        (frame(code=["410702"], name=["a"], level=["region"]), None, "admin.level_values"),
        (frame(code=["41070"], name=["a"]), None, "admin.level_codes"),
        ({}, None, "admin.empty"),
        ({"county": frame(code=["410702"], name=["a"])[:0]}, None, "admin.no_rows"),
        ({"county": pd.DataFrame({"code": ["410702"], "name": ["a"]})}, None, "admin.type"),
        ({"county": frame(number=["410702"], name=["a"])}, {"code": "kode"}, "admin.columns"),
        ({"county": frame(number=["410702"], name=["a"])}, None, "admin.columns_unknown"),
    ],
)
def test_what_cannot_be_read_is_refused(raw: Any, columns: dict[str, Any] | None, rule: str) -> None:
    assert refused(raw, columns) == rule


def test_a_missing_column_gets_near_names() -> None:
    with pytest.raises(AdminError) as caught:
        level_frames({"county": frame(kode=["410702"], name=["a"])}, {"code": "code_"}, Findings("a", repair=True))
    values = dict(caught.value.problems[0].values)
    assert (values["name"], values["columns"]) == ("code_", ("kode",))
    assert caught.value.problems[0].fix == "Name the right one in study.yaml: columns: {code: ...}."
