"""The record is written at the very end; the log is written by the run itself."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from riskzoning.pipeline.outputs.output import Writing
from riskzoning.pipeline.outputs.record import LOG, RECORD, write_record
from riskzoning.samples import toy_result

from . import toy_study


def test_the_record_of_the_result_is_run_json(tmp_path: Path) -> None:
    result = dataclasses.replace(toy_result(), folder=tmp_path)
    write_record(Writing(toy_study(), result))
    (path,) = RECORD.left(tmp_path, result.code)
    assert json.loads(path.read_text(encoding="utf-8"))["study"]["data_date"] == result.record["study"]["data_date"]
    assert (RECORD.when, LOG.write) == ("end", None)
