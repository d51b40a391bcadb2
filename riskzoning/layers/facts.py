"""Facts of the values of a layer from one pass, and what they say about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr

from riskzoning import standards
from riskzoning.errors import Phrase, Problem
from riskzoning.layers.convention import LAYER_DIMS, check_layer
from riskzoning.layers.decoding import Seen
from riskzoning.layers.memory import decoder_of, undeclared_problems

# A value that falls by no more from one return period to the next (m, or the quantity's unit) does not fall.
_FALL = 0.01
# Where more of the cells fall, files of return periods are exchanged.
_EXCHANGED = 0.5
# So many values above 0 that are all whole are no chance.
_WHOLE = 20


@dataclass(frozen=True)
class Total:
    """What a counted input adds up to, and the part of it that lies beyond the analysis grid.

    Examples
    --------
    >>> Total(9.0, beyond_grid=2.0).on_grid, (2 * Total(9.0, beyond_grid=2.0)).input
    (7.0, 18.0)
    """

    input: float
    beyond_grid: float = 0.0

    @property
    def on_grid(self) -> float:
        """The part on the grid.

        Examples
        --------
        >>> Total(9.0).on_grid
        9.0
        """
        return self.input - self.beyond_grid

    def __rmul__(self, factor: float) -> Total:
        return Total(factor * self.input, factor * self.beyond_grid)


@dataclass(frozen=True)
class LayerFacts:
    """Facts of the values of a layer: what a check or a stretch needs, from one pass.

    ``minimum`` and ``maximum`` are NaN when every cell is missing; ``total`` is the float64 sum of the valid cells;
    ``whole`` says that all valid values are integers, ``positive`` how many are above 0; ``fall`` (return-period layers
    only) is the largest fall of the value from one return period to the next, 0 when it never falls, ``falls`` the
    share of the cells with a value above 0 that fall by more than 0.01; ``identical`` lists pairs of equal return
    periods, ``empty`` those without any value while others have some.
    ``undeclared``: stored values that were taken as no data though the file does not declare them; ``doubtful``: values
    that often mean no data and were kept. ``gaps`` (return-period layers only) counts cells that have a value for a
    rarer return period and none for a more frequent one.

    Examples
    --------
    >>> LayerFacts(cells=4, valid=3, minimum=0, maximum=1, total=2, whole=True).valid
    3
    """

    cells: int
    valid: int
    minimum: float
    maximum: float
    total: float
    whole: bool
    fall: float = 0.0
    identical: tuple[tuple[float, float], ...] = ()
    undeclared: tuple[float, ...] = ()
    doubtful: tuple[float, ...] = ()
    gaps: int = 0
    falls: float = 0.0
    positive: int = 0
    empty: tuple[float, ...] = ()

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> LayerFacts:
        """Facts from a mapping of plain values, as ``dataclasses.asdict`` and JSON give them.

        Examples
        --------
        >>> record = {"cells": 4, "valid": 3, "minimum": 0, "maximum": 1, "total": 2, "whole": True, "undeclared": [9]}
        >>> LayerFacts.from_record(record).undeclared
        (9,)
        """
        lists = {key: tuple(record.get(key, ())) for key in ("undeclared", "doubtful", "empty")}
        pairs = tuple((a, b) for a, b in record.get("identical", ()))
        return cls(**{**record, **lists, "identical": pairs})

    @property
    def missing_share(self) -> float:
        """Share of cells without a value, 0..1.

        Examples
        --------
        >>> LayerFacts(cells=4, valid=3, minimum=0, maximum=1, total=2, whole=True).missing_share
        0.25
        """
        return 1.0 - self.valid / self.cells if self.cells else 1.0


def scan(layer: xr.DataArray, *, name: str = "layer", rows: int = 512) -> LayerFacts:
    """Facts of a layer's values in one pass over bands of rows; memory stays at one band.

    Infinities count as missing.

    Parameters
    ----------
    rows : int
        Rows read at a time.

    Examples
    --------
    >>> from riskzoning import grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = grid.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
    >>> facts = scan(layer_on(geobox, [[0.0, 1.0, 2.0], [3.0, float("nan"), 5.0]], quantity="flood_depth"))
    >>> facts.valid, facts.maximum, facts.whole
    (5, 5.0, True)
    """
    if tuple(layer.dims) not in LAYER_DIMS:
        check_layer(layer, name=name)
    decoder, seen = decoder_of(layer, name=name), Seen()
    stack = layer if "return_period" in layer.dims else layer.expand_dims(return_period=[np.nan])
    periods = [float(value) for value in np.asarray(stack["return_period"].values)]
    height = stack.sizes["y"]
    bands = (
        np.asarray(stack.isel(y=slice(first, min(first + rows, height))).to_numpy()) for first in range(0, height, rows)
    )
    facts = scan_bands(bands if decoder is None else (decoder.held(band, seen) for band in bands), periods)
    return replace(facts, undeclared=tuple(sorted(seen.taken)), doubtful=tuple(sorted(seen.kept)))


def scan_bands(bands: Iterable[np.ndarray[Any, Any]], periods: list[float]) -> LayerFacts:
    """Facts of values that come as bands of shape (return_period, rows, x), from top to bottom.

    Examples
    --------
    >>> facts = scan_bands([np.array([[[1.0, np.nan]]]), np.array([[[3.0, 2.0]]])], [100.0])
    >>> facts.valid, facts.total
    (3, 6.0)
    """
    state = _ScanState(len(periods))
    for band in bands:
        state.update(band)
    return state.facts(periods)


class _ScanState:
    """Running facts of a stack, one band of rows after the other."""

    def __init__(self, layers: int) -> None:
        self.cells = self.valid = 0
        self.gaps = self.positive = 0
        self.minimum, self.maximum, self.total, self.fall, self.whole = np.inf, -np.inf, 0.0, 0.0, True
        self.same = np.ones(max(layers - 1, 0), dtype=bool)
        self.there = np.zeros(layers, dtype=bool)
        self.falling = self.above = 0

    def update(self, band: np.ndarray[Any, Any]) -> None:
        """Add a band of shape (return_period, rows, x)."""
        values = band.astype(np.float64, copy=False)
        finite = np.isfinite(values)
        self.cells += values.size
        self.valid += int(finite.sum())
        good = values[finite]
        if good.size:
            self.minimum = min(self.minimum, float(good.min()))
            self.maximum = max(self.maximum, float(good.max()))
            self.total += float(good.sum())
            self.positive += int((good > 0).sum())
            self.whole = self.whole and bool(np.all(good == np.rint(good)))
        self.there |= finite.any(axis=(1, 2))
        falling = np.zeros(values.shape[1:], dtype=bool)
        for i in range(len(self.same)):
            both = finite[i] & finite[i + 1]
            step = values[i + 1][both] - values[i][both]
            if step.size:
                self.fall = max(self.fall, float(-step.min()))
            falling[both] |= step < -_FALL
            self.gaps += int((finite[i + 1] & ~finite[i]).sum())
            self.same[i] &= bool(np.array_equal(finite[i], finite[i + 1])) and not np.any(step)
        if len(self.same):
            self.falling += int(falling.sum())
            self.above += int((finite & (values > 0)).any(axis=0).sum())

    def facts(self, periods: list[float]) -> LayerFacts:
        """The facts so far."""
        none = self.valid == 0
        return LayerFacts(
            cells=self.cells,
            valid=self.valid,
            minimum=float("nan") if none else self.minimum,
            maximum=float("nan") if none else self.maximum,
            total=self.total,
            whole=self.whole and not none,
            positive=self.positive,
            fall=self.fall,
            gaps=self.gaps,
            falls=self.falling / self.above if self.above else 0.0,
            identical=tuple((periods[i], periods[i + 1]) for i, equal in enumerate(self.same) if equal and not none),
            empty=tuple(years for years, one in zip(periods, self.there, strict=True) if not one and not none),
        )


def fact_problems(
    facts: LayerFacts,
    *,
    thing: Phrase | str,
    quantity: str,
    monotone: bool = False,
    repaired: bool = False,
    tolerance: float = _FALL,
    dry: bool | None = None,
) -> list[Problem]:
    """What is wrong or unusual in the values of a layer, judged by its quantity.

    Parameters
    ----------
    thing : Phrase or str
        The layer in words, e.g. its path.
    monotone : bool
        Whether values must not fall as the return period rises; ``tolerance`` in the quantity's unit.
    repaired : bool
        Whether a fall is repaired, and so a warning; where most cells fall, files are exchanged: an error.
    dry : bool, optional
        Whether no data means dry ground; None where nobody has said so: then it is asked for where it looks like that.

    Examples
    --------
    >>> facts = LayerFacts(cells=10, valid=10, minimum=0, maximum=250, total=900, whole=True)
    >>> [(p.severity, p.rule) for p in fact_problems(facts, thing="depth.tif", quantity="flood_depth")]
    [('error', 'layer.range')]
    """
    if facts.valid == 0:
        return [Problem("layer.empty", thing)]
    rows = _range_problems(facts, thing, standards.quantity(quantity))
    if monotone and facts.fall > tolerance:
        rows.append(_fall_problem(facts, thing, standards.quantity(quantity).units, repaired=repaired))
    if facts.undeclared:
        rows += undeclared_problems(facts.undeclared, thing)
    if dry is None and standards.quantity(quantity).negative_is_nodata and _is_dry_unsaid(facts):
        rows.append(Problem("layer.dry", thing, severity="warning", share=facts.missing_share, count=facts.gaps))
    if facts.doubtful:
        values = [f"{value:g}" for value in facts.doubtful]
        rows.append(Problem("layer.nodata_kept", thing, severity="warning", numbers=values))
    if facts.empty and not dry:
        years = [f"{period:g}" for period in facts.empty]
        rows.append(Problem("layer.empty_levels", thing, severity="warning", periods=years))
    for first, second in facts.identical:
        rows.append(Problem("layer.identical", thing, severity="warning", first=first, second=second))
    return rows + _whole_problems(facts, thing, standards.quantity(quantity))


def _whole_problems(facts: LayerFacts, thing: Phrase | str, wanted: standards.Quantity) -> list[Problem]:
    """Whole numbers alone where decimals are the rule; few cells or small ones prove nothing."""
    if not wanted.whole or not facts.whole or facts.maximum <= wanted.whole["above"] or facts.positive < _WHOLE:
        return []
    cause = Phrase("title", zh=wanted.whole["zh"], en=wanted.whole["en"])
    title = Phrase("title", zh=wanted.zh, en=wanted.en)
    values: dict[str, Any] = {"count": facts.positive, "maximum": facts.maximum, "units": wanted.units, "cause": cause}
    return [Problem("layer.whole", thing, severity="warning", quantity=title, **values)]


def _fall_problem(facts: LayerFacts, thing: Phrase | str, units: str, *, repaired: bool) -> Problem:
    if repaired and facts.falls <= _EXCHANGED:
        return Problem(
            "layer.falls_repaired", thing, severity="warning", fall=facts.fall, units=units, share=facts.falls
        )
    return Problem("layer.monotone", thing, fall=facts.fall, units=units)


def _is_dry_unsaid(facts: LayerFacts) -> bool:
    """Whether no data probably means dry ground: nothing is 0, or only a rarer flood has a value."""
    return facts.gaps > 0 or (facts.valid < facts.cells and facts.minimum > 0)


def _range_problems(facts: LayerFacts, thing: Phrase | str, wanted: standards.Quantity) -> list[Problem]:
    """A value beyond the hard range of the quantity is an error, one beyond its usual range a warning."""
    for limits, hard in ((wanted.hard, True), (wanted.soft, False)):
        if limits and (facts.minimum < limits[0] or facts.maximum > limits[1]):
            hint = wanted.beyond if facts.maximum > limits[1] else Phrase("nothing")
            return [
                Problem(
                    "layer.range", thing, severity="error" if hard else "warning", minimum=facts.minimum,
                    maximum=facts.maximum, quantity=wanted.name, low=limits[0], high=limits[1], units=wanted.units,
                    hint=hint,
                )
            ]  # fmt: skip
    return []
