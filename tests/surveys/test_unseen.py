"""Another city, every form: good rows raise no alarm, every seeded error is told at its row, in any dress of file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import Journal, hearing
from riskzoning.surveys.checking import check_records
from riskzoning.surveys.context import Context
from riskzoning.surveys.forms import form, form_names
from riskzoning.surveys.reading import frame_table, survey_tables
from riskzoning.surveys.records import Records, gathered
from tests.surveys.dressing import DRESSES, headed
from tests.surveys.hostile import TODAY as DAY
from tests.surveys.hostile import Seed, city_units, clean, seeds, villages

_OTHERS = {"cap_township": ("cap_community",), "cap_community": ("cap_township",), "his_annual": ("his_event",)}
# What is said of a whole table that is read in another system of coordinates; what is rare by chance among good rows.
_SYSTEMS = ("Q06.projected", "Q05.exchanged")


def as_records(name: str, rows: pd.DataFrame) -> Records:
    return gathered([frame_table(headed(name, rows), form(name))])


def context(name: str) -> Context:
    related = {other: as_records(other, clean(other)) for other in _OTHERS.get(name, ())}
    return Context(units=city_units(), directory=villages(), related=related, today=DAY)


def told(records: Records, around: Context) -> list[tuple[int, str | None, str, str]]:
    """Row (position), field, rule, severity of all that is told, what was not checked aside."""
    items = [item for item in check_records(records, around).findings.items if item.severity != "info"]
    return [(int(row), item.field, item.rule, item.severity) for item in items for row in item.rows]


def put_in(name: str, rows: pd.DataFrame) -> Iterable[tuple[pd.DataFrame, dict[int, Seed]]]:
    """The rows with as many errors as there is room for, until all have been in."""
    number, count, step = 0, len(seeds(name, rows)), 5 if len(rows) > 20 else 20
    while number < count:
        wrong, put = rows.astype(object), {}
        at = 2
        while number < count and at + 2 < len(rows):
            seed = seeds(name, rows, at)[number]
            for column, value in seed.changes.items():
                wrong.loc[at, column] = value
            put[at] = seed
            number, at = number + 1, at + step
        yield wrong, put


@pytest.mark.parametrize("name", form_names())
def test_good_rows_raise_no_alarm(name: str) -> None:
    rows = clean(name)
    alarms = told(as_records(name, rows), context(name))
    # Among a thousand good rows two may be far from the others by chance.
    assert {rule for _, _, rule, _ in alarms} <= {"Q12.outlier"}
    assert len(alarms) <= 1 + len(rows) // 500


@pytest.mark.parametrize("name", form_names())
def test_every_seeded_error_is_told_at_its_row_and_field(name: str) -> None:
    rows, around = clean(name), context(name)
    known = set(told(as_records(name, rows), around))
    missed, alarms = [], []
    for wrong, put in put_in(name, rows):
        news = [item for item in told(as_records(name, wrong), around) if item not in known]
        for at, seed in put.items():
            here = [item for item in news if item[0] == at and item[1] == seed.field and item[3] == seed.severity]
            if not any(item[2].startswith(seed.rule) for item in here):
                missed.append((seed.field, seed.rule, seed.what))
        beside = set(put) | {at for seed in put.values() for at in seed.also}
        alarms += [item for item in news if item[0] >= 0 and item[0] not in beside]
    assert missed == []
    assert len(alarms) <= 1


_DRESSED = ("exp_building", "his_event", "dgr_point", "detention_area")


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("name", _DRESSED)
def test_each_dress_reads_as_the_plain_table(name: str, dress: str, tmp_path: Path) -> None:
    ending, write, placed = DRESSES[dress]
    rows = clean(name, 40)
    if placed and "lon" not in rows:
        pytest.skip("a form without places")
    if dress == "merged":
        rows = rows.sort_values("adcode6", kind="stable").reset_index(drop=True)
    places = write(name, rows, tmp_path / f"form{ending}")
    with hearing(Journal()):
        tables = list(survey_tables(tmp_path / f"form{ending}"))
        assert [table.form.name for table in tables] == [name]
        records = gathered(tables)
    assert records.places.row.tolist() == [places[at] for at in range(len(rows))]
    assert {rule for _, _, rule, _ in told(records, context(name))} <= {"Q12.outlier", *_SYSTEMS}
    for field in form(name).of_kind("integer", "number", "lon", "lat"):
        if field.name in records.frame and field.name in rows:
            mine = records.numbers(field.name)
            wanted = rows[field.name].to_numpy(dtype=np.float64)
            assert mine == pytest.approx(wanted, abs=2e-5, rel=1e-9, nan_ok=True), field.name


@pytest.mark.parametrize("name", ["dgr_point", "cap_community", "his_event"])
def test_errors_are_told_at_the_row_of_the_sheet(name: str, tmp_path: Path) -> None:
    rows, around = clean(name, 60), context(name)
    ending, write, _ = DRESSES["workbook"]
    for number, (_, put) in enumerate(put_in(name, rows)):
        if number == 2:
            break
        path = tmp_path / f"{number}{ending}"
        plain = {at: seed for at, seed in put.items() if form(name).by_name[seed.field].kind != "date"}
        frame = rows.astype(object)
        for at, seed in plain.items():
            for column, value in seed.changes.items():
                frame.loc[at, column] = value
        places = write(name, frame, path)
        with hearing(Journal()):
            table = check_records(gathered(list(survey_tables(path))), around).table("zh")
        for at, seed in plain.items():
            title = form(name).by_name[seed.field].title("zh")
            here = table[(table["row"] == places[at]) & (table["field"] == title) & (table["rule"] == seed.rule)]
            assert len(here), (at, seed)
            assert (here[["found", "required", "fix"]] != "").all(axis=None)
