"""The risk of cells and units by the matrix of the study: its grades, true zeros, and its way to the composite."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskzoning import standards
from riskzoning.config import StudyConfig, load_study
from riskzoning.hazards import HAZARDS
from riskzoning.methods.classification import grade_values
from riskzoning.names import MULTI, Index
from riskzoning.pipeline import run_study
from riskzoning.pipeline.stages.cell_risk import matrix_name, risk_of_parts
from riskzoning.risk import risk_matrix

City = Callable[..., Path]
FLOOD = HAZARDS["flood"].index


def study(**risk: Any) -> StudyConfig:
    given = {"name": "X", "code": 410700, "data_date": "2026-06-30", "admin": {"path": "a"}}
    return StudyConfig(**given, risk={"form": "matrix", **risk})


def test_the_matrix_is_that_of_the_classes_unless_one_is_named() -> None:
    assert (FLOOD.classes, matrix_name(study(), FLOOD)) == (4, "risk_4x5")
    assert matrix_name(study(matrix="risk_5x5"), FLOOD) == "risk_5x5"


def test_units_are_looked_up_by_the_grades_of_their_parts() -> None:
    hazard, exposed = pd.Series([0.0, 0.2, 0.6, 0.6, 0.9]), pd.Series([0.9, 0.3, 0.3, 0.0, 1.0])
    made = risk_of_parts(study(), FLOOD, hazard, exposed, pd.Series([1.0, 1.0, np.nan, 1.0, 0.0]))
    # Hazard 1, 3 and 4 of 4 against consequence 2, 2 and 3 of 5; nothing acts in the first, nothing is in the fourth.
    np.testing.assert_allclose(made, [0.0, 0.1, 0.5, 0.0, 0.7])
    assert isinstance(made, pd.Series)


def test_a_run_by_matrix_has_its_grades_on_the_grid_and_for_the_units(small_city: City, tmp_path: Path) -> None:
    def change(content: dict[str, Any], _folder: Path) -> None:
        content["risk"] = {"form": "matrix"}

    result = run_study(load_study(small_city(change)), out=tmp_path / "out", only="grade")
    layers, frame = result.layers, result.units["county"]
    index = Index("flood", "risk", "population")
    exposed = np.log1p(np.clip(layers["population"].to_numpy() / 0.25**2, 0, 20_000) / 10) / np.log1p(2000)
    limits = standards.table("damage/combination").data["consequence"]["limits"]
    consequence = grade_values(exposed, [*limits, 1.0])
    severity = layers[FLOOD.key].to_numpy()
    grade = risk_matrix(layers[FLOOD.grade_key].to_numpy(), consequence, "risk_4x5")
    wanted = np.where((severity == 0) | (exposed == 0), 1, grade)
    known = np.isfinite(severity) & (consequence > 0)
    np.testing.assert_array_equal(layers[index.grade_key].to_numpy()[known], wanted[known])
    assert layers[index.key].attrs["form"] == "matrix"
    met, there = (frame[key] for key in ("flood_population_exposed_hazard_index", "population_exposure_index"))
    made = risk_of_parts(study(), FLOOD, met, there, None)
    np.testing.assert_allclose(frame[index.key], made)
    assert frame[Index(MULTI, "risk").grade_key].between(1, 5).all()


@pytest.mark.parametrize("form", ["product", "gated"])
def test_other_forms_go_by_their_formula(form: str) -> None:
    one = study().model_copy(update={"risk": study().risk.model_copy(update={"form": form})})
    made = risk_of_parts(one, FLOOD, pd.Series([0.8]), pd.Series([0.6]), pd.Series([0.5]))
    assert made.tolist() == pytest.approx([{"product": 0.24, "gated": 0.519615}[form]], abs=1e-6)
