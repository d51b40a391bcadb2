"""One contract for all hazards of the registry, with a frozen calibration."""

from __future__ import annotations

import copy
import dataclasses
import io
import json
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import ValidationError

from riskzoning import standards
from riskzoning.errors import Journal, LayerError, MissingCRSError, UnitsError, hearing
from riskzoning.errors.sentences import rules
from riskzoning.hazards import HAZARDS
from riskzoning.hazards.base import HazardSpec, Prepared
from riskzoning.layers import check_layer, grid_of

NAMES = list(HAZARDS)
EXAMPLES = [*NAMES, "flood/terrain", "geology/susceptibility"]
each_hazard = pytest.mark.parametrize("name", NAMES)

# Keys of `inputs` that other programs rely on; "|" separates those that may stand in for each other.
REQUIRED = {
    "earthquake": {"pga"},
    "geology": {"elevation", "landslides|susceptibility"},
    "flood": {"depth|elevation"},
    "drought": {"stations|precipitation"},
    "meteorology": {"stations"},
    "forest_fire": {"stations|fwi", "landcover|fuel_type"},
}
Inputs = dict[str, Any]


class Case:
    """A hazard with example inputs and the calibration made from them."""

    def __init__(self, name: str, grid: GeoBox, inputs: Inputs) -> None:
        self.name, self.grid, self.inputs = name, grid, inputs
        self.spec: HazardSpec = HAZARDS[name.partition("/")[0]]
        with hearing(Journal()) as self.journal:
            self.prepared = self.spec.prepare(inputs, self.spec.params(), grid)
            self.calibration = self.spec.calibrate(self.prepared, self.spec.params())

    @cached_property
    def plain(self) -> xr.Dataset:
        """What the inputs as they are give: worked out once."""
        return self.spec.assess(self.inputs, grid=self.grid, calibration=self.calibration)

    def assess(self, inputs: Inputs | Prepared | None = None) -> xr.Dataset:
        return self.plain if inputs is None else self.spec.assess(inputs, grid=self.grid, calibration=self.calibration)

    def index(self, inputs: Inputs | Prepared | None = None) -> np.ndarray[Any, Any]:
        return np.asarray(self.assess(inputs)["hazard_index"].to_numpy(), dtype=float)

    def layers(self, **facts: Any) -> dict[str, xr.DataArray]:
        """Layers among the inputs whose specification has the facts."""
        return {
            item.key: self.inputs[item.key]
            for item in self.spec.inputs
            if isinstance(self.inputs.get(item.key), xr.DataArray)
            and all(getattr(item, fact) == value for fact, value in facts.items())
        }

    def needed(self) -> dict[str, xr.DataArray]:
        """Layers without which a cell has no index: required ones, and those that stand in for a required one."""
        keys = []
        for item in (item for item in self.spec.inputs if item.required):
            stand_ins = [key for key in item.alternatives if key in self.inputs]
            keys += stand_ins or [item.key]
        return {key: layer for key, layer in self.layers().items() if key in keys}

    def outputs(self) -> list[str]:
        """What the hazard gives; from other inputs than its usual ones it may be less."""
        made = [name for name in self.spec.outputs if name in self.plain]
        assert {"intensity", "hazard_index"} <= set(made)
        assert "/" in self.name or made == list(self.spec.outputs)
        return made


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    """The hazards with their inputs, made once: no test changes them, and that no hazard does is tested below."""
    return {}


@pytest.fixture(params=EXAMPLES)
def case(
    request: pytest.FixtureRequest,
    hazard_grid: GeoBox,
    example_inputs: Callable[..., Inputs],
    cases: dict[str, Case],
) -> Case:
    name = request.param
    if name not in cases:
        cases[name] = Case(name, hazard_grid, example_inputs(name, hazard_grid, seed=3))
    return cases[name]


@each_hazard
def test_specification_is_complete(name: str) -> None:
    spec = HAZARDS[name]
    assert spec.name == name
    for text in (spec.title, spec.method):
        assert text["zh"]
        assert text["en"]
    keys = [item.key for item in spec.inputs]
    assert len(keys) == len(set(keys))
    for item in spec.inputs:
        assert item.quantity is None or standards.quantity(item.quantity)
        assert set(item.alternatives) <= set(keys)
    assert all(standards.quantity(quantity) for quantity in spec.outputs.values())
    assert list(spec.outputs)[-2:] == ["hazard_index", "hazard_grade"]
    assert not spec.measure or spec.measure in spec.outputs
    assert spec.acts in ("ground", "places")
    assert f"ladders/{spec.scale.name.partition('/')[0]}" in spec.tables
    scheme = standards.table("grades/schemes").data[spec.grade_scheme]
    assert scheme["k"] == spec.grades
    assert [standards.table(table).status for table in spec.tables]
    assert spec.scope in ("cell", "global") or spec.scope.startswith("halo:")


