"""One bell: a note goes to the journal of the run, or warns at the caller's line."""

from __future__ import annotations

import linecache
import warnings

import pytest

from riskzoning.errors import Journal, Problem, RiskZoningWarning, Severity, hearing, note


def a_note(severity: Severity = "warning", rule: str = "example.empty", **place: object) -> Problem:
    return Problem(rule, "a.tif", severity=severity, **place)  # type: ignore[arg-type]


def test_in_a_run_notes_are_kept_apart_by_kind_and_each_once() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with hearing(Journal()) as journal:
            for problem in (a_note(), a_note(), a_note(row=2), a_note("info"), a_note("info", "dropped.rows")):
                note(problem)
            note(a_note("warning", "dropped.rows"))
    assert journal.warnings == [a_note(), a_note(row=2)]
    assert journal.steps == [a_note("info")]
    assert [problem.severity for problem in journal.dropped] == ["info", "warning"]


def test_a_run_inside_a_run_has_its_own_journal() -> None:
    with hearing(Journal()) as outer:
        with hearing(Journal()) as inner:
            note(a_note())
        note(a_note(row=1))
    assert (inner.warnings, outer.warnings) == ([a_note()], [a_note(row=1)])


def test_a_journal_is_left_when_the_work_fails() -> None:
    with pytest.raises(KeyError), hearing(Journal()):
        raise KeyError
    with pytest.warns(RiskZoningWarning):
        note(a_note())


def test_outside_a_run_python_warns_with_the_problem() -> None:
    with pytest.warns(RiskZoningWarning, match="a.tif is empty") as caught:
        note(a_note())
    assert caught[0].message.problem == a_note()  # type: ignore[union-attr]
    assert issubclass(RiskZoningWarning, UserWarning)


def test_what_was_done_as_asked_is_silent_outside_a_run() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert note(a_note("info")) is None


def test_the_warning_points_at_the_line_that_called_the_package() -> None:
    from riskzoning.methods.weights import normalise

    with pytest.warns(UserWarning, match="indicator") as caught:
        normalise([[1.0, 2.0], [1.0, 3.0]])
    assert caught[0].filename == __file__
    assert "normalise([[" in linecache.getline(__file__, caught[0].lineno)


def test_a_warning_travels_to_another_process_and_speaks_there() -> None:
    import pickle

    from riskzoning.errors import RiskZoningWarning, speaking

    warning = pickle.loads(pickle.dumps(RiskZoningWarning(a_note("warning"))))
    with speaking("zh"):
        assert "要求" in str(warning)
    assert warning.problem == a_note("warning")
