"""Which unit of one run is which of the other: the same code, a code that replaced it, or none."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskzoning import standards
from riskzoning.admin.codes import current_code
from riskzoning.codes import unit_names
from riskzoning.comparison.runs import ComparedRun

# Of the ground of a unit: less is the inaccuracy of two drawings of one border.
_LEAST_SHARE = 0.02


@dataclass(frozen=True)
class Matched:
    """Units in both runs, by their codes before and after; those of one run only; what is said of changed ones."""

    before: list[str]
    after: list[str]
    gone: list[str]
    new: list[str]
    said: dict[str, str]


def matched(before: ComparedRun, after: ComparedRun) -> Matched:
    """Units by code, or by the table of replaced codes; renamed, new, lost, split and merged ones are told."""
    old, new = list(map(str, before.units.index)), list(map(str, after.units.index))
    taken = set(old) & set(new)
    with standards.session({**before.tables, **after.tables}):
        followed = {code: current_code(code) for code in old if code not in taken}
    pairs = {code: code for code in old if code in taken}
    for code, successor in followed.items():
        if successor in set(new) - taken and successor not in pairs.values():
            pairs[code] = successor
    order = {code: place for place, code in enumerate(new)}
    sides = sorted(pairs.items(), key=lambda pair: order[pair[1]])
    lost = [code for code in old if code not in pairs]
    fresh = [code for code in new if code not in set(pairs.values())]
    said = {now: f"{was} → {now}" for was, now in sides if was != now}
    said |= _renamed(before, after, dict(sides))
    said |= _ground(before.shapes, after.shapes, fresh, "{} ← {}")
    said |= _ground(after.shapes, before.shapes, lost, "{} → {}")
    return Matched([was for was, _ in sides], [now for _, now in sides], lost, fresh, said)


def _renamed(before: ComparedRun, after: ComparedRun, pairs: dict[str, str]) -> dict[str, str]:
    """Units whose name is another one."""
    old, new = unit_names(before.units), unit_names(after.units)
    said = {}
    for was, now in pairs.items():
        if was == now and old[was] != new[now] and was not in (old[was], new[now]):
            said[now] = f"{old[was]} → {new[now]}"
    return said


def _ground(
    from_: gpd.GeoSeries | None, shapes: gpd.GeoSeries | None, codes: list[str], form: str
) -> dict[str, str]:  # fmt: skip
    """Of which units of the other run the ground of a unit is made, with their shares."""
    if from_ is None or shapes is None or not codes:
        return dict.fromkeys(codes, "")
    others = from_.to_crs(shapes.crs)
    length = {code: len(code) for code in map(str, others.index)}
    tree = shapely.STRtree(others.to_numpy())
    said = {}
    for code in codes:
        own = shapes[code]
        near = tree.query(own, predicate="intersects")
        shares = shapely.area(shapely.intersection(others.to_numpy()[near], own)) / own.area
        parts = pd.Series(shares, index=others.index[near].astype(str)).sort_values(ascending=False, kind="stable")
        # A township is made of townships: those above it hold all of it and say nothing.
        kept = parts[[length[name] == len(code) for name in parts.index] & np.asarray(parts >= _LEAST_SHARE)]
        listed = ", ".join(f"{name} {share:.0%}" for name, share in kept.items())
        said[code] = form.format(code, listed) if listed else ""
    return said
