"""What a run computes of its hazards and receptors, also for a hazard of one's own and without anything exposed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from riskzoning.config import load_study
from riskzoning.errors import LayerError
from riskzoning.hazards import HAZARDS, register
from riskzoning.names import MULTI, Index, Intensity, Measure
from riskzoning.pipeline import run_study
from riskzoning.pipeline.stages.assess import put_new
from riskzoning.results import StudyResult
from riskzoning.samples import toy_city
from riskzoning.zoning import zonal_statistics

from ..conftest import LEFT, SIDE, TOP, small_study, units, write_small_city

City = Callable[..., Path]
BOUNDS = [LEFT, TOP - SIDE * 250.0, LEFT + SIDE * 250.0, TOP]


def with_roads(content: dict[str, Any], folder: Path) -> None:
    content["inputs"]["roads"] = {"path": "roads.gpkg"}
    content["exposure"]["roads"] = {"lines": "roads"}


@pytest.fixture
def urban(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A registered hazard called ``urban``: the flood under another key and name."""
    specs = HAZARDS._specs  # type: ignore[attr-defined]
    spec = dataclasses.replace(HAZARDS["flood"], name="urban", title={"zh": "内涝", "en": "Urban flood"})
    register(spec)
    yield spec.name
    del specs["urban"]


