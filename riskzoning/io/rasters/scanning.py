"""Facts of the values of raster files: one stream per file, kept by checksum."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import xarray as xr

from riskzoning import __version__
from riskzoning.files import checksum
from riskzoning.io.caching import remembered
from riskzoning.layers import LayerFacts, scan
from riskzoning.rasters.decoding import Decoder, forget, noticed
from riskzoning.rasters.facts import RasterFacts

__all__ = ["scan_layer"]

# Raised when facts are computed or stored in another way.
_FORMAT = 1
_ORIGIN = "riskzoning"


def with_origin(layer: xr.DataArray, sources: list[dict[str, Any]]) -> xr.DataArray:
    """The layer with a note of the files that it is decoded from; arithmetic and slices make the note void."""
    layer.encoding[_ORIGIN] = {"sources": sources, "graph": layer.data.name}
    return layer


def origin_of(layer: xr.DataArray) -> list[dict[str, Any]]:
    """Files of a layer that is just as it was read; empty for any other."""
    note = layer.encoding.get(_ORIGIN)
    if note is None or getattr(layer.data, "name", None) != note["graph"]:
        return []
    return list(note["sources"])


def source_note(facts: RasterFacts, decoder: Decoder) -> dict[str, Any]:
    """How the values of a file come about, for the key of its facts."""
    how = (dataclasses.replace(decoder, thing=""), facts.band, facts.variable, facts.orientation, facts.shape)
    return {"path": facts.path, "how": repr(how)}


def scan_layer(layer: xr.DataArray, *, name: str = "layer") -> LayerFacts:
    """Facts of a layer's values as :func:`riskzoning.layers.scan` gives them, remembered for layers from files.

    The key is the checksum of the files and how they are decoded, so that a changed file or a changed declaration is
    read again. A layer that was computed is scanned each time.

    Parameters
    ----------
    layer : DataArray
        From :func:`read_layer` or :func:`read_stack`, or any other.
    name : str
        For messages.

    Returns
    -------
    LayerFacts
        With ``undeclared`` and ``doubtful``, which only the stored numbers tell.

    Examples
    --------
    >>> from riskzoning.io import read_layer
    >>> from riskzoning.samples import sample_study
    >>> layer = read_layer(sample_study().parent / "elevation.tif", quantity="elevation")
    >>> facts = scan_layer(layer)
    >>> facts.valid > 0, facts.undeclared
    (True, ())
    """
    sources = origin_of(layer)
    if not sources:
        return scan(layer, name=name)
    paths = list(dict.fromkeys(str(source["path"]) for source in sources))
    before = [_stamp(path) for path in paths]
    periods = layer["return_period"].values.tolist() if "return_period" in layer.dims else None
    key = json.dumps(
        {
            "format": _FORMAT,
            "version": __version__,
            "files": [checksum(path) for path in paths],
            "how": [source["how"] for source in sources],
            "periods": periods,
        }
    )
    fresh: list[LayerFacts] = []

    def make() -> dict[str, Any]:
        for path in paths:
            forget(path)
        found = scan(layer, name=name)
        values = [noticed(path) for path in paths]
        undeclared = tuple(sorted({value for taken, _ in values for value in taken}))
        doubtful = tuple(sorted({value for _, kept in values for value in kept}))
        fresh.append(dataclasses.replace(found, undeclared=undeclared, doubtful=doubtful))
        if [_stamp(path) for path in paths] != before:
            raise _ChangedMeanwhileError
        return dataclasses.asdict(fresh[0])

    try:
        record = remembered("facts", key, make)
    except _ChangedMeanwhileError:
        return fresh[0]
    return LayerFacts.from_record(record)


class _ChangedMeanwhileError(Exception):
    """A file changed between its checksum and its scan: its facts are right, but belong to no key."""


def _stamp(path: str) -> tuple[int, int]:
    stat = Path(path).stat()
    return stat.st_mtime_ns, stat.st_size
