"""Regions that are improved by handing units from one to the next: AZP, and max-p on top of it."""

from __future__ import annotations

import numpy as np

from riskzoning.zoning.clusters import Ground, from_below, numbered, skater, spread, ward
from riskzoning.zoning.contiguity import Indices

_STARTS = 4
_DIGITS = 10


def azp(ground: Ground, wanted: int, floor: float = 0.0, *, seed: int = 0) -> Indices:
    """The best of several starts: regions grown from seeds, and those of Ward and SKATER, each improved."""
    starts = [
        labels for labels in (ward(ground, wanted, floor), skater(ground, wanted, floor)) if _right(labels, wanted)
    ]
    random = np.random.default_rng(seed)
    starts += [labels for _ in range(_STARTS) if (labels := _grown(ground, wanted, floor, random)) is not None]
    if not starts:
        return ward(ground, wanted, floor)
    made = [numbered(improved(ground, labels, floor)) for labels in starts]
    return min(made, key=lambda labels: (round(spread(ground.values, labels), 9), labels.tolist()))


def max_p(ground: Ground, most: int, floor: float, *, seed: int = 0) -> Indices:
    """As many regions above the floor as there can be, at most ``most``, and of those the most even."""
    most = min(most, int(ground.size.sum() // floor) if floor > 0 else most, ground.count)
    random = np.random.default_rng(seed)
    cut = from_below(ground, floor)
    for wanted in range(most, 0, -1):
        tries = [cut, ward(ground, wanted, floor), skater(ground, wanted, floor)]
        tries += [labels for _ in range(_STARTS) if (labels := _grown(ground, wanted, floor, random)) is not None]
        right = [labels for labels in tries if _right(labels, wanted) and _above(ground, labels, floor)]
        if right:
            made = [numbered(improved(ground, labels, floor)) for labels in right]
            return min(made, key=lambda labels: (round(spread(ground.values, labels), 9), labels.tolist()))
    return ward(ground, 1)


def _right(labels: Indices, wanted: int) -> bool:
    return len(np.unique(labels)) == wanted


def _above(ground: Ground, labels: Indices, floor: float) -> bool:
    return bool((np.bincount(labels, ground.size) >= floor - 1e-9).all())


def _grown(ground: Ground, wanted: int, floor: float, random: np.random.Generator) -> Indices | None:
    """Regions grown from seeds, each taking the unit beside it that is most like it, the smallest region first."""
    labels = np.full(ground.count, -1, dtype=np.int64)
    seeds = random.choice(ground.count, wanted, replace=False)
    labels[seeds] = np.arange(wanted)
    sums, counts = ground.values[seeds].copy(), np.ones(wanted)
    sizes = ground.size[seeds].astype(float)
    open_regions = set(range(wanted))
    while open_regions and (labels < 0).any():
        region = min(open_regions, key=lambda one: (sizes[one] >= floor, sizes[one], one))
        edge = sorted({o for at in np.flatnonzero(labels == region) for o in ground.near[at] if labels[o] < 0})
        if not edge:
            open_regions.discard(region)
            continue
        gaps = ((ground.values[edge] - sums[region] / counts[region]) ** 2).sum(axis=1)
        unit = edge[int(np.argmin(np.round(gaps, _DIGITS)))]
        labels[unit] = region
        sums[region] += ground.values[unit]
        counts[region] += 1
        sizes[region] += ground.size[unit]
    whole = bool((labels >= 0).all())
    return labels if whole and _above(ground, labels, floor) else None


def improved(ground: Ground, labels: Indices, floor: float) -> Indices:
    """Hand units at borders over, the best exchange first, while that lowers the sum of squares."""
    labels = labels.copy()
    wanted = int(labels.max()) + 1
    counts = np.bincount(labels, minlength=wanted).astype(float)
    sums = np.zeros((wanted, ground.values.shape[1]))
    np.add.at(sums, labels, ground.values)
    sizes = np.bincount(labels, ground.size, minlength=wanted)
    for _ in range(20 * ground.count):
        move = _best_move(ground, labels, (counts, sums, sizes), floor)
        if move is None:
            return labels
        unit, target = move
        source = labels[unit]
        for region, sign in ((source, -1.0), (target, 1.0)):
            counts[region] += sign
            sums[region] += sign * ground.values[unit]
            sizes[region] += sign * ground.size[unit]
        labels[unit] = target
    return labels


def _best_move(
    ground: Ground, labels: Indices, state: tuple[np.ndarray, np.ndarray, np.ndarray], floor: float
) -> tuple[int, int] | None:
    counts, sums, sizes = state
    moves = []
    for unit in range(ground.count):
        source = labels[unit]
        if counts[source] < 2 or sizes[source] - ground.size[unit] < floor - 1e-9:
            continue
        value = ground.values[unit]
        away = value - sums[source] / counts[source]
        saved = counts[source] / (counts[source] - 1) * float(away @ away)
        for target in sorted({int(labels[other]) for other in ground.near[unit]} - {int(source)}):
            gap = value - sums[target] / counts[target]
            gain = round(saved - counts[target] / (counts[target] + 1) * float(gap @ gap), _DIGITS)
            if gain > 0:
                moves.append((-gain, unit, target))
    for _, unit, target in sorted(moves):
        if _stays_whole(ground, labels, unit):
            return unit, target
    return None


def _stays_whole(ground: Ground, labels: Indices, unit: int) -> bool:
    """Whether the region of a unit is still connected without it."""
    own = labels[unit]
    inside = [other for other in ground.near[unit] if labels[other] == own]
    if not inside:
        return False
    wanted, seen, queue = set(inside), {unit, inside[0]}, [inside[0]]
    while queue:
        for other in ground.near[queue.pop()]:
            if labels[other] == own and other not in seen:
                seen.add(other)
                queue.append(other)
    return wanted <= seen
