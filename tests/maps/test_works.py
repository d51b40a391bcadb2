"""Works on printed maps: signs in their places, names beside them, rows of the key; nothing where there are none."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import LineString, Point, box

from riskzoning.errors import LayerError, MissingCRSError
from riskzoning.maps import Legend, map_backdrop, zoning_map
from riskzoning.maps.frame import Frame
from riskzoning.maps.works import drawn_works, sign_boxes, work_keys

CRS = "EPSG:4547"
FRAME = Frame.around((0, 0, 100_000, 60_000), width=300, height=200)


def frame_of(*shapes: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=list(shapes), crs=CRS)


@pytest.fixture
def units() -> gpd.GeoDataFrame:
    cells = [box(20_000 * i, 20_000 * j, 20_000 * (i + 1), 20_000 * (j + 1)) for i in range(5) for j in range(3)]
    names = [f"第{at}乡" for at in range(len(cells))]
    return gpd.GeoDataFrame(
        {"name": names, "level": "township", "grade": [1 + at % 5 for at in range(len(cells))]}, geometry=cells, crs=CRS
    )


def works() -> dict[str, gpd.GeoDataFrame]:
    return {
        "levees": frame_of(LineString([(0, 30_000), (100_000, 30_000)]), None),
        "reservoirs": frame_of(Point(10_000, 10_000), Point(10_000, 10_050), box(50_000, 50_000, 54_000, 53_000)),
        "sluices": frame_of(Point(70_000, 31_000), Point(9e6, 9e6)),
        "detention_areas": frame_of(box(40_000, 5_000, 60_000, 18_000)),
    }


def test_each_kind_stands_where_it_is_and_signs_do_not_cover_each_other() -> None:
    made = {one.kind: one for one in drawn_works(works(), FRAME, CRS)}
    assert list(made) == ["levees", "reservoirs", "sluices", "detention_areas"]
    assert made["reservoirs"].points.tolist() == [[10_000, 10_000], [52_000, 51_500]]
    assert made["reservoirs"].left_out == 1
    # The water of a reservoir has an outline beside its sign; what lies elsewhere is not counted as left out.
    assert len(made["reservoirs"].lines) == 1
    assert made["sluices"].points.tolist() == [[70_000, 31_000]]
    assert made["sluices"].left_out == 0
    assert len(made["detention_areas"].lines) == 1


def test_lines_and_areas_end_near_the_place() -> None:
    reach = box(0, 0, 50_000, 60_000)
    made = {one.kind: one for one in drawn_works(works(), FRAME, CRS, reach)}
    assert made["levees"].lines[0][:, 0].max() == 50_000
    assert made["detention_areas"].lines[0][:, 0].max() == 50_000
    assert made["sluices"].points.tolist() == [[70_000, 31_000]]


def test_the_key_names_each_kind_and_what_had_no_room() -> None:
    made = drawn_works(works(), FRAME, CRS)
    assert [name for name, _ in work_keys(made, "zh", 1.0)] == ["堤防", "水库（另 1 处未绘）", "水闸", "蓄滞洪区"]
    assert [name for name, _ in work_keys(made, "en", 1.0)][1] == "Reservoir (1 more not drawn)"


def test_names_keep_away_from_signs(units: gpd.GeoDataFrame) -> None:
    middles = frame_of(*units.geometry.centroid)
    parts = map_backdrop(outlines=units, works={"reservoirs": middles})
    signs = sign_boxes(parts.works, parts.frame, 1.0)
    assert len(signs) == len(units)
    assert parts.labels
    for label in parts.labels:
        for sign in signs:
            apart = label.box[0] >= sign[2] or label.box[2] <= sign[0] or label.box[1] >= sign[3]
            assert apart or label.box[3] <= sign[1]


def test_a_map_draws_the_works_of_its_backdrop_unless_it_is_told_not_to(units: gpd.GeoDataFrame) -> None:
    parts = map_backdrop(outlines=units, works=works())

    def named(legend: Legend) -> set[str]:
        figure = zoning_map(units, column="grade", lang="en", backdrop=parts, legend=legend)
        return {text.get_text() for axes in figure.axes for text in axes.texts}

    assert {"Levee", "Flood detention area"} <= named(Legend())
    assert "Levee" not in named(Legend(works=False))
    bare = zoning_map(units, column="grade", lang="en", backdrop=map_backdrop(outlines=units))
    assert "Levee" not in {text.get_text() for axes in bare.axes for text in axes.texts}


def test_bars_across_a_levee_are_perpendicular_and_regular() -> None:
    from riskzoning.maps.works import _bars

    line = np.array([[0.0, 0.0], [30_000.0, 0.0], [30_000.0, 0.0], [30_000.0, 40_000.0]])
    bars = np.array(list(_bars([line], FRAME, 1.0)))
    lengths = np.hypot(*(bars[:, 1] - bars[:, 0]).T)
    assert lengths == pytest.approx(1.1 * FRAME.metres_a_millimetre)
    assert len(bars) == round(70_000 / (3.0 * FRAME.metres_a_millimetre))
    assert (bars[0, 0, 0] == bars[0, 1, 0], bars[-1, 0, 1] == bars[-1, 1, 1]) == (True, True)


def test_unknown_kinds_and_works_without_a_crs_are_told(units: gpd.GeoDataFrame) -> None:
    with pytest.raises(LayerError) as unknown:
        map_backdrop(outlines=units, works={"castles": frame_of(Point(0, 0))})
    assert [problem.rule for problem in unknown.value.problems] == ["maps.option"]
    with pytest.raises(MissingCRSError):
        map_backdrop(outlines=units, works={"levees": gpd.GeoDataFrame(geometry=[Point(0, 0)])})


def test_nothing_usable_is_nothing_drawn() -> None:
    assert drawn_works({"levees": frame_of(None), "sluices": frame_of(Point())}, FRAME, CRS) == ()
