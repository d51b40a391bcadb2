"""One contract for all receptors of the registry: nothing is lost, nothing is changed, messages name the input."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from odc.geo.geobox import GeoBox
from pydantic import ValidationError

from riskzoning import standards
from riskzoning.errors import ConfigError, LayerError
from riskzoning.exposure import RECEPTORS, Exposed, Ground, ReceptorSpec, StudyUnits
from riskzoning.layers import check_layer, grid_of

from .examples import EXAMPLES, Example, changed

each_receptor = pytest.mark.parametrize("name", list(RECEPTORS))


class Case:
    """A receptor with example inputs on ground of its own; rasters lie on a finer grid that reaches further."""

    def __init__(self, name: str, ground: Ground, own: GeoBox) -> None:
        self.name, self.ground = name, ground
        self.spec: ReceptorSpec[Any] = RECEPTORS[name.partition("/")[0]]
        self.example: Example = EXAMPLES[name](ground, own)

    def prepare(self, example: Example | None = None, **inputs: Any) -> Exposed:
        example = example or self.example
        return self.spec.prepare({**example.inputs, **inputs}, example.params, self.ground)

    def layers(self) -> dict[str, xr.DataArray]:
        return {key: value for key, value in self.example.inputs.items() if isinstance(value, xr.DataArray)}


@pytest.fixture
def ground(make_grid: Any, make_towns: Any) -> Ground:
    grid = make_grid(rows=20, columns=25)
    return Ground(grid, StudyUnits(make_towns(grid, 5, seed=2)))


@pytest.fixture(params=list(EXAMPLES))
def case(request: pytest.FixtureRequest, ground: Ground, make_grid: Any) -> Case:
    return Case(request.param, ground, make_grid(rows=44, columns=52, resolution=50))


def test_every_receptor_has_an_example() -> None:
    assert {name.partition("/")[0] for name in EXAMPLES} == set(RECEPTORS)


@each_receptor
def test_specification_is_complete(name: str) -> None:
    spec = RECEPTORS[name]
    assert spec.name == name
    assert all(spec.title[lang] != name for lang in ("zh", "en") if "_" in name or lang == "zh")
    for count in spec.counts:
        assert standards.quantity(count.quantity).kind == "count"
        assert count.title("zh") != count.name
        assert count.units == standards.quantity(count.quantity).units
    names = [count.name for count in spec.counts]
    assert set(spec.preferred) <= set(names)
    assert spec.loss_count is None or spec.loss_count in names
    assert {item.key for item in spec.inputs} <= set(spec.params.model_fields)
    assert set(spec.spread_by) <= set(RECEPTORS)
    assert all(item.quantity is None or standards.quantity(item.quantity) for item in spec.inputs)


def test_counts_and_names_that_others_rely_on() -> None:
    counts = {name: [count.name for count in spec.counts] for name, spec in RECEPTORS.items()}
    assert counts == {
        "population": ["population"],
        "economy": ["gdp_yuan"],
        "buildings": ["building_area_m2", "building_value_yuan"],
        "crops": ["cropland_ha", "crop_value_yuan"],
        "roads": ["road_km", "road_value_yuan"],
        "public_services": ["public_service_users"],
        "forest": ["forest_ha", "forest_value_yuan"],
    }
    stated = standards.table("weights/receptors").data
    assert {name: spec.weight for name, spec in RECEPTORS.items() if spec.weight is not None} == stated


@each_receptor
def test_what_the_index_takes_has_a_density_and_a_scale(name: str) -> None:
    spec = RECEPTORS[name]
    taken = next(count for count in spec.counts if count.name == spec.indexed([one.name for one in spec.counts]))
    scale = standards.table("exposure/scales").data[name]
    assert standards.quantity(f"{taken.quantity}_density").units == scale["units"]


@each_receptor
def test_parameters_refuse_what_they_do_not_know(name: str) -> None:
    with pytest.raises(ValidationError):
        RECEPTORS[name].params(no_such_parameter=1)


def test_totals_are_kept(case: Case) -> None:
    exposed = case.prepare()
    assert list(exposed.counts) == list(case.example.totals)
    assert set(exposed.counts) <= {count.name for count in case.spec.counts}
    for name, (layer, total) in exposed.counts.items():
        assert total.input == pytest.approx(case.example.totals[name], rel=1e-9)
        assert float(layer.sum()) == pytest.approx(total.on_grid, abs=1e-9 * total.input)
        assert total.beyond_grid >= 0
    assert case.spec.indexed(exposed.counts) in exposed.counts


def test_counts_lie_on_the_grid_in_their_units(case: Case) -> None:
    exposed = case.prepare()
    for count in (count for count in case.spec.counts if count.name in exposed.counts):
        layer = check_layer(exposed.counts[count.name].layer, name=count.name, quantity=count.quantity)
        assert grid_of(layer) == case.ground.grid
        assert layer.attrs["units"] == count.units
        assert float(layer.min()) >= 0
    if exposed.vulnerability is not None:
        assert grid_of(exposed.vulnerability) == case.ground.grid
        assert 0 <= float(exposed.vulnerability.min()) <= float(exposed.vulnerability.max()) <= 1


def test_totals_of_tables_and_points_are_known_before(case: Case) -> None:
    totals = case.spec.totals(case.example.inputs, case.spec.params(**case.example.params), case.ground.scan)
    for name, total in totals.items():
        assert total == pytest.approx(case.example.totals[name], rel=1e-9)


def test_a_missing_cell_takes_nothing_else_with_it(case: Case) -> None:
    for key, layer in case.layers().items():
        holed = layer.copy(deep=True)
        holed[-3:, -3:] = np.nan if layer.dtype.kind == "f" else 0
        exposed = case.prepare(**{key: holed})
        for name, (counted, total) in exposed.counts.items():
            assert np.isfinite(total.input), (key, name)
            assert float(counted.sum()) == pytest.approx(total.on_grid, abs=1e-9 * total.input)
            assert np.isfinite(counted.to_numpy()[:10]).all() or not np.isfinite(layer.to_numpy()[:20]).all()


def test_input_in_another_crs_gives_the_same_total(case: Case) -> None:
    frames = {key: value for key, value in case.example.inputs.items() if isinstance(value, gpd.GeoDataFrame)}
    for key, frame in frames.items():
        exposed = case.prepare(**{key: frame.to_crs("EPSG:4490")})
        for name, counted in exposed.counts.items():
            assert counted.total.input == pytest.approx(case.example.totals[name], rel=1e-6)
    for key, layer in case.layers().items():
        if case.spec.name == "economy" and key == "spread_by":
            continue  # a weight comes on the grid
        degrees = layer.odc.reproject("EPSG:4490", resampling="nearest") if layer.dtype.kind != "f" else None
        if degrees is not None:
            degrees = degrees.rename(latitude="y", longitude="x").assign_attrs(layer.attrs)
            exposed = case.prepare(**{key: degrees})
            for counted in exposed.counts.values():
                total = counted.total
                assert float(counted.layer.sum()) == pytest.approx(total.on_grid, abs=1e-9 * total.input)


def test_inputs_stay_unchanged(case: Case) -> None:
    before = copy.deepcopy(case.example.inputs)
    for counted in case.prepare().counts.values():
        counted.layer.compute()
    for key, value in before.items():
        now = case.example.inputs[key]
        if isinstance(value, xr.DataArray):
            xr.testing.assert_identical(now, value)
        else:
            pd.testing.assert_frame_equal(pd.DataFrame(now), pd.DataFrame(value))


def test_dask_gives_the_numbers_of_numpy(case: Case) -> None:
    if not case.layers():
        pytest.skip("no raster goes in")
    expected = case.prepare()
    lazy = case.prepare(**{key: layer.chunk({"y": 7, "x": 9}) for key, layer in case.layers().items()})
    for name, counted in lazy.counts.items():
        np.testing.assert_allclose(counted.layer, expected.counts[name].layer, rtol=1e-12, atol=1e-12)
        assert counted.total.input == pytest.approx(expected.counts[name].total.input, rel=1e-12)


def test_what_is_wrong_is_refused_by_the_name_of_the_input(case: Case) -> None:
    assert case.example.wrong or "/" in case.name
    for name, (key, _, _) in case.example.wrong.items():
        with pytest.raises(LayerError) as caught:
            case.prepare(changed(case.example, name))
        assert {problem.about for problem in caught.value.problems} == {case.spec.thing(key)}, name
        assert all(problem.text("zh") != problem.text("en") for problem in caught.value.problems)


@each_receptor
def test_a_missing_input_is_named(name: str, ground: Ground, case_params: Callable[[str], dict[str, Any]]) -> None:
    spec = RECEPTORS[name]
    with pytest.raises(LayerError) as caught:
        spec.prepare({}, case_params(name), ground)
    (problem,) = caught.value.problems
    assert problem.rule in ("input.missing", "input.missing_any")
    assert problem.about == spec.thing(next(item.key for item in spec.inputs if item.required))


@pytest.fixture
def case_params(ground: Ground, make_grid: Any) -> Callable[[str], dict[str, Any]]:
    return lambda name: EXAMPLES[name](ground, make_grid()).params


@each_receptor
def test_wrong_parameters_are_named(name: str, ground: Ground) -> None:
    with pytest.raises(ConfigError) as caught:
        RECEPTORS[name].prepare({}, {"no_such_parameter": 1}, ground)
    assert {problem.rule for problem in caught.value.problems} == {"exposure.params"}
