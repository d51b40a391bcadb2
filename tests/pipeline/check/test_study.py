"""The check sees what is wrong in keys and files, all of it, and the run refuses the same; nothing is written."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from riskzoning.cli import app
from riskzoning.config import StudyConfig, load_study
from riskzoning.errors import ConfigError
from riskzoning.hazards import HAZARDS, register
from riskzoning.pipeline import check_study, run_study

from ..conftest import CELL, LEFT, SIDE, write_raster

City = Callable[..., Path]
Content = dict[str, Any]
runner = CliRunner()


def table(folder: Path, name: str, **columns: Any) -> None:
    frame = pd.read_csv(folder / name, dtype=str)
    for column, values in columns.items():
        frame[column] = values
    frame.to_csv(folder / name, index=False)


def missing_file(content: Content, folder: Path) -> None:
    content["inputs"]["depth_20"]["path"] = "depht_20.tif"


def empty_file(content: Content, folder: Path) -> None:
    (folder / "depth_20.tif").write_bytes(b"")


def text_raster(content: Content, folder: Path) -> None:
    (folder / "depth_20.tif").write_text("<html>not found</html>", encoding="utf-8")


def no_crs(content: Content, folder: Path) -> None:
    write_raster(folder / "depth_20.tif", np.zeros((SIDE, SIDE), np.float32), crs="")
    (folder / "depth_100.tif").write_bytes((folder / "depth_20.tif").read_bytes())


def elsewhere(content: Content, folder: Path) -> None:
    for period in (20, 100):
        write_raster(folder / f"depth_{period}.tif", np.full((SIDE, SIDE), period, np.float32), left=LEFT - 90_000)


def double_codes(content: Content, folder: Path) -> None:
    frame = gpd.read_file(folder / "admin.gpkg")
    frame["code"] = ["320505", "320505", "320507"]
    frame.to_file(folder / "admin.gpkg", layer="county", driver="GPKG")


def lost_parent(content: Content, folder: Path) -> None:
    frame = gpd.read_file(folder / "admin.gpkg")
    towns = frame.assign(code=["320505001", "320506001", "320999001"])
    towns.to_file(folder / "admin.gpkg", layer="township", driver="GPKG")
    content["admin"]["layers"]["township"] = "township"


def negative_people(content: Content, folder: Path) -> None:
    table(folder, "pop.csv", pop=["5", "-1", "3"])


def words_for_people(content: Content, folder: Path) -> None:
    table(folder, "pop.csv", pop=["5", "many", "3"])


def unknown_codes(content: Content, folder: Path) -> None:
    table(folder, "pop.csv", code=["320505", "320506", "999999"])


def double_rows(content: Content, folder: Path) -> None:
    table(folder, "pop.csv", code=["320505", "320506", "320506"])


def missing_rows(content: Content, folder: Path) -> None:
    pd.read_csv(folder / "pop.csv", dtype=str).iloc[:2].to_csv(folder / "pop.csv", index=False)


def wrong_column(content: Content, folder: Path) -> None:
    content["exposure"]["population"]["column"] = "people"


def falling_depths(content: Content, folder: Path) -> None:
    first, last = content["inputs"]["depth_20"], content["inputs"]["depth_100"]
    first["path"], last["path"] = last["path"], first["path"]


def gdp_in_yuan(content: Content, folder: Path) -> None:
    content["inputs"]["gdp"] = {"path": "gdp.csv"}
    content["exposure"]["economy"] = {"table": "gdp", "column": "gdp"}


def unknown_gdp_units(content: Content, folder: Path) -> None:
    gdp_in_yuan(content, folder)
    content["exposure"]["economy"]["units"] = "wan"


def road_points(content: Content, folder: Path) -> None:
    content["inputs"]["houses"] = {"path": "houses.gpkg"}
    content["exposure"]["roads"] = {"lines": "houses"}


def negative_area(content: Content, folder: Path) -> None:
    frame = gpd.read_file(folder / "houses.gpkg")
    frame.loc[4, "area_m2"] = -20.0
    frame.to_file(folder / "houses.gpkg", driver="GPKG")
    content["inputs"]["houses"] = {"path": "houses.gpkg"}
    content["exposure"]["buildings"] = {"points": "houses", "structure": "struct", "built_year": "built_year"}


def strange_structures(content: Content, folder: Path) -> None:
    frame = gpd.read_file(folder / "houses.gpkg").assign(struct=77)
    frame.to_file(folder / "houses.gpkg", driver="GPKG")
    content["inputs"]["houses"] = {"path": "houses.gpkg"}
    content["exposure"]["buildings"] = {"points": "houses", "structure": "struct"}


def stations_without_rain(content: Content, folder: Path) -> None:
    days = pd.date_range("2019-01-01", "2020-12-31").strftime("%Y-%m-%d")
    pd.DataFrame({"station": "a", "date": days, "tmean": 1.0}).to_csv(folder / "daily.csv", index=False)
    pd.DataFrame({"station": ["a"], "lon": [119.85], "lat": [31.3], "elevation": [3]}).to_csv(
        folder / "places.csv", index=False
    )
    content["inputs"]["stations"] = {"path": "daily.csv", "format": "station_table", "stations": "places.csv"}
    content["hazards"].append({"hazard": "meteorology", "inputs": {"stations": "stations"}})


def a_typo(content: Content, folder: Path) -> None:
    content["hazrads"] = content.pop("hazards")


def broken_table(content: Content, folder: Path) -> None:
    content["standards"] = {"weights/hazards": {"hazards": "flood"}}


def broken_table_file(content: Content, folder: Path) -> None:
    (folder / "weights.yml").write_text("data: [1, 2", encoding="utf-8")
    content["standards"] = {"weights/hazards": "weights.yml"}


def no_townships(content: Content, folder: Path) -> None:
    content["zoning"] = {"levels": ["county", "township"]}


def too_fine(content: Content, folder: Path) -> None:
    content["grid"] = {"resolution": 0.01}


def too_coarse(content: Content, folder: Path) -> None:
    content["grid"] = {"resolution": 20_000}


def bounds_elsewhere(content: Content, folder: Path) -> None:
    content["grid"] = {"resolution": 250, "crs": "EPSG:4549", "bounds": [1, 1, 2000, 2000]}


def database_over_an_input(content: Content, folder: Path) -> None:
    content["outputs"] = {"folder": ".", "database": "admin.gpkg"}


BAD = {
    missing_file: "study.file",
    empty_file: "file.empty",
    text_raster: "raster.text",
    no_crs: "raster.crs",
    elsewhere: "layer.elsewhere",
    double_codes: "admin.duplicate",
    lost_parent: "admin.parent",
    negative_people: "table.negative",
    words_for_people: "table.not_a_number",
    unknown_codes: "table.unknown_code",
    double_rows: "table.double",
    missing_rows: "table.missing_code",
    wrong_column: "exposure.column",
    falling_depths: "layer.monotone",
    gdp_in_yuan: "exposure.gdp_per_person",
    unknown_gdp_units: "standards.units",
    road_points: "vector.type",
    negative_area: "table.bad_number",
    strange_structures: "table.structure",
    stations_without_rain: "meteorology.elements",
    a_typo: "study.unknown_key",
    broken_table: "standards.shape",
    broken_table_file: "standards.file",
    no_townships: "study.levels",
    too_fine: "grid.too_fine",
    too_coarse: "grid.too_coarse",
    bounds_elsewhere: "grid.bounds_elsewhere",
    database_over_an_input: "study.database",
}


@pytest.mark.parametrize("change", BAD, ids=lambda change: change.__name__)
def test_bad_input_is_refused_by_check_and_run_alike_and_nothing_is_written(
    small_city: City, tmp_path: Path, change: Callable[[Content, Path], None]
) -> None:
    path = small_city(change)
    before = sorted(path.parent.rglob("*"))
    done = runner.invoke(app, ["check", str(path), "--format", "json"])
    rows = json.loads(done.stdout)
    errors = [row for row in rows if row["severity"] == "error"]
    assert done.exit_code == 2
    assert all(row["found"] and row["required"] and row["fix"] and row["file"] for row in errors)
    if BAD[change]:
        assert BAD[change] in {row["rule"] for row in errors}
    table_text = runner.invoke(app, ["check", str(path), "--lang", "en"])
    assert table_text.exit_code == 2
    assert "what to do:" in table_text.stdout
    ran = runner.invoke(app, ["run", str(path), "--out", str(tmp_path / "out")])
    assert ran.exit_code == 2
    assert "Traceback" not in ran.output
    assert not (tmp_path / "out").exists()
    assert sorted(path.parent.rglob("*")) == before


@pytest.fixture
def dam_break() -> Iterator[str]:
    """A registered hazard that names no ladder."""
    specs = HAZARDS._specs  # type: ignore[attr-defined]
    register(dataclasses.replace(HAZARDS["flood"], name="dam_break", ladder=""))
    yield "dam_break"
    del specs["dam_break"]


def test_a_hazard_of_ones_own_needs_a_ladder_from_its_file_or_from_the_study(small_city: City, dam_break: str) -> None:
    ladder: dict[str, Any] = {}

    def change(content: dict[str, Any], folder: Path) -> None:
        content["hazards"][1]["hazard"] = dam_break
        content["standards"] = {f"ladders/{dam_break}": ladder} if ladder else {}

    (problem,) = [problem for problem in check_study(small_city(change)) if problem.severity == "error"]
    assert problem.rule == "hazard.ladder"
    assert "ladders/dam_break" in problem.fix
    ladder |= {"none": 0, "limits": [0.1, 0.2, 0.4, 0.8], "full": 1}
    assert [problem for problem in check_study(small_city(change)) if problem.severity == "error"] == []
    ladder |= {"full": 0.5}
    assert "ladder.steps" in [problem.rule for problem in check_study(small_city(change))]


def test_mistakes_of_every_kind_come_together(small_city: City) -> None:
    def change(content: Content, folder: Path) -> None:
        content["code"] = "32"
        content["gird"] = content.pop("grid")
        negative_people(content, folder)
        text_raster(content, folder)
        missing_rows_of_pga = content["inputs"]["pga_475"]
        missing_rows_of_pga["path"] = "no.tif"

    errors = [problem for problem in check_study(small_city(change)) if problem.severity == "error"]
    assert sorted(problem.rule for problem in errors) == [
        "raster.text", "study.file", "study.unknown_key", "study.value", "table.negative",
    ]  # fmt: skip


def test_a_small_city_is_clean_in_its_own_belt(small_city: City) -> None:
    assert check_study(small_city()) == []


def test_warnings_alone_end_with_1_and_stay_in_the_record(small_city: City, tmp_path: Path) -> None:
    def same(content: Content, folder: Path) -> None:
        (folder / "depth_100.tif").write_bytes((folder / "depth_20.tif").read_bytes())
        content["grid"]["bounds"] = [LEFT, 3_470_000 - SIDE * CELL, LEFT + 40 * CELL, 3_470_000]
        content["grid"]["crs"] = "EPSG:4549"

    path = small_city(same)
    done = runner.invoke(app, ["check", str(path), "--format", "json"])
    assert done.exit_code == 1
    assert {"layer.identical", "grid.units_partly_outside"} <= {row["rule"] for row in json.loads(done.stdout)}
    ran = runner.invoke(app, ["run", str(path), "--out", str(tmp_path / "out"), "--lang", "en"])
    assert ran.exit_code == 0
    assert "identical" in ran.output.split("Please note:")[1]
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert {"layer.identical", "grid.units_partly_outside"} <= {row["rule"] for row in record["warnings"]}


def test_a_study_made_in_python_is_checked_too(small_city: City, tmp_path: Path) -> None:
    study = load_study(small_city())
    hazard = study.hazards[1].model_copy(update={"hazard": "flod"})
    wrong: StudyConfig = study.model_copy(update={"hazards": (study.hazards[0], hazard)})
    with pytest.raises(ConfigError, match="did you mean flood"):
        run_study(wrong, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
