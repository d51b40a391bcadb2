"""Facts of the values of raster files: one stream per file, kept by checksum."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning import __version__
from riskzoning.files import checksum, stamp
from riskzoning.grid.windows import Window, large_window
from riskzoning.io.caching import remembered
from riskzoning.layers import LayerFacts, grid_of, scan
from riskzoning.layers.decoding import Decoder, Seen
from riskzoning.layers.facts import scan_bands
from riskzoning.rasters.blocks import read_rows
from riskzoning.rasters.facts import RasterFacts

# Raised when facts are computed or stored in another way.
_FORMAT = 3
_ORIGIN = "riskzoning"
_ROWS = 512
_MOST_HELD = 1 << 25


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


def scan_layer(layer: xr.DataArray, *, name: str = "layer", within: GeoBox | None = None) -> LayerFacts:
    """Facts of a layer's values as :func:`riskzoning.layers.scan` gives them, remembered for layers from files.

    The key is the checksum of the files and how they are decoded, so that a changed file or a changed declaration is
    read again. A layer that was computed is scanned each time.

    Parameters
    ----------
    layer : DataArray
        From :func:`read_layer` or :func:`read_stack`, or any other.
    name : str
        For messages.
    within : GeoBox, optional
        A grid of interest: of a layer that is far larger than it, only what lies on the grid is read.

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
    window = None if within is None else large_window(grid_of(layer), within)
    if not origins:
        return scan(layer if window is None else layer.isel(y=window[0], x=window[1]), name=name)
    paths = list(dict.fromkeys(origin.facts.path for origin in origins))
    before = [stamp(path) for path in paths]
    periods = layer["return_period"].values.tolist() if "return_period" in layer.dims else None
    key = json.dumps(
        {
            "format": _FORMAT,
            "version": __version__,
            "files": [checksum(path) for path in paths],
            "how": [origin.how for origin in origins],
            "periods": periods,
            "window": repr(window),
        }
    )
    fresh: list[LayerFacts] = []

    def make() -> dict[str, Any]:
        fresh.append(scan_files(origins, periods, window))
        if [stamp(path) for path in paths] != before:
            raise _ChangedMeanwhileError
        return dataclasses.asdict(fresh[0])

    try:
        record = remembered("facts", key, make)
    except _ChangedMeanwhileError:
        return fresh[0]
    return LayerFacts.from_record(record)


def scan_files(origins: Sequence[Origin], periods: list[float] | None, window: Window | None = None) -> LayerFacts:
    """Facts of files in one pass over their rows, with what only the stored numbers tell."""
    seen = Seen()
    facts = scan_bands(_bands(origins, seen, window), periods or [float("nan")])
    return dataclasses.replace(facts, undeclared=tuple(sorted(seen.taken)), doubtful=tuple(sorted(seen.kept)))


def _bands(origins: Sequence[Origin], seen: Seen, window: Window | None) -> Iterator[np.ndarray[Any, Any]]:
    height, width = origins[0].facts.shape
    rows, columns = window or (slice(0, height), slice(0, width))
    step = max(1, min(_ROWS, _MOST_HELD // max(1, columns.stop - columns.start)))
    for first in range(rows.start, rows.stop, step):
        last = min(first + step, rows.stop)
        parts = [read_rows(origin.facts, origin.decoder, first, last, seen, columns=columns) for origin in origins]
        yield np.stack(parts)


class _ChangedMeanwhileError(Exception):
    """A file changed between its checksum and its scan: its facts are right, but belong to no key."""
