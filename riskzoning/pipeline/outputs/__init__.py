"""What a run leaves in its folder: :data:`OUTPUTS`, one value for each, written in this order.

What a run writes, what its summary names, what the next run clears away and what ``--only`` leaves follow from it.
"""

from __future__ import annotations

from riskzoning.pipeline.outputs.database import DATABASE
from riskzoning.pipeline.outputs.layers import LAYERS
from riskzoning.pipeline.outputs.maps import MAPS
from riskzoning.pipeline.outputs.output import Output
from riskzoning.pipeline.outputs.record import LOG, RECORD
from riskzoning.pipeline.outputs.site import SITE
from riskzoning.pipeline.outputs.tables import TABLES, WORKBOOK

__all__ = ["OUTPUTS", "Output"]

OUTPUTS: tuple[Output, ...] = (LAYERS, TABLES, WORKBOOK, DATABASE, SITE, MAPS, LOG, RECORD)
