"""Frames come back exactly as they were, or are refused before anything is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal
from shapely import Point

from riskzoning.pipeline.workspace.frames import UnkeepableError, keep_frame, keep_frames, read_frames

FRAMES = {
    "numbers": pd.DataFrame({"x": [0.1, np.nan], "n": pd.array([1, None], "Int64"), "yes": [True, False]}),
    "texts": pd.DataFrame(
        {"a": ["甲", None], "b": pd.Series(["x", "y"], dtype=object)}, index=pd.Index([3, 9], name="i")
    ),
    "flags": pd.DataFrame({"met": pd.Series([True, None, False], dtype=object)}),
    "mixed": pd.DataFrame({"a": pd.Series([1, "a", None, 2.0, pd.NA], dtype=object)}),
    "gaps": pd.DataFrame({"a": pd.Series(["x", np.nan], dtype=object)}),
    "day": pd.DataFrame({"t": pd.to_datetime(["2021-07-20", None]), "kind": pd.Categorical(["b", "a"])}),
    "none": pd.DataFrame({"a": pd.Series([], dtype=object), "b": pd.Series([], dtype=float)}),
}


def test_frames_come_back_in_their_order_as_they_were(tmp_path: Path) -> None:
    back = read_frames(tmp_path, keep_frames(tmp_path, FRAMES))
    assert list(back) == list(FRAMES)
    for name, frame in FRAMES.items():
        assert_frame_equal(back[name], frame)
    assert back["flags"]["met"].tolist() == [True, None, False]


def test_features_keep_every_bit_of_their_coordinates_and_their_projection(tmp_path: Path) -> None:
    shapes = [Point(0.1 + 0.2, 1 / 3), None]
    frame = gpd.GeoDataFrame(
        {"name": ["a", "b"]}, geometry=shapes, crs="EPSG:4547", index=pd.Index(["1", "2"], name="code")
    )
    back = read_frames(tmp_path, keep_frames(tmp_path, {"zones": frame}))["zones"]
    assert_geodataframe_equal(back, frame)
    assert back.geometry.iloc[0].equals_exact(shapes[0], 0.0)
    assert str(back.crs) == "EPSG:4547"


@pytest.mark.parametrize(
    "values",
    [[(1, 2), None], [np.float64(1.5), "a"], [{"a": 1}, None]],
    ids=["tuples", "numbers of numpy", "mappings"],
)
def test_what_would_come_back_otherwise_is_refused(tmp_path: Path, values: list[Any]) -> None:
    with pytest.raises(UnkeepableError):
        keep_frames(tmp_path, {"odd": pd.DataFrame({"a": pd.Series(values, dtype=object)})})
    assert not list(tmp_path.iterdir())


def test_a_frame_that_lies_in_a_file_is_linked_and_one_that_was_changed_is_written(tmp_path: Path) -> None:
    rows = keep_frames(tmp_path / "a", FRAMES)
    back = read_frames(tmp_path / "a", rows)
    how = {name: keep_frame(tmp_path / "b" / f"{name}.arrow", frame) for name, frame in back.items()}
    assert [{"name": name, **one} for name, one in how.items()] == rows
    for number, name in enumerate(FRAMES):
        assert (tmp_path / "b" / f"{name}.arrow").samefile(tmp_path / "a" / f"{number:03d}.arrow")
    # One that somebody has added to is another frame, and one like it is none that was read.
    more = back["numbers"]
    more["z"] = 1.5
    again = read_frames(tmp_path, [{"name": "more", **keep_frame(tmp_path / "000.arrow", more)}])
    assert_frame_equal(again["more"], more)
    keep_frame(tmp_path / "copy.arrow", back["day"].copy())
    assert not (tmp_path / "copy.arrow").samefile(tmp_path / "a" / "005.arrow")


def test_a_frame_whose_file_is_gone_is_written_anew(tmp_path: Path) -> None:
    frame = FRAMES["day"].copy()
    keep_frames(tmp_path / "a", {"day": frame})
    (tmp_path / "a" / "000.arrow").unlink()
    how = keep_frame(tmp_path / "b" / "000.arrow", frame)
    assert_frame_equal(read_frames(tmp_path / "b", [{"name": "day", **how}])["day"], frame)
