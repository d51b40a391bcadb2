"""Lazy faces: what they list, what they import for readers, and what they give when asked, are one and the same."""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio

import riskzoning
from riskzoning.faces import _CALLED, lazy, public_names

PACKAGE = Path(riskzoning.__file__).parent
LAZY = sorted(path for path in PACKAGE.rglob("__init__.py") if "lazy(__name__" in path.read_text(encoding="utf-8"))


def _name(path: Path) -> str:
    return ".".join(path.parent.relative_to(PACKAGE.parent).parts)


def _for_readers(path: Path) -> dict[str, str]:
    """Name -> module, as imported under ``if TYPE_CHECKING``."""
    shown: dict[str, str] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for line in node.body:
                assert isinstance(line, ast.ImportFrom)
                assert line.module is not None
                shown.update({alias.asname or alias.name: line.module for alias in line.names})
    return shown


@pytest.mark.parametrize("path", LAZY, ids=_name)
def test_a_lazy_face_says_the_same_three_times(path: Path) -> None:
    face = importlib.import_module(_name(path))
    listed = set(getattr(face, "__all__", dir(face)))
    for name, module in _for_readers(path).items():
        home = importlib.import_module(module)
        wanted = importlib.import_module(f"{module}.{name}") if home is face else getattr(home, name)
        assert getattr(face, name) is wanted, name
    for name in listed:
        assert hasattr(face, name), name
    if hasattr(face, "__all__"):
        assert set(_for_readers(path)) | {"__version__"} >= listed


@pytest.mark.parametrize("path", LAZY, ids=_name)
def test_no_module_of_a_lazy_face_hides_a_public_name(path: Path) -> None:
    # `import package.name` binds the module to the package: a function of the same name would be lost or not.
    inside = {child.stem for child in path.parent.iterdir() if child.suffix == ".py" or child.is_dir()}
    functions = {name for name, module in _for_readers(path).items() if module != _name(path)}
    assert not inside & functions


def test_every_public_name_is_reached_by_star_and_by_name() -> None:
    code = "from riskzoning import *\nimport riskzoning\nprint(len([globals()[name] for name in riskzoning.__all__]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == len(riskzoning.__all__) > 30
    assert set(riskzoning.__all__) <= set(dir(riskzoning))


def test_a_name_is_loaded_once_and_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(vars(riskzoning), "cell_area", raising=False)
    get, names = lazy("riskzoning", {".grid": ["cell_area"]}, ["methods"])
    assert names() == sorted(riskzoning.__all__)
    assert get("cell_area") is vars(riskzoning)["cell_area"]
    assert get("methods") is sys.modules["riskzoning.methods"]


def test_a_wrong_name_names_the_package_and_carries_what_python_needs_to_suggest() -> None:
    get, _ = lazy("riskzoning", {".grid": ["cell_area"]})
    with pytest.raises(AttributeError, match="module 'riskzoning' has no attribute 'qqqqq'") as caught:
        get("qqqqq")
    assert caught.value.name == "qqqqq"
    assert caught.value.obj is riskzoning


# What a reader of a raster and its units does not need; the first row not even to have the package.
_NEVER = {"matplotlib", "folium", "xclim", "sklearn", "distributed", "dask.array", "zarr", "pyflwdir", "openpyxl",
          "sqlalchemy", "mapclassify", "rasterstats", "rioxarray", "scipy.spatial", "scipy.stats", "scipy.ndimage",
          "h5netcdf", "netCDF4", "pydantic", "rich", "typer"}  # fmt: skip
_FIRST = {"numpy", "pandas", "geopandas", "xarray", "numba", "rasterio", "pyproj", "shapely", "dask", "scipy", "yaml"}


