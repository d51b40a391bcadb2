"""Write the files of a sample: the same values give the same bytes, and nobody sees a half-written folder."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import rasterio
from affine import Affine
from numpy.typing import NDArray

_CLOCK = "2026-06-30T00:00:00.000Z"
_BLOCK = 256


@contextlib.contextmanager
def fresh_folder(folder: str | Path) -> Iterator[Path]:
    """A new folder beside ``folder`` to write into; its files are moved over when everything is there."""
    folder = Path(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        yield work
        made = sorted(path.relative_to(work) for path in work.rglob("*") if path.is_file())
        # The study file comes last: where it is, everything that it names is there too.
        for path in sorted(made, key=lambda path: path.name == "study.yaml"):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            os.replace(work / path, folder / path)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def write_raster(
    path: Path, values: NDArray[Any], transform: Affine, *, nodata: float, tags: Mapping[str, str] | None = None
) -> None:
    """One band as a tiled, compressed GeoTIFF in EPSG:4490; the type of ``values`` is the type of the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = values.shape
    predictor = 3 if values.dtype.kind == "f" else 2
    with rasterio.open(
        path, "w", driver="GTiff", height=height, width=width, count=1, dtype=values.dtype, crs="EPSG:4490",
        transform=transform, nodata=nodata, tiled=True, blockxsize=_BLOCK, blockysize=_BLOCK,
        compress="deflate", predictor=predictor, zlevel=9,
    ) as file:  # fmt: skip
        file.write(values, 1)
        file.update_tags(SOURCE="synthetic, riskzoning sample", **(tags or {}))


def write_vector(path: Path, layers: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Layers of one GeoPackage; the clock column holds a fixed date."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _CLOCK})
    try:
        for number, (layer, frame) in enumerate(layers.items()):
            pyogrio.write_dataframe(frame, path, layer=layer, driver="GPKG", append=number > 0)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def write_table(path: Path, frame: pd.DataFrame) -> None:
    """A table as CSV in UTF-8 with BOM (opens in Excel), lines ended the same on every system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
