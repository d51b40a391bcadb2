"""A pass over the grid: layers into files, histograms, ranges and the sums of the units; what the passes gather."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import xarray as xr

from riskzoning import exposure, standards
from riskzoning.coverage.engine import Accumulator
from riskzoning.methods.classification import Histogram
from riskzoning.names import MULTI, Index, Intensity
from riskzoning.pipeline.stages.streaming import HistogramSink, RangeSink, Sink, Values, band_rows, stream
from riskzoning.pipeline.state import Run
from riskzoning.pipeline.workspace.store import CogSink

Ranges = dict[str, tuple[float, float]]
# Arrays of a band that further sinks make of it, for the memory.
_OF_SINKS = 20


class _UnitSink:
    """Feeds the sums of the units."""

    def __init__(self, accumulator: Accumulator, names: list[str]) -> None:
        self.accumulator, self.names = accumulator, names

    def update(self, first_row: int, values: Values) -> None:
        """Take the rows of a band."""
        self.accumulator.update(first_row, {name: values[name] for name in self.names})


class Passes:
    """The passes of a run over its grid, and what they have gathered so far."""

    def __init__(self, run: Run) -> None:
        self.run, self.published = run, run.workspace.published
        self.totals: dict[str, float] = {}
        self.histograms: dict[Index, Histogram] = {}
        self.intensities: list[Intensity] = []
        self._statistics: list[pd.DataFrame] = []
        self._references: dict[str, dict[str, Any]] = {}

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
        run, names = self.run, list(layers)
        kinds = {name: standards.quantity(layers[name].attrs["quantity"]).kind for name in names}
        about = {"STUDY": run.setting.study.code, "DATE": str(run.setting.study.data_date)}
        colours = {index.grade_key: index.colours(index.classes) for index in indices if index.grade_key in layers}
        files = CogSink(self.published, layers, tags=about, colours=colours)
        ranges = RangeSink([name for kind in ("count", "index") for name in names if kinds[name] == kind])
        histograms = HistogramSink(dict.fromkeys((index.key for index in indices), (0.0, 1.0)))
        accumulator = run.setting.coverage.accumulator(names, statistics=("mean", "sum"))
        every: list[Sink] = [files, ranges, histograms, _UnitSink(accumulator, names), *sinks]
        rows = band_rows(run.setting.grid.shape[1], 2 * len(names) + _OF_SINKS, run.machine.memory_limit)
        text, done, share = told

        def tell(part: float) -> None:
            run.progress.step("assess", done + share * part, text)

        streamed = {**layers, **(read or {})}
        stream(streamed, every, rows=rows, workers=run.machine.workers, client=run.machine.client, progress=tell)
        files.close()
        self._statistics.append(accumulator.result())
        self.totals.update(accumulator.totals())
        self.histograms.update({index: histograms.histograms[index.key] for index in indices})
        return {name: ranges.range(name) for name in ranges.names}

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
