"""The sheet: right colours in the right place, everything inside, nothing invented."""

from __future__ import annotations

import io
from itertools import combinations
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from odc.geo.geobox import GeoBox
from PIL import Image
from shapely import box

from riskzoning import standards
from riskzoning.errors import LayerError, MissingCRSError, Problem
from riskzoning.grid import analysis_grid
from riskzoning.layers import layer_on
from riskzoning.maps import Legend, MapNotes, Panel, Sheet, map_backdrop, zoning_map
from riskzoning.maps.cells import Cells
from riskzoning.methods.classification import classify
from riskzoning.samples import toy_result

LEFT, BOTTOM = 450000, 3870000
NO_DATA = str(standards.table("palettes/grades").data["no_data"])


@pytest.fixture
def units() -> gpd.GeoDataFrame:
    cells = [box(LEFT + 20000 * i, BOTTOM, LEFT + 20000 * (i + 1), BOTTOM + 60000) for i in range(5)]
    frame = gpd.GeoDataFrame(
        {
            "name": ["甲县", "乙县", "丙县", "丁县", "戊县"],
            "level": "county",
            "grade": [1, 2, 3, 5, 0],
            "index": [0.1, 0.3, 0.5, 0.9, np.nan],
            "population": [10.0, 20.0, 30.0, 40.0, 0.0],
        },
        geometry=cells,
        crs="EPSG:4547",
    )
    city = gpd.GeoDataFrame({"name": ["市"], "level": "city"}, geometry=[frame.union_all()], crs=frame.crs)
    return gpd.GeoDataFrame(pd.concat([frame, city], ignore_index=True), crs=frame.crs)


def pixels(figure: Figure, dpi: int = 50) -> np.ndarray[Any, Any]:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    return np.asarray(Image.open(buffer).convert("RGB")).astype(int)


def all_text(figure: Figure) -> list[str]:
    found = [text.get_text() for axes in figure.axes for text in axes.texts]
    return [*found, *(text.get_text() for text in figure.texts)]


LEGEND = ("scheme", "classes", "palette", "breaks", "closed")
PANEL = ("people", "value_column", "highest")
SHEET = ("size", "crs", "notes")
BACKDROP = ("outlines", "rivers", "seats", "hillshade")


def map_of(source: Any, **options: Any) -> Figure:
    """A map from flat options: each goes into the object that it belongs to."""
    taken = {key: {o: options.pop(o) for o in group if o in options} for key, group in
             (("legend", LEGEND), ("panel", PANEL), ("sheet", SHEET), ("backdrop", BACKDROP))}  # fmt: skip
    if taken["backdrop"]:
        size = {key: value for key, value in taken["sheet"].items() if key != "notes"}
        options["backdrop"] = map_backdrop(source, **taken["backdrop"], **size)
    return zoning_map(
        source,
        legend=Legend(**taken["legend"]),
        panel=Panel(**taken["panel"]),
        sheet=Sheet(**taken["sheet"]),
        **options,
    )


def drawn(units: gpd.GeoDataFrame, **options: Any) -> Figure:
    counties = units[units["level"] == "county"]
    return map_of(counties, column="grade", title="风险区划图", outlines=units, **options)


def test_units_take_the_colour_of_their_grade_and_no_data_its_own(units: gpd.GeoDataFrame) -> None:
    figure = drawn(units, lang="zh")
    image = pixels(figure)
    colours = [*standards.palette_colours("risk_5", 5), "#CCCCCC"]
    present = {tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in colours}
    seen = {tuple(pixel) for pixel in image.reshape(-1, 3)}
    used = {tuple(int(colours[i - 1][j : j + 2], 16) for j in (1, 3, 5)) for i in (1, 2, 3, 5)} | {(204, 204, 204)}
    assert used <= seen
    assert len(present & seen) == 6


def test_sketch_note_without_a_review_number_and_the_number_with_one(units: gpd.GeoDataFrame) -> None:
    assert "示意图（内部使用）" in all_text(drawn(units))
    text = all_text(drawn(units, notes=MapNotes(review_number="豫S(2026)001号")))
    assert "审图号：豫S(2026)001号" in text
    assert not any("示意图" in item for item in text)


