"""Checks of tables by unit, buildings and ratios."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from riskzoning.pipeline import check_study
from riskzoning.pipeline.check.exposed import folded_totals, geometry_problems

from ..conftest import units

City = Callable[..., Path]


def test_zones_are_folded_into_their_county_once() -> None:
    frame = pd.DataFrame({"code": [" 410702", "410771", "410703"], "gdp": ["5", "2", "1"]})
    totals, folded = folded_totals(frame, "code", "gdp", {"410702", "410703"}, {"410771": "410702"}, 1e4)
    assert totals.to_dict() == {"410702": 70_000.0, "410703": 10_000.0}
    assert folded == ["410771"]


@pytest.mark.parametrize(("scale", "severity"), [(1.0, "error"), (1e4, None), (2e5, "warning"), (1e8, "error")])
def test_gdp_per_person_shows_a_wrong_unit(small_city: City, scale: float, severity: str | None) -> None:
    def change(content: dict[str, Any], folder: Path) -> None:
        frame = pd.read_csv(folder / "gdp.csv", dtype={"code": str})
        frame.assign(gdp=frame["gdp"] * scale).to_csv(folder / "gdp.csv", index=False)
        content["inputs"]["gdp"] = {"path": "gdp.csv"}
        content["exposure"]["economy"] = {"table": "gdp", "column": "gdp"}

    found = [p.severity for p in check_study(small_city(change)) if p.rule == "exposure.gdp_per_person"]
    assert found == ([] if severity is None else [severity])


def test_some_strange_structures_are_a_warning_that_names_them(small_city: City) -> None:
    def change(content: dict[str, Any], folder: Path) -> None:
        frame = gpd.read_file(folder / "houses.gpkg")
        frame.loc[3, "struct"] = 77
        frame.to_file(folder / "houses.gpkg", driver="GPKG")
        content["inputs"]["houses"] = {"path": "houses.gpkg"}
        content["exposure"]["buildings"] = {"points": "houses", "structure": "struct"}

    (found,) = check_study(small_city(change))
    assert (found.rule, found.severity) == ("table.structure", "warning")
    assert "1 of 60 rows" in found.found
    assert "77" in found.found


def test_kinds_of_features() -> None:
    assert geometry_problems(units(), "polygons", "a") == []
    assert geometry_problems(units().assign(geometry=units().boundary), "lines", "a") == []
    assert [p.rule for p in geometry_problems(units(), "points", "a")] == ["vector.type"]
    assert geometry_problems(units().iloc[:0], "points", "a") == []
