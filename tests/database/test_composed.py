"""Risks, prevention, capacity and hidden dangers that their stored parts contradict."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from riskzoning import capacity, hidden_dangers, risk
from riskzoning.database.composed import recomposed_units
from riskzoning.database.stored_run import StoredRun
from riskzoning.errors import Phrase, Problem
from riskzoning.zoning.prevention import prevention_grades

CODES = ["410702001", "410702002", "410702003", "410703001"]
SEVERE = {"flood": [0.2, 0.5, 0.9, 0.0], "earthquake": [0.4, 0.6, 0.8, 0.3]}
EXPOSED = {"population": [0.9, 0.5, 0.8, 0.2], "roads": [0.1, 0.4, 0.7, 1.0]}
WEIGHTS = {"flood": 0.6, "earthquake": 0.4}
STUDY = {"risk": {"form": "gated", "combine": "weighted_sum", "receptor_weights": {"population": 0.7, "roads": 0.3}}}


def _rows(hazard: str, receptor: str, indicator: str, values: object, grades: object = None) -> pd.DataFrame:
    frame = pd.DataFrame({"code": CODES, "level": "township", "value": np.asarray(values, dtype=float)})
    return frame.assign(hazard=hazard, receptor=receptor, indicator=indicator, grade=grades)


def tidy_units() -> pd.DataFrame:
    """Units whose risks are composed of their parts."""
    parts = [_rows("", receptor, "exposure_index", values) for receptor, values in EXPOSED.items()]
    of_each: dict[str, dict[str, np.ndarray]] = {"population": {}, "roads": {}, "": {}}
    for hazard, severe in SEVERE.items():
        for receptor, exposed in EXPOSED.items():
            parts.append(_rows(hazard, receptor, "exposed_hazard_index", severe))
            of_each[receptor][hazard] = np.sqrt(np.asarray(severe) * np.asarray(exposed))
        mean = 0.7 * of_each["population"][hazard] + 0.3 * of_each["roads"][hazard]
        of_each[""][hazard] = mean
    for receptor, values in of_each.items():
        parts += [_rows(hazard, receptor, "risk_index", one) for hazard, one in values.items()]
        parts.append(
            _rows("multi", receptor, "risk_index", sum(w * values[h] for h, w in WEIGHTS.items()), [3, 4, 5, 1])
        )
    grades = np.stack([np.digitize(of_each[""][hazard], [0.2, 0.4, 0.6, 0.8], right=True) + 1 for hazard in WEIGHTS])
    parts.append(_rows("multi", "", "max_grade", grades.max(axis=0)))
    parts.append(_rows("multi", "", "high_count", (grades >= 4).sum(axis=0)))
    return pd.concat(parts, ignore_index=True)


def tables() -> dict[str, pd.DataFrame]:
    """Tables that are composed of each other."""
    names = list(capacity.grassroots_weights("township"))
    values = pd.DataFrame(np.random.default_rng(3).random((4, len(names))), index=CODES, columns=names)
    of_capacity = capacity.capacity_index(values, capacity.grassroots_weights("township"))
    tall = values.rename_axis("code").reset_index().melt("code", var_name="indicator").assign(block="township")
    dangers = pd.DataFrame(
        {"town9": [*CODES[:2], CODES[0]], "level": ["重大", "一般", "较大"], "people": [99, 5, 10], "status": "待整治"}
    )
    areas = dict.fromkeys(CODES, 10.0)
    of_danger = hidden_dangers.danger_index(dangers, areas, today="2026-01-01").reset_index()
    grade = pd.Series([3, 4, 5, 1], index=CODES)
    danger_grade = of_danger.set_index("code")["grade"]
    prevention = prevention_grades(grade, of_capacity["grade"], danger_grade).rename_axis("code").reset_index()
    parents = ["410702"] * 3 + ["410703"]
    return {
        "base_admin": pd.DataFrame({"code": CODES, "parent": parents, "area_km2": 10.0}),
        "risk_weights": pd.DataFrame({"hazard": list(WEIGHTS), "weight": list(WEIGHTS.values())}),
        "cap_index": of_capacity.rename_axis("code").reset_index().assign(level="township", block="township"),
        "cap_indicators": tall,
        "dgr_index": of_danger.assign(level="township"),
        "dgr_point": dangers,
        "zone_prevention_units": prevention.assign(risk_grade=grade.to_numpy()),
    }


def _problems(given: Mapping[str, pd.DataFrame], tidy: pd.DataFrame | None = None, **changed: object) -> list[Problem]:
    study = {"risk": {**STUDY["risk"], **changed}}
    run = StoredRun(given, lambda name: Phrase("layer", name=name), study)
    return list(recomposed_units(run, tidy_units() if tidy is None else tidy))


def _told(problems: list[Problem]) -> set[tuple[object, object]]:
    return {(problem.field, dict(problem.values)["code"]) for problem in problems}


def test_what_is_composed_of_its_parts_has_no_problem() -> None:
    assert _problems(tables()) == []


@pytest.mark.parametrize(
    ("hazard", "receptor", "indicator", "fields"),
    [
        ("flood", "roads", "exposed_hazard_index", {"flood_roads_risk_index"}),
        ("", "population", "exposure_index", {"flood_population_risk_index", "earthquake_population_risk_index"}),
        ("flood", "roads", "risk_index", {"flood_roads_risk_index", "flood_risk_index", "multi_roads_risk_index"}),
        ("multi", "roads", "risk_index", {"multi_roads_risk_index"}),
        ("multi", "", "max_grade", {"multi_max_grade"}),
        ("multi", "", "high_count", {"multi_high_count"}),
    ],
)  # fmt: skip
def test_a_changed_index_is_told_where_it_no_longer_fits(
    hazard: str, receptor: str, indicator: str, fields: set[str]
) -> None:
    tidy = tidy_units()
    one = (tidy["hazard"] == hazard) & (tidy["receptor"] == receptor) & (tidy["indicator"] == indicator)
    tidy.loc[one & (tidy["code"] == CODES[1]), "value"] -= 0.05
    assert _told(_problems(tables(), tidy)) == {(name, CODES[1]) for name in fields}


@pytest.mark.parametrize("combine", ["weighted_product", "maximum", "inform"])
def test_all_hazards_together_are_computed_by_the_method_of_the_study(combine: str) -> None:
    tidy = tidy_units()
    for receptor in ("", "population", "roads"):
        rows = (tidy["receptor"] == receptor) & (tidy["indicator"] == "risk_index")
        each = {h: tidy.loc[rows & (tidy["hazard"] == h), "value"].to_numpy() for h in WEIGHTS}
        tidy.loc[rows & (tidy["hazard"] == "multi"), "value"] = risk.combine_hazards(each, WEIGHTS, method=combine)  # type: ignore[arg-type]
    assert _problems(tables(), tidy, combine=combine) == []
    assert {field for field, _ in _told(_problems(tables(), tidy))} >= {"multi_risk_index"}


def test_units_by_another_rule_are_not_composed() -> None:
    tidy = tidy_units()
    tidy.loc[tidy["indicator"] == "exposure_index", "value"] = 0.5
    assert _problems(tables(), tidy, unit_rule="area_mean") == []


@pytest.mark.parametrize(
    ("table", "column", "at", "value", "told"),
    [
        ("zone_prevention_units", "grade", 3, 3, {("grade", CODES[3])}),
        ("zone_prevention_units", "risk_grade", 3, 2, {("risk_grade", CODES[3])}),
        ("cap_index", "index", 2, 0.99, {("index", CODES[2])}),
        ("dgr_index", "index", 0, 9.0, {("index", CODES[0])}),
        ("dgr_point", "people", 1, 50, {("index", CODES[1])}),
    ],
)
def test_a_changed_value_of_a_table_is_told_with_its_unit(
    table: str, column: str, at: int, value: float, told: set[tuple[object, object]]
) -> None:
    given = tables()
    given[table] = given[table].copy()
    given[table].loc[at, column] = value
    assert _told(_problems(given)) >= told


def test_a_grade_of_capacity_or_danger_changes_what_prevention_must_be() -> None:
    given = tables()
    calm = int(np.flatnonzero(given["zone_prevention_units"]["need"] < 3)[0])
    given["dgr_index"].loc[calm, "grade"] = 5
    assert ("need", CODES[calm]) in _told(_problems(given))


def test_numbers_that_the_study_has_replaced_are_not_judged() -> None:
    given = tables()
    given["zone_prevention_units"].loc[3, "grade"] = 3
    names = ["zoning/prevention", "grades/risk_index"]
    given["meta_tables_used"] = pd.DataFrame({"name": names, "replaced_by": "own.yml"})
    assert _problems(given) == []


def test_counties_follow_from_their_townships_and_blocks() -> None:
    county_of = dict(zip(CODES, ["410702"] * 3 + ["410703"], strict=True))
    own = tables()["cap_index"]
    community = own.assign(block="community", index=own["index"] / 2)
    made = capacity.grassroots_index(own.set_index("code")["index"], community.set_index("code")["index"], county_of)
    both = pd.DataFrame({"code": made.index, "level": "county", "block": "both", "index": made.to_numpy()})
    given = {"base_admin": tables()["base_admin"], "cap_index": pd.concat([own, community, both], ignore_index=True)}
    assert _problems(given) == []
    given["cap_index"].loc[given["cap_index"]["code"] == "410703", "index"] = 0.9
    assert _told(_problems(given)) == {("index", "410703")}
