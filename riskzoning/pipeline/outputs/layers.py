"""Output ``layers``: the COGs of the grid; the stages write them while they compute."""

from __future__ import annotations

from riskzoning.pipeline.outputs.output import Output

LAYERS = Output("layers", files=("layers/{code}_*.tif*",), rank=10, place=lambda writing: writing.folder / "layers")
