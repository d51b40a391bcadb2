"""What a run needs of the machine: libraries, fonts, memory, disk, threads, projections, a database if it is named."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from riskzoning.errors import Phrase, Problem, RiskZoningError
from riskzoning.pipeline.workspace.record import versions

Facts: TypeAlias = dict[str, str | float | int | None]
# The sample study takes 2 GB of memory, a city of 8,000 km2 in cells of 100 m some 4; its results are under 1 GB.
_LEAST_MEMORY, _LEAST_DISK = 4e9, 2e9
# Yellow River plain in degrees and in the zone of 114 E (EPSG:4547): a projection library without its data is off.
_PLACE, _PROJECTED, _NEAR_M = (114.0, 35.0), (500_000.0, 3_874_592.9), 1.0
_EXTRAS = {
    "fonts": ("mplfonts",),
    "kriging": ("pykrige",),
    "hydraulics": ("h5py", "mikeio"),
    "notebooks": ("jupyterlab", "nbclient"),
}


@dataclass(frozen=True)
class Surroundings:
    """What a machine has, and what a run would miss on it.

    ``facts``: what is there, by topic; ``problems``: what is missing, with what to do.

    Examples
    --------
    >>> Surroundings({"threads": 2}, ()).facts["threads"]
    2
    """

    facts: Mapping[str, str | float | int | None]
    problems: tuple[Problem, ...]


def surroundings(folder: str | Path = ".", *, database: str | None = None) -> Surroundings:
    """Look at the machine: what a run would find here, and what it would miss.

    Parameters
    ----------
    folder : path
        Where results are to go: its disk is looked at, and whether files can be written there.
    database : str, optional
        GeoPackage path or ``postgresql://`` URL that a study is going to use.

    Returns
    -------
    Surroundings
        Facts under ``versions extras fonts database memory disk threads projections``, sizes in GB.

    Examples
    --------
    >>> found = surroundings(tempfile.gettempdir())
    >>> found.facts["threads"] >= 1, "riskzoning" in found.facts["versions"]
    (True, True)
    """
    parts: tuple[Callable[[], tuple[Facts, list[Problem]]], ...] = (
        _libraries, _fonts, lambda: _store(database), _memory, lambda: _disk(Path(folder)), _threads, _projections,
    )  # fmt: skip
    facts: Facts = {}
    problems: list[Problem] = []
    for part in parts:
        known, missing = part()
        facts |= known
        problems += missing
    return Surroundings(facts, tuple(problems))


def _libraries() -> tuple[Facts, list[Problem]]:
    has = [name for name, packages in _EXTRAS.items() if all(map(_installed, packages))]
    shown = ", ".join(f"{name} {version}" for name, version in versions().items())
    return {"system": platform.platform(), "versions": shown, "extras": ", ".join(has)}, []


def _installed(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _fonts() -> tuple[Facts, list[Problem]]:
    from riskzoning.maps.fonts import cjk_font

    font = cjk_font()
    problem = Problem("surroundings.font", Phrase("machine_fonts"), severity="warning")
    return {"fonts": font}, [] if font else [problem]


def _store(target: str | None) -> tuple[Facts, list[Problem]]:
    import pyogrio

    gdal = ".".join(map(str, pyogrio.__gdal_version__))
    if target is None:
        return {"database": f"GeoPackage (GDAL {gdal})"}, []
    from riskzoning.database import open_database
    from riskzoning.database.urls import without_password

    shown = without_password(target)
    try:
        with open_database(target) as database:
            database.check()
    except RiskZoningError as error:
        return {"database": shown}, list(error.problems)
    return {"database": shown}, []


def _memory() -> tuple[Facts, list[Problem]]:
    whole, free = _bytes("SC_PHYS_PAGES"), _available()
    facts: Facts = {"memory": _gb(whole), "memory_free": _gb(free)}
    if whole is None or whole >= _LEAST_MEMORY:
        return facts, []
    there, least = whole / 1e9, _LEAST_MEMORY / 1e9
    thing = Phrase("machine_memory")
    return facts, [Problem("surroundings.memory", thing, severity="warning", there=there, least=least)]


def _bytes(pages: str) -> float | None:
    try:
        return float(os.sysconf(pages)) * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _available() -> float | None:
    """Memory that programs can have; what files only lie in for speed counts as free."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return _bytes("SC_AVPHYS_PAGES")
    stated = [line.split() for line in lines if line.startswith("MemAvailable:")]
    return float(stated[0][1]) * 1024 if stated else _bytes("SC_AVPHYS_PAGES")


def _gb(size: float | None) -> float | None:
    return None if size is None else round(size / 1e9, 1)


def _disk(folder: Path) -> tuple[Facts, list[Problem]]:
    there = next((place for place in (folder.absolute(), *folder.absolute().parents) if place.is_dir()), Path.cwd())
    free, spare = shutil.disk_usage(there).free, shutil.disk_usage(tempfile.gettempdir()).free
    problems = []
    for place, size in ((there, free), (Path(tempfile.gettempdir()), spare)):
        if size < _LEAST_DISK:
            room, least = size / 1e9, _LEAST_DISK / 1e9
            problems.append(Problem("surroundings.disk", str(place), severity="warning", free=room, least=least))
    if not os.access(there, os.W_OK):
        problems.append(Problem("surroundings.locked", str(there)))
    return {"folder": str(there), "disk_free": _gb(free), "temporary_free": _gb(spare)}, problems


def _threads() -> tuple[Facts, list[Problem]]:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return {"threads": usable}, []


def _projections() -> tuple[Facts, list[Problem]]:
    import pyproj

    facts: Facts = {"projections": f"PROJ {pyproj.proj_version_str}"}
    try:
        x, y = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:4547", always_xy=True).transform(*_PLACE)
        off = max(abs(x - _PROJECTED[0]), abs(y - _PROJECTED[1]))
        reason = f"{off:.0f} m"
    except pyproj.exceptions.ProjError as error:
        off, reason = float("inf"), str(error)
    if off <= _NEAR_M:
        return facts, []
    return facts, [Problem("surroundings.projections", Phrase("machine_projections"), reason=reason)]
