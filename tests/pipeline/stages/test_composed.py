"""The risk of a unit from its parts: worked by hand, and what must hold whatever the unit looks like."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskzoning.config import StudyConfig
from riskzoning.names import Index
from riskzoning.pipeline.stages.composed import (
    UnitSums,
    beside_the_composite,
    composed_risks,
    exposure_by_grade,
    hazard_grades,
    unit_parts,
)
from riskzoning.pipeline.stages.exposed import AREA, ExposedSums

FLOOD = Index("flood", "hazard", scheme="flood_4")
STUDY = StudyConfig(name="X", code="410700", data_date="2026-06-30", admin={"path": "a"})  # type: ignore[arg-type]
Cells = list[tuple[float, float]]


def sums_of(units: dict[str, Cells], *, weak: dict[str, float] | None = None) -> UnitSums:
    """Units of cells of 1 km2, each with its hazard index and its people."""
    index = pd.Index(list(units), name="code")
    cells = {code: (np.array([h for h, _ in own]), np.array([p for _, p in own])) for code, own in units.items()}
    grades = {code: np.clip(np.ceil(h * 4), 1, 4) for code, (h, _) in cells.items()}
    columns = {
        (grade, name): [
            float(((grades[code] == grade) * (1.0 if name == AREA else cells[code][1])).sum()) for code in index
        ]
        for grade in range(1, 5)
        for name in (AREA, "population")
    }
    people = pd.Series([cells[code][1].sum() for code in index], index=index)
    severity = pd.Series([float(np.prod(cells[code], axis=0).sum()) for code in index], index=index)
    known = {} if weak is None else {"population": (people * pd.Series(weak), people)}
    exposed = ExposedSums(
        ground=pd.Series([float(len(cells[code][0])) for code in index], index=index),
        by_class={"flood": pd.DataFrame(columns, index=index)},
        none={"flood": pd.Series([float((cells[code][0] == 0).sum()) for code in index], index=index)},
        severity={"flood": pd.DataFrame({"population": severity})},
        weakness=known,
    )
    means = pd.DataFrame({FLOOD.key: [cells[code][0].mean() for code in index]}, index=index)
    return UnitSums(means, pd.DataFrame({"population": people}), exposed, {"population": "population"})


def risk_of(units: dict[str, Cells], *, weak: dict[str, float] | None = None) -> pd.Series[float]:
    parts = unit_parts(sums_of(units, weak=weak), [FLOOD])
    risks = composed_risks(STUDY, parts, [FLOOD], ["population"])
    pd.testing.assert_series_equal(risks["flood_risk_index"], risks["flood_population_risk_index"], check_names=False)
    return risks["flood_risk_index"]


def scaled(density: float) -> float:
    return float(np.log1p(min(density, 20_000) / 10) / np.log1p(20_000 / 10))


def test_a_unit_worked_by_hand() -> None:
    units = {"a": [(0.8, 300.0), (0.0, 100.0), (0.4, 0.0), (0.0, 0.0)]}
    parts = unit_parts(sums_of(units, weak={"a": 0.5}), [FLOOD])
    assert parts["flood_population_exposed_hazard_index"]["a"] == pytest.approx(0.6)
    assert parts["population_exposure_index"]["a"] == pytest.approx(scaled(100))
    assert parts["population_vulnerability_index"]["a"] == pytest.approx(0.5)
    assert parts["flood_none_share"]["a"] == 0.5
    expected = np.sqrt(0.6 * scaled(100))
    assert risk_of(units)["a"] == pytest.approx(expected)
    assert risk_of(units, weak={"a": 0.5})["a"] == pytest.approx(0.75 * expected)
    assert risk_of(units, weak={"a": np.nan})["a"] == pytest.approx(expected)


def test_no_hazard_no_risk_and_nobody_there_no_risk() -> None:
    risks = risk_of({"dry": [(0.0, 9000.0), (0.0, 10.0)], "empty": [(0.9, 0.0), (0.5, 0.0)]})
    assert risks.tolist() == [0.0, 0.0]
    parts = unit_parts(sums_of({"empty": [(0.9, 0.0), (0.5, 0.0)]}), [FLOOD])
    assert parts["flood_population_exposed_hazard_index"]["empty"] == pytest.approx(0.7)


def test_a_unit_cut_in_two_equal_halves_keeps_its_index() -> None:
    half: Cells = [(0.8, 300.0), (0.1, 50.0)]
    risks = risk_of({"whole": [*half, *half], "north": half, "south": half})
    assert risks["north"] == risks["south"] == pytest.approx(risks["whole"], rel=1e-12)


def test_what_is_exposed_to_the_lowest_class_never_gets_above_the_middle() -> None:
    risks = risk_of({"crowded": [(0.25, 90_000.0)] * 3})
    assert risks["crowded"] <= 0.5 + 1e-12


@pytest.mark.parametrize("more", [0.0, 100.0, 1e4])
def test_people_on_dry_ground_lower_the_severity_and_add_no_more_than_their_number(more: float) -> None:
    before, after = [(0.6, 200.0), (0.0, 0.0)], [(0.6, 200.0), (0.0, more)]
    parts = unit_parts(sums_of({"before": before, "after": after}), [FLOOD])
    met, exposed = parts["flood_population_exposed_hazard_index"], parts["population_exposure_index"]
    assert met["after"] <= met["before"]
    risks = risk_of({"before": before, "after": after})
    assert risks["after"] <= np.sqrt(met["before"] * exposed["after"]) + 1e-12


def test_the_grade_of_a_hazard_in_places_is_the_highest_class_with_a_fifth() -> None:
    sums = sums_of({"a": [(0.9, 1.0), *[(0.1, 99.0)] * 4], "b": [(0.9, 600.0), *[(0.1, 100.0)] * 9]})
    assert hazard_grades(sums.exposed, "flood", AREA).to_dict() == {"a": 4, "b": 1}
    assert hazard_grades(sums.exposed, "flood", "population").to_dict() == {"a": 1, "b": 4}


def test_a_unit_without_a_class_has_no_grade() -> None:
    exposed = sums_of({"a": [(0.9, 0.0)]}).exposed
    assert hazard_grades(exposed, "flood", "population").to_dict() == {"a": 0}


def test_the_values_by_grade_add_up_and_what_has_no_class_is_grade_0() -> None:
    sums = sums_of({"a": [(0.9, 1.0), (0.1, 99.0)], "b": [(0.0, 5.0)]})
    totals = sums.sums + pd.DataFrame({"population": {"a": 7.0, "b": 0.0}})
    table = exposure_by_grade(sums.exposed, totals, pd.Series({"a": 2.5, "b": 1.0}))
    people = table[table["quantity"] == "population"].pivot_table(index="code", columns="grade", values="value")
    assert people.loc["a"].tolist() == [7.0, 99.0, 0.0, 0.0, 1.0]
    area = table[table["quantity"] == AREA].pivot_table(index="code", columns="grade", values="value")
    assert area.loc["a"].tolist() == [0.5, 1.0, 0.0, 0.0, 1.0]
    np.testing.assert_allclose(table.groupby(["code", "quantity"])["share"].sum(), 1.0)


def test_a_severe_hazard_does_not_disappear_in_a_mean() -> None:
    risks = pd.DataFrame(
        {"flood": [0.9, 0.0, np.nan, 0.61], "heat": [0.1, 0.0, np.nan, 0.8], "hail": [0.05, 0.0, 0.2, 0.5]},
        index=["a", "none", "part", "many"],
    )
    beside = beside_the_composite(risks, {"flood": 0.5, "heat": 0.3, "hail": 0.2})
    assert beside["multi_max_grade"].to_dict() == {"a": 5, "none": 1, "part": 1, "many": 4}
    assert beside["multi_leading"].to_dict() == {"a": "flood", "none": "", "part": "hail", "many": "flood;heat"}
    assert beside["multi_high_count"].to_dict() == {"a": 1, "none": 0, "part": 0, "many": 2}
