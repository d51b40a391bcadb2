"""Other models of where fires start, and their skill on ground and in years that they have not seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import grid as grids
from riskzoning import standards
from riskzoning.errors import Journal, LayerError, Phrase, Problem, hearing
from riskzoning.hazards.cells import Array, by_cell
from riskzoning.hazards.inputs import Facts
from riskzoning.layers import grid_of
from riskzoning.layers.plausible import takes
from riskzoning.methods.susceptibility import (
    Factors,
    Ground,
    Method,
    Model,
    Options,
    Rules,
    evaluate,
    fit,
    prediction_rate,
)

MODELS: tuple[Method, ...] = ("information_value", "logistic_regression", "random_forest")
_TABLE = "hazards/forest_fire_factors"
_FEWEST_NEW = 5


def occurrence_rules() -> Rules:
    """Factors and limits of ``hazards/forest_fire_factors``."""
    return Rules.of(standards.table(_TABLE).data, Phrase("hazard", name="forest_fire"))


def cells_by_age(fires: gpd.GeoDataFrame, years: int, grid: GeoBox) -> dict[str, xr.DataArray]:
    """Cells of the fires of the newest years and of those before, as masks; empty where either has too few."""
    dates = pd.to_datetime(fires["date"]).dt.year
    last = dates.max()
    newest = (dates > last - years).to_numpy()
    if pd.isna(last) or newest.sum() < _FEWEST_NEW or (~newest & dates.notna().to_numpy()).sum() < _FEWEST_NEW:
        return {}
    parts = {"newest": fires[newest], "before": fires[~newest & dates.notna().to_numpy()]}
    return {
        f"fire_cells_{name}": grids.rasterise(part, grid, quantity="mask", touched=True) for name, part in parts.items()
    }


def _on_ground(events: xr.DataArray, within: xr.DataArray) -> xr.DataArray:
    """The cells with fires on the ground that counts; fires beyond it are none of the model's."""
    kept: xr.DataArray = by_cell(_both, events, within, quantity="mask", dtype=np.uint8)
    return kept


def _both(events: Array, within: Array) -> Array:
    return ((np.nan_to_num(events) > 0) & (np.nan_to_num(within) > 0)).astype(np.uint8)


def learnt_model(method: Method, factors: Factors, ground: Ground, options: Options) -> tuple[dict[str, Any], Model]:
    """What a run keeps of a model (its state, curve and skill, as JSON holds them), and the model."""
    rules, events = occurrence_rules(), _on_ground(ground.events, ground.within)
    model = fit(method, factors, events, ground.within, rules=rules, options=options)
    # What is to be said of factors and classes was said by the fit.
    with hearing(Journal()):
        skill = evaluate(method, factors, events, ground.within, rules=rules, options=options)
    numbers = {"auc_in_sample": skill.in_sample, "auc_holdout": skill.auc, "auc_holdout_sd": skill.sd}
    if np.isfinite(skill.brier):
        numbers["brier"] = skill.brier
    facts = {
        "method": method,
        "names": list(model.names),
        "state": model.state(),
        "curve": {name: [float(value) for value in values] for name, values in skill.curve.items()},
        "validation": {name: float(value) for name, value in numbers.items() if np.isfinite(value)},
    }
    return facts, model


def stored_score(facts: Facts, factors: Factors) -> xr.DataArray:
    """The score of a kept model, cell by cell."""
    model = Model.from_state(facts["method"], facts["names"], facts["state"], occurrence_rules())
    return model.predict(factors)


def newest_skill(method: Method, factors: Factors, layers: Mapping[str, xr.DataArray], within: xr.DataArray,
                 options: Options) -> dict[str, float]:  # fmt: skip
    """How a model of the years before finds the fires of the newest years: AUC, and on how many cells it rests."""
    if "fire_cells_newest" not in layers:
        return {}
    before, newest = (_on_ground(layers[f"fire_cells_{name}"], within) for name in ("before", "newest"))
    with hearing(Journal()):
        model = fit(method, factors, before, within, rules=occurrence_rules(), options=options)
    rate = prediction_rate(model, factors, newest, within, options=options)
    return {"auc_newest_years": float(rate.attrs["auc"]), "newest_fire_cells": float(rate.attrs["events"])}


