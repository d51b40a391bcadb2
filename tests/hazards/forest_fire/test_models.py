"""Other models of where fires start: kept as JSON, used where they foretell, tried on years they have not seen."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.grid import analysis_grid
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.base import Prepared
from riskzoning.hazards.forest_fire.models import cells_by_age, learnt_model, occurrence_skill, stored_score
from riskzoning.layers import layer_on
from riskzoning.methods.susceptibility import Ground, Options, block_numbers

SPEC = HAZARDS["forest_fire"]
ROWS, COLUMNS = 60, 120
SMALL = Options(folds=2, repeats=1, block_m=2000, trees=20)


@pytest.fixture(scope="module")
def grid() -> GeoBox:
    return analysis_grid((500_000, 3_900_000, 512_000, 3_906_000), crs="EPSG:4547", resolution=100)


@pytest.fixture(scope="module")
def cover(grid: GeoBox) -> xr.DataArray:
    codes = np.full(tuple(grid.shape), 20, dtype="uint8")
    codes[:, ::3] = 30
    return layer_on(grid, codes, quantity="landcover", name="landcover")


@pytest.fixture(scope="module")
def fires(grid: GeoBox) -> gpd.GeoDataFrame:
    """Three of four on grass, the rest anywhere; twelve years."""
    rng = np.random.default_rng(3)
    rows, columns = rng.integers(0, ROWS, 160), rng.integers(0, COLUMNS, 160)
    columns[:120] = 3 * rng.integers(0, COLUMNS // 3, 120)
    x, y = grid.affine * (columns + 0.5, rows + 0.5)
    dates = pd.to_datetime([f"{2009 + at % 12}-02-{1 + at % 27:02d}" for at in range(160)])
    return gpd.GeoDataFrame({"date": dates}, geometry=gpd.points_from_xy(x, y), crs="EPSG:4547")


@pytest.mark.parametrize("method", ["logistic_regression", "random_forest"])
def test_a_kept_model_scores_as_the_one_that_was_learnt(method: Any, grid: GeoBox, cover: Any, fires: Any) -> None:
    within = layer_on(grid, np.ones(tuple(grid.shape), dtype="uint8"), quantity="mask")
    events = cells_by_age(fires, 3, grid)["fire_cells_before"]
    ground = Ground(events, within, block_numbers(grid, 2000))
    with hearing(Journal()):
        facts, model = learnt_model(method, {"landcover": cover}, ground, SMALL)
    kept = json.loads(json.dumps(facts))
    np.testing.assert_allclose(stored_score(kept, {"landcover": cover}), model.predict({"landcover": cover}))
    assert 0.6 < facts["validation"]["auc_holdout"] < 0.9
    assert facts["validation"]["brier"] < 0.1
    assert np.all(np.diff(facts["curve"]["density"]) >= 0)


def test_the_newest_years_are_kept_apart(grid: GeoBox, fires: gpd.GeoDataFrame) -> None:
    parts = cells_by_age(fires, 3, grid)
    new = fires["date"].dt.year >= 2018
    assert int(parts["fire_cells_newest"].sum()) <= int(new.sum())
    assert int(parts["fire_cells_before"].sum()) > int(parts["fire_cells_newest"].sum())
    assert cells_by_age(fires, 12, grid) == {}
    assert cells_by_age(fires.assign(date=pd.NaT), 3, grid) == {}


@pytest.mark.filterwarnings("ignore:.*have no column")
def test_a_study_may_ask_for_a_model_and_for_a_test_by_years(grid: GeoBox, cover: Any, fires: Any) -> None:
    points = fires.assign(acq_date=fires["date"].dt.strftime("%Y-%m-%d")).drop(columns="date")
    inputs = {
        "fwi": layer_on(grid, 15.0, quantity="fire_weather_index", name="fwi"), "landcover": cover,
        "fire_points": points,
    }  # fmt: skip
    asked = {"model": "logistic_regression", "newest_years": 3, "folds": 2, "repeats": 1, "block_m": 2000}
    params = SPEC.params(**asked)
    with hearing(Journal()):
        prepared = SPEC.prepare(inputs, params, grid)
        scale = SPEC.calibrate(prepared, params)
        plain = SPEC.calibrate(Prepared(prepared.layers, prepared.facts), SPEC.params(folds=2, repeats=1, block_m=2000))
    skill = scale["validation"]
    assert scale["occurrence"]["used"]
    assert 0.5 < skill["auc_newest_years"] < 0.9
    assert skill["newest_fire_cells"] >= 5
    assert "landcover" in plain["occurrence"]["factors"]
    made = SPEC.assess(prepared, params, grid=grid, calibration=json.loads(json.dumps(scale)))
    assert np.isfinite(made["hazard_index"]).all()
    # Grass is where fires start, although it burns less fiercely.
    score = stored_score(scale["occurrence"], {**prepared.layers})
    assert float(score.where(cover == 30).mean()) > float(score.where(cover == 20).mean())


def test_skill_by_ground_and_by_years(grid: GeoBox, cover: Any, fires: Any) -> None:
    within = layer_on(grid, np.ones(tuple(grid.shape), dtype="uint8"), quantity="mask")
    with hearing(Journal()):
        skill = occurrence_skill(
            {"landcover": cover}, fires, within, methods=["information_value", "logistic_regression"],
            years=[2018, 2019, 1990], options=SMALL,
        )  # fmt: skip
    assert skill.index.tolist() == ["information_value", "logistic_regression"]
    assert skill["years"].tolist() == [2, 2]
    assert skill["auc_years"].between(0.5, 0.9).all()
    assert skill["auc"].between(0.5, 0.9).all()
    with pytest.raises(LayerError) as caught:
        occurrence_skill({"landcover": cover}, fires.assign(date=pd.NaT), within, options=SMALL)
    assert caught.value.problems[0].rule == "forest_fire.no_dates"


@pytest.mark.filterwarnings("ignore:.*have no column")
def test_too_few_new_fires_are_told(grid: GeoBox, cover: Any, fires: Any) -> None:
    points = fires.assign(acq_date=fires["date"].dt.strftime("%Y-%m-%d")).drop(columns="date")
    inputs = {"fwi": layer_on(grid, 15.0, quantity="fire_weather_index"), "landcover": cover, "fire_points": points}
    with hearing(Journal()) as heard:
        prepared = SPEC.prepare(inputs, SPEC.params(newest_years=50), grid)
    assert "forest_fire.few_newest" in [problem.rule for problem in heard.warnings]
    assert not [name for name in prepared.layers if name.startswith("fire_cells_")]
