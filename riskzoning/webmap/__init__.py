"""The planners' page: a folder that opens from a USB stick, with no network and no script from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import lazy

if TYPE_CHECKING:
    from riskzoning.webmap.inline import explore
    from riskzoning.webmap.page import site
    from riskzoning.webmap.payload import page_data

__all__ = ["explore", "page_data", "site"]

_PLACES = {
    ".inline": ("explore",),
    ".page": ("site",),
    ".payload": ("page_data",),
}
__getattr__, __dir__ = lazy(__name__, _PLACES)
