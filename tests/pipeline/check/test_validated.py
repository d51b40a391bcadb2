"""Checks of events before a run: columns, units that they name, figures without a source."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from riskzoning.config import EventsConfig
from riskzoning.grid import analysis_grid
from riskzoning.pipeline.check.validated import validation_jobs

UNITS = gpd.GeoDataFrame({"name": ["某市", "东山县"], "level": ["city", "county"]}, index=["410700", "410701"])


GRID = analysis_grid((0, 0, 400, 200), crs="EPSG:4547", resolution=100)


def problems(value: Any, path: str = "events.gpkg", **given: Any) -> list[Any]:
    events = {"july": EventsConfig(input="t", **given), "other": EventsConfig(input="elsewhere")}
    study: Any = SimpleNamespace(validation=SimpleNamespace(events=events), inputs={"t": None}, path=Path)
    catalogue: Any = SimpleNamespace(
        study=study, entry=lambda name: SimpleNamespace(path=path), table=lambda name: value,
        vector=lambda name: value, layer=lambda name, quantity: value,
    )  # fmt: skip
    return [problem for _, job in validation_jobs(study, catalogue, UNITS, GRID) for problem in job()]


def test_a_table_names_units_in_the_columns_that_are_given() -> None:
    table = pd.DataFrame({"note": ["东山"], "other": ["乙"]})
    assert not problems(table, units="note")
    assert [one.rule for one in problems(table, units="other")] == ["proof.no_unit"]
    (problem,) = problems(table, units=["note", "where"])
    assert (problem.rule, dict(problem.values)["missing"]) == ("proof.columns", ("where",))
    unstated = table.assign(indicator="affected", value=1)
    assert [one.rule for one in problems(unstated, units="note")] == ["proof.unstated"]


def test_layers_lie_where_the_study_is() -> None:
    near = gpd.GeoDataFrame(geometry=[shapely.Point(50, 50)], crs="EPSG:4547")
    far = gpd.GeoDataFrame(geometry=[shapely.Point(9e5, 50)], crs="EPSG:4547")
    assert not problems(near)
    assert problems(far)
    assert not problems(None, path="seen.tif")
