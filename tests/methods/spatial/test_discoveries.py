"""False discoveries: the step-up rule, ties, missing tests."""

from __future__ import annotations

import numpy as np

from riskzoning.methods.spatial import false_discovery


def test_the_rule_steps_up() -> None:
    # 15 tests of the example of Benjamini and Hochberg (1995): the four smallest stand at 5 %.
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.3240,
        0.4262,
        0.5719,
        0.6528,
        0.7590,
        1,
    ]
    assert false_discovery(p).sum() == 4
    # A larger one that stands takes smaller ones with it.
    assert false_discovery([0.03, 0.04, 0.045]).all()


def test_no_test_is_no_discovery() -> None:
    assert not false_discovery([np.nan, np.nan]).any()
    assert not false_discovery([]).any()
    assert false_discovery([np.nan, 0.01]).tolist() == [False, True]


def test_stricter_rates_keep_fewer() -> None:
    p = np.random.default_rng(0).random(200) ** 3
    kept = [false_discovery(p, rate=rate).sum() for rate in (0.01, 0.05, 0.2)]
    assert kept == sorted(kept)
    assert kept[2] > kept[0]
