"""Classes, colours and shares: what the legend says is what the data say."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy import ndimage

from riskzoning import standards
from riskzoning.errors import LayerError
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.maps import Legend
from riskzoning.maps.classes import NONE, grade_scheme, graded_layer, people_by_grade
from riskzoning.methods.ladders import load_ladder
from riskzoning.samples import toy_result

RAMPS = [name for name, ramp in standards.table("palettes/grades").data.items() if isinstance(ramp, list)]
# Machado, Oliveira and Fernandes (2009), severity 1, for linear RGB.
BLINDNESS = {
    "none": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colours: list[str]) -> np.ndarray:
    values = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colours]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def lab(colours: list[str], blindness: str) -> np.ndarray:
    xyz = np.clip(linear(colours) @ BLINDNESS[blindness].T, 0, 1) @ TO_XYZ.T / (TO_XYZ.sum(axis=1))
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.column_stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])])


def nearest(colours: list[str]) -> float:
    return min(float(np.linalg.norm(a - b)) for kind in BLINDNESS for a, b in pairwise(lab(colours, kind)))


def test_the_measure_reproduces_published_distances() -> None:
    assert nearest(standards.palette_colours("risk_5", 5)) == pytest.approx(20.6, abs=0.3)
    assert nearest(["#00ff00", "#fffa00", "#ff7d00", "#ff0000"]) == pytest.approx(5.8, abs=0.3)


@pytest.mark.parametrize("k", [2, 3, 4, 5])
@pytest.mark.parametrize("palette", RAMPS)
def test_classes_can_be_told_apart_by_the_colour_blind(palette: str, k: int) -> None:
    table = standards.table("palettes/grades")
    colours, none = standards.palette_colours(palette, k), table.data["no_data"]
    assert nearest(colours) >= table.info["least_distance"]
    apart = [np.linalg.norm(lab([none], kind) - lab([c], kind)) for kind in BLINDNESS for c in colours]
    assert min(apart) >= table.info["least_distance"]


@pytest.mark.parametrize("palette", [name for name in RAMPS if name not in ("risk_5", "change")])
def test_ramps_of_one_hue_darken_with_the_grade(palette: str) -> None:
    luminance = linear(standards.palette_colours(palette, 5)) @ TO_XYZ[1]
    assert (np.diff(luminance) < 0).all()


def test_change_is_palest_in_the_middle_and_darkens_to_both_ends() -> None:
    luminance = linear(standards.palette_colours("change", 5)) @ TO_XYZ[1]
    assert (np.diff(luminance)[:2] > 0).all()
    assert (np.diff(luminance)[2:] < 0).all()


def test_more_classes_than_colours_are_refused() -> None:
    with pytest.raises(LayerError, match="palette 'flood' has only 5 colours; expected one for each of 7 classes"):
        grade_scheme(Legend(classes=[str(i) for i in range(7)], palette="flood"), "en")


def test_layers_are_counted_block_by_block_and_thinned() -> None:
    grid = analysis_grid((0, 0, 5000, 1300), crs="EPSG:4547", resolution=1)
    codes = np.zeros(grid.shape, dtype=np.uint8)
    codes[700:, 100:] = 4
    picture = graded_layer(layer_on(grid, codes, quantity="risk_grade"), 5, "EPSG:4547")
    assert picture.counts.tolist() == np.bincount(codes.ravel(), minlength=6).tolist()
    # 700 is no multiple of the step: the row of pixels between has one row of cells without and two with the class.
    assert picture.values.shape == (434, 1667)
    assert np.array_equal(picture.values[:433, :1666], codes[2::3, 2::3])


def test_a_pixel_of_several_cells_takes_the_highest_class_that_a_fifth_of_them_reach() -> None:
    grid = analysis_grid((0, 0, 4800, 10), crs="EPSG:4547", resolution=1)
    codes = np.ones(grid.shape, dtype=np.uint8)
    codes[5, :] = 3  # a valley of one cell: half of each pixel of 2 x 2
    picture = graded_layer(layer_on(grid, codes, quantity="risk_grade"), 5, "EPSG:4547")
    assert (picture.values[2] == 3).all()
    assert np.unique(picture.values[[0, 1, 3, 4]]).tolist() == [1]


def test_thinning_loses_no_class_with_area() -> None:
    grid = analysis_grid((0, 0, 9600, 400), crs="EPSG:4547", resolution=1)
    codes = np.full(grid.shape, 2, dtype=np.uint8)
    codes[17, 17], codes[350, 9000] = 5, 1
    index = np.full(grid.shape, 0.5)
    index[100, 100] = 0
    index_layer = layer_on(grid, index, quantity="risk_index")
    picture = graded_layer(layer_on(grid, codes, quantity="risk_grade"), 5, "EPSG:4547", index=index_layer)
    assert sorted(np.unique(picture.values)) == [1, 2, 5, NONE]
    assert (picture.counts.sum(), picture.none) == (codes.size - 1, 1)


def test_another_projection_loses_no_cell_of_a_class() -> None:
    grid = analysis_grid((113.5, 34.9, 114.0, 35.2), crs="EPSG:4490", resolution=0.002)
    codes = np.ones(grid.shape, dtype=np.uint8)
    codes[3::10, 3::10] = 5
    picture = graded_layer(layer_on(grid, codes, quantity="risk_grade"), 5, "EPSG:4547")
    _, patches = ndimage.label(picture.values == 5)
    assert patches == (codes == 5).sum()


def test_cells_of_index_zero_are_no_hazard_and_missing_ones_no_data() -> None:
    grid = analysis_grid((0, 0, 400, 100), crs="EPSG:4547", resolution=100)
    grades = layer_on(grid, np.array([[0, 1, 1, 2]], dtype=np.uint8), quantity="risk_grade")
    index = layer_on(grid, np.array([[np.nan, 0.0, 0.01, 0.3]]), quantity="risk_index")
    picture = graded_layer(grades, 5, "EPSG:4547", index=index)
    assert picture.values.tolist() == [[0, NONE, 1, 2]]
    people = people_by_grade(grades.copy(data=[[1, 2, 4, 8]]), grades, index=index)
    assert people[[0, 1, 2, NONE]].tolist() == [
        1,
        4,
        8,
        2,
    ]


def test_nan_and_declared_nodata_are_no_data() -> None:
    grid = analysis_grid((0, 0, 300, 100), crs="EPSG:4547", resolution=100)
    layer = layer_on(grid, np.array([[1.0, np.nan, np.inf]]), quantity="risk_grade")
    assert graded_layer(layer, 5, "EPSG:4547").counts.tolist() == [2, 1, 0, 0, 0, 0]
    coded = layer_on(grid, np.array([[1, 255, 2]], dtype=np.uint8), quantity="risk_grade", nodata=255)
    assert graded_layer(coded, 5, "EPSG:4547").counts.tolist() == [1, 1, 1, 0, 0, 0]


@pytest.mark.parametrize("scheme", ["risk_5", "hazard_4", "capacity_5"])
def test_what_is_missing_has_a_colour_of_its_own_and_not_that_of_the_gravest(scheme: str) -> None:
    made = grade_scheme(Legend(scheme=scheme), "zh")
    assert made.colour(0) == made.no_data
    assert made.colour(NONE) == made.none
    assert [made.colour(grade) for grade in range(1, made.k + 1)] == list(made.colours)
    assert len({made.colour(0), made.colour(NONE), *made.colours}) == made.k + 2


def test_people_of_a_grid_map_are_those_on_the_cells_of_each_grade() -> None:
    grades = toy_result().layers["multi_risk_grade"]
    people = grades.copy(data=np.full(grades.shape, 2.0))
    counts = np.bincount(grades.to_numpy().ravel().astype(int), minlength=6)
    assert people_by_grade(people, grades).to_numpy()[:6] == pytest.approx(2 * counts)


def test_legend_rows_are_highest_first_and_no_data_last() -> None:
    rows = grade_scheme(Legend(), "en").rows("en", {5: 1.0}, {}, Legend(breaks=[0.2, 0.4, 0.6, 0.8, 1.0]))
    assert (rows[0].interval, rows[-1].name) == ("0.8 – 1", "no data")
    assert grade_scheme(Legend(classes=["low", "high"]), "en").colours == ("#2B83BA", "#D7191C")


def test_a_legend_may_leave_out_what_is_nowhere() -> None:
    legend = Legend(classes=["general", "secondary", "key"], complete=False)
    scheme = grade_scheme(legend, "en")
    assert [row.grade for row in scheme.rows("en", {3: 0.75, 1: 0.25, 0: 0.0}, {}, legend)] == [3, 1]
    assert [row.grade for row in scheme.rows("en", {3: 0.75, 0: 0.25}, {}, legend)] == [3, 0]
    # Where no shares are known nothing is left out.
    assert len(scheme.rows("en", {}, {}, legend)) == 4
    whole = replace(legend, complete=True)
    assert len(grade_scheme(whole, "en").rows("en", {3: 0.75}, {}, whole)) == 4


def test_where_a_hazard_does_not_act_has_a_row_above_no_data() -> None:
    legend = Legend(scheme="hazard_4", palette="earthquake", index="i", ladder=load_ladder("earthquake"))
    rows = grade_scheme(legend, "zh").rows("zh", {NONE: 0.25}, {}, legend)
    assert [row.name for row in rows] == ["高", "较高", "较低", "低", "无", "无数据"]
    assert [row.interval for row in rows[-3:]] == ["0.04 – 0.09", "≤ 0.04", ""]
    assert rows[-2].area == 0.25
    assert rows[-2].colour != rows[-3].colour


@pytest.mark.parametrize("palette", RAMPS)
def test_no_hazard_can_be_told_from_the_lowest_class_and_from_no_data(palette: str) -> None:
    table = standards.table("palettes/grades")
    lowest = standards.palette_colours(palette, 4, zero=True)[0]
    for other in (lowest, table.data["no_data"]):
        assert nearest([table.data["none"], other]) >= table.info["least_distance"]