@each_hazard
def test_keys_that_others_rely_on(name: str) -> None:
    keys = {item.key for item in HAZARDS[name].inputs}
    for group in REQUIRED.get(name, ()):
        assert set(group.split("|")) <= keys


@each_hazard
def test_parameters_have_defaults_and_refuse_unknown_ones(name: str) -> None:
    params = HAZARDS[name].params
    assert params() == params()
    with pytest.raises(ValidationError):
        params(no_such_parameter=1)


def test_notes_are_whole_messages_in_both_languages(case: Case) -> None:
    assert "warnings" not in case.calibration
    for problem in case.journal.warnings:
        assert problem.severity == "warning"
        assert problem.rule in rules()
        for lang in ("zh", "en"):
            row = json.loads(json.dumps(problem.as_row(lang)))
            assert all(row[key] for key in ("file", "found", "required", "fix", "rule"))


def test_what_is_prepared_has_three_parts_ready_to_be_kept(case: Case) -> None:
    assert case.prepared.facts == json.loads(json.dumps(case.prepared.facts))
    for layer in case.prepared.layers.values():
        assert grid_of(layer) == case.grid
        assert not [value for value in layer.attrs.values() if isinstance(value, str) and value[:1] in ("{", "[")]
    for table in case.prepared.tables.values():
        assert type(table) is pd.DataFrame
        buffer = io.BytesIO()
        table.to_parquet(buffer)
        pd.testing.assert_frame_equal(pd.read_parquet(buffer), table)


def test_assessing_what_is_prepared_is_assessing_the_inputs(case: Case) -> None:
    np.testing.assert_array_equal(case.index(case.prepared), case.index())


def test_output_lies_on_the_grid_asked_for(case: Case) -> None:
    result = case.assess()
    for variable in case.outputs():
        layer = check_layer(result[variable], name=variable)
        assert grid_of(layer) == case.grid
        if "/" not in case.name:
            assert layer.attrs["quantity"] == case.spec.outputs[variable]
        assert layer.attrs["units"] == standards.quantity(layer.attrs["quantity"]).units


def test_index_lies_within_0_and_1_and_varies(case: Case) -> None:
    index = case.index()
    valid = index[np.isfinite(index)]
    assert valid.size > index.size / 2
    assert valid.min() >= 0
    assert valid.max() <= 1
    assert np.ptp(valid) > 0.01


def test_index_stays_within_0_and_1_for_extreme_inputs(case: Case) -> None:
    for key, layer in case.layers().items():
        limits = standards.quantity(layer.attrs["quantity"]).hard
        if layer.dtype.kind != "f" or limits is None:
            continue
        for limit in limits:
            index = case.index(case.inputs | {key: layer.where(np.isnan(layer), limit).assign_attrs(layer.attrs)})
            valid = index[np.isfinite(index)]
            assert valid.size, key
            assert 0 <= valid.min() <= valid.max() <= 1, (key, limit)


def test_grade_is_0_exactly_where_the_index_is_missing(case: Case) -> None:
    grade = case.assess()["hazard_grade"].to_numpy()
    assert grade.dtype.kind in "iu"
    assert grade.max() <= case.spec.grades
    np.testing.assert_array_equal(grade == 0, np.isnan(case.index()))


def test_equal_index_is_equal_class(case: Case) -> None:
    result, ladder = case.assess(), case.spec.scale
    np.testing.assert_array_equal(ladder.grade_of_index(result["hazard_index"]), result["hazard_grade"])
    assert result["hazard_index"].attrs["ladder"] == ladder.name
    if case.spec.measure in result:
        measure = result[case.spec.measure]
        if "subsidence_rate" in case.inputs:  # the worse of two measures
            index, own = result["hazard_index"].values, ladder.index(measure).values
            assert (index >= own)[np.isfinite(own)].all()
            return
        np.testing.assert_array_equal(ladder.grade(measure), result["hazard_grade"])
        np.testing.assert_array_equal(ladder.index(measure), result["hazard_index"])
        assert (result["hazard_index"].values[measure.values <= ladder.none] == 0).all()


def test_half_of_the_study_gives_the_same_cells(case: Case) -> None:
    """Nobody else in the study counts: each half, calibrated alone, has the cells of the whole."""
    if case.spec.scope == "global" and case.name != "geology/susceptibility":
        pytest.skip("a model or surfaces of the whole study")
    whole = case.index(case.prepared)
    half = case.grid.shape[1] // 2
    for columns in (slice(0, half), slice(half, None)):
        layers = {key: layer[..., columns] for key, layer in case.prepared.layers.items()}
        part = dataclasses.replace(case.prepared, layers=layers)
        index = case.spec.assess(part, grid=case.grid[:, columns])["hazard_index"]
        np.testing.assert_array_equal(index, whole[:, columns])


