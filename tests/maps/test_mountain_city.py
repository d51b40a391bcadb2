"""A made-up city of narrow valleys and small towns: its printed grid map shows the valleys and every town."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from scipy import ndimage

from riskzoning.grid import analysis_grid
from riskzoning.hazards.flood.degree import flood_severity
from riskzoning.layers import layer_on
from riskzoning.maps import Legend, Panel, map_backdrop, zoning_map
from riskzoning.maps.classes import grade_scheme
from riskzoning.maps.surroundings import drawn_pixels
from riskzoning.methods.ladders import load_ladder
from riskzoning.samples.noise import Waves, generator

ROWS, COLUMNS, CELL = 600, 900, 100
TOWNS = [(160, 90), (150, 450), (290, 300), (440, 700), (450, 180), (310, 820)]
DPI = 150


def mountain_city(seed: int = 7) -> tuple[xr.DataArray, xr.DataArray, np.ndarray, list[tuple[int, int]]]:
    """Grades and index of flooding, the mask of the valleys (one to two cells wide), and the cells of the towns."""
    grid = analysis_grid((430_000, 3_880_000, 430_000 + COLUMNS * CELL, 3_880_000 + ROWS * CELL), crs="EPSG:4547",
                         resolution=CELL)  # fmt: skip
    km = CELL / 1000
    bends = Waves.drawn(generator(seed, "bends"), [25.0, 9.0])
    across = np.arange(COLUMNS)
    valleys = np.zeros((ROWS, COLUMNS), dtype=bool)
    middles = []
    for row in (150, 300, 450):
        middle = np.rint(row + 14 * bends.at(across * km, np.full(COLUMNS, row * km))).astype(int)
        middles.append(middle)
        for at, line in zip(across, middle, strict=True):
            valleys[line : line + 1 + (at // 150) % 2, at] = True
    # Steps of the river are filled, so that a valley is one piece.
    valleys |= ndimage.binary_closing(valleys, np.ones((3, 3)))
    depth = np.where(valleys, np.where(across < 500, 0.35, 1.4), 0.0)
    towns = []
    for row, column in TOWNS:
        line = min(middles, key=lambda middle: abs(int(middle[column]) - row))[column]
        depth[line : line + 2, column : column + 2] = 5.0
        towns.append((int(line), column))
    stack = layer_on(grid, np.stack([depth, depth * 1.2]), quantity="flood_depth", return_periods=(20, 100))
    severity, ladder = flood_severity(stack), load_ladder("flood")
    index = ladder.index(severity).rename("flood_hazard_index")
    return ladder.grade(severity).rename("flood_hazard_grade"), index, valleys, towns


@pytest.fixture(scope="module")
def drawn() -> tuple:
    grades, index, valleys, towns = mountain_city()
    people = index.copy(data=np.where(grades.to_numpy() == 4, 500.0, 1.0))
    legend = Legend(scheme="flood_4", palette="flood", ladder=load_ladder("flood"), index=index)
    backdrop = map_backdrop(grades)
    figure = zoning_map(grades, title="山区示例市洪水灾害危险性区划图（格网）", legend=legend,
                        panel=Panel(people=people), backdrop=backdrop)  # fmt: skip
    pixels = drawn_pixels(figure, DPI)[..., :3].astype(int)
    box = figure.axes[0].get_window_extent()
    frame = backdrop.frame
    grid = grades.odc.geobox.boundingbox
    rows = pixels.shape[0] - (box.y0 + (grades.y.to_numpy() - frame.bottom) / (frame.top - frame.bottom) * box.height)
    columns = box.x0 + (grades.x.to_numpy() - frame.left) / (frame.right - frame.left) * box.width
    assert grid.left > frame.left
    shown = pixels[rows.astype(int)[:, None], columns.astype(int)]
    return pixels, grades, shown, (valleys, towns), legend, figure


def rgb(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def test_the_valleys_are_there_from_end_to_end(drawn: tuple) -> None:
    _, grades, shown, (valleys, _), legend, _ = drawn
    none = rgb(grade_scheme(legend, "zh").none)
    seen = (shown != none).any(axis=-1)
    assert seen[valleys].all()
    # And the ground between them is what it is: no hazard.
    assert seen[~valleys & (grades.to_numpy() == 1)].mean() < 0.02


def test_every_town_can_be_read(drawn: tuple) -> None:
    pixels, _, shown, (_, towns), legend, _ = drawn
    severe = rgb(grade_scheme(legend, "zh").colour(4))
    for row, column in towns:
        assert (shown[row : row + 2, column : column + 2] == severe).all()
    legible = 4 * (DPI / 25.4) ** 2
    window = pixels[: int(pixels.shape[0] * 0.915), : int(pixels.shape[1] * 0.78)]
    patches, count = ndimage.label((window == severe).all(axis=-1))
    assert count == len(towns)
    assert np.bincount(patches.ravel())[1:].min() >= 0.8 * legible


def test_every_class_with_area_is_in_the_pixels(drawn: tuple) -> None:
    _, grades, shown, _, legend, _ = drawn
    scheme = grade_scheme(legend, "zh")
    for grade in np.unique(grades):
        assert (shown == rgb(scheme.colour(int(grade)))).all(axis=-1).sum() >= 20
