"""Facts of the values of raster files: one stream per file, kept by checksum."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from riskzoning import __version__
from riskzoning.files import checksum
from riskzoning.io.caching import remembered
from riskzoning.layers import LayerFacts, scan
from riskzoning.layers.decoding import Decoder, Seen
from riskzoning.layers.facts import scan_bands
from riskzoning.rasters.blocks import read_rows
from riskzoning.rasters.facts import RasterFacts

# Raised when facts are computed or stored in another way.
_FORMAT = 2
_ORIGIN = "riskzoning"
_ROWS = 512


@dataclass(frozen=True)
class Origin:
    """The band that a layer is decoded from, and how."""

    facts: RasterFacts
    decoder: Decoder

    @property
    def how(self) -> str:
        """How the values come about, for the key of their facts; the path has no part in it."""
        facts = self.facts
        decoder = dataclasses.replace(self.decoder, thing="")
        return repr((decoder, facts.band, facts.variable, facts.orientation, facts.shape))


def with_origin(layer: xr.DataArray, origins: list[Origin]) -> xr.DataArray:
    """The layer with a note of the files that it is decoded from; arithmetic and slices make the note void."""
    layer.encoding[_ORIGIN] = {"origins": origins, "graph": layer.data.name}
    return layer


def origin_of(layer: xr.DataArray) -> list[Origin]:
    """Files of a layer that is just as it was read; empty for any other."""
    kept = layer.encoding.get(_ORIGIN)
    if kept is None or getattr(layer.data, "name", None) != kept["graph"]:
        return []
    return list(kept["origins"])


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
    origins = origin_of(layer)
    if not origins:
        return scan(layer, name=name)
    paths = list(dict.fromkeys(origin.facts.path for origin in origins))
    before = [_stamp(path) for path in paths]
    periods = layer["return_period"].values.tolist() if "return_period" in layer.dims else None
    key = json.dumps(
        {
            "format": _FORMAT,
            "version": __version__,
            "files": [checksum(path) for path in paths],
            "how": [origin.how for origin in origins],
            "periods": periods,
        }
    )
    fresh: list[LayerFacts] = []

    def make() -> dict[str, Any]:
        fresh.append(scan_files(origins, periods))
        if [_stamp(path) for path in paths] != before:
            raise _ChangedMeanwhileError
        return dataclasses.asdict(fresh[0])

    try:
        record = remembered("facts", key, make)
    except _ChangedMeanwhileError:
        return fresh[0]
    return LayerFacts.from_record(record)


def scan_files(origins: Sequence[Origin], periods: list[float] | None) -> LayerFacts:
    """Facts of files in one pass over their rows, with what only the stored numbers tell."""
    seen = Seen()
    facts = scan_bands(_bands(origins, seen), periods or [float("nan")])
    return dataclasses.replace(facts, undeclared=tuple(sorted(seen.taken)), doubtful=tuple(sorted(seen.kept)))


def _bands(origins: Sequence[Origin], seen: Seen) -> Iterator[np.ndarray[Any, Any]]:
    height = origins[0].facts.shape[0]
    for first in range(0, height, _ROWS):
        last = min(first + _ROWS, height)
        yield np.stack([read_rows(origin.facts, origin.decoder, first, last, seen) for origin in origins])


class _ChangedMeanwhileError(Exception):
    """A file changed between its checksum and its scan: its facts are right, but belong to no key."""


def _stamp(path: str) -> tuple[int, int]:
    stat = Path(path).stat()
    return stat.st_mtime_ns, stat.st_size
