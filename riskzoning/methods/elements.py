"""Daily weather elements (气象要素): their units, and values that no day on land can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from riskzoning import standards
from riskzoning.faces import missing
from riskzoning.layers.plausible import takes

__all__ = [
    "Unusual",
    "daily_rules",
    "element_units",
    "impossible",
    "known_values",
    "possible_range",
    "too_many_impossible",
    "unusual",
]

# No element reaches it in any unit.
_HUGE = 900_000.0


def _elements() -> Any:
    return standards.table("formats/weather_elements").data["elements"]


def element_units() -> dict[str, str]:
    """Unit of every element that the table ``formats/weather_elements`` knows.

    Examples
    --------
    >>> element_units()["wind_gust"]
    'm/s'
    """
    return {name: str(entry["units"]) for name, entry in _elements().items()}


@takes()
def possible_range(element: str) -> tuple[float, float]:
    """What a day can show, in the unit of the element; without bounds where the table does not know it.

    Examples
    --------
    >>> possible_range("humidity"), possible_range("pollen")
    ((0.0, 100.0), (-inf, inf))
    """
    low, high = _elements().get(element, {}).get("range", (-np.inf, np.inf))
    return float(low), float(high)


@takes()
def impossible(values: ArrayLike, element: str) -> Any:
    """Where a value lies outside what the element can be anywhere on land; a missing value does not.

    Such values come from codes that nobody described, from another unit, or from a file of another element.

    Parameters
    ----------
    values : array
        In the unit of the element.
    element : str

    Examples
    --------
    >>> impossible(np.array([-30.0, 3270.0, np.nan]), "tmin").tolist()
    [False, True, False]
    """
    low, high = possible_range(element)
    numbers = np.asarray(values)
    with np.errstate(invalid="ignore"):
        return np.asarray((numbers < low) | (numbers > high))


def daily_rules() -> dict[str, str]:
    """How readings within a day become one, by element: ``sum mean max min``.

    Examples
    --------
    >>> daily_rules()["precipitation"], daily_rules()["wind_gust"]
    ('sum', 'max')
    """
    return {name: str(entry["daily"]) for name, entry in _elements().items()}


@takes()
def known_values(values: ArrayLike, element: str, *, units: str = "") -> tuple[Any, dict[str, int]]:
    """Readings in the unit of the element, with what stands for something else decoded: missing values and traces.

    Numbers such as 999999, -9999 or 32766 are missing where the element cannot show them; a trace of rain or snow
    (32700, 999990) is 0. Other elements, and numbers that the element can show, stay as they are.

    Parameters
    ----------
    values : array
    element : str
    units : str, optional
        The unit that the readings are in; by default that of the element.

    Returns
    -------
    array, dict
        float64, NaN where missing; how many readings were ``missing`` and ``trace``.

    Raises
    ------
    ValueError
        The unit cannot become that of the element.

    Examples
    --------
    >>> known_values([32700, 25.0, 999999], "precipitation", units="0.1 mm")
    (array([0. , 2.5, nan]), {'missing': 1, 'trace': 1})
    """
    numbers = np.array(values, dtype=np.float64)
    entry, data = _elements().get(element, {}), standards.table("formats/weather_elements").data
    pair = standards.unit_factor(units, str(entry["units"])) if units and entry else (1.0, 0.0)
    if pair is None:
        raise ValueError(f"{units} is no unit of {element}")
    trace = np.isin(numbers, data["trace"]) if entry.get("trace") else np.zeros(numbers.shape, dtype=bool)
    out = np.asarray(numbers * pair[0] + pair[1])
    code = np.isin(numbers, data["missing"]) & impossible(out, element)
    missing = ~np.isfinite(numbers) | code | np.isin(numbers, entry.get("also_missing", [])) | (np.abs(numbers) > _HUGE)
    missing &= ~trace
    out[missing], out[trace] = np.nan, 0.0
    return out, {"missing": int(missing.sum()), "trace": int(trace.sum())}


@takes()
def too_many_impossible(beyond: ArrayLike, known: ArrayLike) -> Any:
    """Whether so many values are impossible that the unit or the element must be another one.

    Parameters
    ----------
    beyond, known : int or array of int
        Number of impossible values, and of all that are not missing.

    Examples
    --------
    >>> bool(too_many_impossible(1, 31)), bool(too_many_impossible(31, 31)), bool(too_many_impossible(0, 0))
    (False, True, False)
    """
    most = float(standards.table("formats/weather_elements").data["most_impossible"])
    return np.asarray(beyond) > most * np.asarray(known)


@dataclass(frozen=True)
class Unusual:
    """A statistic of a series that no series in this unit has.

    Parameters
    ----------
    statistic : {"wet_mean", "mean", "largest"}
        Mean of the values of 0.1 and more; mean; largest value.
    value : float
        In the unit of the element.
    low, high : float
        What it can be.

    Examples
    --------
    >>> Unusual("largest", 0.93, 1.5, 100.0).value
    0.93
    """

    statistic: str
    value: float
    low: float
    high: float


@takes()
def unusual(values: ArrayLike, element: str) -> Unusual | None:
    """What shows that a series is in another unit though each of its values is possible; None where nothing does.

    Rain in metres, inches or tenths, humidity as a share, wind in km/h, visibility in km. The limits stand in
    ``formats/weather_elements``; series of fewer than 30 values (of rain and snow above 0) say nothing.

    Parameters
    ----------
    values : array
        In the unit of the element; NaN where missing.
    element : str

    Examples
    --------
    >>> metres = np.tile([0.0, 0.004, 0.011], 20)
    >>> unusual(metres, "precipitation").statistic, unusual(1000 * metres, "precipitation")
    ('wet_mean', None)
    """
    entry = _elements().get(element, {})
    usual = entry.get("usual")
    if usual is None:
        return None
    numbers = np.asarray(values, dtype=np.float64)
    numbers = numbers[np.isfinite(numbers)]
    numbers = numbers[numbers > 0] if entry.get("trace") else numbers
    least = int(standards.table("formats/weather_elements").data["usual_least"])
    statistic, low, high = str(usual["of"]), float(usual["from"]), float(usual["to"])
    if statistic == "wet_mean":
        wet = numbers[numbers >= 0.1]
        # No gauge shows less than 0.1 mm.
        least = least if wet.size else min(least, 5)
        numbers = wet if wet.size >= least else numbers
    if numbers.size < least:
        return None
    value = float(numbers.max() if statistic == "largest" else numbers.mean())
    if low <= value <= high or (statistic == "wet_mean" and value > high and (numbers < value / 5).mean() < 0.2):
        return None  # a list of storms has no days of little rain, tenths of a millimetre have them
    return Unusual(statistic, value, low, high)


if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
