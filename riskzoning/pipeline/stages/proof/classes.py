"""Events by class of a hazard: what of them and what of the ground lies in each class, from the highest down."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from riskzoning.errors import Phrase, Problem, note

# Events that ground of a class would have by its size alone: with so many it is no chance that it has none.
_AWAITED = 5
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


def rises(table: pd.DataFrame) -> float:
    """1 where the frequency ratio never falls from one class to the next higher, else 0; NaN with too few events.

    Classes without ground are passed. Fewer events than classes with ground cannot show it: some have none by need.
    """
    ratio = table.sort_values("grade")["frequency_ratio"].dropna().to_numpy()
    if table["event_count"].sum() < len(ratio):
        return float("nan")
    return float(len(ratio) > 1 and np.all(np.diff(ratio) >= 0))


def tell_classes(table: pd.DataFrame) -> None:
    """Say where events are fewer than classes, and of classes without an event though their ground would have some."""
    for (hazard, events), part in table.groupby(["hazard", "events"], sort=False):
        ground = part[part["area_share"] > 0].sort_values("grade")
        count, thing = float(ground["event_count"].sum()), Phrase("events_named", name=str(events))
        if count < len(ground):
            note(
                Problem(
                    "proof.few_events",
                    thing,
                    severity="warning",
                    hazard=str(hazard),
                    events=int(count),
                    classes=len(ground),
                )
            )
            continue
        # The lowest class is where none are wanted.
        awaited = ground["area_share"] * count
        empty = ground[(ground["event_count"] == 0) & (awaited >= _AWAITED)]
        for grade, share, wanted in zip(empty["grade"], empty["area_share"], awaited.loc[empty.index], strict=True):
            if grade > ground["grade"].min():
                facts: dict[str, Any] = {"hazard": str(hazard), "grade": int(grade)}
                facts |= {"share": float(share), "wanted": float(wanted)}
                note(Problem("proof.empty_class", thing, severity="warning", **facts))


def gathered(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """All of them under each other; with the columns where there is none."""
    parts = [table for table in tables if len(table)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
