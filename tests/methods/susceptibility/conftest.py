"""A hill whose steep ground and soft rock slide: what models of susceptibility learn from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on


@pytest.fixture(scope="package")
def city() -> dict[str, Any]:
    """Class layers (slope 1..4, rock 1..3, noise 1..5), events and ground; not to be changed."""
    shape = (60, 80)
    grid = analysis_grid((500_000, 3_900_000, 508_000, 3_906_000), crs="EPSG:4547", resolution=100)
    rng = np.random.default_rng(3)
    y, x = np.mgrid[: shape[0], : shape[1]]
    slope = (np.clip(2.5 + 1.6 * np.sin(x / 7.0) * np.cos(y / 9.0) + rng.normal(0, 0.3, shape), 1, 4)).astype("u1")
    rock = (1 + (x // 9 + y // 11) % 3).astype("u1")
    chance = np.array([0, 0.001, 0.004, 0.02, 0.08])[slope] * np.array([0, 0.5, 1, 2])[rock]
    events = (rng.random(shape) < chance).astype("u1")
    events[:, :5] = 0
    noise = rng.integers(1, 6, shape).astype("u1")
    return {
        "factors": {
            "slope": layer_on(grid, slope, quantity="mask"),
            "rock": layer_on(grid, rock, quantity="lithology"),
            "noise": layer_on(grid, noise, quantity="mask"),
        },
        "events": layer_on(grid, events, quantity="mask"),
        "within": layer_on(grid, (x > 4).astype("u1"), quantity="mask"),
    }
