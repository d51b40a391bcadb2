"""Signs in names that a library would read as more."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from shapely import box

from riskzoning import io
from riskzoning.io.vectors.naming import plain_name

SIGNS = ["wow!data", "a!b!c", "a#b", "a?b", "100%25", "zip:x", "http:x", "a b", "[a]", "s3:b", "资料!"]


@pytest.mark.parametrize("ending", ["gpkg", "shp", "geojson", "fgb"])
@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("where", ["folder", "file"])
def test_signs_in_names_mean_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sign: str, ending: str, where: str
) -> None:
    monkeypatch.chdir(tmp_path)
    folder, stem = (sign, "units") if where == "folder" else ("plain", sign)
    Path(folder).mkdir()
    frame = gpd.GeoDataFrame({"code": ["410702"]}, geometry=[box(113, 35, 114, 36)], crs="EPSG:4490")
    frame.to_file(tmp_path / f"units.{ending}")
    for part in list(tmp_path.glob("units.*")):
        part.rename(tmp_path / folder / f"{stem}{part.suffix}")
    for path in (Path(folder) / f"{stem}.{ending}", tmp_path / folder / f"{stem}.{ending}"):
        assert io.read_vector(path)["code"].tolist() == ["410702"]
        assert io.vector_crs(path) == "EPSG:4490"


def test_plain_names_are_made_absolute_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert plain_name("a.gpkg") == str(tmp_path / "a.gpkg")
    assert plain_name("/vsizip/{/data/a!.zip}/a.shp") == "/vsizip/{/data/a!.zip}/a.shp"


@pytest.mark.parametrize("name", ["wow!data/out.gpkg", "plain/wow!.gpkg", "wow!data/a!b.geojson"])
def test_files_are_written_where_they_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    target = Path(name)
    target.parent.mkdir()
    frame = gpd.GeoDataFrame({"code": ["410702"]}, geometry=[box(113, 35, 114, 36)], crs="EPSG:4490")
    for _ in range(2):
        io.write_vector(target, {"units": frame})
        assert io.read_vector(target)["code"].tolist() == ["410702"]
    assert [file.name for file in target.parent.iterdir()] == [target.name]
    assert sorted(file.name for file in tmp_path.iterdir()) == [target.parent.name]
