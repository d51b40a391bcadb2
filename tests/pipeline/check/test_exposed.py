"""Checks of what is exposed: its entries, its contents, ratios."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from riskzoning.pipeline import check_study

City = Callable[..., Path]


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
    assert {"count": 1, "all": 60, "codes": ("77",)}.items() <= dict(found.values).items()


def test_every_input_of_a_receptor_is_looked_at(small_city: City) -> None:
    def change(content: dict[str, Any], folder: Path) -> None:
        content["inputs"] |= {"roads": {"path": "houses.gpkg"}, "houses": {"path": "roads.gpkg"}}
        content["exposure"] |= {"roads": {"lines": "roads"}, "buildings": {"points": "houses"}}

    problems = check_study(small_city(change))
    assert sorted(p.rule for p in problems) == ["exposure.column", "vector.type", "vector.type"]
    assert "roads.gpkg" in next(p.file for p in problems if p.rule == "exposure.column")


def test_an_entry_that_cannot_be_opened_is_told_once(small_city: City) -> None:
    def change(content: dict[str, Any], folder: Path) -> None:
        (folder / "bad.gpkg").write_text("no features here", encoding="utf-8")
        content["inputs"]["roads"] = {"path": "bad.gpkg"}
        content["exposure"]["roads"] = {"lines": "roads"}

    assert len(check_study(small_city(change))) == 1
