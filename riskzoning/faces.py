"""Faces whose names are there at once and whose modules are imported when a name is first used (PEP 562)."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ast

# What other packages and people call a thing that has another name here.
_CALLED = {
    "riskzoning.load_study": ("load", "open_study", "study"),
    "riskzoning.run_study": ("run",),
    "riskzoning.rerun": ("scenario",),
    "riskzoning.init_study": ("init", "new_study", "template"),
    "riskzoning.check_study": ("validate",),
    "riskzoning.sample_study": ("demo", "demo_study", "example"),
    "riskzoning.read_layer": ("open_raster", "read_raster", "open_rasterio", "read_tif", "open_dataset"),
    "riskzoning.read_vector": ("read_file", "read_shapefile"),
    "riskzoning.write_cog": ("to_cog", "to_geotiff", "to_raster", "save_cog", "write_raster"),
    "riskzoning.write_vector": ("to_file", "save_vector", "write_shapefile"),
    "riskzoning.zonal_statistics": ("zonal", "zonal_stats", "exact_extract", "rasterstats"),
    "riskzoning.natural_breaks": ("jenks", "fisher_jenks", "jenks_breaks"),
    "riskzoning.classify": ("quantiles", "equal_interval", "reclassify", "grade"),
    "riskzoning.align": ("reproject", "resample", "warp"),
    "riskzoning.zoning_map": ("plot", "plot_map", "print_map"),
    "riskzoning.expected_annual_loss": ("aal", "eal", "average_annual_loss"),
    "riskzoning.make_report": ("write_report", "docx"),
    "riskzoning.methods.weights.entropy": ("entropy_weight", "entropy_weights"),
    "riskzoning.methods.density.kernel_density": ("kde", "heatmap"),
    "riskzoning.methods.interpolation.interpolate": ("idw", "kriging"),
    "riskzoning.hazards.forest_fire.fire_weather_index": ("fwi",),
    "riskzoning.hazards.earthquake.county_pga": ("pga",),
}


def lazy(
    package: str, places: Mapping[str, Iterable[str]], modules: Iterable[str] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` of a package that imports a module when one of its names is asked for.

    The package lists the same names in ``__all__`` and imports them under ``if TYPE_CHECKING``, for readers and for
    type checkers; a test compares the three. A name that is asked for once stays in the package.

    Parameters
    ----------
    package : str
        ``__name__`` of the package.
    places : mapping
        Module of the package -> the public names that it holds. A dot at the front means inside the package, none a
        module elsewhere: ``{".lattice": ["analysis_grid"], "riskzoning.files": ["checksum"]}``.
    modules : iterable of str
        Modules of the package that are public by their own name.

    Returns
    -------
    (callable, callable)
        To be bound: ``__getattr__, __dir__ = lazy(__name__, {...})``.

    Examples
    --------
    >>> get, names = lazy("riskzoning", {".grid": ["cell_area"]}, ["methods"])
    >>> get("cell_area").__name__
    'cell_area'
    >>> get("cell_aria")
    Traceback (most recent call last):
    AttributeError: module 'riskzoning' has no attribute 'cell_aria': did you mean riskzoning.cell_area?
    """
    home = {name: module for module, names in places.items() for name in names}
    own = dict.fromkeys(modules)

    def get(name: str) -> Any:
        if name in home:
            value = getattr(importlib.import_module(home[name], package), name)
        elif name in own:
            value = importlib.import_module(f".{name}", package)
        else:
            raise _unknown(package, name)
        setattr(sys.modules[package], name, value)
        return value

    return get, lambda: sorted({*home, *own, *vars(sys.modules[package]).get("__all__", ())})


def missing(package: str) -> Callable[[str], Any]:
    """``__getattr__`` of a face that holds its names: a wrong one is answered with where it is, or what is like it.

    Parameters
    ----------
    package : str
        ``__name__`` of the face.

    Examples
    --------
    >>> missing("riskzoning.risk")("risk_indx")
    Traceback (most recent call last):
    AttributeError: module 'riskzoning.risk' has no attribute 'risk_indx': did you mean riskzoning.risk.risk_index?
    """

    def get(name: str) -> Any:
        raise _unknown(package, name)

    return get


@cache
def public_names() -> dict[str, tuple[str, ...]]:
    """Every face of the package and the names that it offers, read from the files: nothing is imported.

    Examples
    --------
    >>> "ahp" in public_names()["riskzoning.methods.weights"]
    True
    """
    # Needed only where a name is wrong: the package itself is to be there at once.
    import ast

    root = Path(__file__).parent
    offered = {}
    for path in sorted(root.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        names = _listed(ast.parse(text)) if "\n__all__ = " in text or "\n_MODULES = (" in text else ()
        if names:
            inner = path.relative_to(root.parent).with_suffix("").parts
            offered[".".join(inner[:-1] if inner[-1] == "__init__" else inner)] = names
    return offered


def _listed(tree: ast.Module) -> tuple[str, ...]:
    """The names of ``__all__``, or the modules of a face that offers nothing else."""
    import ast

    for wanted in ("__all__", "_MODULES"):
        for node in tree.body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == wanted:
                parts = getattr(node.value, "elts", [])
                return tuple(str(part.value) for part in parts if isinstance(part, ast.Constant))
    return ()


def _unknown(package: str, name: str) -> AttributeError:
    """What a wrong name is answered: where it is, or the nearest names."""
    text = f"module '{package}' has no attribute '{name}'"
    # Python looks for __path__, __wrapped__ and the like in every module.
    hint = "" if name.startswith("_") else _hint(package, name)
    if hint:
        return AttributeError(f"{text}: {hint}", name=name)
    return AttributeError(text, name=name, obj=sys.modules.get(package))


def _hint(package: str, name: str) -> str:
    import difflib

    faces = public_names()
    places = [f"{face}.{known}" for face, names in faces.items() for known in names if known != "__version__"]
    places += [face for face in faces if face not in (*places, package)]
    same = [place for place in places if place.rpartition(".")[2] == name]
    there = _nearest_first(
        package, same or [place for place in places if place.rpartition(".")[2].lower() == name.lower()]
    )
    if there:
        return f"it is {' or '.join(there[:3])}"
    for place, called in _CALLED.items():
        if name.lower() in called:
            return f"it is {place}"
    inside = [face.rpartition(".")[2] for face in faces if face.rpartition(".")[0] == package]
    own = difflib.get_close_matches(name, [*faces.get(package, ()), *inside], n=1, cutoff=0.6)
    if own:
        return f"did you mean {package}.{own[0]}?"
    # ahp_weights is ahp in methods.weights: every word of it stands in the path.
    words = set(name.lower().split("_"))
    paths = [place for place in places if len(words) > 1 and words <= set(place.replace(".", "_").split("_"))]
    near = difflib.get_close_matches(name, {place.rpartition(".")[2] for place in places}, n=1, cutoff=0.75)
    likely = paths or [place for place in places if near and place.endswith(f".{near[0]}")]
    return f"did you mean {' or '.join(_nearest_first(package, likely)[:3])}?" if likely else ""


def _nearest_first(package: str, places: list[str]) -> list[str]:
    """Places inside the package first, then the shortest; of one name in a face and inside it, the face."""
    ranked = sorted(places, key=lambda place: (not place.startswith(f"{package}."), place.count("."), place))
    kept: list[str] = []
    for place in ranked:
        if not any(place.startswith(other.rpartition(".")[0]) and other != place for other in kept):
            kept.append(place)
    return kept
