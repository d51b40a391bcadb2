"""Sheets of zones: one for each kind that the run has, with its own classes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from riskzoning.config import RiskConfig
from riskzoning.maps import MapNotes
from riskzoning.pipeline.outputs.maps import hazard_sheets, write_maps
from riskzoning.pipeline.outputs.output import Writing
from riskzoning.pipeline.outputs.zone_sheets import zone_sheets
from riskzoning.results import StudyResult
from riskzoning.samples import toy_result

from . import toy_study


def with_zones(folder: Path, language: str = "zh") -> StudyResult:
    result = toy_result(language=language)
    towns = result.units["township"].reset_index(drop=True)
    regions = gpd.GeoDataFrame(
        {"tier": 3, "grade": [1, 2, 3, 4, 5, 3], "population": 10.0}, geometry=towns.geometry, crs=towns.crs
    )
    prevention = gpd.GeoDataFrame(
        {"hazard": "multi", "grade": [1, 2, 3, 1, 2, 3], "population": 10.0}, geometry=towns.geometry, crs=towns.crs
    )
    conflicts = gpd.GeoDataFrame(
        {"class": ["urban_boundary", "key_development"], "conflict": np.array([3, 2])},
        geometry=towns.geometry[:2], crs=towns.crs,
    )  # fmt: skip
    zones = {"zone_region": regions, "zone_prevention": prevention, "planning_conflict": conflicts}
    return dataclasses.replace(result, zones=zones, folder=folder)


def test_a_sheet_for_each_kind_of_zones(tmp_path: Path) -> None:
    sheets = zone_sheets(with_zones(tmp_path), MapNotes())
    assert [sheet.stem.name for sheet in sheets] == [
        "990100_zones_regions", "990100_zones_prevention", "990100_zones_conflicts",
    ]  # fmt: skip
    assert sheets[1].legend.classes == ["一般防治区", "次重点防治区", "重点防治区"]
    # Zones of the same class are told apart; the shares of conflicts are not those of the city.
    assert [sheet.legend.edges for sheet in sheets] == [True, True, False]
    assert sheets[2].legend.notes == ["占比按冲突面积计算；无色处没有冲突"]
    # Of several plans the control lines are drawn.
    assert len(sheets[2].source) == 1


def test_the_sheet_of_regions_shows_those_of_the_second_tier_with_their_codes(tmp_path: Path) -> None:
    result = with_zones(tmp_path)
    assert zone_sheets(result, MapNotes())[0].legend.groups is None
    counties = result.units["county"].reset_index(drop=True)
    middle = gpd.GeoDataFrame(
        {"tier": 2, "grade": 3, "population": 30.0, "code": ["990100-I-1", "990100-II-1"]},
        geometry=counties.geometry, crs=counties.crs,
    )  # fmt: skip
    both = gpd.GeoDataFrame(pd.concat([middle, result.zones["zone_region"]], ignore_index=True), crs=counties.crs)
    sheet = zone_sheets(dataclasses.replace(result, zones={"zone_region": both}), MapNotes())[0]
    assert list(sheet.legend.groups["name"]) == ["I-1", "II-1"]
    assert len(sheet.source) == 6


def test_no_zones_no_sheets() -> None:
    assert zone_sheets(toy_result(), MapNotes()) == []
    assert "zones" not in "".join(
        sheet.stem.name for sheets in hazard_sheets(toy_result(), RiskConfig()).values() for sheet in sheets
    )


def test_they_are_drawn_with_the_others(tmp_path: Path) -> None:
    made = write_maps(
        Writing(toy_study(maps={"dpi": 50, "size": "A4", "formats": ("png",)}), with_zones(tmp_path, "en"))
    )
    assert {"990100_zones_regions.png", "990100_zones_prevention.png", "990100_zones_conflicts.png"} <= {
        path.name for path in made
    }
