"""Events by class of a hazard: what of them and what of the ground lies in each class, from the highest down."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

COLUMNS = [
    "hazard", "events", "grade", "event_count", "event_share", "area_km2", "area_share", "frequency_ratio",
    "event_share_above", "area_share_above", "n", "period", "sample",
]  # fmt: skip


def by_class(
    counts: pd.Series[float], areas: pd.Series[float], called: tuple[str, str], about: tuple[str, str]
) -> pd.DataFrame:
    """Events and ground by grade; the shares in this class and those above it are the success-rate curve.

    ``counts`` and ``areas`` are indexed by grade; grade 0 (no data) is left out of both. ``called``: the hazard and
    the events; ``about``: their period, and whether the classes were fitted to them.
    """
    grades = sorted(int(grade) for grade in areas.index if int(grade) > 0)
    area, count = areas.reindex(grades).fillna(0.0), counts.reindex(grades).fillna(0.0)
    table = pd.DataFrame({"grade": grades, "event_count": count.to_numpy(), "area_km2": area.to_numpy()})
    of_events, of_area = count.to_numpy() / max(count.sum(), 1e-300), area.to_numpy() / max(area.sum(), 1e-300)
    table["event_share"], table["area_share"] = of_events, of_area
    table["frequency_ratio"] = np.divide(of_events, of_area, out=np.full(len(grades), np.nan), where=of_area > 0)
    table["event_share_above"] = of_events[::-1].cumsum()[::-1]
    table["area_share_above"] = of_area[::-1].cumsum()[::-1]
    (hazard, events), (period, sample) = called, about
    table = table.assign(hazard=hazard, events=events, n=float(count.sum()), period=period, sample=sample)
    return table[COLUMNS].iloc[::-1].reset_index(drop=True)


def rises(table: pd.DataFrame) -> bool:
    """Whether the frequency ratio never falls from one class to the next higher; classes without ground are passed."""
    ratio = table.sort_values("grade")["frequency_ratio"].dropna().to_numpy()
    return bool(len(ratio) > 1 and np.all(np.diff(ratio) >= 0))


def gathered(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """All of them under each other; with the columns where there is none."""
    parts = [table for table in tables if len(table)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
