"""Compiled kernels of patches: labels of connected cells, which patches touch, small ones given to their neighbours.

Everything that loops over cells is here, one pass each; what loops over patches alone is here too, since a noisy layer
of a hundred million cells has millions of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from riskzoning.coverage.compiling import compiled

Array = np.ndarray[Any, Any]


@compiled
def root_of(parent: Array, item: int) -> int:
    """The root of an item, its path made short on the way."""
    top = item
    while parent[top] != top:
        top = parent[top]
    while parent[item] != top:
        parent[item], item = top, parent[item]
    return top


@compiled
def _united(parent: Array, first: int, second: int) -> None:
    a, b = root_of(parent, first), root_of(parent, second)
    if a < b:
        parent[b] = a
    elif b < a:
        parent[a] = b


@compiled
def label_patches(classes: Array, diagonal: bool) -> tuple[Array, int]:
    """Patches of equal class, numbered in the order of their first cell; cells of class 0 are patches as well."""
    rows, columns = classes.shape
    parent = np.empty(rows * columns, np.int32)
    for row in range(rows):
        for column in range(columns):
            at = row * columns + column
            own = classes[row, column]
            parent[at] = at
            if column and classes[row, column - 1] == own:
                _united(parent, at - 1, at)
            if row and classes[row - 1, column] == own:
                _united(parent, at - columns, at)
            if diagonal and row:
                _corners(parent, classes, row, column)
    return _numbered(parent, rows, columns)


@compiled
def _corners(parent: Array, classes: Array, row: int, column: int) -> None:
    columns = classes.shape[1]
    at, own = row * columns + column, classes[row, column]
    if column and classes[row - 1, column - 1] == own:
        _united(parent, at - columns - 1, at)
    if column + 1 < columns and classes[row - 1, column + 1] == own:
        _united(parent, at - columns + 1, at)


@compiled
def _numbered(parent: Array, rows: int, columns: int) -> tuple[Array, int]:
    count = 0
    # A root comes before all that hangs on it, so one pass in order is enough and the array is its own answer.
    for at in range(parent.size):
        if parent[at] == at:
            parent[at] = -count - 1
            count += 1
        else:
            top = parent[at]
            while top >= 0:
                top = parent[top]
            parent[at] = top
    for at in range(parent.size):
        parent[at] = -parent[at] - 1
    return parent.reshape(rows, columns), count


@compiled
def count_contacts(labels: Array, diagonal: bool) -> int:
    """How many pairs of neighbouring cells belong to two patches: an upper bound of the pairs of patches."""
    rows, columns = labels.shape
    count = 0
    for row in range(rows):
        for column in range(columns):
            own = labels[row, column]
            if column and labels[row, column - 1] != own:
                count += 1
            if row:
                count += labels[row - 1, column] != own
                if diagonal:
                    count += column > 0 and labels[row - 1, column - 1] != own
                    count += column + 1 < columns and labels[row - 1, column + 1] != own
    return count


@compiled
def contacts(labels: Array, diagonal: bool, pairs: Array) -> int:
    """Fill ``pairs`` with the patches of neighbouring cells that differ, smaller number first."""
    rows, columns = labels.shape
    count = 0
    for row in range(rows):
        for column in range(columns):
            own = labels[row, column]
            if column:
                count = _contact(pairs, count, own, labels[row, column - 1])
            if row:
                count = _contact(pairs, count, own, labels[row - 1, column])
            if diagonal and row:
                if column:
                    count = _contact(pairs, count, own, labels[row - 1, column - 1])
                if column + 1 < columns:
                    count = _contact(pairs, count, own, labels[row - 1, column + 1])
    return count


@compiled
def _contact(pairs: Array, count: int, first: int, second: int) -> int:
    if first == second:
        return count
    pairs[count, 0], pairs[count, 1] = min(first, second), max(first, second)
    return count + 1


@compiled
def merge_patches(
    classes: Array, sizes: Array, start: Array, near: Array, border: Array, least: float, longest: bool
) -> Array:
    """Give patches below ``least`` to a neighbour, smallest first, until none that could is left; the root of each.

    ``classes`` of patches is changed: that of a root is the class of all that it holds; 0 takes no part. ``start`` and
    ``near`` list the neighbours of a patch, ``border`` their shared length. The neighbour is the largest, or, if
    ``longest``, that with the longest shared border; then the nearest class, then the higher one.
    """
    count = classes.size
    parent = np.arange(count)
    following = np.full(count, -1)
    last = np.arange(count)
    seen = np.zeros(count)
    changed = True
    while changed:
        changed = False
        small = np.flatnonzero((parent == np.arange(count)) & (sizes < least) & (classes > 0))
        for patch in small[np.argsort(sizes[small], kind="mergesort")]:
            if parent[patch] != patch or sizes[patch] >= least:
                continue
            best = _neighbour(patch, parent, following, classes, sizes, start, near, border, seen, longest)
            if best < 0:
                continue
            changed = True
            classes[patch] = classes[best]
            _absorb(patch, parent, following, last, classes, sizes, start, near)
    for patch in range(count):
        root_of(parent, patch)
    return parent


@compiled
def _neighbour(
    patch: int, parent: Array, following: Array, classes: Array, sizes: Array, start: Array, near: Array,
    border: Array, seen: Array, longest: bool,
) -> int:  # fmt: skip
    """The neighbour that takes a patch; -1 where nothing but 0 touches it."""
    member = patch
    while member >= 0:
        for at in range(start[member], start[member + 1]):
            seen[root_of(parent, near[at])] += border[at]
        member = following[member]
    best = -1
    member = patch
    while member >= 0:
        for at in range(start[member], start[member + 1]):
            other = root_of(parent, near[at])
            able = other != patch and classes[other] > 0
            if able and (best < 0 or _better(other, best, patch, classes, seen if longest else sizes)):
                best = other
        member = following[member]
    member = patch
    while member >= 0:
        for at in range(start[member], start[member + 1]):
            seen[root_of(parent, near[at])] = 0
        member = following[member]
    return best


@compiled
def _better(other: int, best: int, patch: int, classes: Array, measure: Array) -> bool:
    gain = measure[other] - measure[best]
    if abs(gain) > 1e-9 * max(abs(measure[other]), abs(measure[best])):
        return gain > 0
    far = abs(classes[other] - classes[patch]) - abs(classes[best] - classes[patch])
    if far != 0:
        return far < 0
    if classes[other] != classes[best]:
        return classes[other] > classes[best]
    return other < best


@compiled
def _absorb(
    patch: int, parent: Array, following: Array, last: Array, classes: Array, sizes: Array, start: Array, near: Array
) -> None:
    """Join a patch that has changed its class with all neighbours of that class."""
    root = patch
    member, end = patch, last[patch]
    while member >= 0:
        for at in range(start[member], start[member + 1]):
            other = root_of(parent, near[at])
            root = root_of(parent, root)
            if other == root or classes[other] != classes[root]:
                continue
            # The larger one lists its members first, so that a small patch is walked once and not its neighbours.
            keep, gone = (other, root) if sizes[other] >= sizes[root] else (root, other)
            following[last[keep]] = gone
            last[keep] = last[gone]
            parent[gone] = keep
            sizes[keep] += sizes[gone]
            root = keep
        if member == end:
            break
        member = following[member]
