"""The units are read as the study says; a city without a layer of its own takes the name of the study."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from riskzoning.config import load_study
from riskzoning.errors import AdminError, Journal, hearing
from riskzoning.pipeline.check import boundaries
from riskzoning.pipeline.check.boundaries import known_units, study_units, unit_problems
from riskzoning.pipeline.workspace.record import input_places

City = Callable[..., Path]


def test_a_city_that_is_built_up_from_its_counties_takes_the_name_of_the_study(small_city: City) -> None:
    units = study_units(load_study(small_city())).units
    assert units.loc["320500", "name"] == "Suzhou"
    assert units.loc["320505", "name"] == "Huqiu"
    assert list(units.index[units["level"] == "county"]) == ["320505", "320506", "320507"]


def test_one_file_a_level_and_one_layer_give_the_same_units(small_city: City) -> None:
    def paths(content: dict[str, Any], folder: Path) -> None:
        content["admin"] = {"paths": {"county": "admin.gpkg"}}

    def level(content: dict[str, Any], folder: Path) -> None:
        content["admin"] = {"path": "admin.gpkg", "level": "county"}

    first, *others = (study_units(load_study(small_city(change))).units for change in (None, paths, level))
    assert all(list(units.index) == list(first.index) for units in others)


def test_a_reference_table_with_another_column_of_codes_is_compared(small_city: City) -> None:
    def reference(content: dict[str, Any], folder: Path) -> None:
        rows = {"id": ["320505", "320506"], "lon": [113.9, 113.9], "lat": [35.3, 35.3]}
        pd.DataFrame(rows).to_csv(folder / "seats.csv", index=False)
        content["admin"]["reference"] = {"path": "seats.csv", "column": "id", "x": "lon", "y": "lat"}

    assert study_units(load_study(small_city(reference))).problems


def test_a_foreign_code_and_levels_that_are_not_there_are_named(small_city: City) -> None:
    study = load_study(small_city())
    units = study_units(study).units
    assert list(unit_problems(study, units)) == []
    foreign = study.model_copy(update={"code": "410700"})
    (problem,) = unit_problems(foreign, units)
    assert (problem.rule, problem.severity) == ("study.code", "warning")

    def townships(content: dict[str, Any], folder: Path) -> None:
        content["zoning"] = {"levels": ["county", "township"]}

    (problem,) = unit_problems(load_study(small_city(townships)), units)
    assert (problem.rule, dict(problem.values)) == (
        "study.levels",
        {"lost": ("township",), "present": ("city", "county")},
    )


@pytest.mark.parametrize("key", ["id", "fid", None])
def test_polygons_without_attributes_take_them_from_a_table(small_city: City, key: str | None) -> None:
    def bare(content: dict[str, Any], folder: Path) -> None:
        known = gpd.read_file(folder / "admin.gpkg", layer=content["admin"]["layers"]["county"])
        ids = [str(at + 5) for at in known.index] if key == "id" else [str(at) for at in known.index]
        table = known[["code", "name"]].assign(**{key or "fid": ids}).iloc[::-1]
        table.to_csv(folder / "codes.csv", index=False)
        shapes = gpd.GeoDataFrame({"id": ids} if key == "id" else {}, geometry=known.geometry, crs=known.crs)
        shapes.to_file(folder / "bare.geojson")
        codes = {"path": "codes.csv"} if key is None else {"path": "codes.csv", "key": key}
        content["admin"] = {"path": "bare.geojson", "level": "county", "codes": codes}

    study = load_study(small_city(bare))
    units, wanted = study_units(study).units, study_units(load_study(small_city())).units
    assert units["name"].to_dict() == wanted["name"].to_dict()
    np.testing.assert_allclose(units.to_crs(4547).area, wanted.to_crs(4547).area, rtol=1e-9)
    assert ("admin.codes", study.admin.codes.path) in input_places(study)


def test_polygons_without_attributes_and_without_a_table_are_told_the_way(small_city: City) -> None:
    def bare(content: dict[str, Any], folder: Path) -> None:
        known = gpd.read_file(folder / "admin.gpkg", layer=content["admin"]["layers"]["county"])
        gpd.GeoDataFrame({}, geometry=known.geometry, crs=known.crs).to_file(folder / "bare.geojson")
        content["admin"] = {"path": "bare.geojson", "level": "county"}

    with pytest.raises(AdminError) as caught:
        study_units(load_study(small_city(bare)))
    assert {problem.rule for problem in caught.value.problems} == {"admin.columns_unknown"}
    assert all("codes: {path: codes.csv" in problem.fix for problem in caught.value.problems)


def test_the_same_boundaries_are_read_once_and_told_again(small_city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    def coded(content: dict[str, Any], folder: Path) -> None:
        known = gpd.read_file(folder / "admin.gpkg", layer=content["admin"]["layers"]["county"])
        rows = pd.DataFrame({"fid": range(len(known) + 1), "code": [*known["code"], "320599"], "name": "Somewhere"})
        rows.to_csv(folder / "codes.csv", index=False)
        gpd.GeoDataFrame({}, geometry=known.geometry, crs=known.crs).to_file(folder / "bare.geojson")
        content["admin"] = {"path": "bare.geojson", "level": "county", "codes": {"path": "codes.csv"}}

    def units_of(told: Journal) -> gpd.GeoDataFrame:
        with hearing(told):
            return known_units(study, told.add).units

    study, first, again, other = load_study(small_city(coded)), Journal(), Journal(), Journal()
    units_of(first)["name"] = "somebody changed it"
    with monkeypatch.context() as patch:
        patch.setattr(boundaries, "study_units", lambda _: pytest.fail("read again"))
        kept = units_of(again)
    assert "Somewhere" in kept["name"].tolist()
    assert [problem.rule for problem in first.warnings] == ["admin.join_idle"]
    assert again.warnings == first.warnings
    table = study.path("codes.csv")
    table.write_text(table.read_text().replace("Somewhere", "Elsewhere"))
    assert "Elsewhere" in units_of(other)["name"].tolist()
