"""YAML stops at its bounds: long, deep, or standing for billions of values, in seconds and little memory."""

from __future__ import annotations

import time

import pytest

from riskzoning.limits import YAML_DEPTH, YAML_VALUES
from riskzoning.yamls import TooDeep, TooManyValues, loaded

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
BOMB += "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 13))
MERGES = "a0: &a0 {x: 1}\n" + "".join(f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}]}}\n" for i in range(1, 13))
CHAIN = "a0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 3000))


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (BOMB, TooManyValues),
        (MERGES, TooManyValues),
        ("a: &a [*a]", TooManyValues),
        ("a: &a {b: *a}", TooManyValues),
        ("- x\n" * (YAML_VALUES + 1), TooManyValues),
        (CHAIN, TooManyValues),
        ("[" * (YAML_DEPTH + 1), TooDeep),
        ("[" * 100_000, TooDeep),
        ("{a: " * 100_000, TooDeep),
    ],
)
def test_bombs_stop_at_a_bound(text: str, error: type[Exception]) -> None:
    begun = time.perf_counter()
    with pytest.raises(error):
        loaded(text)
    assert time.perf_counter() - begun < 20


def test_plain_texts_are_read_as_ever() -> None:
    assert loaded("a: &a {b: [1, 2.5, x]}\nc: *a\n") == {"a": {"b": [1, 2.5, "x"]}, "c": {"b": [1, 2.5, "x"]}}
    assert loaded("") is None
