import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.samples.noise import LatticeNoise, Waves, generator


@settings(deadline=None, max_examples=30)
@given(
    seed=st.integers(0, 2**32 - 1),
    first=st.integers(0, 500),
    cut=st.integers(1, 19),
    steps=st.lists(st.integers(2, 40), min_size=1, max_size=3),
)
def test_bands_do_not_depend_on_how_rows_are_cut(seed, first, cut, steps):
    noise = LatticeNoise(seed, tuple(steps), 33)
    whole = noise.band(first, 20)
    assert np.array_equal(whole, np.vstack([noise.band(first, cut), noise.band(first + cut, 20 - cut)]))
    assert np.abs(whole).max() <= 1 + 1e-6


def test_waves_have_mean_0_and_variance_1():
    x = np.linspace(0, 900, 150)
    values = Waves.drawn(generator(3, "test"), [12.0, 5.0], count=60).grid(x, x)
    assert abs(values.mean()) < 0.15
    assert 0.7 < values.std() < 1.3


def test_each_purpose_has_its_own_numbers():
    draws = {generator(1, *words).random() for words in (("a",), ("b",), ("a", "b"))} | {generator(2, "a").random()}
    assert len(draws) == 4
