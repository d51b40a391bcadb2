from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from riskzoning.samples import files
from riskzoning.samples.files import fresh_folder, write_raster


def test_nothing_appears_when_writing_fails(tmp_path):
    def stopped():
        with fresh_folder(tmp_path / "city") as work:
            (work / "study.yaml").write_text("half")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        stopped()
    assert list(tmp_path.iterdir()) == []


def test_files_of_others_stay(tmp_path):
    folder = tmp_path / "city"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    (folder / "study.yaml").write_text("old")
    with fresh_folder(folder) as work:
        (work / "sub").mkdir()
        (work / "sub" / "a.csv").write_text("1")
        (work / "study.yaml").write_text("new")
    assert (folder / "notes.txt").read_text() == "mine"
    assert (folder / "study.yaml").read_text() == "new"
    assert (folder / "sub" / "a.csv").read_text() == "1"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["city"]


def test_rasters_are_tiled_compressed_and_say_what_they_are(tmp_path):
    transform = Affine(1 / 600, 0, 113.0, 0, -1 / 600, 34.5)
    write_raster(tmp_path / "a.tif", np.zeros((300, 300), "int16"), transform, nodata=-9999, tags={"UNITS": "m"})
    with rasterio.open(tmp_path / "a.tif") as file:
        assert file.profile["tiled"]
        assert file.compression.value == "DEFLATE"
        assert (file.nodata, file.crs.to_epsg(), file.tags()["UNITS"]) == (-9999, 4490, "m")
        assert file.bounds == pytest.approx((113.0, 34.0, 113.5, 34.5))


def test_the_study_file_appears_when_everything_that_it_names_is_there(tmp_path, monkeypatch):
    moved = []
    replace = files.os.replace
    monkeypatch.setattr(files.os, "replace", lambda old, new: (moved.append(Path(new).name), replace(old, new)))
    with fresh_folder(tmp_path / "city") as work:
        for name in ("study.yaml", "a.tif", "z.csv"):
            (work / name).touch()
        assert not (tmp_path / "city").exists()
    assert moved == ["a.tif", "z.csv", "study.yaml"]
