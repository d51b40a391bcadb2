"""What is special to one map: its classes are all in the pixels, with what is shown otherwise told in the footer."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from matplotlib.figure import Figure
from shapely import box

from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.maps import Legend, Panel, Sheet, map_backdrop, zoning_map
from riskzoning.maps.classes import grade_scheme
from riskzoning.maps.surroundings import drawn_pixels
from riskzoning.methods.ladders import load_ladder

LEFT, BOTTOM = 450000, 3870000


def city(**patches: Any) -> tuple[Any, np.ndarray]:
    grid = analysis_grid((LEFT, BOTTOM, LEFT + 100_000, BOTTOM + 80_000), crs="EPSG:4547", resolution=200)
    codes = np.ones(grid.shape, dtype=np.uint8)
    codes[10:13, 10:13] = 5  # 0.36 km2: 2.9 mm2 at 1 : 350,000
    codes[200, 200], codes[300:302, 300] = 4, 2
    codes[100:140, 100:140] = 3
    return layer_on(grid, codes, quantity="risk_grade", name="risk"), codes


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for axes in figure.axes for text in axes.texts] + [t.get_text() for t in figure.texts]


def coloured(figure: Figure, colour: str, dpi: int = 100) -> int:
    rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    pixels = drawn_pixels(figure, dpi)[..., :3]
    window = pixels[: int(pixels.shape[0] * 0.915), : int(pixels.shape[1] * 0.78)]
    return int((window == rgb).all(axis=-1).sum())


@pytest.mark.parametrize("size", ["A4", "A3"])
def test_every_class_with_area_is_in_the_pixels_and_can_be_read(size: str) -> None:
    layer, codes = city()
    figure = zoning_map(layer, title="t", lang="en", sheet=Sheet(size=size))
    scheme = grade_scheme(Legend(), "en")
    legible = 4 * (100 / 25.4) ** 2
    for grade in np.unique(codes):
        assert coloured(figure, scheme.colour(int(grade))) >= 0.8 * legible
    assert layer.to_numpy().max() == 5


def test_shares_are_those_of_the_data_and_the_footer_says_what_the_map_changed() -> None:
    layer, codes = city()
    figure = zoning_map(layer, title="t", lang="en")
    bars = [patch.get_height() for patch in figure.axes[2].patches]
    assert bars[4] == pytest.approx(100 * 9 / codes.size)
    (line,) = [text for text in texts(figure) if text.startswith("Drawn so that it can be read")]
    assert "3 are enlarged" in line
    chinese = texts(zoning_map(layer, title="t", lang="zh"))
    assert any("3 个放大" in text for text in chinese)


def test_a_map_that_shows_the_data_as_they_are_says_nothing() -> None:
    layer, codes = city()
    codes[:] = 1
    codes[100:140, 100:140] = 3
    assert not any("mm²" in text for text in texts(zoning_map(layer.copy(data=codes), title="t", lang="en")))


def test_ground_without_the_hazard_has_its_colour_its_row_and_its_share() -> None:
    layer, codes = city()
    index = layer_on(layer.odc.geobox, np.where(np.arange(codes.shape[1]) < 90, 0.0, 0.5) * np.ones(codes.shape),
                     quantity="hazard_index", name="index")  # fmt: skip
    legend = Legend(scheme="hazard_4", palette="flood", index=index, ladder=load_ladder("flood"), notes=["只含洪水"])
    figure = zoning_map(layer.copy(data=np.clip(codes, 1, 4)), title="t", lang="zh", legend=legend)
    shown = texts(figure)
    assert {"无", "0", "水深与频率综合严重程度", "只含洪水"} <= set(shown)
    assert f"{90 / codes.shape[1]:.1%}" in shown
    assert coloured(figure, grade_scheme(legend, "zh").none) > 1000


def test_units_where_the_hazard_does_not_act() -> None:
    cells = [box(LEFT + 20000 * i, BOTTOM, LEFT + 20000 * (i + 1), BOTTOM + 60000) for i in range(4)]
    units = gpd.GeoDataFrame(
        {"grade": [1, 1, 3, 0], "index": [0.0, 0.1, 0.5, np.nan], "people": [6.0, 2.0, 1.0, 1.0]},
        geometry=cells,
        crs="EPSG:4547",
    )
    legend = Legend(breaks=[0.2, 0.4, 0.6, 0.8, 1], index="index")
    figure = zoning_map(units, column="grade", title="t", lang="en", legend=legend, panel=Panel(people="people"))
    assert texts(figure).count("25.0%") == 4
    # Bars of area and of people, from no hazard to the highest grade.
    heights = [patch.get_height() for patch in figure.axes[2].patches]
    assert heights == pytest.approx([25, 25, 0, 25, 0, 0, 60, 20, 0, 10, 0, 0])


def test_zones_of_the_same_class_have_an_edge_between_them() -> None:
    middle = LEFT + 50_000
    halves = [box(LEFT, BOTTOM, middle, BOTTOM + 80_000), box(middle, BOTTOM, LEFT + 100_000, BOTTOM + 80_000)]
    zones = gpd.GeoDataFrame({"grade": [3, 3]}, geometry=halves, crs="EPSG:4547")

    whole = gpd.GeoDataFrame({"level": ["county"], "name": ["a"]}, geometry=[zones.union_all()], crs=zones.crs)
    shared = map_backdrop(outlines=whole)

    def dark(edges: bool) -> int:
        legend = Legend(edges=edges)
        figure = zoning_map(zones, column="grade", title="t", lang="en", legend=legend, backdrop=shared)
        pixels = drawn_pixels(figure, 100)[..., :3].astype(int)
        window = pixels[: int(pixels.shape[0] * 0.9), : int(pixels.shape[1] * 0.77)]
        return int((window < 190).all(axis=-1).sum())

    # The edge between the two is as long as the map is high.
    assert dark(True) - dark(False) > 200


def test_unsure_units_are_hatched_and_told_only_where_there_are_any() -> None:
    shapes = [box(113.5, 35, 114, 35.5), box(114, 35, 114.5, 35.5)]
    units = gpd.GeoDataFrame({"grade": [3, 3], "doubt": [True, False]}, geometry=shapes, crs="EPSG:4490")
    plain = zoning_map(units, column="grade", title="t", lang="en")
    drawn = zoning_map(units, column="grade", title="t", lang="en", legend=Legend(hatched="doubt"))
    colour = grade_scheme(Legend(), "en").colour(3)
    # The colour is still read between the lines.
    assert 0.5 * coloured(plain, colour) < coloured(drawn, colour) < 0.98 * coloured(plain, colour)
    assert "unsure grade" in texts(drawn)
    assert "50.0%" in texts(drawn)
    assert "等级不确定" in texts(zoning_map(units, column="grade", title="t", legend=Legend(hatched="doubt")))
    sure = zoning_map(units.assign(doubt=False), column="grade", title="t", lang="en", legend=Legend(hatched="doubt"))
    assert "unsure grade" not in texts(sure)
    assert coloured(sure, colour) == coloured(plain, colour)
