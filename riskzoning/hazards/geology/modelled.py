"""Models other than the information value: learnt, measured and read off by the same rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import xarray as xr

from riskzoning.hazards.geology.model import factor_layers, rules
from riskzoning.hazards.inputs import Facts
from riskzoning.methods.susceptibility import Factors, Ground, Method, Model, Options, calibrated


def modelled(method: Method, factors: Factors, ground: Ground, options: Options) -> dict[str, Any]:
    """The model and its skill, under the keys of the information-value model; what was left out is told already."""
    scale = calibrated(method, factors, ground, rules(), options)
    left_out = {"skipped": scale.pop("skipped"), "dropped": scale.pop("dropped")}
    return {
        **scale,
        "factors": scale.pop("contributions"),
        "left_out": left_out,
        "weights": None if options.weights is None else dict(options.weights),
        "floor": options.floor,
        "skipped": [],
        "dropped": [],
        "correlated": [],
        "small_classes": [],
    }


def modelled_score(layers: Mapping[str, xr.DataArray], scale: Facts) -> xr.DataArray:
    """The score of every cell by the model that a calibration keeps."""
    model = Model.from_state(scale["method"], scale["names"], scale["state"], rules())
    return model.predict(factor_layers(layers, scale["names"]))
