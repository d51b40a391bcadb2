"""Layers computed band by band into the store of the work folder."""

from __future__ import annotations

from collections.abc import Mapping

import xarray as xr

from riskzoning.pipeline.stages.streaming import band_rows, stream
from riskzoning.pipeline.state import Run
from riskzoning.pipeline.workspace.store import band_names


def keep(run: Run, layers: Mapping[str, xr.DataArray]) -> None:
    """Compute layers band by band into the store; stacks as one file with a band for each return period."""
    flat: dict[str, xr.DataArray] = {}
    for key, layer in layers.items():
        names = band_names(key, layer)
        if "return_period" in layer.dims:
            flat.update({name: layer.isel(return_period=i, drop=True) for i, name in enumerate(names)})
        else:
            flat[key] = layer
    sink = run.workspace.store.sink(layers)
    rows = band_rows(run.setting.grid.shape[1], 3 * max(len(flat), 1), run.machine.memory_limit)
    stream(flat, [sink], rows=rows, workers=run.machine.workers, client=run.machine.client)
    sink.close()
