"""Places of stations in their tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from riskzoning import io
from riskzoning.errors import Journal, LayerError, hearing
from riskzoning.io.weather.places import table_places


def frame(**columns: list[Any]) -> pd.DataFrame:
    table = pd.DataFrame(columns)
    table.index = pd.RangeIndex(2, 2 + len(table))
    return table


def spots(table: pd.DataFrame, *, tenths: bool = False) -> pd.DataFrame:
    return table_places(table, table["id"], {"elevation": "alt"}, "days.csv", tenths=tenths)


def test_the_last_place_counts_and_stations_that_moved_are_told() -> None:
    table = frame(id=["1", "1", "2"], 经度=["113°54′E", "114", ""], 纬度=["35.3", "35.3", "35"], alt=[70.0, 71.0, 72.0])
    with hearing(Journal()) as journal:
        out = spots(table)
    assert out.loc["1", ["lon", "lat", "elevation"]].tolist() == [114.0, 35.3, 71.0]
    assert out.loc["2"].isna()[["lon", "lat"]].all()
    assert [problem.rule for problem in journal.warnings] == ["stations.twice"]


def test_a_table_without_places_has_none() -> None:
    assert spots(frame(id=["1"], alt=[70.0]))[["lon", "lat"]].isna().all(axis=None)


def test_exports_in_tenths_keep_minutes_or_degrees() -> None:
    with hearing(Journal()) as journal:
        out = spots(frame(id=["1"], lon=[11354], lat=[3518], alt=[703]), tenths=True)
        plain = spots(frame(id=["1"], lon=[113.9], lat=[35.3], alt=[703]), tenths=True)
    assert out.loc["1", ["lon", "lat", "elevation"]].tolist() == pytest.approx([113.9, 35.3, 70.3])
    assert plain.loc["1", ["lon", "lat"]].tolist() == [113.9, 35.3]
    assert journal.warnings == []


# -- every door that takes places --------------------------------------------------------------------------------------
# Headings and cells of one place, 113.9 E 35.3 N, as people keep it.
FORMS: dict[str, tuple[tuple[str, str], tuple[object, object]]] = {
    "chinese": (("经度", "纬度"), (113.9, 35.3)),
    "short": (("lon", "lat"), (113.9, 35.3)),
    "long, capitals": (("LONGITUDE", "LATITUDE"), (113.9, 35.3)),
    "x, y": (("X", "Y"), (113.9, 35.3)),
    "with a unit": (("Lon (deg)", "Lat (deg)"), (113.9, 35.3)),
    "a longer name": (("台站经度", "台站纬度"), (113.9, 35.3)),
    "degrees, minutes, seconds": (("lon", "lat"), ("113°54′00″E", "35°18′00″N")),
    "degrees, minutes": (("经度", "纬度"), ("东经113°54′", "北纬35度18分")),
    "blanks": (("lon", "lat"), ("113 54 00", "35 18 00")),
    "decimal comma": (("lon", "lat"), ("113,900", "35,300")),
    "minutes in one number": (("lon", "lat"), (11354, 3518)),
    "minutes with a point": (("Lon", "Lat"), (11354.0, 3518.0)),
    "seconds in one number": (("lon", "lat"), (1135400, 351800)),
    "stated minutes": (("经度(度分)", "纬度(度分)"), (113.54, 35.18)),
    "one cell": (("经纬度", ""), ("113.9,35.3", "")),
}


def _rows(form: str, folder: Path) -> Path:
    headings, cells = FORMS[form]
    columns: dict[str, object] = dict(zip(headings, cells, strict=True))
    columns.pop("", None)
    rows = [{"站号": "53986", "日期": f"2021-07-{day}", "precipitation": 1.5, **columns} for day in (20, 21)]
    path = folder / "a.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def _points(path: Path) -> list[float]:
    points = io.read_points(path)
    return [points.geometry.x.iloc[0], points.geometry.y.iloc[0]]


def _list(path: Path) -> list[float]:
    stations = io.read_stations_csv(path)
    return [stations.geometry.x.loc["53986"], stations.geometry.y.loc["53986"]]


def _table(path: Path) -> list[float]:
    table = io.read_station_table(path)
    return [float(table["lon"][0]), float(table["lat"][0])]


DOORS = {"points": _points, "list of stations": _list, "table of stations": _table}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("form", FORMS)
def test_places_are_the_same_through_every_door(form: str, door: str, tmp_path: Path) -> None:
    with hearing(Journal()) as journal:
        assert DOORS[door](_rows(form, tmp_path)) == pytest.approx([113.9, 35.3])
    in_one = form in ("minutes in one number", "minutes with a point", "seconds in one number")
    assert [problem.rule for problem in journal.warnings] == (["points.minutes"] if in_one else [])


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("cells", "rule", "field"),
    [
        ((35.3, 113.9), "points.swapped", "lon"),
        (("北纬35°18′", "东经113°54′"), "points.swapped", "lon"),
        ((3518, 11354), "points.swapped", "lon"),
        ((500000, 3900000), "points.crs", None),
    ],
)
def test_what_is_no_place_is_refused_at_every_door(
    cells: tuple[object, object], rule: str, field: str | None, door: str, tmp_path: Path
) -> None:
    rows = [{"站号": "53986", "日期": "2021-07-20", "precipitation": 1, "lon": cells[0], "lat": cells[1]}]
    pd.DataFrame(rows).to_csv(tmp_path / "a.csv", index=False)
    with hearing(Journal()), pytest.raises(LayerError) as caught:
        DOORS[door](tmp_path / "a.csv")
    (problem,) = caught.value.problems
    assert (problem.rule, problem.field, problem.row) == (rule, field, 2)
