"""Places in tables: which columns hold them, degrees in any notation, and what cannot be a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.places.cells import Cell, degrees_of, read_cell
from riskzoning.places.columns import PlaceColumns, is_degree_column, offset_datum, place_columns
from riskzoning.places.minutes import degrees_of_minutes
from riskzoning.places.reading import Places, check_degrees, check_frame, is_turned, read_places

__all__ = [
    "Cell",
    "PlaceColumns",
    "Places",
    "check_degrees",
    "check_frame",
    "degrees_of",
    "degrees_of_minutes",
    "is_degree_column",
    "is_turned",
    "offset_datum",
    "place_columns",
    "read_cell",
    "read_places",
]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
