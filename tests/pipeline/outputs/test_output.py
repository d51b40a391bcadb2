"""The list of outputs says what lies where, what the next run clears and what the summary names."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskzoning import standards
from riskzoning.config import OutputsConfig
from riskzoning.pipeline import outputs as room
from riskzoning.pipeline.outputs import OUTPUTS, Output
from riskzoning.pipeline.outputs.output import gathered


def test_keys_are_unique_and_what_the_summary_names_has_words_in_both_languages() -> None:
    keys = [output.key for output in OUTPUTS]
    assert len(set(keys)) == len(keys)
    words = standards.shipped_table("names/cli").data
    assert all(words[output.key].keys() >= {"zh", "en"} for output in OUTPUTS if output.place is not None)


def test_what_may_be_an_output_goes_by_pattern_and_code(tmp_path: Path) -> None:
    for name in ("maps/410700_a.png", "maps/410800_b.png", "maps/mine.png", "c.gpkg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    maps = Output("maps", files=("maps/{code}_*.*", "*.gpkg"), rank=1)
    assert [path.name for path in maps.left(tmp_path, "410700")] == ["410700_a.png", "c.gpkg"]
    assert maps.places() == {"maps"}


def test_a_study_that_turns_everything_off_is_left_with_layers_record_and_log() -> None:
    none = OutputsConfig(maps=False, database=False, site=False, tables=False)
    asked = {output.key for output in OUTPUTS if output.asked(none)}
    assert asked >= {"layers", "log", "record"}
    assert not asked & {"tables", "workbook", "database", "site", "maps"}
    # The database holds the layer of objects.
    assert [output.key for output in OUTPUTS if not output.asked(OutputsConfig())] == ["objects"]


def test_outputs_are_written_and_named_in_the_order_of_their_ranks() -> None:
    usual = ["layers", "tables", "workbook", "database", "site", "maps", "log", "record"]
    assert [output.key for output in OUTPUTS if output.key in usual] == usual
    assert len({output.rank for output in OUTPUTS}) == len(OUTPUTS)
    assert gathered(room.__name__, room.__path__) == OUTPUTS


def test_a_module_more_is_an_output_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "made_up"
    package.mkdir()
    declared = "from riskzoning.pipeline.outputs.output import Output\nOUTPUT = Output({!r}, files=(), rank={})\n"
    for name, key, rank in (("a", "late", 9), ("b", "early", 1), ("c", "also_early", 1)):
        (package / f"{name}.py").write_text(declared.format(key, rank), encoding="utf-8")
    (package / "__init__.py").touch()
    # A module that uses the output of another declares none.
    (package / "d.py").write_text("from made_up.a import OUTPUT\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert [output.key for output in gathered("made_up", [str(package)])] == ["also_early", "early", "late"]
