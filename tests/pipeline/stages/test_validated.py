"""Validation in a run: events of a study, rows that earlier stages gave, a record of counties."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
import yaml

from riskzoning.config import load_study
from riskzoning.pipeline import check_study, run_study
from riskzoning.pipeline.stages.proof.rows import COLUMNS
from riskzoning.results import StudyResult
from tests.pipeline.conftest import CRS, LEFT, TOP, small_study, write_small_city


def write_events(folder: Path) -> Path:
    write_small_city(folder)
    pd.DataFrame({"hit": ["Wuzhong"], "as_of": ["2024-07-01"]}).to_csv(folder / "events.csv", index=False)
    ground = shapely.box(LEFT + 2000, TOP - 9000, LEFT + 9000, TOP - 2000)
    gpd.GeoDataFrame(geometry=[ground], crs=CRS).to_file(folder / "seen.gpkg")
    spots = gpd.points_from_xy([LEFT + 9000, LEFT + 9500], [TOP - 9000, TOP - 9500])
    gpd.GeoDataFrame({"year": [2001, 2002]}, geometry=spots, crs=CRS).to_file(folder / "spots.gpkg")
    years = [(code, year, 10.0 * at) for year in (2019, 2020) for at, code in enumerate((320505, 320506, 320507))]
    rows = pd.DataFrame(years, columns=["code", "year", "loss"]).assign(kind="洪涝", gdp=1e6)
    rows.to_csv(folder / "record.csv", index=False)
    data: dict[str, Any] = small_study()
    files = {"events": "events.csv", "seen": "seen.gpkg", "spots": "spots.gpkg", "record": "record.csv"}
    data["inputs"] |= {name: {"path": path} for name, path in files.items()}
    data["history"] = {"table": "record", "unit": "code", "hazard": "kind", "gdp": "gdp", "units": "万元"}
    data["validation"] = {
        "events": {
            "july": {"input": "events", "hazard": "flood", "units": "hit"},
            "extent": {"input": "seen", "hazard": "flood", "return_period": 100, "above": 0.1},
            "points": {"input": "spots", "hazard": "flood", "period": "2001-2002"},
        }
    }
    path = folder / "events.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> StudyResult:
    folder = tmp_path_factory.mktemp("events")
    return run_study(load_study(write_events(folder)), out=folder / "out")


def test_every_event_has_its_rows_beside_what_was_known_before(ran: StudyResult) -> None:
    table = ran.tables["validation"]
    assert list(table) == COLUMNS
    measures = set(table["measure"])
    assert {"event.july.county.auc_hazard_index", "event.july.ratio_rises_with_class"} <= measures
    assert {f"event.extent.{name}" for name in ("hit_rate", "false_alarm_ratio", "critical_success_index")} <= measures
    assert {"event.points.auc_hazard_index", "event.points.success_area"} <= measures
    assert "sense.constant_index" in measures
    skill = table[table["measure"].str.contains("auc|spearman|hit_rate|modelled")]
    assert skill["sample"].isin(["in-sample", "hold-out", "independent"]).all()
    shares = table[table["measure"].str.startswith("event.extent")]["value"]
    assert shares.between(0, 1).all()
    # Three counties are too few for ranks.
    assert not table["measure"].str.startswith("record.").any()


def test_events_by_class_stand_in_a_table_of_their_own(ran: StudyResult) -> None:
    table = ran.tables["event_classes"]
    assert set(table["events"]) == {"july (county)", "points"}
    for _, part in table.groupby("events"):
        assert part["event_share"].sum() == pytest.approx(1.0)
        assert part["area_share_above"].max() == pytest.approx(1.0)


def test_a_hazard_or_an_entry_that_is_not_there_is_seen_before_the_run(tmp_path: Path) -> None:
    path = write_events(tmp_path)
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert not [p for p in check_study(path) if (p.field or "").startswith("validation")]
    data["validation"]["events"] = {"a": {"input": "nowhere"}, "b": {"input": "seen", "hazard": "geology"}}
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    rules = {problem.rule for problem in check_study(path) if problem.severity == "error"}
    assert "study.events_hazard" in rules
    assert len(rules) == 2
