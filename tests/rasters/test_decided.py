"""What is said about the decisions on a raster file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from affine import Affine

from riskzoning import io
from riskzoning.coverage.sources import open_source
from riskzoning.errors import Decisions, Journal, deciding, hearing
from riskzoning.layers.decoding import make_decoder
from riskzoning.rasters.decided import decision
from riskzoning.rasters.facts import RasterFacts


def facts(dtype: str, **options: Any) -> RasterFacts:
    return RasterFacts("a.tif", "GTiff", "EPSG:4490", Affine(1, 0, 113, 0, -1, 36), (1, 3), dtype, **options)


def test_a_plain_file_needs_no_decision_and_an_odd_one_tells_it() -> None:
    plain = facts("float32")
    assert decision(plain, make_decoder(None, plain)) is None
    odd = facts("int16", nodata=(-1.0,), masked=True, scale=0.5)
    problem = decision(odd, make_decoder(None, odd))
    assert problem is not None
    assert problem.found == "is read with no data -1, its mask band, times 0.5 plus 0"


def written(path: Path, crs: str | None) -> Path:
    values = np.array([[1, -1], [3, 4]], "i2")
    profile: dict[str, Any] = {"driver": "GTiff", "height": 2, "width": 2, "count": 1, "dtype": "int16", "crs": crs}
    with rasterio.open(path, "w", nodata=-1, transform=Affine(100, 0, 5e5, 0, 100, 3.9e6), **profile) as file:
        file.write(values, 1)
        file.scales, file.offsets, file.units = (0.5,), (1.0,), ("m",)
    return path


def test_decisions_on_a_file_are_kept_with_their_reasons(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tif", None)
    with hearing(Journal()), deciding(Decisions()) as made:
        io.read_layer(path, quantity="elevation", crs="EPSG:4547", units="cm")
    rows = {row["what"]: row for row in made.as_record("en")[str(path)]}
    assert rows["crs"]["value"] == "EPSG:4547"
    assert rows["crs"]["because"] == rows["units"]["because"] == "as study.yaml states"
    assert rows["units"]["value"] == "cm"
    assert rows["nodata"]["value"] == [-1.0]
    assert rows["scale"]["value"] == ["scale = 0.005", "offset = 0.01"]
    assert rows["axis"]["value"][0] == "rows and columns turned to lie north up"


def test_the_door_of_statistics_keeps_the_same(tmp_path: Path) -> None:
    path = written(tmp_path / "a.tif", "EPSG:4547")
    with hearing(Journal()), deciding(Decisions()) as layer:
        io.read_layer(path, quantity="elevation")
    with hearing(Journal()), deciding(Decisions()) as zonal:
        open_source(path)
    assert [decision.text("en") for decision in layer.made] == [decision.text("en") for decision in zonal.made]
