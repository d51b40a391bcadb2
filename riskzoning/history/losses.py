"""Recorded losses by year and hazard of the study."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.inputs import check_columns


def annual_losses(
    records: pd.DataFrame,
    *,
    hazard: str = "hazard",
    year: str = "year",
    loss: str = "loss",
    units: str = "yuan",
    first: int | None = None,
    last: int | None = None,
) -> pd.DataFrame:
    """Recorded loss of every year by hazard of the study, from records by place, year and kind of disaster.

    Parameters
    ----------
    records : DataFrame
        One row for each place, year and hazard, or for each event.
    hazard, year, loss : str
        Columns; the names of hazards are those of the table ``history/hazards``.
    units : str
        Of the losses: yuan, 万元 ...
    first, last : int, optional
        Years to take; default all. A year in which no row of any hazard stands is left out, with a warning.

    Returns
    -------
    DataFrame
        Index ``year``, a column for each hazard that has a row, yuan; 0 in years without a record of that hazard.

    Raises
    ------
    LayerError
        A column is missing, or holds no number or a negative one.
    UnitsError
        The unit is no money.

    Examples
    --------
    >>> rows = {"year": [2019, 2019, 2020], "hazard": ["洪涝", "FLOOD", "干旱"], "loss": [3.0, 1.0, 5.0]}
    >>> annual_losses(pd.DataFrame(rows), units="万元")
           flood
    year
    2019  40000.0
    2020      0.0
    """
    thing = Phrase("losses_recorded")
    check_columns(records, (hazard, year, loss), thing)
    years, amounts = (pd.to_numeric(records[name], errors="coerce") for name in (year, loss))
    wrong = ~((amounts >= 0) & years.notna()).to_numpy()
    if wrong.any():
        rows = [f"{records[loss].iloc[at]} ({at + 1})" for at in np.flatnonzero(wrong)[:20]]
        raise LayerError(Problem("history.amounts", thing, field=loss, count=int(wrong.sum()), rows=rows))
    yuan = standards.convert_units(amounts.to_numpy(dtype=np.float64), units, "loss", thing=thing)
    known = {str(word): name for name, words in standards.table("history/hazards").data.items() for word in words}
    labels = records[hazard].astype(str).str.strip()
    tidy = pd.DataFrame({"year": years.astype(int), "hazard": labels.map(known), "loss": yuan})
    tidy = tidy[(tidy["year"] >= (first or -9999)) & (tidy["year"] <= (last or 9999))]
    strange = list(dict.fromkeys(labels[labels.map(known).isna()]))
    if strange:
        note(Problem("dropped.history", thing, severity="info", kinds=strange))
    note_gaps(tidy["year"].drop_duplicates(), thing)
    table = tidy.dropna().pivot_table(index="year", columns="hazard", values="loss", aggfunc="sum", fill_value=0.0)
    return table.reindex(sorted(tidy["year"].unique()), fill_value=0.0).rename_axis(columns=None)


def note_gaps(years: pd.Series[Any], thing: Phrase) -> None:
    """Tell the years between the first and the last that have no row."""
    have = {int(one) for one in years}
    gaps = [one for one in range(min(have, default=0), max(have, default=0)) if one not in have]
    if gaps:
        note(Problem("history.gaps", thing, severity="warning", count=len(gaps), years=gaps))
