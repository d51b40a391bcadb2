"""What zones are made of in a run: legible size, landforms of polygons and of heights, land cover, words of levels."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import pytest
import shapely
import yaml

from riskzoning.config import load_study
from riskzoning.pipeline import run_study
from riskzoning.pipeline.stages import ground
from tests.pipeline.conftest import small_study, units, write_small_city


def regions_of(folder: Path, zoning: dict[str, Any], inputs: dict[str, Any]) -> gpd.GeoDataFrame:
    write_small_city(folder)
    data = {**small_study(), "zoning": zoning, "outputs": {"maps": False, "site": False}}
    data["inputs"] |= inputs
    path = folder / "study2.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return run_study(load_study(path), out=folder / "out", only="zones").zones["zone_region"]


def test_landforms_of_polygons_with_names_of_the_place(tmp_path: Path) -> None:
    shapes = units().geometry
    rows = {"kind": ["hill", "lake", "lake"]}
    gpd.GeoDataFrame(rows, geometry=shapes.to_numpy(), crs="EPSG:4490").to_file(tmp_path / "landforms.gpkg")
    given = {
        "landforms": {
            "input": "landforms",
            "column": "kind",
            "names": {"lake": {"zh": "太湖平原", "en": "Taihu plain"}},
        }
    }
    table = regions_of(tmp_path, given, {"landforms": {"path": "landforms.gpkg"}})
    first = table[table["tier"] == 1]
    assert len(first) == 2
    assert any("Taihu plain" in name for name in first["name_en"])
    assert any("hill" in name for name in first["name_en"])


def test_landforms_of_heights(tmp_path: Path) -> None:
    table = regions_of(tmp_path, {}, {"dem": {"path": "dem.tif", "quantity": "elevation", "units": "m"}})
    assert table["name"].str.contains("平原").all()


def test_without_heights_names_have_no_landform(tmp_path: Path) -> None:
    table = regions_of(tmp_path, {}, {})
    assert not table["name"].str.contains("平原|山地|丘陵").any()
    assert table["name"].is_unique


@pytest.mark.parametrize(("size", "wanted"), [("A3", 1), ("A1", 0.25)])
def test_the_legible_size_follows_the_sheet(size: str, wanted: float) -> None:
    frame = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 150_000, 110_000)], crs="EPSG:4547")
    maps = SimpleNamespace(size=size)
    setting = SimpleNamespace(
        units=frame,
        grid=SimpleNamespace(crs="EPSG:4547"),
        study=SimpleNamespace(outputs=SimpleNamespace(maps=maps)),
    )
    denominator, least = ground.legible(SimpleNamespace(setting=setting))  # type: ignore[arg-type]
    assert least == pytest.approx(4 * (denominator / 1e6) ** 2)
    assert least == pytest.approx(wanted, rel=0.3)


def test_villages_that_have_a_name_are_points_in_the_projection() -> None:
    frame = gpd.GeoDataFrame(
        {"村名": ["李庄", None, " "]}, geometry=gpd.points_from_xy([114.0, 114.1, 114.2], [35.0] * 3), crs="EPSG:4490"
    )

    def run(vector: Any, inputs: dict[str, Any]) -> Any:
        study = SimpleNamespace(inputs=inputs)
        setting = SimpleNamespace(villages=(), units=None, study=study, grid=SimpleNamespace(crs="EPSG:4547"))
        return SimpleNamespace(setting=setting, catalogue=SimpleNamespace(vector=vector))

    made = ground.villages(run(lambda _: frame, {"villages": object()}))
    assert made is not None
    assert made["name"].tolist() == ["李庄"]
    assert made.crs == "EPSG:4547"
    assert ground.villages(run(lambda _: frame, {})) is None
    assert ground.villages(run(lambda _: frame.drop(columns="村名"), {"villages": object()})) is None
    of_level = run(None, {})
    of_level.setting.villages, of_level.setting.units = [0], frame.rename(columns={"村名": "name"})
    made = ground.villages(of_level)
    assert made is not None
    assert made["name"].tolist() == ["李庄"]


def test_landforms_with_rings_that_cross_themselves_hold_their_ground() -> None:
    frame = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 4, 4), shapely.box(4, 0, 8, 4)], crs="EPSG:4547")
    bow = shapely.Polygon([(0, 0), (4, 4), (4, 0), (0, 4), (0, 0)])
    forms = gpd.GeoDataFrame({"kind": ["hill", "lake"]}, geometry=[bow, shapely.box(4, 0, 8, 4)], crs="EPSG:4547")
    assert ground._of_polygons(forms, "kind", frame) == ["hill", "lake"]
