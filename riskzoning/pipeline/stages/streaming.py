"""One pass over bands of rows: compute every layer of a band together, hand it to everything that wants it.

Bands are cut by rows and taken in order, so a result does not depend on the number of threads or workers. ``stream``
is the pass; ``keep`` fills the store of the work folder with it; ``Passes`` are those of the stage ``assess``, with
files, histograms, ranges and the sums of the units.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import dask
import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import exposure, io, standards
from riskzoning.coverage.engine import Accumulator
from riskzoning.errors import Phrase, Problem, RunError
from riskzoning.layers import check_same_grid
from riskzoning.limits import SCHEDULER_SECONDS
from riskzoning.methods.classification import Histogram
from riskzoning.names import MULTI, Index, Intensity
from riskzoning.pipeline.state import Run
from riskzoning.pipeline.workspace.store import CogSink, band_names

if TYPE_CHECKING:
    from distributed import Client

Values = dict[str, np.ndarray[Any, Any]]
Ranges = dict[str, tuple[float, float]]
TILE = 512
# Share of the memory limit that the arrays of one band may take; the rest is for graphs, readers and writers.
_BAND_SHARE = 0.2
# Of which the larger is the more severe.
_GRADES = ("grade", "hazard_grade", "risk_grade")
# What the passes gather for the units.
_KEPT = ("mean", "sum", "valid_share")
# Arrays of a band that further sinks make of it, for the memory.
_OF_SINKS = 20


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
    for first, last in _bands(shape[0], rows):
        parts = [layer.isel(y=slice(first, last)).data for layer in layers.values()]
        if client is not None:
            computed = _gathered(client, parts)
        else:
            computed = _computed(parts, workers)
        values = dict(zip(layers, (np.asarray(part) for part in computed), strict=True))
        for sink in sinks:
            sink.update(first, values)
        if progress is not None:
            progress(last / shape[0])


def _bands(height: int, rows: int) -> list[tuple[int, int]]:
    """First and last row of each band; a small rest goes with the band above it instead of making one of its own."""
    firsts = [first for first in range(0, height, rows) if first == 0 or height - first > rows // 4]
    return list(zip(firsts, [*firsts[1:], height], strict=True))


def _gathered(client: Client, parts: Sequence[Any]) -> Sequence[Any]:
    """Blocks from a cluster; when all its workers have gone, that is said instead of waiting for ever."""
    from distributed import wait
    from distributed.client import futures_of

    submitted = client.compute(parts)
    waiting = futures_of(submitted)
    while waiting:
        try:
            wait(waiting, timeout=SCHEDULER_SECONDS)
            break
        except TimeoutError:
            if not client.nthreads():
                thing = Phrase("scheduler", address=client.scheduler_info()["address"])
                raise RunError(Problem("run.no_workers", thing, seconds=SCHEDULER_SECONDS)) from None
    return list(client.gather(submitted))


def _computed(parts: Sequence[Any], workers: int) -> tuple[Any, ...]:
    """Blocks in threads that know what the run knows: its journal, its tables of standards, its language."""
    context = contextvars.copy_context()
    with ThreadPoolExecutor(workers, initializer=_inherited, initargs=(context,)) as pool:
        return dask.compute(*parts, scheduler="threads", pool=pool)  # type: ignore[attr-defined, no-untyped-call]


def _inherited(context: contextvars.Context) -> None:
    for variable, value in context.items():
        variable.set(value)


def keep(run: Run, layers: Mapping[str, xr.DataArray], sinks: Sequence[Sink] = ()) -> None:
    """Compute layers band by band into the store; stacks as one file with a band for each return period.

    ``sinks`` take the same bands.
    """
    flat: dict[str, xr.DataArray] = {}
    for key, layer in layers.items():
        names = band_names(key, layer)
        if "return_period" in layer.dims:
            flat.update({name: layer.isel(return_period=i, drop=True) for i, name in enumerate(names)})
        else:
            flat[key] = layer
    sink = run.workspace.store.sink(layers)
    rows = band_rows(run.setting.grid.shape[1], 3 * max(len(flat), 1), run.machine.memory_limit)
    stream(flat, [sink, *sinks], rows=rows, workers=run.machine.workers, client=run.machine.client)
    sink.close()


class UnitSink:
    """Feeds the sums of the units, which call a layer by another name than the band where ``names`` says so."""

    def __init__(self, accumulator: Accumulator, names: Mapping[str, str]) -> None:
        self.accumulator, self.names = accumulator, names

    def update(self, first_row: int, values: Values) -> None:
        """Take the rows of a band."""
        self.accumulator.update(first_row, {name: values[key] for name, key in self.names.items()})


class Passes:
    """The passes of a run over its grid, and what they have gathered so far."""

    def __init__(self, run: Run, kept: Path | None = None) -> None:
        """``kept``: where earlier passes have left what they gathered for the units (:meth:`keep`)."""
        self.run, self.published = run, run.workspace.published
        self.histograms: dict[Index, Histogram] = {}
        self.intensities: list[Intensity] = []
        self.levels: list[Intensity] = []
        self._statistics: list[pd.DataFrame] = []
        self._references: dict[str, dict[str, Any]] = {}
        if kept is not None:
            every = {name: io.read_frame(kept / f"{name}.arrow") for name in _KEPT}
            self._statistics.append(pd.concat(every, axis=1).swaplevel(axis=1))

    def keep(self, folder: Path) -> None:
        """Keep what was gathered for the units, a table for each statistic."""
        for name in _KEPT:
            io.write_frame(folder / f"{name}.arrow", self._all(name))

    def over(
        self,
        layers: Mapping[str, xr.DataArray],
        indices: Sequence[Index],
        *,
        told: tuple[str, float, float],
        sinks: Sequence[Sink] = (),
        read: Mapping[str, xr.DataArray] | None = None,
    ) -> Ranges:
        """Stream 2-D layers once, ``indices`` among them; gives the ranges of counts and indices.

        ``told``: a word for the progress, the share of the stage done before, and that of this pass. ``sinks`` take the
        bands as well, with those of the layers in ``read``, which the pass does not write.
        """
        with self.passing(layers, indices, told=told, sinks=sinks, read=read) as ranges:
            return ranges

    @contextmanager
    def passing(
        self,
        layers: Mapping[str, xr.DataArray],
        indices: Sequence[Index],
        *,
        told: tuple[str, float, float],
        sinks: Sequence[Sink] = (),
        read: Mapping[str, xr.DataArray] | None = None,
    ) -> Iterator[Ranges]:
        """As :meth:`over`; the files are encoded beside the block, in which the sums of units are known already."""
        run, names = self.run, list(layers)
        # Grades that a hazard brings say which end is the worst as well as those that are made of its index.
        graded = [name for name, layer in layers.items() if layer.attrs["quantity"] in _GRADES]
        layers = {**layers, **{name: layers[name].assign_attrs(class_order="ascending") for name in graded}}
        kinds = {name: standards.quantity(layers[name].attrs["quantity"]).kind for name in names}
        about = {"STUDY": run.setting.study.code, "DATE": str(run.setting.study.data_date)}
        colours = {index.grade_key: index.colours(index.classes) for index in indices if index.grade_key in layers}
        files = CogSink(self.published, layers, tags=about, colours=colours)
        ranges = RangeSink([name for kind in ("count", "index") for name in names if kinds[name] == kind])
        histograms = HistogramSink(dict.fromkeys((index.key for index in indices), (0.0, 1.0)))
        accumulator = run.setting.coverage.accumulator(names, statistics=("mean", "sum"))
        every: list[Sink] = [files, ranges, histograms, UnitSink(accumulator, {name: name for name in names}), *sinks]
        rows = band_rows(run.setting.grid.shape[1], 2 * len(names) + _OF_SINKS, run.machine.memory_limit)
        text, done, share = told

        def tell(part: float) -> None:
            run.progress.step("assess", done + share * part, text)

        streamed = {**layers, **(read or {})}
        stream(streamed, every, rows=rows, workers=run.machine.workers, client=run.machine.client, progress=tell)
        with files.closing():
            self._statistics.append(accumulator.result())
            self.histograms.update({index: histograms.histograms[index.key] for index in indices})
            yield {name: ranges.range(name) for name in ranges.names}

    def reference(self, count: str) -> dict[str, Any]:
        """Frozen scalars of an exposure index, computed once."""
        if count not in self._references:
            self._references[count] = exposure.exposure_reference(self.published.get(count))
        return self._references[count]

    def means(self) -> pd.DataFrame:
        """Means of all layers by unit."""
        return self._all("mean")

    def sums(self) -> pd.DataFrame:
        """Sums of all layers by unit."""
        return self._all("sum")

    def valid_shares(self) -> pd.DataFrame:
        """Share of each unit on which each layer has a value."""
        return self._all("valid_share")

    def valid_share(self) -> pd.Series[float]:
        """Share of a unit that has the composite (or, without any, the first layer): what its grades rest on."""
        shares = self.valid_shares()
        composites = [Index(MULTI, what).key for what in ("risk", "hazard")]
        return shares[next((name for name in composites if name in shares), shares.columns[0])]

    def mean_of(self, name: str) -> float:
        """Mean of a layer over the units of the finest level, weighted by area."""
        setting = self.run.setting
        codes = setting.codes(setting.finest)
        areas = setting.units.loc[codes].to_crs(str(setting.grid.crs)).geometry.area
        values = self.means().loc[codes, name]
        known = values.notna()
        return float((values[known] * areas[known]).sum() / areas[known].sum()) if known.any() else float("nan")

    def _all(self, statistic: str) -> pd.DataFrame:
        return pd.concat([frame.xs(statistic, axis=1, level=1) for frame in self._statistics], axis=1)
