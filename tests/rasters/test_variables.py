"""What the attributes of a NetCDF or Zarr variable say (CF conventions): axes, CRS, missing and valid values."""

from __future__ import annotations

import numpy as np
import pyproj
import xarray as xr

from riskzoning.rasters.variables import axes_of, crs_of, gridded, numbers_of, valid_limits


def test_axes_of_in_small() -> None:
    data = xr.Dataset({"t": (("lat", "lon"), [[1.0]])}, coords={"lat": [35.0], "lon": [114.0]})
    assert (axes_of(data, data["t"])) == ("lat", "lon")


def test_gridded_in_small() -> None:
    assert (gridded(xr.Dataset({"t": (("lat", "lon"), [[1.0]]), "n": 3}, coords={"lat": [35.0], "lon": [114.0]}))) == [
        "t"
    ]


def test_crs_of_in_small() -> None:
    attrs = {"grid_mapping_name": "latitude_longitude", "semi_major_axis": 6378137.0, "inverse_flattening": 298.0}
    data = xr.Dataset({"t": ("x", [1.0], {"grid_mapping": "crs"}), "crs": ((), 0, attrs)})
    assert (crs_of(data, data["t"])) == (None, "unnamed, latitude_longitude")
    data["crs"].attrs["crs_wkt"] = pyproj.CRS(4490).to_wkt()
    assert (crs_of(data, data["t"])) == ("EPSG:4490", "")


def test_numbers_of_in_small() -> None:
    assert (
        numbers_of({"_FillValue": -9999, "missing_value": [-9999.0, 1e20], "units": "m"}, "_FillValue", "missing_value")
    ) == (-9999.0, 1e20)


def test_valid_limits_in_small() -> None:
    assert valid_limits({"valid_min": 20}) == (20.0, np.inf)
    assert valid_limits({"valid_range": [0, 5]}) == (0.0, 5.0)
    assert valid_limits({}) is None
