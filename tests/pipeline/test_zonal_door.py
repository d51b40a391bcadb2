"""Messages of the command zonal speak of its files and options."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskzoning.errors import AdminError, Journal, Phrase, Problem, hearing, note
from riskzoning.pipeline.zonal_door import at_zonal, zonal_door

UNITS = Path("borders.gpkg")


def test_units_are_their_file() -> None:
    assert at_zonal(Problem("units.invalid", Phrase("units"), ids=["a"]), UNITS).file == "borders.gpkg"
    assert at_zonal(Problem("units.invalid", "other.gpkg", ids=["a"]), UNITS).file == "other.gpkg"
    apart = Problem("zonal.apart", "a.tif", extent=[], crs="", place=[], units_crs="", units=Phrase("the_units"))
    assert "borders.gpkg" in at_zonal(apart, UNITS).required


@pytest.mark.parametrize("rule", ["vector.crs_missing", "vector.layers", "raster.band", "raster.crs", "layer.units"])
def test_no_advice_speaks_of_a_study(rule: str) -> None:
    assert "study.yaml" not in at_zonal(Problem(rule, "a.tif"), UNITS).fix


def test_notes_and_errors_of_a_block_pass_the_door() -> None:
    def block() -> None:
        with zonal_door(UNITS):
            note(Problem("zonal.overlap", Phrase("units"), severity="warning"))
            raise AdminError(Problem("units.invalid", Phrase("units"), ids=["a"]))

    with hearing(Journal()) as journal, pytest.raises(AdminError) as caught:
        block()
    assert [problem.file for problem in journal.warnings] == ["borders.gpkg"]
    assert [problem.file for problem in caught.value.problems] == ["borders.gpkg"]
