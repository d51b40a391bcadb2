"""An inventory of danger points (隐患点) and of what happened, checked and graded row by row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.codes import code_texts
from riskzoning.errors import Phrase, Problem, note
from riskzoning.hazards.cells import Array
from riskzoning.hazards.geology.grading import event_grade, threat_grade, volume_grade
from riskzoning.layers.plausible import takes
from riskzoning.numerals import number

_TABLE = "hazards/geology_sites"
_YES, _NO = ("1", "1.0", "是", "有", "yes", "true", "y"), ("0", "0.0", "否", "无", "no", "false", "n")
# Between three digits and the next three.
_THOUSANDS = re.compile(r"(?<=\d)[,，](?=\d{3}(?:\D|$))")


@takes()
def graded_sites(points: gpd.GeoDataFrame, columns: Mapping[str, str] | None = None) -> gpd.GeoDataFrame:
    """Danger points with their grades of threat (险情), of what happened (灾情) and of volume (规模), and what is odd.

    Parameters
    ----------
    points : GeoDataFrame
        A row a site; columns by their usual names in Chinese or English (``hazards/geology_sites``).
    columns : mapping, optional
        Where they have other names: ``type name people exposed_people potential_loss deaths direct_loss volume`` ->
        column. Money in 10^4 yuan, volume in m3. ``river_blocked`` and ``route_cut`` (yes or no) count only where they
        are named here (:func:`threat_grade`).

    Returns
    -------
    GeoDataFrame
        The rows with ``threat_grade event_grade volume_grade`` (1 小型 .. 4 特大型; NaN where nothing says) and
        ``flags``: ``upper_bound`` (only the exposed are known, not those who must be relocated), ``unknown_type``,
        ``duplicate`` (same name and type within 50 m of an earlier row), ``swapped`` (longitude and latitude),
        ``no_place``, ``unreadable`` (persons, money or volume that are no number of 0 or more, taken as missing),
        ``money`` (more than 10^10 yuan, or 10^8 a person threatened: probably written in yuan).

    Examples
    --------
    >>> sites = gpd.GeoDataFrame({"灾害类型": ["滑坡"], "需搬迁转移人数": [120], "体积m3": [2e5]},
    ...                          geometry=gpd.points_from_xy([113.7], [35.5]), crs="EPSG:4490")
    >>> graded_sites(sites)[["threat_grade", "volume_grade", "flags"]].values.tolist()
    [[2.0, 2.0, []]]
    """
    rule = standards.table(_TABLE).data
    named = {what: _column(points, known, (columns or {}).get(what)) for what, known in rule["columns"].items()}
    value = {what: _numbers(points, column) for what, column in named.items()}
    relocated, exposed = value["people"], value["exposed_people"]
    people = relocated.where(relocated.notna(), exposed)
    kinds = code_texts(points[named["type"]]) if named["type"] else pd.Series("", index=points.index)
    kinds = pd.Series(kinds, index=points.index, dtype=object).fillna("").astype(str).str.strip()
    blocked = {name: _said(points, (columns or {}).get(name)) for name in ("river_blocked", "route_cut")}
    if not any(named[what] for what in value if what not in ("type", "name")) and not any(
        one is not None for one in blocked.values()
    ):
        listed = [str(name) for name in points.columns if name != points.geometry.name]
        note(Problem("geology.site_no_criteria", Phrase("geology_sites"), severity="warning", columns=listed))
    out = points.assign(
        threat_grade=threat_grade(
            people=people.to_numpy(), potential_loss=value["potential_loss"].to_numpy(), **blocked
        ),
        event_grade=event_grade(deaths=value["deaths"].to_numpy(), direct_loss=value["direct_loss"].to_numpy()),
        volume_grade=_volumes(value["volume"] / 1e4, kinds),
    )
    marks = {
        "upper_bound": relocated.isna() & exposed.notna(),
        "unknown_type": ~kinds.isin(rule["types"]) if named["type"] else pd.Series(False, index=points.index),
        "duplicate": _duplicates(points, named, kinds),
        "swapped": _swapped(points),
        "no_place": points.geometry.isna() | points.geometry.is_empty,
        "unreadable": _unreadable(points, named, value),
        "money": _too_much(value, people, rule),
    }
    out["flags"] = [[name for name, mark in marks.items() if mark.iloc[row]] for row in range(len(points))]
    for name, mark in marks.items():
        if mark.any():
            rows = [str(at) for at in np.flatnonzero(mark.to_numpy()) + 1]
            note(
                Problem(
                    f"geology.site_{name}",
                    Phrase("geology_sites"),
                    severity="warning",
                    count=int(mark.sum()),
                    rows=rows,
                )
            )
    return out


def _column(points: gpd.GeoDataFrame, known: Sequence[str], own: str | None) -> str | None:
    names = [own] if own is not None else known
    return next((name for name in names if name in points.columns), None)


def _numbers(points: gpd.GeoDataFrame, column: str | None) -> pd.Series[Any]:
    """Values of a column as numbers; NaN without it, where it is no number, and below 0."""
    if column is None:
        return pd.Series(np.nan, index=points.index)
    values = points[column].map(_plain)
    return values.where(values >= 0)


def _plain(cell: object) -> float:
    """A cell as a number; thousands may be parted by commas."""
    return number(_THOUSANDS.sub("", cell) if isinstance(cell, str) and not cell.strip().endswith("%") else cell)


def _said(points: gpd.GeoDataFrame, column: str | None) -> Array | None:
    """1 where a column says yes, 0 where it says no, NaN where it says nothing; None without one."""
    if column is None or column not in points.columns:
        return None
    words = points[column].map(lambda cell: str(cell).strip().lower() if pd.notna(cell) else "")
    yes, no = words.isin(_YES), words.isin(_NO)
    return np.where(yes, 1.0, np.where(no, 0.0, np.nan))


def _too_much(value: Mapping[str, pd.Series[Any]], people: pd.Series[Any], rule: Mapping[str, Any]) -> pd.Series[Any]:
    """Rows whose money was probably written in yuan."""
    threatened, lost = value["potential_loss"], value["direct_loss"]
    each, most = threatened / people.where(people > 0), float(rule["money_most"])
    return (threatened > most) | (lost > most) | (each > float(rule["money_per_person"]))


def _unreadable(
    points: gpd.GeoDataFrame, named: Mapping[str, str | None], value: Mapping[str, pd.Series[Any]]
) -> pd.Series[Any]:
    """Rows where something is written that was not read."""
    out = pd.Series(False, index=points.index)
    for what, numbers in value.items():
        column = named[what]
        if column is not None and what not in ("type", "name"):
            written = points[column].notna() & (points[column].astype(str).str.strip() != "")
            out |= written & numbers.isna()
    return out


def _volumes(volume: pd.Series[Any], kinds: pd.Series[Any]) -> Any:
    table = standards.table("hazards/geology_grades").data
    known = {*table["volume"], *table["volume_kinds"]}
    out, below = np.full(len(volume), np.nan), (volume < 0).to_numpy()
    if below.any():  # One row must not keep a whole register from being graded.
        values: dict[str, Any] = {"count": int(below.sum()), "value": float(volume[below].min())}
        note(Problem("geology.negative", Phrase("column", name=str(volume.name)), severity="warning", **values))
    for kind in set(kinds) & known:
        rows = (kinds == kind).to_numpy() & ~below
        out[rows] = volume_grade(volume.to_numpy()[rows], kind)
    return out


def _duplicates(points: gpd.GeoDataFrame, named: Mapping[str, str | None], kinds: pd.Series[Any]) -> pd.Series[Any]:
    """Rows with the name and type of an earlier one, nearer to it than the limit."""
    out = pd.Series(False, index=points.index)
    placed = points[~(points.geometry.isna() | points.geometry.is_empty | _swapped(points))]
    if named["name"] is None or not len(placed) or placed.crs is None:
        return out
    metric = placed.geometry.representative_point().to_crs(placed.estimate_utm_crs())
    near = float(standards.table(_TABLE).data["duplicate_m"])
    key = placed[named["name"]].astype(str) + "|" + kinds[placed.index]
    for _, group in metric.groupby(key.to_numpy()):
        x, y = group.x.to_numpy(), group.y.to_numpy()
        close = np.tril(np.hypot(x[:, None] - x, y[:, None] - y) < near, -1).any(axis=1)
        out[group.index[close]] = True
    return out


def _swapped(points: gpd.GeoDataFrame) -> pd.Series[Any]:
    """In degrees, and longitude and latitude of China have changed places."""
    if points.crs is None or not points.crs.is_geographic:
        return pd.Series(False, index=points.index)
    place = points.geometry.representative_point()
    return place.x.between(3, 54) & place.y.between(73, 136)
