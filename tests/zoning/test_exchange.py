"""Exchange at borders: never worse than where it starts, regions stay whole and above the floor."""

from __future__ import annotations

import numpy as np

from riskzoning.zoning.clusters import Ground, spread, ward
from riskzoning.zoning.exchange import azp, improved, max_p


def lattice(side: int, seed: int) -> Ground:
    def near(at: int) -> list[int]:
        row, column = divmod(at, side)
        steps = [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]
        return sorted(r * side + c for r, c in steps if 0 <= r < side and 0 <= c < side)

    random = np.random.default_rng(seed)
    return Ground(
        random.normal(size=(side * side, 2)), [near(at) for at in range(side * side)], random.uniform(1, 3, side * side)
    )


def whole(ground: Ground, labels: np.ndarray) -> bool:
    for label in np.unique(labels):
        members = set(np.flatnonzero(labels == label).tolist())
        seen, queue = {min(members)}, [min(members)]
        while queue:
            for other in set(ground.near[queue.pop()]) & members - seen:
                seen.add(other)
                queue.append(other)
        if seen != members:
            return False
    return True


def test_a_wrong_border_is_moved() -> None:
    near = [[other for other in (at - 1, at + 1) if 0 <= other < 6] for at in range(6)]
    ground = Ground(np.array([1.0, 1, 1, 9, 9, 9])[:, None], near, np.ones(6))
    assert improved(ground, np.array([0, 1, 1, 1, 1, 1]), 0.0).tolist() == [0, 0, 0, 1, 1, 1]


def test_exchange_is_never_worse_than_its_start() -> None:
    for seed in range(3):
        ground = lattice(6, seed)
        start = ward(ground, 5)
        made = azp(ground, 5, seed=seed)
        assert spread(ground.values, made) <= spread(ground.values, start) + 1e-9
        assert whole(ground, made)
        assert len(np.unique(made)) == 5
        assert np.array_equal(made, azp(ground, 5, seed=seed))


def test_as_many_regions_as_the_floor_allows() -> None:
    near = [[other for other in (at - 1, at + 1) if 0 <= other < 6] for at in range(6)]
    ground = Ground(np.array([1.0, 1, 1, 9, 9, 9])[:, None], near, np.ones(6))
    assert max_p(ground, 6, 2.0).max() == 2  # three pairs
    assert max_p(ground, 6, 3.0).tolist() == [0, 0, 0, 1, 1, 1]
    assert max_p(ground, 6, 4.0).tolist() == [0] * 6
    for seed in range(3):
        ground = lattice(5, seed)
        labels = max_p(ground, 25, 9.0, seed=1)
        assert (np.bincount(labels, ground.size) >= 9.0).all()
        assert whole(ground, labels)
        assert labels.max() >= 3
