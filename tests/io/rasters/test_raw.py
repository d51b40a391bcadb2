"""Facts of a raster as it stands in its file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from riskzoning.errors import LayerError
from riskzoning.io.rasters.raw import raw_raster


def test_facts_are_not_judged_and_rows_come_in_blocks(tmp_path: Path) -> None:
    turned = Affine.rotation(3) * Affine(0.1, 0, 5, 0, 0.1, 9)
    values = np.arange(1100 * 2, dtype=np.float32).reshape(1100, 2)
    with rasterio.open(
        tmp_path / "a.tif", "w", driver="GTiff", height=1100, width=2, count=1, dtype="float32", transform=turned
    ) as file:
        file.write(values, 1)
    raster = raw_raster(tmp_path / "a.tif")
    assert (raster.crs, raster.nodata, raster.dtype, raster.bands) == (None, None, "float32", 1)
    assert raster.affine.b == pytest.approx(turned.b)
    blocks = dict(raster.blocks())
    assert list(blocks) == [0, 512, 1024]
    assert np.array_equal(np.concatenate(list(blocks.values())), values)


def test_no_raster(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(b"nothing")
    with pytest.raises(LayerError) as error:
        raw_raster(tmp_path / "a.tif")
    assert error.value.problems[0].rule == "product.unreadable"
