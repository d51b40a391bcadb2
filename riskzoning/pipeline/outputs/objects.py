"""Output ``objects``: the layer of objects as a file, where no database in the folder of the run holds it."""

from __future__ import annotations

from riskzoning import database, io
from riskzoning.config import OutputsConfig
from riskzoning.pipeline.outputs.output import Output, Writing


def write_objects(writing: Writing) -> None:
    """Write ``layers/objects.gpkg`` when the study has objects."""
    objects = writing.result.zones.get("objects")
    if objects is not None:
        target = writing.folder / "layers" / "objects.gpkg"
        io.write_vector(target, {"objects": objects}, date=writing.result.data_date)


def _wanted(outputs: OutputsConfig) -> bool:
    return not outputs.database or database.is_server(str(outputs.database))


OBJECTS = Output("objects", files=("layers/objects.gpkg",), rank=15, wanted=_wanted, write=write_objects)
