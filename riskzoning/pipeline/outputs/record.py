"""Outputs ``record`` and ``log``: run.json, written last, and log.jsonl, written as things happen."""

from __future__ import annotations

from riskzoning import io
from riskzoning.pipeline.outputs.output import Output, Writing


def write_record(writing: Writing) -> None:
    """Write ``run.json``."""
    io.write_json(writing.folder / "run.json", writing.result.record)


RECORD = Output(
    "record",
    files=("run.json",),
    rank=80,
    write=write_record,
    place=lambda writing: writing.folder / "run.json",
    when="end",
)
LOG = Output("log", files=("log.jsonl",), rank=70)
