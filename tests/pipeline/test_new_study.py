"""A study that is filled in as its template says is a study that runs."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import yaml

from riskzoning import io
from riskzoning.config import load_study, parse_study
from riskzoning.errors import ConfigError
from riskzoning.pipeline import check_study, init_study
from riskzoning.samples import sample_study


def fill_form(path: Path, frame: pd.DataFrame) -> None:
    """Type rows into the first sheet of a form, under its headings."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    headings = [cell.value for cell in sheet[1]]
    for row in frame.itertuples():
        sheet.append([getattr(row, str(name), None) for name in headings])
    book.save(path)


def fill_in(folder: Path) -> None:
    sample = sample_study().parent
    copies = {
        "admin.gpkg": "admin.gpkg",
        "elevation.tif": "dem.tif",
        "landcover.tif": "landcover.tif",
        "flood/depth_T020.tif": "flood/depth_T020.tif",
        "flood/depth_T100.tif": "flood/depth_T100.tif",
        "seismic/pga_T00475.tif": "seismic/pga_475.tif",
        "forest/fire_points.csv": "forest/fire_points.csv",
        "exposure/population.tif": "exposure/population.tif",
        "meteorology/stations.csv": "meteorology/stations.csv",
    }
    for source, target in copies.items():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(sample / source, folder / target)
    shutil.copytree(sample / "meteorology" / "daily", folder / "meteorology" / "daily")
    (folder / "geology").mkdir()
    landslides = io.read_vector(sample / "geology" / "geology.gpkg", layer="landslide")
    landslides.to_file(folder / "geology" / "landslides.gpkg", driver="GPKG")
    io.read_vector(sample / "base.gpkg", layer="river").to_file(folder / "rivers.gpkg", driver="GPKG")
    for name in ("population_township", "gdp_county"):
        fill_form(folder / "forms" / f"{name}.xlsx", pd.read_csv(sample / "exposure" / f"{name}.csv", dtype=str))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_filled_template_has_no_error(tmp_path: Path, lang: str) -> None:
    folder = tmp_path / "new"
    init_study(folder, code="410700", lang=lang)
    fill_in(folder)
    path = folder / "study.yaml"
    text = path.read_text(encoding="utf-8").replace("# pseudo_counties: {", "pseudo_counties: {")
    codes = '{"410771": "410702", "410772": "410702", "410773": "410725"}'
    path.write_text(text.replace('{"410771": "410702"}', codes), encoding="utf-8")
    assert [problem for problem in check_study(path) if problem.severity == "error"] == []
    assert load_study(path).grid.crs == "auto"


def test_an_empty_template_asks_for_its_files_and_nothing_else(tmp_path: Path) -> None:
    init_study(tmp_path / "new", code="320500")
    problems = parse_study(tmp_path / "new" / "study.yaml").problems
    assert {problem.rule for problem in problems} == {"study.file"}
    assert load_code(tmp_path / "new" / "study.yaml") == "320500"


def load_code(path: Path) -> str:
    return str(yaml.safe_load(path.read_text(encoding="utf-8"))["code"])


@pytest.mark.parametrize("code", ["4107", "41070a", "４１０７００", ""])
def test_codes_that_are_none_are_refused(tmp_path: Path, code: str) -> None:
    with pytest.raises(ConfigError, match="six digits"):
        init_study(tmp_path / "new", code=code)
    assert not (tmp_path / "new").exists()


def test_a_folder_with_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "study.yaml").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match="is not empty"):
        init_study(tmp_path)
    assert (tmp_path / "study.yaml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("profile", ["cn", "free"])
def test_an_english_study_has_no_chinese_in_it(tmp_path: Path, profile: str) -> None:
    written = init_study(tmp_path / "new", lang="en", profile=profile)
    text = written[0].read_text(encoding="utf-8")
    cells = [
        str(value)
        for path in written[1:]
        for sheet in openpyxl.load_workbook(path)
        for row in sheet.iter_rows(values_only=True)
        for value in row
    ]
    assert not [letter for letter in text + "".join(cells) if "\u4e00" <= letter <= "\u9fff"]
    assert yaml.safe_load(text)["language"] == "en"
    assert {problem.rule for problem in parse_study(written[0]).problems} == {"study.file"}


def test_a_study_elsewhere_has_levels_and_a_code_of_its_own(tmp_path: Path) -> None:
    init_study(tmp_path / "new", code="SVG", profile="free", lang="zh")
    study = parse_study(tmp_path / "new" / "study.yaml").study
    assert study is not None
    assert (study.code, study.admin.level_keys, study.language) == ("SVG", ("island", "parish"), "zh")
    for wrong, rule in (({"profile": "uk"}, "init.profile"), ({"profile": "free", "code": "a/b"}, "init.free_code")):
        with pytest.raises(ConfigError) as caught:
            init_study(tmp_path / "other", **wrong)
        assert caught.value.problems[0].rule == rule


@pytest.mark.parametrize("kind", ["file", "pipe", "loop"])
def test_a_new_study_needs_a_folder(kind: str, tmp_path: Path) -> None:
    place = tmp_path / "study"
    if kind == "pipe":
        os.mkfifo(place)
    elif kind == "loop":
        place.symlink_to(place)
    else:
        place.write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        init_study(place)
    assert caught.value.problems[0].rule == "init.file"
