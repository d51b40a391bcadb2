"""The three distributions in standard form: survival, its inverse, density; exact in the far tail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.stats import genextreme

Floats: TypeAlias = NDArray[np.float64]
Name: TypeAlias = Literal["pearson3", "gev", "gumbel"]
# A skew this small is that of the normal distribution, with its first term in the skew.
_NORMAL = 1e-3
_HALF_LOG_2PI = 0.5 * float(np.log(2 * np.pi))


@dataclass(frozen=True)
class Parameters:
    """Shape (skew of Pearson III, c of the GEV, 0 of Gumbel), place and scale of each series."""

    shape: Floats
    loc: Floats
    scale: Floats

    def at(self, index: Any) -> Parameters:
        """Those of some of the series."""
        return Parameters(self.shape[index], self.loc[index], self.scale[index])


# What the parameters are called, in the order shape, loc, scale.
NAMES: Mapping[str, tuple[str, ...]] = {
    "pearson3": ("skew", "loc", "scale"),
    "gev": ("c", "loc", "scale"),
    "gumbel": ("loc", "scale"),
}


def level(name: str, chance: Floats, fitted: Parameters) -> Floats:
    """Value that is exceeded with a chance; -inf..inf at the ends of the distribution."""
    return np.asarray(fitted.loc + fitted.scale * standard_level(name, chance, fitted.shape))


def exceedance(name: str, values: Floats, fitted: Parameters) -> Floats:
    """Chance 0..1 that a value is exceeded."""
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (values - fitted.loc) / fitted.scale
    return _pearson_chance(z, fitted.shape) if name == "pearson3" else np.asarray(genextreme.sf(z, fitted.shape))


def log_density(name: str, values: Floats, fitted: Parameters) -> Floats:
    """Logarithm of the density; -inf outside the range of the distribution."""
    z = (values - fitted.loc) / fitted.scale
    own = _pearson_density(z, fitted.shape) if name == "pearson3" else np.asarray(genextreme.logpdf(z, fitted.shape))
    return np.asarray(own - np.log(fitted.scale))


def standard_level(name: str, chance: Floats, shape: Floats) -> Floats:
    """Level of the standard form: for Pearson III the frequency factor Phi(P, Cs) (离均系数)."""
    if name != "pearson3":
        return np.asarray(genextreme.isf(chance, shape))
    chance, skew = np.broadcast_arrays(np.asarray(chance, dtype=np.float64), np.asarray(shape, dtype=np.float64))
    nearly = np.abs(skew) < _NORMAL
    out = np.full(chance.shape, np.nan)
    normal = -special.ndtri(chance[nearly])
    with np.errstate(invalid="ignore"):
        out[nearly] = np.where(np.isinf(normal), normal, normal + skew[nearly] / 6 * (normal**2 - 1))
    # The upper tail of a mirrored gamma is the lower tail of the gamma: no 1 - p, so that rare levels stay exact.
    for side, sign, turned in ((skew >= _NORMAL, 1, special.gammainccinv), (skew <= -_NORMAL, -1, special.gammaincinv)):
        size = np.abs(skew[side])
        out[side] = sign * (size / 2 * turned(4.0 / size**2, chance[side]) - 2 / size)
    return out


def _pearson_chance(z: Floats, skew: Floats) -> Floats:
    z, skew = np.broadcast_arrays(np.asarray(z, dtype=np.float64), np.asarray(skew, dtype=np.float64))
    nearly = np.abs(skew) < _NORMAL
    size = np.where(nearly, 1.0, np.abs(skew))
    alpha = 4.0 / size**2
    gamma = np.clip(alpha + 2 / size * np.sign(skew) * z, 0.0, None)
    curved = np.where(skew >= 0, special.gammaincc(alpha, gamma), special.gammainc(alpha, gamma))
    # The level of the normal form, turned: z = n + skew / 6 (n^2 - 1).
    slope = np.where(nearly, skew, 0.0) / 6
    root = np.sqrt(np.clip(1 + 4 * slope * (z + slope), 0.0, None))
    normal = 2 * (z + slope) / (1 + root)
    chance = np.where(nearly, special.ndtr(-normal), curved)
    return np.where(np.isnan(z) | np.isnan(skew), np.nan, chance)


def _pearson_density(z: Floats, skew: Floats) -> Floats:
    z, skew = np.broadcast_arrays(np.asarray(z, dtype=np.float64), np.asarray(skew, dtype=np.float64))
    nearly = np.abs(skew) < _NORMAL
    size = np.where(nearly, 1.0, np.abs(skew))
    alpha = 4.0 / size**2
    gamma = alpha + 2 / size * np.sign(skew) * z
    with np.errstate(invalid="ignore", divide="ignore"):
        curved = np.log(2 / size) + (alpha - 1) * np.log(gamma) - gamma - special.gammaln(alpha)
    normal = -0.5 * z**2 - _HALF_LOG_2PI + skew / 6 * (z**3 - 3 * z)
    return np.where(nearly, normal, np.where(gamma > 0, curved, -np.inf))
