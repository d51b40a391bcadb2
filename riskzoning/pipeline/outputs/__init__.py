"""What a run leaves in its folder: :data:`OUTPUTS`, every :class:`Output` that a module of this folder declares.

What a run writes, what its summary names, what may lie in its folder and what ``--only`` leaves follow from it. A
new output is one more module here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from riskzoning.faces import missing
from riskzoning.pipeline.outputs.output import Output, gathered

__all__ = ["OUTPUTS", "Output"]

OUTPUTS: tuple[Output, ...] = gathered(__name__, __path__)

if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
