"""Yearly losses by sector: the parts of the receptors add up, values of the study stand beside them."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from riskzoning.config import SectorConfig
from riskzoning.exposure import BuildingMix
from riskzoning.names import Intensity
from riskzoning.pipeline.stages.losses import ByStock, HazardLosses, OneCurve
from riskzoning.pipeline.stages.sector_losses import sector_table, sectors_of
from riskzoning.vulnerability import CurveMix, load_curve

MakeLayer = Callable[..., xr.DataArray]
HOMES, SHOPS = (load_curve(f"flood/jrc-asia/{name}") for name in ("residential", "commercial"))
PERIODS = (10.0, 20.0, 50.0, 100.0)


@pytest.fixture
def depths(make_layer: MakeLayer) -> dict[float, xr.DataArray]:
    """Depths of example E10 (0, 0.25, 0.75, 1.25 m) in the first cell, more in the second, dry in the third."""
    each = [[0.0, 0.2, 0.0], [0.25, 0.8, 0.0], [0.75, 1.5, 0.0], [1.25, 3.0, 0.0]]
    return {t: make_layer(np.array([row]), quantity="flood_depth") for t, row in zip(PERIODS, each, strict=True)}


def losses_of(
    depths: dict[float, xr.DataArray], make_layer: MakeLayer, shares: list[list[float]]
) -> tuple[HazardLosses, BuildingMix]:
    areas = pd.DataFrame(shares, columns=["residential_low", "commercial_low"], index=["a", "b"])
    stock = make_layer(np.array([[1, 2, 2]]), quantity="stock")
    mix = BuildingMix(stock, {"flood": areas})
    curves = {"residential_low": HOMES, "commercial_low": SHOPS}
    values = {
        "buildings": make_layer(np.array([[1e6, 2e6, 3e6]]), quantity="building_value"),
        "crops": make_layer(np.array([[5e5, 0.0, 1e5]]), quantity="crop_value"),
    }
    ratios = {
        "buildings": ByStock("by class", CurveMix.of(curves, areas), stock),
        "crops": OneCurve("flood/jrc-asia/agriculture", load_curve("flood/jrc-asia/agriculture")),
    }
    return HazardLosses("flood", depths, values, ratios, curves, None, PERIODS), mix


def run(depths: dict[float, xr.DataArray], **sectors: SectorConfig) -> Any:
    keys = {Intensity("flood", "flood_depth", period): layer for period, layer in depths.items()}
    published = SimpleNamespace(get=lambda key: next(layer for one, layer in keys.items() if one.key == key))
    risk = SimpleNamespace(sectors=sectors, eal_method="trapezoid", eal_tail=True, protection={"flood": None})
    study = SimpleNamespace(risk=risk, hazards=[SimpleNamespace(hazard="flood")])
    units = pd.DataFrame({"level": ["county", "county"]}, index=["a", "b"])
    setting = SimpleNamespace(
        study=study, grid=depths[10.0].odc.geobox, units=units, levels=("county",), codes=lambda level: units.index
    )
    shops = depths[10.0].copy(data=np.array([[1e6, 0.0, np.nan]])).assign_attrs(quantity="building_value", units="yuan")
    catalogue = SimpleNamespace(layer=lambda name, quantity: shops)
    whole = SimpleNamespace(setting=setting, catalogue=catalogue, machine=SimpleNamespace(workers=1))
    return SimpleNamespace(run=whole, intensities=list(keys), published=published)


@pytest.mark.parametrize("shares", [[[1.0, 3.0], [2.0, 2.0]], [[4.0, 0.0], [1.0, 9.0]]])
def test_sectors_add_up_to_the_loss_of_the_receptors(
    depths: dict[float, xr.DataArray], make_layer: MakeLayer, shares: list[list[float]]
) -> None:
    losses, mix = losses_of(depths, make_layer, shares)
    (sectors,) = sectors_of(run(depths), [losses], mix)
    assert set(sectors.layers) == {"residential", "commercial", "agriculture"}
    whole = sum(layer.values for layer in losses.money().values())
    np.testing.assert_allclose(sum(eal.values for _, eal in sectors.layers.values()), whole, rtol=1e-12)
    held = sum(value.values for value, _ in sectors.layers.values())
    np.testing.assert_allclose(held, [[1.5e6, 2e6, 3.1e6]], rtol=1e-12)


def test_all_shops_cost_what_the_worked_example_says(depths: dict[float, xr.DataArray], make_layer: MakeLayer) -> None:
    # E10: commercial curve x 1e6 at 0, .25, .75, 1.25 m: 25 667.5 with tail.
    losses, mix = losses_of(depths, make_layer, [[0.0, 5.0], [0.0, 5.0]])
    (sectors,) = sectors_of(run(depths), [losses], mix)
    assert set(sectors.layers) == {"commercial", "agriculture"}
    assert float(sectors.layers["commercial"][1][0, 0]) == pytest.approx(25_667.5)


def test_values_of_the_study_take_the_curve_of_their_name_or_their_own(depths: dict[float, xr.DataArray]) -> None:
    given = {
        "commercial": SectorConfig(layer="shops"),
        "own": SectorConfig(layer="shops", curve="flood/jrc-asia/transport"),
    }
    (sectors,) = sectors_of(run(depths, **given), [], None)
    assert sectors.basis == "given"
    assert float(sectors.layers["commercial"][1][0, 0]) == pytest.approx(25_667.5)
    assert float(sectors.layers["own"][1][0, 0]) > 25_667.5
    np.testing.assert_array_equal(sectors.layers["own"][1][0, 1:], 0.0)
    raised = SectorConfig(layer="shops", floor_height=1.25)
    (dry,) = sectors_of(run(depths, commercial=raised), [], None)
    assert float(dry.layers["commercial"][1].sum()) == 0.0


def test_the_table_has_totals_and_says_what_they_are_held_against(
    depths: dict[float, xr.DataArray], make_layer: MakeLayer
) -> None:
    losses, mix = losses_of(depths, make_layer, [[1.0, 3.0], [2.0, 2.0]])
    passes = run(depths, transport=SectorConfig(layer="rails"))
    parts = []
    for one in sectors_of(passes, [losses], mix):
        sums = {name: [float(layer[0, 0]), float(layer[0, 1:].sum())] for name, layer in one.named()}
        parts.append(one.of_units(pd.DataFrame(sums, index=["a", "b"])))
    whole = sum(layer.values for layer in losses.money().values())[0]
    units = pd.DataFrame({"flood_eal": [whole[0], whole[1:].sum()]}, index=["a", "b"])
    assessed: Any = SimpleNamespace(sectors=pd.concat(parts), units=units, layers={})
    table = sector_table(passes.run, assessed)
    assert table is not None
    totals = table[table["sector"] == "total"]
    assert totals["basis"].tolist() == ["receptors", "given"] * 2
    np.testing.assert_allclose(totals["difference"], [0, np.nan, 0, np.nan], atol=1e-12)
    shares = table[table["sector"] != "total"].groupby(["code", "basis"])["share"].sum()
    np.testing.assert_allclose(shares, [1.0, 1.0, 0.0, 1.0])  # nothing of the given values is lost in b
    assert table["code"].tolist()[0] == "a"
    assert table.loc[table["sector"] == "transport", "rate"].iloc[0] > 0


@pytest.mark.parametrize(
    ("layers", "reason"), [({}, "no_depths"), ({"flood_depth_T20", "flood_depth_T100"}, "no_values")]
)
def test_no_sector_is_said_with_its_reason(
    depths: dict[float, xr.DataArray], layers: dict[str, Any], reason: str
) -> None:
    passes = run(depths)
    assert sectors_of(passes, [], None) == []
    assessed: Any = SimpleNamespace(sectors=pd.DataFrame(), units=pd.DataFrame(), layers=layers)
    table = sector_table(passes.run, assessed)
    assert table is not None
    assert table[["status", "reason"]].values.tolist() == [["not_assessed", reason]]
    passes.run.setting.study.hazards = []
    assert sector_table(passes.run, assessed) is None
