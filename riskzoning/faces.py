"""Faces whose names are there at once and whose modules are imported when a name is first used (PEP 562)."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any


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
    AttributeError: module 'riskzoning' has no attribute 'cell_aria'
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


def _unknown(package: str, name: str) -> AttributeError:
    """What a wrong name is answered; Python itself adds the nearest of :func:`dir`."""
    return AttributeError(f"module '{package}' has no attribute '{name}'", name=name, obj=sys.modules[package])
