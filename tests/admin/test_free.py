"""Levels that a study names: codes of any text, parents by column or by place, longitudes across 180 degrees."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import box

from riskzoning import admin
from riskzoning.admin import Profile
from riskzoning.admin.free import free_column
from riskzoning.errors import AdminError

FREE = Profile(
    ("island", "parish"), china=False, words={"island": ("Island",), "parish": ("教区",)}, whole=("SG", "All")
)


def parishes(lon: float = -61.0, lat: float = 13.0, **columns: object) -> gpd.GeoDataFrame:
    data = {"code": ["P-1", "P-2", "P-3"], "name": ["George", "Andrew", "David"], **columns}
    shapes = [box(lon + 0.1 * i, lat, lon + 0.1 * (i + 1), lat + 0.1) for i in range(3)]
    return gpd.GeoDataFrame(data, geometry=shapes, crs="EPSG:4326")


def islands(lon: float = -61.0, lat: float = 13.0) -> gpd.GeoDataFrame:
    shapes = [box(lon, lat, lon + 0.2, lat + 0.1), box(lon + 0.2, lat, lon + 0.3, lat + 0.1)]
    return gpd.GeoDataFrame({"code": ["A", "B"], "name": ["Big", "Small"]}, geometry=shapes, crs="EPSG:4326")


def rules(*layers: object, **named: object) -> set[str]:
    with pytest.raises(AdminError) as caught:
        admin.assemble(layers[0] if layers else named, profile=FREE)  # type: ignore[arg-type]
    return {problem.rule for problem in caught.value.problems}


def test_parents_come_by_place_where_no_column_says_them() -> None:
    checked = admin.assemble({"parish": parishes(), "island": islands()}, profile=FREE)
    assert checked.units["parent"].to_dict() == {"A": "", "B": "", "P-1": "A", "P-2": "A", "P-3": "B"}
    assert checked.units.crs == "EPSG:4326"
    assert "admin.done.placed" in {action.rule for action in checked.actions}
    assert admin.check_admin(checked.units, levels=FREE.levels) is checked.units


@pytest.mark.parametrize("stated", [["A", "A", "B"], ["Big", "Big", "Small"]])
def test_a_column_of_parents_holds_codes_or_names(stated: list[str]) -> None:
    checked = admin.assemble({"parish": parishes(parent=stated), "island": islands()}, profile=FREE)
    assert checked.units.loc[["P-1", "P-2", "P-3"], "parent"].tolist() == ["A", "A", "B"]


def test_the_whole_is_built_where_no_layer_has_it() -> None:
    checked = admin.assemble({"parish": parishes()}, profile=FREE)
    assert checked.units.loc["SG", ["name", "level"]].tolist() == ["All", "island"]
    assert set(checked.units.loc[["P-1", "P-2"], "parent"]) == {"SG"}
    by_column = admin.assemble({"parish": parishes(parent=["Big", "Big", "Small"])}, profile=FREE)
    assert by_column.units.query("level == 'island'").index.tolist() == ["Big", "Small"]


def test_parents_that_do_not_hold_their_units_are_refused() -> None:
    assert rules(island=islands(), parish=parishes(parent=["A", "A", "C"])) == {"admin.free_parent"}
    assert "admin.free_parent" in rules(island=islands(lon=-62), parish=parishes())
    # Stated parents are held against the ground: what differs from its parts is no parent of them.
    wrong = rules(island=islands(), parish=parishes(parent=["A", "B", "B"]))
    assert "admin.union_far" in wrong


def test_codes_are_text_that_stands_once_in_all_levels() -> None:
    assert rules(parish=parishes(code=["1", "1", ""])) == {"admin.duplicate", "admin.free_code"}
    assert rules(parish=parishes(code=["A", "P-2", "P-3"]), island=islands()) == {"admin.free_levels"}
    numbers = admin.assemble({"parish": parishes(code=[1.0, 2.0, 3.0])}, profile=FREE)
    assert numbers.units.index.tolist() == ["SG", "1", "2", "3"]


def test_one_file_of_all_levels_has_a_column_of_their_names() -> None:
    both = pd.concat([islands().assign(level="Island"), parishes().assign(level="教区")], ignore_index=True)
    checked = admin.assemble(gpd.GeoDataFrame(both, crs="EPSG:4326"), profile=FREE)
    assert checked.units["level"].tolist() == ["island"] * 2 + ["parish"] * 3
    assert rules(both.drop(columns="level")) == {"admin.free_level_column"}
    assert rules(both.assign(level="county")) >= {"admin.level_values"}


@pytest.mark.parametrize(
    ("columns", "taken"),
    [
        (["GID_0", "NAME_0", "GID_1", "NAME_1", "geometry"], ("GID_1", "NAME_1", "GID_0")),
        (["ADM2_PCODE", "ADM2_EN", "ADM1_PCODE", "ADM1_EN"], ("ADM2_PCODE", "ADM2_EN", "ADM1_PCODE")),
        (["shapeName", "shapeID", "shapeType"], ("shapeID", "shapeName", None)),
        (["Name", "pop"], (None, "Name", None)),
    ],
)
def test_columns_of_boundary_files_of_the_world_are_known(columns: list[str], taken: tuple[str | None, ...]) -> None:
    assert tuple(free_column(columns, wanted) for wanted in ("code", "name", "parent")) == taken


def test_units_on_both_sides_of_180_degrees_are_one_piece() -> None:
    whole = parishes(lon=179.85, lat=-17.0)
    east, west = whole.intersection(box(-180, -90, 180, 90)), whole.intersection(box(180, -90, 200, 90))
    west = shapely.transform(west.to_numpy(), lambda points: points - (360, 0))
    cut = whole.set_geometry(shapely.union_all([east.to_numpy(), west], axis=0), crs="EPSG:4326")
    assert np.ptp(cut.total_bounds[[0, 2]]) > 350
    checked = admin.assemble({"parish": cut}, profile=FREE).units
    assert checked.geometry.geom_type.eq("Polygon").all()
    assert checked.total_bounds.tolist() == pytest.approx(whole.total_bounds.tolist())


def test_places_that_are_none_are_refused() -> None:
    assert rules(parish=parishes(lat=495)) == {"admin.extent_world"}
    assert rules(village=parishes()) == {"admin.level"}
