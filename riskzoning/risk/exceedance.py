"""Losses of single years: the largest event (OEP), all events of a year (AEP); losses of units by return period."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskzoning import numerals
from riskzoning.errors import ConfigError, LayerError, Phrase, Problem, note
from riskzoning.layers.plausible import takes

Floats = NDArray[np.float64]
_EVENTS = Phrase("event_set")
# A simulation of more events than that says nothing more, and fills the memory.
_MOST_EVENTS = 50_000_000


@takes()
def simulated_years(
    event_losses: ArrayLike, frequencies: ArrayLike, *, years: int = 10_000, seed: int = 0
) -> pd.DataFrame:
    """Losses of many years in which each event comes by chance (Poisson) as often as its frequency says.

    Parameters
    ----------
    event_losses : sequence of float
        Loss of each event, 0 or more.
    frequencies : sequence of float, or number
        Events per year, none negative; one number serves all events.
    years : int
        Years to simulate.
    seed : int

    Returns
    -------
    DataFrame
        A row for each event that came: ``year`` (0 to years - 1), ``loss``; years without an event have no row.
        ``attrs["years"]`` has their number.

    Raises
    ------
    LayerError
        Losses and frequencies do not match, are negative or missing, or would give too many events.

    Examples
    --------
    >>> made = simulated_years([10.0, 100.0], [0.5, 0.01], years=20_000, seed=1)
    >>> round(float(made["loss"].sum() / 20_000), 1)
    6.0
    """
    loss = np.ravel(np.asarray(event_losses, dtype=np.float64))
    rate = np.ravel(np.asarray(frequencies, dtype=np.float64))
    rate = np.full(loss.shape, rate[0]) if np.ndim(frequencies) == 0 else rate
    bad = loss.shape != rate.shape or not loss.size or not np.isfinite(rate).all() or (rate < 0).any()
    if bad or float(rate.sum()) * years > _MOST_EVENTS or years < 1:
        least = float(rate.min(initial=np.inf))
        raise LayerError(Problem("risk.events", _EVENTS, losses=loss.size, rates=rate.size, least=least))
    if not np.isfinite(loss).all() or loss.min() < 0:
        raise LayerError(Problem("risk.losses", _EVENTS, least=float(loss.min())))
    stream = np.random.default_rng(seed)
    counts = stream.poisson(rate * years)
    year = stream.integers(0, years, size=int(counts.sum()))
    table = pd.DataFrame({"year": year, "loss": np.repeat(loss, counts)})
    table = table.sort_values(["year", "loss"], kind="stable", ignore_index=True)
    table.attrs["years"] = years
    return table


def yearly_curves(losses: pd.DataFrame, *, years: int | None = None) -> pd.DataFrame:
    """Exceedance of single years: the largest loss of a year (OEP) and the sum of a year (AEP) by return period.

    Parameters
    ----------
    losses : DataFrame
        ``year`` and ``loss`` of each event, recorded or from :func:`simulated_years`.
    years : int, optional
        Years of observation, those without an event included; default ``attrs["years"]`` of the table, else the span of
        its years.

    Returns
    -------
    DataFrame
        ``return_period`` (years over rank), ``oep`` and ``aep``, ascending; a row for each year of observation, those
        without a loss first. ``attrs``: ``expected_annual_loss`` = all losses over the years, and ``years``.

    Raises
    ------
    LayerError
        No years, fewer years than have losses, or negative losses.

    Notes
    -----
    AEP is never below OEP, and equal to it where no year has two events. The area under AEP is the expected annual
    loss; OEP leaves out what came beside the largest event.

    Examples
    --------
    >>> events = pd.DataFrame({"year": [2001, 2001, 2004], "loss": [10.0, 5.0, 12.0]})
    >>> yearly_curves(events, years=4)
       return_period   oep   aep
    0       1.000000   0.0   0.0
    1       1.333333   0.0   0.0
    2       2.000000  10.0  12.0
    3       4.000000  12.0  15.0
    """
    known = losses[["year", "loss"]].dropna()
    if len(known) < len(losses):
        note(Problem("dropped.events", _EVENTS, severity="warning", count=len(losses) - len(known)))
    if len(known) and float(known["loss"].min()) < 0:
        raise LayerError(Problem("risk.losses", _EVENTS, least=float(known["loss"].min())))
    by_year = known.groupby("year")["loss"].agg(["max", "sum"])
    span = int(by_year.index.max() - by_year.index.min()) + 1 if len(by_year) else 0
    count = int(years if years is not None else losses.attrs.get("years", span))
    if count < 1 or count < len(by_year):
        raise LayerError(Problem("risk.years", _EVENTS, years=count, with_loss=len(by_year)))
    oep, aep = np.zeros(count), np.zeros(count)
    if len(by_year):
        oep[-len(by_year) :] = np.sort(by_year["max"].to_numpy(dtype=np.float64))
        aep[-len(by_year) :] = np.sort(by_year["sum"].to_numpy(dtype=np.float64))
    curve = pd.DataFrame({"return_period": count / np.arange(count, 0, -1.0), "oep": oep, "aep": aep})
    curve.attrs = {"expected_annual_loss": float(known["loss"].sum()) / count, "years": count}
    return curve


@takes()
def events_of_curve(losses: ArrayLike, return_periods: ArrayLike, *, tail: bool = True, steps: int = 1) -> pd.DataFrame:
    """A curve of losses by return period as a set of events, whose mean yearly loss is that of the trapezoid.

    Parameters
    ----------
    losses : sequence of float
        Loss of each return period.
    return_periods : sequence of float
        Years, in any order.
    tail : bool
        Hold the rarest loss to frequency 0.
    steps : int
        Events between two neighbouring periods, for a finer curve.

    Returns
    -------
    DataFrame
        ``loss`` (the mean between two frequencies) and ``frequency`` (events a year between them), the most frequent
        first. Nothing more frequent than the first period is invented.

    Raises
    ------
    ConfigError, LayerError
        Periods that are none, or as many losses as periods are not given.

    Examples
    --------
    >>> events = events_of_curve([100, 400, 900], [5, 20, 100])
    >>> events["frequency"].round(6).tolist(), events["loss"].tolist()
    ([0.15, 0.04, 0.01], [250.0, 650.0, 900.0])
    >>> round(float((events["loss"] * events["frequency"]).sum()), 6)
    72.5
    """
    periods = np.ravel(numerals.periods(return_periods))
    values = np.ravel(np.asarray(losses, dtype=np.float64))
    numerals.check_periods(periods, Phrase("return_periods"))
    if not periods.size or values.shape != periods.shape or not np.all(np.isfinite(periods) & (periods > 0)):
        raise ConfigError(Problem("risk.return_periods", Phrase("return_periods"), periods=periods.tolist()))
    order = np.argsort(periods)
    p, loss = 1.0 / periods[order], values[order]
    # Linear in the frequency between two periods, as the trapezoid is.
    places = np.arange((p.size - 1) * steps + 1) / steps
    p, loss = (np.interp(places, np.arange(p.size), one) for one in (p, loss))
    last = [loss[-1]] if tail else []
    return pd.DataFrame(
        {
            "loss": np.append((loss[:-1] + loss[1:]) / 2, last),
            "frequency": np.append(p[:-1] - p[1:], [p[-1]] if tail else []),
        }
    )


def losses_at(losses: pd.DataFrame, return_periods: ArrayLike) -> pd.DataFrame:
    """Losses of units at other return periods than those modelled: linear in ln T between them.

    Parameters
    ----------
    losses : DataFrame
        Index: return periods in years, in any order; a column for each unit (or receptor). NaN makes a gap in its unit.
    return_periods : sequence of float
        Periods to read at.

    Returns
    -------
    DataFrame
        Index: the periods asked for; columns as given. 0 for what is more frequent than the first period, NaN, with a
        word, for what is rarer than the last.

    Raises
    ------
    ConfigError
        Periods that are none.

    Examples
    --------
    >>> by_period = pd.DataFrame({"410702": [0.0, 80.0], "410703": [10.0, 40.0]}, index=[10, 100])
    >>> losses_at(by_period, [5, 10, 31.6227766, 100]).round(3)
                410702  410703
    5.000000       0.0     0.0
    10.000000      0.0    10.0
    31.622777     40.0    25.0
    100.000000    80.0    40.0
    """
    own = np.ravel(numerals.periods(losses.index))
    asked = np.ravel(numerals.periods(return_periods))
    thing = Phrase("return_periods")
    for periods in (own, asked):
        if not periods.size or not np.all(np.isfinite(periods) & (periods > 0)):
            raise ConfigError(Problem("risk.return_periods", thing, periods=periods.tolist()))
        numerals.check_periods(periods, thing)
    order = np.argsort(own)
    x, values = np.log(own[order]), losses.to_numpy(dtype=np.float64)[order]
    at = np.log(asked)
    for end in (x[0], x[-1]):
        at[np.isclose(at, end, rtol=0, atol=1e-9)] = end
    columns = [np.interp(at, x, column, left=0.0, right=np.nan) for column in values.T]
    rarer = asked[at > x[-1]]
    if len(rarer):
        note(
            Problem(
                "risk.rarer",
                Phrase("losses_by_period"),
                severity="warning",
                periods=rarer.tolist(),
                last=float(own.max()),
            )
        )
    return pd.DataFrame(np.array(columns).T.reshape(len(asked), -1), index=asked, columns=losses.columns)
