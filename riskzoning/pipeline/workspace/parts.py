"""What a result is put together from, in a run and from the folder of a finished one."""

from __future__ import annotations

from typing import Any

import xarray as xr

from riskzoning.config import StudyConfig
from riskzoning.pipeline.workspace.store import CogStore, Store


def about(study: StudyConfig) -> dict[str, Any]:
    """What a result says of its study."""
    maps = study.outputs.maps
    return {
        "code": study.code,
        "name": {lang: study.title(lang) for lang in ("zh", "en")},
        "hazards": tuple(item.hazard for item in study.hazards),
        "receptors": study.exposure.receptors,
        "indices": study.indices,
        "data_date": str(study.data_date),
        "boundary_source": study.admin.source,
        "review_number": maps.review_number if maps else None,
        "not_applicable": study.not_applicable,
        "language": study.language,
        "level_names": study.admin.level_names,
    }


def layers_of(published: CogStore, store: Store) -> xr.Dataset:
    """The published layers, and the relief where there is one, lazily."""
    layers = {key: published.held(key) for key in published.names()}
    if store.has("hillshade"):
        layers["hillshade"] = store.held("hillshade")
    first = next(iter(layers.values()), None)
    if first is None or any(
        layer.dims != first.dims or set(layer.coords) != set(first.coords) for layer in layers.values()
    ):
        return xr.Dataset({key: layer.rename(key) for key, layer in layers.items()})
    # All lie on the grid of the run: that need not be found out by comparing each with each.
    return xr.Dataset({key: layer.variable for key, layer in layers.items()}, coords=first.coords)
