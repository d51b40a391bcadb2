"""Agricultural drought (农业干旱): what crops need, what rain lacks of it (CWDI), and what a season adds up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.cells import Array, Cells, by_cell
from riskzoning.hazards.drought.processes import daily_index, labels_of
from riskzoning.hazards.drought.series import Daily, Dates, series_of
from riskzoning.layers.plausible import takes


def crop_rule(key: str) -> Any:
    """An entry of ``hazards/drought_crops``."""
    return standards.table("hazards/drought_crops").data[key]


@takes()
def crop_coefficient(crop: str, dates: pd.DatetimeIndex) -> Array:
    """Crop coefficient Kc of each day (作物系数); NaN outside the months of the crop.

    Parameters
    ----------
    crop : str
        A row of ``hazards/drought_crops``: ``wheat`` (the national calculator), ``wheat_henan`` (that of Henan),
        ``maize``; the two tables for wheat differ by up to 0.33.
    dates : DatetimeIndex

    Raises
    ------
    LayerError
        The table has no such crop.

    Examples
    --------
    >>> crop_coefficient("wheat", pd.DatetimeIndex(["2001-04-10", "2001-08-10"])).tolist()
    [1.4, nan]
    """
    return monthly_coefficients(crop, None)[dates.month.to_numpy() - 1]


def monthly_coefficients(crop: str, own: Mapping[int, float] | None) -> Array:
    """Kc of January to December, those of the table or one's own; NaN in months without the crop."""
    rows = crop_rule("kc")
    if own is None and crop not in rows:
        raise LayerError(Problem("drought.method", Phrase("argument", name="crop"), given=crop, known=list(rows)))
    of_month = {int(month): float(value) for month, value in (rows[crop] if own is None else own).items()}
    return np.array([of_month.get(month, np.nan) for month in range(1, 13)])


@takes()
def water_deficit(precipitation: Cells, requirement: Cells) -> Any:
    """Share of what a crop needs that rain does not give, %: (1 - P / ETc) x 100, 0 where rain exceeds the need.

    Parameters
    ----------
    precipitation, requirement : number, array, Series or DataArray
        mm in the same period; the requirement is ETc = Kc x ET0.

    Returns
    -------
    float, array, Series or DataArray
        0..100; NaN where a value is missing or the crop needs nothing.

    Examples
    --------
    >>> water_deficit(np.array([0.0, 15.0, 40.0]), np.array([30.0, 30.0, 30.0])).tolist()
    [100.0, 50.0, 0.0]
    """
    return by_cell(_deficit, precipitation, requirement)


def _deficit(rain: Array, need: Array) -> Any:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(need > 0, np.clip((1.0 - rain / need) * 100.0, 0.0, 100.0), np.nan)


@takes()
def weighted_deficit(decades: Sequence[float] | Array) -> Any:
    """Crop water deficit index of five ten-day periods (CWDI), the latest last: weights 0.10 0.15 0.20 0.25 0.30.

    Parameters
    ----------
    decades : array, last axis of 5
        % in each period, the oldest first.

    Examples
    --------
    >>> weighted_deficit([45.0, 60.0, 50.0, 40.0, 30.0])
    42.5
    """
    values = np.asarray(decades, dtype=np.float64)
    weights = np.asarray(crop_rule("decades"), dtype=np.float64)[::-1]
    if values.shape[-1] != weights.size:
        thing = Phrase("argument", name="decades")
        raise LayerError(Problem("drought.decades", thing, count=values.shape[-1], wanted=weights.size))
    out = values @ weights
    return out if np.ndim(out) else float(out)