def assert_tidy(figure: Figure) -> None:
    """Every text lies on the sheet, and no two of them touch."""
    figure.canvas.draw()
    width, height = figure.bbox.width, figure.bbox.height
    boxes = []
    for text in figure.findobj(Text):
        box = text.get_window_extent()
        if not text.get_text().strip() or not text.get_visible() or box.width == 0:
            continue
        assert box.x0 >= 0, text.get_text()
        assert box.x1 <= width, text.get_text()
        assert 0 <= box.y0 <= box.y1 <= height, text.get_text()
        boxes.append((text.get_text(), box.x0 + 0.5, box.y0 + 0.5, box.x1 - 0.5, box.y1 - 0.5))
    for a, b in combinations(boxes, 2):
        overlap = a[1] < b[3] and b[1] < a[3] and a[2] < b[4] and b[2] < a[4]
        # A line of text is measured with room above its letters; touching rooms are no touching letters.
        shared = min(a[4], b[4]) - max(a[2], b[2])
        assert not overlap or shared < 0.35 * min(a[4] - a[2], b[4] - b[2]), (a, b)


@pytest.mark.parametrize(("lang", "size"), [("zh", "A3"), ("en", "A3"), ("zh", "A4"), ("en", "A4"), ("zh", "A1")])
def test_nothing_overlaps_and_nothing_is_cut_off(units: gpd.GeoDataFrame, lang: str, size: str) -> None:
    notes = MapNotes(
        data_date="2026-06-30",
        method="加权乘积",
        run="abcdef",
        boundaries="全国地理信息资源目录服务系统 1:25 万 2023 版 / 2023 edition",
        status=dict.fromkeys(("official", "literature", "project_default", "unverified"), 12),
    )
    figure = drawn(
        units, lang=lang, size=size, notes=notes, value_column="index", people="population",
        breaks=[0.2, 0.4, 0.6, 0.8, 1.0], rivers=gpd.GeoDataFrame(geometry=[units.union_all().boundary], crs=units.crs),
    )  # fmt: skip
    assert_tidy(figure)
    assert sum("2023 edition" in text for text in all_text(figure)) == 1


