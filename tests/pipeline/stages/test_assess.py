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

from ..conftest import small_study, write_small_city

City = Callable[..., Path]


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
    assert set(own["indicator"]) == {"risk_index"}
    assert own["grade"].notna().all()
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


def test_a_layer_never_takes_the_name_of_another() -> None:
    depth = toy_city().layers["flood_depth"].isel(return_period=0, drop=True)
    layers = {"a_b_c": depth}
    put_new(layers, "a_b_d", depth, "a")
    with pytest.raises(LayerError) as caught:
        put_new(layers, Intensity("a", "b_c").key, depth, "a")
    assert (caught.value.problems[0].rule, list(layers)) == ("names.twice", ["a_b_c", "a_b_d"])