def test_calibration_is_ready_for_json(case: Case) -> None:
    again = json.loads(json.dumps(case.calibration))
    np.testing.assert_array_equal(
        case.index(), case.spec.assess(case.inputs, grid=case.grid, calibration=again)["hazard_index"].to_numpy()
    )


@pytest.mark.parametrize("missing", [np.nan, np.inf])
def test_a_missing_value_stays_where_it_is(case: Case, missing: float) -> None:
    before = case.index()
    rows, columns = case.grid.shape
    row, column = rows // 2, columns // 2
    for key, layer in case.needed().items():
        changed = layer.copy(deep=True)
        changed[..., row, column] = missing if layer.dtype.kind == "f" else 0
        after = case.index(case.inputs | {key: changed})
        assert np.isnan(after[row, column]), key
        far = ~around(case, row, column, case.spec.nan_halo)
        assert not np.any(np.isnan(after) & ~np.isnan(before) & far), key


def test_every_hazard_has_a_layer_whose_gaps_are_gaps_of_the_index(case: Case) -> None:
    # A hazard interpolated from stations alone has a value wherever the terrain has one.
    assert case.needed() or case.name in ("meteorology", "drought")


def around(case: Case, row: int, column: int, cells: int) -> np.ndarray[Any, Any]:
    near = np.zeros(tuple(case.grid.shape), dtype=bool)
    near[row - cells : row + cells + 1, column - cells : column + cells + 1] = True
    return near


def test_a_changed_cell_changes_nothing_far_away(case: Case) -> None:
    # The calibration is frozen: nothing that is taken over the whole grid may be taken again in `assess`.
    made = case.spec.scope == "global" and bool(case.layers(native=True))
    layers = dict(case.prepared.layers) if made else case.layers()
    halo = max(case.spec.nan_halo, int(case.spec.scope.removeprefix("halo:")) if "halo" in case.spec.scope else 0)

    def index(changes: dict[str, xr.DataArray]) -> np.ndarray[Any, Any]:
        if made:
            return case.index(dataclasses.replace(case.prepared, layers=layers | changes))
        return case.index(case.inputs | changes)

    before = index({})
    row, column = (size // 2 for size in case.grid.shape)
    far = ~around(case, row, column, halo)
    for item in case.spec.inputs:
        layer = layers.get(item.key)
        if layer is None or layer.dtype.kind != "f":
            continue
        changed = layer.copy(deep=True)
        low, high = float(layer.min()), float(layer.max())
        value = float(layer[..., row, column].max())
        changed[..., row, column] = low if value - low > high - value else high
        np.testing.assert_array_equal(index({item.key: changed})[far], before[far], err_msg=item.key)


def test_a_part_of_the_grid_gives_a_part_of_the_index(case: Case) -> None:
    """Prepared layers cut to a window give the window of the index: a run computes it band by band."""
    if "stations" in case.inputs:
        pytest.skip("surfaces between stations belong to the whole grid")
    rows, columns = slice(3, 14), slice(5, 21)
    window = case.grid[rows, columns]
    layers = {key: layer[..., rows, columns] for key, layer in case.prepared.layers.items()}
    cut = dataclasses.replace(case.prepared, layers=layers)
    part, whole = case.spec.assess(cut, grid=window, calibration=case.calibration), case.assess(case.prepared)
    for variable in case.outputs():
        expected = whole[variable].to_numpy()[..., rows, columns]
        np.testing.assert_array_equal(part[variable].to_numpy(), expected, err_msg=variable)


def test_a_missing_period_makes_the_cell_missing(case: Case) -> None:
    for key, layer in case.needed().items():
        if "return_period" not in layer.dims:
            continue
        for period in range(layer.sizes["return_period"]):
            changed = layer.copy(deep=True)
            changed[period, 5, 5] = np.nan
            assert np.isnan(case.index(case.inputs | {key: changed})[5, 5]), key


@pytest.mark.parametrize("seed", [1, 2])
def test_index_follows_the_declared_direction(case: Case, seed: int) -> None:
    if not case.spec.monotone:
        pytest.skip("declared as not monotone")
    before = case.index()
    rng = np.random.default_rng(seed)
    for direction in (1, -1):
        for key, layer in case.layers(direction=direction).items():
            limits = standards.quantity(layer.attrs["quantity"]).hard or (-np.inf, np.inf)
            spread = float(layer.max() - layer.min()) or 1.0
            for step in (0.02 * spread, 0.5 * spread):
                more = layer + direction * step * rng.random(layer.shape[-2:])
                more = more.clip(*limits).assign_attrs(layer.attrs)
                after = case.index(case.inputs | {key: more})
                assert np.all((after >= before - 1e-12) | np.isnan(before)), (key, step)


def test_dask_gives_the_numbers_of_numpy_and_stays_lazy(case: Case, lazy: Callable[[Inputs], Inputs]) -> None:
    expected = case.assess()
    found = case.assess(lazy(case.inputs))
    for variable in case.outputs():
        if case.layers(native=False):
            assert found[variable].chunks is not None, variable
        np.testing.assert_allclose(found[variable].to_numpy(), expected[variable].to_numpy(), rtol=1e-12, atol=1e-12)


def test_calibration_of_dask_is_that_of_numpy(case: Case, lazy: Callable[[Inputs], Inputs]) -> None:
    params = case.spec.params()
    with hearing(Journal()):
        again = case.spec.calibrate(case.spec.prepare(lazy(case.inputs), params, case.grid), params)
    assert_same(again, case.calibration, "")


def assert_same(found: Any, expected: Any, place: str) -> None:
    if isinstance(expected, dict):
        assert list(found) == list(expected), place
        for key, value in expected.items():
            assert_same(found[key], value, f"{place}.{key}")
    elif isinstance(expected, (list, tuple)):
        assert len(found) == len(expected), place
        for i, value in enumerate(expected):
            assert_same(found[i], value, f"{place}[{i}]")
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True), place
    else:
        assert found == expected, place


