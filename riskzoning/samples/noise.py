"""Smooth random fields that need no grid: sums of plane waves, and lattice noise made band by band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def generator(seed: int, *words: str) -> np.random.Generator:
    """A random generator of its own for each purpose, so that one part of the city can change without the others."""
    return np.random.default_rng([seed, *"/".join(words).encode()])


@dataclass(frozen=True)
class Waves:
    """A stationary random field of mean 0 and variance 1: the sum of plane waves in random directions."""

    kx: Array
    ky: Array
    phase: Array
    amplitude: Array

    @classmethod
    def drawn(
        cls, rng: np.random.Generator, wavelengths_km: Sequence[float], *, persistence: float = 0.5, count: int = 24
    ) -> Waves:
        """A field drawn at random with one octave for each wavelength."""
        size = len(wavelengths_km) * count
        angle = rng.uniform(0, 2 * np.pi, size)
        stretch = rng.uniform(0.75, 1.35, size)
        number = 2 * np.pi / np.repeat(np.asarray(wavelengths_km, dtype=float), count) * stretch
        octave = np.repeat(persistence ** np.arange(len(wavelengths_km)), count)
        amplitude = octave * np.sqrt(2 / (octave**2).sum())
        return cls(number * np.cos(angle), number * np.sin(angle), rng.uniform(0, 2 * np.pi, size), amplitude)

    def at(self, x: Array, y: Array) -> Array:
        """Values at points (km), same shape as ``x``."""
        total = np.zeros(np.shape(x))
        for kx, ky, phase, amplitude in zip(self.kx, self.ky, self.phase, self.amplitude):
            total += amplitude * np.cos(kx * x + ky * y + phase)
        return total

    def grid(self, x: Array, y: Array) -> Array:
        """Values on the grid of columns ``x`` and rows ``y`` (km), shape ``(y, x)``."""
        columns = np.outer(self.kx, x) + self.phase[:, None]
        rows = np.outer(y, self.ky)
        out: Array = (np.cos(rows) * self.amplitude) @ np.cos(columns) - (np.sin(rows) * self.amplitude) @ np.sin(
            columns
        )
        return out


@dataclass(frozen=True)
class LatticeNoise:
    """Noise of any extent that is made a band of rows at a time and is the same however the bands are cut."""

    seed: int
    cells: tuple[int, ...]
    columns: int
    persistence: float = 0.5

    def band(self, first: int, rows: int) -> NDArray[np.float32]:
        """Values about -1..1 of ``rows`` rows from row ``first``, shape ``(rows, columns)``, float32."""
        out = np.zeros((rows, self.columns), dtype=np.float32)
        scale = 1.0 / sum(self.persistence**octave for octave in range(len(self.cells)))
        for octave, step in enumerate(self.cells):
            amplitude = np.float32(scale * self.persistence**octave)
            lines = np.arange(first // step, (first + rows - 1) // step + 2)
            stretched = {int(line): self._line(octave, int(line), step) * amplitude for line in lines}
            for row in range(rows):
                place, rest = divmod(first + row, step)
                share = np.float32(_smooth(rest / step))
                out[row] += stretched[place] * (1 - share)
                out[row] += stretched[place + 1] * share
        return out

    def _line(self, octave: int, line: int, step: int) -> NDArray[np.float32]:
        knots = self.columns // step + 2
        values = np.random.default_rng([self.seed, octave, line]).uniform(-1, 1, knots).astype(np.float32)
        share = _smooth(np.arange(step) / step).astype(np.float32)
        steps = values[:-1, None] * (1 - share) + values[1:, None] * share
        flat: NDArray[np.float32] = steps.reshape(-1)[: self.columns]
        return flat


def _smooth(share: Array | float) -> Array:
    part = np.asarray(share, dtype=float)
    out: Array = part * part * (3 - 2 * part)
    return out
