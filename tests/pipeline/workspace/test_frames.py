"""Frames come back exactly as they were, or are refused before anything is written."""

from __future__ import annotations

import errno
import gc
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from pandas.testing import assert_frame_equal
from shapely import Point

from riskzoning import io
from riskzoning.pipeline.workspace import frames
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


def test_another_frame_in_the_place_of_one_that_is_gone_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is used again: a new frame can have the number of one that lay in a file."""
    monkeypatch.setattr(frames, "_LYING", {})
    gone, new = pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [2]})
    how = keep_frame(tmp_path / "gone.arrow", gone)
    (entry,) = frames._LYING.values()
    frames._LYING[id(new)] = entry
    keep_frame(tmp_path / "new.arrow", new)
    assert_frame_equal(frames.from_arrow(io.read_frame(tmp_path / "new.arrow"), how), new)


def test_nothing_of_a_frame_that_is_gone_is_remembered(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1]})
    keep_frame(tmp_path / "000.arrow", frame)
    number = id(frame)
    assert number in frames._LYING
    del frame
    gc.collect()
    assert number not in frames._LYING


def test_a_frame_is_copied_where_no_file_can_be_linked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EXDEV, "another disk")

    monkeypatch.setattr(frames.os, "link", refused)
    (tmp_path / "here.arrow").write_bytes(b"new")
    (tmp_path / "there.arrow").write_bytes(b"of the run before")
    frames.linked(tmp_path / "here.arrow", tmp_path / "there.arrow")
    assert (tmp_path / "there.arrow").read_bytes() == (tmp_path / "here.arrow").read_bytes() == b"new"


def test_a_link_takes_the_place_of_an_older_file_and_leaves_its_other_names_alone(tmp_path: Path) -> None:
    """The file that lay there may be that of the run before as well."""
    (tmp_path / "new.arrow").write_bytes(b"new")
    (tmp_path / "before.arrow").write_bytes(b"before")
    frames.linked(tmp_path / "before.arrow", tmp_path / "run" / "a.arrow")
    frames.linked(tmp_path / "new.arrow", tmp_path / "run" / "a.arrow")
    assert (tmp_path / "run" / "a.arrow").read_bytes() == b"new"
    assert (tmp_path / "before.arrow").read_bytes() == b"before"
    assert (tmp_path / "new.arrow").read_bytes() == b"new"
