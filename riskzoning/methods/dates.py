"""Dates and times as tables of the field write them: ISO, d/m/yyyy, 20210720, spreadsheet serials, HHMM clocks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

__all__ = ["clock_minutes", "parse_dates"]

# In this order: a text is read by the first form that fits.
_DAYS = ("%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%d/%m/%Y")
_FORMS = ("ISO8601", *_DAYS, *(f"{day} {clock}" for day in _DAYS for clock in ("%H:%M", "%H:%M:%S")))
# Days since 1899-12-30: 1927 to 2119.
_SERIALS = (10_000, 80_000)
_DIGITS = (18_000_101, 22_001_231)


def parse_dates(values: ArrayLike) -> pd.Series:
    """Dates of a column, whatever form they have in the file; NaT where there is none.

    Parameters
    ----------
    values : Series or array
        Dates; texts such as ``2021-07-20``, ``2021-07-20 16:30``, ``2021/7/20``, ``2021年7月20日``, ``20/7/2021`` (the
        day comes first) or ``20210720``; numbers such as 20210720, or serials of a spreadsheet (44397).

    Returns
    -------
    Series
        Time stamps with the index of the values. A text that is no date is NaT, never guessed at.

    Examples
    --------
    >>> forms = ["2021-07-20", "2021/7/20", "20/7/2021", 20210720, 44397, "soon"]
    >>> parse_dates(forms).dt.strftime("%y%m%d").tolist()
    ['210720', '210720', '210720', '210720', '210720', nan]
    """
    column = values if isinstance(values, pd.Series) else pd.Series(np.asarray(values, dtype=object))
    if pd.api.types.is_datetime64_any_dtype(column):
        return column
    number = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    out = np.full(len(column), np.datetime64("NaT", "ns"))
    digits = (number == np.floor(number)) & (number >= _DIGITS[0]) & (number <= _DIGITS[1])
    out[digits] = _stamps(pd.Series(number[digits].astype(np.int64).astype(str)), "%Y%m%d")
    serial = (number >= _SERIALS[0]) & (number <= _SERIALS[1])
    out[serial] = np.datetime64("1899-12-30", "ns") + pd.to_timedelta(number[serial], unit="D").to_numpy()
    text = column.astype(str).str.strip()
    open_ = np.isnan(number) & column.notna().to_numpy()
    for form in _FORMS:
        if not open_.any():
            break
        out[open_] = _stamps(text[open_], form)
        open_ &= np.isnat(out)
    return pd.Series(out, index=column.index)


def _stamps(text: pd.Series, form: str) -> Any:
    days = pd.to_datetime(text, format=form, errors="coerce", utc=True)
    return days.dt.tz_localize(None).to_numpy().astype("datetime64[ns]")


def clock_minutes(values: ArrayLike) -> pd.Series:
    """Minutes after midnight of clock times; NaN where there is none.

    Parameters
    ----------
    values : Series or array
        HHMM as number or text (``1630``, ``0450``, 450), ``16:30``, ``16:30:00``, or times.

    Examples
    --------
    >>> clock_minutes([1630, "0450", "16:30", "16:30:00", 2460]).tolist()
    [990.0, 290.0, 990.0, 990.0, nan]
    """
    column = values if isinstance(values, pd.Series) else pd.Series(np.asarray(values, dtype=object))
    text = column.astype(str).str.strip()
    parts = text.str.extract(r"^(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?$").astype(float)
    number = pd.to_numeric(text, errors="coerce")
    hours = parts[0].where(parts[0].notna(), number // 100)
    minutes = parts[1].where(parts[1].notna(), number % 100)
    good = hours.between(0, 23) & minutes.between(0, 59)
    return (hours * 60 + minutes).where(good)
