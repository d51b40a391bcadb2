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
        "review_number": maps.review_number if maps else None,
        "not_applicable": study.not_applicable,
        "language": study.language,
        "level_names": study.admin.level_names,
    }


def layers_of(published: CogStore, store: Store) -> xr.Dataset:
    """The published layers, and the relief where there is one, lazily."""
    layers = {key: published.get(key) for key in published.names()}
    if store.has("hillshade"):
        layers["hillshade"] = store.get("hillshade")
    return xr.Dataset({key: layer.rename(key) for key, layer in layers.items()})
