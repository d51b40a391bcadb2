"""The list of outputs says what lies where, what the next run clears and what the summary names."""

from __future__ import annotations

from pathlib import Path

from riskzoning import standards
from riskzoning.config import OutputsConfig
from riskzoning.pipeline.outputs import OUTPUTS, Output


def test_keys_are_unique_and_what_the_summary_names_has_words_in_both_languages() -> None:
    keys = [output.key for output in OUTPUTS]
    assert len(set(keys)) == len(keys)
    words = standards.shipped_table("names/cli").data
    assert all(words[output.key].keys() >= {"zh", "en"} for output in OUTPUTS if output.place is not None)


def test_what_is_left_of_an_output_goes_by_pattern_code_and_owner(tmp_path: Path) -> None:
    for name in ("maps/410700_a.png", "maps/410800_b.png", "maps/mine.png", "c.gpkg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    maps = Output("maps", files=("maps/{code}_*.*", "*.gpkg"), own=lambda path: path.suffix == ".png")
    assert [path.name for path in maps.left(tmp_path, "410700")] == ["410700_a.png"]
    assert (maps.places(), maps.stems()) == ({"maps"}, {"maps"})
    assert Output("record", files=("run.json",)).stems() == {"run"}


def test_a_study_that_turns_everything_off_is_left_with_layers_record_and_log() -> None:
    none = OutputsConfig(maps=False, database=False, site=False, tables=False)
    assert [output.key for output in OUTPUTS if output.asked(none)] == ["layers", "log", "record"]
    assert [output.key for output in OUTPUTS if not output.asked(OutputsConfig())] == []
