"""Worked examples of GB 18306-2015, GB/T 17742-2020 and the fifth-generation attenuation, and laws that must hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import dask.array as da
import geopandas as gpd
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box

from riskzoning import standards
from riskzoning.errors import ConfigError, GridMismatchError, LayerError, UnitsError
from riskzoning.grid import analysis_grid
from riskzoning.hazards import HAZARDS, earthquake
from riskzoning.hazards.earthquake import (
    assess,
    at_return_period,
    attenuation,
    calibrate,
    elliptical_attenuation,
    instrumental_intensity,
    isoseismal_axes,
    prepare,
    scenario_field,
    seismic_levels,
    site_amplification,
    site_class_codes,
    site_pga,
)
from riskzoning.layers import grid_of, layer_on

MakeLayer = Callable[..., xr.DataArray]
CLASSES = ("I0", "I1", "II", "III", "IV")
G = 9.80665

# class, PGA on class II, PGA on the site (g)
SITE = [
    ("IV", 0.10, 0.120),
    ("I1", 0.20, 0.170),
    ("IV", 0.19, 0.1938),
    ("I0", 0.25, 0.20125),
    ("I1", 0.35, 0.34125),
    ("III", 0.18, 0.1908),
    ("III", 0.04, 0.052),
    ("IV", 0.60, 0.540),
    ("II", 0.33, 0.33),
]


@pytest.mark.parametrize(("site_class", "pga", "expected"), SITE)
def test_site_amplification(site_class: str, pga: float, expected: float) -> None:
    found = site_amplification(pga, site_class)
    assert isinstance(found, float)
    assert found == pytest.approx(expected, abs=1e-12)
    assert site_amplification(pga, CLASSES.index(site_class) + 1) == found


def test_site_amplification_of_arrays_takes_text_codes_and_dask() -> None:
    text = np.array([row[0] for row in SITE])
    pga = np.array([row[1] for row in SITE])
    expected = np.array([row[2] for row in SITE])
    codes = site_class_codes(text)
    np.testing.assert_allclose(site_amplification(pga, text), expected)
    np.testing.assert_allclose(site_amplification(pga.tolist(), list(text)), expected)
    np.testing.assert_allclose(site_amplification(pga, codes.astype(float)), expected)
    lazy = site_amplification(da.from_array(pga, chunks=4), da.from_array(codes, chunks=4))
    assert isinstance(lazy, da.Array)
    np.testing.assert_allclose(lazy, expected)
    np.testing.assert_allclose(site_amplification(da.from_array(pga, chunks=4), codes), expected)
    np.testing.assert_allclose(site_amplification(pga, xr.DataArray(text, dims="site")), expected)
    np.testing.assert_allclose(site_amplification(pga, "IV"), site_amplification(pga, 5))


def test_site_amplification_is_linear_between_columns_and_flat_beyond() -> None:
    steps = site_amplification(np.array([0.10, 0.11, 0.12, 0.13, 0.14, 0.15]), "III") / [
        0.10,
        0.11,
        0.12,
        0.13,
        0.14,
        0.15,
    ]
    np.testing.assert_allclose(np.diff(steps), -0.02, atol=1e-12)
    assert site_amplification(0.001, "IV") == pytest.approx(0.00125)
    assert site_amplification(1.2, "I0") == pytest.approx(1.08)


def test_no_site_class_counts_as_class_ii_and_missing_pga_stays_missing() -> None:
    np.testing.assert_allclose(site_amplification(np.array([0.1, 0.1]), np.array([0.0, np.nan])), 0.1)
    assert site_amplification(0.1, 0) == pytest.approx(0.1)
    assert np.isnan(site_amplification(np.nan, "IV"))
    assert np.isnan(site_amplification(np.array([-9999.0, np.inf, -0.1]), "IV")).all()
    masked = np.ma.masked_array([0.1, 0.1], mask=[False, True])
    np.testing.assert_allclose(site_amplification(masked, "IV"), [0.12, np.nan])


@given(st.lists(st.floats(0, 3), min_size=2, max_size=20), st.sampled_from(CLASSES))
def test_more_ground_motion_never_gives_less_on_the_site(pga: list[float], site_class: str) -> None:
    assert np.all(np.diff(site_amplification(np.sort(pga), site_class)) >= -1e-15)


@pytest.mark.parametrize("wrong", ["V", "Vs30", 6, -1, 2.5])
def test_a_class_that_is_none_is_named(wrong: Any) -> None:
    with pytest.raises(LayerError, match="I0, I1, II, III, IV") as caught:
        site_amplification(np.array([0.1]), np.array([wrong]))
    assert str(wrong) in str(caught.value)


@pytest.mark.parametrize(
    ("text", "code"),
    [("Ⅰ0", 1), ("Ⅰ₀类", 1), ("i1", 2), (" II ", 3), ("Ⅲ类", 4), ("IV", 5), ("4", 4), (3.0, 3), ("", 0), (np.nan, 0)],
)
def test_site_classes_in_the_spellings_of_surveys(text: Any, code: int) -> None:
    assert site_class_codes([text]).tolist() == [code]


def test_site_amplification_of_layers_keeps_periods_and_grid(make_layer: MakeLayer) -> None:
    pga = make_layer(np.full((2, 2, 2), 0.1), "pga", return_periods=[50, 475])
    ground = make_layer(np.array([[1, 2], [5, 0]], dtype=np.uint8), "site_class")
    found = site_amplification(pga, ground)
    assert found.dims == ("return_period", "y", "x")
    assert grid_of(found) == grid_of(pga)
    assert found.attrs["units"] == "g"
    np.testing.assert_allclose(found[1], [[0.074, 0.082], [0.12, 0.1]])
    np.testing.assert_allclose(site_amplification(pga, "IV"), 0.12)
    np.testing.assert_allclose(site_amplification(pga.chunk(x=1), 4), 0.125)
    with pytest.raises(GridMismatchError):
        site_amplification(pga, make_layer(np.ones((2, 2), dtype=np.uint8), "site_class", left=1000))


def test_level_and_site_in_both_orders(make_layer: MakeLayer) -> None:
    pga = make_layer(np.array([0.10, 0.19]).reshape(2, 1, 1), "pga", return_periods=[475, 2475])
    ground = make_layer(np.array([[5]], dtype=np.uint8), "site_class")
    first = site_pga(pga, ground, level_then_site=True, reference_period=475)
    after = site_pga(pga, ground, level_then_site=False, reference_period=475)
    assert first.values.ravel() == pytest.approx([0.12, 0.1938])
    assert after.values.ravel() == pytest.approx([0.12, 0.2280])
    np.testing.assert_array_equal(site_pga(pga, None, reference_period=475), pga)


def test_levels_from_the_basic_one(make_layer: MakeLayer) -> None:
    levels = seismic_levels(make_layer(np.array([[0.3, np.nan]]), "pga"))
    assert levels["return_period"].values.tolist() == [50, 475, 2475, 10000]
    np.testing.assert_allclose(levels[:, 0, 0], [0.1, 0.3, 0.57, 0.87])
    assert np.isnan(levels[:, 0, 1]).all()


def test_pga_between_levels_follows_the_logarithms(make_layer: MakeLayer) -> None:
    pga = make_layer(np.array([0.1, 0.4]).reshape(2, 1, 1), "pga", return_periods=[100, 10000])
    found = {years: at_return_period(pga, years).item() for years in (10, 100, 1000, 10000, 1e6)}
    assert list(found.values()) == pytest.approx([0.1, 0.1, 0.2, 0.4, 0.4])
    none = make_layer(np.array([0.0, 0.4]).reshape(2, 1, 1), "pga", return_periods=[100, 10000])
    assert at_return_period(none, 1000).item() == 0.0
    # 475 years are the usual name of 474.6
    basic = make_layer(np.array([0.1, 0.2]).reshape(2, 1, 1), "pga", return_periods=[50.3, 474.6])
    assert at_return_period(basic, 475).item() == 0.2


@pytest.mark.parametrize(
    ("pga", "pgv", "expected"),
    [(0.5, 0.03, 5.4), (2.0, 0.2, 7.7), (0.3, 0.02, 4.8), (0.6, 0.08, 6.2), (4.0, 0.5, 8.9)],
)
def test_instrumental_intensity(pga: float, pgv: float, expected: float) -> None:
    assert instrumental_intensity(pga=pga, pgv=pgv) == expected


@pytest.mark.parametrize(
    ("pga", "pgv", "degree"),
    [
        (0.152, 0.0119, 4),
        (0.315, 0.0257, 5),
        (0.651, 0.0554, 6),
        (1.35, 0.119, 7),
        (2.78, 0.257, 8),
        (5.76, 0.554, 9),
        (11.9, 1.19, 10),
        (24.6, 2.57, 11),
        # where one degree ends and the next begins
        (0.106, 0.00813, 3.5),
        (0.219, 0.0175, 4.5),
        (0.453, 0.0377, 5.5),
        (0.937, 0.0813, 6.5),
        (1.94, 0.175, 7.5),
        (4.00, 0.377, 8.5),
        (8.28, 0.813, 9.5),
        (17.1, 1.75, 10.5),
        (35.4, 3.77, 11.5),
    ],
)
def test_centre_and_ends_of_each_degree(pga: float, pgv: float, degree: float) -> None:
    assert instrumental_intensity(pga=pga, rounded=False) == pytest.approx(degree, abs=0.01)
    assert instrumental_intensity(pgv=pgv, rounded=False) == pytest.approx(degree, abs=0.02)


@pytest.mark.filterwarnings("ignore:'pga' reaches")
def test_instrumental_intensity_rule_limits_and_missing() -> None:
    assert instrumental_intensity(pga=2.0, pgv=0.2, rounded=False) == pytest.approx(7.6731, abs=5e-5)
    assert instrumental_intensity(pga=0.5, pgv=0.03, rounded=False) == pytest.approx((5.6357 + 5.2014) / 2, abs=5e-5)
    assert instrumental_intensity(pga=0.6, pgv=0.08, rule="or") == 6.5
    np.testing.assert_array_equal(
        instrumental_intensity(pga=np.array([0.0, 1e-9, 1e6, np.nan, -1.0])), [1.0, 1.0, 12.0, np.nan, np.nan]
    )
    both = instrumental_intensity(pga=np.array([np.nan, 2.0]), pgv=np.array([0.5, np.nan]), rule="or")
    assert np.isnan(both).all()
    assert np.isnan(instrumental_intensity(pga=np.array([np.inf]), pgv=np.array([0.2]))).all()
    with pytest.raises(LayerError, match="neither pga nor pgv"):
        instrumental_intensity()
    with pytest.raises(LayerError, match="'and' or 'or'"):
        instrumental_intensity(pga=1.0, pgv=0.1, rule="xor")  # type: ignore[arg-type]


def test_motion_in_another_unit_is_refused_or_warned_about(make_layer: MakeLayer) -> None:
    in_g = make_layer(np.full((1, 2), 0.2), "pga")
    with pytest.raises(UnitsError, match="units 'g'; values in 'm/s2'"):
        instrumental_intensity(pga=in_g)
    right = (in_g * G).assign_attrs(units="m/s2")
    assert instrumental_intensity(pga=right).values.tolist() == [[7.5, 7.5]]
    with pytest.raises(UnitsError, match="units 'gal'; values in 'g'"):
        site_amplification(in_g.assign_attrs(units="gal"), 3)
    with pytest.warns(UserWarning, match="196 g: values above 5 g are probably gal"):
        site_amplification(196.0, "II")
    with pytest.warns(UserWarning, match="'pga' reaches 196 m/s2: .* probably gal"):
        instrumental_intensity(pga=np.array([196.0]))
    with pytest.warns(UserWarning, match="'pgv' reaches 30 m/s: .* probably cm/s"):
        instrumental_intensity(pgv=[30.0])


@given(st.lists(st.floats(1e-4, 5), min_size=2, max_size=20))
def test_intensity_never_falls_with_one_measure_alone(motion: list[float]) -> None:
    assert np.all(np.diff(instrumental_intensity(pga=np.sort(motion))) >= 0)
    assert np.all(np.diff(instrumental_intensity(pgv=np.sort(motion))) >= 0)


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
    assert attenuation(6.0, 20.0, region="sichuan") == pytest.approx(4.0293 + 1.3003 * 6 - 3.6404 * np.log10(30))


def test_attenuation_refuses_unknown_words_and_warns_outside_its_range() -> None:
    with pytest.raises(LayerError, match="one of east, moderate, xinjiang, tibet"):
        attenuation(6.0, 10.0, region="north")
    with pytest.raises(LayerError, match="one of long, short"):
        attenuation(6.0, 10.0, region="east", axis="middle")  # type: ignore[arg-type]
    with pytest.raises(LayerError, match="one of intensity, pga, pgv"):
        attenuation(6.0, 10.0, region="east", measure="pgd")  # type: ignore[arg-type]
    with pytest.warns(UserWarning, match="outside 4.5 to 7"):
        attenuation(7.5, 10.0, region="moderate")
    with pytest.warns(UserWarning, match="magnitude 4 lies outside 4.5 to 8"):
        attenuation(np.array([6.0, 4.0]), 10.0, region="east", measure="pga")
    with pytest.warns(UserWarning, match="magnitude 8.5"):
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


def test_index_is_linear_between_v_and_x_at_the_basic_level(make_layer: MakeLayer) -> None:
    # PGA (g) of the intensities 4.5, 5, 7.5, 10, 11
    pga = 10 ** ((np.array([4.5, 5, 7.5, 10, 11]) - 6.59) / 3.17) / G
    stack = make_layer(np.stack([pga / 3, pga, pga * 1.9])[:, None, :], "pga", return_periods=[50, 475, 2475])
    found = assess({"pga": stack})
    np.testing.assert_allclose(found["hazard_index"], [[0, 0, 0.5, 1, 1]], atol=1e-9)
    np.testing.assert_allclose(found["intensity"].sel(return_period=475), [[4.5, 5, 7.5, 10, 11]], atol=1e-9)
    assert found.attrs["ground"] == "class II everywhere"
    assert found["intensity"].attrs["quantity"] == "seismic_intensity"


def test_calibration_and_params_move_the_scale(make_layer: MakeLayer) -> None:
    pga = make_layer(np.full((1, 1, 1), 0.2), "pga", return_periods=[475])
    index = assess({"pga": pga}, {"intensity_of_0": 6, "intensity_of_1": 9})["hazard_index"].item()
    assert index == pytest.approx((3.17 * np.log10(0.2 * G) + 6.59 - 6) / 3)
    frozen = calibrate({}, {"intensity_of_0": 6, "intensity_of_1": 9})
    assert assess({"pga": pga}, calibration=frozen)["hazard_index"].item() == index
    with pytest.raises(ConfigError, match="must lie below"):
        assess({"pga": pga}, {"intensity_of_0": 9, "intensity_of_1": 6})


@pytest.mark.parametrize(
    ("periods", "said"), [([475], ""), ([474.6], ""), ([50, 2475], ""), ([2475, 10000], "2475 to 10000"), ([50], "50")]
)
def test_a_level_that_stands_in_for_the_basic_one_is_said(make_layer: MakeLayer, periods: Any, said: str) -> None:
    pga = make_layer(np.full((len(periods), 1, 1), 0.2), "pga", return_periods=periods)
    warned = calibrate({"pga": pga}).get("warnings", [])
    assert len(warned) == bool(said)
    assert all(said in row["found"] and row["severity"] == "warning" for row in warned)


def test_levels_from_basic_replace_the_given_ones(make_layer: MakeLayer) -> None:
    pga = make_layer(np.full((1, 1, 1), 0.2), "pga", return_periods=[475])
    found = assess({"pga": pga}, {"levels": "from_basic"})
    assert found["site_pga"].values.ravel() == pytest.approx([0.2 / 3, 0.2, 0.38, 0.58])


def test_site_class_polygons_become_codes_on_the_grid(make_layer: MakeLayer) -> None:
    pga = make_layer(np.full((1, 4, 4), 0.1), "pga", return_periods=[475])
    grid = grid_of(pga)
    west = box(500_000, 3_900_000, 500_200, 3_900_400)
    polygons = gpd.GeoDataFrame({"site_class": ["Ⅳ类"]}, geometry=[west], crs=4547).to_crs(4490)
    before = polygons.copy()
    ready = prepare({"pga": pga, "site_class": polygons}, earthquake.Params(), grid)
    np.testing.assert_array_equal(ready["site_class"], [[5, 5, 0, 0]] * 4)
    assert polygons.equals(before)
    found = assess({"pga": pga, "site_class": polygons})
    np.testing.assert_allclose(found["site_pga"][0], [[0.12, 0.12, 0.1, 0.1]] * 4)
    assert prepare(ready, earthquake.Params(), grid)["site_class"] is ready["site_class"]


def test_a_studys_own_table_reaches_lazy_blocks(make_layer: MakeLayer) -> None:
    pga = make_layer(np.full((1, 2, 2), 0.1), "pga", return_periods=[475]).chunk({"x": 1})
    ground = make_layer(np.full((2, 2), 5, dtype=np.uint8), "site_class")
    own = standards.table("hazards/earthquake_site").data | {"factors": {name: [2.0] * 6 for name in CLASSES}}
    with standards.session({"hazards/earthquake_site": {"data": own}}) as opened:
        found = assess({"pga": pga, "site_class": ground})["site_pga"]
    np.testing.assert_allclose(found.compute(), 0.2)
    assert "hazards/earthquake_site" in opened.used
    assert set(opened.used) <= {*HAZARDS["earthquake"].tables, "quantities", "units"}


def test_layers_on_one_grid_within_rounding_stay_whole(hazard_grid: Any) -> None:
    pga = layer_on(hazard_grid, 0.2, quantity="pga", return_periods=[475])
    ground = layer_on(hazard_grid, np.uint8(4), quantity="site_class")
    shifted = ground.assign_coords(x=ground.x + 1e-7)
    assert assess({"pga": pga, "site_class": shifted})["hazard_index"].shape == tuple(hazard_grid.shape)
