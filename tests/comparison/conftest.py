"""Runs of the small city as far as its grades, with something changed in each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from riskzoning.config import load_study
from riskzoning.pipeline import run_study
from riskzoning.results import StudyResult
from tests.pipeline.conftest import units, write_small_city

Runs = Callable[..., StudyResult]


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """runs("name", people=[..], risk={...}, ...): a run with other people or keys; of each name there is one."""
    city = tmp_path_factory.mktemp("compared")
    study = load_study(write_small_city(city))
    made: dict[str, StudyResult] = {}

    def run(name: str, *, people: list[int] | None = None, **changes: Any) -> StudyResult:
        if name not in made:
            changed = dict(changes)
            if people is not None:
                path = city / f"people_{name}.csv"
                pd.DataFrame({"code": units()["code"], "pop": people}).to_csv(path, index=False)
                changed["inputs"] = {"population": {"path": str(path)}}
            made[name] = run_study(study.with_(**changed), out=city / name, only="grade")
        return made[name]

    return run


def left_in(result: StudyResult, folder: Path) -> Path:
    """What a run leaves of the result in its folder, as far as comparisons read it."""
    from riskzoning import io

    (folder / "tables").mkdir(parents=True)
    io.write_json(folder / "run.json", dict(result.record))
    for level, frame in result.units.items():
        table = pd.DataFrame(frame.drop(columns="geometry")).reset_index()
        io.write_csv(folder / "tables" / f"units_{level}.csv", table)
    for name in ("weights", "breaks"):
        io.write_csv(folder / "tables" / f"{name}.csv", result.tables[name])
    return folder
