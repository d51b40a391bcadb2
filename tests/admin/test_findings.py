"""What the checks find: errors without repair, actions with it."""

from __future__ import annotations

import pytest

from riskzoning.admin.findings import Findings, area, ordered, unit


def test_the_layer_is_named_with_its_file() -> None:
    findings = Findings("admin", repair=False, sources={"county": "a.gpkg"})
    assert str(findings.thing("county")) == "admin layer 'county' (a.gpkg)"
    assert str(findings.thing("city")) == "admin layer 'city'"
    assert findings.thing(None) == "admin"


def defect(findings: Findings, mended: str | None = "admin.mended.blank") -> None:
    findings.defect("county", "admin.blank", mended=mended, row=2, field="code", raw="1 ", unit="1", codes=["1"])


def test_a_defect_is_an_error_without_repair() -> None:
    findings = Findings("admin", repair=False)
    defect(findings)
    (problem,) = findings.problems
    assert (problem.rule, problem.severity, problem.row, problem.field) == ("admin.blank", "error", 2, "code")
    assert (findings.errors(), findings.actions) == ([problem], [])


def test_a_defect_that_was_mended_is_an_action_that_is_shown() -> None:
    findings = Findings("admin", repair=True)
    defect(findings)
    (action,) = findings.actions
    assert (action.rule, action.severity) == ("admin.mended.blank", "info")
    assert (findings.problems, findings.errors()) == ([action], [])


def test_a_defect_that_cannot_be_mended_stays_an_error() -> None:
    findings = Findings("admin", repair=True)
    defect(findings, mended=None)
    assert [problem.rule for problem in findings.errors()] == ["admin.blank"]


def test_an_action_that_mends_nothing_is_only_recorded() -> None:
    findings = Findings("admin", repair=False)
    findings.action("county", "admin.done.reprojected", crs="EPSG:4547", target="EPSG:4490")
    assert findings.problems == []
    assert findings.actions[0].found == "was reprojected from EPSG:4547 to EPSG:4490"


def test_what_stops_comes_with_what_was_mended_and_without_warnings() -> None:
    findings = Findings("admin", repair=True)
    defect(findings)
    findings.add("county", "admin.childless", code="1", below="township")
    findings.add("county", "admin.no_rows", "error")
    assert [problem.rule for problem in findings.stopping()] == ["admin.no_rows", "admin.mended.blank"]


@pytest.mark.parametrize(
    ("code", "name", "en", "zh"),
    [
        ("410702", "红旗区", "410702 (红旗区)", "410702（红旗区）"),
        ("410702", "", "410702", "410702"),
        ("410702", "410702", "410702", "410702"),
        ("", "红旗区", "红旗区", "红旗区"),
        ("", "", "without code", "（无代码）"),
    ],
)
def test_a_unit_in_words(code: str, name: str, en: str, zh: str) -> None:
    words = unit(code, name)
    assert str(words) == en
    assert (words if isinstance(words, str) else words.text("zh")) == zh


@pytest.mark.parametrize(
    ("square_metres", "text"), [(352.4, "352 m2"), (1249900.0, "1.25 km2"), (0.0123, "0.012 m2"), (99999.0, "99999 m2")]
)
def test_an_area_in_words(square_metres: float, text: str) -> None:
    assert str(area(square_metres)) == text


def test_codes_are_listed_once_and_in_order() -> None:
    assert ordered(["410703", "410702", "410703"]) == ["410702", "410703"]
