"""The record names every input, speaks the language of the study and keeps secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskzoning import __version__, standards
from riskzoning.config import StudyConfig, load_study
from riskzoning.errors import Journal, Phrase, Problem
from riskzoning.pipeline.state import Provenance
from riskzoning.pipeline.workspace.record import input_places, input_records, run_record, versions
from riskzoning.samples import sample_study


@pytest.fixture(scope="module")
def study() -> StudyConfig:
    return load_study(sample_study())


def test_inputs_are_sorted_and_have_checksum_crs_and_datum(study: StudyConfig) -> None:
    assert input_places(study)[0][0] == "admin"
    rows = input_records(study)
    assert [row["name"] for row in rows] == sorted(row["name"] for row in rows)
    assert (len(rows[0]["sha256"]), rows[0]["crs"], rows[0]["datum"]) == (64, "EPSG:4490", "wgs84")


def record(study: StudyConfig, journal: Journal) -> dict[str, object]:
    with standards.session({}) as used:
        standards.table("weights/hazards")
    provenance = Provenance(inputs=({"name": "dem"},), used=used)
    return run_record(study, provenance=provenance, journal=journal, calibration={}, timings={}, schemes={})


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_notes_stand_in_the_language_of_the_study_with_their_rule_and_values(study: StudyConfig, lang: str) -> None:
    journal = Journal()
    thing = Phrase("input", name="zones")
    journal.add(Problem("step.folded", thing, severity="info", input="zones", detail=["410771"]))
    journal.add(Problem("step.where", thing, severity="info", input="zones", column="kind", left_out=2, rows=9))
    journal.add(Problem("dropped.points", thing, severity="info", count=1, total=9, rows=["row 3"]))
    journal.add(Problem("vector.empty", thing, severity="warning"))
    made = record(study.model_copy(update={"language": lang}), journal)
    folded, where = made["steps"]  # type: ignore[misc]
    assert (folded["input"], folded["rule"], folded["detail"]) == ("zones", "step.folded", ["410771"])
    assert any(ord(letter) > 0x3000 for letter in folded["action"]) == (lang == "zh")
    assert (where["left_out"], where["rows"], where["detail"]) == (2, 9, None)
    assert [row["rule"] for row in made["dropped"]] == ["dropped.points"]  # type: ignore[attr-defined]
    (warning,) = made["warnings"]  # type: ignore[misc]
    assert warning["found"] == journal.warnings[0].as_row(lang)["found"]
    assert [row["name"] for row in made["tables_used"]] == ["weights/hazards"]  # type: ignore[attr-defined]


def test_the_password_of_the_database_is_not_shown(study: StudyConfig) -> None:
    outputs = study.outputs.model_copy(update={"database": "postgresql://me:geheim@host/city"})
    made = record(study.model_copy(update={"outputs": outputs}), Journal())
    assert made["study"]["outputs"]["database"] == "postgresql://me:***@host/city"  # type: ignore[index]


def test_versions_begin_with_the_program() -> None:
    assert versions()["riskzoning"] == __version__
    assert {"python", "numpy", "rasterio"} <= set(versions())


def test_the_comparisons_of_hazards_are_an_input_when_they_stand_in_a_file() -> None:
    about = {"name": "X", "code": "410700", "data_date": "2026-06-30", "admin": {"path": "admin.gpkg"}}
    own = StudyConfig(**about, weights={"matrix": "comparisons.csv"})
    assert ("weights.matrix", Path("comparisons.csv")) in input_places(own)
    written = StudyConfig(**about, weights={"matrix": {"flood": {"geology": "5"}}})
    assert [name for name, _ in input_places(written)] == ["admin"]
