"""Bands of files as lazy blocks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio

from riskzoning.layers.decoding import Seen, make_decoder
from riskzoning.rasters.blocks import decoded_blocks, joined, read_rows, stored_blocks, stored_values
from riskzoning.rasters.gdal import gdal_bands
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


@pytest.mark.parametrize(
    "turn", [Orientation(a, b, r) for a in (False, True) for b in (False, True) for r in (0, 2, 6)]
)
def test_windows_of_turned_and_wrapped_cells_are_those_of_the_whole(turn: Orientation) -> None:
    stored = np.arange(35).reshape(5, 7)
    whole = np.roll(turn.turned(stored), turn.roll, axis=1)
    for rows in (slice(0, 5), slice(1, 3), slice(4, 5)):
        for first, last in ((0, 7), (0, 1), (1, 4), (2, 7), (5, 6), (6, 7)):
            own, pieces = turn.stored(rows, slice(first, last), (5, 7))
            read = joined([turn.turned(stored[own, piece]) for piece in pieces])
            assert read.tolist() == whole[rows, first:last].tolist()


def test_blocks_of_very_wide_files_are_cut_across(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.tif",
        np.ones((64, 64), "u1"),
        tiled=True,
        blockxsize=16,
        blockysize=16,
    )
    (facts,) = gdal_bands(path)
    wide = replace(facts, shape=(400_000, 400_000), block_shape=(4096, 4096))
    lazy = decoded_blocks(wide, make_decoder(None, wide))
    assert max(lazy.chunks[0]) * max(lazy.chunks[1]) <= 1 << 25
    assert len(decoded_blocks(facts, make_decoder(None, facts)).chunks[1]) == 1


def test_a_small_file_of_this_program_is_the_same_read_at_once(tmp_path: Path) -> None:
    values = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    values[0, 1, 1] = np.nan
    path = write(tmp_path / "a.tif", values, nodata=np.nan)
    lazily = np.stack([block.compute() for block in stored_blocks(path, 2)])
    np.testing.assert_array_equal(np.stack(stored_values(path)), lazily)
    np.testing.assert_array_equal(lazily, values)