def _modules_after(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(done.stdout.split())


def test_the_package_alone_imports_nothing_heavy() -> None:
    assert not _modules_after("import riskzoning") & (_NEVER | _FIRST)


def test_statistics_of_a_raster_import_no_more_than_they_use(tmp_path: Path) -> None:
    with rasterio.open(
        tmp_path / "a.tif", "w", driver="GTiff", width=4, height=4, count=1, dtype="float32", crs="EPSG:4547",
        transform=rasterio.Affine(100, 0, 0, 0, -100, 400),
    ) as file:  # fmt: skip
        file.write(np.arange(16, dtype="float32").reshape(1, 4, 4))
    code = f"""
import geopandas
import riskzoning as rz
from shapely import box
units = geopandas.GeoDataFrame(geometry=[box(0, 0, 200, 400)], crs="EPSG:4547")
assert rz.zonal_statistics({str(tmp_path / "a.tif")!r}, units)["mean"].tolist() == [6.5]
"""
    after = _modules_after(code)
    assert "rasterio" in after
    assert not after & _NEVER


@pytest.mark.parametrize(
    ("face", "name", "hint"),
    [
        ("riskzoning", "ahp", "it is riskzoning.methods.weights.ahp"),
        ("riskzoning", "ahp_weights", "did you mean riskzoning.methods.weights.ahp?"),
        ("riskzoning", "cell_aria", "did you mean riskzoning.cell_area?"),
        ("riskzoning", "Zonal_Statistics", "it is riskzoning.zonal_statistics"),
        ("riskzoning", "gcj02_to_wgs84", "it is riskzoning.admin.gcj02_to_wgs84"),
        ("riskzoning", "expected_anual_los", "did you mean riskzoning.expected_annual_loss?"),
        ("riskzoning.methods", "topsys", "did you mean riskzoning.methods.weights.topsis?"),
        ("riskzoning.methods.weights", "aph", "did you mean riskzoning.methods.weights.ahp?"),
        ("riskzoning.admin", "natural_breaks", "it is riskzoning.natural_breaks"),
        ("riskzoning.hazards", "floods", "did you mean riskzoning.hazards.flood?"),
        ("riskzoning", "flood", "it is riskzoning.hazards.flood"),
        ("riskzoning", "zonal_stats", "it is riskzoning.zonal_statistics"),
        ("riskzoning", "read_study", "did you mean riskzoning.load_study?"),
        ("riskzoning", "Jenks", "it is riskzoning.natural_breaks"),
    ],
)
def test_a_wrong_name_says_where_it_is_or_what_is_like_it(face: str, name: str, hint: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(importlib.import_module(face), name)
    assert str(caught.value).startswith(f"module '{face}' has no attribute '{name}': {hint}")


@pytest.mark.parametrize("face", sorted(public_names()))
def test_every_face_answers_wrong_names_and_offers_what_it_lists(face: str) -> None:
    module = importlib.import_module(face)
    first = next(name for name in public_names()[face] if not name.startswith("_") and len(name) > 3)
    with pytest.raises(AttributeError, match=rf"has no attribute '{first}x': (it is|did you mean) riskzoning\."):
        getattr(module, f"{first}x")
    with pytest.raises(AttributeError, match=r"has no attribute '__wrapped__'$"):
        _ = module.__wrapped__
    assert [name for name in public_names()[face] if not hasattr(module, name)] == []


@pytest.mark.parametrize("place", _CALLED)
def test_a_name_of_other_packages_leads_to_what_is_there_and_hides_nothing(place: str) -> None:
    face, _, name = place.rpartition(".")
    assert hasattr(importlib.import_module(face), name)
    offered = {known.lower() for names in public_names().values() for known in names}
    faces = {known.rpartition(".")[2] for known in public_names()}
    assert not set(_CALLED[place]) & (offered | faces)


def test_every_room_that_offers_something_to_call_is_reached_by_tab() -> None:
    # What no analyst calls: the bottom of the house, and the command line.
    inner = {"cards", "cli", "codes", "files", "inputs", "limits", "numerals", "places", "rasters", "yamls"}
    rooms = {face.split(".")[1] for face in public_names() if face.count(".") >= 1}
    assert rooms - inner <= set(dir(riskzoning))


# What notebooks and other programs call: name, arguments by position, arguments by keyword.
CALLED_FROM_OUTSIDE = """
grid.analysis_grid bounds / crs resolution
grid.align layer grid / quantity resampling
zoning.zonal_statistics layer units statistics / weights coverage
zoning.natural_breaks values k /
zoning.classify values scheme / k breaks closed multiples ddof exclude_zero
zoning.merge_small_patches classes min_cells / connectivity
zoning.regionalise units columns / n_regions method min_size
risk.expected_annual_loss losses return_periods / method tail
risk.exceedance_curve event_losses frequencies / return_periods
risk.risk_index hazard exposure vulnerability / form weights
risk.risk_matrix hazard_grade consequence_grade matrix /
risk.combine_hazards indices weights / method
vulnerability.LossCurve intensity loss_ratio / quantity element source
vulnerability.loss_ratio intensity curve /
vulnerability.load_curve name /
methods.weights.ahp matrix / method random_index
methods.weights.entropy matrix / directions normalise
methods.weights.critic matrix / directions normalise
methods.weights.topsis matrix weights / directions normalisation
methods.extremes.fit values distribution / method
methods.susceptibility.information_value classes events / floor cell_area
methods.susceptibility.frequency_ratio classes events / floor cell_area
methods.susceptibility.certainty_factor classes events / floor cell_area
methods.susceptibility.weights_of_evidence classes events / floor cell_area
methods.uncertainty.class_stability indices weights breaks / draws concentration seed
methods.interpolation.interpolate stations column grid / method covariates
hazards.earthquake.site_amplification pga_g site_class /
hazards.earthquake.instrumental_intensity / pga pgv
hazards.earthquake.attenuation magnitude distance_km / region axis measure
hazards.flood.composite_risk depths return_periods / form weights breaks
hazards.flood.height_above_nearest_drainage dem / min_upstream_area_km2
hazards.meteorology.cold_wave_level tmin / time_dim
hazards.meteorology.rain_grade amount_mm / hours
hazards.meteorology.snow_grade amount_mm / hours
hazards.meteorology.spells values threshold / op min_length
hazards.forest_fire.fire_weather_index temperature humidity wind_kmh precipitation_mm / latitude dates start
hazards.forest_fire.ignition_density points grid / radius_m
capacity.capacity_index indicators weights / directions
history.loss_indicators annual /
surveys.check frame form / units directory related
database.open_database target /
exposure.exposed_objects objects grades / buffer_m
zoning.planning.what_if polygon result /
comparison.compare_runs run_a run_b /
maps.zoning_map units_or_layer / column title lang
webmap.explore result_or_units_or_layer / column scheme lang
webmap.site result folder /
pipeline.run_study study out / resume reuse
"""


def test_names_that_others_call_take_the_arguments_that_they_pass() -> None:
    wrong = []
    for line in CALLED_FROM_OUTSIDE.strip().splitlines():
        (name, *given), _, named = (part.split() if part else [] for part in line.partition("/"))
        room, _, function = name.rpartition(".")
        called = getattr(importlib.import_module(f"riskzoning.{room}"), function)
        try:
            inspect.signature(called).bind_partial(*given, **dict.fromkeys(named))
        except TypeError as error:
            wrong.append(f"{name}: {error}")
    assert not wrong
