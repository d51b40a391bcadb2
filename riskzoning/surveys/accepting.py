"""Which records of a checked form may be used, and which may not: a row with an error is rejected, never dropped."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskzoning.surveys.checking import Checked
from riskzoning.surveys.records import Records

REJECTED = ("form", "file", "sheet", "row", "key", "rule", "record")
# What is wrong with a column is wrong with every row: without it, or without its unit, no row can be used.
_BLOCKING = ("Q01.column", "Q02.heading_unit", "survey.column_twice")
_DOUBLED = "Q04.key"
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Accepted:
    """The records of a form that may be used, typed and with their places, and those that may not.

    ``blocked`` has the rules that shut the whole form out; ``forced`` counts rows that are used in spite of an error.
    Accepted and rejected rows are together all that were read.
    """

    form: str
    frame: pd.DataFrame
    rejected: pd.DataFrame
    blocked: tuple[str, ...] = ()
    forced: int = 0


def accepted(checked: Checked, *, force: bool = False) -> Accepted:
    """Rows without an error; of rows that are equal in all fields the first.

    With ``force`` rows with errors are used as well, except those without a key and those that use a key again: two
    records of one object cannot be counted. Nothing forces a form whose columns are wrong.
    """
    records = checked.records
    rules = _rules_by_row(checked)
    blocked = blocking(checked)
    out = _left_out(records, rules, blocked, force=force)
    forced = len(set(rules) - set(np.flatnonzero(out).tolist()))
    chosen = records.frame[~out].reset_index(drop=True)
    misplaced = _misplaced(checked)[~out]
    if records.shapes is None:
        frame = _placed(chosen, misplaced)
    else:
        shapes = gpd.GeoSeries(records.shapes[~out], crs="EPSG:4490")
        frame = gpd.GeoDataFrame(chosen, geometry=shapes.where(~misplaced, None))
    return Accepted(records.form.name, frame, _rejected(records, out, rules, blocked), blocked, forced)


def left_out(checked: Checked, *, force: bool = False) -> Mask:
    """Rows that may not be used, as :func:`accepted` leaves them out."""
    return _left_out(checked.records, _rules_by_row(checked), blocking(checked), force=force)


def _left_out(records: Records, rules: Iterable[int], blocked: tuple[str, ...], *, force: bool) -> Mask:
    keys = records.keys
    if blocked:
        return np.ones(len(keys), dtype=bool)
    out = ((keys == "") | keys.duplicated()).to_numpy(dtype=bool).copy()
    if not force:
        out[list(rules)] = True
    return out


def blocking(checked: Checked) -> tuple[str, ...]:
    """Rules that shut the whole form out: a column that is missing, doubled, or in a unit that cannot be converted."""
    errors = (item.rule for item in checked.findings.items if item.severity == "error")
    return tuple(sorted({rule for rule in errors if rule in _BLOCKING}))


def _rules_by_row(checked: Checked) -> dict[int, list[str]]:
    """Row -> rules of its errors; the first of rows that are equal in all fields has none for being there twice."""
    copies = _first_of_copies(checked.records)
    out: dict[int, list[str]] = {}
    for item in checked.findings.items:
        if item.severity != "error":
            continue
        for row in item.rows[item.rows >= 0].tolist():
            if item.rule == _DOUBLED and row in copies:
                continue
            rules = out.setdefault(row, [])
            rule = item.rule.split(".", 1)[0]
            if rule not in rules:
                rules.append(rule)
    return out


def _first_of_copies(records: Records) -> set[int]:
    """Rows that are the first of several with one key, all equal."""
    keys = records.keys
    doubled = (keys.duplicated(keep=False) & (keys != "")).to_numpy(dtype=bool)
    if not doubled.any():
        return set()
    rows = records.frame[doubled].astype(object)
    named = keys[doubled]
    different = rows.drop_duplicates().index
    kinds = named.loc[different].value_counts()
    first = named[~named.duplicated()]
    return {int(str(row)) for row, key in first.items() if kinds.get(key, 0) == 1}


def _misplaced(checked: Checked) -> Mask:
    """Rows whose coordinates are wrong: a row that is used in spite of that has no place."""
    out = np.zeros(len(checked.records.frame), dtype=bool)
    for item in checked.findings.items:
        if item.severity == "error" and item.rule.startswith(("Q05", "Q06")) and item.rows[0] >= 0:
            out[item.rows] = True
    return out


def _placed(frame: pd.DataFrame, misplaced: Mask) -> pd.DataFrame:
    """Records with places as a layer of EPSG:4490; a record without usable coordinates has no geometry."""
    if not {"lon", "lat"} <= set(frame.columns):
        return frame
    usable = frame["lon"].notna() & frame["lat"].notna() & ~misplaced
    points = gpd.GeoSeries(gpd.points_from_xy(frame["lon"], frame["lat"]), index=frame.index, crs="EPSG:4490")
    return gpd.GeoDataFrame(frame, geometry=points.where(usable, None))


def _rejected(records: Records, out: Mask, rules: dict[int, list[str]], blocked: tuple[str, ...]) -> pd.DataFrame:
    rows = np.flatnonzero(out)
    places, keys = records.places, records.keys.to_numpy(dtype=object)
    whole = sorted({rule.split(".", 1)[0] for rule in blocked})
    texts = [rules.get(int(row)) or whole or ["Q04" if keys[row] else "Q01"] for row in rows]
    return pd.DataFrame(
        {
            "form": records.form.name,
            "file": [places.files[places.file[row]] for row in rows],
            "sheet": [places.sheets[places.sheet[row]] for row in rows],
            "row": pd.array(places.row[rows], dtype="Int64"),
            "key": keys[rows],
            "rule": [";".join(names) for names in texts],
            "record": list(_as_json(records, rows)),
        },
        columns=list(REJECTED),
    )


def _as_json(records: Records, rows: NDArray[np.intp]) -> Iterable[str]:
    """Each row as it was read: values of its fields, and the cell itself where it could not be read."""
    chosen = records.frame.iloc[rows].astype(object)
    chosen = chosen.where(chosen.notna(), None)
    for row, values in zip(rows.tolist(), chosen.to_dict("records"), strict=True):
        cells: dict[str, object] = {str(name): value for name, value in values.items()}
        cells |= {name: unread[row] for name, unread in records.unread.items() if row in unread}
        yield json.dumps({name: _plain(value) for name, value in cells.items()}, ensure_ascii=False)


def _plain(value: object) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, float | np.floating):
        return int(value) if float(value).is_integer() else float(value)
    return value if value is None or isinstance(value, int | str | bool) else str(value)


def all_rejected(items: Iterable[Accepted]) -> pd.DataFrame:
    """The rejected rows of all forms in one table."""
    parts = [item.rejected for item in items if len(item.rejected)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(REJECTED))
