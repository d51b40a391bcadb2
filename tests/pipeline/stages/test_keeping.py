"""Layers in the store: one file a layer, a band for each return period."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from riskzoning.layers import layer_on
from riskzoning.pipeline.stages.keeping import keep
from riskzoning.pipeline.state import Machine
from riskzoning.pipeline.workspace.store import Store


@pytest.fixture
def run(tmp_path: Path, make_grid: Any) -> Any:
    grid = make_grid()
    return SimpleNamespace(
        setting=SimpleNamespace(grid=grid), machine=Machine(), workspace=SimpleNamespace(store=Store(tmp_path, grid))
    )


def test_what_is_kept_comes_back(run: Any) -> None:
    grid = run.setting.grid
    values = np.arange(20.0).reshape(4, 5)
    values[0, 0] = np.nan
    stack = np.stack([values, values + 1])
    keep(
        run,
        {
            "people": layer_on(grid, values, quantity="population").chunk({"y": 2}),
            "depth": layer_on(grid, stack, quantity="flood_depth", return_periods=[10, 100]),
        },
    )
    np.testing.assert_allclose(run.workspace.store.get("people"), values)
    depth = run.workspace.store.get("depth")
    np.testing.assert_allclose(depth, stack)
    assert depth["return_period"].values.tolist() == [10, 100]
