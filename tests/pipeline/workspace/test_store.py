"""What a run keeps is what it gets back: layers, facts and tables, in the same bytes each time."""

from __future__ import annotations

import json
import math
import pickle
import threading
from pathlib import Path

import dask.array as da
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import grid as grids
from riskzoning import io
from riskzoning.errors import Problem, RunError
from riskzoning.layers import layer_on
from riskzoning.pipeline.workspace import store as stores
from riskzoning.pipeline.workspace import values
from riskzoning.pipeline.workspace.store import CogSink, CogStore, Store, band_names, fingerprint


@pytest.fixture
def grid() -> GeoBox:
    return grids.analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)


def write(store: Store, key: str, layer: xr.DataArray) -> None:
    sink = store.sink({key: layer})
    names = band_names(key, layer)
    for row in (0, 1):
        sink.update(row, {name: layer.values.reshape(-1, 2, 3)[i, row : row + 1] for i, name in enumerate(names)})
    sink.close()


def test_equal_values_have_equal_fingerprints() -> None:
    assert fingerprint({"b": 1, "a": 2}) == fingerprint({"a": 2, "b": 1})
    assert fingerprint({"b": 1}) != fingerprint({"b": 2})


@pytest.mark.parametrize("small", [0, 100])
def test_a_layer_is_there_when_it_is_whole(
    tmp_path: Path, grid: GeoBox, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(stores, "_SMALL", small)
    store = Store(tmp_path, grid)
    slope = layer_on(grid, np.arange(6.0).reshape(2, 3), quantity="slope", source="dem.tif", steps=2)
    sink = store.sink({"slope": slope})
    sink.update(0, {"slope": slope.values})
    assert not store.has("slope")
    sink.close()
    assert store.has("slope")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["slope.json", "slope.tif"]
    again = store.get("slope")
    # A layer of few cells is read at once, a larger one block by block.
    assert (again.chunks is None) == bool(small)
    xr.testing.assert_equal(again.compute(), slope)
    assert {key: again.attrs[key] for key in ("quantity", "units", "source", "steps")} == {
        "quantity": "slope", "units": "degree", "source": "dem.tif", "steps": 2,
    }  # fmt: skip


@pytest.mark.parametrize("small", [0, 100])
def test_a_stack_keeps_its_return_periods(
    tmp_path: Path, grid: GeoBox, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(stores, "_SMALL", small)
    store = Store(tmp_path, grid)
    depth = layer_on(grid, np.arange(12.0).reshape(2, 2, 3), quantity="flood_depth", return_periods=[10, 100])
    assert band_names("depth", depth) == ["depth@10", "depth@100"]
    write(store, "depth", depth)
    again = store.get("depth")
    assert again["return_period"].values.tolist() == [10, 100]
    np.testing.assert_array_equal(again, depth)


def test_the_token_of_a_lazy_array_is_no_name(tmp_path: Path, grid: GeoBox) -> None:
    store = Store(tmp_path, grid)
    lazy = layer_on(grid, da.ones((2, 3)), quantity="slope")
    lazy.name = lazy.data.name  # as one that is made of a lazy array without a name
    store.sink({"slope": lazy}).close()
    assert '"name": null' in (tmp_path / "slope.json").read_text(encoding="utf-8")
    write(store, "steep", layer_on(grid, np.ones((2, 3)), quantity="slope", name="steep"))
    assert store.get("steep").name == "steep"


def test_a_layer_written_again_is_opened_anew(tmp_path: Path, grid: GeoBox) -> None:
    store = Store(tmp_path, grid)
    for value in (1.0, 2.0):
        write(store, "slope", layer_on(grid, np.full((2, 3), value), quantity="slope"))
        assert float(store.get("slope").max()) == value


def test_facts_come_back_in_their_order(tmp_path: Path, grid: GeoBox) -> None:
    store = Store(tmp_path, grid)
    facts = {"zeta": {"b": [1, 2.5], "a": None}, "名": "站", "share": 1 / 3}
    store.keep_facts("meteorology", facts)
    again = Store(tmp_path, grid).facts("meteorology")
    assert again == facts
    assert list(again) == list(facts)
    assert list(again["zeta"]) == ["b", "a"]


def test_tables_come_back_with_index_and_types_and_in_the_same_bytes(tmp_path: Path, grid: GeoBox) -> None:
    store = Store(tmp_path, grid)
    events = pd.DataFrame(
        {
            "start": pd.to_datetime(["2001-07-01", "2002-08-03"]),
            "total": [0.1 + 0.2, math.nan],
            "days": [3, 1],
            "complete": [True, False],
        },
        index=pd.Index(["57001", "57002"], name="station"),
    )
    store.keep_table("rainstorm_events", events)
    first = (tmp_path / "rainstorm_events.arrow").read_bytes()
    pd.testing.assert_frame_equal(Store(tmp_path, grid).table("rainstorm_events"), events)
    store.keep_table("rainstorm_events", events.copy())
    assert (tmp_path / "rainstorm_events.arrow").read_bytes() == first


def test_published_layers_lie_apart_from_their_facts(tmp_path: Path, grid: GeoBox) -> None:
    store = CogStore(tmp_path / "layers", tmp_path / "work", grid, "410700")
    grade = layer_on(grid, np.array([[1, 2, 3], [4, 0, 1]], dtype=np.uint8), quantity="grade")
    sink = CogSink(
        store, {"grade": grade}, colours={"grade": ["#ffffff", "#aaaaaa", "#555555", "#000000"]}, tags={"A": "b"}
    )
    for row in (0, 1):
        sink.update(row, {"grade": grade.values[row : row + 1]})
    assert store.names() == []
    sink.close()
    assert store.names() == ["grade"]
    assert store.path("grade").relative_to(tmp_path).as_posix() == "layers/410700_grade.tif"
    assert store.facts_path("grade").relative_to(tmp_path).as_posix() == "work/grade.json"
    np.testing.assert_array_equal(store.get("grade"), grade)


def test_files_that_are_encoded_beside_a_block_are_whole_when_it_ends_however_it_ends(
    tmp_path: Path, grid: GeoBox
) -> None:
    store = CogStore(tmp_path / "layers", tmp_path / "work", grid, "410700")
    layers = {name: layer_on(grid, np.full((2, 3), at), quantity="slope") for at, name in enumerate("abc")}
    sink = CogSink(store, layers)
    sink.update(0, {name: layer.values for name, layer in layers.items()})
    with sink.closing():
        assert store.names() == []
    assert store.names() == ["a", "b", "c"]
    np.testing.assert_array_equal(store.get("b"), layers["b"])
    other = CogStore(tmp_path / "other", tmp_path / "more", grid, "410700")
    sink = CogSink(other, layers)
    sink.update(0, {name: layer.values for name, layer in layers.items()})
    with pytest.raises(RuntimeError, match="in the block"), sink.closing():
        raise RuntimeError("in the block")
    # Nobody writes any more, and what is not whole is not there.
    assert sorted(path.name for path in other.path("a").parent.iterdir()) == [f"410700_{name}.tif" for name in "abc"]
    assert other.names() == []


def test_files_are_encoded_while_the_block_goes_on_and_what_fails_is_told(
    tmp_path: Path, grid: GeoBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    going_on, work = threading.Event(), io.CogWriter.close

    def late(writer: io.CogWriter) -> None:
        if not going_on.wait(10):
            raise TimeoutError("the block waited for its files")
        work(writer)

    store = CogStore(tmp_path / "layers", tmp_path / "work", grid, "410700")
    layers = {name: layer_on(grid, np.full((2, 3), 1.0), quantity="slope") for name in "ab"}
    sink = CogSink(store, layers)
    sink.update(0, {name: layer.values for name, layer in layers.items()})
    with monkeypatch.context() as patch:
        patch.setattr(io.CogWriter, "close", late)
        with sink.closing():
            going_on.set()
    assert store.names() == ["a", "b"]

    def failing(writer: io.CogWriter) -> None:
        work(writer)
        if writer.path.stem.endswith("b"):
            raise RunError(Problem("output.write", writer.path, reason="the disk is full"))

    other = CogStore(tmp_path / "other", tmp_path / "more", grid, "410700")
    sink = CogSink(other, layers)
    sink.update(0, {name: layer.values for name, layer in layers.items()})
    monkeypatch.setattr(io.CogWriter, "close", failing)
    with pytest.raises(RunError, match="the disk is full"), sink.closing():
        pass
    assert other.names() == []


def test_values_of_few_layers_are_held_and_all_come_back(
    tmp_path: Path, grid: GeoBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Room for two layers of six cells of eight bytes.
    monkeypatch.setattr(stores, "_HELD", 96)
    store = Store(tmp_path, grid)
    layers = {name: layer_on(grid, np.full((2, 3), at), quantity="slope") for at, name in enumerate("abcd")}
    for name, layer in layers.items():
        write(store, name, layer)
    for name in "abcdabba":
        np.testing.assert_array_equal(store.get(name), layers[name])
    assert list(store._opened) == ["b", "a"]


def test_what_was_just_written_is_not_read_again(tmp_path: Path, grid: GeoBox, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path, grid)
    depth = layer_on(
        grid, np.arange(12.0, dtype=np.float32).reshape(2, 2, 3), quantity="flood_depth", return_periods=[10, 100]
    )
    write(store, "depth", depth)
    from_file = Store(tmp_path, grid).get("depth").load()
    monkeypatch.setattr(stores, "stored_values", lambda path: pytest.fail(f"{path} was read"))
    held = store.get("depth")
    xr.testing.assert_identical(held, from_file)
    assert held.dtype == np.float32


def test_values_are_read_when_they_are_asked_for_and_once(
    tmp_path: Path, grid: GeoBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    depth = layer_on(
        grid, np.arange(12.0, dtype=np.float32).reshape(2, 2, 3), quantity="flood_depth", return_periods=[10, 100]
    )
    write(Store(tmp_path, grid), "depth", depth)
    read: list[Path] = []
    from_file = stores.stored_values
    monkeypatch.setattr(stores, "stored_values", lambda path: read.append(path) or from_file(path))
    store = Store(tmp_path, grid)
    layer = store.get("depth")
    assert (layer.dtype, layer.shape) == (np.float32, (2, 2, 3))
    assert not read
    store.read_ahead(["depth"], 2)
    assert len(read) == 1
    # Another run of this process finds them in memory; another process, or after the file was put anew, reads them.
    assert Store(tmp_path, grid).get("depth").values.sum() == depth.values.sum()
    assert len(read) == 1
    for name, empty in (("_held", type(values._held)()), ("_users", type(values._users)()), ("_bytes", 0)):
        monkeypatch.setattr(values, name, empty)
    store, read[:] = Store(tmp_path, grid), []
    layer = store.get("depth")
    lower = layer.isel(return_period=1, y=slice(1, 2), drop=True)
    copied = pickle.loads(pickle.dumps(lower))
    assert not read
    np.testing.assert_array_equal(lower, depth.values[1, 1:2])
    np.testing.assert_array_equal(store.get("depth") * 2, depth.values * 2)
    assert read == [tmp_path / "depth.tif"]
    np.testing.assert_array_equal(copied, depth.values[1, 1:2])


def test_a_layer_whose_type_was_not_kept_comes_back(tmp_path: Path, grid: GeoBox) -> None:
    slope = layer_on(grid, np.arange(6.0, dtype=np.float32).reshape(2, 3), quantity="slope")
    write(Store(tmp_path, grid), "slope", slope)
    facts = json.loads((tmp_path / "slope.json").read_text(encoding="utf-8"))
    assert facts.pop("dtype") == "float32"
    (tmp_path / "slope.json").write_text(json.dumps(facts), encoding="utf-8")
    np.testing.assert_array_equal(Store(tmp_path, grid).get("slope"), slope)
