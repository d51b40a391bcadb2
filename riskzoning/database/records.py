"""Records of a survey form on their way into a table: typed when they are looked at or written, some at a time."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import sqlalchemy as sa
from numpy.typing import NDArray
from pyproj import CRS

from riskzoning.database.frames import (
    REJECTED,
    ROWS_AT_ONCE,
    Mask,
    double_keys,
    gathered,
    refused,
    typed,
    unfit_rows,
)

Positions = NDArray[np.intp]


class Records:
    """Rows of a frame as a table takes them; the frame itself stays as it came."""

    def __init__(
        self, frame: pd.DataFrame, table: sa.Table, crs: CRS | None = None, at: Positions | None = None
    ) -> None:
        self.table = table
        self._frame, self._crs = frame, crs
        self._at = at

    def __len__(self) -> int:
        return len(self._frame) if self._at is None else len(self._at)

    @property
    def columns(self) -> list[str]:
        """The columns of the table that the rows have."""
        return [column.name for column in self.table.c if column.name in self._frame.columns]

    def __getitem__(self, name: str) -> pd.Series:
        frame = pd.DataFrame(self._frame[[name]])
        return typed(frame if self._at is None else frame.iloc[self._at], self.table)[name]

    def typed(self, rows: Positions | slice) -> pd.DataFrame:
        """Some of the rows, each column of its type."""
        chosen: Positions | slice = rows if self._at is None else self._at[rows]
        return typed(self._frame.iloc[chosen], self.table, self._crs)

    def blocks(self) -> Iterator[pd.DataFrame]:
        """All rows in their order, some at a time."""
        for start in range(0, len(self), ROWS_AT_ONCE):
            yield self.typed(slice(start, start + ROWS_AT_ONCE))

    def only(self, kept: Mask) -> Records:
        """These rows and no others."""
        if kept.all():
            return self
        chosen = np.flatnonzero(kept)
        return Records(self._frame, self.table, self._crs, chosen if self._at is None else self._at[chosen])

    def unfit(self) -> dict[str, Mask]:
        """Rules of the table that rows break, with the rows."""
        starts = itertools.count(0, ROWS_AT_ONCE)
        parts = ((start, unfit_rows(part, self.table)) for start, part in zip(starts, self.blocks(), strict=False))
        broken = gathered(len(self), parts)
        return {rule: mask for rule, mask in (broken | double_keys(self, self.table)).items() if mask.any()}

    def parted(self, broken: Mapping[str, Mask]) -> tuple[Records, pd.DataFrame]:
        """The rows that break no rule, and the others as rows of ``qc_rejected``."""
        if not broken:
            return self, pd.DataFrame(columns=list(REJECTED))
        wrong = np.logical_or.reduce(list(broken.values()))
        at = np.flatnonzero(wrong)
        parts = []
        for start in range(0, len(at), ROWS_AT_ONCE):
            here = at[start : start + ROWS_AT_ONCE]
            parts.append(refused(self.typed(here), self.table, broken, here))
        return self.only(~wrong), pd.concat(parts, ignore_index=True)
