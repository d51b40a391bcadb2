"""Labels of patches and their contacts, against another way to count them."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from riskzoning.zoning.kernels import contacts, count_contacts, label_patches


def test_labels_are_numbered_by_their_first_cell() -> None:
    labels, count = label_patches(np.array([[2, 2, 1], [1, 2, 1], [1, 1, 1]], np.uint8), False)
    assert count == 2
    assert labels.tolist() == [[0, 0, 1], [1, 0, 1], [1, 1, 1]]


def test_labels_of_a_noisy_layer() -> None:
    values = np.random.default_rng(3).integers(0, 3, (70, 90)).astype(np.uint8)
    for diagonal, structure in ((False, None), (True, np.ones((3, 3)))):
        labels, count = label_patches(values, diagonal)
        assert count == sum(ndimage.label(values == grade, structure)[1] for grade in range(3))
        for grade in range(3):
            own, parts = ndimage.label(values == grade, structure)
            pairs = np.unique(np.column_stack([own[own > 0], labels[own > 0]]), axis=0)
            assert len(pairs) == parts


def test_contacts_of_three_patches() -> None:
    labels = np.array([[0, 0, 1], [2, 2, 1]], np.int32)
    for diagonal, wanted in ((False, [(0, 1), (0, 2), (0, 2), (1, 2)]), (True, None)):
        pairs = np.empty((count_contacts(labels, diagonal), 2), np.int32)
        assert contacts(labels, diagonal, pairs) == len(pairs)
        if wanted:
            assert sorted(map(tuple, pairs.tolist())) == wanted
        else:
            assert {tuple(pair) for pair in pairs.tolist()} == {(0, 1), (0, 2), (1, 2)}
