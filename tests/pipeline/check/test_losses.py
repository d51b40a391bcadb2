"""Checks of the history of losses and of protected areas, before a run."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from riskzoning import io
from riskzoning.config import HistoryConfig, InputConfig, ProtectionConfig, SectorConfig
from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.pipeline.check.losses import loss_jobs
from tests.pipeline.conftest import write_raster


def problems(records: pd.DataFrame | None = None, areas: gpd.GeoDataFrame | None = None, **given: Any) -> list[Any]:
    study: Any = SimpleNamespace(
        history=given.get("history"), inputs={"t": None, "levees": None},
        risk=SimpleNamespace(protection=given.get("protection", {}), sectors={}),
    )  # fmt: skip
    catalogue: Any = SimpleNamespace(table=lambda name: records, vector=lambda name: areas)
    return [problem for _, job in loss_jobs(study, catalogue, None, lambda *_: []) for problem in job()]


RECORDS = pd.DataFrame({"year": [2019, 2020], "loss": [1.0, 2.0], "gdp": [50.0, 60.0]})


def test_a_history_is_read_before_the_run() -> None:
    assert not problems(RECORDS, history=HistoryConfig(table="t", gdp="gdp"))
    (problem,) = problems(RECORDS, history=HistoryConfig(table="t", gdp="GDP", dead="dead"))
    assert (problem.rule, dict(problem.values)["missing"]) == ("input.columns", ("GDP", "dead"))
    assert not problems(RECORDS, history=HistoryConfig(table="elsewhere"))
    with pytest.raises(LayerError):
        problems(RECORDS.assign(loss=-1.0, kind="洪涝"), history=HistoryConfig(table="t", hazard="kind"))
    with hearing(Journal()) as heard:
        problems(RECORDS.assign(loss=99.0), history=HistoryConfig(table="t", gdp="gdp"))
    assert "dropped.history_amounts" in {problem.rule for problem in heard.warnings + heard.dropped}


def test_protected_areas_have_their_column_and_lines_a_width() -> None:
    levee = gpd.GeoDataFrame({"years": [20]}, geometry=[shapely.LineString([(0, 0), (1, 1)])], crs=4490)
    for given, rule in (
        ({"column": "years"}, "loss.protection_lines"),
        ({"column": "height", "within_m": 9.0}, "study.class_column"),
    ):
        (problem,) = problems(areas=levee, protection={"flood": ProtectionConfig(areas="levees", **given)})  # type: ignore[arg-type]
        assert problem.rule == rule
    whole = {
        "flood": ProtectionConfig(years=20),
        "geology": ProtectionConfig(areas="levees", column="years", within_m=9),
    }
    assert not problems(areas=levee, protection=whole)


def of_sector(path: Path, stated: SectorConfig, name: str = "transport", **entry: Any) -> list[Any]:
    """What is said of the values of a sector."""
    study: Any = SimpleNamespace(
        history=None, risk=SimpleNamespace(protection={}, sectors={name: stated}), inputs={"rails": None},
        path=lambda given: path.parent / given,
    )  # fmt: skip
    one = InputConfig(path=path.name, **entry)  # type: ignore[arg-type]
    catalogue: Any = SimpleNamespace(
        study=study, entry=lambda name: one, layer=lambda name, quantity: io.read_layer(path, quantity=quantity)
    )
    return [problem for _, job in loss_jobs(study, catalogue, None, lambda *_: []) for problem in job()]


def test_values_by_sector_are_rasters_with_a_unit_and_a_curve(tmp_path: Path) -> None:
    path = tmp_path / "rails.tif"
    write_raster(path, np.full((2, 3), 5.0, dtype=np.float32))
    given = SectorConfig(layer="rails")
    assert not of_sector(path, given, units="万元")
    (problem,) = of_sector(path, given)
    assert (problem.rule, problem.severity, dict(problem.values)["total"]) == ("loss.sector_units", "warning", 30.0)
    (problem,) = of_sector(path, given, name="railways", units="yuan")
    assert (problem.rule, problem.field) == ("curve.name", "risk.sectors.railways")
    (problem,) = of_sector(tmp_path / "rails.gpkg", given)
    assert problem.rule == "loss.sector_raster"
