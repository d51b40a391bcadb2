"""Lines of daily files."""

from __future__ import annotations

import pytest

from riskzoning.io.weather.lines import read_lines


def test_lines_are_numbers_with_five_digits_for_a_station() -> None:
    lines, problems = read_lines("a.TXT", b"3986 3519 11353 727 2021 7 1 55 0", 9, "PRE")
    assert lines is not None
    assert (lines.station.tolist(), lines.numbers.shape, problems) == (["03986"], (1, 9), [])
    assert read_lines("a.TXT", b" \n", 9, "PRE") == (None, [])


@pytest.mark.parametrize(
    ("raw", "row", "said"),
    [
        (b"53986 3519 11353 727 2021 7 1 55 0\n53986 3519", 2, "has 2 columns"),
        (b"53986 3519 11353 727 2021 7 1 x 0", 1, "has 'x' where a number should be"),
        (b"\xd5\xbe 3519 11353 727 2021 7 1 5 0", 1, "which is not a station"),
        (b"1 2 3", None, "has 3 columns"),
    ],
)
def test_what_is_wrong_with_a_line_is_told(raw: bytes, row: int | None, said: str) -> None:
    lines, problems = read_lines("a.TXT", raw, 9, "PRE")
    assert lines is None
    assert problems[0].row == row
    assert said in problems[0].found
    assert "9 integers for element PRE" in problems[0].required
