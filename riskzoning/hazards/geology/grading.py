"""Grades of geological disasters: what happened, what is threatened, volume, debris flow, subsidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.hazards.cells import Array, Cells, by_cell
from riskzoning.layers.plausible import takes
from riskzoning.methods.ladders import Ladder, load_ladder
from riskzoning.numerals import number


@takes()
def event_grade(*, deaths: Cells | None = None, direct_loss: Cells | None = None) -> Any:
    """Grade of a geological disaster that happened (灾情等级): 1 小型, 2 中型, 3 大型, 4 特大型.

    The higher of the grades by deaths and by loss counts. What is threatened has other limits: :func:`threat_grade`.

    Parameters
    ----------
    deaths : number or array, optional
        Persons, missing ones included.
    direct_loss : number or array, optional
        10^4 yuan.

    Returns
    -------
    float or array
        1..4; NaN where both are missing or negative, which is told.

    Raises
    ------
    LayerError
        Neither is given.

    References
    ----------
    地质灾害防治条例, article 4.

    Examples
    --------
    >>> event_grade(deaths=2, direct_loss=600), event_grade(deaths=30)
    (3.0, 4.0)
    """
    return _highest("happened", deaths=deaths, direct_loss=direct_loss)


@takes()
def threat_grade(
    *,
    people: Cells | None = None,
    potential_loss: Cells | None = None,
    river_blocked: Cells | None = None,
    route_cut: Cells | None = None,
) -> Any:
    """Grade of a geological danger point by what it threatens (险情等级): 1 小型, 2 中型, 3 大型, 4 特大型.

    Parameters
    ----------
    people : number or array, optional
        Persons who must be relocated (需搬迁转移人数). Of all who are exposed the grade is an upper bound.
    potential_loss : number or array, optional
        10^4 yuan.
    river_blocked, route_cut : bool or array, optional
        Of some plans: a blocked tributary of a large river is 4, a cut trunk railway, motorway or waterway 3 or more.
        0 and NaN say nothing.

    Returns
    -------
    float or array
        1..4; NaN where all are missing or negative, which is told.

    Raises
    ------
    LayerError
        None is given.

    References
    ----------
    国家突发地质灾害应急预案, as reproduced in county plans; blocked rivers and cut routes: plan of 酒泉, 2017.

    Examples
    --------
    >>> threat_grade(people=100), threat_grade(people=10, potential_loss=1e4), threat_grade(people=10, route_cut=True)
    (2.0, 4.0, 3.0)
    """
    what = {"people": people, "potential_loss": potential_loss, "river_blocked": river_blocked, "route_cut": route_cut}
    return _highest("threatened", **what)


def _highest(kind: str, **criteria: Cells | None) -> Any:
    table = standards.table("hazards/geology_event_grades").data
    limits, consequences = table[kind], table.get("consequences", {"river_blocked": 4, "route_cut": 3})
    given = {name: value for name, value in criteria.items() if value is not None}
    if not given:
        raise LayerError(Problem("geology.grade", Phrase("geology_grade"), names=list(criteria)))
    for name, value in given.items():
        if name not in consequences:  # Registers write -1 for what is not known: it counts as missing.
            _not_negative(name, value, severity="warning")
    grades = [
        by_cell(partial(_follows, grade=float(consequences[name])), value)
        if name in consequences
        else by_cell(partial(_grade, limits=limits[name]), value)
        for name, value in given.items()
    ]
    highest = grades[0]
    for other in grades[1:]:
        highest = by_cell(np.fmax, highest, other)
    return highest


def _not_negative(name: str, value: Cells, *, severity: Literal["error", "warning"] = "error") -> None:
    """Refuse or tell of numbers below 0 by their name; lazy ones are not computed for it."""
    if hasattr(value, "dask") or getattr(value, "chunks", None) is not None:
        return
    values = _numbers(np.asarray(value))
    below = values[np.isfinite(values) & (values < 0)]
    if below.size:
        thing = Phrase("argument", name=name)
        problem = Problem("geology.negative", thing, severity=severity, count=int(below.size), value=float(below.min()))
        if severity == "error":
            raise LayerError(problem)
        note(problem)


def _numbers(values: Array) -> Array:
    """Counts and money as numbers, also where a table holds them as text; NaN for what is none."""
    if values.dtype.kind in "OUS":
        return np.array([number(one) for one in values.ravel().tolist()], dtype=np.float64).reshape(values.shape)
    return np.asarray(values, dtype=np.float64)


def _follows(said: Array, *, grade: float) -> Any:
    """The grade where something is the case; nothing elsewhere."""
    said = np.asarray(said, dtype=np.float64)
    return np.where(np.isfinite(said) & (said > 0), grade, np.nan)


def _grade(values: Array, *, limits: Sequence[float]) -> Any:
    values = _numbers(values)
    known = np.isfinite(values) & (values >= 0)
    return np.where(known, np.searchsorted(limits, values, side="right") + 1.0, np.nan)


@takes()
def volume_grade(volume: Cells, kind: str, *, classes: Literal[4, 5] = 4, version: Literal[1, 2] = 1) -> Any:
    """Grade of a mass movement by its volume (规模等级): 1 小型, 2 中型, 3 大型, 4 特大型.

    Parameters
    ----------
    volume : number or array
        10^4 m3; of one event for debris flows.
    kind : str
        ``landslide``, ``unstable_slope``, ``collapse``, ``debris_flow`` or the Chinese name.
    classes : {4, 5}
        5: landslides and unstable slopes from 10^8 m3 on are 5 巨型.
    version : {1, 2}
        2: debris flows by the limits 2, 20, 50.

    Returns
    -------
    float or array
        NaN where the volume is missing.

    Raises
    ------
    LayerError
        The kind is unknown, or a volume is negative.

    Examples
    --------
    >>> volume_grade(np.array([9.9, 10.0, 10000.0]), "滑坡"), volume_grade(10000.0, "滑坡", classes=5)
    (array([1., 2., 4.]), 5.0)
    """
    table = standards.table("hazards/geology_grades").data
    name = table["volume_kinds"].get(kind, kind)
    if name not in table["volume"]:
        raise LayerError(
            Problem(
                "geology.kind", Phrase("geology_volume"), kind=kind, known=[*table["volume"], *table["volume_kinds"]]
            )
        )
    _not_negative("volume", volume)
    limits = table["volume_second"].get(name, table["volume"][name]) if version == 2 else table["volume"][name]
    fifth = [table["volume_fifth"][name]] if classes == 5 and name in table["volume_fifth"] else []
    return by_cell(partial(_grade, limits=[*limits, *fifth]), volume)


@takes()
def debris_flow_grade(score: Cells) -> Any:
    """Proneness of a gully by the total of its 15 items (泥石流易发程度): 1 不易发, 2 轻度易发, 3 易发, 4 极易发.

    Parameters
    ----------
    score : number or array
        Total, 15..130; what lies outside is missing.

    Returns
    -------
    float or array
        1..4; NaN where the score is missing.

    Examples
    --------
    >>> debris_flow_grade(np.array([43, 44, 87, 116, 131]))
    array([ 1.,  2.,  3.,  4., nan])
    """
    table = standards.table("hazards/geology_grades").data
    low, high = table["debris_flow_range"]
    kernel = partial(_debris_flow, limits=table["debris_flow_score"], low=low, high=high)
    return by_cell(kernel, score)


def _debris_flow(score: Array, *, limits: Sequence[float], low: float, high: float) -> Any:
    return np.where((score >= low) & (score <= high), _grade(score, limits=limits), np.nan)


# Rock walls of a few hectares reach 3.
_STEEPEST_MELTON = 10.0


@takes()
def melton_ratio(relief_m: Cells, area_m2: Cells) -> Any:
    """Melton ratio of a catchment: relief over the root of its area.

    Above 0.6 it is prone to debris flows, from 0.3 to 0.6 to debris floods.

    Parameters
    ----------
    relief_m : number or array
        Highest minus lowest elevation, m.
    area_m2 : number or array
        m2, above 0. A ratio above 10 is told (``geology.melton_high``): the area is then mostly one in km2.

    Raises
    ------
    LayerError
        Relief or area is negative.

    Examples
    --------
    >>> melton_ratio(600.0, 1e6)
    0.6
    """
    _not_negative("relief_m", relief_m)
    _not_negative("area_m2", area_m2)
    ratio = by_cell(_melton, relief_m, area_m2)
    if not hasattr(ratio, "dask"):
        highest = float(np.max(np.asarray(ratio), initial=0.0, where=np.isfinite(np.asarray(ratio))))
        if highest > _STEEPEST_MELTON:
            note(Problem("geology.melton_high", Phrase("argument", name="area_m2"), severity="warning", ratio=highest))
    return ratio


@takes()
def debris_flow_score(items: Mapping[str, Cells], table: Mapping[str, Mapping[str, float]] | None = None) -> Any:
    """Total of the items of a gully, for :func:`debris_flow_grade`.

    Parameters
    ----------
    items : mapping item -> points, or item -> rating
        Points as they are; with ``table`` the rating of each item.
    table : mapping item -> rating -> points, optional
        The user's table: that of the standard was not read, so none is given here.

    Returns
    -------
    number or array
        NaN where an item is missing.

    Raises
    ------
    LayerError
        No item is given, or negative points; or an item or rating is not in the table.

    Examples
    --------
    >>> debris_flow_score({"collapses": 21, "slope": 12})
    33.0
    >>> debris_flow_score({"slope": "steep"}, {"slope": {"steep": 12, "flat": 1}})
    12.0
    """
    if not items:
        raise LayerError(Problem("geology.grade", Phrase("geology_grade"), names=["items"]))
    if table is None:
        for name, points in items.items():
            _not_negative(name, points)
        return by_cell(_added, *items.values())
    wrong = [f"{item}: {rating}" for item, rating in items.items() if rating not in table.get(item, {})]
    if wrong:
        raise LayerError(Problem("geology.items", Phrase("geology_grade"), items=wrong, known=list(table)))
    return float(sum(table[item][str(rating)] for item, rating in items.items()))


def _added(*points: Array) -> Any:
    return np.sum(np.broadcast_arrays(*(np.asarray(one, dtype=np.float64) for one in points)), axis=0)


def _melton(relief: Array, area: Array) -> Any:
    area = np.asarray(area, dtype=np.float64)
    return np.where(area > 0, relief / np.sqrt(np.where(area > 0, area, 1.0)), np.nan)


@takes()
def subsidence_grade(
    rate_mm_a: Cells | None = None, total_mm: Cells | None = None, *, classes: Literal[3, 5] = 5
) -> Any:
    """Grade of ground subsidence (地面沉降) by its rate, what it amounts to, or the worse of both.

    Parameters
    ----------
    rate_mm_a : number, array or layer, optional
        Vertical rate, mm/a, sinking negative; mean of five years for three classes.
    total_mm : number, array or layer, optional
        Cumulative vertical movement, mm, sinking negative.
    classes : {5, 3}
        5: 1 不易发, 2 低, 3 中, 4 高, 5 极高; 3: 1 弱, 2 中等, 3 强. Limits in ``hazards/geology_grades``: a limit
        belongs to the lower of five classes and to the higher of three.

    Returns
    -------
    float, array or layer
        NaN where both are missing. Rising ground is of class 1.

    Raises
    ------
    LayerError
        Neither is given, or the number of classes is not known.

    Examples
    --------
    >>> subsidence_grade(np.array([5.0, -5.0, -10.0, -10.1, -51.0])).tolist()
    [1.0, 1.0, 2.0, 3.0, 5.0]
    >>> subsidence_grade(total_mm=-900.0), subsidence_grade(-30.0, classes=3)
    (4.0, 3.0)
    """
    known = standards.table("hazards/geology_grades").data["subsidence"]
    rule = known.get(classes, known.get(str(classes)))
    if rule is None:
        thing = Phrase("parameter", name="classes")
        raise LayerError(Problem("geology.subsidence_classes", thing, classes=classes, known=list(known)))
    given = {"rate": rate_mm_a, "total": total_mm}
    side: Literal["left", "right"] = "left" if rule["closed"] == "right" else "right"
    grades = [
        by_cell(partial(_sinking, limits=rule[name], side=side), value, quantity="hazard_grade")
        for name, value in given.items()
        if value is not None
    ]
    if not grades:
        raise LayerError(Problem("geology.grade", Phrase("geology_grade"), names=["rate_mm_a", "total_mm"]))
    return grades[0] if len(grades) == 1 else by_cell(np.fmax, *grades, quantity="hazard_grade")


def _sinking(values: Array, *, limits: Array, side: Literal["left", "right"]) -> Any:
    return np.where(np.isfinite(values), np.searchsorted(limits, -np.asarray(values), side=side) + 1.0, np.nan)


@takes()
def subsidence_index(rate_mm_a: Cells, total_mm: Cells | None = None) -> Any:
    """Hazard index of ground subsidence on its ladders, 0..1: 0 up to 5 mm/a of sinking, 1 from 100 mm/a on.

    Parameters
    ----------
    rate_mm_a : number, array or layer
        Vertical rate, mm/a, sinking negative. Rising ground has index 0.
    total_mm : number, array or layer, optional
        Cumulative vertical movement, mm, sinking negative; the worse of both counts.

    Returns
    -------
    float, array or layer
        0..1; NaN where the rate is missing.

    Examples
    --------
    >>> subsidence_index(np.array([3.0, -10.0, -20.0, -100.0]))
    array([0.   , 0.25 , 0.375, 1.   ])
    >>> subsidence_index(-20.0, -1000.0)
    0.5625
    """
    index = sinking_index(rate_mm_a, "subsidence_rate")
    if total_mm is None:
        return index
    return by_cell(_worse, index, sinking_index(total_mm, "subsidence_total"), quantity="hazard_index")


def sinking_index(values: Cells, ladder: str) -> Any:
    """Index of a rate or a sum of subsidence on its own ladder."""
    kernel = partial(_sunk, ladder=load_ladder(f"geology/{ladder}"))
    return by_cell(kernel, values, quantity="hazard_index")


def _sunk(values: Array, *, ladder: Ladder) -> Any:
    return ladder.index(-np.asarray(values, dtype=np.float64))


def _worse(index: Array, other: Array) -> Any:
    return np.where(np.isnan(index), np.nan, np.fmax(index, other))
