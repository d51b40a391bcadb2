"""What the page knows of works against floods that the study names: their places and what their files say of each."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from riskzoning import standards
from riskzoning.errors import LANGUAGES
from riskzoning.maps.works import signs
from riskzoning.names import WORKS
from riskzoning.results import StudyResult

# Works of a kind, columns of a card and signs of a value that a page takes.
_MOST, _COLUMNS, _LETTERS = 3000, 12, 200
_TOLERANCE, _DECIMALS = 0.0005, 5
_NAMES = ("name", "名称", "工程名称")


def works_data(result: StudyResult) -> list[dict[str, Any]]:
    """Kinds of works in the order of the key of printed maps; empty where the study names none."""
    words = standards.table("names/maps").data
    kinds = [kind for kind in WORKS if kind in result.context and len(result.context[kind])]
    return [
        {
            "key": kind,
            "title": {lang: str(words[f"work_{kind}"][lang]) for lang in LANGUAGES},
            "colour": str(signs()[kind]["colour"]),
            "all": len(result.context[kind]),
            "items": _items(result.context[kind].head(_MOST)),
        }
        for kind in kinds
    ]


def _items(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    shapes = frame.geometry.to_crs("EPSG:4326").to_numpy()
    shapes = shapely.force_2d(shapely.simplify(shapes, _TOLERANCE))
    shapes = shapely.transform(shapes, lambda xy: np.round(xy, _DECIMALS))
    columns = [column for column in frame.columns if column != frame.geometry.name]
    named = next((column for column in columns if str(column).lower() in _NAMES), None)
    facts = [column for column in columns if column != named][:_COLUMNS]
    items = []
    for shape, row in zip(shapes, frame[columns].to_dict("records"), strict=True):
        if shape is not None and not shape.is_empty:
            told = [[str(column), text] for column in facts if (text := _text(row[column]))]
            name = _text(row[named]) if named is not None else ""
            items.append({"shape": json.loads(shapely.to_geojson(shape)), "name": name, "facts": told})
    return items


def _text(value: Any) -> str:
    """A value of a file as a card shows it; nothing where it is missing."""
    if not pd.api.types.is_scalar(value) or pd.isna(value):
        return ""
    if isinstance(value, float | np.floating):
        number = float(value)
        return f"{number:.0f}" if number.is_integer() and abs(number) < 1e15 else f"{number:.6g}"
    return str(value).strip()[:_LETTERS]
