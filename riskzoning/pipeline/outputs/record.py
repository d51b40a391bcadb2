"""Outputs ``record`` and ``log``: run.json, written last, and log.jsonl, written as things happen."""

from __future__ import annotations

from riskzoning import io
from riskzoning.config import OutputsConfig
from riskzoning.pipeline.outputs.output import Output, Told
from riskzoning.results import StudyResult


def write_record(result: StudyResult, outputs: OutputsConfig, told: Told) -> None:
    """Write ``run.json``."""
    io.write_json(result.folder / "run.json", result.record)


RECORD = Output(
    "record",
    files=("run.json",),
    write=write_record,
    place=lambda result: result.folder / "run.json",
    when="end",
)
LOG = Output("log", files=("log.jsonl",))
