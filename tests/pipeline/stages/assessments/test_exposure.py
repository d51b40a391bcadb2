"""Ages and buildings of units, and forms against layers."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from riskzoning.errors import Journal, hearing
from riskzoning.pipeline.stages.assessments import exposure
from tests.pipeline.stages.assessments.conftest import TOWNS, middles


def test_ages_are_added_up_by_level(given) -> None:
    form = pd.DataFrame({"town9": TOWNS, "pop_res": [100, 200, 300, 400], "age0_14": 20, "age65p": [10, 20, 30, 40]})
    with hearing(Journal()):
        table = exposure.tables(given({"exp_population": form}))["exposure_by_age"].set_index("code")
    assert table.loc["410700", "vulnerable_share"] == pytest.approx(180 / 1000)
    assert table.loc["410702", "residents"] == 300
    assert table["level"].value_counts().to_dict() == {"township": 4, "county": 2, "city": 1}


def test_the_layer_of_buildings_comes_before_the_form(given, town_units: gpd.GeoDataFrame) -> None:
    rows = {
        "kind": [2, 5, 2, 1],
        "year": [2010, 1970, 1990, 1990],
        "floor": 100.0,
        "worth": 20.0,
        "stands_for": [1, 2, 3, 4],
    }
    houses = gpd.GeoDataFrame(rows, geometry=middles(town_units, TOWNS), crs="EPSG:4490")
    params = {"points": "houses", "area": "floor", "structure": "kind", "built_year": "year", "value": "worth"}
    params |= {"value_units": "万元", "factor": "stands_for"}
    form = pd.DataFrame({"town9": TOWNS, "struct": "1", "built_year": 2000, "area_m2": 1.0, "n_repr": 1.0})
    here = given({"exp_building": form}, exposure={"buildings": params}, vectors={"houses": houses})
    told = exposure.tables(here)
    whole = told["buildings_by_unit"].set_index("code")
    assert whole.loc["410700", ["buildings", "area_m2", "value_yuan"]].tolist() == [10, 1000, 2e6]
    assert whole.loc["410703", "sample_fraction"] == pytest.approx(2 / 7)
    stock = told["building_stock"].query("level == 'county'").set_index(["code", "structure", "period"])
    assert stock.loc[("410702", "5", "-1979"), "buildings"] == 2
    only_form = exposure.tables(given({"exp_building": form}))["buildings_by_unit"].set_index("code")
    assert only_form.loc["410700", "area_m2"] == 4


def test_residents_of_forms_are_held_against_the_layer(given) -> None:
    here = given({})
    people = here.count("population", "township")
    form = pd.DataFrame({"town9": TOWNS, "pop": (people[TOWNS] * [1, 1, 1, 1.2]).to_numpy()})
    with hearing(Journal()) as heard:
        table = exposure.tables(given({"cap_township": form}))["form_reconciliation"].set_index("code")
    assert table["difference"].tolist() == pytest.approx([0, 0, 0, 0.2])
    (told,) = [problem for problem in heard.warnings if problem.rule == "exposure.form_totals"]
    values = dict(told.values)
    assert (values["off"], values["worst"], values["most"]) == (1, TOWNS[3], pytest.approx(0.2))
