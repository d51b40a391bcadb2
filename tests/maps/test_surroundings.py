"""The surroundings as a picture give the same map as surroundings that are drawn on it."""

from __future__ import annotations

import numpy as np

from riskzoning.maps import Legend, MapNotes, Panel, map_backdrop, zoning_map
from riskzoning.maps.sheet import map_on_picture
from riskzoning.maps.surroundings import SIZES, drawn_pixels, letters_of, surroundings_picture
from riskzoning.samples import toy_result

DPI = 60


def test_a_picture_laid_over_the_grades_is_the_drawn_map_but_for_rounding() -> None:
    result = toy_result()
    units = result.units["county"]
    backdrop = map_backdrop(outlines=units, hillshade=result.layers["hillshade"], size="A4")
    picture = surroundings_picture(backdrop, lang="zh", dpi=DPI)
    over = map_on_picture(
        units, picture, column="flood_risk_grade", title="图", legend=Legend(), panel=Panel(), notes=MapNotes()
    )
    drawn = zoning_map(units, column="flood_risk_grade", title="图", backdrop=backdrop)
    a, b = (drawn_pixels(figure, DPI).astype(int)[..., :3] for figure in (over, drawn))
    off = np.abs(a - b).max(axis=-1)
    assert off.max() <= 16
    # Halos and edges of letters are rounded to 256 steps once more.
    assert (off > 2).mean() < 0.002


def test_the_picture_is_clear_where_nothing_is_drawn_and_as_large_as_the_sheet() -> None:
    picture = surroundings_picture(map_backdrop(outlines=toy_result().units["county"]), lang="en", dpi=DPI)
    wide, high = SIZES["A3"]
    assert picture.pixels is not None
    assert picture.pixels.shape == (int(high * DPI), int(wide * DPI), 4)
    assert picture.pixels[5, 5].tolist() == [255, 255, 255, 0] or picture.pixels[5, 5, 3] == 0
    assert (picture.pixels[..., 3] == 255).any()


def test_vectors_are_made_where_they_are_wanted() -> None:
    backdrop = map_backdrop(outlines=toy_result().units["county"], size="A4")
    both = surroundings_picture(backdrop, lang="zh", dpi=DPI, formats=("png", "pdf"))
    assert both.pixels is not None
    assert both.vectors is not None
    only = surroundings_picture(backdrop, lang="zh", dpi=DPI, formats=("pdf",))
    assert only.pixels is None


def test_letters_grow_with_the_sheet() -> None:
    assert letters_of("A3") == 1
    assert letters_of("A4") < 1 < letters_of("A1")
