"""PNG files of sheets: what another program reads is what was drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from riskzoning.maps.images import write_png


def test_a_reader_gets_the_pixels_the_resolution_and_no_clock(tmp_path: Path) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (1100, 37, 4), dtype=np.uint8)
    write_png(tmp_path / "a.png", pixels, 300)
    picture = Image.open(tmp_path / "a.png")
    assert picture.mode == "RGB"
    assert np.array_equal(np.asarray(picture), pixels[..., :3])
    assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.1)
    assert picture.info["Software"] == "riskzoning"
    assert set(picture.info) == {"dpi", "Software"}
