"""Clusters of units that touch: Ward's criterion with contiguity, and pruning of the minimum spanning tree (SKATER).

Units come sorted by code, so that ties fall the same way whatever the order of the rows.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskzoning.zoning.contiguity import Indices, parts_of

Values = NDArray[np.float64]
# Costs that differ by less are equal: the order of sums must not decide between them.
_DIGITS = 10


@dataclass(frozen=True)
class Ground:
    """What is clustered: standardised values (units x columns), neighbours, and what counts towards a floor."""

    values: Values
    near: list[list[int]]
    size: Values

    @property
    def count(self) -> int:
        """Number of units."""
        return len(self.values)


def spread(values: Values, labels: Indices) -> float:
    """Sum of squares within clusters."""
    total = 0.0
    for label in np.unique(labels):
        part = values[labels == label]
        total += float(((part - part.mean(axis=0)) ** 2).sum())
    return total


def ward(ground: Ground, wanted: int, floor: float = 0.0) -> Indices:
    """Clusters by Ward's criterion; those below the floor are joined first."""
    return ward_path(ground, [wanted], floor)[wanted]


def ward_path(ground: Ground, wanted: list[int], floor: float = 0.0) -> dict[int, Indices]:
    """Clusters for several numbers of them, from one sequence of merges."""
    state = _Merging.of(ground)
    # Two small ones first: a small one beside a large one would make the large one larger and leave fewer.
    for both in (True, False):
        while state.left > 0 and state.small(floor) and state.step(floor, both=both):
            pass
    out: dict[int, Indices] = {}
    for k in sorted({min(k, state.alive) for k in wanted}, reverse=True):
        while state.alive > k and state.step(0.0):
            pass
        out[k] = state.labels()
    return {k: out[min(out, key=lambda made: abs(made - k))] for k in wanted}


@dataclass
class _Merging:
    """Clusters while they are merged: sums, sizes, neighbours, and a heap of the costs of merging."""

    ground: Ground
    member: Indices
    sums: dict[int, Values]
    counts: dict[int, int]
    sizes: dict[int, float]
    first: dict[int, int]
    near: dict[int, set[int]]
    heap: list[tuple[float, int, int, int, int]]
    left: int

    @classmethod
    def of(cls, ground: Ground) -> _Merging:
        every = range(ground.count)
        made = cls(
            ground, np.arange(ground.count), {i: ground.values[i].copy() for i in every}, dict.fromkeys(every, 1),
            {i: float(ground.size[i]) for i in every}, {i: i for i in every}, {i: set(ground.near[i]) for i in every},
            [], ground.count - 1,
        )  # fmt: skip
        for a in every:
            for b in ground.near[a]:
                if a < b:
                    made._offer(a, b)
        return made

    @property
    def alive(self) -> int:
        """Number of clusters."""
        return len(self.sums)

    def small(self, floor: float) -> bool:
        """Whether a cluster is below the floor."""
        return any(size < floor for size in self.sizes.values())

    def _offer(self, a: int, b: int) -> None:
        m, n = self.counts[a], self.counts[b]
        gap = self.sums[a] / m - self.sums[b] / n
        cost = round(m * n / (m + n) * float(gap @ gap), _DIGITS)
        low, high = sorted((self.first[a], self.first[b]))
        heapq.heappush(self.heap, (cost, low, high, a, b))

    def step(self, floor: float, *, both: bool = False) -> bool:
        """Merge the cheapest pair; with a floor one of which one, or both, are below it. False when there is none."""
        passed: list[tuple[float, int, int, int, int]] = []
        done = False
        while self.heap:
            item = heapq.heappop(self.heap)
            a, b = item[3], item[4]
            if a not in self.sums or b not in self.sums:
                continue
            if floor > 0 and (max if both else min)(self.sizes[a], self.sizes[b]) >= floor:
                passed.append(item)
                continue
            self._merge(a, b)
            done = True
            break
        for item in passed:
            heapq.heappush(self.heap, item)
        return done

    def _merge(self, a: int, b: int) -> None:
        new = 2 * self.ground.count - 1 - self.left
        self.left -= 1
        self.member = np.where((self.member == a) | (self.member == b), new, self.member)
        self.sums[new], self.counts[new] = self.sums.pop(a) + self.sums.pop(b), self.counts.pop(a) + self.counts.pop(b)
        self.sizes[new], self.first[new] = self.sizes.pop(a) + self.sizes.pop(b), min(self.first[a], self.first[b])
        self.near[new] = (self.near.pop(a) | self.near.pop(b)) - {a, b}
        for other in sorted(self.near[new]):
            self.near[other] = (self.near[other] - {a, b}) | {new}
            self._offer(*sorted((new, other)))

    def labels(self) -> Indices:
        """The cluster of each unit, numbered by its first one."""
        return numbered(self.member)


