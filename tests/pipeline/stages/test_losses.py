"""Expected annual losses of a hazard: curves by class of building, receptors apart, deaths apart, protection."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning import risk, standards, vulnerability
from riskzoning.config import ProtectionConfig
from riskzoning.errors import Journal, hearing
from riskzoning.exposure import BuildingMix
from riskzoning.layers import layer_on
from riskzoning.names import Intensity
from riskzoning.pipeline.stages.loss_curves import event_layers, unit_curves
from riskzoning.pipeline.stages.losses import death_curves, hazard_losses, loss_layers, loss_measures
from riskzoning.samples import toy_city

# One curve for all buildings and a heavy first segment are warned about; tests of their own look at that.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*most frequent segment"),
    pytest.mark.filterwarnings("ignore:.*by one curve"),
]
GRID = toy_city().grid
DEPTHS = {5.0: 0.0, 10.0: 0.5, 100.0: 1.8}
SHAKING = {50.0: 6.0, 475.0: 7.0, 2475.0: 8.5}
# Two levels between each two, linear in ln T.
REFINED = {
    50.0: 6.0, 50 * 9.5 ** (1 / 3): 6 + 1 / 3, 50 * 9.5 ** (2 / 3): 6 + 2 / 3, 475.0: 7.0,
    475 * (2475 / 475) ** (1 / 3): 7.5, 475 * (2475 / 475) ** (2 / 3): 8.0, 2475.0: 8.5,
}  # fmt: skip


def passes(levels: dict[float, float], hazard: str = "flood", quantity: str = "flood_depth", **counts: float) -> Any:
    layers: dict[str, xr.DataArray] = {}
    intensities = [Intensity(hazard, quantity, period) for period in levels]
    for one, level in zip(intensities, levels.values(), strict=True):
        layers[one.key] = layer_on(GRID, level, quantity=quantity)
    for name, value in counts.items():
        layers[name] = layer_on(GRID, value, quantity=name.removesuffix("_yuan").removesuffix("_m2"))
    study = SimpleNamespace(
        risk=SimpleNamespace(eal_method="trapezoid", eal_tail=True, protection={}, collapsed_area=False, deaths="pager")
    )
    setting = SimpleNamespace(study=study, grid=GRID)
    return SimpleNamespace(
        published=SimpleNamespace(has=layers.__contains__, get=layers.__getitem__),
        intensities=intensities,
        run=SimpleNamespace(setting=setting, machine=SimpleNamespace(workers=2)),
    )


def mix(hazard: str, **areas: float) -> BuildingMix:
    stock = layer_on(GRID, 1, quantity="stock")
    return BuildingMix(stock.astype("u2"), {hazard: pd.DataFrame([areas], index=["410702001"])})


def layers_of(made: Any, hazard: str, mixed: BuildingMix | None = None) -> dict[str, xr.DataArray]:
    losses = hazard_losses(made, hazard, mixed)
    assert losses is not None
    return loss_layers(losses)


def by_hand(levels: dict[float, float], value: float, curve: vulnerability.LossCurve, **options: Any) -> float:
    losses = [value * float(vulnerability.loss_ratio(level, curve)) for level in levels.values()]
    return float(risk.expected_annual_loss(losses, list(levels), **options))


def test_one_curve_serves_all_buildings_only_with_a_warning() -> None:
    with hearing(Journal()) as heard:
        layers = layers_of(passes(DEPTHS, building_value_yuan=1e6), "flood")
    assert [problem.rule for problem in heard.warnings if problem.rule == "loss.one_curve"] == ["loss.one_curve"]
    curve = vulnerability.load_curve("flood/jrc-asia/residential").raised(0.3)
    np.testing.assert_allclose(layers["flood_eal"], by_hand(DEPTHS, 1e6, curve))
    assert layers["flood_eal"].attrs["units"] == "yuan/a"
    assert layers["flood_eal"].attrs["protection"] == "2 a (default)"
    assert list(layers) == ["flood_eal"]


def test_a_town_loses_by_the_floor_area_of_its_classes() -> None:
    mixed = mix("flood", residential_low=300.0, commercial_high=100.0)
    with hearing(Journal()) as heard:
        layers = layers_of(passes(DEPTHS, building_value_yuan=1e6), "flood", mixed)
    assert not [problem for problem in heard.warnings if problem.rule == "loss.one_curve"]
    homes = vulnerability.load_curve("flood/jrc-asia/residential").raised(0.3)
    shops = vulnerability.load_curve("flood/jrc-asia/commercial").raised(0.3, scale=0.2)
    expected = 0.75 * by_hand(DEPTHS, 1e6, homes) + 0.25 * by_hand(DEPTHS, 1e6, shops)
    np.testing.assert_allclose(layers["flood_eal"], expected)
    assert "residential_low" in layers["flood_eal"].attrs["curve"]


def test_lazy_layers_give_the_same_losses() -> None:
    mixed, made = mix("flood", residential_low=3.0, commercial_high=1.0), passes(DEPTHS, building_value_yuan=1e6)
    eager = layers_of(made, "flood", mixed)["flood_eal"]
    lazy = passes(DEPTHS, building_value_yuan=1e6)
    get = lazy.published.get
    lazy.published.get = lambda key: get(key).chunk(y=2)
    chunked = BuildingMix(mixed.stock.chunk(y=3), mixed.floor_area)
    np.testing.assert_allclose(layers_of(lazy, "flood", chunked)["flood_eal"].compute(), eager)


def test_receptors_have_losses_of_their_own_which_add_up_in_yuan() -> None:
    made = passes(DEPTHS, building_value_yuan=1e6, crop_value_yuan=2e5, road_value_yuan=3e5)
    layers = layers_of(made, "flood")
    assert list(layers) == ["flood_eal", "flood_buildings_eal", "flood_crops_eal", "flood_roads_eal"]
    parts = sum(layer for key, layer in layers.items() if key != "flood_eal")
    np.testing.assert_allclose(layers["flood_eal"], parts)
    crops = vulnerability.load_curve("flood/jrc-asia/agriculture")
    np.testing.assert_allclose(layers["flood_crops_eal"], by_hand(DEPTHS, 2e5, crops))
    assert {layer.attrs["quantity"] for layer in layers.values()} == {"expected_annual_loss"}
    keys = {measure.key for measure in loss_measures(["flood"])}
    assert {"flood_crops_eal", "flood_eal_se", "flood_deaths"} <= keys


def test_deaths_stay_persons_and_out_of_the_money() -> None:
    mixed = mix("earthquake", earth_stone=100.0, concrete_new=300.0)
    counts = {"building_value_yuan": 1e6, "population": 1000.0}
    layers = layers_of(passes(SHAKING, "earthquake", "seismic_intensity", **counts), "earthquake", mixed)
    money = layers_of(passes(SHAKING, "earthquake", "seismic_intensity", building_value_yuan=1e6), "earthquake", mixed)
    np.testing.assert_array_equal(layers["earthquake_eal"], money["earthquake_eal"])
    deaths = layers["earthquake_deaths"]
    assert (deaths.attrs["units"], deaths.attrs["quantity"]) == ("person/a", "expected_annual_deaths")
    rate = death_curves("rural_residential")
    expected = 0.25 * by_hand(REFINED, 1000, rate["A"]) + 0.75 * by_hand(REFINED, 1000, rate["C1"])
    np.testing.assert_allclose(deaths, expected)
    matrix = {name: vulnerability.load_curve(f"earthquake/damage-matrix/{name}") for name in mixed_of(mixed)}
    money = 0.25 * by_hand(REFINED, 1e6, matrix["earth_stone"]) + 0.75 * by_hand(REFINED, 1e6, matrix["concrete_new"])
    np.testing.assert_allclose(layers["earthquake_eal"], money)


def mixed_of(mixed: BuildingMix) -> list[str]:
    return list(mixed.floor_area["earthquake"].columns)


def test_few_die_where_past_earthquakes_killed_few() -> None:
    types = standards.table("loss_curves/earthquake/pager-china").data
    stock = standards.table("damage/pager_china").data["stock"]["rural_residential"]
    curves = death_curves("rural_residential")
    together = vulnerability.mixed_curve(curves, stock)
    # Of 10 000 occupants 53.315 die in collapses at VII by the table alone; the empirical rate knows half a person.
    assert float(vulnerability.loss_ratio(7.0, together)) == pytest.approx(5.0534e-5, rel=1e-4)
    assert float(vulnerability.loss_ratio(6.0, together)) == pytest.approx(2.8394e-8, rel=1e-4)
    for level in (6.0, 7.0, 8.0, 9.0):
        seen = float(vulnerability.collapse_deaths(1.0, level))
        assert float(vulnerability.loss_ratio(level, together)) <= seen + 1e-12
    # From IX on it is the table, and types keep their proportion everywhere.
    for kind, curve in curves.items():
        table = vulnerability.load_curve(f"earthquake/pager-china/{kind}").raised(0.0, types[kind]["deaths"])
        assert float(vulnerability.loss_ratio(9.0, curve)) == pytest.approx(float(vulnerability.loss_ratio(9.0, table)))
    at = 7.5
    collapse = {kind: float(vulnerability.loss_ratio(at, f"earthquake/pager-china/{kind}")) for kind in ("A", "UFB")}
    killed = {kind: float(vulnerability.loss_ratio(at, curves[kind])) for kind in collapse}
    assert killed["A"] / killed["UFB"] == pytest.approx(collapse["A"] * 0.06 / (collapse["UFB"] * 0.08))


def test_without_a_mix_the_usual_stock_dies() -> None:
    made = passes(SHAKING, "earthquake", "seismic_intensity", building_value_yuan=1e6, population=1000.0)
    deaths = layers_of(made, "earthquake")["earthquake_deaths"]
    stock = standards.table("damage/pager_china").data["stock"]["rural_residential"]
    together = vulnerability.mixed_curve(death_curves("rural_residential"), stock)
    np.testing.assert_allclose(deaths, by_hand(REFINED, 1000, together))


def test_levels_between_return_periods_are_made_for_earthquakes_only() -> None:
    made = passes(SHAKING, "earthquake", "seismic_intensity", building_value_yuan=1e6)
    losses = hazard_losses(made, "earthquake")
    assert losses is not None
    assert losses.given == tuple(SHAKING)
    assert list(losses.by_period) == pytest.approx(list(REFINED))
    assert [float(level[0, 0]) for level in losses.by_period.values()] == pytest.approx(list(REFINED.values()))
    flood = hazard_losses(passes(DEPTHS, building_value_yuan=1e6), "flood")
    assert flood is not None
    assert tuple(flood.by_period) == flood.given == tuple(DEPTHS)


def test_protection_cuts_what_is_more_frequent() -> None:
    made = passes(DEPTHS, building_value_yuan=1e6)
    made.run.setting.study.risk.protection = {"flood": ProtectionConfig(years=20)}
    layer = layers_of(made, "flood")["flood_eal"]
    curve = vulnerability.load_curve("flood/jrc-asia/residential").raised(0.3)
    np.testing.assert_allclose(layer, by_hand(DEPTHS, 1e6, curve, protection=20))
    assert layer.attrs["protection"] == "20 a"


@pytest.mark.parametrize(
    ("made", "hazard"),
    [
        (passes({100.0: 1.5}, building_value_yuan=1.0), "flood"),
        (passes(DEPTHS), "flood"),
        (passes(DEPTHS, quantity="flood_velocity", building_value_yuan=1.0), "flood"),
        (passes(DEPTHS, building_value_yuan=1.0), "geology"),
        (passes(DEPTHS, building_value_yuan=1.0), "earthquake"),
    ],
)
def test_what_is_missing_makes_no_loss(made: Any, hazard: str) -> None:
    assert hazard_losses(made, hazard) is None


def test_deaths_by_damaged_floor_area_where_a_study_asks_for_them() -> None:
    """RD = 10^(12.479 A^0.1 - 13.3), A the last two grades of the mixed stock; 1.2 for more than 500 people a km2."""
    mixed = mix("earthquake", masonry_old=200.0, steel=800.0)
    made = passes(SHAKING, "earthquake", "seismic_intensity", building_value_yuan=1e6, population=60.0)
    plain = layers_of(made, "earthquake", mixed)["earthquake_deaths"]
    made.run.setting.study.risk.deaths = "damaged_area"
    layer = layers_of(made, "earthquake", mixed)["earthquake_deaths"]
    matrix = standards.table("loss_curves/earthquake/damage-matrix").data
    rows = {name: np.array(matrix[name]["matrix"]) for name in ("masonry_old", "steel")}
    damaged = [
        sum(share * np.interp(level, of[:, 0], of[:, 4] + of[:, 5]) for of, share in zip(rows.values(), (0.2, 0.8)))
        for level in REFINED.values()
    ]
    dead = [60.0 * 1.2 * 10 ** (12.479 * share**0.1 - 13.3) for share in damaged]
    np.testing.assert_allclose(layer, risk.expected_annual_loss(dead, list(REFINED)))
    assert "earthquake_deaths" in layer.attrs["curve"]
    assert layer.attrs["quantity"] == plain.attrs["quantity"]
    assert not np.allclose(layer, plain)
    with hearing(Journal()) as heard:
        np.testing.assert_allclose(
            layers_of(made, "earthquake")["earthquake_deaths"],
            layers_of(passes(SHAKING, "earthquake", "seismic_intensity", building_value_yuan=1e6, population=60.0),
                      "earthquake")["earthquake_deaths"],
        )  # fmt: skip
    assert "loss.deaths_by_damage" in [problem.rule for problem in heard.warnings]


def test_floor_area_that_collapses_where_it_is_asked_for() -> None:
    """A fifth of the floor area is old masonry: its share in the last grade at each intensity, over the periods."""
    counts = {"building_value_yuan": 1e6, "building_area_m2": 1000.0}
    mixed = mix("earthquake", masonry_old=200.0, steel=800.0)
    made = passes(SHAKING, "earthquake", "seismic_intensity", **counts)
    assert "earthquake_collapsed_area" not in layers_of(made, "earthquake", mixed)
    made.run.setting.study.risk.collapsed_area = True
    losses = hazard_losses(made, "earthquake", mixed)
    assert losses is not None
    layers = loss_layers(losses)
    curves = {
        name: vulnerability.collapse_curve(f"earthquake/damage-matrix/{name}") for name in ("masonry_old", "steel")
    }
    areas = {"masonry_old": 200.0, "steel": 800.0}
    fallen = [
        sum(area * float(vulnerability.loss_ratio(level, curves[name])) for name, area in areas.items())
        for level in REFINED.values()
    ]
    expected = risk.expected_annual_loss(fallen, list(REFINED))
    np.testing.assert_allclose(layers["earthquake_collapsed_area"], expected)
    assert layers["earthquake_collapsed_area"].attrs["units"] == "m2/a"
    assert unit_curves([losses], pd.DataFrame(dict.fromkeys(event_layers(losses), 1.0), index=["a"]))[
        "units"
    ].unique().tolist() == ["yuan", "m2"]
    # Without the classes of buildings nobody knows what collapses.
    assert "earthquake_collapsed_area" not in layers_of(made, "earthquake")
