"""The window: a round scale, everything inside, ticks where the meridians really are."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure
from pyproj import Transformer

from riskzoning.maps.frame import Frame, graticule, sheet_crs

CITY = (410_000.0, 3_860_000.0, 558_000.0, 3_967_000.0)


@pytest.mark.parametrize("bounds", [CITY, (0, 0, 900_000, 4000), (0, 0, 4000, 900_000), (5, 5, 5, 5), (0, 0, 300, 200)])
def test_window_holds_the_bounds_at_a_scale_with_two_digits(bounds: tuple[float, ...]) -> None:
    frame = Frame.around(bounds, width=313, height=249)
    assert frame.left < bounds[0] <= bounds[2] < frame.right
    assert frame.bottom < bounds[1] <= bounds[3] < frame.top
    assert float(f"{frame.denominator:.3g}") == pytest.approx(frame.denominator)
    assert (frame.right - frame.left) / 0.313 == pytest.approx(frame.denominator)


def test_a_city_of_149_by_107_km_is_1_to_500_000_on_a3_and_larger_on_a1() -> None:
    bounds = (0, 0, 149_000, 107_000)
    assert Frame.around(bounds, width=313, height=249).denominator == 500_000
    assert Frame.around(bounds, width=626, height=498).denominator == 250_000


def test_labels_stand_where_the_meridian_meets_the_lower_side() -> None:
    axes, frame = Figure().add_subplot(), Frame.around(CITY, width=313, height=249)
    graticule(axes, frame, "EPSG:4547", size=8)
    to_degrees = Transformer.from_crs("EPSG:4547", "EPSG:4490", always_xy=True)
    for tick, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True):
        longitude = to_degrees.transform(tick, frame.bottom)[0]
        degrees, minutes = label.get_text().rstrip("′E").split("°")
        assert int(degrees) + int(minutes) / 60 == pytest.approx(longitude, abs=1e-5)
        assert int(minutes) % 15 == 0
    far = axes.collections[0].get_segments()
    (x, _), _ = far[0]
    quarter = to_degrees.transform(x, frame.top)[0] * 4
    assert quarter == pytest.approx(round(quarter), abs=1e-4)
    assert abs(x - axes.get_xticks()[0]) > 100


def test_south_and_west_are_named() -> None:
    axes = Figure().add_subplot()
    frame = Frame.around((300_000, 7_300_000, 420_000, 7_400_000), width=300, height=240)
    graticule(axes, frame, "EPSG:32723", size=8)
    assert axes.get_xticklabels()[0].get_text().endswith("W")
    assert axes.get_yticklabels()[0].get_text().endswith("S")


def test_a_village_and_a_province_get_some_ticks_but_not_too_many() -> None:
    for side in (1500, 40_000, 900_000):
        axes = Figure().add_subplot()
        graticule(
            axes, Frame.around((5e5, 3.9e6, 5e5 + side, 3.9e6 + side), width=313, height=249), "EPSG:4547", size=8
        )
        assert 2 <= len(axes.get_xticks()) <= 16, side


@pytest.mark.parametrize(
    ("bounds", "crs", "expected"),
    [
        ((113.3, 34.8, 115.0, 35.9), "EPSG:4490", "EPSG:4547"),
        ((85, 40, 88, 42), "EPSG:4326", "EPSG:4538"),
        (CITY, "EPSG:4547", "EPSG:4547"),
        ((12_600_000, 4_100_000, 12_800_000, 4_250_000), "EPSG:3857", "EPSG:4547"),
        ((-47, -24, -46, -23), "EPSG:4326", "EPSG:32723"),
    ],
)
def test_projection_of_a_sheet(bounds: tuple[float, ...], crs: str, expected: str) -> None:
    assert sheet_crs(bounds, crs) == expected


def test_paper_and_ground_are_inverse() -> None:
    frame = Frame.around(CITY, width=313, height=249)
    points = np.array([[420_000.0, 3_900_000.0], [500_000, 3_950_000]])
    np.testing.assert_allclose(frame.on_ground(frame.on_paper(points)), points)
    corner = frame.on_paper(np.array([[frame.right, frame.top]]))[0] / 72 * 25.4
    np.testing.assert_allclose(corner, [313, 249])


def test_meridians_run_on_across_180_degrees() -> None:
    left, right = Transformer.from_crs("EPSG:4326", "EPSG:32701", always_xy=True).transform(
        [179.8, -179.8], [-17, -17]
    )[0]
    frame = Frame.around((left, 8_100_000, right, 8_130_000), width=300, height=200)
    axes = Figure(figsize=(12, 8)).add_subplot()
    graticule(axes, frame, "EPSG:32701", size=8)
    names = [label.get_text() for label in axes.get_xticklabels()]
    assert "180°00′E" in names
    assert names.index("180°00′E") < next(place for place, name in enumerate(names) if name.endswith("W"))
    assert 2 <= len(axes.get_yticks()) <= 14
