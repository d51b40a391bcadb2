"""Where people are by the time of day: at home, at work or school, outdoors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from riskzoning import standards
from riskzoning.errors import ConfigError, Phrase, Problem
from riskzoning.layers.plausible import takes

_SECTORS = ("agriculture", "industry", "services")


@takes()
def people_by_place(
    people: Any,
    *,
    time: Literal["day", "transit", "night"] = "night",
    setting: Literal["urban", "rural"] = "urban",
    workforce: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    """People at home, at work or school, and outdoors by the time of day (分时段人口).

    Parameters
    ----------
    people : number, array, Series or layer
        Residents, persons or persons a cell. NaN stays NaN.
    time : {"day", "transit", "night"}
        Working hours, on the way, night.
    setting : {"urban", "rural"}
        Kind of place.
    workforce : mapping, optional
        ``total``: share of the people who work, 0..1; ``agriculture industry services``: shares of these, sum 1. By
        default those of China.

    Returns
    -------
    dict
        ``home work outdoors``, each in the container of ``people``; together they are the people.

    Raises
    ------
    ConfigError
        Another time or setting; shares that are none, or do not sum to 1.

    References
    ----------
    usgs/pager, semi-empirical model. Table ``exposure/time_of_day``.

    Examples
    --------
    >>> force = {"total": 0.5, "agriculture": 0.5, "industry": 0.25, "services": 0.25}
    >>> made = people_by_place(2000, time="day", setting="urban", workforce=force)
    >>> {place: round(count, 6) for place, count in made.items()}
    {'home': 410.0, 'work': 865.0, 'outdoors': 725.0}
    """
    table = standards.table("exposure/time_of_day").data
    force = dict(table["workforce"] if workforce is None else workforce)
    thing, settings = Phrase("people_by_place"), ("urban", "rural")
    if setting not in settings or time not in table[setting]:
        known = [f"{place} {hour}" for place in settings for hour in table[place]]
        raise ConfigError(Problem("exposure.time_of_day", thing, asked=f"{setting} {time}", known=known))
    shares = {name: float(force.get(name, float("nan"))) for name in ("total", *_SECTORS)}
    whole = sum(shares[name] for name in _SECTORS)
    if not all(0 <= share <= 1 for share in shares.values()) or abs(whole - 1) > 1e-6:
        raise ConfigError(Problem("exposure.workforce", thing, shares=[f"{k} {v:g}" for k, v in shares.items()]))
    working = {"rest": 1 - shares["total"], **{name: shares["total"] * shares[name] for name in _SECTORS}}
    return {
        place: people * sum(working[kind] * float(share) for kind, share in rule.items())
        for place, rule in table[setting][time].items()
    }