@pytest.fixture(scope="module")
def assessed(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    folder = tmp_path_factory.mktemp("city")
    path = write_small_city(folder)
    content = small_study()
    with_roads(content, folder)
    content["risk"] = {"receptor_weights": {"population": 0.5, "roads": 0.5}}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return run_study(load_study(path), out=folder / "out", only="assess")


def test_every_index_has_a_layer(assessed: StudyResult) -> None:
    assert [index.key for index in assessed.indices if index.key not in assessed.layers] == []
    assert len(assessed.indices) == 3 * 4
    assert {"flood_depth_T20", "flood_depth_T100", "flood_risk_degree", "earthquake_site_pga_T475"} <= set(
        assessed.layers
    )
    assert Measure("eal", MULTI).key not in assessed.layers


def test_the_risk_of_a_hazard_is_the_stated_mean_of_its_receptors(assessed: StudyResult) -> None:
    flood = Index("flood", "risk")
    parts = [assessed.layers[flood.risk(name).key].to_numpy() for name in ("population", "roads")]
    np.testing.assert_allclose(assessed.layers[flood.key].to_numpy(), np.mean(parts, axis=0), rtol=1e-5)


def test_the_risk_of_a_cell_rests_on_fixed_scales_with_true_zeros(assessed: StudyResult) -> None:
    hazard = assessed.layers["flood_hazard_index"].to_numpy().astype(float)
    people = assessed.layers["population"].to_numpy() / 0.25**2
    exposed = np.log1p(np.clip(people, 0, 20_000) / 10) / np.log1p(20_000 / 10)
    made = assessed.layers["flood_population_risk_index"].to_numpy()
    np.testing.assert_allclose(made, np.sqrt(hazard * exposed), rtol=1e-5, atol=1e-7)
    assert (made[hazard == 0] == 0).all()


def test_a_registered_hazard_urban_with_roads_keeps_its_name_to_the_last_table(
    small_city: City, tmp_path: Path, urban: str
) -> None:
    def change(content: dict[str, Any], folder: Path) -> None:
        with_roads(content, folder)
        content["hazards"][1]["hazard"] = urban

    result = run_study(load_study(small_city(change)), out=tmp_path / "out", only="grade")
    index = next(index for index in result.indices if index.key == "urban_roads_risk_index")
    assert (index, index.hazard_title("zh")) == (Index("urban", "risk", "roads"), "内涝")
    rows = result.unit_table
    own = rows[(rows["hazard"] == "urban") & (rows["receptor"] == "roads")]
    assert set(own["indicator"]) == {"risk_index", "exposed_hazard_index"}
    assert own[own["indicator"] == "risk_index"]["grade"].notna().all()
    assert set(rows["hazard"]) == {"", "earthquake", "urban", MULTI}
    assert [row["rule"] for row in result.record["warnings"]].count("weights.unknown_hazard") == 1
    weights = result.tables["weights"].set_index("hazard")["weight"]
    assert weights.sum() == pytest.approx(1)
    assert weights["urban"] > 0


def test_without_anything_exposed_the_hazards_themselves_are_combined(small_city: City, tmp_path: Path) -> None:
    def change(content: dict[str, Any], folder: Path) -> None:
        content["exposure"] = {}

    result = run_study(load_study(small_city(change)), out=tmp_path / "out", only="assess")
    combined = [index.key for index in result.indices if index.hazard == MULTI and index.key in result.layers]
    assert combined == ["multi_hazard_index"]
    assert not [name for name in result.layers if "risk_index" in str(name)]


def test_half_of_the_city_gives_the_same_cells(small_city: City, tmp_path: Path) -> None:
    def half(content: dict[str, Any], folder: Path) -> None:
        units().iloc[:1].to_file(folder / "admin.gpkg", layer="county", driver="GPKG")
        content["inputs"]["population"] = {"path": "people.tif", "quantity": "population"}
        content["exposure"] = {"population": {"raster": "population"}}
        content["grid"] = {"resolution": 250, "bounds": BOUNDS}

    def whole(content: dict[str, Any], folder: Path) -> None:
        half(content, folder)
        units().to_file(folder / "admin.gpkg", layer="county", driver="GPKG")

    one = run_study(load_study(small_city(half)), out=tmp_path / "half", only="assess")
    both = run_study(load_study(small_city(whole)), out=tmp_path / "whole", only="assess")
    for key in ("flood_hazard_index", "flood_risk_index", "earthquake_population_risk_index", "multi_risk_index"):
        ours, theirs = one.layers[key].to_numpy(), both.layers[key].to_numpy()
        inside = np.isfinite(ours)
        assert inside.sum() > 100
        np.testing.assert_array_equal(ours[inside], theirs[inside])


@pytest.mark.parametrize("rule", ["area_mean", "exposed_mean"])
def test_units_may_take_the_mean_of_their_cells(small_city: City, tmp_path: Path, rule: str) -> None:
    def change(content: dict[str, Any], folder: Path) -> None:
        content["risk"] = {"unit_rule": rule}

    result = run_study(load_study(small_city(change)), out=tmp_path / "out", only="grade")
    index, people = (result.layers[key] for key in ("flood_population_risk_index", "population"))
    frame = result.units["county"]
    weighed = zonal_statistics(index, frame, weights=people)["mean"] if rule == "exposed_mean" else None
    expected = zonal_statistics(index, frame)["mean"] if weighed is None else weighed
    np.testing.assert_allclose(frame[Index("flood", "risk", "population").key], expected, rtol=1e-6)


def test_the_old_form_keeps_its_name_and_its_numbers(small_city: City, tmp_path: Path) -> None:
    def change(content: dict[str, Any], folder: Path) -> None:
        content["risk"] = {"form": "half_scaled"}

    result = run_study(load_study(small_city(change)), out=tmp_path / "out", only="grade")
    hazard, people = (result.layers[key].to_numpy() for key in ("flood_hazard_index", "population"))

    def scaled(values: np.ndarray[Any, np.dtype[Any]]) -> np.ndarray[Any, np.dtype[Any]]:
        return 0.5 + 0.5 * (values - np.nanmin(values)) / (np.nanmax(values) - np.nanmin(values))

    made = result.layers["flood_population_risk_index"]
    np.testing.assert_allclose(made.to_numpy(), np.sqrt(scaled(hazard) * scaled(np.log1p(people))), rtol=1e-5)
    assert made.attrs["form"] == "half_scaled"
    frame, breaks = result.units["county"], result.tables["breaks"]
    means = zonal_statistics(made, frame)["mean"]
    np.testing.assert_allclose(frame["flood_population_risk_index"], means, rtol=1e-6)
    assert set(breaks[breaks["index"] == "flood_risk_index"]["rule"]) == {"natural_breaks"}


def test_a_layer_never_takes_the_name_of_another() -> None:
    depth = toy_city().layers["flood_depth"].isel(return_period=0, drop=True)
    layers = {"a_b_c": depth}
    put_new(layers, "a_b_d", depth, "a")
    with pytest.raises(LayerError) as caught:
        put_new(layers, Intensity("a", "b_c").key, depth, "a")
    assert (caught.value.problems[0].rule, list(layers)) == ("names.twice", ["a_b_c", "a_b_d"])
