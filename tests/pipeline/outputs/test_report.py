"""The report of a run stands in its folder and shows the maps of this run only."""

from __future__ import annotations

import dataclasses
import zipfile
from pathlib import Path

from PIL import Image

from riskzoning.config import OutputsConfig
from riskzoning.pipeline.outputs.output import Writing
from riskzoning.pipeline.outputs.report import REPORT, write_report
from tests.full_result import full_result

from . import toy_study


def pictures(folder: Path, **outputs: object) -> int:
    write_report(Writing(toy_study(**outputs), dataclasses.replace(full_result(), folder=folder)))
    with zipfile.ZipFile(folder / "report.docx") as packed:
        return sum(name.startswith("word/media/") for name in packed.namelist())


def test_it_shows_the_maps_that_this_run_prints(tmp_path: Path) -> None:
    (tmp_path / "maps").mkdir()
    Image.new("RGB", (300, 200), "red").save(tmp_path / "maps" / "990100_flood_risk_township.png")
    assert pictures(tmp_path) == 1
    # Those of an earlier run are not of this one.
    assert pictures(tmp_path, maps=False) == 0
    assert pictures(tmp_path, maps={"formats": ["pdf"]}) == 0
    assert list(REPORT.left(tmp_path, "990100")) == [tmp_path / "report.docx"]


def test_it_can_be_left_out() -> None:
    assert REPORT.asked(OutputsConfig())
    assert not REPORT.asked(OutputsConfig(report=False))
