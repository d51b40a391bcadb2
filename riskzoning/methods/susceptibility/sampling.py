"""Cells drawn from the ground: all with an event, and others by a number that each cell of the plane has of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import dask.array as da
import numpy as np
from odc.geo.geobox import GeoBox

from riskzoning.layers import grid_of
from riskzoning.methods.susceptibility.counting import Array, fold_blocks
from riskzoning.methods.susceptibility.factors import Factors
from riskzoning.methods.susceptibility.model import Ground

_STEPS = (0xBF58476D1CE4E5B9, 0x94D049BB133111EB)


@dataclass(frozen=True, eq=False)
class Sample:
    """Cells of the ground with the codes of their classes; those without an event stand for ``1 / share`` each."""

    names: tuple[str, ...]
    codes: Array
    event: Array
    block: Array
    x: Array
    y: Array
    chance: Array
    share: float
    cells: int
    events: int
    # The factors as measured, where a model asks for them; NaN where there is no value.
    values: Array | None = None

    def rows(self, chosen: Array) -> Sample:
        """Some of the cells; the totals stay those of the ground."""
        names = ("codes", "event", "block", "x", "y", "chance")
        values = None if self.values is None else self.values[chosen]
        return replace(self, values=values, **{name: getattr(self, name)[chosen] for name in names})

    def weights(self) -> Array:
        """How many cells of the ground each row stands for."""
        return np.where(self.event, 1.0, 1.0 / self.share)


def gathered(classes: Factors, ground: Ground, *, count: float, seed: int, measured: Factors | None = None) -> Sample:
    """All cells with an event, and about ``count`` without; the same cells on any blocks and in any window.

    ``measured``: the factors as values, under the names of the classes, where they are wanted beside.
    """
    names = tuple(classes)
    cells, events = (int(total) for total in fold_blocks(_totals, np.add, ground.within, ground.events))
    share = 1.0 if cells - events <= count else count / (cells - events)
    grid = grid_of(ground.within)
    lazy = any(isinstance(layer.data, da.Array) for layer in (ground.within, ground.events, *classes.values()))
    x, y = _centres(grid, lazy=lazy)
    kernel = partial(_drawn, share=share, seed=seed, factors=len(names))
    layers = [classes[name] for name in names] + [measured[name] for name in names if measured is not None]
    parts = fold_blocks(kernel, _joined, ground.within, ground.events, ground.blocks, x, y, *layers)
    codes, values, event, block, east, north, chance = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.lexsort((east, -north))
    drawn = Sample(
        names, codes[order], event[order], block[order], east[order], north[order], chance[order], share, cells, events
    )
    return drawn if measured is None else replace(drawn, values=values[order])


def _totals(within: Array, events: Array) -> Array:
    inside = np.asarray(within) > 0
    return np.array([inside.sum(), (inside & (np.asarray(events) > 0)).sum()], dtype=np.int64)


def _centres(grid: GeoBox, *, lazy: bool) -> tuple[Any, Any]:
    """Coordinates of the centres of the cells, as arrays of the shape of the grid."""
    x = grid.affine.c + (np.arange(grid.shape[1]) + 0.5) * grid.affine.a
    y = grid.affine.f + (np.arange(grid.shape[0]) + 0.5) * grid.affine.e
    if not lazy:
        shape = (grid.shape[0], grid.shape[1])
        return np.broadcast_to(x[None, :], shape), np.broadcast_to(y[:, None], shape)
    dask_array: Any = da
    across, down = (dask_array.from_array(axis, name=False) for axis in (x[None, :], y[:, None]))
    return across + down * 0, down + across * 0


def _drawn(
    within: Array,
    events: Array,
    blocks: Array,
    x: Array,
    y: Array,
    *layers: Array,
    share: float,
    seed: int,
    factors: int,
) -> list[tuple[Array, ...]]:
    inside = np.asarray(within) > 0
    hit = np.asarray(events)[inside] > 0
    east, north = np.asarray(x)[inside], np.asarray(y)[inside]
    chance = chances(east, north, seed)
    chosen = hit | (chance < share)
    codes = [np.nan_to_num(np.asarray(piece)[inside][chosen]).astype(np.int32) for piece in layers[:factors]]
    table = np.stack(codes, axis=1) if codes else np.zeros((int(chosen.sum()), 0), dtype=np.int32)
    pieces = [np.asarray(piece)[inside][chosen].astype(np.float64) for piece in layers[factors:]]
    # Where a factor has no class it has no value.
    values = np.where(table > 0, np.stack(pieces, axis=1), np.nan) if pieces else np.zeros((len(table), 0))
    block = np.asarray(blocks)[inside][chosen]
    return [(table, values, hit[chosen], block, east[chosen], north[chosen], chance[chosen])]


def _joined(one: list[Any], two: list[Any]) -> list[Any]:
    one.extend(two)
    return one


def chances(x: Array, y: Array, seed: int) -> Array:
    """A number from 0 to 1 for every place, to the decimetre: mixed from place and seed alone."""
    east, north = (np.rint(np.asarray(at) * 10).astype(np.int64).view(np.uint64) for at in (x, y))
    with np.errstate(over="ignore"):
        mixed = _mixed(east + np.uint64(seed % (1 << 32)) * np.uint64(0x9E3779B97F4A7C15))
        mixed = _mixed(mixed ^ north)
    return np.asarray((mixed >> np.uint64(11)) / float(1 << 53))


def _mixed(number: Array) -> Array:
    """Every bit of a number spread over all of it (the finaliser of splitmix64)."""
    number = number + np.uint64(0x9E3779B97F4A7C15)
    for shift, step in zip((30, 27), _STEPS, strict=True):
        number = (number ^ (number >> np.uint64(shift))) * np.uint64(step)
    return number ^ (number >> np.uint64(31))


def far_from_events(sample: Sample, distance: float) -> Array:
    """Which cells have no event, and none within a distance (m)."""
    from scipy.spatial import cKDTree

    free = ~sample.event
    if not distance > 0 or not sample.event.any() or not free.any():
        return free
    places = np.column_stack([sample.x, sample.y])
    near, _ = cKDTree(places[sample.event]).query(places, distance_upper_bound=distance)
    return np.asarray(free & ~(near <= distance))


def columns_of(names: Sequence[str], sample: Sample, *, measured: bool = False) -> Array:
    """The codes of some factors, or their values, in the order asked for."""
    table = sample.values if measured else sample.codes
    assert table is not None
    return np.asarray(table[:, [sample.names.index(name) for name in names]])