@takes()
def occurrence_skill(
    factors: Factors,
    fires: gpd.GeoDataFrame,
    within: xr.DataArray,
    *,
    methods: Sequence[Method] = MODELS,
    years: Sequence[int] = (),
    options: Options | None = None,
) -> pd.DataFrame:
    """How well models find fires on ground, and in years, that they have not seen.

    Parameters
    ----------
    factors : mapping name -> layer
        Of ``hazards/forest_fire_factors``: ``landcover fuel_type slope aspect fwi``, distances ``roads settlements``.
    fires : GeoDataFrame
        With ``date``, as :attr:`FireEvents.events`.
    within : layer
        Above 0 on ground that can burn.
    methods : sequence of str
        Of those of :func:`riskzoning.methods.susceptibility.fit`.
    years : sequence of int
        Each is left out once; default: every year with fires.
    options : Options, optional
        Folds of ground, trees, seed.

    Returns
    -------
    DataFrame
        By method: ``auc sd low high in_sample`` of folds of ground, ``auc_years`` and ``sd_years`` of left-out years,
        and how many ``years`` had fires enough.

    Raises
    ------
    LayerError
        No fire lies on the ground, or none has a date.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 8000, 1000), crs="EPSG:4547", resolution=100)
    >>> row = np.where(np.arange(80) % 20 < 10, 3.0, 30.0)
    >>> slope = layer_on(geobox, np.tile(row, (10, 1)), quantity="slope")
    >>> x = np.arange(0, 80, 2)[np.arange(40) % 10 >= 4] * 100 + 50
    >>> dates = pd.to_datetime([f"{2001 + at % 4}-02-01" for at in range(24)])
    >>> fires = gpd.GeoDataFrame({"date": dates}, geometry=gpd.points_from_xy(x, x * 0 + 550), crs="EPSG:4547")
    >>> ground = layer_on(geobox, np.ones((10, 80), dtype="uint8"), quantity="mask")
    >>> skill = occurrence_skill({"slope": slope}, fires, ground, methods=["information_value"],
    ...                          options=Options(folds=2, repeats=1, block_m=2000))
    >>> skill[["auc", "auc_years", "years"]].round(1).values.tolist()
    [[0.7, 0.7, 4.0]]
    """
    options = options or Options()
    grid = grid_of(within)
    dates = pd.to_datetime(fires["date"]).dt.year
    if dates.isna().all():
        raise LayerError(Problem("forest_fire.no_dates", Phrase("fire_points")))
    events = _on_ground(grids.rasterise(fires, grid, quantity="mask", touched=True), within)
    rows = {}
    for method in methods:
        skill = evaluate(method, factors, events, within, rules=occurrence_rules(), options=options)
        left_out = _years_left_out(method, factors, fires, within, years=years, options=options)
        rows[method] = {
            **{name: skill.row()[name] for name in ("auc", "sd", "low", "high", "in_sample")},
            "auc_years": float(np.mean(left_out)) if left_out else np.nan,
            "sd_years": float(np.std(left_out, ddof=1)) if len(left_out) > 1 else np.nan,
            "years": len(left_out),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")


def _years_left_out(
    method: Method,
    factors: Factors,
    fires: gpd.GeoDataFrame,
    within: xr.DataArray,
    *,
    years: Sequence[int],
    options: Options,
) -> list[float]:
    """AUC of each left-out year that has fires on the ground."""
    grid, dates = grid_of(within), pd.to_datetime(fires["date"]).dt.year
    out = []
    for year in years or sorted({int(value) for value in dates.dropna()}):
        mine = (dates == year).to_numpy()
        parts = (fires[~mine], fires[mine])
        masks = [_on_ground(grids.rasterise(part, grid, quantity="mask", touched=True), within) for part in parts]
        if any(int(mask.sum()) == 0 for mask in masks):
            continue
        with hearing(Journal()):
            model = fit(method, factors, masks[0], within, rules=occurrence_rules(), options=options)
        out.append(float(prediction_rate(model, factors, masks[1], within, options=options).attrs["auc"]))
    return out
