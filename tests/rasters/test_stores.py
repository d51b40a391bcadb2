"""NetCDF (CF) and Zarr: facts of a variable on a regular grid, and its blocks."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import xarray as xr

from riskzoning.errors import LayerError
from riskzoning.rasters.stores import is_store, open_store, store_facts


def test_is_store_in_small() -> None:
    with tempfile.TemporaryDirectory() as folder:
        _ = (Path(folder) / ".zgroup").write_text("{}")
        assert (is_store(Path(folder)), is_store(Path(folder) / "missing.nc")) == (True, True)


def test_open_store_in_small() -> None:
    with tempfile.TemporaryDirectory() as folder:
        xr.Dataset({"t": ("x", [1])}).to_zarr(Path(folder) / "a.zarr").close() or None
        with open_store(Path(folder) / "a.zarr") as data:
            assert str(list(data)) == "['t']"


def test_store_facts_in_small() -> None:
    with pytest.raises(LayerError) as caught:
        store_facts(Path("no-such.zarr"))
    assert caught.value.problems[0].required == "a NetCDF or Zarr file"
