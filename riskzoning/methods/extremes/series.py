"""Yearly series as they come (list, table, layer) as rows of numbers, and results back in the form of the series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.methods.extremes.distributions import Floats

Given: TypeAlias = "ArrayLike | pd.Series[Any] | pd.DataFrame | xr.DataArray"
# Names of the dimension of years, the first that a layer has.
_YEARS = ("year", "time", "years")
_PERIOD = "return_period"


@dataclass(frozen=True, eq=False)
class Series:
    """Series of years as rows, and the form of what they came as."""

    values: Floats
    shape: tuple[int, ...] = ()
    dims: tuple[Any, ...] = ()
    coords: Any = field(default_factory=dict)
    columns: Any = None
    span: tuple[int, int] | None = None
    attrs: Mapping[Any, Any] = field(default_factory=dict)

    @property
    def single(self) -> bool:
        """Whether there is one series only, whose results are plain numbers."""
        return self.shape == () and self.columns is None and not self.dims

    @property
    def names(self) -> list[str]:
        """What the rows are called in messages."""
        if self.columns is not None:
            return [str(name) for name in self.columns]
        return [str(tuple(map(int, np.unravel_index(i, self.shape)))) for i in range(len(self.values))]

    def back(self, rows: Floats, leading: Floats | None = None) -> Any:
        """Results (one a series, or periods x series) in the form of the series."""
        if leading is None:
            return self._one(np.asarray(rows))
        periods = np.asarray(leading, dtype=np.float64)
        if self.columns is not None:
            return pd.DataFrame(rows, index=pd.Index(periods, name=_PERIOD), columns=self.columns)
        if self.dims:
            stack = rows.reshape(len(rows), *self.shape)
            return xr.DataArray(stack, dims=(_PERIOD, *self.dims), coords={_PERIOD: periods, **self.coords})
        return rows.reshape(len(rows), *self.shape)

    def _one(self, row: Floats) -> Any:
        if self.columns is not None:
            return pd.Series(row, index=self.columns)
        if self.dims:
            return xr.DataArray(row.reshape(self.shape), dims=self.dims, coords=self.coords)
        return row.reshape(self.shape) if self.shape else row.ravel()[0].item()

    def rows_of(self, values: Given) -> tuple[Floats, tuple[int, ...] | None]:
        """Values to be asked about as (k, series), and the leading shape of the answer (None: one for each series)."""
        if self.columns is not None and isinstance(values, pd.Series):
            return values.reindex(self.columns).to_numpy(dtype=np.float64)[None], None
        if self.dims and isinstance(values, xr.DataArray) and values.dims:
            values = values.transpose(*(d for d in values.dims if d not in self.dims), *self.dims)
        array = np.asarray(values, dtype=np.float64)
        if array.shape == self.shape:
            return array.reshape(1, -1), None
        if self.single:
            return array.reshape(-1, 1), array.shape
        if array.ndim == 0:
            return np.full((1, len(self.values)), float(array)), None
        if array.shape[1:] == self.shape:
            return array.reshape(len(array), -1), array.shape[:1]
        thing = Phrase("argument", name="x")
        raise LayerError(Problem("extremes.x_shape", thing, shape=str(array.shape), wanted=str(self.shape)))


def series_of(values: Given, dim: str | int | None) -> Series:
    """Rows of numbers, infinities as missing; what is no series of numbers is refused."""
    if isinstance(values, xr.DataArray):
        series = _of_layer(values, dim)
    elif isinstance(values, pd.DataFrame):
        series = Series(_numbers(values).T, (len(values.columns),), columns=values.columns, span=_span(values.index))
    else:
        series = _of_array(values, -1 if dim is None else dim)
    rows = np.where(np.isfinite(series.values), series.values, np.nan)
    _refuse_fill(rows)
    return replace(series, values=rows)


def _of_array(values: Given, axis: str | int) -> Series:
    array = _numbers(values)
    if not isinstance(axis, int) or not -array.ndim <= axis < array.ndim or not array.size:
        raise LayerError(Problem("extremes.series_shape", Phrase("extreme_series"), shape=str(array.shape)))
    span = _span(values.index) if isinstance(values, pd.Series) else None
    if array.ndim == 1:
        return Series(array[None], span=span)
    array = np.moveaxis(array, axis, -1)
    return Series(array.reshape(-1, array.shape[-1]), array.shape[:-1])


def _of_layer(values: xr.DataArray, dim: str | int | None) -> Series:
    names = [str(name) for name in values.dims]
    years = (
        str(dim)
        if dim is not None
        else next((name for name in _YEARS if name in names), names[0] if len(names) == 1 else None)
    )
    if years is None or years not in names:
        raise LayerError(Problem("extremes.dim", Phrase("extreme_series"), dims=names, wanted=list(_YEARS)))
    rest = tuple(name for name in values.dims if name != years)
    ordered = values.transpose(*rest, years)
    array = _numbers(ordered.values)
    if not array.size:
        raise LayerError(Problem("extremes.series_shape", Phrase("extreme_series"), shape=str(array.shape)))
    coords = {name: c for name, c in values.coords.items() if years not in c.dims}
    span = _span(values.indexes[years]) if years in values.indexes else None
    rows = array.reshape(-1, array.shape[-1])
    return Series(rows, array.shape[:-1], rest, coords, span=span, attrs=dict(values.attrs))


def _numbers(values: Given) -> Floats:
    try:
        if isinstance(values, pd.DataFrame | pd.Series):
            return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))
        if isinstance(values, np.ma.MaskedArray):
            return np.asarray(np.ma.filled(values.astype(np.float64), np.nan))
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise LayerError(Problem("extremes.text", Phrase("extreme_series"))) from None


def _span(index: pd.Index[Any]) -> tuple[int, int] | None:
    """First and last year of the labels, where they are years or times."""
    if not len(index):
        return None
    years = index.year if isinstance(index, pd.DatetimeIndex | pd.PeriodIndex) else index
    if not np.issubdtype(np.asarray(years).dtype, np.integer):
        return None
    first, last = int(np.min(years)), int(np.max(years))
    return (first, last) if 1000 <= first <= last <= 9999 else None


def _refuse_fill(rows: Floats) -> None:
    """Fill values of producers are no extremes, and one of them spoils the whole fit."""
    fills = [float(value) for value in standards.table("formats/nodata").data["values"]]
    present = sorted(set(rows[np.isin(rows, fills)].tolist()))
    if present:
        raise LayerError(Problem("extremes.fill", Phrase("extreme_series"), numbers=[f"{v:g}" for v in present]))
