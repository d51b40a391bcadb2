"""The survey files of the sample: every seeded error is told, hardly anything else, whatever the seed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from make.surveys.city import directory, write_surveys, yearbook
from make.surveys.scene import Scene

from riskzoning.errors import Journal, hearing
from riskzoning.pipeline.surveys import Surroundings, SurveyCheck, check_surveys
from riskzoning.samples import sample_study
from riskzoning.samples.files import write_vector
from riskzoning.surveys import form_names

TODAY = pd.Timestamp("2026-06-30")


def checked(folder: Path, units: Path) -> SurveyCheck:
    around = Surroundings(units, folder / "directory.csv", folder / "yearbook.csv", today=TODAY)
    with hearing(Journal()) as journal:
        check = check_surveys([folder / "forms"], around, lang="zh")
    assert journal.warnings + journal.dropped == [], "every sheet is a form"
    return check


@pytest.fixture(scope="module")
def shipped() -> tuple[Path, SurveyCheck]:
    folder = sample_study().parent
    return folder / "surveys", checked(folder / "surveys", folder / "admin.gpkg")


@pytest.fixture(scope="module")
def other(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SurveyCheck]:
    folder = tmp_path_factory.mktemp("other")
    units = scene.units
    write_vector(
        folder / "admin.gpkg", {level: units[units["level"] == level].reset_index() for level in ("county", "township")}
    )
    write_surveys(folder / "surveys", scene)
    return folder / "surveys", checked(folder / "surveys", folder / "admin.gpkg")


def judged(folder: Path, check: SurveyCheck) -> tuple[list[str], pd.DataFrame]:
    """Ids of the errors that are not told where they are, and what is told about rows that are right."""
    told = check.problems.assign(row=check.problems["row"].astype("string").fillna(""))
    told = told[told["severity"] != "info"]
    rules: dict[tuple[str, str, str], set[str]] = {}
    for row in told.itertuples():
        rules.setdefault((str(row.file), str(row.sheet), str(row.row)), set()).add(str(row.rule))
    known, missed = set(), []
    for error in pd.read_csv(folder / "errors.csv", dtype=str).fillna("").to_dict("records"):
        own = (error["file"], error["sheet"], error["excel_row"])
        known |= {own, *(tuple(place.split(";")) for place in error["also_at"].split("|") if place)}
        absent = told[(told["key"] == error["key"]) & (told["rule"] == error["rule"])]
        if absent.empty if not own[2] else error["rule"] not in rules.get(own, set()):
            missed.append(error["error_id"])
    places = zip(told["file"], told["sheet"], told["row"], strict=True)
    return missed, told[[place not in known for place in places]]


@pytest.mark.parametrize("which", ["shipped", pytest.param("other", marks=pytest.mark.slow)])
def test_every_seeded_error_is_told_and_hardly_a_false_one(which: str, request: pytest.FixtureRequest) -> None:
    folder, check = request.getfixturevalue(which)
    missed, false = judged(folder, check)
    assert missed == []
    assert false[false["severity"] == "error"].empty
    assert len(false) <= 2 * sum(len(item.records.frame) for item in check.checked) / 1000


def test_all_forms_are_there_and_most_rows_are_right(shipped: tuple[Path, SurveyCheck]) -> None:
    check = shipped[1]
    assert {item.records.form.name for item in check.checked} == set(form_names())
    whole = check.scores[check.scores["code"] == ""].set_index("form")
    assert 5_000 < whole["rows"].sum() < 15_000
    assert (whole["score"] > 90).all()
    assert (whole["errors"] > 0).sum() >= 10


def test_the_files_are_of_all_kinds_and_small(shipped: tuple[Path, SurveyCheck]) -> None:
    files = [path for path in shipped[0].rglob("*") if path.is_file()]
    assert {".xlsx", ".csv", ".gpkg", ".shp", ".dbf"} <= {path.suffix for path in files}
    assert sum(path.stat().st_size for path in files) < 3_000_000


def test_the_directory_lists_every_community_once(scene: Scene) -> None:
    rows = directory(scene)
    assert rows["vill12"].is_unique
    assert len(rows) == len(scene.communities)


def test_the_yearbook_is_near_the_forms(scene: Scene, forms: dict[str, pd.DataFrame]) -> None:
    rows = yearbook(scene, forms).set_index("adcode6")
    length = forms["exp_road"].groupby("adcode6")["length_km"].sum()
    assert ((rows["road_km"] / length - 1).abs() < 0.05).all()
    assert rows["pop_res"].sum() == scene.towns["pop"].sum()
