"""Attenuation along the axes, between them, and on a grid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import LayerError
from riskzoning.grid import analysis_grid
from riskzoning.hazards.earthquake import (
    attenuation,
    elliptical_attenuation,
    isoseismal_axes,
    scenario_field,
)

AXES: Any = ("long", "short")


@pytest.mark.parametrize(
    ("region", "axis", "magnitude", "distances", "expected"),
    [
        ("east", "long", 7.0, (0, 10, 50, 100), (9.2529, 8.6260, 7.2059, 6.2541)),
        ("east", "short", 7.0, (0, 10, 50, 100), (9.2530, 8.3757, 6.8263, 5.9279)),
        ("tibet", "long", 7.5, (20.85,), (8.5898,)),
        ("east", "long", 5.5, (5, 30, 80), (6.8693, 5.7399, 4.5351)),
        ("east", "short", 5.5, (5, 30, 80), (6.7087, 5.3696, 4.1835)),
        ("moderate", "long", 6.0, (0, 30), (7.9660, 6.2212)),
        ("moderate", "short", 6.0, (0, 30), (7.9657, 5.9085)),
    ],
)
def test_attenuation_of_intensity(region: str, axis: Any, magnitude: float, distances: Any, expected: Any) -> None:
    found = attenuation(magnitude, np.array(distances), region=region, axis=axis)
    assert found == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(
    ("region", "axis", "measure", "magnitude", "distance", "expected", "digits"),
    [
        ("east", "long", "pga", 6.5, 10, 484.34, 2),
        ("east", "short", "pga", 6.5, 10, 388.59, 2),
        ("east", "long", "pga", 6.5, 50, 91.45, 2),
        ("east", "short", "pga", 6.5, 50, 63.58, 2),
        ("east", "long", "pga", 6.5, 100, 29.03, 2),
        ("east", "short", "pga", 6.5, 100, 20.87, 2),
        ("tibet", "long", "pga", 7.5, 26.09, 297.29, 2),
        ("east", "long", "pga", 6.0, 20, 168.41, 2),
        ("east", "short", "pga", 6.0, 20, 118.07, 2),
        ("east", "long", "pga", 6.0, 80, 22.21, 2),
        ("east", "short", "pga", 6.0, 80, 15.27, 2),
        ("east", "long", "pgv", 6.0, 20, 8.921, 3),
        ("east", "short", "pgv", 6.0, 20, 6.178, 3),
        ("east", "long", "pgv", 6.0, 80, 1.416, 3),
        ("east", "short", "pgv", 6.0, 80, 0.959, 3),
    ],
)
def test_attenuation_of_motion(
    region: str, axis: Any, measure: Any, magnitude: float, distance: float, expected: float, digits: int
) -> None:
    found = attenuation(magnitude, distance, region=region, axis=axis, measure=measure)
    assert isinstance(found, float)
    assert found == pytest.approx(expected, abs=0.6 * 10.0**-digits)


def test_every_relation_as_printed() -> None:
    """All regions, axes, measures and both branches, by an independent computation from the printed coefficients."""
    rows = pd.read_csv(Path(__file__).parents[2] / "reference" / "attenuation.csv", comment="#")
    assert len(rows) > 80
    for row in rows.itertuples():
        place: Any = {"region": row.region, "axis": row.axis, "measure": row.measure}
        assert attenuation(row.magnitude, row.distance_km, **place) == pytest.approx(row.value, rel=2e-6), row


def test_the_chinese_form_has_no_depth() -> None:
    """With 15 km of depth in the distance, as another program counts: 46.1 and 30.9 gal, M 6 at 50 km in the east."""
    apart = [attenuation(6.0, float(np.hypot(50, 15)), region="east", axis=axis, measure="pga") for axis in AXES]
    assert np.array(apart) / 980.665 == pytest.approx([0.0470, 0.0315], abs=5.1e-5)
    assert all(
        attenuation(6.0, 50.0, region="east", axis=axis, measure="pga") > 1.03 * one
        for axis, one in zip(AXES, apart, strict=True)
    )


@pytest.mark.parametrize(
    ("region", "axis", "jump"),
    [
        ("east", "long", 0.001),
        ("east", "short", 0.009),
        ("moderate", "long", -0.025),
        ("tibet", "long", -0.207),
        ("tibet", "short", 0.041),
    ],
)
def test_the_branches_meet_or_jump_as_published(region: str, axis: Any, jump: float) -> None:
    below, above = attenuation(np.array([6.5, 6.5 + 1e-9]), 20.0, region=region, axis=axis, measure="pga")
    assert above / below - 1 == pytest.approx(jump, abs=0.0008)


@given(st.floats(4.5, 6.5), st.floats(4.5, 6.5), st.floats(0, 200), st.floats(0, 200))
def test_attenuation_rises_with_magnitude_and_falls_with_distance(m1: float, m2: float, r1: float, r2: float) -> None:
    for region in ("east", "moderate", "xinjiang", "tibet"):
        for measure in ("intensity", "pga", "pgv"):
            for axis in ("long", "short"):
                found = attenuation(
                    np.array(sorted((m1, m2))),
                    np.array(sorted((r1, r2), reverse=True)),
                    region=region,
                    axis=axis,
                    measure=measure,  # type: ignore[arg-type]
                )
                assert found[1] >= found[0] * (1 - 1e-12)


def test_attenuation_of_rapid_sets_uses_their_base() -> None:
    assert attenuation(6.0, 20.0, region="north_china_rapid") == pytest.approx(3.727 + 1.429 * 6 - 1.538 * np.log(22))
    circle = 6.046 + 1.480 * 6 - 2.081 * np.log(45)
    for axis in ("long", "short"):
        assert attenuation(6.0, 20.0, region="east_circular", axis=axis) == pytest.approx(circle)
    older = [attenuation(6.0, 20.0, region="east_2000", axis=axis) for axis in ("long", "short")]
    assert older == pytest.approx([13.695 - 4.136 * np.log10(44), 10.916 - 3.070 * np.log10(29)])
    assert attenuation(6.0, 20.0, region="sichuan") == pytest.approx(4.0293 + 1.3003 * 6 - 3.6404 * np.log10(30))


def test_attenuation_refuses_unknown_words_and_warns_outside_its_range() -> None:
    with pytest.raises(LayerError, match="one of east, moderate, xinjiang, tibet"):
        attenuation(6.0, 10.0, region="north")
    with pytest.raises(LayerError, match="one of long, short"):
        attenuation(6.0, 10.0, region="east", axis="middle")  # type: ignore[arg-type]
    with pytest.raises(LayerError, match="one of intensity, pga, pgv"):
        attenuation(6.0, 10.0, region="east", measure="pgd")  # type: ignore[arg-type]
    with pytest.warns(UserWarning, match="expected 4.5 to 7"):
        attenuation(7.5, 10.0, region="moderate")
    with pytest.warns(UserWarning, match="is 4; expected 4.5 to 8"):
        attenuation(np.array([6.0, 4.0]), 10.0, region="east", measure="pga")
    with pytest.warns(UserWarning, match="is 8.5"):
        isoseismal_axes(8.5, 7.0, region="east")
    assert np.isnan(attenuation(6.0, np.array([-1.0, np.nan]), region="east")).all()


def test_ellipse_of_the_worked_example() -> None:
    assert isoseismal_axes(6.0, 7.0, region="east") == pytest.approx((15.3143, 10.1963), abs=5e-5)
    assert isoseismal_axes(6.0, 6.0, region="east") == pytest.approx((43.9513, 31.4484), abs=5e-5)
    found = elliptical_attenuation(6.0, 30.0, np.array([0.0, 45.0, 90.0]), region="east")
    np.testing.assert_allclose(found, [6.421222, 6.203073, 6.050942], atol=5e-7)


def test_ellipse_meets_the_axes_everywhere_and_is_symmetric() -> None:
    distance = np.array([0.5, 3.0, 20.0, 90.0, 180.0])
    for measure in ("intensity", "pga", "pgv"):
        options: Any = {"region": "east", "measure": measure}
        long = attenuation(6.5, distance, axis="long", **options)
        short = np.minimum(attenuation(6.5, distance, axis="short", **options), long)
        np.testing.assert_allclose(elliptical_attenuation(6.5, distance, 0.0, **options), long, rtol=1e-9)
        np.testing.assert_allclose(elliptical_attenuation(6.5, distance, 90.0, **options), short, rtol=1e-9)
    turned = [elliptical_attenuation(6.5, distance, angle, region="east") for angle in (30, -30, 150, 210)]
    for other in turned[1:]:
        np.testing.assert_allclose(other, turned[0], rtol=1e-12)
    centre = elliptical_attenuation(6.5, np.array([0.0, np.nan]), 20.0, region="east")
    assert centre[0] == pytest.approx(attenuation(6.5, 0.0, region="east"), abs=1e-4)
    assert np.isnan(centre[1])


@given(st.floats(0.1, 190), st.floats(0, 90), st.floats(0, 90))
def test_ellipse_falls_from_the_long_to_the_short_axis(distance: float, a: float, b: float) -> None:
    near, far = elliptical_attenuation(6.0, distance, np.array(sorted((a, b))), region="east")
    assert far <= near + 1e-9


def test_scenario_field_has_its_peak_at_the_epicentre_and_its_length_along_the_strike() -> None:
    geobox = analysis_grid((480_000, 3_880_000, 521_000, 3_921_000), crs="EPSG:4547", resolution=1000)
    field = scenario_field(geobox, magnitude=6.5, epicentre=(114.0, 35.23), strike_deg=90, region="east")
    assert field.attrs["quantity"] == "seismic_intensity"
    row, column = np.unravel_index(int(field.argmax()), field.shape)
    assert (abs(row - 20), abs(column - 20)) <= (3, 1)
    assert float(field[row, column + 15]) > float(field[row + 15, column])
    distance = abs(float(field.x[column + 15]) - 500_000) / 1000
    along = attenuation(6.5, distance, region="east")
    assert float(field[row, column + 15]) == pytest.approx(along, abs=0.02)


def test_scenario_field_is_lazy_when_cut_and_gives_pga_in_g() -> None:
    geobox = analysis_grid((113.5, 35.0, 114.5, 35.6), crs="EPSG:4490", resolution=0.05)
    options: Any = {"magnitude": 6.5, "epicentre": (114.0, 35.3), "strike_deg": 30, "region": "east", "measure": "pga"}
    whole = scenario_field(geobox, **options)
    cut = scenario_field(geobox, chunks=7, **options)
    assert cut.chunks is not None
    np.testing.assert_array_equal(cut, whole)
    assert whole.attrs["units"] == "g"
    assert 0.3 < float(whole.max()) < 1.0


REGIONS = ["east", "moderate", "xinjiang", "tibet"]
MEASURES = ["intensity", "pga", "pgv"]


@settings(max_examples=30, deadline=None)
@given(st.floats(6.51, 7), st.floats(0, 1), st.floats(0, 200), st.sampled_from(REGIONS), st.sampled_from(MEASURES))
def test_above_the_jump_the_motion_rises_with_magnitude_too(
    magnitude: float, share: float, distance: float, region: str, measure: Any
) -> None:
    top = 7.0 if region == "moderate" else 8.0
    sizes = np.array([magnitude, magnitude + share * (top - magnitude)])
    for axis in AXES:
        small, great = attenuation(sizes, distance, region=region, axis=axis, measure=measure)
        assert great >= small * (1 - 1e-12)


@settings(max_examples=30, deadline=None)
@given(st.floats(4.5, 7), st.floats(3, 190), st.floats(1, 89), st.sampled_from(REGIONS), st.sampled_from(MEASURES))
def test_the_value_off_the_axes_lies_on_its_own_ellipse(
    magnitude: float, distance: float, angle: float, region: str, measure: Any
) -> None:
    options: Any = {"region": region, "measure": measure}
    angles = np.array([0.0, angle, 90.0, -angle, 180.0 - angle])
    along, value, across, *mirrored = elliptical_attenuation(magnitude, distance, angles, **options)
    assert across * (1 - 1e-9) <= value <= along * (1 + 1e-9)
    np.testing.assert_allclose(mirrored, value, rtol=1e-9)
    if measure == "intensity":
        a, b = isoseismal_axes(magnitude, value, region=region)
        assert 1e-3 <= b <= a
        turned = np.radians(angle)
        where = (distance * np.cos(turned) / a) ** 2 + (distance * np.sin(turned) / b) ** 2
        assert where == pytest.approx(1, abs=1e-6)
