import numpy as np
import pyogrio
import pytest
import rasterio
import shapely

from riskzoning.errors import ConfigError
from riskzoning.samples import large, large_units, write_large


@pytest.mark.parametrize(("count", "seed"), [(4, 1), (60, 1), (500, 2), (2400, 20260630)])
def test_units_of_any_number_tile_each_other(count, seed):
    units = large_units(count, seed=seed)
    towns, counties, cities = (units[units["level"] == level] for level in ("township", "county", "city"))
    assert len(towns) == count
    assert units.index.is_unique
    assert units.index.str.fullmatch(r"\d{6}|\d{9}").all()
    for inner, outer in ((towns, counties), (counties, cities)):
        assert shapely.is_valid(inner.geometry.to_numpy()).all()
        assert shapely.coverage_is_valid(inner.geometry.to_numpy())
        assert set(inner["parent"]) == set(outer.index)
        assert shapely.area(inner.geometry).sum() == pytest.approx(shapely.area(outer.geometry).sum(), rel=1e-9)
    assert towns["parent"].value_counts().max() <= 15


def test_a_large_sample_is_written_in_bands_that_fit_together(tmp_path, monkeypatch):
    write_large(tmp_path / "a", cells=3e5, townships=40, seed=4, depth_periods=(5, 100), pga_periods=(50, 475))
    monkeypatch.setattr(large, "_TILE", 128)
    write_large(tmp_path / "b", cells=3e5, townships=40, seed=4, depth_periods=(5, 100), pga_periods=(50, 475))
    values = {}
    for name in ("elevation", "population", "pga_50", "pga_475", "depth_5", "depth_100"):
        with rasterio.open(tmp_path / "a" / f"{name}.tif") as one, rasterio.open(tmp_path / "b" / f"{name}.tif") as two:
            values[name] = one.read(1)
            assert np.array_equal(values[name], two.read(1)), name
            assert 2.9e5 < values[name].size < 3.1e5
            assert one.profile["tiled"]
            assert one.nodata == -9999
    valid = values["depth_5"] != -9999
    assert 0.5 < valid.mean() < 0.95
    assert (values["depth_100"][valid] >= values["depth_5"][valid]).all()
    assert (values["pga_475"][valid] > values["pga_50"][valid]).all()
    assert values["population"][valid].min() >= 0
    assert set(pyogrio.list_layers(tmp_path / "a" / "admin.gpkg")[:, 0]) == {"city", "county", "township"}


def test_sizes_out_of_range_are_refused_together(tmp_path):
    with pytest.raises(ConfigError) as caught:
        write_large(tmp_path / "a", cells=10, townships=1)
    assert [problem.rule for problem in caught.value.problems] == ["samples.size", "samples.units"]
    assert all(problem.found and problem.required and problem.fix for problem in caught.value.problems)
    assert list(tmp_path.iterdir()) == []
