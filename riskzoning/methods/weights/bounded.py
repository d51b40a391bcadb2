"""Indices of events whose factors are scaled by bounds that are fixed in data: they compare places and years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.errors import ConfigError, LayerError, Phrase, Problem, StandardTableError
from riskzoning.layers.plausible import takes
from riskzoning.methods.weights.normalisation import check_weights

_TABLE = "weights/event_bounds"


@takes()
def bounded_index(
    events: pd.DataFrame,
    bounds: Mapping[str, Sequence[float]],
    weights: Mapping[str, float],
    *,
    clip: bool = False,
) -> pd.Series[float]:
    """Index of events (过程强度指数): sum of w (x - low) / (high - low), with bounds that nobody's data move.

    An event at all lower bounds has index 0 like a year without one; beyond the bounds the index goes on beyond 0..1
    unless it is clipped.

    Parameters
    ----------
    events : DataFrame
        One row an event, one column a factor; other columns are left alone. NaN gives NaN.
    bounds : mapping factor -> (low, high)
    weights : mapping factor -> weight
        Sum 1.
    clip : bool
        Hold every factor within its bounds.

    Returns
    -------
    Series
        By the index of the events.

    Raises
    ------
    ConfigError
        Bounds or weights do not fit.
    LayerError
        A factor is no column of the events.

    Examples
    --------
    >>> rain = pd.DataFrame({"total_mm": [800], "largest_day_mm": [150], "stations": [12], "days": [2]})
    >>> rule = event_bounds("rain_region")
    >>> bounded_index(rain, rule["factors"], rule["weights"]).round(6).tolist()
    [0.297805]
    """
    names = list(bounds)
    thing = Phrase("event_factors")
    shares = check_weights(weights, names, thing=Phrase("weights"))
    pairs = np.array([_pair(name, bounds[name], thing) for name in names])
    missing = [name for name in names if name not in events.columns]
    if missing:
        present = [str(name) for name in events.columns]
        raise LayerError(Problem("weights.factors", thing, missing=missing, present=present))
    scaled = (events[names].to_numpy(np.float64) - pairs[:, 0]) / (pairs[:, 1] - pairs[:, 0])
    if clip:
        scaled = np.clip(scaled, 0.0, 1.0)
    return pd.Series(scaled @ shares, index=events.index, name="index")


def _pair(name: str, pair: Sequence[float], thing: Phrase) -> tuple[float, float]:
    low, high = (float(pair[0]), float(pair[1])) if len(pair) == 2 else (np.nan, np.nan)
    if not low < high:
        raise ConfigError(Problem("weights.bounds", thing, what=f"{name}: {list(pair)}"))
    return low, high


@takes()
def yearly_index(index: pd.Series[float], years: Sequence[int] | pd.Series[int], *, of: Iterable[int]) -> float:
    """Mean of the yearly sums of event indices over ALL years with data: a year without an event counts as 0.

    Parameters
    ----------
    index : Series
        Index of each event, as of :func:`bounded_index`.
    years : sequence
        Year of each event.
    of : iterable of int
        All years that have data.

    Raises
    ------
    LayerError
        An event lies in none of these years.

    Examples
    --------
    >>> yearly_index(pd.Series([0.3, 0.2, 0.4]), [2001, 2001, 2003], of=range(2001, 2004))
    0.3
    """
    known = sorted({int(year) for year in of})
    sums = pd.Series(np.asarray(index, dtype=np.float64)).groupby(np.asarray(years, dtype=int)).sum()
    beyond = [int(year) for year in sums.index if int(year) not in known]
    if beyond or not known:
        raise LayerError(Problem("weights.years", Phrase("event_factors"), count=len(beyond), years=beyond))
    return round(float(sums.sum() / len(known)), 12)


@takes()
def event_bounds(kind: str) -> Mapping[str, Mapping[str, Sequence[float]]]:
    """Factors with their bounds, weights and breaks of one kind of event, from the table ``weights/event_bounds``.

    Parameters
    ----------
    kind : str
        ``rain_region``, ``continuous_rain_station``, ``cooling_station`` ...

    Examples
    --------
    >>> event_bounds("cooling_station")["factors"]["drop_degc"]
    [6, 19.4]
    """
    table = standards.table(_TABLE).data
    if kind not in table or kind == "classes":
        known = [name for name in table if name != "classes"]
        raise StandardTableError(Problem("weights.event_kind", Phrase("table", name=_TABLE), kind=kind, known=known))
    rule: Mapping[str, Mapping[str, Sequence[float]]] = table[kind]
    return rule