@takes()
def crop_water_deficit(
    precipitation: Cells,
    evapotranspiration: Cells,
    *,
    crop: str = "wheat",
    dates: Dates | None = None,
    coefficients: Mapping[int, float] | None = None,
) -> Any:
    """Crop water deficit index of every day (作物水分亏缺指数, CWDI, GB/T 32136) over the last five ten-day periods.

    Parameters
    ----------
    precipitation : array, Series or DataArray
        mm a day, time as for :func:`spi`.
    evapotranspiration : as ``precipitation``
        Reference evapotranspiration, mm a day (:func:`potential_evapotranspiration`, :func:`penman_monteith`).
    crop : str
        As for :func:`crop_coefficient`.
    dates : array of dates, optional
    coefficients : mapping month -> Kc, optional
        Instead of those of the table.

    Returns
    -------
    same container
        %, 0..100; NaN where a day of the 50 is missing or the crop does not stand.

    Examples
    --------
    >>> days = pd.date_range("2001-03-01", "2001-05-31")
    >>> dry = pd.Series(0.0, days)
    >>> crop_water_deficit(dry, dry + 4.0).dropna().unique().tolist()
    [100.0]
    """
    rain = series_of(precipitation, dates, element="precipitation", negative=False)
    potential = series_of(evapotranspiration, dates)
    if not rain.time.equals(potential.time) or rain.values.shape != potential.values.shape:
        spans = [f"{one.time[0].date()}..{one.time[-1].date()}" for one in (rain, potential)]
        raise LayerError(Problem("drought.pair", potential.thing, precipitation=spans[0], temperature=spans[1]))
    return rain.back(daily_deficit(rain, potential, crop=crop, coefficients=coefficients))


def daily_deficit(
    rain: Daily, potential: Daily, *, crop: str, coefficients: Mapping[int, float] | None = None
) -> Array:
    """CWDI of days with time last."""
    if rain.step != "day":
        raise LayerError(Problem("drought.daily", rain.thing))
    kc_of_month = monthly_coefficients(crop, coefficients)
    kc = kc_of_month[rain.time.month.to_numpy() - 1]
    days, weights = int(crop_rule("decade_days")), np.asarray(crop_rule("decades"), dtype=np.float64)
    # Before it is sown the ground loses what it loses in the first month of the crop.
    start = float(kc_of_month[int(crop_rule("season")[crop][0][:2]) - 1]) if crop in crop_rule("season") else np.nan
    need = potential.values * np.where(np.isfinite(kc), kc, start)
    whole = np.full(rain.values.shape, 0.0)
    deficits = np.asarray(water_deficit(_sums(rain.values, days), _sums(need, days)))
    for number, weight in enumerate(weights):
        shifted = np.full(deficits.shape, np.nan)
        back = number * days
        shifted[..., back:] = deficits[..., : deficits.shape[-1] - back]
        whole += weight * shifted
    # A day counts for the crop that stands on it.
    return np.where(np.isfinite(kc), whole, np.nan)


def _sums(values: Array, days: int) -> Array:
    out = np.full(values.shape, np.nan)
    if values.shape[-1] >= days:
        out[..., days - 1 :] = np.lib.stride_tricks.sliding_window_view(values, days, axis=-1).sum(axis=-1)
    return out


