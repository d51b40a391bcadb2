"""A study of hazards of its own, without code: alone and beside those of the program, through every output."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio

from riskzoning.config import load_study
from riskzoning.errors import ConfigError
from riskzoning.names import MULTI, Index
from riskzoning.pipeline import run_study

from .conftest import SIDE, write_raster

Study = dict[str, Any]
SURGE: Study = {
    "hazard": "storm_surge",
    "inputs": {"measure": "surge"},
    "custom": {
        "name": {"zh": "风暴潮", "en": "Storm surge"},
        "measure": {"zh": "增水高度", "en": "surge height"},
        "quantity": "surge_height",
        "units": "m",
        "ladder": {"none": 0, "limits": [0.5, 1, 2], "full": 3},
        "acts": "places",
        "importance": 2,
        "colour": "#2E7EBC",
    },
}
SAND: Study = {
    "hazard": "sand",
    "inputs": {"measure": "cover"},
    "custom": {
        "name": {"zh": "风沙", "en": "Blown sand"},
        "ladder": {"none": 0.9, "limits": [0.6, 0.4, 0.2], "full": 0.1, "direction": -1},
    },
}


HAZE: Study = {
    "hazard": "haze",
    "inputs": {"measure": ["haze_5", "haze_50"]},
    "receptors": {"population": 1},
    "custom": {
        "name": {"zh": "雾霾", "en": "Haze"},
        "ladder": {"none": 0, "limits": [0.5, 1, 2], "full": 3},
        "periods": "severity",
        "importance": 1,
    },
}


def own_hazards(study: Study, folder: Path, *hazards: Study) -> None:
    rows, columns = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    write_raster(folder / "surge.tif", np.where(rows < 0.5, 0.0, columns * 3.5).astype("float32"))
    write_raster(folder / "cover.tif", rows.astype("float32"))
    study["inputs"] |= {"surge": {"path": "surge.tif", "units": "m"}, "cover": {"path": "cover.tif"}}
    for years, most in ((5, 1.0), (50, 4.0)):
        write_raster(folder / f"haze_{years}.tif", (columns * most).astype("float32"))
        study["inputs"][f"haze_{years}"] = {"path": f"haze_{years}.tif", "return_period": years}
    study["outputs"] = {"maps": {"formats": ["png"], "dpi": 60}, "site": True, "report": True}
    study["hazards"] = [json.loads(json.dumps(hazard)) for hazard in hazards]


@pytest.fixture
def only_own(small_city: Callable[..., Path]) -> Path:
    def change(study: Study, folder: Path) -> None:
        own_hazards(study, folder, SURGE, SAND, HAZE)
        study["not_applicable"] = ["drought"]

    return small_city(change)


def test_own_hazards_alone_flow_through_every_output(only_own: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = run_study(load_study(only_own), out=out, workers=1)
    units = result.units["county"]
    assert {"storm_surge_hazard_index", "storm_surge_population_risk_index", "sand_hazard_grade"} <= set(units)
    assert units["storm_surge_hazard_index"].max() > 0.4
    surge = next(out.glob("layers/*_storm_surge_hazard_grade.tif"))
    with rasterio.open(surge) as raster:
        assert set(np.unique(raster.read(1))) >= {1, 4}
    weights = pd.read_csv(out / "tables" / "weights.csv").set_index("hazard")["weight"]
    assert weights["storm_surge"] == pytest.approx(2 * weights["sand"])
    assert len(gpd.list_layers(out / "database.gpkg")) > 3
    shares = pd.read_csv(out / "tables" / "exposure_by_grade.csv")
    assert {"storm_surge", "sand", "haze"} == set(shares["hazard"])
    maps = {path.name for path in (out / "maps").glob("*.png")}
    assert any("storm_surge_hazard" in name for name in maps)
    page = "".join(path.read_text(encoding="utf-8", errors="ignore") for path in (out / "site").rglob("*.js"))
    page += (out / "site" / "index.html").read_text(encoding="utf-8")
    assert "风暴潮" in page
    assert "Storm surge" in page
    assert_nothing_of_drought(out, units, page)
    # Haze: 2 m every 50 years count .89 of the third class, more than 1 m every 5 years.
    haze = units["haze_hazard_index"]
    assert 0 < haze.max() < 0.95
    assert {path.name.split("_T")[-1] for path in out.glob("layers/*_haze_measure_T*.tif")} == {"5.tif", "50.tif"}
    # Its receptors are its own: people alone, whatever else the study has.
    np.testing.assert_allclose(units["haze_risk_index"], units["haze_population_risk_index"], rtol=1e-6)
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert record["study"]["hazards"][0]["custom"]["name"]["en"] == "Storm surge"
    # Outside the run the result still knows what its hazards are.
    index = next(index for index in load_study(only_own).indices if index.hazard == "storm_surge")
    assert index.hazard_title("zh") == "风暴潮"
    assert len(set(index.colours(4))) == 4
    assert index.palette == "storm_surge"


def assert_nothing_of_drought(out: Path, units: pd.DataFrame, page: str) -> None:
    """What does not exist here has no value anywhere, and every product says so."""
    for index in (Index("drought", "hazard"), Index("drought", "risk")):
        assert units[index.key].isna().all()
        assert (units[index.grade_key] == 0).all()
    status = pd.read_csv(out / "tables" / "hazard_status.csv").set_index("hazard")["status"]
    assert status["drought"] == "not_applicable"
    with contextlib.closing(sqlite3.connect(out / "database.gpkg")) as database:
        rows = database.execute("select status from meta_hazard_status where hazard = 'drought'").fetchall()
        assert rows == [("not_applicable",)]
        values = database.execute("select value, grade from risk_unit where hazard = 'drought'").fetchall()
        assert all(value is None and grade in (None, 0) for value, grade in values)
    assert not [path.name for path in (out / "maps").iterdir() if "drought" in path.name]
    assert not [path.name for path in (out / "layers").iterdir() if "drought" in path.name]
    assert "本区不存在、不评估：干旱灾害" in page
    text = "".join(part.text for part in docx.Document(str(out / "report.docx")).paragraphs)
    assert "Hazards that do not exist here: Drought" in text


def test_the_grades_are_those_of_the_ladder(only_own: Path, tmp_path: Path) -> None:
    result = run_study(load_study(only_own).with_(outputs={"maps": False, "site": False, "report": False}),
                       out=tmp_path / "out", workers=1)  # fmt: skip
    with rasterio.open(next((tmp_path / "out" / "layers").glob("*_storm_surge_hazard_index.tif"))) as raster:
        index = raster.read(1, masked=True)
    assert float(index.min()) == 0.0
    assert float(index.max()) == 1.0
    assert Index(MULTI, "risk").key in result.units["county"]


@pytest.mark.slow
def test_own_hazards_stand_beside_those_of_the_program(small_city: Callable[..., Path], tmp_path: Path) -> None:
    def change(study: Study, folder: Path) -> None:
        known = list(study["hazards"])
        own_hazards(study, folder, SURGE)
        study["hazards"] = [*known, *study["hazards"]]
        study["not_applicable"] = ["forest_fire"]

    path = small_city(change)
    known = next(item.hazard for item in load_study(path).hazards)
    result = run_study(load_study(path), out=tmp_path / "out", workers=1)
    assert {known, "storm_surge"} <= set(result.tables["weights"]["hazard"])
    units = result.units["county"]
    absent = [name for name in units if name.startswith("forest_fire")]
    assert not units[absent].filter(like="_index").notna().any().any()
    assert not units[absent].filter(like="_grade").fillna(0).ne(0).any().any()
    assert "forest_fire" in result.not_applicable


def rules_of(path: Path) -> set[str]:
    with pytest.raises(ConfigError) as caught:
        load_study(path)
    for problem in caught.value.problems:
        assert all((problem.found, problem.required, problem.fix))
    return {problem.rule for problem in caught.value.problems}


@pytest.mark.parametrize(("key", "rule"), [
    ("population", "hazard.reserved"), ("multi", "hazard.reserved"), ("county", "hazard.reserved"),
    ("exposure", "hazard.reserved"), ("loss_of_roads", "hazard.ends_in_receptor"), ("flood", "study.custom_known"),
])  # fmt: skip
def test_reserved_words_are_refused(small_city: Callable[..., Path], key: str, rule: str) -> None:
    path = small_city(lambda study, folder: own_hazards(study, folder, {**SURGE, "hazard": key}))
    assert rule in rules_of(path)


@pytest.mark.parametrize(("change", "rule"), [
    ({"custom": {**HAZE["custom"], "periods": 20}}, "study.custom_period"),
    ({"custom": {key: value for key, value in HAZE["custom"].items() if key != "periods"}}, "study.custom_several"),
    ({"receptors": {"peple": 1}}, "study.receptor"), ({"receptors": {"roads": 1}}, "study.receptors_absent"),
    ({"receptors": {"population": 0.7}}, "study.receptor_weights"),
])  # fmt: skip
def test_periods_and_receptors_are_checked(small_city: Callable[..., Path], change: Study, rule: str) -> None:
    assert rule in rules_of(small_city(lambda study, folder: own_hazards(study, folder, {**HAZE, **change})))


@pytest.mark.parametrize(("change", "rule"), [
    ({"ladder": {"none": 0, "limits": [1, 1, 2], "full": 3}}, "study.ladder_steps"),
    ({"ladder": {"none": 0, "limits": [1, 2], "full": 3, "direction": -1}}, "study.ladder_steps"),
    ({"name": {}}, "study.name_empty"),
])  # fmt: skip
def test_what_is_wrong_in_a_definition_is_named(small_city: Callable[..., Path], change: Study, rule: str) -> None:
    hazard = {**SURGE, "custom": {**SURGE["custom"], **change}}
    assert rule in rules_of(small_city(lambda study, folder: own_hazards(study, folder, hazard)))


def test_a_layer_beyond_the_range_is_refused(small_city: Callable[..., Path], tmp_path: Path) -> None:
    hazard = {**SURGE, "custom": {**SURGE["custom"], "range": [0, 2]}}
    path = small_city(lambda study, folder: own_hazards(study, folder, hazard))
    with pytest.raises(Exception, match="surge"):
        run_study(load_study(path), out=tmp_path / "out", workers=1)
