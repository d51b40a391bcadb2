"""A vector layer as it stands in its file: fields, bounds and one column, none of them judged."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio
from numpy.typing import NDArray
from pyogrio.errors import DataSourceError

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.files import existing
from riskzoning.rasters.placing import crs_definition


@dataclass(frozen=True)
class RawVector:
    """Facts of the first layer of a vector file; ``crs`` is ``EPSG:n`` where it has a code."""

    path: Path
    fields: tuple[str, ...]
    features: int
    bounds: tuple[float, float, float, float] | None
    crs: str | None

    def column(self, name: str) -> NDArray[np.object_]:
        """The values of a field."""
        frame = pyogrio.read_dataframe(self.path, columns=[name], read_geometry=False)
        return frame[name].to_numpy(dtype=object)


def raw_vector(path: str | os.PathLike[str]) -> RawVector:
    """The facts of a vector file."""
    place = existing(path, what=Phrase("vector_file"))
    try:
        info = pyogrio.read_info(place, force_total_bounds=True, force_feature_count=True)
    except (DataSourceError, ValueError) as error:
        raise LayerError(Problem("product.unreadable", place, reason=str(error).splitlines()[0])) from None
    bounds = info.get("total_bounds")
    known = bounds is not None and bool(np.isfinite(bounds).all())
    fields = tuple(str(name) for name in info["fields"])
    box = tuple(float(value) for value in bounds) if known else None
    return RawVector(place, fields, int(info["features"]), box, crs_definition(info["crs"]))  # type: ignore[arg-type]
