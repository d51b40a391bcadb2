"""The planners' page: a folder that opens from a USB stick, with no network and no script from elsewhere."""

from __future__ import annotations

from riskzoning.webmap.page import site
from riskzoning.webmap.payload import page_data

__all__ = ["page_data", "site"]
