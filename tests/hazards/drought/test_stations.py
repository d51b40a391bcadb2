"""Drought at stations: elements that stand in, gridded series, gaps, what cannot be used."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning.errors import Journal, LayerError, Phrase, hearing
from riskzoning.hazards.drought.stations import as_stations, crop_seasons, drought_of_stations, usable_stations


def stations(years: int = 12, count: int = 2) -> xr.Dataset:
    days = pd.date_range("2001-01-01", f"{2000 + years}-12-31")
    rng = np.random.default_rng(1)
    wave = -np.cos(2 * np.pi * (days.dayofyear.to_numpy() - 15) / 365.25)
    shape = (count, days.size)
    mean = 14 + 13 * wave + rng.normal(0, 3, shape)
    rain = np.where(rng.random(shape) < 0.25, rng.gamma(0.6, 12.0, shape), 0.0)
    data = {"precipitation": rain, "tmean": mean, "tmin": mean - 5, "tmax": mean + 6}
    coords = {"station": [f"s{i}" for i in range(count)], "time": days}
    coords |= {"lon": ("station", 114 + 0.1 * np.arange(count)), "lat": ("station", np.full(count, 35.2))}
    return xr.Dataset({name: (("station", "time"), values) for name, values in data.items()}, coords)


def made(given: xr.Dataset) -> pd.DataFrame:
    with hearing(Journal()):
        out = drought_of_stations(
            usable_stations(given), region="north", season="none", calibration=None, thing=Phrase("input", name="s")
        )
    return out.annual


def test_the_middle_of_the_extremes_stands_in_for_the_mean() -> None:
    given = stations()
    used = usable_stations(given.drop_vars("tmean"))
    np.testing.assert_allclose(used["tmean"], given["tmean"] + 0.5)


def test_elements_that_lack_are_named() -> None:
    with pytest.raises(LayerError) as caught:
        usable_stations(stations().drop_vars(["tmean", "tmin"]))
    assert caught.value.problems[0].rule == "drought.elements"
    empty = stations()
    empty["precipitation"][:] = np.nan
    with pytest.raises(LayerError) as caught:
        usable_stations(empty)
    assert dict(caught.value.problems[0].values)["missing"] == ("precipitation",)


def test_a_single_missing_day_does_not_cost_a_year_but_a_month_does() -> None:
    one, month = stations(), stations()
    one["precipitation"][0, 2000] = np.nan
    month["precipitation"][0, 2000:2030] = np.nan
    whole, few, many = (made(data).query("station == 's0'")["complete"].sum() for data in (stations(), one, month))
    assert whole == few == 11  # of the first year the windows are not full
    assert many < whole


def test_an_empty_station_has_no_year_and_the_others_keep_theirs() -> None:
    given = stations()
    given["precipitation"][1] = np.nan
    table = made(given)
    assert table.query("station == 's1'")["value"].isna().all()
    pd.testing.assert_frame_equal(table.query("station == 's0'"), made(stations()).query("station == 's0'"))


def test_gridded_series_become_stations_in_their_middles(hazard_grid: GeoBox) -> None:
    coarse = hazard_grid.zoom_out(10)
    days = pd.date_range("2001-01-01", periods=3)
    shape = (3, *coarse.shape)
    layer = xr.DataArray(np.arange(np.prod(shape), dtype=float).reshape(shape), dims=("time", "y", "x"))
    layer = layer.assign_coords(time=days, **{name: coarse.coords[name].values for name in ("y", "x")})
    layer = layer.odc.assign_crs("EPSG:4547")
    made_of = as_stations({"precipitation": layer, "temperature": layer})
    assert made_of["precipitation"].shape == (coarse.shape[0] * coarse.shape[1], 3)
    np.testing.assert_array_equal(made_of["tmean"][:, 1], layer[1].values.ravel())
    assert 113 < float(made_of["lon"].min()) < 115
    with pytest.raises(LayerError) as caught:
        as_stations({"precipitation": layer})
    assert caught.value.problems[0].rule == "drought.both"


def test_seasons_of_wheat_name_how_evaporation_was_found() -> None:
    table, method = crop_seasons(usable_stations(stations()), crop="wheat")
    assert method == "hargreaves"
    assert table.groupby("station")["year"].min().tolist() == [2002, 2002]
    assert (table["value"] > 0).all()
    full = stations()
    for name, value in (("humidity", 60.0), ("wind_mean", 2.0), ("sunshine", 6.0)):
        full[name] = full["tmean"] * 0 + value
    assert crop_seasons(usable_stations(full), crop="wheat")[1] == "penman_monteith"
    assert crop_seasons(usable_stations(stations().drop_vars("tmax")), crop="wheat")[1] == "none"
