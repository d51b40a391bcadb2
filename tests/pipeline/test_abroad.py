"""An island and its parishes, in English, from `init` to maps and page by the command line; and across 180 degrees."""

from __future__ import annotations

import json
import re
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import rasterio
from typer.testing import CliRunner

from riskzoning import check_study, open_database, standards
from riskzoning.cli.app import app
from riskzoning.config import load_study
from riskzoning.exposure import RECEPTORS
from riskzoning.hazards import HAZARDS
from riskzoning.pipeline.check.boundaries import study_units
from riskzoning.pipeline.check.location import metric_crs

from .island import Island

runner = CliRunner()
# What this island does not have, taken out of the template.
_LEFT_OUT = (
    "landcover",
    "stations:",
    "fire_points",
    "hazard: meteorology",
    "hazard: forest_fire",
    "landslides",
    "geology",
)


def new_study(folder: Path, island: Island) -> Path:
    """The template of `init --lang en`, edited as a person would, and its files and forms filled in."""
    done = runner.invoke(app, ["init", str(folder), "--profile", "free", "--code", "SGB", "--lang", "en"])
    assert done.exit_code == 0, done.output
    island.files(folder)
    for form, table, column in (("population_units", "population", "pop"), ("gdp_units", "gdp", "gdp")):
        book = openpyxl.load_workbook(folder / "forms" / f"{form}.xlsx")
        for row in pd.read_csv(folder / f"{table}.csv").itertuples(index=False):
            book.worksheets[0].append([row[0], row[1], row[2], 2024])
        assert book.worksheets[0]["C1"].value == column
        book.save(folder / "forms" / f"{form}.xlsx")
    path = folder / "study.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not any(word in line for word in _LEFT_OUT) or line.startswith("#")]
    text = "\n".join(kept).replace("resolution: 100}", "resolution: 400}").replace("My island", "Saint Gabriel")
    small = "outputs: {folder: out, maps: {size: A4, dpi: 50, formats: [png]}}"
    path.write_text(text.replace("outputs: {folder: out}", small) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = new_study(tmp_path_factory.mktemp("abroad") / "island", Island())
    checked = runner.invoke(app, ["check", str(study), "--lang", "en", "--format", "json"])
    rows = json.loads(checked.stdout)
    assert [row for row in rows if row["severity"] != "info"] == [], checked.stdout
    done = runner.invoke(app, ["run", str(study), "--lang", "en"])
    assert done.exit_code == 0, done.output
    return study.parent / "out"


def test_everything_that_is_written_is_called_by_the_levels_of_the_study(run: Path) -> None:
    tables = {path.name for path in (run / "tables").glob("units_*.csv")}
    assert tables == {"units_island.csv", "units_parish.csv"}
    maps = {path.name for path in (run / "maps").glob("SGB_multi_risk_*.png")}
    assert maps == {"SGB_multi_risk_island.png", "SGB_multi_risk_parish.png", "SGB_multi_risk_grid.png"}
    with open_database(run / "database.gpkg") as database:
        assert {"unit_island", "unit_parish"} <= set(database.tables())
        assert database.verify() == []
        assert len(database.query("base_admin", region="SG")) == 7
    units = gpd.read_file(run / "database.gpkg", layer="unit_parish")
    assert units.crs == "EPSG:4326"
    assert set(units["parent"]) == {"SG"}


def test_nothing_of_it_speaks_of_counties_or_chinese(run: Path) -> None:
    page = (run / "site" / "assets" / "data.js").read_text(encoding="utf-8")
    data = json.loads(page.removeprefix("window.RISKZONING = ").rstrip().rstrip(";"))
    assert data["level_names"] == {level: {"en": name, "zh": name} for level, name in
                                   (("island", "Island"), ("parish", "Parish"))}  # fmt: skip
    assert (data["level_order"], data["ranks"]["parish"]) == (["island", "parish"], "county")
    assert data["words"]["en"]["labels"] == "Parish names"
    for path in (run / "tables").glob("*.csv"):
        text = path.read_text(encoding="utf-8-sig").lower()
        assert not any(word in text for word in ("township", "county", "乡镇", "县")), path.name


def test_every_table_and_column_is_in_the_reference(run: Path) -> None:
    known = standards.table("names/output_tables").data
    counts = [count.name for spec in RECEPTORS.values() for count in spec.counts]
    words = {"<h>": (*HAZARDS, "multi"), "<r>": tuple(RECEPTORS), "<count>": tuple(counts), "<part>": (r"\w+",)}
    patterns = []
    for column in known["units"]:
        for word, choices in words.items():
            column = column.replace(word, f"({'|'.join(choices)})")
        patterns.append(re.compile(column))
    for path in (run / "tables").glob("*.csv"):
        columns = pd.read_csv(path, nrows=1, encoding="utf-8-sig").columns
        if path.stem.startswith("units_"):
            unknown = [name for name in columns if not any(pattern.fullmatch(name) for pattern in patterns)]
        else:
            unknown = [name for name in columns if name not in known["tables"][path.stem]["columns"]]
        assert unknown == [], path.name


def test_the_grid_lies_in_the_zone_of_the_place(run: Path) -> None:
    with rasterio.open(run / "layers" / "SGB_multi_risk_index.tif") as file:
        assert file.crs.to_epsg() == 32620


@pytest.mark.parametrize(
    ("bounds", "crs"),
    [
        ((-61.4, 13.0, -61.0, 13.5), "EPSG:32620"),
        ((99.9, -0.2, 100.1, 0.15), "EPSG:32747"),
        ((179.9, -17.1, 180.2, -16.7), "EPSG:32701"),
        ((-180.0, 65.0, -179.5, 65.5), "EPSG:32601"),
        ((113.5, 34.9, 114.9, 35.8), "EPSG:32650"),
    ],
)
def test_a_small_place_has_its_utm_zone(bounds: tuple[float, float, float, float], crs: str) -> None:
    assert metric_crs(bounds) == crs


def test_a_wide_place_has_an_equal_area_projection_around_it() -> None:
    assert metric_crs((-80, 15, -60, 25)).startswith("+proj=laea +lat_0=20.0 +lon_0=-70.0")
    assert "lon_0=-175.0" in metric_crs((170, -20, 200, -10))


@pytest.mark.parametrize("lon", [180.02, -179.98])
def test_an_island_across_180_degrees_is_one_piece(tmp_path: Path, lon: float) -> None:
    study = new_study(tmp_path / "island", Island(lon, -16.9))
    problems = check_study(study)
    assert [problem.rule for problem in problems if problem.severity != "info"] == []
    units = study_units(load_study(study)).units
    assert units.total_bounds[2] - units.total_bounds[0] < 1
    assert (units.geometry.count_geometries() == 1).all()


def test_a_file_that_lies_elsewhere_is_still_told(tmp_path: Path) -> None:
    study = new_study(tmp_path / "island", Island(180.02, -16.9))
    Island(-61.2, 13.25).raster(study.parent / "seismic/pga_475.tif", Island().height()[0] * 0 + 0.2)
    assert {problem.rule for problem in check_study(study) if problem.severity == "error"} == {"layer.elsewhere"}
