"""Draws of weights, class breaks and inputs from a seed; each kind from a stream of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskzoning.errors import ConfigError, Phrase, Problem
from riskzoning.layers.plausible import takes
from riskzoning.methods.classification.grades import check_breaks
from riskzoning.methods.weights.normalisation import check_weights

Floats = NDArray[np.float64]
CONCENTRATION = 50.0
# Draws are 8 bytes each, times indices and breaks; more say nothing new.
_MOST_DRAWS = 1_000_000


@dataclass(frozen=True, eq=False)
class Draws:
    """What a study might as well have taken, draw by draw.

    Parameters
    ----------
    names : tuple of str
        The indices that are combined, in the order of ``weights``.
    weights : array (names, draws)
        Each draw sums to 1.
    bounds : array (classes - 1, draws)
        Inner class breaks, ascending in each draw.
    factors : array (names, draws), optional
        What the indices are multiplied by; None leaves them as they are.

    Examples
    --------
    >>> draws = draw({"flood": 0.6, "geology": 0.4}, [0.2, 0.4, 0.6, 0.8, 1.0], n=100)
    >>> draws.classes, draws.weights.shape
    (5, (2, 100))
    """

    names: tuple[str, ...]
    weights: Floats
    bounds: Floats
    factors: Floats | None = None

    @property
    def n(self) -> int:
        """Number of draws.

        Examples
        --------
        >>> draw({"flood": 1.0}, [0.5, 1.0], n=10).n
        10
        """
        return int(self.weights.shape[1])

    @property
    def classes(self) -> int:
        """Number of classes.

        Examples
        --------
        >>> draw({"flood": 1.0}, [0.5, 1.0], n=10).classes
        2
        """
        return len(self.bounds) + 1


@takes()
def draw(
    weights: Mapping[str, float] | pd.Series,
    breaks: ArrayLike,
    *,
    n: int = 1000,
    concentration: float = CONCENTRATION,
    break_share: float = 0.0,
    input_share: float | Mapping[str, float] = 0.0,
    seed: int = 0,
) -> Draws:
    """Weights, breaks and errors of the inputs by chance (蒙特卡罗抽样), the same for the same seed.

    Parameters
    ----------
    weights : mapping name -> weight
        Sum 1. A single index has the weight 1, which does not vary.
    breaks : sequence of float
        Upper bounds of the classes, ascending, as everywhere; the last one bounds nothing.
    n : int
        Number of draws.
    concentration : float
        Weights come from a Dirichlet distribution with alpha = ``concentration`` x weights: their means are the
        weights, their standard deviations sqrt(w (1 - w) / (concentration + 1)); infinity keeps them as they are. A
        weight of 0 stays 0.
    break_share : float
        Each inner break is multiplied by a number between 1 - share and 1 + share; those of a draw stay in order.
    input_share : float or mapping name -> float
        Each index as a whole is multiplied by exp(share z), z standard normal: an error of its calibration. 0 stays 0
        and nothing exceeds 1.
    seed : int
        Weights, breaks and inputs have streams of their own: what varies beside them changes none of them.

    Raises
    ------
    ConfigError
        Weights that do not sum to 1 or are negative, breaks that do not ascend, shares outside their range.

    Examples
    --------
    >>> draws = draw({"flood": 0.5, "geology": 0.3, "drought": 0.2}, [0.5, 1.0], n=2000, seed=1)
    >>> draws.weights.mean(axis=1).round(2).tolist(), draws.weights.std(axis=1).round(2).tolist()
    ([0.5, 0.3, 0.2], [0.07, 0.06, 0.06])
    """
    names = tuple(str(name) for name in weights.keys())  # noqa: SIM118 (a Series iterates its values)
    central = check_weights(weights, thing=Phrase("index_weights"))
    inner = check_breaks(breaks)[:-1]
    shares = {name: float(_share_of(input_share, name)) for name in names}
    unknown = sorted(set(input_share) - set(names)) if isinstance(input_share, Mapping) else []
    _check_options(n, concentration, break_share, {**shares, **dict.fromkeys(unknown, np.nan)})
    of_weights, of_breaks, of_inputs = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(3))
    factors: Floats | None = None
    if any(shares.values()):
        errors = of_inputs.standard_normal((len(names), n))
        factors = np.exp(np.array([[shares[name]] for name in names]) * errors)
    return Draws(
        names, _weights(of_weights, central, n, concentration), _bounds(of_breaks, inner, n, break_share), factors
    )


def _share_of(shares: float | Mapping[str, float], name: str) -> float:
    return shares.get(name, 0.0) if isinstance(shares, Mapping) else shares


def _check_options(n: int, concentration: float, break_share: float, shares: Mapping[str, float]) -> None:
    ranges: list[tuple[str, float, bool, str]] = [
        ("n", n, 1 <= n <= _MOST_DRAWS, f"1 - {_MOST_DRAWS}"),
        ("concentration", concentration, concentration > 0, "> 0"),
        ("break_share", break_share, 0 <= break_share < 1, "0 - 1"),
        *((f"input_share.{name}", share, 0 <= share <= 2, "0 - 2") for name, share in shares.items()),
    ]
    problems = [
        Problem("uncertainty.option", Phrase("parameter", name=name), value=value, allowed=allowed)
        for name, value, good, allowed in ranges
        if not good
    ]
    if problems:
        raise ConfigError(problems=problems)


def _weights(stream: np.random.Generator, central: Floats, n: int, concentration: float) -> Floats:
    kept = np.repeat(central[:, None], n, axis=1)
    varied = np.flatnonzero(central)
    if np.isinf(concentration) or len(varied) < 2:
        return kept
    gammas = stream.standard_gamma(concentration * central[varied], size=(n, len(varied))).T
    total = gammas.sum(axis=0)
    # Of weights so small that all gammas vanish nothing can be told.
    kept[varied] = np.where(total > 0, gammas / np.where(total > 0, total, 1.0), kept[varied])
    return kept


def _bounds(stream: np.random.Generator, inner: Floats, n: int, share: float) -> Floats:
    kept = np.repeat(inner[:, None], n, axis=1)
    if not share:
        return kept
    moved: Any = kept * stream.uniform(1 - share, 1 + share, size=kept.shape)
    return np.ascontiguousarray(np.sort(moved, axis=0))
