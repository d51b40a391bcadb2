"""One pass over bands of rows: compute every layer of a band together, hand it to everything that wants it.

Bands are cut by rows and taken in order, so a result does not depend on the number of threads or workers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import dask
import numpy as np
import xarray as xr

from riskzoning.layers import check_same_grid
from riskzoning.methods.classification import Histogram

__all__ = ["HistogramSink", "RangeSink", "Sink", "Values", "band_rows", "stream"]

Values = dict[str, np.ndarray[Any, Any]]
TILE = 512
# Share of the memory limit that the arrays of one band may take; the rest is for graphs, readers and writers.
_BAND_SHARE = 0.2


class Sink(Protocol):
    """What takes bands: a writer, a histogram, the sums of the units.

    Examples
    --------
    >>> class Count:
    ...     cells = 0
    ...     def update(self, first_row, values):
    ...         self.cells += sum(array.size for array in values.values())
    >>> sink: Sink = Count()
    >>> sink.update(0, {"a": np.zeros((2, 3))})
    >>> sink.cells
    6
    """

    def update(self, first_row: int, values: Values) -> None:
        """Take the rows of a band; ``values`` maps names of layers to 2-D arrays of whole rows.

        Examples
        --------
        >>> sinks: list[Sink] = [RangeSink(["a"]), HistogramSink({"a": (0.0, 1.0)})]
        >>> for sink in sinks:
        ...     sink.update(0, {"a": np.full((2, 3), 0.5)})
        >>> sinks[0].range("a")
        (0.5, 0.5)
        """
        ...


class RangeSink:
    """Smallest and largest value of each layer, NaN left out.

    Examples
    --------
    >>> sink = RangeSink(["a"])
    >>> sink.update(0, {"a": np.array([[1.0, np.nan, 3.0]])})
    >>> sink.range("a")
    (1.0, 3.0)
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self._low = dict.fromkeys(names, np.inf)
        self._high = dict.fromkeys(names, -np.inf)

    def update(self, first_row: int, values: Values) -> None:
        """Take the rows of a band.

        Examples
        --------
        >>> sink = RangeSink(["a"])
        >>> sink.update(0, {"a": np.array([[2.0, 3.0]])})
        >>> sink.update(1, {"a": np.array([[np.inf, 1.0]])})
        >>> sink.range("a")
        (1.0, 3.0)
        """
        for name in self._low:
            good = values[name][np.isfinite(values[name])]
            if good.size:
                self._low[name] = min(self._low[name], float(good.min()))
                self._high[name] = max(self._high[name], float(good.max()))

    def range(self, name: str) -> tuple[float, float]:
        """Smallest and largest value; NaN twice when the layer has none.

        Examples
        --------
        >>> RangeSink(["a"]).range("a")
        (nan, nan)
        """
        low, high = self._low[name], self._high[name]
        return (low, high) if low <= high else (float("nan"), float("nan"))


class HistogramSink:
    """Histograms of index layers, for breaks over all cells.

    Examples
    --------
    >>> sink = HistogramSink({"a": (0.0, 1.0)})
    >>> sink.update(0, {"a": np.array([[0.25, np.nan, 0.75]])})
    >>> int(sink.histograms["a"].count)
    2
    """

    def __init__(self, ranges: Mapping[str, tuple[float, float]]) -> None:
        self.histograms = {name: Histogram(low, high) for name, (low, high) in ranges.items()}

    def update(self, first_row: int, values: Values) -> None:
        """Take the rows of a band.

        Examples
        --------
        >>> sink = HistogramSink({"a": (0.0, 1.0)})
        >>> sink.update(0, {"a": np.full((2, 3), 0.5)})
        >>> int(sink.histograms["a"].count)
        6
        """
        for name, histogram in self.histograms.items():
            histogram.update(values[name])


def band_rows(width: int, layers: int, memory_limit: int) -> int:
    """Rows of a band: whole tile rows, as many as the memory limit allows, one tile row at least.

    Parameters
    ----------
    width : int
        Cells of a row.
    layers : int
        Layers computed together.
    memory_limit : int
        Bytes.

    Examples
    --------
    >>> band_rows(1500, 30, 2 * 1024**3)
    1024
    """
    rows = int(memory_limit * _BAND_SHARE / (8 * max(width, 1) * max(layers, 1)))
    return max(TILE, rows // TILE * TILE)


def stream(
    layers: Mapping[str, xr.DataArray],
    sinks: Sequence[Sink],
    *,
    rows: int = TILE,
    workers: int = 2,
    client: Any = None,
    progress: Callable[[float], None] | None = None,
) -> None:
    """Compute layers band by band, top to bottom, and hand each band to every sink.

    Parameters
    ----------
    layers : mapping name -> layer ``(y, x)``
        All on one grid; computed together, so what they share is computed once.
    sinks : sequence of Sink
    rows : int
        Rows of a band.
    workers : int
        Threads (ignored with a client).
    client : distributed.Client, optional
    progress : callable, optional
        Called with the share done, 0..1.

    Raises
    ------
    GridMismatchError
        The layers lie on different grids.

    Examples
    --------
    >>> from riskzoning import grid, layers
    >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    >>> sink = RangeSink(["slope"])
    >>> stream({"slope": layers.layer_on(geobox, 3.0, quantity="slope")}, [sink])
    >>> sink.range("slope")
    (3.0, 3.0)
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
            computed = dask.compute(*parts, scheduler="threads", num_workers=workers)  # type: ignore[attr-defined, no-untyped-call]
        values = dict(zip(layers, (np.asarray(part) for part in computed), strict=True))
        for sink in sinks:
            sink.update(first, values)
        if progress is not None:
            progress(last / shape[0])
