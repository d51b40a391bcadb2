"""What the attributes of a NetCDF or Zarr variable say (CF conventions): axes, CRS, missing and valid values."""

from __future__ import annotations

import pyproj
import xarray as xr

from riskzoning.rasters.variables import axes_of, crs_of, gridded


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
