"""Text at fixed columns: blanks are missing, words are told with their rows, damaged archives are named."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from riskzoning.errors import LayerError
from riskzoning.io.weather.fixed_width import characters, contents, integers, line_problems


def test_short_lines_are_filled_and_empty_ones_left_out() -> None:
    marks = characters(b"12 345\n\n 7\r\n", 6)
    assert marks.shape == (2, 6)
    first, wrong = integers(marks[:, :2], missing=-9999)
    assert first.tolist() == [12, 7]
    assert not wrong.any()
    assert integers(marks[:, 3:6], missing=-9999)[0].tolist() == [345, -9999]
    assert characters(b"\n \n", 4).shape == (0, 4)


def test_words_are_missing_and_told() -> None:
    values, wrong = integers(characters(b"  12\n  x2\n -12\n", 4), missing=-9999)
    assert values.tolist() == [12, -9999, -12]
    assert wrong.tolist() == [False, True, False]
    (problem,) = line_problems(Path("a.dly"), wrong, "GHCN-Daily")
    assert (problem.rule, problem.row) == ("weather.fixed_lines", 2)
    assert line_problems(Path("a.dly"), np.zeros(3, dtype=bool), "GHCN-Daily") == []


def test_packed_files(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b"12\n"))
    assert contents(path) == b"12\n"
    path.write_bytes(b"no gzip at all")
    with pytest.raises(LayerError) as caught:
        contents(path)
    assert caught.value.problems[0].rule == "weather.packed"
