"""The key of a stage changes with what the stage looks at, and only then; no stage looks at what its key leaves out."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from riskzoning.config import StudyConfig, load_study
from riskzoning.config.model import ZoningConfig
from riskzoning.pipeline import run_study
from riskzoning.pipeline.stages import (
    assess,
    calibrate,
    grade,
    ground,
    planning,
    prepare,
    recorded,
    rules,
    validated,
    zones,
)
from riskzoning.pipeline.workspace.keys import KEPT, stage_keys
from riskzoning.pipeline.workspace.resume import frames_once, once
from riskzoning.samples import sample_study
from tests.pipeline.conftest import write_planned_city

# What hangs on the risk of single hazards, and what on where it is by cells and units.
_OF_SINGLE = ("single", "scale", "losses", "ground", "rules", "proofs", "plans")
_AFTER = ("assess", "composite", *_OF_SINGLE, "survey")
INPUTS = [{"name": "elevation", "sha256": "1"}, {"name": "weights.matrix", "sha256": "2"}]


def changed(**changes: Any) -> list[str]:
    """The stages whose key is another one."""
    study = load_study(sample_study())
    old, new = stage_keys(study, INPUTS, "1"), stage_keys(study.with_(**changes), INPUTS, "1")
    return [stage for stage in old if old[stage] != new[stage]]


@pytest.mark.parametrize(
    ("changes", "stages"),
    [
        ({"weights": {"method": "equal"}}, ["composite"]),
        ({"risk": {"form": "product"}}, list(_AFTER)),
        ({"risk": {"protection": {"flood": {"areas": "levees", "column": "T"}}}}, ["inputs", *_AFTER]),
        ({"grades": {"risk_scheme": "ranked"}}, list(_AFTER)),
        ({"zoning": {"frozen": {"multi_risk_index": [0.2, 0.4, 0.6, 0.8, 1.0]}}}, list(KEPT)[1:]),
        ({"seed": 1}, list(KEPT)),
        ({"planning": {"plans": None}}, ["inputs", "plans"]),
        ({"zoning": {"prevention": {"snap_m": 40}}}, ["ground"]),
        ({"admin": {"source": "2023"}}, []),
        ({"outputs": {"maps": False}, "uncertainty": {"draws": 5}, "zoning": {"regions": {"most": 3}}}, []),
    ],
)
def test_a_change_reaches_the_stages_that_look_at_it_and_all_after_them(
    changes: dict[str, Any], stages: list[str]
) -> None:
    assert changed(**changes) == stages


def test_files_and_program_are_part_of_the_keys() -> None:
    study = load_study(sample_study())
    old = stage_keys(study, INPUTS, "1")
    assert all(key != old[stage] for stage, key in stage_keys(study, INPUTS, "2").items())
    other = [INPUTS[0], {"name": "weights.matrix", "sha256": "3"}]
    assert [stage for stage, key in stage_keys(study, other, "1").items() if key != old[stage]] == ["composite"]
    other = [{"name": "elevation", "sha256": "9"}, INPUTS[1]]
    assert all(key != old[stage] for stage, key in stage_keys(study, other, "1").items())


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """Which keys of the study each stage reads while it is made."""
    read: dict[str, set[str]] = {}
    now: list[str] = []

    def watched(kind: type[Any], at: str) -> None:
        plain = kind.__getattribute__

        def get(self: Any, name: str) -> Any:
            if now and name in kind.model_fields:
                read.setdefault(now[-1], set()).add(f"{at}{name}")
            return plain(self, name)

        monkeypatch.setattr(kind, "__getattribute__", get)

    def watching(plain: Any, run: Any, stage: str, make: Any, **more: Any) -> Any:
        now.append(stage)
        try:
            return plain(run, stage, make, **more)
        finally:
            now.pop()

    watched(StudyConfig, "")
    watched(ZoningConfig, "zoning.")
    for module in (prepare, calibrate, assess):
        monkeypatch.setattr(module, "once", partial(watching, once))
    for module in (grade, ground, planning, recorded, rules, validated, zones):
        monkeypatch.setattr(module, "frames_once", partial(watching, frames_once))
    return read


def test_no_stage_looks_at_what_its_key_leaves_out(seen: dict[str, set[str]], tmp_path: Any) -> None:
    run_study(load_study(write_planned_city(tmp_path / "city")), out=tmp_path / "out", only="validation")
    # What inputs show is asked for before any stage; large cells and a read history ask the study for nothing.
    assert set(seen) == set(KEPT) - {"inputs", "accept", "survey", "places", "scale", "history"}
    for stage, keys in seen.items():
        allowed = {"outputs"} if stage in ("ground", "plans") else set()  # the printed scale, which is given beside it
        assert not (keys - allowed) & set(KEPT[stage].without), stage
    assert "weights" in seen["composite"]
    assert {"risk", "zoning.frozen"} <= seen["assess"]
