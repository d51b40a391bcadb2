"""What is too small to be read on paper: it joins a more severe neighbour or is enlarged, never lost in a milder one.

The map alone is changed; layers and tables keep every cell, and the footer of the map says how much was done.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Codes: TypeAlias = NDArray[np.uint8]
Labels: TypeAlias = NDArray[np.int32]
# Cells that touch at a corner belong together: a valley or a river that runs askew is one.
_ROUND = np.ones((3, 3), dtype=int)
_CROSS = ndimage.generate_binary_structure(2, 1)
# What one class may gain on the map by enlarging its patches, and lose by joining them: shares of the mapped ground.
_MOST = 0.02
_NO_CLASS = 255


@dataclass(frozen=True)
class Changes:
    """What a map shows otherwise than the layer: patches and shares (0..1) of the mapped ground."""

    joined: int = 0
    joined_share: float = 0.0
    enlarged: int = 0
    enlarged_share: float = 0.0

    @property
    def any(self) -> bool:
        """Whether anything is shown otherwise."""
        return self.joined + self.enlarged > 0


def legible_classes(values: Codes, least: int) -> tuple[Codes, Changes]:
    """Grades (0 = no data) as they can be read: no patch below ``least`` cells, as far as the map stays true.

    A patch with nothing more severe beside it is enlarged; one beside a more severe class joins it. Where the small
    patches of a class are so many that this would repaint over 2 % of the ground, they change less, or not at all.
    """
    out = values.copy()
    ground = int((values > 0).sum())
    if least < 2 or not ground:
        return out, Changes()
    room = _MOST * ground
    classes = [int(grade) for grade in np.unique(values) if grade > 0]
    enlarged = [_enlarge(out, grade, least, room) for grade in reversed(classes[1:])]
    joined = [_join(out, grade, least, room) for grade in classes[:-1]]
    for grade in classes:
        _keep(out, values, grade, least)
    joined_cells, enlarged_cells = (sum(cells for _, cells in part) for part in (joined, enlarged))
    return out, Changes(
        sum(count for count, _ in joined), joined_cells / ground,
        sum(count for count, _ in enlarged), enlarged_cells / ground,
    )  # fmt: skip


def _patches(mask: NDArray[np.bool_], structure: NDArray[Any]) -> tuple[Labels, NDArray[np.int64]]:
    """Patches of a mask and their cells; what is outside counts as no cell."""
    labels, count = ndimage.label(mask, structure)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    sizes[0] = 0
    return labels, sizes


def _enlarge(values: Codes, grade: int, least: int, room: float) -> tuple[int, int]:
    """Let small patches of this class and above grow into less severe ground; those close together grow as one."""
    severe = values >= grade
    labels, sizes = _patches(severe, _ROUND)
    small = ((sizes > 0) & (sizes < least))[labels]
    groups, _ = ndimage.label(ndimage.binary_dilation(small, _ROUND), _ROUND)
    groups = np.where(small, groups, 0)
    cells = np.bincount(groups.ravel())
    cells[0] = least
    wanted = least
    while wanted > 1 and np.maximum(wanted - cells, 0).sum() > room:
        wanted //= 2
    new = _growth(groups, np.maximum(wanted - cells, 0), (values > 0) & ~severe)
    values.flat[new] = grade
    return int((cells < wanted).sum()), len(new)


def _growth(patches: Labels, need: NDArray[np.int64], free: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Cells (flat) by which the patches grow over free ground, ring by ring, until each has what it needs."""
    columns = free.shape[1] + 2
    open_ground, labels = np.pad(free, 1).ravel(), np.pad(patches, 1).ravel()
    cross = [-columns, -1, 1, columns]
    rings = ([*cross, -columns - 1, 1 - columns, columns - 1, columns + 1], cross)
    need, edge = need.copy(), np.flatnonzero(labels)
    grown, ring = [np.empty(0, dtype=np.intp)], 0
    while edge.size:
        edge = edge[need[labels[edge]] > 0]
        near = (edge[:, None] + rings[ring % 2]).ravel()
        owner = np.repeat(labels[edge], len(rings[ring % 2]))
        owner, near = owner[open_ground[near]], near[open_ground[near]]
        near, first = np.unique(near, return_index=True)
        order = np.argsort(owner[first], kind="stable")
        near, owner = near[order], owner[first][order]
        # No patch takes more than it needs of the ring around it.
        taken = np.arange(len(owner)) - np.searchsorted(owner, owner) < need[owner]
        edge, owner = near[taken], owner[taken]
        open_ground[edge], labels[edge] = False, owner
        need -= np.bincount(owner, minlength=len(need))
        grown.append(edge)
        ring += 1
    rows, across = np.divmod(np.concatenate(grown), columns)
    return (rows - 1) * free.shape[1] + across - 1


def _join(values: Codes, grade: int, least: int, room: float) -> tuple[int, int]:
    """Give small patches of a class to the least severe of the more severe classes that touch them."""
    labels, sizes = _patches(values == grade, _CROSS)
    above = np.where(values > grade, values, _NO_CLASS).astype(np.uint8)
    beside = ndimage.minimum_filter(above, footprint=_CROSS, mode="constant", cval=_NO_CLASS)
    nearest = np.full(len(sizes), _NO_CLASS, dtype=np.uint8)
    np.minimum.at(nearest, labels.ravel(), beside.ravel())
    may = (sizes > 0) & (sizes < least) & (nearest < _NO_CLASS)
    wanted = least
    while wanted > 1 and sizes[may & (sizes < wanted)].sum() > room:
        wanted //= 2
    chosen = may & (sizes < wanted)
    moved = chosen[labels]
    values[moved] = nearest[labels[moved]]
    return int(chosen.sum()), int(moved.sum())


def _keep(values: Codes, before: Codes, grade: int, least: int) -> None:
    """A class that nothing shows any more keeps its largest patch, grown over the commonest class if that is milder."""
    if (values == grade).any():
        return
    labels, sizes = _patches(before == grade, _ROUND)
    own = labels == int(np.argmax(sizes))
    commonest = int(np.argmax(np.bincount(values[values > 0])))
    free = (values == commonest) & (commonest < grade) & ~own
    need = np.array([0, max(least - int(own.sum()), 0)])
    values.flat[_growth(own.astype(np.int32), need, free)] = grade
    values[own] = grade