@takes()
def season_deficit(
    cwdi: Cells, *, crop: str = "wheat", dates: Dates | None = None, stages: bool = False
) -> pd.DataFrame:
    """What the water deficit of the days has above 40 %, summed over each season of a crop, % d.

    Parameters
    ----------
    cwdi : array, Series or DataArray
        From :func:`crop_water_deficit`; at most one dim beside time.
    crop : str
    dates : array of dates, optional
    stages : bool
        Each day counts with the weight of its growth stage (0.09 to 0.22, winter wheat; 0 after the last of them): the
        weighted sum of the stages' sums, about an eighth of the plain one.

    Returns
    -------
    DataFrame
        ``station``, ``year`` (of the harvest), ``value`` (% d; NaN where the season is not complete), ``complete``. A
        season is summed from its first to its last day, across New Year.

    Examples
    --------
    >>> days = pd.date_range("2000-08-01", "2001-07-31")
    >>> april = pd.Series(np.where(days.month == 4, 50.0, 10.0), days)
    >>> season_deficit(april)[["year", "value"]].values.tolist()
    [[2001.0, 300.0]]
    >>> season_deficit(april, stages=True)["value"].round(6).tolist()
    [60.0]
    """
    series = daily_index(cwdi, dates)
    first, last = crop_rule("season")[crop]
    crosses = int(first > last)
    excess = np.maximum(np.atleast_2d(series.values) - float(crop_rule("deficit_from")), 0.0)
    excess = excess * stage_weights(series.time, crop) if stages else excess
    share = float(crop_rule("min_season_share"))
    rows = []
    for year in range(series.time[0].year, series.time[-1].year + 1):
        begin, end = pd.Timestamp(f"{year - crosses}-{first}"), pd.Timestamp(f"{year}-{last}")
        length = (end - begin).days + 1
        inside = (series.time >= begin) & (series.time <= end)
        if not inside.any():
            continue
        part = excess[:, inside]
        complete = np.isfinite(part).sum(axis=1) >= share * length
        value = np.where(complete, np.nansum(part, axis=1), np.nan)
        rows.append(
            pd.DataFrame({"station": labels_of(cwdi, series), "year": year, "value": value, "complete": complete})
        )
    if not rows:
        return pd.DataFrame(columns=["station", "year", "value", "complete"])
    table = pd.concat(rows, ignore_index=True)
    return table[table["complete"] | table.groupby("year")["complete"].transform("any")].reset_index(drop=True)


def stage_weights(time: pd.DatetimeIndex, crop: str) -> Array:
    """Weight of the growth stage that each day lies in, 0 between the seasons."""
    rows = crop_rule("stages").get(crop.partition("_")[0])
    if rows is None:
        raise LayerError(Problem("drought.stages", Phrase("argument", name="crop"), crop=crop))
    out, day = np.zeros(time.size), time.month.to_numpy() * 100 + time.day.to_numpy()
    for stage in rows:
        first, last = (int(stage[end].replace("-", "")) for end in ("from", "to"))
        inside = (day >= first) & (day <= last) if first <= last else (day >= first) | (day <= last)
        # The 29th of February belongs to the stage around it.
        out[inside] = float(stage["weight"])
    return out


@takes()
def stage_deficit(stages: Sequence[float] | Array) -> Any:
    """Weighted water deficit of the seven growth stages of winter wheat, sowing to harvest (last axis).

    Parameters
    ----------
    stages : array, last axis of 7
        Deficit of each stage, in any unit; a missing stage makes the season missing.

    Examples
    --------
    >>> round(stage_deficit([50.0] * 7), 9)
    50.0
    """
    weights = np.array([float(stage["weight"]) for stage in crop_rule("stages")["wheat"]])
    values = np.atleast_1d(np.asarray(stages, dtype=np.float64))
    if values.shape[-1] != weights.size:
        thing = Phrase("argument", name="stages")
        raise LayerError(Problem("drought.decades", thing, count=values.shape[-1], wanted=weights.size))
    out = values @ weights
    return out if np.ndim(out) else float(out)


@takes()
def deficit_class(cwdi: Cells) -> Any:
    """Class of the crop water deficit of a day (%): 0 none, 1, 2, 3; limits 35 45 55, a value at a limit is the higher.

    Examples
    --------
    >>> deficit_class(np.array([34.9, 35.0, 55.0])).tolist()
    [0.0, 1.0, 3.0]
    """
    return by_cell(partial(_above, limits=np.asarray(crop_rule("day_classes"), dtype=np.float64)), cwdi)


def _above(values: Array, *, limits: Array) -> Any:
    numbers = np.asarray(values, dtype=np.float64)
    return np.where(np.isnan(numbers), np.nan, np.searchsorted(limits, numbers, side="right").astype(np.float64))
