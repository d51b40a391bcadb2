"""Grades of geological disasters: what happened, what is threatened, volume, debris flow, subsidence."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.cells import Array, Cells, by_cell
from riskzoning.methods.ladders import Ladder, load_ladder


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
        1..4; NaN where both are missing.

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


def threat_grade(*, people: Cells | None = None, potential_loss: Cells | None = None) -> Any:
    """Grade of a geological danger point by what it threatens (险情等级): 1 小型, 2 中型, 3 大型, 4 特大型.

    Parameters
    ----------
    people : number or array, optional
        Persons threatened.
    potential_loss : number or array, optional
        10^4 yuan.

    Returns
    -------
    float or array
        1..4; NaN where both are missing.

    Raises
    ------
    LayerError
        Neither is given.

    Examples
    --------
    >>> threat_grade(people=100), threat_grade(people=10, potential_loss=1e4)
    (2.0, 4.0)
    """
    return _highest("threatened", people=people, potential_loss=potential_loss)


def _highest(kind: str, **criteria: Cells | None) -> Any:
    limits = standards.table("hazards/geology_event_grades").data[kind]
    given = {name: value for name, value in criteria.items() if value is not None}
    if not given:
        raise LayerError(Problem("geology.grade", Phrase("geology_grade"), names=list(criteria)))
    grades = [by_cell(partial(_grade, limits=limits[name]), value) for name, value in given.items()]
    return grades[0] if len(grades) == 1 else by_cell(np.fmax, *grades)


def _grade(values: Array, *, limits: Array) -> Any:
    values = np.asarray(values, dtype=np.float64)
    known = np.isfinite(values) & (values >= 0)
    return np.where(known, np.searchsorted(limits, values, side="right") + 1.0, np.nan)


def volume_grade(volume: Cells, kind: str) -> Any:
    """Grade of a mass movement by its volume (规模等级): 1 小型, 2 中型, 3 大型, 4 特大型, landslides also 5 巨型.

    Parameters
    ----------
    volume : number or array
        10^4 m3; of one event for debris flows.
    kind : str
        ``landslide``, ``unstable_slope``, ``collapse``, ``debris_flow`` or the Chinese name.

    Returns
    -------
    float or array
        NaN where the volume is missing.

    Raises
    ------
    LayerError
        The kind is unknown.

    Examples
    --------
    >>> volume_grade(np.array([9.9, 10.0, 10000.0]), "滑坡")
    array([1., 2., 5.])
    """
    table = standards.table("hazards/geology_grades").data
    name = table["volume_kinds"].get(kind, kind)
    if name not in table["volume"]:
        raise LayerError(
            Problem(
                "geology.kind", Phrase("geology_volume"), kind=kind, known=[*table["volume"], *table["volume_kinds"]]
            )
        )
    return by_cell(partial(_grade, limits=table["volume"][name]), volume)


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


def _debris_flow(score: Array, *, limits: Array, low: float, high: float) -> Any:
    return np.where((score >= low) & (score <= high), _grade(score, limits=limits), np.nan)


def melton_ratio(relief_m: Cells, area_m2: Cells) -> Any:
    """Melton ratio of a catchment: relief over the root of its area.

    Above 0.6 it is prone to debris flows, from 0.3 to 0.6 to debris floods.

    Parameters
    ----------
    relief_m : number or array
        Highest minus lowest elevation, m.
    area_m2 : number or array
        m2, above 0.

    Examples
    --------
    >>> melton_ratio(600.0, 1e6)
    0.6
    """
    return by_cell(_melton, relief_m, area_m2)


def _melton(relief: Array, area: Array) -> Any:
    area = np.asarray(area, dtype=np.float64)
    return np.where(area > 0, relief / np.sqrt(np.where(area > 0, area, 1.0)), np.nan)


def subsidence_grade(rate_mm_a: Cells, total_mm: Cells | None = None) -> Any:
    """Grade of ground subsidence (地面沉降发育程度): 1 weak, 2 medium, 3 strong.

    Parameters
    ----------
    rate_mm_a : number, array or layer
        Mean vertical rate of five years, mm/a, sinking negative.
    total_mm : number, array or layer, optional
        Cumulative vertical movement, mm, sinking negative; the higher grade counts.

    Returns
    -------
    float, array or layer
        1..3; NaN where the rate is missing.

    Examples
    --------
    >>> subsidence_grade(np.array([-9.0, -10.0, -30.0, 5.0]))
    array([1., 2., 3., 1.])
    """
    table = standards.table("hazards/geology_grades").data
    by_rate = by_cell(partial(_sinking, limits=table["subsidence_rate"]), rate_mm_a)
    if total_mm is None:
        return by_rate
    return by_cell(np.fmax, by_rate, by_cell(partial(_sinking, limits=table["subsidence_total"]), total_mm))


def _sinking(values: Array, *, limits: Array) -> Any:
    return np.where(np.isfinite(values), np.searchsorted(limits, -np.asarray(values), side="right") + 1.0, np.nan)


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
    index = by_cell(partial(_sunk, ladder=load_ladder("geology/subsidence_rate")), rate_mm_a, quantity="hazard_index")
    if total_mm is None:
        return index
    other = by_cell(partial(_sunk, ladder=load_ladder("geology/subsidence_total")), total_mm, quantity="hazard_index")
    return by_cell(_worse, index, other, quantity="hazard_index")


def _sunk(values: Array, *, ladder: Ladder) -> Any:
    return ladder.index(-np.asarray(values, dtype=np.float64))


def _worse(index: Array, other: Array) -> Any:
    return np.where(np.isnan(index), np.nan, np.fmax(index, other))
