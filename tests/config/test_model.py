"""The keys of study.yaml."""

from __future__ import annotations

import typing

import numpy as np
import pytest
from pydantic import ValidationError

from riskzoning.config import AdminConfig, ExposureConfig, InputConfig, StudyConfig
from riskzoning.config.model import RiskConfig
from riskzoning.risk import combine_hazards

BASE = {"name": "市", "code": "410700", "data_date": "2026-06-30", "admin": {"path": "a.gpkg"}}


def test_unknown_keys_are_refused_everywhere() -> None:
    for change in ({"zz": 1}, {"grid": {"zz": 1}}, {"inputs": {"a": {"path": "b", "zz": 1}}}, {"run": {"zz": 1}}):
        with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
            StudyConfig(**{**BASE, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"code": "41070"},
        {"grid": {"crs": "EPSG:999999"}},
        {"grid": {"resolution": 0}},
        {"admin": {}},
        {"admin": {"path": "a", "paths": {"city": "b"}}},
        {"weights": {"a": 1.5}},
        {"outputs": {"maps": {"formats": ["gif"]}}},
        {"admin": {"path": "a", "datum": "mars"}},
    ],
)
def test_wrong_values_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        StudyConfig(**{**BASE, **change})


def test_a_study_cannot_be_changed() -> None:
    study = StudyConfig(**BASE)
    with pytest.raises(ValidationError):
        study.code = "410800"  # type: ignore[misc]


def test_a_study_knows_the_indices_of_a_run() -> None:
    exposed = {"population": {"raster": "people"}}
    study = StudyConfig(**BASE, hazards=[{"hazard": "flood"}], exposure=exposed)
    assert [index.key for index in study.indices] == [
        "flood_hazard_index",
        "flood_risk_index",
        "flood_population_risk_index",
        "multi_hazard_index",
        "multi_risk_index",
        "multi_population_risk_index",
    ]
    assert study.indices[0].scheme == "flood_4"


def test_receptors_keep_their_order() -> None:
    found = ExposureConfig(roads={"lines": "r"}, population={"raster": "p"}, economy={"table": "g"})
    assert found.receptors == ("population", "economy", "roads")


def test_economy_has_one_source() -> None:
    with pytest.raises(ValidationError, match="either 'raster'"):
        ExposureConfig(economy={"table": "a", "raster": "b"})


def test_class_codes_and_filters_become_text() -> None:
    found = InputConfig(path="a.gpkg", classes={1: 10}, where={"kind": 3})
    assert found.classes == {"1": 10}
    assert found.where == {"kind": ["3"]}


def test_outputs_can_be_switched_off() -> None:
    study = StudyConfig(**BASE, outputs={"maps": False, "database": False, "site": False})
    assert study.outputs.maps is False
    assert study.outputs.database is False


def test_levels_of_admin_are_known_words() -> None:
    with pytest.raises(ValidationError):
        AdminConfig(path="a", layers={"hamlet": "v"})  # type: ignore[dict-item]


def test_the_hazards_of_a_cell_are_combined_by_methods_of_single_cells() -> None:
    # A run works band by band: a method that looked at all cells would give other numbers with other bands.
    every = typing.get_args(RiskConfig.model_fields["combine"].annotation)
    methods = {RiskConfig(combine=method).combine_cells for method in every}
    assert methods == {"weighted_sum", "weighted_product", "maximum", "union", "inform"}
    random = np.random.default_rng(5)
    indices = {"flood": random.random(40), "geology": random.random(40)}
    weights = {"flood": 0.7, "geology": 0.3}
    for method in methods:
        whole = combine_hazards(indices, weights, method=method)
        parts = [
            combine_hazards({key: values[at] for key, values in indices.items()}, weights, method=method)
            for at in (slice(0, 13), slice(13, 40))
        ]
        np.testing.assert_array_equal(np.concatenate(parts), whole)
    with pytest.raises(ValidationError):
        RiskConfig(combine="mean")  # type: ignore[arg-type]


def test_the_edition_of_the_boundaries_is_one_line_of_at_most_200_signs() -> None:
    assert AdminConfig(path="a.gpkg", source=" 省厅\n2023 版 ").source == "省厅 2023 版"
    with pytest.raises(ValidationError):
        AdminConfig(path="a.gpkg", source="x" * 201)
