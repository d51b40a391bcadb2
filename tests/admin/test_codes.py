"""Codes of units: their form, blanks, levels, old and statistical ones."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from riskzoning.admin import codes
from riskzoning.admin.findings import Findings


@pytest.mark.parametrize(
    ("value", "text", "code"),
    [
        (410702, "410702", "410702"),
        (410702.0, "410702", "410702"),
        (None, "", ""),
        (float("nan"), "", ""),
        (pd.NA, "", ""),
        ("410702 ", "410702 ", "410702"),
        (" ４１０７０２ ", " ４１０７０２ ", "410702"),
        ("\ufeff410 702", "\ufeff410 702", "410702"),
    ],
)
def test_cells_become_text_and_codes(value: object, text: str, code: str) -> None:
    assert (codes.text_of(value), codes.tidy_code(value)) == (text, code)


def test_names_lose_blanks_and_invisible_characters() -> None:
    assert codes.tidy_text("花园街道\u3000 ") == "花园街道"
    assert codes.tidy_text("\u200b红旗区") == "红旗区"


@pytest.mark.parametrize(
    ("code", "level"),
    [
        ("410700", "city"),
        ("410702", "county"),
        ("410702001", "township"),
        ("410702001001", "village"),
        ("410702000", None),
        ("990702", None),
        ("4107020010", None),
        ("4107x2", None),
        ("41", None),
    ],
)
def test_the_form_of_a_code_tells_its_level(code: str, level: str | None) -> None:
    assert codes.level_of_code(code) == level
    levels = ("city", "county", "township", "village")
    assert [each for each in levels if codes.is_code(code, each)] == ([level] if level else [])


@pytest.mark.parametrize(
    ("code", "zone"), [("410771", True), ("410771360", True), ("410702", False), ("4107x1", False)]
)
def test_statistical_zones(code: str, zone: bool) -> None:
    assert codes.is_pseudo_county(code) is zone


@pytest.mark.parametrize(
    ("code", "now"), [("410728", "410783"), ("410783", "410783"), ("410728100", "410783100"), ("410702", "410702")]
)
def test_old_codes_have_a_successor(code: str, now: str) -> None:
    assert codes.current_code(code) == now


@pytest.mark.parametrize(
    ("code", "parent"),
    [
        ("410702001001", "410702001"),
        ("410702001000", "410702"),
        ("410702001", "410702"),
        ("410702", "410700"),
        ("441900003", "441900"),
        ("410700", None),
    ],
)
def test_the_unit_above(code: str, parent: str | None) -> None:
    assert codes.parent_code(code) == parent


def test_long_codes_have_a_short_form() -> None:
    assert codes.full_length("410783107000", "township") == "410783107"
    assert codes.full_length("410783000000", "county") == "410783"
    assert codes.full_length("410783107", "township") is None
    assert codes.full_length("410783107001", "township") is None


def level(code: list[object], name: list[str], **columns: list[object]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"code": code, "name": name, **columns}, geometry=[None] * len(code))


def test_a_tidy_level_says_nothing() -> None:
    findings = Findings("admin", repair=False)
    codes.clean_level(level(["410702", "410703"], ["红旗区", "卫滨区"]), "county", findings)
    assert (findings.problems, findings.actions) == ([], [])


def test_a_repair_removes_blanks_and_says_so() -> None:
    findings = Findings("admin", repair=True)
    frame = codes.clean_level(level(["410702 "], ["红旗区"]), "county", findings)
    assert frame["code"].tolist() == ["410702"]
    assert [action.rule for action in findings.actions] == ["admin.mended.blank"]
    assert findings.actions[0].found == "had a blank in the code '410702 ' of unit 410702 (红旗区), which was removed"


def test_a_layer_in_long_codes_throughout_is_well_formed() -> None:
    findings = Findings("admin", repair=False)
    frame = codes.clean_level(level(["410702000000", "410703000000"], ["甲", "乙"]), "county", findings)
    assert frame["code"].tolist() == ["410702", "410703"]
    assert (findings.problems, [action.rule for action in findings.actions]) == ([], ["admin.done.shortened"])


@pytest.mark.parametrize(
    ("code", "kind", "hint"),
    [
        ("410702001", "county", "this is a code of level township"),
        ("4.10702E+11", "county", "Excel has turned it into a number"),
        ("4107", "city", "probably 410700"),
    ],
)
def test_a_code_of_unknown_form_gets_a_hint(code: str, kind: str, hint: str) -> None:
    findings = Findings("admin", repair=True)
    codes.clean_level(level([code], ["甲"]), kind, findings)
    (problem,) = findings.problems
    assert (problem.rule, problem.severity, problem.row) == ("admin.code", "error", 1)
    assert hint in problem.found


def test_an_old_code_names_its_successor_and_parents_follow() -> None:
    findings = Findings("admin", repair=False)
    frame = codes.clean_level(level(["410728"], ["长垣县"]), "county", findings)
    assert frame["code"].tolist() == ["410783"]
    assert dict(findings.problems[0].values)["new"] == "410783"
    assert "长垣县 → 长垣市" in findings.problems[0].text("zh")
    towns = codes.clean_level(level(["410783100"], ["甲"], parent=["410728000000"]), "township", findings)
    assert towns["parent"].tolist() == ["410783"]


def test_a_double_code_names_its_rows() -> None:
    findings = Findings("admin", repair=True)
    codes.clean_level(level(["410702", "410702"], ["红旗区", "卫滨区"]), "county", findings)
    (problem,) = findings.problems
    assert problem.found == "has the code 410702 2 times: 红旗区 (row 1), 卫滨区 (row 2)"
