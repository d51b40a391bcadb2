"""The family of errors: what each one is, and that an error carries every problem wherever it goes."""

from __future__ import annotations

import pickle

import pytest

from riskzoning import errors
from riskzoning.errors import LayerError, Phrase, Problem, RiskZoningError, family, speaking


def problem(file: str = "a.tif") -> Problem:
    return Problem("example.empty", file)


def test_an_error_lists_all_its_problems() -> None:
    error = LayerError(problems=[problem(), problem("b.tif")])
    assert str(error).splitlines() == [str(problem()), str(problem("b.tif"))]
    assert [p.file for p in error.problems] == ["a.tif", "b.tif"]


def test_one_problem_alone_or_before_others() -> None:
    assert LayerError(problem()).problems == (problem(),)
    assert LayerError(problem(), problems=[problem("b.tif")]).problems == (problem(), problem("b.tif"))
    assert (str(LayerError("plain text")), LayerError("plain text").problems) == ("plain text", ())


def test_an_error_speaks_the_language_in_which_it_is_shown() -> None:
    error = LayerError(Problem("example.empty", Phrase("layer", name="depth")))
    assert str(error).startswith("layer 'depth' is empty")
    with speaking("zh"):
        assert str(error).startswith("图层“depth”为空")


def test_errors_pass_between_processes() -> None:
    error = errors.UnitsError(problems=[Problem("example.empty", Phrase("layer", name="depth"), codes=["1"])])
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is errors.UnitsError
    assert (again.problems, str(again)) == (error.problems, str(error))
    assert str(pickle.loads(pickle.dumps(RiskZoningError("plain text")))) == "plain text"


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
        (errors.TargetError, errors.DatabaseError),
        (errors.TargetError, errors.ConfigError),
    ],
)
def test_family_of_errors(kind: type[Exception], base: type[Exception]) -> None:
    assert issubclass(kind, base)
    assert issubclass(kind, errors.RiskZoningError)


def test_the_face_holds_the_whole_family() -> None:
    kinds = {name for name, kind in vars(family).items() if isinstance(kind, type) and issubclass(kind, Exception)}
    assert kinds <= set(errors.__all__)
