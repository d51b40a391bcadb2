"""Daily weather elements (气象要素): their units, and values that no day on land can show."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from riskzoning import standards

__all__ = ["element_units", "impossible", "possible_range", "too_many_impossible"]


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


def possible_range(element: str) -> tuple[float, float]:
    """What a day can show, in the unit of the element; without bounds where the table does not know it.

    Examples
    --------
    >>> possible_range("humidity"), possible_range("pollen")
    ((0.0, 100.0), (-inf, inf))
    """
    low, high = _elements().get(element, {}).get("range", (-np.inf, np.inf))
    return float(low), float(high)


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
