"""Ground motion on the site, levels, intensity, against the tables of the standards."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import dask.array as da
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from riskzoning.errors import GridMismatchError, LayerError, UnitsError
from riskzoning.grid import analysis_grid
from riskzoning.hazards.earthquake import (
    at_return_period,
    instrumental_intensity,
    seismic_levels,
    site_amplification,
    site_class_codes,
    site_pga,
)
from riskzoning.hazards.earthquake.ground import SAME_PERIOD
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


@pytest.mark.parametrize(
    ("site_class", "pga", "factor"), [("IV", 0.19, 1.02), ("I0", 0.25, 0.805), ("I1", 0.35, 0.975), ("III", 0.18, 1.06)]
)
def test_the_factor_itself(site_class: str, pga: float, factor: float) -> None:
    assert site_amplification(pga, site_class) / pga == pytest.approx(factor, abs=1e-9)


@given(st.floats(0.04, 0.45), st.sampled_from(CLASSES))
def test_the_factor_by_another_interpolation(pga: float, site_class: str) -> None:
    """Table E.1 typed again: linear between the columns, flat beyond them."""
    printed = {
        "I0": [0.72, 0.74, 0.75, 0.76, 0.85, 0.90],
        "I1": [0.80, 0.82, 0.83, 0.85, 0.95, 1.00],
        "II": [1.0] * 6,
        "III": [1.30, 1.25, 1.15, 1.00, 1.00, 1.00],
        "IV": [1.25, 1.20, 1.10, 1.00, 0.95, 0.90],
    }
    factor = float(np.interp(pga, [0.05, 0.10, 0.15, 0.20, 0.30, 0.40], printed[site_class]))
    assert site_amplification(pga, site_class) == pytest.approx(factor * pga, rel=1e-12)


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


@given(st.lists(st.floats(0, 1.6), min_size=2, max_size=20), st.sampled_from(CLASSES))
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


# Site class, basic PGA, level, PGA on the site with the level first and with the site first
ORDERS = [
    ("IV", 0.10, "rare", 0.1938, 0.2280),
    ("III", 0.15, "rare", 0.2850, 0.3278),
    ("IV", 0.15, "rare", 0.2729, 0.3135),
    ("III", 0.20, "rare", 0.3800, 0.3800),
    ("III", 0.20, "frequent", 0.0856, 0.0667),
    ("IV", 0.20, "rare", 0.3458, 0.3800),
]


@pytest.mark.parametrize(("site_class", "basic", "level", "level_first", "site_first"), ORDERS)
def test_levels_on_the_site_in_both_orders(
    make_layer: MakeLayer, site_class: str, basic: float, level: str, level_first: float, site_first: float
) -> None:
    stack = seismic_levels(make_layer(np.array([[basic]]), "pga"))
    ground = make_layer(np.array([[CLASSES.index(site_class) + 1]], dtype=np.uint8), "site_class")
    years = {"frequent": 50, "rare": 2475}[level]
    for first, wanted in ((True, level_first), (False, site_first)):
        site = site_pga(stack, ground, level_then_site=first, reference_period=475)
        assert site.sel(return_period=years).item() == pytest.approx(wanted, abs=5.1e-5)


def test_the_order_of_the_examination_key(make_layer: MakeLayer) -> None:
    """Class IV, 0.10 g: the basic PGA on the site, 0.120 g, times 1.6 to 2.3 is 0.192 to 0.276 g."""
    stack = make_layer(np.array([0.10, 0.16, 0.23]).reshape(3, 1, 1), "pga", return_periods=[475, 2475, 5000])
    ground = make_layer(np.array([[5]], dtype=np.uint8), "site_class")
    site = site_pga(stack, ground, level_then_site=False, reference_period=475)
    assert site.values.ravel() == pytest.approx([0.120, 0.192, 0.276])


@pytest.mark.parametrize(
    ("basic", "frequent", "rare"),
    [(0.05, 18, 125), (0.10, 35, 220), (0.15, 55, 310), (0.20, 70, 400), (0.30, 110, 510), (0.40, 140, 620)],
)
def test_levels_of_the_design_standard(make_layer: MakeLayer, basic: float, frequent: float, rare: float) -> None:
    """Table 5.1.2-2 in gal, 1 g as 1000 gal there."""
    levels = seismic_levels(make_layer(np.array([[basic, np.nan]]), "pga"), factors="gb50011")
    assert levels["return_period"].values.tolist() == [50, 475, 2475, 10000]
    np.testing.assert_allclose(levels[:, 0, 0], [frequent / 1000, basic, rare / 1000, 2.9 * basic], rtol=1e-6)
    assert np.isnan(levels[:, 0, 1]).all()
    lazy = seismic_levels(make_layer(np.array([[basic, np.nan]]), "pga").chunk(x=1), factors="gb50011")
    np.testing.assert_array_equal(lazy, levels)
    with pytest.raises(LayerError, match="gb18306, gb50011"):
        seismic_levels(make_layer(np.array([[basic]]), "pga"), factors="gb")  # type: ignore[arg-type]


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


@pytest.mark.parametrize(
    ("pga", "pgv", "by_pga", "by_pgv"),
    [(0.5, 0.03, 5.6357, 5.2014), (2.0, 0.2, 7.5443, 7.6731), (0.6, 0.08, 5.8867, 6.4793)],
)
def test_intensity_of_each_measure(pga: float, pgv: float, by_pga: float, by_pgv: float) -> None:
    assert instrumental_intensity(pga=pga, rounded=False) == pytest.approx(by_pga, abs=5.1e-5)
    assert instrumental_intensity(pgv=pgv, rounded=False) == pytest.approx(by_pgv, abs=5.1e-5)


@given(st.floats(1e-3, 30), st.floats(1e-4, 5))
def test_intensity_by_another_reading_of_the_rule(pga: float, pgv: float) -> None:
    one, two = 3.17 * math.log10(pga) + 6.59, 3.00 * math.log10(pgv) + 9.77
    both = two if min(one, two) >= 6.0 else (one + two) / 2
    made = instrumental_intensity(pga=pga, pgv=pgv, rounded=False)
    if min(abs(one - 6), abs(two - 6)) > 1e-9:
        assert made == pytest.approx(min(max(both, 1.0), 12.0), abs=1e-9)


@pytest.mark.filterwarnings("ignore::riskzoning.errors.RiskZoningWarning")  # beyond every unit
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
    with pytest.raises(LayerError, match="one of and, or"):
        instrumental_intensity(pga=1.0, pgv=0.1, rule="xor")  # type: ignore[arg-type]


def test_motion_in_another_unit_is_refused_or_warned_about(make_layer: MakeLayer) -> None:
    in_g = make_layer(np.full((1, 2), 0.2), "pga")
    with pytest.raises(UnitsError, match="units 'g'; expected m/s2"):
        instrumental_intensity(pga=in_g)
    right = (in_g * G).assign_attrs(units="m/s2")
    assert instrumental_intensity(pga=right).values.tolist() == [[7.5, 7.5]]
    with pytest.raises(UnitsError, match="units 'gal'; expected g"):
        site_amplification(in_g.assign_attrs(units="gal"), 3)
    with pytest.warns(UserWarning, match="reaches 196 g; expected at most 1.6 g .*by 9.81, or gal .*by 981"):
        site_amplification(196.0, "II")
    with pytest.warns(UserWarning, match="'pga_g' reaches 1.96 g; expected at most 1.6 g .*m/s2"):
        site_amplification(np.array([0.49, 1.96]), "II")  # 0.05 and 0.2 g, in m/s2
    with pytest.warns(UserWarning, match="'basic_pga' reaches 1.47 g; expected at most 1.2 g .*m/s2"):
        seismic_levels(1.47)
    with pytest.warns(UserWarning, match="'pga' reaches 196 m/s2; .* probably gal"):
        instrumental_intensity(pga=np.array([196.0]))
    with pytest.warns(UserWarning, match="'pgv' reaches 30 m/s; .* probably cm/s"):
        instrumental_intensity(pgv=[30.0])


@given(st.lists(st.floats(1e-4, 5), min_size=2, max_size=20))
def test_intensity_never_falls_with_one_measure_alone(motion: list[float]) -> None:
    assert np.all(np.diff(instrumental_intensity(pga=np.sort(motion))) >= 0)
    assert np.all(np.diff(instrumental_intensity(pgv=np.sort(motion))) >= 0)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.01, 0.6), min_size=1, max_size=8), st.sampled_from(["gb18306", "gb50011"]))
def test_a_rarer_level_always_shakes_more(basic: list[float], factors: Any) -> None:
    levels = seismic_levels(np.array(basic), factors=factors)
    assert (np.diff(levels, axis=0) > 0).all()
    np.testing.assert_allclose(levels[1], basic)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.floats(0.01, 1), min_size=3, max_size=3),
    st.floats(20, 5000),
    st.floats(1, 4),
)
def test_between_levels_the_motion_lies_between_theirs_and_never_falls(
    pga: list[float], years: float, times: float
) -> None:
    grid = analysis_grid((0, 0, 1000, 1000), crs="EPSG:4547", resolution=1000)
    stack = layer_on(grid, np.sort(pga)[:, None, None], quantity="pga", return_periods=[50, 475, 2475])
    here, rarer = (float(at_return_period(stack, period).item()) for period in (years, years * times))
    assert min(pga) - 1e-12 <= here <= rarer + 1e-12 <= max(pga) + 2e-12
    rates = np.log(1 / np.array([2475.0, 475.0, 50.0]))
    by_rate = np.exp(np.interp(np.log(1 / years), rates, np.log(np.sort(pga)[::-1])))
    # Beside a given level its own motion is taken.
    if np.abs(np.log(years / np.array([50.0, 475.0, 2475.0]))).min() > SAME_PERIOD:
        assert here == pytest.approx(by_rate, rel=1e-6)
