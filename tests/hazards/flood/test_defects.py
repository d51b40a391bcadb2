"""Works in bad condition raise the hazard around them: how far, by how much, and what is said of it."""

from __future__ import annotations

import copy
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from riskzoning import standards
from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.grid import analysis_grid
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.flood import works_defects
from riskzoning.hazards.flood.defects import Defects
from riskzoning.layers import layer_on

X, Y = 500_000, 3_900_000
GRID = analysis_grid((X, Y, X + 10_000, Y + 1000), crs="EPSG:4547", resolution=1000)
FLOOD = HAZARDS["flood"]


def frame(shape: Any, **columns: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({name: [value] for name, value in columns.items()}, geometry=[shape], crs="EPSG:4547")


def quiet(works: Any, condition: Any, grid: Any = GRID) -> tuple[Defects, list[str]]:
    with hearing(Journal()) as heard:
        made = works_defects(works, grid, condition=condition)
    return made, [problem.rule for problem in heard.warnings]


def test_each_kind_by_its_reach_and_its_condition() -> None:
    works = {
        "reservoirs": frame(Point(X + 500, Y + 500), state="四类坝", name="东库"),
        "sluices": frame(Point(X + 7500, Y + 500), sick="是"),
        "levees": frame(LineString([(X + 9500, Y - 100), (X + 9500, Y + 1100)]), 险工险段=3),
        "detention_areas": frame(box(X + 5000, Y, X + 6000, Y + 1000), state="病险"),
    }
    condition = {"reservoirs": "state", "sluices": "sick", "levees": "险工险段", "detention_areas": "state"}
    made, told = quiet(works, condition)
    # Dam of class four keeps .3: 1 + .5 x .7 = 1.35 at the dam, nothing from 5 km on. Sluice 1.15 at the sluice, levee
    # 1.25 and half of what it adds at 1 km, detention area 1.15 inside.
    want = [1.35, 1.28, 1.21, 1.14, 1.07, 1.15, 1.0, 1.15, 1.125, 1.25]
    np.testing.assert_allclose(made.factor, [want])
    assert made.factor.attrs["quantity"] == "defect_factor"
    table = made.table.set_index("kind")
    assert table["factor"].to_dict() == pytest.approx(
        {"levees": 1.25, "reservoirs": 1.35, "sluices": 1.15, "detention_areas": 1.15}
    )
    assert set(table["status"]) == {"defective"}
    assert table.loc["reservoirs", "name"] == "东库"
    assert told == ["flood.works_defects"] * 4


def test_the_area_within_reach_is_that_of_the_grid() -> None:
    line = LineString([(X + 5000, Y - 9000), (X + 5000, Y + 9000)])
    made, _ = quiet({"levees": frame(line, ok="否")}, {"levees": "ok"})
    assert made.table["area_km2"].tolist() == pytest.approx([4.0])  # 2 km to both sides, 1 km high


@pytest.mark.parametrize(
    ("column", "value", "status"),
    [
        ("是否病险", "否", "sound"), ("是否病险", "是", "defective"), ("sick", 0, "sound"), ("sick", 1, "defective"),
        ("是否达标", "是", "sound"), ("是否达标", "否", "defective"), ("达标", 1, "sound"),
        ("danger_n", 4, "defective"), ("state", "一类闸", "sound"), ("state", "非病险", "sound"),
        ("state", "病险库", "defective"), ("state", "险工险段", "defective"), ("state", "不安全", "defective"),
        ("state", "未鉴定", "not_assessed"), ("state", None, "not_assessed"), ("是否病险", "待定", "not_assessed"),
    ],
)  # fmt: skip
def test_what_a_column_asks_for_decides_what_a_yes_means(column: str, value: Any, status: str) -> None:
    made, told = quiet({"sluices": frame(Point(X + 500, Y + 500), **{column: value})}, {"sluices": column})
    assert made.table["status"].tolist() == [status]
    assert (float(made.factor.max()) > 1) == (status == "defective")
    assert ("flood.condition" in told) == (status == "not_assessed")


@given(st.lists(st.sampled_from(["一类", "二类", "三类", "四类"]), min_size=1, max_size=4), st.integers(0, 9000))
def test_worse_works_never_lower_the_hazard_and_good_ones_leave_it(states: list[str], at: int) -> None:
    def factor(words: list[str]) -> np.ndarray[Any, Any]:
        points = [Point(X + (at + 1700 * i) % 10_000, Y + 500) for i in range(len(words))]
        dams = gpd.GeoDataFrame({"state": words}, geometry=points, crs="EPSG:4547")
        return np.asarray(quiet({"reservoirs": dams}, {"reservoirs": "state"})[0].factor)

    made = factor(states)
    assert ((made >= 1) & (made <= 1.35 + 1e-9)).all()
    worse = ["四类" if state == "三类" else state for state in states]
    assert (factor(worse) >= made).all()
    assert (factor(["一类"] * len(states)) == 1).all()


def depths() -> xr.DataArray:
    deep = np.array([[[0.0] * 2 + [1.0] * 8], [[0.0] + [2.0] * 8 + [6.0]]])
    return layer_on(GRID, deep, quantity="flood_depth", return_periods=[20, 100])


def test_a_study_names_the_columns_and_else_nothing_changes() -> None:
    dam = frame(Point(X + 2500, Y + 500), state="三类坝")
    inputs: dict[str, Any] = {"depth": depths(), "reservoirs": dam}
    plain = FLOOD.assess(inputs)
    assert "defect_factor" not in plain
    with hearing(Journal()) as heard:
        prepared = FLOOD.prepare(inputs, {"works_condition": {"reservoirs": "state"}})
        made = FLOOD.assess(prepared, {"works_condition": {"reservoirs": "state"}})
    assert [problem.rule for problem in heard.warnings] == ["flood.works_defects"]
    np.testing.assert_allclose(made["severity"], np.minimum(plain["severity"] * made["defect_factor"], 1))
    assert float(made["severity"][0, 2]) == pytest.approx(1.25 * float(plain["severity"][0, 2]))
    assert float(made["severity"][0, 0]) == 0.0  # ground that never floods
    xr.testing.assert_identical(made["risk_degree"], plain["risk_degree"])
    assert "raised at works in bad condition" in made.attrs["method"]
    assert prepared.tables["works"]["kind"].tolist() == ["reservoirs"]


def test_a_study_replaces_the_numbers() -> None:
    table = copy.deepcopy(standards.table("hazards/flood_defects").data)
    table["kinds"]["reservoirs"] = {"reach_m": 1500, "most": 2.0}
    dam = frame(Point(X + 2500, Y + 500), state="三类坝")
    with standards.session({"hazards/flood_defects": table}):
        made, _ = quiet({"reservoirs": dam}, {"reservoirs": "state"})
    np.testing.assert_allclose(made.factor[0, :4], [1.0, 1 + 1 / 3, 2.0, 1 + 1 / 3])


def test_what_is_wrong_is_said_at_once_by_kind() -> None:
    dam = frame(Point(X, Y), state="三类坝")
    with pytest.raises(LayerError) as caught:
        works_defects({"reservoirs": dam}, GRID, condition={"reservoirs": "st", "levees": "x", "bridges": "y"})
    assert [problem.rule for problem in caught.value.problems] == [
        "input.columns", "flood.works_missing", "flood.works_kind",
    ]  # fmt: skip
    with pytest.raises(LayerError) as caught:
        FLOOD.assess({"depth": depths()}, {"works_condition": {"levees": "state"}})
    assert caught.value.problems[0].rule == "flood.works_missing"
