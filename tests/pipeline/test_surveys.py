"""Survey files checked together, and the surveys of a real city when they are there."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from riskzoning.errors import Journal, hearing
from riskzoning.pipeline.surveys import (
    Surroundings,
    check_surveys,
    quality_score,
    surveys_in_short,
    write_repairs,
    write_survey_report,
)
from riskzoning.samples import toy_result
from tests.surveys.conftest import annual, events, shelters

CITY = Path(os.environ.get("RISKZONING_CITY_DATA", "/nowhere"))


def test_forms_see_each_other(tmp_path: Path) -> None:
    with pd.ExcelWriter(tmp_path / "history.xlsx") as writer:
        annual().assign(**{"受灾人口(人)": 401}).to_excel(writer, sheet_name="年度", index=False)
        events().to_excel(writer, sheet_name="事件", index=False)
    check = check_surveys([tmp_path], Surroundings(today=pd.Timestamp("2022-01-01")), lang="zh")
    told = check.problems[check.problems["severity"] == "error"]
    assert set(told["rule"]) == {"Q17"}
    assert told["also_at"].iloc[0] == "history.xlsx;事件;2"
    assert set(check.scores["form"]) == {"his_annual", "his_event"}
    made = write_survey_report(check, tmp_path / "out", lang="zh")
    assert tmp_path / "out" / "marked" / "history.xlsx" in made
    assert write_repairs(check, tmp_path / "fixed") == [tmp_path / "fixed" / "repairs.csv"]


@pytest.mark.skipif(not (CITY / "surveys" / "errors.csv").is_file(), reason="the surveys of the city are not here")
def test_every_seeded_error_of_the_city_is_told_and_hardly_a_false_one() -> None:
    around = Surroundings(CITY / "admin.gpkg", CITY / "exposure" / "villages.gpkg", today=pd.Timestamp("2021-12-31"))
    with hearing(Journal()):
        # The tables beside the forms are told as left out.
        check = check_surveys([CITY / "surveys"], around, lang="zh")
    told = check.problems.assign(row=check.problems["row"].astype("string").fillna(""))
    seeded = pd.read_csv(CITY / "surveys" / "errors.csv", dtype=str).fillna("")
    places: dict[tuple[str, str, str], set[str]] = {}
    for row in told.itertuples():
        places.setdefault((str(row.file), str(row.sheet), str(row.row)), set()).add(str(row.rule))
    allowed, missed = set(), []
    for error in seeded.to_dict("records"):
        own = (error["file"], error["sheet"], error["excel_row"])
        also = {tuple(place.split(";")) for place in error["also_at"].split("|") if place}
        allowed |= {own, *also}
        rules = {error["rule"], *error["also_may_fire"].split(";")}
        direct = told["key"].eq(error["key"]).any() if not error["excel_row"] else own in places
        if not direct and not any(places.get(place, set()) & rules for place in also):  # type: ignore[arg-type]
            missed.append(error["error_id"])
    assert missed == []
    false = {place for place in places if place not in allowed and place[2]}
    assert len(false) <= 2 * sum(len(item.records.frame) for item in check.checked) / 1000


def test_the_score_of_all_forms_goes_by_their_rows() -> None:
    rows = {"form": ["a", "a", "b"], "code": ["", "410702", ""], "rows": [30, 5, 10], "score": [100.0, 0.0, 60.0]}
    assert quality_score(pd.DataFrame(rows)) == 90.0
    assert quality_score(pd.DataFrame(rows)[:0]) == 0.0


def test_a_run_in_short() -> None:
    from dataclasses import replace

    result = toy_result()
    assert surveys_in_short(result) is None
    scores = pd.DataFrame({"form": ["a"], "code": [""], "rows": [30], "score": [90.0]})
    problems = pd.DataFrame({"severity": ["error", "warning", "info"]})
    tables = {"survey_quality": scores, "survey_problems": problems, "capacity": scores, "breaks": scores}
    short = surveys_in_short(replace(result, tables=tables))
    assert short is not None
    assert (short.forms, short.rows, short.score, short.problems, short.rejected) == (1, 30, 90.0, 2, 0)
    assert short.tables == ("capacity",)


def test_a_file_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    shelters().to_csv(tmp_path / "good.csv", index=False)
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0" + b"0" * 600)
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 and no more")
    check = check_surveys([tmp_path], Surroundings(), lang="zh")
    assert [item.records.form.name for item in check.checked] == ["shelter"]
    wrong = check.problems[check.problems["severity"] == "error"]
    assert {Path(file).name for file in wrong["file"]} == {"old.xls", "broken.xlsx"}
