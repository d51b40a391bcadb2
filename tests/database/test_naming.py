"""Names of tables."""

from __future__ import annotations

import pytest

from riskzoning import standards
from riskzoning.database.naming import form_table, run_table
from riskzoning.surveys.forms import form_names


def test_every_form_has_a_table_of_a_type() -> None:
    types = standards.table("database/schema").data["types"]
    names = [form_table(name) for name in form_names()]
    assert len(set(names)) == len(names)
    assert {name.split("_")[0] for name in names} <= set(types)


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("exposure_by_grade", "exposure_by_grade"),
        ("breaks", "risk_breaks"),
        ("reconciliation", "meta_reconciliation"),
        ("capacity", "cap_index"),
        ("qc_rejected", "qc_rejected"),
        ("exposure_by_age", "exp_population_by_age"),
        ("something", "meta_something"),
    ],
)
def test_a_table_of_a_run_has_its_name_in_the_database(name: str, table: str) -> None:
    assert run_table(name) == table


def test_every_table_that_a_run_may_leave_has_a_name_of_a_type() -> None:
    types = standards.table("database/schema").data["types"]
    for name in standards.table("names/output_tables").data["tables"]:
        if name != "units_LEVEL":
            assert run_table(name).split("_")[0] in {*types, "exposure"}, name
