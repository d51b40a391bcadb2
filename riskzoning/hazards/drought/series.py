"""Series of days or months as the indices take them: one array with time last, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.hazards.cells import Array, Cells
from riskzoning.hazards.readings import check_days, element_values, range_problem
from riskzoning.layers.plausible import is_settled
from riskzoning.methods.dates import parse_dates
from riskzoning.methods.elements import element_units, impossible, possible_range, too_many_impossible, unusual

# Days as pandas reads them.
Dates = pd.DatetimeIndex | pd.Series | Sequence[object] | Array
# A month of the series may hold so much rain.
_MONTH = 31.0
# In so many months one at least has a millimetre of rain.
_MONTHS, _LEAST_WETTEST = 120, 1.0
# Days without a value that are worth a word; dates of months are a month apart.
_LONG_GAP = 60


@dataclass(frozen=True, eq=False)
class Daily:
    """Values with time as the last axis, without gaps in the time axis; ``back`` puts them into their container."""

    values: Array
    time: pd.DatetimeIndex
    step: str
    thing: Phrase | str
    back: Callable[[Array], Any]

    def with_values(self, values: Array) -> Daily:
        """The same days with other values."""
        return replace(self, values=values)


def series_of(
    value: Cells | Daily,
    dates: Dates | None = None,
    *,
    element: str = "",
    negative: bool = True,
    thing: Phrase | str = "",
) -> Daily:
    """A series of days or of months, its gaps as NaN; units converted and codes read where it is an element."""
    if isinstance(value, Daily):
        return value
    about = thing or Phrase("argument", name=element or "values")
    given: Cells = element_values(value, element, thing=about) if element else value
    layer = _labelled(given, dates, about)
    time = layer.indexes["time"]
    assert isinstance(time, pd.DatetimeIndex)
    step, whole = _regular(time, about)
    own = layer.transpose(..., "time")
    every = own.reindex(time=whole) if not whole.equals(time) else own
    numbers = np.asarray(every.to_numpy(), dtype=np.float64)
    if element:
        _check_range(numbers, element, about, step, negative=negative)
        if not is_settled():  # A run has looked at its stations already.
            _check_unit(
                numbers, element, about, step, stated=isinstance(value, xr.DataArray) and "units" in value.attrs
            )
            _tell_gap(numbers, whole, about)
    position = whole.get_indexer(time)

    def back(made: Array) -> Any:
        return _contained(np.asarray(made)[..., position], given, layer)

    return Daily(np.where(np.isfinite(numbers), numbers, np.nan), whole, step, about, back)


def _labelled(value: Cells, dates: Dates | None, thing: Phrase | str) -> xr.DataArray:
    """A DataArray with dates; those of a month are its first day."""
    if isinstance(value, xr.DataArray):
        layer = value
        if "time" not in layer.dims:
            raise LayerError(Problem("drought.dates", thing))
    elif isinstance(value, pd.Series):
        layer = xr.DataArray(value.to_numpy(np.float64), dims=("time",))
    else:
        array = np.atleast_1d(np.asarray(value, dtype=np.float64))
        layer = xr.DataArray(array, dims=["time", *[f"dim_{i}" for i in range(1, array.ndim)]])
    own = value.index if isinstance(value, pd.Series) else layer.indexes.get("time")
    stamps: Any = own if dates is None else dates
    if isinstance(stamps, xr.CFTimeIndex):
        stamps = stamps.to_datetimeindex(unsafe=True, time_unit="ns")
    if isinstance(stamps, pd.PeriodIndex):
        stamps = stamps.to_timestamp()
    if not isinstance(stamps, pd.DatetimeIndex):
        if stamps is None or pd.api.types.is_numeric_dtype(np.asarray(stamps)):
            raise LayerError(Problem("drought.dates", thing))
        stamps = pd.DatetimeIndex(parse_dates(np.atleast_1d(np.asarray(stamps, dtype=object)), thing=thing).to_numpy())
    if len(stamps) != layer.sizes["time"]:
        raise LayerError(Problem("drought.lengths", thing, dates=len(stamps), values=layer.sizes["time"]))
    return layer.assign_coords(time=pd.DatetimeIndex(stamps).rename("time"))


def _regular(time: pd.DatetimeIndex, thing: Phrase | str) -> tuple[str, pd.DatetimeIndex]:
    """Whether the dates are days or months, and all of them from the first to the last."""
    if time.hasnans:
        raise LayerError(Problem("drought.unread", thing, count=int(np.isnat(time.to_numpy()).sum()), total=len(time)))
    check_days(time, thing)
    if not time.is_monotonic_increasing:
        raise LayerError(Problem("drought.order", thing, date=str(time[1:][np.diff(time.asi8) < 0][0].date())))
    if len(time) < 2:
        raise LayerError(Problem("drought.step", thing, days=0.0))
    usual = float(np.median(np.diff(time.asi8))) / (86_400e9 if time.unit == "ns" else _per_day(time.unit))
    if usual == 1.0:
        whole = pd.date_range(time[0], time[-1], freq="D", unit=time.unit)
        if whole.get_indexer(time).min() >= 0:
            return "day", whole
    months = pd.PeriodIndex(time, freq="M")
    if months.is_unique and usual >= 28.0:
        # Where every year has the same months only, the others are gaps.
        every = pd.period_range(months[0], months[-1], freq="M")
        stamps = every.to_timestamp().as_unit(time.unit).to_series(index=every)
        stamps[months] = time
        return "month", pd.DatetimeIndex(stamps.to_numpy())
    raise LayerError(Problem("drought.step", thing, days=usual))


def _per_day(unit: str) -> float:
    return {"us": 86_400e6, "ms": 86_400e3, "s": 86_400.0}[unit]


def _check_range(numbers: Array, element: str, thing: Phrase | str, step: str, *, negative: bool) -> None:
    """Refuse a series in another unit; single values that no day or month can show are missing."""
    scaled = numbers / (_MONTH if step == "month" and not negative else 1.0)
    beyond = impossible(scaled, element) & np.isfinite(numbers)
    known = int(np.isfinite(numbers).sum())
    if beyond.any() and (too_many_impossible(beyond.sum(), known) or not negative):
        raise LayerError(range_problem(numbers[beyond], known, element, thing))


def _check_unit(numbers: Array, element: str, thing: Phrase | str, step: str, *, stated: bool) -> None:
    """Refuse a series in another unit though each value is possible; where it says so itself, it is told."""
    statistic, value, low, high = "largest", float(np.max(numbers, initial=0.0, where=np.isfinite(numbers))), 0.0, 0.0
    if step == "day":
        odd = unusual(numbers, element)
        statistic, value, low, high = (odd.statistic, odd.value, odd.low, odd.high) if odd else ("", 0.0, 0.0, 0.0)
    elif element == "precipitation" and value > 0 and numbers.size >= _MONTHS:
        low, high = _LEAST_WETTEST, _MONTH * possible_range(element)[1]
    else:
        return
    if low <= value <= high:
        return
    problem = Problem(
        "weather.stated_unit" if stated else "weather.other_unit", thing, severity="warning" if stated else "error",
        variable=element, units=element_units()[element], value=value, low=low, high=high,
        statistic=Phrase(f"usual_{statistic}"),
    )  # fmt: skip
    if not stated:
        raise LayerError(problem)
    note(problem)


def _tell_gap(numbers: Array, time: pd.DatetimeIndex, thing: Phrase | str) -> None:
    """Tell of the longest time inside a series without a value, where it lasts two months or more."""
    known = np.isfinite(numbers).reshape(-1, len(time)).any(axis=0)
    days = time[np.flatnonzero(known)]
    if len(days) < 2:
        return
    steps = np.diff(days.to_numpy()).astype("timedelta64[D]").astype(int)
    at = int(steps.argmax())
    if steps[at] > _LONG_GAP + _MONTH:
        values: dict[str, Any] = {"days": int(steps[at]) - 1, "last": f"{days[at]:%Y-%m-%d}"}
        note(Problem("drought.gap", thing, severity="warning", **values, next=f"{days[at + 1]:%Y-%m-%d}"))


def _contained(made: Array, value: Any, layer: xr.DataArray) -> Any:
    """Values with time last, in the container that they came in."""
    if isinstance(value, xr.DataArray):
        dims = [dim for dim in layer.dims if dim != "time"]
        coords = {name: coord for name, coord in layer.coords.items() if "time" not in coord.dims}
        out = xr.DataArray(made, dims=[*dims, "time"], coords={**coords, "time": layer["time"]})
        return out.transpose(*layer.dims).assign_attrs(units="1")
    if isinstance(value, pd.Series):
        return pd.Series(made, index=value.index)
    return np.moveaxis(made, -1, 0)


def group_days(time: pd.DatetimeIndex, step: str) -> tuple[Array, int]:
    """Number of the month (0..11) or of the day of a year without 29 February (0..364), and how many there are."""
    if step == "month":
        return np.asarray(time.month - 1), 12
    day = time.dayofyear.to_numpy()
    late = time.is_leap_year & (day >= 60)
    # The 29th of February goes with the 28th.
    return np.asarray(day - 1 - late), 365
