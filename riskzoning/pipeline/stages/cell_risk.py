"""The risk of the cells: hazard, exposure and vulnerability in the form of the study, for a hazard or a part of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import exposure as exposure_room
from riskzoning import risk
from riskzoning.config import StudyConfig
from riskzoning.layers import describe
from riskzoning.names import Index, Measure
from riskzoning.pipeline.stages.classes import given_breaks
from riskzoning.pipeline.stages.streaming import Passes, Ranges
from riskzoning.pipeline.state import Prepared

# Layers of the cells, or columns of the units.
Parts = TypeVar("Parts", xr.DataArray, "pd.Series[float]")


@dataclass(frozen=True)
class CellRisk:
    """Makes the risk of the cells from layers that the pass over the hazards has written."""

    passes: Passes
    prepared: Prepared
    ranges: Ranges
    # What is exposed is the same for every hazard.
    _scaled: dict[str, xr.DataArray] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def study(self) -> StudyConfig:
        """The study."""
        return self.passes.run.setting.study

    def of(self, index: Index, receptor: str) -> xr.DataArray:
        """Risk of a hazard for a receptor."""
        if self.study.risk.form == "half_scaled":
            return self._half_scaled(index, receptor)
        return self.of_layer(self.passes.published.get(index.key), index, receptor)

    def of_layer(self, hazard: xr.DataArray, index: Index, receptor: str) -> xr.DataArray:
        """Risk of a layer on the ladder of a hazard: the hazard itself or a part of it."""
        published = self.passes.published
        exposed, weak = self._exposed(receptor), None
        if receptor in self.prepared.exposure.vulnerability:
            # An unknown vulnerability takes nothing off.
            weak = published.get(Measure("vulnerability_index", receptor=receptor).key).fillna(1.0)
        return as_index(risk_of_parts(self.study, index, hazard, exposed, weak), hazard)

    def _exposed(self, receptor: str) -> xr.DataArray:
        if receptor not in self._scaled:
            count = self.passes.published.get(self.prepared.exposure.receptors[receptor])
            self._scaled[receptor] = exposure_room.scaled_exposure(exposure_room.density(count), receptor)
        return self._scaled[receptor]

    def mean(self, hazard: str, by_receptor: dict[str, xr.DataArray], like: xr.DataArray) -> xr.DataArray:
        """The stated mean of the receptors of a hazard."""
        weights = self.study.receptor_weights(hazard)
        return as_index(risk.mean_receptor_index(by_receptor, weights=weights), like)

    def _half_scaled(self, index: Index, receptor: str) -> xr.DataArray:
        """The weighted product of parts that are scaled to 0.5-1 over the ranges of the study, for comparison."""
        passes, ranges, published = self.passes, self.ranges, self.passes.published
        hazard, count = published.get(index.key), self.prepared.exposure.receptors[receptor]
        exposed = exposure_room.exposure_index(published.get(count), reference=passes.reference(count))
        parts = [risk.scale_half(hazard, reference=ranges[index.key]), risk.scale_half(exposed, reference=(0.0, 1.0))]
        if receptor in self.prepared.exposure.vulnerability:
            own = Measure("vulnerability_index", receptor=receptor).key
            # A cell without buildings has no vulnerability of its own; it takes the mean of the study.
            filled = published.get(own).fillna(passes.mean_of(own))
            parts.append(risk.scale_half(filled, reference=ranges[own]))
        made = risk.risk_index(parts[0], parts[1], parts[2] if len(parts) > 2 else None, form="weighted_product")
        return as_index(made, hazard).assign_attrs(form="half_scaled")


def risk_of_parts(study: StudyConfig, index: Index, hazard: Parts, exposed: Parts, weak: Parts | None) -> Parts:
    """Risk of hazard, exposure and vulnerability (None: unknown) in the form of the study; of cells and of units."""
    form = study.risk.form
    if form != "matrix":
        made: Parts = risk.risk_index(hazard, exposed, weak, form=form)
        return made
    breaks = given_breaks(study, index)
    assert breaks is not None
    by_matrix: Parts = risk.risk_by_matrix(
        hazard, exposed, weak, matrix_name(study, index), breaks=breaks.bounds, closed=breaks.closed
    )
    return by_matrix


def matrix_name(study: StudyConfig, index: Index) -> str:
    """The matrix that the study names, or the one for the classes of the hazard."""
    return study.risk.matrix or f"risk_{index.classes}x5"


def as_index(layer: xr.DataArray, like: xr.DataArray) -> xr.DataArray:
    """A layer as a risk index of the run, with what its attributes say of how it was made."""
    made = {key: str(layer.attrs[key]) for key in ("form", "method", "weights", "matrix") if key in layer.attrs}
    return describe(layer.astype(np.float32), quantity="risk_index", like=like, **made)
