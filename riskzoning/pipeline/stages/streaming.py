"""One pass over bands of rows: compute every layer of a band together, hand it to everything that wants it.

Bands are cut by rows and taken in order, so a result does not depend on the number of threads or workers.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol

import dask
import numpy as np
import xarray as xr

from riskzoning.layers import check_same_grid
from riskzoning.methods.classification import Histogram

if TYPE_CHECKING:
    from distributed import Client

Values = dict[str, np.ndarray[Any, Any]]
TILE = 512
# Share of the memory limit that the arrays of one band may take; the rest is for graphs, readers and writers.
_BAND_SHARE = 0.2


class Sink(Protocol):
    """What takes bands: a writer, a histogram, the sums of the units."""

    def update(self, first_row: int, values: Values, /) -> None:
        """Take the rows of a band; ``values`` maps names of layers to 2-D arrays of whole rows."""
        ...


class RangeSink:
    """Smallest and largest value of each layer, NaN and infinities left out."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._low = dict.fromkeys(names, np.inf)
        self._high = dict.fromkeys(names, -np.inf)

    def update(self, _first_row: int, values: Values, /) -> None:
        """Take the rows of a band."""
        for name in self._low:
            good = values[name][np.isfinite(values[name])]
            if good.size:
                self._low[name] = min(self._low[name], float(good.min()))
                self._high[name] = max(self._high[name], float(good.max()))

    def range(self, name: str) -> tuple[float, float]:
        """Smallest and largest value; NaN twice when the layer has none."""
        low, high = self._low[name], self._high[name]
        return (low, high) if low <= high else (float("nan"), float("nan"))


class HistogramSink:
    """Histograms of index layers within their ranges, for breaks over all cells."""

    def __init__(self, ranges: Mapping[str, tuple[float, float]]) -> None:
        self.histograms = {name: Histogram(low, high) for name, (low, high) in ranges.items()}

    def update(self, _first_row: int, values: Values, /) -> None:
        """Take the rows of a band."""
        for name, histogram in self.histograms.items():
            histogram.update(values[name])


def band_rows(width: int, layers: int, memory_limit: int) -> int:
    """Rows of a band of so many cells and layers: whole tile rows, as many as the memory (bytes) allows, or one."""
    rows = int(memory_limit * _BAND_SHARE / (8 * max(width, 1) * max(layers, 1)))
    return max(TILE, rows // TILE * TILE)


def stream(
    layers: Mapping[str, xr.DataArray],
    sinks: Sequence[Sink],
    *,
    rows: int = TILE,
    workers: int = 2,
    client: Client | None = None,
    progress: Callable[[float], None] | None = None,
) -> None:
    """Compute layers of one grid band by band, top to bottom, and hand each band to every sink.

    The layers of a band are computed together, so what they share is computed once; ``progress`` hears the share done.
    """
    if not layers:
        return
    shape = check_same_grid(**dict(layers)).shape
    for first in range(0, shape[0], rows):
        last = min(first + rows, shape[0])
        parts = [layer.isel(y=slice(first, last)).data for layer in layers.values()]
        if client is not None:
            computed = client.gather(client.compute(parts))
        else:
            computed = _computed(parts, workers)
        values = dict(zip(layers, (np.asarray(part) for part in computed), strict=True))
        for sink in sinks:
            sink.update(first, values)
        if progress is not None:
            progress(last / shape[0])


def _computed(parts: Sequence[Any], workers: int) -> tuple[Any, ...]:
    """Blocks in threads that know what the run knows: its journal, its tables of standards, its language."""
    context = contextvars.copy_context()
    with ThreadPoolExecutor(workers, initializer=_inherited, initargs=(context,)) as pool:
        return dask.compute(*parts, scheduler="threads", pool=pool)  # type: ignore[attr-defined, no-untyped-call]


def _inherited(context: contextvars.Context) -> None:
    for variable, value in context.items():
        variable.set(value)