def test_inputs_stay_unchanged(hazard_grid: GeoBox, example_inputs: Callable[..., Inputs], case: Case) -> None:
    before = example_inputs(case.name, hazard_grid, seed=3)
    calibration = copy.deepcopy(case.calibration)
    case.assess(case.inputs).compute()
    assert_same(case.calibration, calibration, "")
    for key, value in before.items():
        now = case.inputs[key]
        if isinstance(value, (xr.DataArray, xr.Dataset)):
            assert value.identical(now), key
        elif isinstance(value, gpd.GeoDataFrame):
            assert value.equals(now), key
        elif isinstance(value, pd.DataFrame):
            pd.testing.assert_frame_equal(value, now)


def told(case: Case, inputs: Inputs, kind: type[LayerError] = LayerError) -> list[str]:
    """What the problems of a refusal are about; each of them has all its parts."""
    with pytest.raises(kind) as caught:
        case.assess(inputs)
    for problem in caught.value.problems:
        assert all((problem.file, problem.found, problem.required, problem.fix))
    return [problem.file for problem in caught.value.problems]


def changed(case: Case, keys: Iterable[str], change: Callable[[Any], Any]) -> list[tuple[str, Inputs]]:
    """The inputs with one of them changed, for each key; a hazard without such an input has nothing to show."""
    made = [(key, case.inputs | {key: change(case.inputs[key])}) for key in keys]
    if not made:
        pytest.skip("no such input")
    return made


def test_wrong_units_name_the_input(case: Case) -> None:
    for key, inputs in changed(case, case.layers(), lambda layer: layer.assign_attrs(units="furlong")):
        assert any(f"'{key}'" in place for place in told(case, inputs, UnitsError)), key


def test_a_missing_input_is_named(case: Case) -> None:
    required = [item for item in case.spec.inputs if item.required]
    assert required, "a hazard without a required input cannot be refused"
    for item in required:
        rest = {key: value for key, value in case.inputs.items() if key not in (item.key, *item.alternatives)}
        assert any(f"'{item.key}'" in place for place in told(case, rest)), item.key


def test_a_foreign_crs_names_the_input(case: Case) -> None:
    for key, inputs in changed(case, case.layers(native=False), lambda layer: layer.odc.assign_crs("EPSG:32650")):
        assert any(f"'{key}'" in place for place in told(case, inputs)), key


def test_a_shifted_grid_names_the_input(case: Case) -> None:
    moved = changed(case, case.layers(native=False), lambda layer: layer.assign_coords(x=layer.x + 250.0))
    for key, inputs in moved:
        assert any(f"'{key}'" in place for place in told(case, inputs)), key


def test_a_frame_without_crs_is_named(case: Case) -> None:
    frames = [key for key, value in case.inputs.items() if isinstance(value, gpd.GeoDataFrame)]
    for key, inputs in changed(case, frames, lambda frame: frame.set_crs(None, allow_override=True)):
        assert any(f"'{key}'" in place for place in told(case, inputs, MissingCRSError)), key


def test_all_problems_are_reported_at_once(case: Case) -> None:
    keys = list(case.layers())
    if len(keys) < 2:
        pytest.skip("one layer only")
    wrong = {key: layer.assign_attrs(units="furlong") for key, layer in case.layers().items()}
    with pytest.raises(LayerError) as caught:
        case.assess(case.inputs | wrong)
    assert len(caught.value.problems) == len(keys)
