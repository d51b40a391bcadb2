"""A changed study is the one that the changed file would give, with the same problems."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from riskzoning.config import RiskConfig, StudyConfig, load_study
from riskzoning.errors import ConfigError
from riskzoning.samples import sample_study


@pytest.fixture(scope="module")
def study() -> StudyConfig:
    return load_study(sample_study())


def fixed(**weights: float) -> dict[str, Any]:
    names = ("earthquake", "geology", "flood", "meteorology", "forest_fire")
    return {"fixed": {name: weights.get(name, 0.1) for name in names}}


def test_nothing_changed_is_the_same_study(study: StudyConfig) -> None:
    same = study.with_()
    assert same == study
    assert (same.base, same.file, same.notes) == (study.base, study.file, study.notes)


def test_a_mapping_changes_the_keys_that_it_names(study: StudyConfig) -> None:
    changed = study.with_(zoning={"regions": {"most": 7}}, risk={"combine": "maximum"})
    assert (changed.zoning.regions.most, changed.risk.combine) == (7, "maximum")
    kept = changed.zoning.model_dump(exclude={"regions"}), changed.zoning.regions.method
    assert kept == (study.zoning.model_dump(exclude={"regions"}), study.zoning.regions.method)
    assert study.zoning.regions.most == 12, "the first study is as it was"


def test_a_way_of_weighing_replaces_the_one_before(study: StudyConfig) -> None:
    once = study.with_(weights=fixed(flood=0.6))
    assert (once.weights.method, once.weights.fixed["flood"]) == ("fixed", 0.6)
    again = once.with_(weights={"method": "equal"})
    assert (again.weights.method, again.weights.fixed) == ("equal", {})
    assert once.with_(weights=fixed(flood=0.2, geology=0.5)).weights.fixed["geology"] == 0.5
    mixed = study.with_(weights={"a": 0.5})
    assert (mixed.weights.a, mixed.weights.method) == (0.5, study.weights.method)


def test_values_of_python_and_checked_sections_are_taken(study: StudyConfig) -> None:
    changed = study.with_(
        data_date=datetime.date(2030, 1, 1), risk=RiskConfig(form="geometric"),
        uncertainty={"draws": np.int64(5)}, outputs={"folder": Path("elsewhere")},
    )  # fmt: skip
    assert (changed.data_date.year, changed.risk.form, changed.risk.combine) == (2030, "geometric", "weighted_sum")
    assert (changed.uncertainty.draws, changed.outputs.folder) == (5, Path("elsewhere"))


def test_no_value_is_the_default(study: StudyConfig) -> None:
    assert study.with_(outputs={"maps": False}).with_(outputs=None).outputs.maps is not False


def test_what_is_wrong_is_said_as_of_the_file(study: StudyConfig) -> None:
    with pytest.raises(ConfigError) as caught:
        study.with_(risc={}, risk={"forn": "gated", "combine": "sum of all"}, grid={"resolution": "wide"})
    told = {(problem.rule, problem.field) for problem in caught.value.problems}
    assert told == {
        ("study.unknown_key", "risc"), ("study.unknown_key", "risk.forn"), ("study.value", "risk.combine"),
        ("study.value", "grid.resolution"),
    }  # fmt: skip


def test_names_that_point_nowhere_are_problems(study: StudyConfig) -> None:
    with pytest.raises(ConfigError) as caught:
        study.with_(hazards=[{"hazard": "flod"}], inputs={"elevation": {"path": "no.tif"}})
    fields = {problem.field for problem in caught.value.problems}
    assert {"hazards.0.hazard", "inputs.elevation.path"} <= fields
