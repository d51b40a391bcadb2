"""What was there when the maps began is remembered until the result is kept."""

from __future__ import annotations

from dataclasses import replace

from riskzoning.config import StudyConfig
from riskzoning.maps.crew import Crew
from riskzoning.pipeline.outputs import kept as room
from riskzoning.pipeline.outputs.output import Writing
from riskzoning.samples import toy_result


def test_the_beginning_is_kept_with_the_end(monkeypatch) -> None:
    study = StudyConfig(name="X", code="990100", data_date="2026-06-30", admin={"path": "admin.gpkg"})
    begun = toy_result()
    ended = replace(begun, zones={"zone_region": begun.units["county"]})
    told: list[object] = []
    monkeypatch.setattr(room, "keep", lambda *given: told.append(given))
    keeping = room.keeping(Crew(1))
    keeping.warm(Writing(study, replace(begun, units={})))
    keeping.begin(Writing(study, begun))
    keeping.go_on(Writing(study, ended))
    keeping.write(Writing(study, ended))
    room.write_kept(Writing(study, ended))
    assert told == [(study, ended, begun), (study, ended)]
