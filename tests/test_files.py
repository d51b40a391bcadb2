"""A file before its format: there, readable, with a checksum."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskzoning import io
from riskzoning.errors import LayerError, Phrase
from riskzoning.files import existing


def test_missing_files_name_their_neighbours(tmp_path: Path) -> None:
    (tmp_path / "depth_T100.tif").write_bytes(b"x")
    for path, rule, said in (
        (tmp_path / "depth_T10.tif", "file.missing", "depth_T100.tif"),
        (tmp_path / "no" / "depth_T10.tif", "file.missing_folder", ""),
        (tmp_path, "file.folder", "depth_T100.tif"),
    ):
        with pytest.raises(LayerError) as caught:
            existing(path, what=Phrase("raster_file"))
        (problem,) = caught.value.problems
        assert problem.rule == rule
        assert said in problem.fix
        assert problem.required == "a raster file"


def test_checksum_changes_with_content_and_names(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_bytes(b"1")
    first = io.checksum(tmp_path / "a")
    (tmp_path / "a" / "x").rename(tmp_path / "a" / "y")
    assert io.checksum(tmp_path / "a") != first
