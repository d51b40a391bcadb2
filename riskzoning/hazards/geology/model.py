"""What the susceptibility of slopes is trained on: its factors, the susceptible ground and the landslides on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dask.array as da
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.geology.factors import FACTOR_KEYS
from riskzoning.hazards.inputs import Facts
from riskzoning.layers import grid_of
from riskzoning.methods.susceptibility import Factors, Ground, Rules, block_numbers, class_values, total_score

_HAZARD = Phrase("hazard", name="geology")


def rules() -> Rules:
    """Factors and limits of ``hazards/geology_factors``."""
    return Rules.of(standards.table("hazards/geology_factors").data, _HAZARD)


def training_ground(layers: Mapping[str, xr.DataArray], block_m: float) -> Ground:
    """The susceptible ground that the inventory covers."""
    domain, area = layers["domain"], layers.get("study_area")
    within = domain if area is None else domain * (area > 0)
    blocks = block_numbers(grid_of(domain), block_m, lazy=isinstance(domain.data, da.Array))
    return Ground(layers["landslide_cells"], within, blocks)


def factor_layers(layers: Mapping[str, xr.DataArray], names: Sequence[str] | None = None) -> Factors:
    """The factors that prepared inputs have, by name, in the order of ``hazards/geology_factors``."""
    present = {name: layers.get(FACTOR_KEYS.get(name, name)) for name in rules().factors}
    missing = [name for name in names or () if present.get(name) is None]
    if missing:
        raise LayerError(
            Problem("geology.factors", _HAZARD, missing=missing, given=[k for k, v in present.items() if v is not None])
        )
    return {name: layer for name, layer in present.items() if layer is not None and (names is None or name in names)}


def score_total(classes: Factors, model: Facts, weights: Mapping[str, float] | None) -> xr.DataArray:
    """Total information value of every cell; slope is required, other factors are made up for where missing."""
    table: Mapping[str, Any] = rules().factors
    needed = [name for name in classes if table[name].get("required")]
    total: xr.DataArray = total_score(classes, class_values(model), weights=weights, required=needed)
    return total
