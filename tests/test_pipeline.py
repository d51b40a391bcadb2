"""A study from its files to its products: what is written agrees, a stopped run goes on, wrong input writes nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import yaml

from riskzoning import io
from riskzoning.config import StudyConfig, load_study
from riskzoning.config.model import ExposureConfig, PlanningConfig, SurveysConfig
from riskzoning.errors import ConfigError
from riskzoning.exposure import cropland
from riskzoning.layers import grid_of
from riskzoning.pipeline import check_study, explain_study, init_study, run_study, write_zonal, zonal_table
from riskzoning.results import StudyResult
from riskzoning.samples import sample_study
from riskzoning.zoning import zonal_statistics
from tests.pipeline.conftest import write_small_city
from tests.sample_run import SampleRun, coarse


@pytest.fixture(scope="module")
def result(sample_run: SampleRun) -> StudyResult:
    return sample_run.made or sample_run.opened()


def test_five_hazards_and_three_levels_are_assessed(result: StudyResult) -> None:
    assert set(result.hazards) == {"earthquake", "geology", "flood", "meteorology", "forest_fire"}
    assert [len(result.units[level]) for level in result.levels] == [1, 12, 154]
    for level in result.levels:
        frame = result.units[level]
        for hazard in (*result.hazards, "multi"):
            for what in ("hazard", "risk", "population_risk"):
                assert frame[f"{hazard}_{what}_index"].between(0, 1).all()
                assert frame[f"{hazard}_{what}_grade"].between(1, 5).all()


def test_counts_reconcile_at_every_level(result: StudyResult) -> None:
    table = pd.read_csv(result.folder / "tables" / "reconciliation.csv")
    assert set(table["quantity"]) >= {"population", "gdp_yuan", "building_area_m2", "cropland_ha", "road_km"}
    assert (
        table.groupby("quantity")["level"].apply(set).map(lambda levels: levels == {"city", "county", "township"}).all()
    )
    assert table["difference"].abs().max() < 1e-9
    again = table["total_units"] + table["unallocated"] - table["total_input"]
    assert (again.abs() <= 1e-9 * table["total_input"]).all()
    np.testing.assert_allclose(table["beyond_grid"] + table["beyond_units"], table["unallocated"], rtol=1e-9)
    rows = table.set_index("quantity")[["beyond_grid", "beyond_units"]].groupby("quantity").first()
    # The table of residents covers the units and no more; land cover reaches beyond the city and beyond the grid.
    assert rows.loc["population"].tolist() == [0, 0]
    assert (rows.loc["cropland_ha"] > 0).all()
    landcover = io.read_layer(sample_study().parent / "landcover.tif", quantity="landcover")
    hectares = float(cropland(landcover, grid_of(landcover)).sum())
    assert table.set_index("quantity").loc["cropland_ha", "total_input"].to_numpy() == pytest.approx(hectares, rel=1e-9)


def test_totals_of_the_tables_are_kept(result: StudyResult) -> None:
    people = io.read_table(sample_study().parent / "exposure" / "population_township.csv").set_index("code")["pop"]
    found = result.units["township"]["population"]
    assert found.reindex(people.index).to_numpy() == pytest.approx(people.to_numpy(), rel=1e-9)


def test_unit_means_are_those_of_the_published_layers(result: StudyResult) -> None:
    path = result.folder / "layers" / "410700_flood_hazard_index.tif"
    found = zonal_statistics(path, result.units["county"], ["mean"])["mean"]
    assert found.to_numpy() == pytest.approx(result.units["county"]["flood_hazard_index"].to_numpy(), rel=1e-12)


def test_composite_can_be_recomputed_from_published_layers(result: StudyResult) -> None:
    weights = pd.read_csv(result.folder / "tables" / "weights.csv").set_index("hazard")["weight"]
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    again = sum(result.layers[f"{h}_risk_index"].values.astype(float) * w for h, w in weights.items())
    assert np.nanmax(np.abs(again - result.layers["multi_risk_index"].values)) < 1e-6


def _published(result: StudyResult, name: str) -> np.ndarray[Any, Any]:
    with rasterio.open(result.folder / "layers" / f"410700_{name}.tif") as file:
        return np.asarray(file.read(1, masked=True).astype(float).filled(np.nan))


@pytest.mark.parametrize(
    ("hazard", "intensity", "none"), [("flood", "flood_depth", 0.0), ("earthquake", "seismic", 1.0)]
)
def test_annual_loss_is_that_of_its_receptors_and_nothing_where_the_hazard_is_not(
    result: StudyResult, hazard: str, intensity: str, none: float
) -> None:
    eal = _published(result, f"{hazard}_eal")
    parts = [name for name in result.layers if re.fullmatch(rf"{hazard}_[a-z]+_eal", str(name))]
    if parts:
        whole = np.sum([np.nan_to_num(_published(result, str(name))) for name in parts], axis=0)
        np.testing.assert_allclose(np.nan_to_num(eal), whole, rtol=1e-5, atol=1e-3)
    levels = [str(name) for name in result.layers if re.fullmatch(rf"({hazard}_)?{intensity}\w*_T\d+", str(name))]
    assert len(levels) > 2
    calm = np.all([~(_published(result, name) > none) for name in levels], axis=0)
    assert not np.nansum(eal[calm])
    assert np.nansum(eal) > 0
    path = result.folder / "layers" / f"410700_{hazard}_eal.tif"
    for level in result.levels:
        sums = zonal_statistics(path, result.units[level], ["sum"])["sum"]
        assert result.units[level][f"{hazard}_eal"].to_numpy() == pytest.approx(sums.to_numpy(), rel=1e-9)
    with rasterio.open(path) as file:
        tags = file.tags()
    assert (tags["EAL_METHOD"], tags["EAL_TAIL"]) == ("trapezoid", "constant")


def test_annual_losses_of_the_hazards_add_up(result: StudyResult) -> None:
    flood, earthquake, total = (_published(result, f"{hazard}_eal") for hazard in ("flood", "earthquake", "multi"))
    np.testing.assert_array_equal(np.isnan(total), np.isnan(flood) & np.isnan(earthquake))
    np.testing.assert_allclose(np.nan_to_num(total), np.nan_to_num(flood) + np.nan_to_num(earthquake), rtol=1e-6)


SCALES = {"population": (10, 20_000), "economy": (1e6, 5e9), "buildings": (1000, 2e6)}
COUNTS = {"population": "population", "economy": "gdp_yuan", "buildings": "building_area_m2"}


def _exposed(density: np.ndarray, receptor: str) -> np.ndarray:  # type: ignore[type-arg]
    low, full = SCALES[receptor]
    scaled: np.ndarray = np.log1p(np.clip(density, 0, full) / low) / np.log1p(full / low)  # type: ignore[type-arg]
    return scaled


def test_risk_of_a_receptor_can_be_recomputed_from_published_layers(result: StudyResult) -> None:
    cell_km2 = abs(result.grid.affine.a * result.grid.affine.e) / 1e6
    hazard, means = _published(result, "flood_hazard_index"), []
    for receptor, count in COUNTS.items():
        expected = np.sqrt(hazard * _exposed(_published(result, count) / cell_km2, receptor))
        weak = f"{receptor}_vulnerability_index"
        if weak in result.layers:
            expected = expected * (0.5 + 0.5 * np.nan_to_num(_published(result, weak), nan=1.0))
        made = _published(result, f"flood_{receptor}_risk_index")
        known = np.isfinite(expected)
        assert known.sum() > 1000
        np.testing.assert_allclose(made[known], expected[known], rtol=2e-6, atol=1e-7)
        assert (made[known & (hazard == 0)] == 0).all()
        means.append(made)
    mean = 0.5 * means[0] + 0.3 * means[1] + 0.2 * means[2]
    made = _published(result, "flood_risk_index")
    known = np.isfinite(mean)
    np.testing.assert_allclose(made[known], mean[known], rtol=1e-6, atol=1e-7)


def test_risk_of_a_unit_can_be_recomputed_from_its_parts(result: StudyResult) -> None:
    for level in result.levels:
        frame = result.units[level]
        areas = frame.to_crs(str(result.grid.crs)).geometry.area / 1e6
        weights = dict(zip(result.tables["weights"]["hazard"], result.tables["weights"]["weight"], strict=True))
        together = 0.0
        for hazard, weight in weights.items():
            means = []
            for receptor, count in COUNTS.items():
                exposed = _exposed((frame[count] / areas).to_numpy(), receptor)
                np.testing.assert_allclose(frame[f"{receptor}_exposure_index"], exposed, rtol=1e-6)
                severity = frame[f"{hazard}_{receptor}_exposed_hazard_index"]
                weak = frame.get(f"{receptor}_vulnerability_index", 1.0)
                risk = np.sqrt(severity * exposed) * (0.5 + 0.5 * weak)
                np.testing.assert_allclose(frame[f"{hazard}_{receptor}_risk_index"], risk, rtol=1e-5, atol=1e-9)
                means.append(risk)
            mean = 0.5 * means[0] + 0.3 * means[1] + 0.2 * means[2]
            np.testing.assert_allclose(frame[f"{hazard}_risk_index"], mean, rtol=1e-5, atol=1e-9)
            together = together + weight * mean
        np.testing.assert_allclose(frame["multi_risk_index"], together, rtol=1e-5, atol=1e-9)


def test_severity_of_a_unit_is_that_which_people_meet(result: StudyResult) -> None:
    frame = result.units["county"]
    people = _published(result, "population")
    hazard = _published(result, "flood_hazard_index")
    known = np.isfinite(hazard)
    grid = result.layers["population"]
    met = zonal_statistics(grid.copy(data=np.where(known, people * np.nan_to_num(hazard), 0.0)), frame, ["sum"])["sum"]
    there = zonal_statistics(grid.copy(data=np.where(known, people, 0.0)), frame, ["sum"])["sum"]
    np.testing.assert_allclose(frame["flood_population_exposed_hazard_index"], met / there, rtol=1e-6)


def test_no_unit_has_a_high_risk_where_the_hazard_is_low(result: StudyResult) -> None:
    for level in result.levels:
        frame = result.units[level]
        for hazard in result.hazards:
            met = frame[[f"{hazard}_{receptor}_exposed_hazard_index" for receptor in COUNTS]].max(axis=1)
            assert not ((met < 0.25) & (frame[f"{hazard}_risk_grade"] >= 4)).any()
            assert (frame.loc[met == 0, f"{hazard}_risk_index"] == 0).all()
    checks = result.tables["validation"].set_index(["hazard", "measure"])["value"]
    assert checks["flood", "sense.high_risk_of_low_hazard"] == 0


def test_what_lies_in_the_classes_adds_up_to_every_unit(result: StudyResult) -> None:
    table = result.tables["exposure_by_grade"]
    sums = table.groupby(["level", "hazard", "quantity", "code"])["value"].sum()
    for level in result.levels:
        frame = result.units[level]
        for hazard in result.hazards:
            for count in COUNTS.values():
                np.testing.assert_allclose(sums[level, hazard, count].loc[frame.index], frame[count], rtol=1e-9)


def test_weights_say_what_they_really_do(result: StudyResult) -> None:
    weights = result.tables["weights"].set_index("hazard")
    assert weights["effective"].sum() == pytest.approx(1)
    np.testing.assert_allclose(weights["weight"], weights["ahp"])


def small_study(*hazards: str, exposure: ExposureConfig, **changed: Any) -> StudyConfig:
    """Few hazards of the sample on cells of 1 km; forms, plans, zones and draws are left to those who look at them."""
    study = load_study(sample_study())
    few = {
        "hazards": tuple(item for item in study.hazards if item.hazard in hazards),
        "exposure": exposure,
        "grid": study.grid.model_copy(update={"resolution": 1000.0}),
        "history": None,
        "surveys": SurveysConfig(),
        "planning": PlanningConfig(),
        "zoning": study.zoning.model_copy(update={"zones": False}),
        "uncertainty": study.uncertainty.model_copy(update={"draws": 0}),
        **changed,
    }
    return coarse(study).model_copy(update=few)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    """One hazard, people only, 1 km."""
    study = load_study(sample_study())
    exposure = type(study.exposure)(population=study.exposure.population)
    risk = study.risk.model_copy(update={"combine": "inform", "form": "weighted_sum"})
    few = small_study("flood", exposure=exposure, risk=risk)
    return run_study(few, out=tmp_path_factory.mktemp("small") / "out")


def test_receptors_that_are_not_given_are_left_out_and_recorded(small: StudyResult) -> None:
    county = small.units["county"]
    assert [name for name in county.columns if name.endswith("_eal")] == []
    assert "flood_economy_risk_index" not in county
    np.testing.assert_allclose(county["flood_risk_index"], county["flood_population_risk_index"], rtol=1e-6)
    np.testing.assert_allclose(county["multi_risk_index"], county["flood_risk_index"], rtol=1e-6)
    record = json.loads((small.folder / "run.json").read_text(encoding="utf-8"))
    left_out = {row["input"]: row["detail"] for row in record["steps"] if row["rule"].endswith("left_out")}
    assert left_out["weights/receptors"] == ["economy", "buildings"]
    assert set(left_out["weights/hazards"]) == {"earthquake", "geology", "drought", "meteorology", "forest_fire"}
    assert small.tables["weights"]["weight"].tolist() == [1.0]


def test_hazards_without_exposure_have_a_composite_of_their_own(tmp_path: Path) -> None:
    result = run_study(small_study("flood", "earthquake", exposure=ExposureConfig()), out=tmp_path / "out")
    township = result.units["township"]
    assert not [name for name in township.columns if "risk" in name]
    weights = result.tables["weights"].set_index("hazard")["weight"]
    assert weights.sum() == pytest.approx(1)
    again = sum(township[f"{hazard}_hazard_index"] * weight for hazard, weight in weights.items())
    np.testing.assert_allclose(township["multi_hazard_index"], again, atol=0.02)
    assert township["multi_hazard_grade"].between(1, 4).all()


def test_grades_follow_the_stored_breaks(result: StudyResult) -> None:
    breaks = result.tables["breaks"]
    rows = breaks[(breaks["index"] == "multi_risk_index") & (breaks["applied_to"] == "grid")]
    index = result.layers["multi_risk_index"].values
    expected = np.where(
        np.isnan(index), 0, np.searchsorted(rows["upper_bound"].to_numpy()[:-1], index, side="left") + 1
    )
    assert np.array_equal(result.layers["multi_risk_grade"].values, expected)


def test_layers_are_cogs_with_colours_and_no_data(result: StudyResult) -> None:
    folder = result.folder / "layers"
    names = {path.name for path in folder.glob("*.tif")}
    assert {"410700_flood_depth_T100.tif", "410700_population.tif", "410700_multi_risk_grade.tif"} <= names
    for name in ("410700_multi_risk_grade.tif", "410700_flood_hazard_grade.tif"):
        assert io.is_cog(folder / name)
        with rasterio.open(folder / name) as file:
            assert (file.dtypes[0], file.nodata) == ("uint8", 0)
            assert file.colormap(1)[4][3] == 255
    orders = {}
    for path in folder.glob("*_grade.tif"):
        with rasterio.open(path) as file:
            orders[path.name] = file.tags().get("CLASS_ORDER")
    assert not [name for name, order in orders.items() if order != "ascending"]


def test_grade_of_floods_can_be_recomputed_from_the_published_degree(result: StudyResult) -> None:
    degree = result.layers["flood_risk_degree"]
    assert degree.attrs["units"] == "m"
    again = np.where(np.isnan(degree.values), 0, np.searchsorted([0.15, 0.5, 1.0], degree.values, side="right") + 1)
    assert np.array_equal(again, result.layers["flood_risk_degree_grade"].values)
    assert {"earthquake_site_pga_T475", "geology_susceptibility"} <= set(result.layers)


def test_run_record_says_where_numbers_come_from(result: StudyResult) -> None:
    record = json.loads((result.folder / "run.json").read_text(encoding="utf-8"))
    assert {"study", "inputs", "tables_used", "steps", "warnings", "dropped", "versions", "seeds", "timings"} <= set(
        record
    )
    assert all(len(row["sha256"]) == 64 for row in record["inputs"])
    used = {row["name"]: row for row in record["tables_used"]}
    assert used["hazards/flood_composite"]["verified"] is False
    assert record["calibration"]["geology"]["validation"]["auc_holdout"] > 0.6


def test_database_holds_units_and_record(result: StudyResult) -> None:
    layers = {str(name) for name, _ in pyogrio.list_layers(result.folder / "database.gpkg")}
    assert {"unit_city", "unit_county", "unit_township", "risk_unit", "base_admin", "meta_run"} <= layers


@pytest.fixture
def broken(tmp_path: Path) -> Any:
    """A small study whose study.yaml and files a test changes: broken(change) -> path of study.yaml."""

    def make(change: Any) -> Path:
        path = write_small_city(tmp_path / "study")
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        change(content, path.parent)
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        return path

    return make


def _text_raster(content: Any, folder: Path) -> None:
    (folder / "pga_475.tif").write_text("<html>not found</html>", encoding="utf-8")


def _empty_raster(content: Any, folder: Path) -> None:
    (folder / "pga_475.tif").write_bytes(b"")


def _falling_depths(content: Any, folder: Path) -> None:
    one, two = (content["inputs"][name] for name in ("depth_20", "depth_100"))
    one["path"], two["path"] = two["path"], one["path"]


def _changed_table(path: Path, column: str, value: str) -> None:
    frame = pd.read_csv(path, dtype=str)
    frame.loc[1, column] = value
    frame.to_csv(path, index=False, encoding="utf-8-sig")


def _negative_people(content: Any, folder: Path) -> None:
    _changed_table(folder / "pop.csv", "pop", "-5")


def _unknown_code(content: Any, folder: Path) -> None:
    _changed_table(folder / "pop.csv", "code", "999999")


def _other_profile(path: Path, **changed: Any) -> None:
    with rasterio.open(path) as file:
        profile, values = file.profile, file.read()
    with rasterio.open(path, "w", **{**profile, **changed}) as file:
        file.write(values)


def _elsewhere(content: Any, folder: Path) -> None:
    for path in folder.glob("depth_*.tif"):
        with rasterio.open(path) as file:
            far = rasterio.Affine.translation(1_000_000, 0) * file.transform
        _other_profile(path, transform=far)


def _no_crs(content: Any, folder: Path) -> None:
    _other_profile(folder / "depth_20.tif", crs=None)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (_text_raster, "raster.text"),
        (_empty_raster, "file.empty"),
        (_falling_depths, "layer.monotone"),
        (_negative_people, "table.negative"),
        (_unknown_code, "table.unknown_code"),
        (_elsewhere, "layer.elsewhere"),
        (_no_crs, "raster.crs"),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(broken: Any, tmp_path: Path, change: Any, rule: str) -> None:
    path = broken(change)
    rules = {problem.rule for problem in check_study(path) if problem.severity == "error"}
    assert rule in rules
    with pytest.raises(ConfigError) as caught:
        run_study(load_study(path), out=tmp_path / "out")
    assert {problem.rule for problem in caught.value.problems} >= rules
    assert all(problem.found and problem.required and problem.fix for problem in caught.value.problems)
    assert not (tmp_path / "out").exists()


def test_identical_return_periods_are_a_warning_that_stays(broken: Any) -> None:
    def same(content: Any, folder: Path) -> None:
        content["inputs"]["depth_20"]["path"] = content["inputs"]["depth_100"]["path"]

    problems = check_study(broken(same))
    assert [problem.rule for problem in problems if problem.severity == "warning"] == ["layer.identical"]


def test_the_sample_can_be_explained() -> None:
    assert "flood" in explain_study(load_study(sample_study()))


def test_init_writes_a_study_whose_only_problems_are_missing_files(tmp_path: Path) -> None:
    written = init_study(tmp_path / "new")
    assert written[0].name == "study.yaml"
    assert {problem.rule for problem in check_study(written[0])} <= {"study.file", "table.heading_only"}
    with pytest.raises(ConfigError, match="is not empty"):
        init_study(tmp_path / "new")


def test_zonal_table_of_files(tmp_path: Path) -> None:
    folder = sample_study().parent
    table = zonal_table(folder / "elevation.tif", folder / "admin.gpkg", ["mean", "max"], layer="county")
    assert (table["max"] >= table["mean"]).all()
    for name in ("a.csv", "a.parquet", "a.gpkg"):
        write_zonal(table, tmp_path / name)
        assert (tmp_path / name).stat().st_size > 0


def without_maps(study: StudyConfig) -> StudyConfig:
    return study.model_copy(update={"outputs": study.outputs.model_copy(update={"maps": False, "site": False})})


@pytest.mark.slow
@pytest.mark.city
def test_whole_city_at_100_m(city_data: Path, tmp_path: Path) -> None:
    text = (Path(__file__).parents[1] / "docs" / "studies" / "xinxiang.yaml").read_text(encoding="utf-8")
    path = tmp_path / "study.yaml"
    path.write_text(text.replace("/path/to/data", str(city_data)), encoding="utf-8")
    found = run_study(without_maps(load_study(path)), out=tmp_path / "out")
    assert len(found.units["township"]) == 154
    assert found.tables["reconciliation"]["difference"].abs().max() < 1e-9


@pytest.mark.city
def test_study_of_the_whole_city_is_clean(city_data: Path, tmp_path: Path) -> None:
    text = (Path(__file__).parents[1] / "docs" / "studies" / "xinxiang.yaml").read_text(encoding="utf-8")
    path = tmp_path / "study.yaml"
    path.write_text(text.replace("/path/to/data", str(city_data)), encoding="utf-8")
    assert [problem for problem in check_study(path) if problem.severity == "error"] == []
