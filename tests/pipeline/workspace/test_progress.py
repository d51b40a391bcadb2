"""What a run works on has words in both languages; a clock adds up the parts of a stage."""

from __future__ import annotations

import time

import pytest

from riskzoning.pipeline.workspace.progress import Silent, StageClock, Work


@pytest.mark.parametrize(
    ("work", "zh", "en"),
    [
        (Work("flood"), "洪水灾害", "Flood"),
        (Work("exposure", "population.tif"), "承灾体：population.tif", "exposure: population.tif"),
        (Work("410700_flood"), "410700_flood", "410700_flood"),
    ],
)
def test_a_work_speaks_both_languages_and_an_unknown_key_stays(work: Work, zh: str, en: str) -> None:
    assert (work.text("zh"), work.text("en")) == (zh, en)


def test_the_parts_of_a_stage_add_up_and_a_stage_that_fails_is_not_finished() -> None:
    clock, events = StageClock(), []
    clock.told = lambda event, **fields: events.append((event, fields["stage"]))
    for _ in range(2):
        with clock.stage("grade"):
            time.sleep(0.01)
    assert clock.seconds["grade"] >= 0.02
    with pytest.raises(ValueError, match="x"), clock.stage("publish"):
        raise ValueError("x")
    assert [name for name, _ in events] == ["stage_started", "stage_finished"] * 2 + ["stage_started"]
    assert list(clock.seconds) == ["grade", "publish"]


def test_silence_takes_everything_and_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Silent().step("grade", 1.0)
    Silent().say("x")
    assert capsys.readouterr().out == ""
