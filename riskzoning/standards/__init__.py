"""Tables of standards as data: each with title, source, status and whether somebody compared it with its source.

Code is formulas; limits of grades, weights, curves, palettes and names are files of this folder. A study may put its
own file in the place of any of them (:func:`session`), and a run records which tables it used and their status.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.standards.own import OWN_TABLE
from riskzoning.standards.tables import (
    Session,
    StandardTable,
    names,
    own_hazards,
    provenance,
    replaced,
    session,
    shipped_table,
    table,
    table_names,
    tables_of_numbers,
    used_tables,
)
from riskzoning.standards.vocabulary import (
    RISK_PALETTE,
    Quantity,
    convert_units,
    is_unit,
    palette_colours,
    quantity,
    unit_factor,
)

__all__ = [
    "OWN_TABLE",
    "RISK_PALETTE",
    "Quantity",
    "Session",
    "StandardTable",
    "convert_units",
    "is_unit",
    "names",
    "own_hazards",
    "palette_colours",
    "provenance",
    "quantity",
    "replaced",
    "session",
    "shipped_table",
    "table",
    "table_names",
    "tables_of_numbers",
    "unit_factor",
    "used_tables",
]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
