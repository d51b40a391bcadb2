"""Pictures that lie on the page: small, in the colours of the palette, in their place."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import xarray as xr
from PIL import Image

from riskzoning.samples import toy_result
from riskzoning.webmap.overlays import write_overlays, write_relief


def test_rasters_are_small_pictures_in_the_colours_of_the_palette(tmp_path: Path) -> None:
    entries = write_overlays(toy_result(), tmp_path)
    assert [entry["key"] for entry in entries] == ["flood_risk_index", "earthquake_risk_index", "multi_risk_index"]
    picture = Image.open(tmp_path / "raster_flood.png").convert("RGBA")
    colours = {colour[:3] for _, colour in picture.getcolors(10**6) if colour[3] == 255}
    low, high = (tuple(int(entries[0]["colours"][i][j : j + 2], 16) for j in (1, 3, 5)) for i in (0, -1))
    assert low in colours
    assert high in colours
    (south, west), (north, east) = entries[0]["bounds"]
    assert south < 35.25 < north
    assert west < 114.03 < east
    assert write_relief(toy_result(), tmp_path / "relief.png") == entries[0]["bounds"]


def test_a_result_without_relief_or_indices_has_no_pictures(tmp_path: Path) -> None:
    bare = dataclasses.replace(toy_result(), layers=xr.Dataset())
    assert write_overlays(bare, tmp_path) == []
    assert write_relief(bare, tmp_path / "relief.png") is None
    assert list(tmp_path.iterdir()) == []
