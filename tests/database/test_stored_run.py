"""A run as a database has it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskzoning.database.stored_run import StoredRun, numbers, study_of
from riskzoning.errors import Phrase


def _run(**risk: object) -> StoredRun:
    used = pd.DataFrame({"name": ["a/b", "c/d"], "replaced_by": ["", "own.yml"]})
    return StoredRun({"meta_tables_used": used}, lambda name: Phrase("layer", name=name), {"risk": risk})


@pytest.mark.parametrize(
    ("risk", "composed"),
    [
        ({"form": "gated", "unit_rule": None, "protection": {"flood": 100}}, True),
        ({"form": "half_scaled", "unit_rule": None}, False),
        ({"form": "gated", "unit_rule": "exposed_mean"}, False),
        # An option of a later program changes what a risk is.
        ({"form": "gated", "something": True}, False),
        ({}, False),
    ],
)
def test_risks_are_composed_as_the_record_says(risk: dict[str, object], composed: bool) -> None:
    assert _run(**risk).composed is composed


def test_numbers_of_the_study_itself_are_known() -> None:
    assert (_run().replaced("a/b"), _run().replaced("c/d"), _run().replaced("e/f")) == (False, True, False)


def test_rows_that_differ_are_counted_and_the_first_is_named() -> None:
    stored = pd.Series(
        [1.0, np.nan, 3.0, 4.0], index=pd.MultiIndex.from_tuples([("a", 1), ("b", 1), ("c", 2), ("d", 2)])
    )
    (problem,) = _run().compared("t", "f", "parts", stored, [1.0, np.nan, 2.0, 5.0])
    values = dict(problem.values)
    assert (values["count"], values["code"], values["stored"], values["computed"]) == (2, "c 2", 3.0, 2.0)


def test_a_missing_value_whose_parts_are_there_is_told() -> None:
    (problem,) = _run().compared("t", "f", "parts", pd.Series([np.nan], index=["a"]), [1.0])
    assert dict(problem.values)["code"] == "a"


def test_columns_as_numbers_keep_the_names_of_their_rows() -> None:
    frame = pd.DataFrame({"code": ["a", "b"], "kind": ["x", "y"], "v": ["1", None]})
    assert numbers(frame, "v").loc["a"] == 1.0
    assert np.isnan(numbers(frame, "v", "code", "kind").loc["b", "y"])


@pytest.mark.parametrize("record", ["", "no json", '{"study": 3}', None])
def test_a_record_that_says_nothing_is_an_empty_study(record: object) -> None:
    assert study_of({"record": record}) == {}
