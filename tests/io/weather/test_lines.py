"""Lines of daily files."""

from __future__ import annotations

import numpy as np
import pytest

from riskzoning.io.weather import lines as room
from riskzoning.io.weather.lines import read_files, read_lines


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


FIRST, SECOND = (
    b"53986 3519 11353 727 2021 7 1 55 0",
    b"3986 3519 11353 727 2021 7 2 -5 1\n53986 3519 11353 727 2021 7 2 7 0\n",
)


@pytest.mark.parametrize(
    "raws",
    [
        [FIRST, SECOND],
        [FIRST, SECOND.replace(b"\n", b"\r\n"), b"\n  \n" + FIRST + b"\n\n"],
        [FIRST, b"", SECOND],
        [FIRST, b" \n", SECOND],
        [FIRST, b"\xef\xbb\xbf" + SECOND],
        [FIRST, b"53986 3519 11353", SECOND],
        [b"53986 3519 11353 727 2021 7 1 55 0 4", SECOND],
        [FIRST, b"B3986 3519 11353 727 2021 7 1 55 0", SECOND],
        [FIRST, SECOND.replace(b"55", b'"55'), SECOND],
        [FIRST],
        [],
    ],
)
@pytest.mark.parametrize("at_once", [0, 50, 10_000])
def test_files_read_together_are_those_read_one_by_one(
    raws: list[bytes], at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "_AT_ONCE", at_once)
    texts = [(f"{number}.TXT", raw) for number, raw in enumerate(raws)]
    for (name, raw), (read, lines, problems) in zip(texts, read_files(texts, 9, "PRE"), strict=True):
        alone, wrong = read_lines(name, raw, 9, "PRE")
        assert (read, problems, lines is None) == (name, wrong, alone is None)
        if lines is not None and alone is not None:
            assert lines.station.tolist() == alone.station.tolist()
            np.testing.assert_array_equal(lines.numbers, alone.numbers)


def test_small_files_are_parsed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed = []
    monkeypatch.setattr(room, "_numbers", lambda raw, real=room._numbers: (parsed.append(raw), real(raw))[1])
    assert len(list(read_files([(str(number), SECOND) for number in range(40)], 9, "PRE"))) == 40
    assert len(parsed) == 1
