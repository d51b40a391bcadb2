"""Maps of a run for a report: found by their index, small, the same twice."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from riskzoning.names import Index
from riskzoning.report.pictures import Pictures, small

INDEX = Index("flood", "risk")


def draw(path: Path, colour: str, size: tuple[int, int] = (200, 100)) -> None:
    Image.new("RGB", size, colour).save(path)


def test_the_finest_units_come_first_then_the_grid(tmp_path: Path) -> None:
    pictures = Pictures(tmp_path, "41", ("city", "county"))
    assert pictures.of(INDEX) is None
    draw(tmp_path / "41_flood_risk_grid.png", "blue")
    grid = pictures.of(INDEX)
    draw(tmp_path / "41_flood_risk_county.png", "red")
    draw(tmp_path / "42_flood_risk_county.png", "green")
    county = pictures.of(INDEX)
    assert grid is not None
    assert county is not None
    with Image.open(io.BytesIO(county)) as shown:
        assert shown.convert("RGB").getpixel((5, 5)) == (255, 0, 0)
    assert Pictures(None, "41", ("county",)).of(INDEX) is None


def test_large_maps_become_small_and_keep_their_colours(tmp_path: Path) -> None:
    rows = np.zeros((1200, 5000, 3), np.uint8)
    rows[:, :2500] = (215, 25, 28)
    rows[:, 2500:] = (43, 131, 186)
    Image.fromarray(rows).save(tmp_path / "a.png")
    first = small(tmp_path / "a.png")
    assert first == small(tmp_path / "a.png")
    with Image.open(io.BytesIO(first)) as shown:
        assert shown.width <= 1700
        left, right = (shown.convert("RGB").getpixel((x, 100)) for x in (10, shown.width - 10))
    assert np.abs(np.subtract(left, (215, 25, 28))).max() <= 4
    assert np.abs(np.subtract(right, (43, 131, 186))).max() <= 4
