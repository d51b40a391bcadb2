"""Frames and values come back to the last bit and with their types; what is forgotten is gone as a whole."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
from shapely import Point

from riskzoning import io
from riskzoning.pipeline.workspace.frames import _crs, as_arrow, from_arrow
from riskzoning.pipeline.workspace.kept import _tagged, _untagged, forget


def through(frame: pd.DataFrame, folder: Path) -> pd.DataFrame:
    plain, how = as_arrow(frame)
    io.write_frame(folder / "a.arrow", plain)
    return from_arrow(io.read_frame(folder / "a.arrow"), json.loads(json.dumps(how)))


def test_a_table_comes_back_with_its_types(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "value": [0.1 + 0.2, np.nan, np.inf],
            "count": pd.array([1, pd.NA, 3], dtype="Int64"),
            "kind": pd.Categorical(["b", "a", "b"]),
            "day": pd.to_datetime(["2026-01-01", None, "2026-01-03"]),
            "mixed": np.array([True, "是", None], dtype=object),
        },
        index=pd.Index(["410702", "410703", "410704"], name="code"),
    )
    pd.testing.assert_frame_equal(through(frame, tmp_path), frame, check_exact=True)
    assert through(frame, tmp_path)["mixed"].tolist() == [True, "是", None]


@pytest.mark.parametrize("crs", ["EPSG:4490", None, "+proj=laea +lat_0=35 +lon_0=114 +datum=WGS84"])
def test_places_come_back_with_their_crs(tmp_path: Path, crs: str | None) -> None:
    frame = gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=[Point(1 / 3, 2), None], crs=crs)
    back = through(frame, tmp_path)
    assert isinstance(back, gpd.GeoDataFrame)
    assert back.crs == frame.crs
    assert back.geometry.iloc[0].equals_exact(frame.geometry.iloc[0], 0)
    assert back.geometry.iloc[1] is None


def test_missing_cells_of_forms_come_back_as_they_were() -> None:
    cells = pd.DataFrame({"cell": pd.Series(["x", pd.NA, None, "NA", 1.5], dtype=object)})
    back = from_arrow(*as_arrow(cells))["cell"].tolist()
    assert back[1] is pd.NA
    assert [back[0], *back[2:]] == ["x", None, "NA", 1.5]


def test_a_crs_has_its_short_name_where_that_means_the_same() -> None:
    assert _crs(pyproj.CRS(4547)) == "EPSG:4547"


def test_keys_that_are_numbers_stay_numbers() -> None:
    value = {"data": {1: "低", 2: ("a", {True: None})}, "x": [1.5, Path("a")]}
    assert _untagged(json.loads(json.dumps(_tagged(value)))) == {
        "data": {1: "低", 2: ["a", {True: None}]},
        "x": [1.5, "a"],
    }


def test_what_is_forgotten_is_gone_and_what_is_not_its_own_stays(tmp_path: Path) -> None:
    place = tmp_path / ".work" / "result"
    place.mkdir(parents=True)
    for name in ("result.json", "000.arrow", ".001.arrow.part", "notes.txt"):
        (place / name).touch()
    forget(tmp_path)
    assert [path.name for path in place.iterdir()] == ["notes.txt"]
    forget(tmp_path / "nowhere")
