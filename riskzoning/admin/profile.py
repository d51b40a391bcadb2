"""By which rules units are read: those of China, or those of a study that names its own levels and codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from riskzoning.admin.crs import in_box
from riskzoning.results import LEVELS

# A layer that spans more than half the earth crosses the line of 180 degrees.
HALF_TURN = 180.0


@dataclass(frozen=True)
class Profile:
    """Levels of the units and the rules of their codes: ``CHINA``, or free levels with codes of any text.

    Parameters
    ----------
    levels : tuple of str
        Keys, coarsest first.
    china : bool
        Codes by GB/T 2260 and the statistical rules, places inside the box of China, CGCS2000.
    words : mapping level -> words
        What may stand for a level in a column of levels, besides its key.
    whole : (code, name)
        Code and name of the only unit of the coarsest level, where no layer has it (free levels).

    Examples
    --------
    >>> Profile().levels, Profile(("island", "parish"), china=False).exchange
    (('city', 'county', 'township', 'village'), 'EPSG:4326')
    """

    levels: tuple[str, ...] = LEVELS
    china: bool = True
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    whole: tuple[str, str] = ("1", "")

    @property
    def exchange(self) -> str:
        """CRS in degrees of the checked units.

        Examples
        --------
        >>> Profile().exchange
        'EPSG:4490'
        """
        return "EPSG:4490" if self.china else "EPSG:4326"

    def above(self, level: str) -> tuple[str, ...]:
        """The levels above one, coarsest first.

        Examples
        --------
        >>> Profile().above("township")
        ('city', 'county')
        """
        return self.levels[: self.levels.index(level)]

    def below(self, level: str) -> tuple[str, ...]:
        """The levels below one, coarsest first.

        Examples
        --------
        >>> Profile().below("city")
        ('county', 'township', 'village')
        """
        return self.levels[self.levels.index(level) + 1 :]

    def holds(self, bounds: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which bounds in degrees (n, 4) lie where units of the profile may lie.

        Examples
        --------
        >>> box = np.array([[-61.3, 13.0, -61.0, 13.4]])
        >>> bool(Profile().holds(box)[0]), bool(Profile(("island",), china=False).holds(box)[0])
        (False, True)
        """
        if self.china:
            return in_box(bounds)
        with np.errstate(invalid="ignore"):
            inside = (np.abs(bounds[:, [0, 2]]) <= 2 * HALF_TURN).all(axis=1) & (
                np.abs(bounds[:, [1, 3]]) <= HALF_TURN / 2
            ).all(axis=1)
        return np.asarray(inside)


CHINA = Profile()