def numbered(labels: NDArray[Any]) -> Indices:
    """Labels from 0 in the order in which they occur."""
    _, first, place = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[place]


def skater(ground: Ground, wanted: int, floor: float = 0.0) -> Indices:
    """Clusters by cutting the minimum spanning tree where that lowers the sum of squares most."""
    edges = _tree(ground)
    labels = numbered(_parts(ground.count, edges))
    while len(np.unique(labels)) < wanted:
        cut = _best_cut(ground, edges, labels, floor)
        if cut is None:
            break
        edges = [edge for at, edge in enumerate(edges) if at != cut]
        labels = numbered(_parts(ground.count, edges))
    return labels


def _tree(ground: Ground) -> list[tuple[int, int]]:
    """Edges of the minimum spanning tree of every connected part; of equal ones that with the lower codes."""
    costs = sorted(
        (round(float(np.linalg.norm(ground.values[a] - ground.values[b])), _DIGITS), a, b)
        for a in range(ground.count)
        for b in ground.near[a]
        if a < b
    )
    parent = list(range(ground.count))

    def root(item: int) -> int:
        while parent[item] != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    kept = []
    for _, a, b in costs:
        if root(a) != root(b):
            parent[root(a)] = root(b)
            kept.append((a, b))
    return kept


def _parts(count: int, edges: list[tuple[int, int]]) -> Indices:
    pairs = np.array(edges, dtype=np.int64).reshape(-1, 2)
    return parts_of(count, pairs[:, 0], pairs[:, 1])


def _best_cut(ground: Ground, edges: list[tuple[int, int]], labels: Indices, floor: float) -> int | None:
    """The edge whose removal lowers the sum of squares most and leaves both sides above the floor."""
    best, at_best = -1.0, None
    whole = {int(label): _moments(ground, np.flatnonzero(labels == label)) for label in np.unique(labels)}
    below = _subtrees(ground, edges)
    for at, (a, _) in enumerate(edges):
        inside, total = below[at], whole[int(labels[a])]
        rest = (total[0] - inside[0], total[1] - inside[1], total[2] - inside[2])
        if inside[2] < floor or rest[2] < floor:
            continue
        # The sum of squares falls by the gain of the two means over the one.
        gain = round(_gain(inside) + _gain(rest) - _gain(total), _DIGITS)
        if gain > best:
            best, at_best = gain, at
    return at_best


def _gain(part: tuple[int, Values, float]) -> float:
    return float(part[1] @ part[1]) / part[0]


def _moments(ground: Ground, members: Indices) -> tuple[int, Values, float]:
    return len(members), ground.values[members].sum(axis=0), float(ground.size[members].sum())


def _subtrees(ground: Ground, edges: list[tuple[int, int]]) -> list[tuple[int, Values, float]]:
    """For each edge what hangs below it: units, sum of values, size."""
    counts, sums, sizes = np.ones(ground.count, np.int64), ground.values.copy(), ground.size.astype(float).copy()
    below: list[tuple[int, Values, float]] = [(0, sums[0], 0.0)] * len(edges)
    for node, above, at in _from_leaves(ground.count, edges):
        if above >= 0:
            below[at] = (int(counts[node]), sums[node].copy(), float(sizes[node]))
            counts[above] += counts[node]
            sums[above] += sums[node]
            sizes[above] += sizes[node]
    return below


def _from_leaves(count: int, edges: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Every unit with the one above it in its tree (-1 at the root) and the edge between, those below first."""
    near: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for at, (a, b) in enumerate(edges):
        near[a].append((b, at))
        near[b].append((a, at))
    seen = np.zeros(count, bool)
    order: list[tuple[int, int, int]] = []
    for start in range(count):
        if seen[start]:
            continue
        seen[start] = True
        first = len(order)
        order.append((start, -1, -1))
        at_node = first
        while at_node < len(order):
            for other, at in near[order[at_node][0]]:
                if not seen[other]:
                    seen[other] = True
                    order.append((other, order[at_node][0], at))
            at_node += 1
    return order[::-1]


def from_below(ground: Ground, floor: float) -> Indices:
    """As many clusters above a floor as the minimum spanning tree allows: cut off from the leaves when they suffice."""
    labels, sizes = np.arange(ground.count), ground.size.astype(float).copy()
    held: list[list[int]] = [[at] for at in range(ground.count)]
    last: dict[int, int] = {}
    order = _from_leaves(ground.count, _tree(ground))
    for node, above, _ in order:
        if sizes[node] >= floor or above < 0:
            labels[held[node]] = node
            last[node] = above
        else:
            held[above] += held[node]
            sizes[above] += sizes[node]
    for node, above in last.items():
        if above < 0 and sizes[node] < floor:
            # What is left at the root goes with a cluster that was cut off from it.
            joined = next((other for other, up in last.items() if up in held[node] and other != node), None)
            if joined is not None:
                labels[held[node]] = joined
    return numbered(labels)
