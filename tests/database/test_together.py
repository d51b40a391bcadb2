"""All hazards of a stored run together, by every method: what a run stores its parts bear out, and a change is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskzoning import risk
from riskzoning.database.stored_run import StoredRun
from riskzoning.database.together import together
from riskzoning.errors import Phrase, Problem

CODES = ["410702001", "410702002", "410702003"]
RISKS = {"flood": [0.2, 0.5, 0.9], "earthquake": [0.3, 0.7, 0.1]}
SHARES = {"flood": 0.6, "earthquake": 0.4}


def series(values: object) -> pd.Series[float]:
    return pd.Series(np.asarray(values, dtype=float), index=CODES)


def columns(**of_all: object) -> dict[tuple[str, str, str], pd.Series[float]]:
    parts = {(name, "", "risk_index"): series(values) for name, values in RISKS.items()}
    parts |= {(name, "", "hazard_index"): series([0.5, 0.0, 1.0]) for name in RISKS}
    parts |= {(name, "", "eal"): series([10.0, 20.0, 5.0]) for name in RISKS}
    return parts | {("multi", "", what): series(values) for what, values in of_all.items()}


def problems(
    stored: Mapping[tuple[str, str, str], pd.Series[float]], grades: object = None, **study: Any
) -> list[Problem]:
    tables = {
        "risk_weights": pd.DataFrame({"hazard": list(SHARES), "weight": list(SHARES.values())}),
        "base_admin": pd.DataFrame(
            {"code": CODES, "level": "township", "parent": "410702", "area_km2": [1.0, 2.0, 4.0]}
        ),
        "risk_hazard_chains": pd.DataFrame(
            {"cause": ["earthquake"], "effect": ["flood"], "strength": [0.5], "rho": [0.2], "counts": [True]}
        ),
    }
    run = StoredRun(tables, lambda name: Phrase("layer", name=name), {"risk": study})
    rows = pd.DataFrame({"code": CODES, "receptor": "", "grade": grades})
    return list(together(run, stored, rows))


def combined(method: str, parts: Mapping[str, Any] | None = None) -> Any:
    each = {name: series(values) for name, values in (parts or RISKS).items()}
    return risk.combine_hazards(each, SHARES, method=method)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["weighted_sum", "weighted_product", "maximum", "union", "inform"])
def test_a_method_of_cells_is_followed(method: str) -> None:
    good = columns(risk_index=combined(method))
    assert problems(good, combine=method) == []
    bad = columns(risk_index=combined(method) + np.array([0.0, 0.01, 0.0]))
    (first,) = problems(bad, combine=method)
    assert (first.rule, first.field, dict(first.values)["code"]) == (
        "database.recomputed",
        "multi_risk_index",
        CODES[1],
    )


def test_money_closeness_and_points_are_followed() -> None:
    losses = series([20.0, 40.0, 10.0])
    money = risk.loss_rank_index(losses, series([1.0, 2.0, 4.0]), CODES)
    assert problems(columns(risk_index=money, eal=losses), combine="sum") == []
    assert [one.field for one in problems(columns(risk_index=money, eal=losses + 1), combine="sum")] == [
        "multi_risk_index",
        "multi_eal",
    ]
    close = risk.closeness_of_units(
        pd.DataFrame({name: series(values) for name, values in RISKS.items()}), SHARES, CODES
    )
    assert problems(columns(risk_index=close), combine="topsis") == []
    assert problems(columns(risk_index=close[::-1].to_numpy()), combine="topsis")
    points = [1 + 1, 3, 3]  # .6 x 1 + .4 x 2 = 1.4; .6 x 3 + .4 x 4 = 3.4; .6 x 5 + .4 x 1 = 3.4
    points[0] = 1
    added = columns(risk_index=combined("weighted_sum"))
    assert problems(added, points, combine="graded") == []
    (first,) = problems(added, [1, 4, 3], combine="graded")
    assert (first.field, dict(first.values)["computed"]) == ("multi_risk_grade", 3)


def test_raised_risks_take_the_place_of_the_plain_ones() -> None:
    raised = series([0.2 + 0.2 * 0.5 * 0.3, 0.5, 0.9 + 0.2 * 0.5 * 0.1])
    whole = combined("weighted_sum", {**RISKS, "flood": raised})
    good = columns(risk_index=whole) | {("flood", "", "risk_chain_index"): raised}
    assert problems(good, combine="weighted_sum", chains={"rho": None}) == []
    bad = good | {("flood", "", "risk_chain_index"): raised + 0.01}
    fields = [one.field for one in problems(bad, combine="weighted_sum", chains={"rho": None})]
    assert fields == ["flood_risk_chain_index", "multi_risk_index"]


def test_the_hazard_of_all_is_followed_where_it_is_no_sum() -> None:
    most = columns(risk_index=combined("maximum"), hazard_index=[0.5, 0.0, 1.0])
    assert problems(most, combine="maximum") == []
    most |= {("multi", "", "hazard_index"): series([0.5, 0.1, 1.0])}
    assert [one.field for one in problems(most, combine="maximum")] == ["multi_hazard_index"]
