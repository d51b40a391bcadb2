"""Regular axes from the centres of cells."""

from __future__ import annotations

import numpy as np
import pytest

from riskzoning.errors import LayerError
from riskzoning.layers import regular_axis


def test_noise_of_float32_is_taken_out() -> None:
    centres = (113 + (np.arange(600) + 0.5) / 3600).astype("f4")
    edge, step = regular_axis(centres, thing="a.nc", axis="lon")
    assert (edge, step) == (pytest.approx(113, abs=1e-9), pytest.approx(1 / 3600, rel=1e-9))


@pytest.mark.parametrize(
    ("centres", "rule"),
    [([1.0, 2.0, 4.0], "layer.axis_uneven"), ([1.0], "layer.axis_single"), ([1.0, np.nan], "layer.axis_none")],
)
def test_what_is_no_regular_axis_is_refused(centres: list[float], rule: str) -> None:
    with pytest.raises(LayerError) as caught:
        regular_axis(np.array(centres), thing="a.nc", axis="x")
    assert caught.value.problems[0].rule == rule
