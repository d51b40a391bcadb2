"""Receptors of a study: in which order, with which inputs, and what a sixth one changes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from riskzoning.config import load_study
from riskzoning.pipeline import run_study
from riskzoning.pipeline.stages.prepare_exposure import preparation_order

City = Callable[..., Path]


def test_a_weight_is_prepared_before_what_is_spread_by_it() -> None:
    assert preparation_order(("population", "economy", "buildings", "crops")) == [
        "buildings", "population", "economy", "crops",
    ]  # fmt: skip
    assert preparation_order(("economy", "roads")) == ["economy", "roads"]


def five(content: dict[str, Any], folder: Path) -> None:
    content["inputs"] |= {
        "gdp": {"path": "gdp.csv"},
        "houses": {"path": "houses.gpkg"},
        "roads": {"path": "roads.gpkg"},
    }
    content["exposure"] |= {
        "economy": {"table": "gdp", "units": "万元"},
        "buildings": {"points": "houses", "unit_value": 1000, "structure": "struct", "built_year": "built_year"},
        "roads": {"lines": "roads"},
    }


def with_services(content: dict[str, Any], folder: Path) -> None:
    five(content, folder)
    houses = gpd.read_file(folder / "houses.gpkg")
    houses[["geometry"]].assign(users=np.arange(len(houses))).to_file(folder / "schools.gpkg", driver="GPKG")
    content["inputs"]["schools"] = {"path": "schools.gpkg"}
    content["exposure"]["public_services"] = {"points": "schools"}


def tables(path: Path, out: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    result = run_study(load_study(path), out=out, only="grade")
    return pd.DataFrame(result.units["county"].drop(columns="geometry")), result.tables["reconciliation"]


def test_a_sixth_receptor_has_its_columns_and_changes_no_other(small_city: City, tmp_path: Path) -> None:
    before, totals = tables(small_city(five), tmp_path / "a")
    after, more = tables(small_city(with_services), tmp_path / "b")
    own = [column for column in after if "public_service" in column]
    assert {"public_service_users", "flood_public_services_risk_index", "multi_public_services_risk_grade"} <= set(own)
    assert after["public_service_users"].sum() == sum(range(60))
    pd.testing.assert_frame_equal(after.drop(columns=own), before, rtol=1e-12, check_exact=False)
    assert set(more["quantity"]) - set(totals["quantity"]) == {"public_service_users"}
    assert more["difference"].abs().max() < 1e-6 * more["total_input"].max()


def test_a_sixth_receptor_enters_the_risk_with_a_stated_weight(small_city: City, tmp_path: Path) -> None:
    def weigh(content: dict[str, Any], folder: Path) -> None:
        with_services(content, folder)
        content["risk"] = {"receptor_weights": {"population": 0.5, "public_services": 0.5}}

    units, _ = tables(small_city(weigh), tmp_path / "c")
    mean = (units["flood_population_risk_index"] + units["flood_public_services_risk_index"]) / 2
    np.testing.assert_allclose(units["flood_risk_index"], mean, rtol=1e-6)
