"""Every message has four parts and loses nothing."""

from __future__ import annotations

import pytest

from riskzoning import errors
from riskzoning.errors import LayerError, Problem, first_few


def problem(**changes: object) -> Problem:
    thing = changes.pop("file", "a.tif")
    return Problem("example.empty", thing, **changes)  # type: ignore[arg-type]


def test_message_names_thing_found_required_and_fix() -> None:
    text = str(problem(sheet="S", row=4, field="pop"))
    assert text == "a.tif, sheet 'S', row 4, field 'pop' is empty; expected one value or more. Export it again."


def test_an_error_lists_all_its_problems() -> None:
    error = LayerError(problems=[problem(), problem(file="b.tif")])
    assert str(error).splitlines() == [str(problem()), str(problem(file="b.tif"))]
    assert [p.file for p in error.problems] == ["a.tif", "b.tif"]


def test_rows_for_programs_have_the_agreed_keys() -> None:
    row = problem().as_row()
    assert set(row) == {"file", "sheet", "row", "field", "rule", "severity", "found", "required", "fix", "values"}
    assert row["row"] is None


@pytest.mark.parametrize(
    ("kind", "base"),
    [
        (errors.LayerError, ValueError),
        (errors.MissingCRSError, errors.LayerError),
        (errors.UnitsError, errors.LayerError),
        (errors.GridMismatchError, errors.LayerError),
        (errors.AdminError, ValueError),
        (errors.SurveyError, ValueError),
        (errors.ConfigError, ValueError),
        (errors.StandardTableError, LookupError),
        (errors.MissingDependencyError, ImportError),
        (errors.RunError, RuntimeError),
        (errors.LockedError, errors.RunError),
        (errors.DatabaseError, RuntimeError),
    ],
)
def test_family_of_errors(kind: type[Exception], base: type[Exception]) -> None:
    assert issubclass(kind, base)
    assert issubclass(kind, errors.RiskZoningError)


def test_long_lists_show_the_first_five_and_the_count() -> None:
    assert first_few(range(12)) == "0, 1, 2, 3, 4 (and 7 more)"
    assert first_few(range(5)) == "0, 1, 2, 3, 4"
