"""Events against a zoning: units that reports name, points, observed ground, figures without a source."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import xarray as xr

from riskzoning.config import EventsConfig
from riskzoning.errors import Journal, LayerError, Phrase, hearing
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.names import MULTI, Index
from riskzoning.pipeline.stages.proof.events import (
    Zoning,
    extent_events,
    figure_problems,
    point_events,
    unit_events,
    years_of,
)

GRID = analysis_grid((0, 0, 400, 200), crs="EPSG:4547", resolution=100)
FLOOD = Index("flood", "hazard")
COUNTIES = ["410701", "410702", "410703", "410704"]


def layer(values: Any, quantity: str, dtype: str = "float64") -> xr.DataArray:
    return layer_on(GRID, np.array(values, dtype=dtype), quantity=quantity)


def zoning(**more: Any) -> Zoning:
    names = pd.DataFrame({"name": ["东山县", "西山县", "南山县", "北山县"], "level": "county"}, index=COUNTIES)
    city = pd.DataFrame({"name": ["某市"], "level": "city"}, index=["410700"])
    scores = {FLOOD.key: [0.4, 0.3, 0.2, 0.1], FLOOD.risk().key: [0.1, 0.2, 0.3, 0.4], Index(MULTI, "risk").key: 0.5}
    units = {"city": gpd.GeoDataFrame(city), "county": gpd.GeoDataFrame(names.assign(**scores))}
    rows = [
        (code, "flood", "area_km2", grade, 1.0 + grade * (code < "410703")) for code in COUNTIES for grade in (1, 2)
    ]
    rows += [("410700", "flood", "population", grade, 100.0 * grade) for grade in (1, 2, 3)]
    rows += [("410700", "flood", "area_km2", grade, value) for grade, value in ((1, 0.06), (2, 0.02))]
    by_grade = pd.DataFrame(rows, columns=["code", "hazard", "quantity", "grade", "value"])
    layers = {
        FLOOD.key: layer([[0.1, 0.2, 0.3, 0.9], [0.1, 0.2, 0.3, np.nan]], "hazard_index"),
        FLOOD.grade_key: layer([[1, 1, 1, 2], [1, 1, 1, 0]], "hazard_grade", "uint8"),
        "flood_depth_T100": layer([[0, 0, 0.5, 1.0], [0, 0, 0, np.nan]], "flood_depth"),
    }
    about: dict[str, Any] = {
        "units": units, "by_grade": by_grade, "layers": layers, "names": pd.concat([city, names]),
        "mask": layer([[1, 1, 1, 1], [1, 1, 1, 0]], "mask", "uint8"), "levels": ("county",),
        "intensities": {("flood", 100.0): "flood_depth_T100"},
    }  # fmt: skip
    return Zoning(**{**about, **more})


def told(proof: Any) -> dict[str, float]:
    return {row.measure: row.value for row in proof.rows}


def test_units_that_a_report_names_stand_high_by_one_index_and_low_by_another() -> None:
    table = pd.DataFrame({"note": ["东山、西山", None], "as_of": ["2021-07-21 22:30", "2021-07-28"]})
    proof = unit_events("july", EventsConfig(input="t", hazard="flood", units=("note",)), table, zoning())
    values = told(proof)
    assert values["event.july.county.auc_hazard_index"] == 1.0
    assert values["event.july.county.auc_risk_index"] == 0.5  # the last one written: all hazards, all alike
    assert [row.value for row in proof.rows if row.measure == "event.july.county.auc_risk_index"] == [0.0, 0.5]
    assert values["event.july.ratio_rises_with_class"] == 1.0
    assert {row.period for row in proof.rows} == {"2021-07-21 - 2021-07-28"}
    assert {row.sample for row in proof.rows} == {"independent"}
    (classes,) = proof.classes
    # Of class 2, ground 3 of 4 in a unit that was hit; of class 1, 2 of 3.
    assert classes["frequency_ratio"].tolist() == pytest.approx([6 / 8 / (10 / 14), 4 / 6 / (10 / 14)])
    assert set(classes["n"]) == {2.0}


def test_all_units_hit_tell_nothing_and_that_is_told() -> None:
    table = pd.DataFrame({"note": ["东山、西山、南山、北山"]})
    with hearing(Journal()) as heard:
        proof = unit_events("july", EventsConfig(input="t", hazard="flood", units=("note",)), table, zoning())
    assert not proof.rows
    assert [problem.rule for problem in heard.warnings] == ["proof.none_or_all"]


def test_reported_people_stand_beside_those_who_live_in_the_classes() -> None:
    figures = {
        "as_of": ["2021-07-21", "2021-07-22"], "area": "某市", "adcode6": "410700", "indicator": "affected",
        "value": [470, 480], "source": "press", "note": ["东山", ""],
    }  # fmt: skip
    given = EventsConfig(input="t", hazard="flood", units=("note",), period="2021-07")
    values = told(unit_events("july", given, pd.DataFrame(figures), zoning()))
    assert values["event.july.affected_reported"] == 480.0
    assert values["event.july.people_in_grade_2_up"] == 500.0
    assert values["event.july.people_in_grade_3_up"] == 300.0
    with hearing(Journal()) as heard:
        unit_events("july", given, pd.DataFrame({**figures, "value": [480, 470]}), zoning())
    assert "proof.shrinking" in [problem.rule for problem in heard.warnings]


def test_figures_need_their_time_and_source() -> None:
    table = pd.DataFrame({"indicator": ["affected"], "value": [1], "as_of": ["2021"], "source": [None]})
    (problem,) = figure_problems(table, Phrase("input", name="t"))
    assert (problem.rule, dict(problem.values)["columns"]) == ("proof.unstated", ("source",))
    assert not figure_problems(table.assign(source="press"), Phrase("input", name="t"))
    assert not figure_problems(pd.DataFrame({"note": ["东山"]}), Phrase("input", name="t"))


def test_points_in_the_highest_cell_have_the_highest_auc() -> None:
    places = gpd.points_from_xy([350, 360, 999], [150, 160, 9])
    spots = gpd.GeoDataFrame({"year": [2003, 2020, 2021]}, geometry=places, crs="EPSG:4547")
    proof = point_events("fires", EventsConfig(input="p", hazard="flood"), spots, zoning(), "independent")
    values = told(proof)
    assert values["event.fires.auc_hazard_index"] == 1.0
    assert values["event.fires.ratio_rises_with_class"] == 1.0
    assert proof.rows[0].n == 2.0  # one of three lies outside
    assert proof.rows[0].period == "2003-2021"
    assert proof.classes[0]["event_count"].tolist() == [2.0, 0.0]
    with hearing(Journal()) as heard:
        given = EventsConfig(input="p", hazard="flood")
        away = point_events("fires", given, spots.iloc[2:], zoning(), "independent")
    assert not away.rows
    assert [problem.rule for problem in heard.warnings] == ["proof.outside"]


def test_all_hazards_together_are_taken_by_the_ground_of_their_cells() -> None:
    both = Index(MULTI, "risk")
    layers = zoning().layers
    more = {**layers, both.key: layers[FLOOD.key], both.grade_key: layers[FLOOD.grade_key]}
    spots = gpd.GeoDataFrame(geometry=gpd.points_from_xy([350], [150]), crs="EPSG:4547")
    proof = point_events("all", EventsConfig(input="p"), spots, zoning(layers=more), "in-sample")
    assert proof.classes[0].loc[lambda table: table["grade"] == 1, "area_km2"].tolist() == pytest.approx([0.06])
    assert {row.sample for row in proof.rows} == {"in-sample"}


def test_an_observed_extent_against_a_depth_and_against_the_classes() -> None:
    # Observed are the third and the fourth column; outside the study area nothing is compared.
    ground = gpd.GeoDataFrame(geometry=[shapely.box(200, 0, 400, 200)], crs="EPSG:4547")
    given = EventsConfig(input="e", hazard="flood", return_period=100)
    values = told(extent_events("seen", given, ground, zoning()))
    assert values["event.seen.hit_rate"] == pytest.approx(2 / 3)
    assert values["event.seen.false_alarm_ratio"] == 0.0
    assert values["event.seen.critical_success_index"] == pytest.approx(2 / 3)
    deep = given.model_copy(update={"above": 0.6})
    assert told(extent_events("seen", deep, ground, zoning()))["event.seen.hit_rate"] == pytest.approx(1 / 3)
    by_class = given.model_copy(update={"return_period": None})
    assert told(extent_events("seen", by_class, ground, zoning()))["event.seen.hit_rate"] == pytest.approx(1 / 3)
    raster = layer([[1, 0, 0, 0], [0, 0, 0, 0]], "mask", "uint8")
    assert told(extent_events("seen", given, raster, zoning()))["event.seen.false_alarm_ratio"] == 1.0
    with pytest.raises(LayerError) as error:
        extent_events("seen", given.model_copy(update={"return_period": 50.0}), ground, zoning())
    assert error.value.problems[0].rule == "proof.no_period"


def test_years_of_points_whatever_the_column_is_called() -> None:
    assert years_of(pd.DataFrame({"acq_date": ["2003-05-01", "2020-01-02"]})) == "2003-2020"
    assert years_of(pd.DataFrame({"发生时间": ["199807"]})) == "1998-1998"
    assert years_of(pd.DataFrame({"x": [1]})) == ""
