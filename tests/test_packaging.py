"""What pip installs is whole: data, licences, types; what is imported is declared and what is declared is used."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from email import message_from_string
from pathlib import Path

import pytest

import riskzoning

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# Distribution -> name to import, where they differ.
_IMPORTED = {
    "odc-geo": "odc", "pyyaml": "yaml", "scikit-learn": "sklearn", "matplotlib-scalebar": "matplotlib_scalebar",
    "fonttools": "fontTools", "pillow": "PIL", "import-linter": "importlinter", "python-docx": "docx",
}  # fmt: skip
# Used without an import of their own: xarray opens files with them, SQLAlchemy and geopandas write to PostGIS with
# them, pandas writes Parquet with it, the font is a file of it, fontTools packs WOFF2 with it.
_BY_NAME = {"brotli", "h5netcdf", "netCDF4", "zarr", "geoalchemy2", "psycopg", "pyarrow", "mplfonts"}


def _names(requirements: list[str]) -> set[str]:
    return {re.match(r"[A-Za-z0-9_-]+", text).group() for text in requirements}  # type: ignore[union-attr]


def _imports(folder: Path) -> set[str]:
    found = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - {"riskzoning"}


def test_every_import_is_declared_and_every_dependency_is_used() -> None:
    extras = PROJECT["optional-dependencies"]
    declared = _names(PROJECT["dependencies"]) | _names(extras["fonts"]) | _names(extras["kriging"])
    imported = _imports(ROOT / "riskzoning")
    # dask[distributed] brings distributed, pydantic its pydantic_core.
    assert imported <= {_IMPORTED.get(name, name) for name in declared} | {"distributed", "pydantic_core"}
    assert {_IMPORTED.get(name, name) for name in declared - _BY_NAME} <= imported
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "riskzoning").rglob("*.py"))
    assert all(re.search(name, text, re.IGNORECASE) for name in _BY_NAME - {"geoalchemy2", "pyarrow"})


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_has_every_file_of_the_package_and_the_sample(wheel: zipfile.ZipFile) -> None:
    inside = set(wheel.namelist())
    package = [path for path in (ROOT / "riskzoning").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    sample = [path for path in (ROOT / "data" / "samples" / "xinxiang").rglob("*") if path.is_file()]
    assert {path.relative_to(ROOT).as_posix() for path in package} <= inside
    assert {f"riskzoning/{path.relative_to(ROOT).as_posix()}" for path in sample} <= inside
    assert {
        "riskzoning/py.typed",
        "riskzoning/webmap/assets/leaflet.js",
        "riskzoning/standards/quantities.yml",
    } <= inside
    assert not [name for name in inside if name.startswith(("tests", "benchmarks")) or name.endswith(".pyc")]
    assert not [name for name in inside if "samples/make" in name or "geography" in name]
    licences = [name for name in inside if "/licenses/" in name]
    assert any(name.endswith("/LICENSE") for name in licences)
    assert any(name.endswith("leaflet-LICENSE.txt") for name in licences)


def test_the_sample_is_there_after_pip_install(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    code = "from riskzoning.samples import city_units, sample_study; print(sample_study(), len(city_units()))"
    there = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=there, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(tmp_path / "riskzoning/data/samples/xinxiang/study.yaml"), "167"]


def test_versions_agree(wheel: zipfile.ZipFile) -> None:
    name = next(name for name in wheel.namelist() if name.endswith("METADATA"))
    about = message_from_string(wheel.read(name).decode())
    assert about["Version"] == riskzoning.__version__
    assert about["Requires-Python"] == ">=3.11"
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## (\S+)", changes, re.MULTILINE).group(1) == riskzoning.__version__  # type: ignore[union-attr]


def test_no_borders_ship_with_the_package() -> None:
    """Borders come from the study: none of the world is there to be drawn, and nothing that would fetch one."""
    package = Path(riskzoning.__file__).parent
    spatial = {".shp", ".geojson", ".topojson", ".gpkg", ".fgb", ".kml", ".gdb"}
    assert not [path.name for path in package.rglob("*") if path.suffix.lower() in spatial]
    needed = (package.parent / "pyproject.toml").read_text(encoding="utf-8").lower()
    assert not [name for name in ("cartopy", "contextily", "geodatasets", "basemap") if f'"{name}' in needed]
