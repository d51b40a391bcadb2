"""Values are the same in whatever array they come: masked, lazy, labelled, read-only, of any byte order or layout."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import inspect
import re
from collections.abc import Callable
from typing import Any

import dask.array as da
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning.errors import Journal, RiskZoningError, hearing
from riskzoning.faces import public_names

NO = np.nan
ROOMS = ("methods", "hazards", "risk", "vulnerability", "capacity")
# function -> the arguments that are arrays, in order or by name, and the others. The last value is the one that is
# taken away where missing values are tried.
CASES: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "capacity.store_area": ([[1000, 5000, 40000]], {}),
    "hazards.drought.daylight": ([[0.5, 1, 1.5]], {}),
    "hazards.drought.deficit_class": ([[0, 15, 35, 45, 55, 60]], {}),
    "hazards.drought.drought_class": ([[-2, -1, -0.5, 0, 1]], {}),
    "hazards.drought.heat_exponent": ([[0, 20, 100]], {}),
    "hazards.drought.mci_of_parts": ([[-1, 0, 1]] * 4, {}),
    "hazards.drought.relative_moisture": ([[0, 10, 20], [10, 20, 10]], {}),
    "hazards.drought.rolling_sum": ([[1, 2, 3, NO, 4, 5, 6]], {"window": 2}),
    "hazards.drought.solar_declination": ([[1, 80, 365]], {}),
    "hazards.drought.stage_deficit": ([[10, 20, 40, 10, 20, 30, 40]], {}),
    "hazards.drought.sunset_angle": ([[30, 35, 40], [0.1, 0.2, 0.3]], {}),
    "hazards.drought.thornthwaite": ([[0, 10, 20]], {"heat": 50.0}),
    "hazards.drought.water_deficit": ([[0, 10, 20], [10, 20, 0]], {}),
    "hazards.drought.weighted_precipitation": ([[1, 2, 3, 4, 5, 6]], {"window": 3}),
    "hazards.earthquake.attenuation": ([[5, 6, 7], [10, 20, 100]], {"region": "east"}),
    "hazards.earthquake.elliptical_attenuation": (
        [],
        {"magnitude": 6.0, "distance_km": [10, 20, 100], "angle_deg": [0, 45, 90], "region": "east"},
    ),
    "hazards.earthquake.instrumental_intensity": ([], {"pga": [0.5, 1, 2], "pgv": [0.05, 0.1, 0.2]}),
    "hazards.earthquake.ridge_factor": ([[5, 20, 60], [0.2, 0.4, 0.3], [0, 3, 5]], {}),
    "hazards.earthquake.site_amplification": ([[0.05, 0.1, 0.15, 0.4]], {"site_class": "III"}),
    "hazards.flood.danger_zone": ([[5, 20, 100, 50]], {}),
    "hazards.flood.degree_index": ([[0, 0.15, 0.5, 1, 3]], {}),
    "hazards.flood.drainage_index": ([[0, 1, 5, 30]], {}),
    "hazards.flood.excess_rain": ([[0, 50, 100]], {"coefficient": [0.5, 0.6, 0.8]}),
    "hazards.flood.runoff_coefficient": ([], {"sealed": [0, 0.5, 1]}),
    "hazards.flood.storm_depth": ([[1, 6, 24]], {"day_mm": 100.0, "n1": 0.6, "n2": 0.7}),
    "hazards.flood.storm_intensity": ([[5, 60, 120], [2, 5, 10]], {"a1": 10.0, "c": 0.8, "b": 10.0, "n": 0.7}),
    "hazards.flood.waterlogging_class": ([[0, 0.15, 0.27, 0.4, 0.6]], {}),
    "hazards.forest_fire.fire_size": ([], {"area_ha": [0, 1, 100, 1000]}),
    "hazards.forest_fire.fwi_class": ([[0, 5.2, 11.2, 21.3, 38, 50]], {}),
    "hazards.forest_fire.htz_parts": ([[5, 15, 20], [20, 40, 60], [0, 3, 8], [1, 3, 8], [1.6, 3, 8]], {"month": 4}),
    "hazards.forest_fire.htz_rank": ([[0, 25, 50, 72, 90]], {}),
    "hazards.forest_fire.htz_sum": ([[5, 15, 20], [20, 40, 60], [1, 3, 8], [1, 3, 8]], {}),
    "hazards.geology.debris_flow_grade": ([[40, 44, 87, 116]], {}),
    "hazards.geology.event_grade": ([], {"deaths": [0, 3, 10, 30]}),
    "hazards.geology.event_probability": ([[0, 1, 2], [10, 20, 30]], {"years": 10.0}),
    "hazards.geology.matrix_grade": ([[1, 2, 3, 4], [1, 2, 3, 4]], {}),
    "hazards.geology.melton_ratio": ([[100, 200, 300], [1e6, 2e6, 1e6]], {}),
    "hazards.geology.subsidence_grade": ([[0, 10, 30, 50, 80]], {}),
    "hazards.geology.subsidence_index": ([[0, 10, 30, 50, 80]], {}),
    "hazards.geology.threat_grade": ([], {"people": [0, 10, 100, 1000]}),
    "hazards.geology.trigger_class": ([[0, 25, 50, 100, 250]], {}),
    "hazards.geology.trigger_factor": ([[0, 25, 50, 250]], {"low": 0.0, "high": 100.0}),
    "hazards.geology.volume_grade": ([[0, 1e4, 1e5, 1e6]], {"kind": "landslide"}),
    "hazards.geology.yearly_probability": ([[2, 10, 100]], {}),
    "hazards.meteorology.cold_wave_level": ([[10, 8, 1, -2, 5, 4, 3, -9]], {}),
    "hazards.meteorology.cold_wave_warning": ([[10, 8, 1, -2, 5, 4, 3, -9]], {}),
    "hazards.meteorology.dry_hot_wind": ([[32, 35, 36], [30, 25, 20], [3, 4, 3]], {}),
    "hazards.meteorology.environment_share": ([[0, 0.5, 1]], {"low": 0.0, "high": 1.0}),
    "hazards.meteorology.rain_grade": ([[0, 0.1, 10, 25, 50, 100, 250]], {}),
    "hazards.meteorology.snow_grade": ([[0, 0.1, 2.5, 5, 10, 20, 30]], {}),
    "hazards.meteorology.snow_water": ([[0, 1, 2], [-5, 0, 1]], {}),
    "hazards.meteorology.spells": ([[1, 2, 3, NO, 4, 5, 6]], {"threshold": 2.0}),
    "hazards.meteorology.thunder_day_density": ([[0, 10, 40]], {}),
    "hazards.meteorology.weather_class": ([[0, 10.8, 17.2, 24.5, 30]], {"scale": "wind"}),
    "methods.classification.classify": ([[0, 1, 2, 3, 5, 8, 13, 21, 34]], {"scheme": "natural_breaks", "k": 3}),
    "methods.classification.goodness_of_variance_fit": ([[0, 1, 2, 3, 5, 8, 13, 21, 34]], {"breaks": (3, 13)}),
    "methods.classification.grade_values": ([[0, 0.2, 0.3, 0.7, 1]], {"breaks": (0.2, 0.3, 0.7)}),
    "methods.classification.natural_breaks": ([[0, 1, 2, 3, 5, 8, 13, 21, 34]], {"k": 3}),
    "methods.elements.impossible": ([[0, 5, -5, 5000, 7]], {"element": "precipitation"}),
    "methods.events.in_spell": ([[1, 2, 3, NO, 4, 5]], {"threshold": 2.0}),
    "methods.events.spells": ([[1, 2, 3, NO, 4, 5, 6]], {"threshold": 2.0}),
    "methods.extremes.fit": ([[10, 20, 35, 15, 18, 60, 22, 31, 44, 27, 19, 33]], {}),
    "methods.extremes.l_moment_ratio": ([[10, 20, 35, 15, 18, 60]], {"order": 3}),
    "methods.extremes.l_moments": ([[10, 20, 35, 15, 18, 60]], {}),
    "methods.extremes.plotting_positions": ([[10, 20, 35, 15, 18, 60]], {}),
    "methods.ranges.spans": ([[0, 1, 2], [1, 2, 3]], {}),
    "methods.spatial.false_discovery": ([[0.001, 0.2, 0.01]], {}),
    "methods.susceptibility.combine_certainty": ([[0, 0.5, -0.5], [0.1, 0.5, 0.6]], {}),
    "methods.susceptibility.density_curve": ([[1, 2, 3], [10, 10, 10], [0, 1, 3]], {}),
    "methods.susceptibility.score": ([[1, 2, 3, 2]], {"values": {1: 0.1, 2: 0.2, 3: 0.3}}),
    "methods.susceptibility.score_classes": ([[-0.5, 0, 0.3, 0.6, 0.7]], {"scheme": "certainty"}),
    "methods.susceptibility.table_auc": ([[1, 2, 3], [10, 10, 10], [0, 1, 3]], {}),
    "methods.terrain.wetness": ([[10, 100, 1000], [0, 5, 10]], {}),
    "methods.trend.trend": ([list(range(2000, 2010)), [1, 3, 2, 4, 6, 5, 7, 9, 8, 10]], {}),
    "methods.validation.grade_agreement": ([[1, 2, 3, 3, 2], [1, 2, 3, 2, 2]], {}),
    "methods.validation.rank_agreement": ([[0.1, 0.2, 0.3, 0.5, 0.9, 0.7], [1, 2, 3, 4, 5, 9]], {}),
    "methods.validation.roc_auc": ([[0.1, 0.2, 0.3, 0.5, 0.9], [0, 0, 1, 0, 1]], {}),
    "methods.validation.success_rate": ([[0.1, 0.2, 0.3, 0.5, 0.9], [0, 0, 1, 0, 1]], {}),
    "methods.weights.coordination_class": ([[0, 0.1, 0.7, 1]], {}),
    "methods.weights.coupling_coordination": ([[0.1, 0.5, 1], [0.2, 0.5, 1]], {}),
    "risk.capacity_discount": ([[0.1, 0.5, 1], [0.2, 0.5, 1]], {}),
    "risk.consequence_grade": ([[0.1, 0.5, 1], [0.2, 0.5, 1]], {}),
    "risk.events_of_curve": ([[10, 20, 30], [5, 10, 100]], {}),
    "risk.exceedance_curve": ([[10, 20, 30], [0.1, 0.05, 0.01]], {}),
    "risk.exceedance_probability": ([[0, 0.5, 1]], {"years": 10.0}),
    "risk.expected_annual_loss": ([[10, 20, 30], [5, 10, 100]], {}),
    "risk.inform_indicator": ([[1, 5, 10]], {"least": 0.0, "most": 10.0}),
    "risk.inform_risk": ([[1, 5, 10]] * 3, {}),
    "risk.nri_risk_factor": ([[0, 0.5, 1]], {}),
    "risk.nri_score": ([[0.1, 0.5, 1, 3]], {}),
    "risk.matrix_index": ([[1, 2, 3], [1, 5, 3]], {"matrix": "risk_5x5"}),
    "risk.risk_index": ([[0.1, 0.5, 1]] * 3, {}),
    "risk.risk_matrix": ([[1, 2, 3], [1, 5, 3]], {"matrix": "risk_5x5"}),
    "risk.scale_half": ([[0.1, 0.5, 1]], {"reference": (0.0, 1.0)}),
    "risk.world_risk_index": ([[0.1, 0.5, 1]] * 2, {}),
    "vulnerability.collapse_deaths": ([[100, 200, 300], [6, 7, 8]], {}),
    "vulnerability.damage_grade": ([[0, 0.1, 0.3, 0.55, 0.85, 1]], {}),
    "vulnerability.damage_index": ([[6, 7, 8, 9]], {}),
    "vulnerability.death_ratio": ([[0, 0.1, 0.5]], {}),
    "vulnerability.density_factor": ([[10, 50, 200, 500]], {}),
    "vulnerability.economic_loss": ([[100, 200, 300], [6, 7, 8]], {"gdp_per_head": 1e4}),
    "vulnerability.empirical_rate": ([[6, 7, 8]], {"theta": 8.0, "beta": 0.2}),
    "vulnerability.loss_ratio": ([[0, 0.5, 1, 3, 7]], {"curve": "flood/jrc-asia/residential"}),
}
# Values at the limits of classes that float32 holds a little above or below them.
AT_LIMITS: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "hazards.drought.drought_class": ([[-0.4, -0.65, -0.8, -0.95]], {"kind": "moisture"}),
    "hazards.earthquake.ridge_factor": ([[50.0] * 3, [0.3, 0.6, 1.0], [2.5, 5.0, 0.0]], {}),
    "hazards.flood.waterlogging_class": ([[0.15, 0.3, 0.5]], {}),
    "hazards.forest_fire.fwi_class": ([[5.2, 11.2, 21.3, 38.0, 50.0, 70.0]], {}),
    "hazards.forest_fire.htz_parts": (
        [[25.0] * 8, [31.0] * 8, [0.3] * 8, [2.0] * 8, [0.2, 1.5, 3.3, 5.4, 7.9, 10.7, 13.8, 17.1]],
        {"cover": [0.1, 0.3, 0.6, 0.9, 0.1, 0.3, 0.6, 0.9]},
    ),
    "hazards.forest_fire.htz_sum": ([[5.0] * 4, [24.0] * 4, [1.0] * 4, [5.4, 7.9, 10.7, 17.1]], {}),
    "hazards.geology.trigger_class": ([[0.09, 0.19, 0.38]], {"kind": "pga"}),
    "hazards.meteorology.rain_grade": ([[0.1, 9.9, 49.9, 99.9]], {}),
    "hazards.meteorology.snow_grade": ([[0.1, 2.4, 4.9, 9.9, 19.9]], {}),
    "hazards.meteorology.weather_class": ([[10.8, 13.9, 17.2, 20.8, 24.5, 28.5, 32.7]], {"scale": "wind"}),
    "methods.classification.grade_values": ([[0.1, 0.2, 0.3, 0.6, 0.7]], {"breaks": (0.1, 0.2, 0.3, 0.6, 0.7, 1.0)}),
    "methods.susceptibility.score_classes": ([[0.2, 0.4, 0.6, 0.8]], {"scheme": "probability"}),
    "methods.weights.coordination_class": ([[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]], {}),
    "vulnerability.damage_grade": ([[0.1, 0.3, 0.55, 0.85]], {}),
}
# Further public functions of numbers: of series with dates, of several layers, of tables, of one number each. Their own
# tests try them; what is here is what a new function has to be put into, or into the cases above.
_ELSEWHERE = """
hazards.drought.crop_water_deficit hazards.drought.drought_days hazards.drought.drought_processes
hazards.drought.extraterrestrial_radiation hazards.drought.fit_standard hazards.drought.heat_index
hazards.drought.mci hazards.drought.net_radiation hazards.drought.penman_monteith
hazards.drought.potential_evapotranspiration hazards.drought.season_deficit hazards.drought.spei
hazards.drought.spi hazards.drought.weighted_deficit hazards.earthquake.characteristic_period
hazards.earthquake.critical_blows hazards.earthquake.seismic_levels hazards.earthquake.site_class_codes
hazards.flood.composite_risk hazards.flood.first_period hazards.forest_fire.fire_weather_index
hazards.geology.debris_flow_score hazards.meteorology.lightning_intensity hazards.meteorology.rain_day_weight
hazards.meteorology.rain_process_index methods.access.shares_within methods.classification.to_five
methods.dates.clock_minutes methods.dates.parse_dates methods.dates.read_dates methods.elements.known_values
methods.elements.too_many_impossible methods.elements.unusual methods.events.over_events methods.events.runs
methods.events.season_year methods.extremes.probability_within methods.extremes.return_period_of
methods.spatial.local_g methods.spatial.morans_i methods.susceptibility.block_folds
methods.susceptibility.certainty_factor methods.susceptibility.class_counts
methods.susceptibility.counts_by_block methods.susceptibility.fold_blocks methods.susceptibility.frequency_ratio
methods.susceptibility.information_value methods.susceptibility.reduce_blocks methods.susceptibility.total_score
methods.susceptibility.weights_of_evidence methods.uncertainty.break_sensitivity methods.uncertainty.breaks_anew
methods.uncertainty.class_stability methods.uncertainty.compare_variants methods.uncertainty.draw
methods.uncertainty.one_at_a_time methods.uncertainty.sobol methods.weights.combine
methods.weights.consistency_distance methods.weights.critic methods.weights.entropy methods.weights.game_theory
methods.weights.merec methods.weights.normalise methods.weights.std_dev methods.weights.topsis
risk.combine_hazards risk.hazard_chain risk.loss_bounds risk.loss_segments risk.loss_weights risk.losses_at
risk.mean_receptor_index risk.risk_by_matrix risk.simulated_years risk.thinkhazard_level
vulnerability.collapsed_area vulnerability.damage_shares vulnerability.fragility_shares
vulnerability.mean_damage
"""


def _named(name: str) -> Callable[..., Any]:
    face, _, function = f"riskzoning.{name}".rpartition(".")
    return getattr(importlib.import_module(face), function)  # type: ignore[no-any-return]


def _lazy(values: np.ndarray) -> Any:
    return da.from_array(values, chunks=2)


def _read_only(values: np.ndarray) -> np.ndarray:
    values = values.copy()
    values.flags.writeable = False
    return values


FORMS: dict[str, Callable[[np.ndarray], Any]] = {
    "list": np.ndarray.tolist,
    "labelled": lambda values: pd.Series(values, index=[f"u{at}" for at in range(values.size)]),
    "nullable": lambda values: pd.Series(values, index=range(values.size, 0, -1)).astype("Float64"),
    "objects": lambda values: np.array([None if np.isnan(one) else one for one in values.tolist()], dtype=object),
    "masked": lambda values: np.ma.masked_array(np.where(np.isnan(values), 2.0, values), mask=np.isnan(values)),
    "read only": _read_only,
    "big-endian": lambda values: values.astype(">f8"),
    "every other": lambda values: np.repeat(values, 2)[::2],
    "backwards": lambda values: values[::-1].copy()[::-1],
    "float32": lambda values: values.astype(np.float32),
    "lazy": _lazy,
    "a layer": lambda values: xr.DataArray(values, dims="time"),
    "a lazy layer": lambda values: xr.DataArray(_lazy(values), dims="time"),
}


def _plain(result: Any) -> Any:
    if dataclasses.is_dataclass(result):
        return [_plain(getattr(result, field.name)) for field in dataclasses.fields(result)]
    if isinstance(result, dict | pd.DataFrame):
        return [_plain(result[name]) for name in result]
    if isinstance(result, list | tuple):
        return [_plain(part) for part in result]
    return np.asarray(result)


def assert_equal(one: Any, two: Any, tolerance: float) -> None:
    if isinstance(one, list):
        assert len(one) == len(two)
        for first, second in zip(one, two, strict=True):
            assert_equal(first, second, tolerance)
    elif one.dtype.kind in "biuf":
        np.testing.assert_allclose(two.astype(np.float64), one, rtol=tolerance, atol=tolerance)
    else:
        assert one.tolist() == two.tolist()


def _called(name: str, form: Callable[[np.ndarray], Any], *, without_last: bool, cases: dict[str, Any] = CASES) -> Any:
    ordered, others = cases[name]

    def made(values: list[float]) -> Any:
        array = np.array(values, dtype=np.float64)
        if without_last:
            array[-1] = np.nan
        return form(array)

    keywords = {key: made(value) if isinstance(value, list) else value for key, value in others.items()}
    with hearing(Journal()):
        return _plain(_named(name)(*map(made, ordered), **keywords))


@pytest.mark.parametrize("name", CASES)
def test_values_give_the_same_in_every_container(name: str) -> None:
    wanted = _called(name, np.copy, without_last=False)
    for form in FORMS:
        got = _called(name, FORMS[form], without_last=False)
        assert_equal(wanted, got, 2e-6 if form == "float32" else 1e-12)
    ordered, others = CASES[name]
    arrays = [*ordered, *(value for value in others.values() if isinstance(value, list))]
    if all(float(one).is_integer() for values in arrays for one in values):
        for kind in ("int64", "int32"):
            assert_equal(
                wanted, _called(name, lambda values, kind=kind: values.astype(kind), without_last=False), 1e-12
            )


@pytest.mark.parametrize("name", AT_LIMITS)
def test_a_limit_kept_as_float32_is_the_limit(name: str) -> None:
    wanted = _called(name, np.copy, without_last=False, cases=AT_LIMITS)
    for form in ("float32", "lazy"):
        assert_equal(wanted, _called(name, FORMS[form], without_last=False, cases=AT_LIMITS), 1e-7)


# These refuse a missing value, in whatever container.
REFUSES = {"methods.extremes.probability_within", "methods.extremes.return_period_of", "hazards.drought.stage_deficit"}


@pytest.mark.parametrize("name", [name for name in CASES if name not in REFUSES])
def test_what_is_masked_is_missing(name: str) -> None:
    try:
        wanted = _called(name, np.copy, without_last=True)
    except RiskZoningError as refused:
        with pytest.raises(type(refused)):
            _called(name, FORMS["masked"], without_last=True)
        return
    for form in ("masked", "objects", "nullable"):
        assert_equal(wanted, _called(name, FORMS[form], without_last=True), 1e-12)


@pytest.mark.parametrize("name", CASES)
def test_nothing_and_a_single_number_give_an_answer_or_a_message(name: str) -> None:
    every = _called(name, np.copy, without_last=False)
    for form in (lambda values: values[:0], lambda values: float(values[1]), lambda values: np.array(values[1])):
        # Whatever else it raises fails here.
        with contextlib.suppress(RiskZoningError):
            made = _called(name, form, without_last=False)
            assert isinstance(made, list) == isinstance(every, list)


_NUMBERS = {"Array", "ArrayLike", "Cells", "Given", "Matrix", "Values", "Vector"}


def test_every_public_function_of_numbers_is_tried_here_or_known() -> None:
    wanted = set()
    for face, names in public_names().items():
        room = face.removeprefix("riskzoning.")
        for name in names if room.partition(".")[0] in ROOMS else ():
            value = getattr(importlib.import_module(face), name)
            if inspect.isfunction(value):
                annotations = " ".join(str(each.annotation) for each in inspect.signature(value).parameters.values())
                if _NUMBERS & set(re.findall(r"\w+", annotations)):
                    wanted.add(f"{room}.{name}")
    assert wanted - set(CASES) == set(_ELSEWHERE.split())


def test_tables_of_masked_numbers_are_those_with_gaps() -> None:
    table = np.array([[3, 200, 1.0], [4, 150, 2], [5, 300, 7], [6, 100, 3], [2.5, NO, 4]])
    masked = np.ma.masked_array(np.where(np.isnan(table), 999, table), mask=np.isnan(table))
    for name in ("critic", "entropy", "std_dev"):
        weigh = _named(f"methods.weights.{name}")
        np.testing.assert_array_equal(weigh(masked).weights, weigh(table).weights)
    normalise, topsis = _named("methods.weights.normalise"), _named("methods.weights.topsis")
    np.testing.assert_array_equal(normalise(masked), normalise(table))
    pd.testing.assert_frame_equal(topsis(masked, (0.5, 0.3, 0.2)), topsis(table, (0.5, 0.3, 0.2)))


def test_masked_codes_have_no_class_and_masked_events_are_outside() -> None:
    count, total = _named("methods.susceptibility.class_counts"), _named("methods.susceptibility.total_score")
    codes, events = np.array([[1, 1, 2], [2, 3, 0]], dtype="uint8"), np.array([[0.0, 1, 0], [1, 1, 1]])
    masked = np.ma.masked_array(np.where(codes == 0, 9, codes), mask=codes == 0)
    pd.testing.assert_frame_equal(count(masked, events), count(codes, events))
    hidden = np.ma.masked_array(events, mask=[[0, 1, 0], [0, 0, 0]])
    pd.testing.assert_frame_equal(count(codes, hidden), count(codes, hidden.filled(NO)))
    scores = {"a": {1: 0.1, 2: 0.2, 3: 0.3, 9: 9.0}}
    np.testing.assert_array_equal(total({"a": masked}, scores), [[0.1, 0.1, 0.2], [0.2, 0.3, NO]])
