"""The stage that takes the filled forms: nothing without them, all rows accounted for with them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from riskzoning.config import load_study
from riskzoning.pipeline import run_study
from tests.pipeline.conftest import write_small_city
from tests.pipeline.stages.test_surveyed import study_with, write_forms


def test_accepted_and_rejected_are_all_that_was_read(tmp_path: Path) -> None:
    write_small_city(tmp_path)
    write_forms(tmp_path / "forms")
    rows = pd.read_csv(tmp_path / "forms" / "shelters.csv", dtype=str)
    rows.loc[[1, 4], "建成年份"] = "1832"
    rows.to_csv(tmp_path / "forms" / "shelters.csv", index=False)
    result = run_study(load_study(study_with(tmp_path)), out=tmp_path / "out", only="accept")
    assert {name: len(frame) for name, frame in result.surveys.items()} == {
        "shelter": 10,
        "dgr_point": 12,
        "cap_township": 6,
    }
    assert result.tables["qc_rejected"]["row"].tolist() == [3, 6]
    read = result.tables["survey_quality"].query("code == ''")["rows"].sum()
    assert read == 28 + 2
    counts = result.tables["survey_quality"].query("code == ''").set_index("form")[["accepted", "rejected"]]
    assert counts.loc["shelter"].tolist() == [10, 2]
    assert counts["accepted"].sum() + counts["rejected"].sum() == read
    dropped = [row for row in result.record["dropped"] if row["rule"] == "dropped.survey_rows"]
    assert len(dropped) == 1


def test_without_surveys_nothing_is_accepted(tmp_path: Path) -> None:
    study = load_study(write_small_city(tmp_path))
    assert run_study(study, out=tmp_path / "out", only="accept").surveys == {}
