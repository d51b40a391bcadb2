"""Events of the record: how strong each was, how often they come, how much each hazard weighs."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.inputs import check_columns


def event_intensity(events: pd.DataFrame) -> pd.Series[float]:
    """Intensity 0..1 of events: mean over the measures of log(1 + x), each stretched to 0..1 over these events.

    Parameters
    ----------
    events : DataFrame
        One row an event; of ``dead_missing`` and ``affected`` (persons), ``crop_affected`` (ha), ``collapsed`` (rooms),
        ``loss`` (万元) what was recorded. An empty cell is unknown: the event is told by its other measures.

    Returns
    -------
    Series
        Index of the events; NaN without any measure. A measure that is the same for all events adds 0.

    Raises
    ------
    LayerError
        No measure is there, or a value is negative.

    Examples
    --------
    >>> events = pd.DataFrame({"affected": [0, 99, 9999], "loss": [0.0, 9.0, 99.0]}, index=["a", "b", "c"])
    >>> event_intensity(events).round(3).to_dict()
    {'a': 0.0, 'b': 0.5, 'c': 1.0}
    """
    measures = [name for name in standards.table("history/intensity").data if name in events.columns]
    thing = Phrase("events_recorded")
    if not measures:
        check_columns(events, standards.table("history/intensity").data, thing)
    values = events[measures].astype(np.float64)
    negative = (values < 0).any(axis=1)
    if negative.any():
        rows = [str(label) for label in events.index[negative]]
        raise LayerError(Problem("history.negative", thing, count=len(rows), rows=rows))
    logs = np.log1p(values)
    low, span = logs.min(), logs.max() - logs.min()
    stretched = (logs - low) / span.where(span > 0, 1.0)
    return stretched.mean(axis=1).rename("intensity")


def frequency(years: Sequence[int] | pd.Series[int], observed: Collection[int]) -> float:
    """Events a year: the events in observed years over the number of these years.

    Parameters
    ----------
    years : sequence of int
        Year of each event.
    observed : collection of int
        Years with a record, also those in which nothing happened; a year without a record is not observed.

    Returns
    -------
    float
        NaN when no year was observed.

    Examples
    --------
    >>> frequency([2001, 2001, 2003], observed=[2001, 2002, 2003, 2004])
    0.75
    """
    seen = set(map(int, observed))
    if not seen:
        return float("nan")
    return sum(int(year) in seen for year in years) / len(seen)


def hazard_weights(totals: pd.DataFrame) -> pd.DataFrame:
    """Weights of hazards from what they did: .5 share of the loss, .3 of the people affected, .2 of the dead.

    Parameters
    ----------
    totals : DataFrame
        Index: hazard; ``loss``, ``affected``, ``dead_missing`` (a measure that is missing, or 0 for all hazards, hands
        its part to the others, which is noted).

    Returns
    -------
    DataFrame
        ``loss_share affected_share dead_missing_share weight``; weights sum to 1.

    Raises
    ------
    LayerError
        Nothing was lost at all.

    Examples
    --------
    >>> totals = pd.DataFrame({"loss": [6.0, 4], "affected": [500, 500], "dead_missing": [0, 10]}, index=["F", "E"])
    >>> hazard_weights(totals)["weight"].round(3).to_dict()
    {'F': 0.45, 'E': 0.55}
    """
    parts = dict(standards.table("history/weights").data)
    sums = {str(name): float(totals[str(name)].sum()) for name in parts if name in totals.columns}
    used = {name: part for name, part in parts.items() if sums.get(name, 0.0) > 0}
    thing = Phrase("losses_recorded")
    if not used:
        raise LayerError(Problem("history.no_loss", thing, measures=list(parts)))
    if len(used) < len(parts):
        lacking = [name for name in parts if name not in used]
        note(Problem("history.weight_parts", thing, severity="info", measures=lacking))
    shares = {name: totals[name].fillna(0.0).astype(np.float64) / sums[name] for name in used}
    out = pd.DataFrame({f"{name}_share": shares.get(name, np.nan) for name in parts}, index=totals.index)
    out["weight"] = sum(shares[name] * part for name, part in used.items()) / sum(used.values())
    return out
