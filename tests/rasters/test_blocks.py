"""Bands of files as lazy blocks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rasterio

from riskzoning.rasters.blocks import decoded_blocks, read_rows, stored_blocks, turned
from riskzoning.rasters.decoding import Seen, make_decoder
from riskzoning.rasters.opening import raster_facts
from riskzoning.rasters.placing import Orientation


def write(path: Path, values: Any, **options: Any) -> Path:
    bands = np.atleast_3d(np.asarray(values).T).T
    shape = {"count": bands.shape[0], "height": bands.shape[1], "width": bands.shape[2], "dtype": bands.dtype}
    place = {"crs": "EPSG:4547", "transform": rasterio.Affine(100, 0, 5e5, 0, -100, 3.9e6)}
    with rasterio.open(path, "w", **{"driver": "GTiff", **place, **shape, **options}) as file:
        file.write(bands)
    return path


def test_blocks_and_rows_are_the_file_and_stored_ones_are_as_stored(tmp_path: Path) -> None:
    values = np.arange(24, dtype="i2").reshape(6, 4)
    values[3, 1] = -9999
    path = write(tmp_path / "a.tif", values)
    facts, _ = raster_facts(path)
    decoder, seen = make_decoder(None, facts), Seen()
    wanted = np.where(values == -9999, np.nan, values)
    lazy = decoded_blocks(facts, decoder, 4)
    assert lazy.chunks[0] == (4, 2)
    assert np.array_equal(lazy.compute(), wanted, equal_nan=True)
    assert np.array_equal(read_rows(facts, decoder, 2, 5, seen), wanted[2:5], equal_nan=True)
    assert seen.taken == {-9999.0}
    (stored,) = stored_blocks(path, 2)
    assert stored.dtype == np.int16
    assert np.array_equal(stored.compute(), values)


def test_a_file_written_again_has_blocks_of_another_name(tmp_path: Path) -> None:
    names = set()
    for value in (1, 2):
        path = write(tmp_path / "a.tif", np.full((2, 2), value, "u1"))
        (stored,) = stored_blocks(path, 2)
        names.add(stored.name)
        assert (stored.compute() == value).all()
    assert len(names) == 2


def test_cells_are_turned_north_up_and_wrapped() -> None:
    cells = np.array([[1, 2, 3], [4, 5, 6]])
    assert turned(cells, Orientation(True, True, 0)).tolist() == [[6, 5, 4], [3, 2, 1]]
    assert turned(cells, Orientation(False, False, 1)).tolist() == [[3, 1, 2], [6, 4, 5]]
