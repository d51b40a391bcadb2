"""Records of a form, typed some at a time, are what they would be typed at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pyproj import CRS

from riskzoning.database import frames, records
from riskzoning.database.frames import set_aside, typed, unfit
from riskzoning.database.records import Records
from riskzoning.database.schema import Schema

from . import shelters

TABLE = Schema().of_form("shelter")


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """Seven shelters, of which some break rules, looked at two at a time."""
    for module in (frames, records):
        monkeypatch.setattr(module, "ROWS_AT_ONCE", 2)
    frame = shelters(*"abcdefg")
    frame["capacity"] = pd.Series([1, -3, 1, "many", 1, 1, 2], dtype=object)
    frame.loc[5, "shelter_id"] = "BN000"
    return frame


def test_they_are_parted_as_a_frame_is(rows: pd.DataFrame) -> None:
    crs = CRS.from_epsg(4490)
    whole = typed(rows, TABLE, crs)
    at_once = set_aside(whole, TABLE, unfit(whole, TABLE))
    one = Records(rows, TABLE, crs)
    kept, rejected = one.parted(one.unfit())
    assert rejected["key"].tolist() == at_once.rejected["key"].tolist() == ["BN001", "BN003", "BN000"]
    assert [set(text.split("; ")) for text in rejected["rule"]] == [
        set(text.split("; ")) for text in at_once.rejected["rule"]
    ]
    assert (len(kept), kept["name"].tolist()) == (4, list("aceg"))
    together = pd.concat([pd.DataFrame(part) for part in kept.blocks()], ignore_index=True)
    pd.testing.assert_frame_equal(together, pd.DataFrame(at_once.rows), check_dtype=False)


def test_a_block_may_have_no_broken_row(rows: pd.DataFrame) -> None:
    broken = Records(rows, TABLE).unfit()
    assert [np.flatnonzero(mask).tolist() for rule, mask in broken.items() if "capacity" in rule] == [[1], [3]]


def test_some_of_some_are_found(rows: pd.DataFrame) -> None:
    odd = Records(rows, TABLE).only(np.arange(7) % 2 == 1)
    last = odd.only(np.array([False, True, True]))
    assert last["name"].tolist() == ["d", "f"]
    assert last.typed(np.array([1]))["name"].tolist() == ["f"]
    assert odd.only(np.ones(3, dtype=bool)) is odd
    assert len(odd.only(np.zeros(3, dtype=bool))) == 0


def test_the_frame_stays_as_it_came(rows: pd.DataFrame) -> None:
    before = rows.copy(deep=True)
    one = Records(rows, TABLE, CRS.from_epsg(4490))
    one.parted(one.unfit())
    pd.testing.assert_frame_equal(pd.DataFrame(rows), pd.DataFrame(before))
