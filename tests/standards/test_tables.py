"""Tables of standards: provenance, replacement, and what was used."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskzoning import standards
from riskzoning.errors import StandardTableError


def test_session_replaces_a_table_and_notes_what_was_used(tmp_path: Path) -> None:
    own = tmp_path / "palette.yml"
    own.write_text(
        "title: own\nsource: city\nstatus: official\nverified: true\ndata: {no_data: '#000000'}\n", encoding="utf-8"
    )
    with standards.session({"palettes/grades": own}) as opened:
        assert standards.table("palettes/grades").data["no_data"] == "#000000"
        standards.table("units")
        used = opened.used
    assert used["palettes/grades"].provenance()["replaced_by"] == str(own)
    assert "units" in used
    assert standards.table("palettes/grades").data["no_data"] == "#CCCCCC"


def test_session_refuses_unknown_tables_and_broken_files(tmp_path: Path) -> None:
    with pytest.raises(StandardTableError) as error, standards.session({"no/such": tmp_path}):
        pass
    assert error.value.problems[0].rule == "standards.table"
    broken = tmp_path / "broken.yml"
    broken.write_text("title: x\n", encoding="utf-8")
    with standards.session({"palettes/grades": broken}), pytest.raises(StandardTableError) as error:
        standards.table("palettes/grades")
    assert error.value.problems[0].rule == "standards.form"
    absent = {"palettes/grades": tmp_path / "absent.yml"}
    with standards.session(absent), pytest.raises(StandardTableError) as error:
        standards.table("palettes/grades")
    assert error.value.problems[0].rule == "file.missing"
    assert "palettes/grades" in error.value.problems[0].required
    odd = {"palettes/grades": {"data": {}, "status": "final"}}
    with standards.session(odd), pytest.raises(StandardTableError) as error:
        standards.table("palettes/grades")
    assert error.value.problems[0].rule == "standards.status"


def test_a_replacement_that_says_nothing_of_its_source_counts_as_unverified_and_of_the_project() -> None:
    with standards.session({"weights/hazards": {"flood": 1.0}}):
        facts = standards.provenance("weights/hazards")
    assert (facts["verified"], facts["status"]) == (False, "project_default")
    assert facts["replaced_by"] == "study.yaml (inline)"


def test_replaced_tables_are_those_of_the_open_session() -> None:
    assert standards.replaced() == {}
    with standards.session({"units": {"m": {}}}):
        assert standards.replaced() == {"units": {"m": {}}}
        assert standards.shipped_table("units").data != {"m": {}}


def test_a_new_form_that_is_nearly_named_as_one_is_mistaken_for_it() -> None:
    from riskzoning.standards.tables import mistaken_for

    assert mistaken_for("survey_forms/shelters") == "survey_forms/shelter"
    assert mistaken_for("survey_forms/Cap_Townships") == "survey_forms/cap_township"
    assert [mistaken_for(f"survey_forms/{name}") for name in ("shelter", "school", "exp_hospital")] == [None] * 3
    assert mistaken_for("ladders/hail") is None
