"""Zones of a run: what lands in the result and in its files, reconciled; hazards without cells, units alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import yaml

from riskzoning.config import load_study
from riskzoning.pipeline import run_study
from riskzoning.pipeline.stages.zones import faces_in
from riskzoning.results import StudyResult
from riskzoning.zoning.partition import Faces
from tests.pipeline.conftest import LEFT, SIDE, TOP, small_study, write_raster, write_small_city
from tests.pipeline.stages.test_surveyed import write_forms


def study_of(folder: Path, **changes: Any) -> Path:
    write_small_city(folder)
    write_forms(folder / "forms")
    data = {**small_study(), "surveys": {"files": "forms"}, **changes}
    data["inputs"] = {**data["inputs"], "dem": {"path": "dem.tif", "quantity": "elevation", "units": "m"}}
    data["outputs"] = {"maps": False, "site": False}
    path = folder / "zones.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    folder = tmp_path_factory.mktemp("zones")
    return run_study(load_study(study_of(folder)), out=folder / "out")


def whole(result: StudyResult) -> shapely.Geometry:
    return shapely.coverage_union_all(result.units[result.levels[-1]].geometry.to_numpy())


def test_regions_and_comprehensive_zones_are_the_city(ran: StudyResult) -> None:
    city, people = whole(ran), ran.units["county"]["population"].sum()
    area = ran.units["county"].to_crs(str(ran.grid.crs)).area.sum() / 1e6
    regions, zones = ran.zones["zone_region"], ran.zones["zone_prevention"]
    parts = [regions[regions["tier"] == tier] for tier in (1, 2, 3)] + [zones[zones["hazard"] == "multi"]]
    for part in parts:
        union = shapely.coverage_union_all(part.geometry.to_numpy())
        assert shapely.area(shapely.symmetric_difference(union, city)) <= 1e-9 * city.area
        assert part["area_km2"].sum() == pytest.approx(area, rel=1e-9)
        assert part["population"].sum() == pytest.approx(people, rel=1e-9)
    assert regions.crs == zones.crs == ran.units["county"].crs


def test_a_splinter_that_rounding_ties_is_undone() -> None:
    # The lower border runs along a border of cells: in degrees the two lines are a hair apart, in metres they cross.
    ring = [
        (119.79775936691996, 31.320260706685072), (119.83202778637965, 31.250411327782693),
        (119.8346523428708, 31.25041473031198), (119.79790859536706, 31.250362218911235),
    ]  # fmt: skip
    shape = shapely.Polygon(ring)
    faces = Faces(np.array([shape], dtype=object), np.zeros(1, np.int64), np.ones(1, np.int64), np.ones(1), "EPSG:4490")
    assert shape.is_valid
    plain = gpd.GeoSeries([shape], crs="EPSG:4490").to_crs("EPSG:4549")
    assert not plain.is_valid.all()
    made = faces_in(faces, "EPSG:4549")
    assert made.is_valid.all()
    assert made.area[0] == pytest.approx(plain.area[0], rel=1e-9)


def test_zones_of_one_hazard_do_not_overlap(ran: StudyResult) -> None:
    zones = ran.zones["zone_prevention"]
    city = whole(ran)
    assert {"multi", "earthquake", "flood"} == set(zones["hazard"])
    for _, part in zones.groupby("hazard"):
        assert shapely.coverage_is_valid(part.geometry.to_numpy())
        assert shapely.area(part.geometry.to_numpy()).sum() <= city.area * (1 + 1e-9)
        assert part["area_km2"].sum() <= ran.units["county"].to_crs(str(ran.grid.crs)).area.sum() / 1e6 * (1 + 1e-9)
    assert zones["grade"].between(1, 3).all()


def test_zones_are_in_files_and_database(ran: StudyResult) -> None:
    for name in ("zone_region", "zone_prevention"):
        stored = gpd.read_file(ran.folder / "database.gpkg", layer=name)
        assert stored["zone_id"].tolist() == ran.zones[name]["zone_id"].tolist()
        assert (ran.folder / "tables" / f"{name}.csv").is_file()
    units = pd.read_csv(ran.folder / "tables" / "prevention_units.csv", dtype={"code": str})
    assert set(units["code"]) == set(ran.units["county"].index)


def test_the_need_comes_from_the_surveys(ran: StudyResult) -> None:
    units = ran.tables["prevention_units"].set_index("code")
    assert set(units["need_known"]) <= {"capacity", "hidden_dangers", "capacity;hidden_dangers"}
    assert {"key_unit", "high_risk", "low_capacity"} <= set(units.columns)


def test_how_many_patches_were_merged(ran: StudyResult) -> None:
    table = ran.tables["zone_patches"]
    flood = table[table["zones"] == "flood"].set_index("scale")
    assert {"printed", "layer"} <= set(flood.index) <= {"printed", "layer", "snapped", "reaches"}
    assert (table["before"] - table["after"] == table["merged"]).all()
    assert np.allclose(table["legible_km2"], 4 * (table["denominator"] / 1e6) ** 2)


def test_no_zones_where_none_are_wanted(tmp_path: Path) -> None:
    path = study_of(tmp_path, zoning={"zones": False})
    result = run_study(load_study(path), out=tmp_path / "out")
    assert not {"zone_region", "zone_prevention"} & set(result.zones)
    assert "prevention_units" not in result.tables


def dry(folder: Path) -> None:
    for period in (20, 100):
        write_raster(folder / f"depth_{period}.tif", np.zeros((SIDE, SIDE), np.float32), nodata=-9999)


def test_a_hazard_without_cells_is_told(tmp_path: Path) -> None:
    path = study_of(tmp_path)
    dry(tmp_path)
    result = run_study(load_study(path), out=tmp_path / "out", only="zones")
    assert "flood" not in set(result.zones["zone_prevention"]["hazard"])
    told = [row for row in result.record["warnings"] if row["rule"] == "zones.no_cells"]
    assert len(told) == 1


def test_one_unit_only(tmp_path: Path) -> None:
    path = study_of(tmp_path)
    side = SIDE * 250.0
    box = shapely.box(LEFT + 750, TOP - side + 750, LEFT + side - 750, TOP - 750)
    frame = gpd.GeoDataFrame({"code": ["320505"], "name": ["Huqiu"]}, geometry=[box], crs="EPSG:4549")
    (tmp_path / "admin.gpkg").unlink()
    frame.to_crs("EPSG:4490").to_file(tmp_path / "admin.gpkg", layer="county", driver="GPKG")
    pd.DataFrame({"code": ["320505"], "pop": [400_000]}).to_csv(tmp_path / "pop.csv", index=False)
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data.pop("surveys")
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    result = run_study(load_study(path), out=tmp_path / "out", only="zones")
    assert result.zones["zone_region"]["tier"].tolist() == [1, 2, 3]
    assert "zones.one_unit" in {row["rule"] for row in result.record["steps"]}


def test_zones_of_cells(tmp_path: Path) -> None:
    path = study_of(tmp_path, zoning={"prevention": {"basis": "cells"}, "regions": {"method": "skater"}})
    result = run_study(load_study(path), out=tmp_path / "out", only="zones")
    multi = result.zones["zone_prevention"].query("hazard == 'multi'")
    city = whole(result)
    union = shapely.coverage_union_all(multi.geometry.to_numpy())
    assert shapely.area(shapely.symmetric_difference(union, city)) <= 1e-9 * city.area
    assert multi["population"].sum() == pytest.approx(result.units["county"]["population"].sum(), rel=1e-9)
