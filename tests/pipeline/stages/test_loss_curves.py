"""Losses of units by return period, how sure their yearly mean is, and losses of single years."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import yaml

from riskzoning import risk
from riskzoning.config import load_study
from riskzoning.errors import Journal, hearing
from riskzoning.pipeline import run_study
from riskzoning.results import StudyResult

from ..conftest import small_study, write_small_city


@pytest.fixture(scope="module", params=[None, 30])
def city(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyResult, float | None]:
    folder = tmp_path_factory.mktemp("city")
    path = write_small_city(folder)
    content = small_study()
    houses = gpd.read_file(folder / "houses.gpkg").assign(value_wan=2e5)
    houses.to_file(folder / "worth.gpkg")
    content["inputs"]["worth"] = {"path": "worth.gpkg"}
    content["exposure"]["buildings"] = {
        "points": "worth", "area": "area_m2", "structure": "struct", "built_year": "built_year", "value": "value_wan",
        "value_units": "万元",
    }  # fmt: skip
    protection: dict[str, Any] = {} if request.param is None else {"protection": {"flood": request.param}}
    content["risk"] = protection
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return run_study(load_study(path), out=folder / "out", only="grade"), request.param


def test_the_yearly_loss_of_a_unit_is_the_area_under_its_curve(city: tuple[StudyResult, float | None]) -> None:
    result, years = city
    curves, annual, frame = result.tables["loss_curves"], result.tables["annual_losses"], result.units["county"]
    for (hazard, receptor), part in curves[curves["level"] == "county"].groupby(["hazard", "receptor"]):
        table = part.pivot_table(index="return_period", columns="code", values="loss")
        column = f"{hazard}_deaths" if receptor == "population" else f"{hazard}_eal"
        told = annual[(annual["hazard"] == hazard) & (annual["receptor"] == receptor)].set_index("code")
        pd.testing.assert_series_equal(told.loc[frame.index, "eal"], frame[column].astype(float), check_names=False)
        assert set(told["eal_method"]) == {"trapezoid"}
        assert set(told["eal_tail"]) == {"constant"}
        assert (told["lower"] <= told["eal"] * (1 + 1e-6)).all()
        assert (told["eal"] <= told["upper"] * (1 + 1e-6)).all()
        if years is None or hazard != "flood":
            with hearing(Journal()):
                area = risk.expected_annual_loss(table)
            np.testing.assert_allclose(area[frame.index], frame[column], rtol=1e-6)
            assert set(told["protection"]) == {"2 a" if hazard == "flood" else ""}
        else:
            assert (table.loc[20] == 0).all()
            assert (table.loc[100] > 0).all()
            assert set(told["protection"]) == {"30 a"}
    assert (annual["frequent_share"].between(0, 1) & annual["tail_share"].between(0, 1)).all()


def test_persons_and_money_stand_in_rows_of_their_own(city: tuple[StudyResult, float | None]) -> None:
    curves = city[0].tables["loss_curves"]
    assert curves.groupby("receptor")["units"].agg(lambda units: sorted(set(units))).to_dict() == {
        "buildings": ["yuan"], "population": ["person"],
    }  # fmt: skip
    quake = curves[(curves["hazard"] == "earthquake") & (curves["receptor"] == "buildings")]
    assert sorted(quake.loc[quake["given"], "return_period"].unique()) == [475.0, 2475.0]
    assert quake["return_period"].nunique() == 4
    assert (quake.groupby("code")["loss"].diff().dropna() >= 0).all()


def test_losses_of_single_years_have_the_mean_of_the_curves(city: tuple[StudyResult, float | None]) -> None:
    result, years = city
    yearly = result.tables["exceedance_curves"].set_index(["code", "return_period"])
    assert set(yearly["level"]) == {"city", "county"}
    assert (yearly["aep"] >= yearly["oep"]).all()
    assert (yearly.groupby(level="code")["aep"].diff().dropna() >= 0).all()
    table = result.tables["loss_curves"]
    flood = table[(table["hazard"] == "flood") & (table["return_period"] == 100) & (table["level"] == "county")]
    reached = flood.set_index("code")["loss"]
    # The earthquakes of the study begin at 475 years: a loss of 100 years is that of the flood.
    once = yearly.xs(100, level="return_period")["oep"].reindex(reached.index)
    np.testing.assert_allclose(once, reached, rtol=0.06)
    if years is None:
        assert (yearly.xs(2, level="return_period")["oep"] == 0).all()