_LONGEST = {
    "zh": (
        ["仅含洪水、地震、地质灾害、气象灾害、森林火灾（未含干旱、其他灾种一、其他灾种二）", "区域内相对等级"],
        ["第一类（按标准设防，注意观察）", "中", "有条件（须专项评估后方可建设）", "较高", "冲突（不宜新增建设项目）"],
    ),
    "en": (
        ["of Flood, Earthquake, Geological hazards, Meteorological hazards only (without Drought, Forest fire)",
         "highest class that a fifth of the ground reaches", "one mean everywhere: rainstorm, hail, dry-hot wind"],
        ["low", "medium-low", "to be observed in every case", "medium-high", "not to be reconciled at all"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("size", ["A4", "A3", "A1"])
def test_the_longest_texts_keep_to_their_places(units: gpd.GeoDataFrame, lang: str, size: str) -> None:
    notes, classes = _LONGEST[lang]
    works = {
        "levees": gpd.GeoDataFrame(geometry=[units.union_all().boundary], crs=units.crs),
        "reservoirs": gpd.GeoDataFrame(geometry=[units.centroid[0], units.centroid[0]], crs=units.crs),
        "detention_areas": gpd.GeoDataFrame(geometry=[units.centroid[1].buffer(5000)], crs=units.crs),
    }
    parts = map_backdrop(outlines=units, size=size, rivers=works["levees"], works=works, province=units[-1:])
    legend = Legend(
        classes=classes,
        notes=notes,
        breaks=[0.5041, 0.5043, 1234567, 1234568, 98765432],
        index="index",
        hatched="grade",
    )
    figure = zoning_map(
        units[:-1].assign(name=["一个名称很长的行政单元甲乙丙丁戊己庚辛" + "A long name of a unit indeed"] * 5),
        column="grade", title="很长的标题" * 12, lang=lang, legend=legend, backdrop=parts,
        panel=Panel(people="population", value_column="index"), sheet=Sheet(size=size),
    )  # fmt: skip
    assert_tidy(figure)
    width = figure.bbox.width
    text = [one for axes in figure.axes[1:] for one in axes.texts if axes.get_position().x0 > 0.79]
    assert all(0.797 * width <= one.get_window_extent().x0 for one in text)
    assert all(one.get_window_extent().x1 <= 0.9865 * width for one in text)
    # Numbers of limits and the notes are never cut; of names only the longest may be.
    said = {one.get_text() for one in text}
    assert "0.5041 – 0.5043" in said
    assert "1,234,568 – 98,765,432" in said
    assert "".join(notes).replace(" ", "") in "".join(one.get_text() for one in text).replace(" ", "")
    assert classes[3] in said


def test_legend_states_intervals_and_the_closed_end(units: gpd.GeoDataFrame) -> None:
    text = all_text(drawn(units, breaks=[0.2, 0.4, 0.6, 0.8, 1.0], closed="left", lang="en"))
    assert "0.2 – 0.4" in text
    assert "intervals include their lower bound" in text


def test_layers_are_drawn_with_their_grades() -> None:
    grid = analysis_grid((LEFT, BOTTOM, LEFT + 100000, BOTTOM + 60000), crs="EPSG:4547", resolution=1000)
    codes = np.repeat(np.array([[1, 2, 3, 4, 0]], dtype=np.uint8), 20, axis=1).repeat(60, axis=0)
    layer = layer_on(grid, codes, quantity="hazard_grade", name="flood_hazard_grade")
    figure = map_of(layer, title="Flood", lang="en", scheme="flood_4", palette="flood")
    seen = {tuple(pixel) for pixel in pixels(figure).reshape(-1, 3)}
    for colour in standards.palette_colours("flood", 4):
        assert tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5)) in seen
    assert "very high" in all_text(figure)


def told(problem: Problem) -> tuple[str, dict[str, Any]]:
    return problem.rule, dict(problem.values)


def test_wrong_columns_and_grades_are_told(units: gpd.GeoDataFrame) -> None:
    counties = units[units["level"] == "county"]

    def problem_of(source: gpd.GeoDataFrame, **options: Any) -> tuple[str, dict[str, Any]]:
        with pytest.raises(LayerError) as error:
            map_of(source, title="t", **options)
        (problem,) = error.value.problems
        return told(problem)

    assert problem_of(units, column="x") == ("maps.column", {"columns": ("grade",)})
    assert problem_of(units) == ("maps.no_column", {"columns": ("grade",)})
    wrong = {"count": 1, "values": ("丁县 5",), "k": 4}
    assert problem_of(counties, column="grade", scheme="flood_4") == ("maps.grades", wrong)
    fractions = counties.assign(grade=[7, 1, 2.5, 3, np.nan])
    assert problem_of(fractions, column="grade")[1]["values"] == ("甲县 7", "丙县 2.5")
    words = counties.assign(grade=["高", "1", "2", "3", None])
    assert problem_of(words, column="grade")[1]["values"] == ("甲县 高",)
    rule, values = problem_of(counties, column="grade", scheme="x")
    assert (rule, values["known"][0]) == ("maps.scheme", "hazard_4")
    assert problem_of(counties, column="grade", palette="x")[0] == "maps.palette"
    rule, values = problem_of(counties, column="grade", people="nobody")
    assert (rule, "population" in values["columns"]) == ("maps.column", True)
    with pytest.raises(LayerError) as error:
        map_of(counties, column="grade", title="t", lang="fr", size="A5")
    assert [told(problem)[1]["value"] for problem in error.value.problems] == ["fr", "A5"]
    with pytest.raises(LayerError, match="has the type str; expected a GeoDataFrame or a DataArray"):
        zoning_map("units.gpkg", column="grade")  # type: ignore[arg-type]
    with pytest.raises(LayerError, match="option size has the value 'A5'"):
        map_backdrop(units, size="A5")


def test_units_without_crs_and_no_units_at_all_are_told(units: gpd.GeoDataFrame) -> None:
    bare = units.copy()
    bare.crs = None
    with pytest.raises(MissingCRSError, match="the units have no coordinate reference system"):
        map_of(bare, column="grade", title="t")
    with pytest.raises(LayerError, match="the units are empty; expected at least one unit"):
        map_of(units.iloc[:0], column="grade", title="t")
    with pytest.raises(MissingCRSError, match="the rivers have no coordinate reference system"):
        drawn(units, rivers=bare)


def test_float_grades_infinities_and_empty_shapes_are_drawn(units: gpd.GeoDataFrame) -> None:
    counties = units[units["level"] == "county"].assign(grade=[1.0, 2.0, np.inf, np.nan, 5.0])
    counties.loc[counties.index[4], "geometry"] = None
    rows = [row for row in all_text(map_of(counties, column="grade", title="t", lang="en")) if row.endswith("%")]
    assert rows == ["0.0%", "0.0%", "0.0%", "25.0%", "25.0%", "50.0%"]


def test_any_frame_with_grades_makes_a_map_alone() -> None:
    cells = [box(103 + i / 2, 30, 103.5 + i / 2, 30.7) for i in range(3)]
    frame = gpd.GeoDataFrame({"name": ["A", "B", "C"], "g": [1, 2, 3]}, geometry=cells, crs="EPSG:4490")
    figure = map_of(frame, column="g", title="t", lang="en", classes=["weak", "medium", "strong"])
    text = all_text(figure)
    assert {"A", "B", "C", "weak", "strong"} <= set(text)
    assert any("EPSG:4544" in item for item in text)
    unnamed = map_of(frame[["g", "geometry"]], column="g", title="t", lang="en", value_column="g")
    assert "Highest units" in all_text(unnamed)


@pytest.mark.parametrize("size", [(500_000, 6000), (6000, 500_000), (900, 900)])
def test_very_wide_very_tall_and_very_small_cities(size: tuple[int, int]) -> None:
    wide, high = size
    cells = [box(LEFT + i * wide / 4, BOTTOM, LEFT + (i + 1) * wide / 4, BOTTOM + high) for i in range(4)]
    frame = gpd.GeoDataFrame({"name": list("甲乙丙丁"), "level": "county", "g": [0, 1, 3, 5]}, geometry=cells, crs=4547)
    figure = map_of(frame, column="g", title="区划图", notes=MapNotes(data_date="2026-06-30"))
    assert_tidy(figure)
    assert {"甲", "乙", "丙", "丁"} <= set(all_text(figure))


@pytest.mark.parametrize("grades", [[0, 0, 0, 0, 0], [3, 3, 3, 3, 3], [np.nan] * 5])
def test_one_grade_only_and_no_data_only(units: gpd.GeoDataFrame, grades: list[float]) -> None:
    counties = units[units["level"] == "county"].assign(grade=grades)
    figure = map_of(counties, column="grade", title="t", people="population", value_column="index", outlines=units)
    assert_tidy(figure)
    assert "100.0%" in all_text(figure)
    one = map_of(counties.iloc[:1], column="grade", title="t")
    assert_tidy(one)


def test_hostile_and_long_names_are_plain_text(units: gpd.GeoDataFrame) -> None:
    counties = units[units["level"] == "county"].copy()
    long = "Huixian City Economic Development Zone North"
    counties["name"] = ["<script>alert(1)</script>", "$\\frac{1}{0}$ $x$", long, "a\nb", "_^{"]
    figure = map_of(counties, column="grade", title="$x$ <b>", lang="en", value_column="index")
    assert_tidy(figure)
    text = all_text(figure)
    assert "$x$ <b>" in text
    assert "a b" in text
    assert any(item.startswith("<script>") for item in text)


def test_layer_in_another_projection_lies_on_its_units(units: gpd.GeoDataFrame) -> None:
    grid = analysis_grid((113.5, 34.9, 114.3, 35.5), crs="EPSG:4490", resolution=0.002)
    codes = np.where(np.arange(grid.shape[1]) < grid.shape[1] // 2, 1, 5)[None, :].repeat(grid.shape[0], 0)
    layer = layer_on(grid, codes.astype(np.uint8), quantity="risk_grade", name="risk_grade")
    figure = map_of(layer, title="t", outlines=units)
    (cells,) = [artist for artist in figure.axes[0].artists if isinstance(artist, Cells)]
    left, right, bottom, top = cells.extent
    assert left == pytest.approx(454_000, abs=3000)
    assert right == pytest.approx(527_500, abs=3000)
    assert top - bottom == pytest.approx(66_600, abs=3000)


def test_layers_with_wrong_values_are_told(units: gpd.GeoDataFrame) -> None:
    grid = analysis_grid((LEFT, BOTTOM, LEFT + 1000, BOTTOM + 1000), crs="EPSG:4547", resolution=100)
    with pytest.raises(LayerError, match="layer 'risk' holds 7, which is not a grade"):
        map_of(layer_on(grid, np.full(grid.shape, 7), quantity="risk_grade", name="risk"), title="t")
    with pytest.raises(LayerError, match=r"holds 0.5, which is not a grade"):
        map_of(layer_on(grid, 0.5, quantity="risk_index", name="risk"), title="t")
    bare = layer_on(grid, 1, quantity="risk_grade", name="risk").drop_vars("spatial_ref")
    bare.y.attrs.clear(), bare.x.attrs.clear()
    with pytest.raises(MissingCRSError, match="layer 'risk' has no coordinate"):
        map_of(bare, title="t")


def test_gaps_inside_the_city_are_no_data_and_ground_outside_is_not(units: gpd.GeoDataFrame) -> None:
    grid = analysis_grid((LEFT - 50_000, BOTTOM, LEFT + 150_000, BOTTOM + 60_000), crs="EPSG:4547", resolution=500)
    x = np.broadcast_to(grid.coords["x"].values, grid.shape)
    codes = np.where((x > LEFT + 25_000) & (x < LEFT + 100_000), 2, 0).astype(np.uint8)
    figure = map_of(layer_on(grid, codes, quantity="risk_grade"), title="t", lang="en", outlines=units)
    assert [text for text in all_text(figure) if text.endswith("%")] == [
        "0.0%",
        "0.0%",
        "0.0%",
        "75.0%",
        "0.0%",
        "25.0%",
    ]
    gaps = np.array([int(NO_DATA[i : i + 2], 16) for i in (1, 3, 5)])
    shown = [(pixels(one).reshape(-1, 3) == gaps).all(axis=1).sum() for one in (figure, whole_map(grid, units))]
    # A quarter of the city, and without gaps the swatch of the legend alone.
    assert shown[0] > 20 * shown[1] > 0


def whole_map(grid: GeoBox, units: gpd.GeoDataFrame) -> Figure:
    codes = np.full(grid.shape, 2, dtype=np.uint8)
    return map_of(layer_on(grid, codes, quantity="risk_grade"), title="t", lang="en", outlines=units)


def test_level_ground_keeps_the_colour_of_the_legend_under_relief(units: gpd.GeoDataFrame) -> None:
    grid = analysis_grid((LEFT, BOTTOM, LEFT + 100_000, BOTTOM + 60_000), crs="EPSG:4547", resolution=500)
    shade = np.full(grid.shape, 180.0)
    shade[:10] = 60
    relief = layer_on(grid, shade, quantity="hillshade")
    seen = pixels(drawn(units, hillshade=relief)).reshape(-1, 3)
    assert (seen == [0xD7, 0x19, 0x1C]).all(axis=1).sum() > 500
    artists = drawn(units, hillshade=relief).axes[0].artists
    assert [artist.get_zorder() for artist in artists if isinstance(artist, Cells)] == [3]


def test_shared_backdrop_gives_the_same_picture(units: gpd.GeoDataFrame) -> None:
    shared = map_backdrop(outlines=units)
    counties = units[units["level"] == "county"]
    figure = zoning_map(counties, column="grade", title="风险区划图", backdrop=shared)
    assert np.array_equal(pixels(drawn(units)), pixels(figure))


def test_same_units_same_picture(units: gpd.GeoDataFrame) -> None:
    assert np.array_equal(pixels(drawn(units)), pixels(drawn(units)))


def test_own_numbers_are_cut_into_classes_in_one_call() -> None:
    units = toy_result().units["township"]
    figure = zoning_map(units, column="population", scheme="natural_breaks", k=3, lang="en")
    texts = [text.get_text() for text in figure.texts] + [t.get_text() for axes in figure.axes for t in axes.texts]
    assert "population" in texts
    assert {"low", "medium", "high"} <= {text.lower() for text in texts}
    grades = classify(units["population"].to_numpy(), "natural_breaks", k=3)
    wrong = {
        "maps.grades_object": {"column": "g"},
        "maps.option": {"column": "population", "scheme": "quantiles", "k": 9},
        "maps.no_numbers": {"column": "name", "scheme": "quantiles"},
        "maps.column": {"column": "none", "scheme": "quantiles"},
    }
    for rule, given in wrong.items():
        with pytest.raises(LayerError) as told:
            zoning_map(units.assign(g=[grades] * len(units)), **given)
        assert told.value.problems[0].rule == rule
