"""Administrative units: codes, levels, parents, datum and topology."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.admin.crs import crs_contradiction, suggest_crs
from riskzoning.admin.datum import bd09_to_wgs84, convert_datum, gcj02_to_wgs84, wgs84_to_bd09, wgs84_to_gcj02
from riskzoning.admin.joining import join_codes
from riskzoning.admin.profile import Profile
from riskzoning.admin.units import AdminUnits, assemble, check_admin, levels_of
from riskzoning.faces import missing

__all__ = [
    "AdminUnits",
    "Profile",
    "assemble",
    "bd09_to_wgs84",
    "check_admin",
    "convert_datum",
    "crs_contradiction",
    "gcj02_to_wgs84",
    "join_codes",
    "levels_of",
    "suggest_crs",
    "wgs84_to_bd09",
    "wgs84_to_gcj02",
]

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
