"""Columns by name in any case and script, for what takes tables of the field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.faces import missing
from riskzoning.layers.plausible import takes

__all__ = ["named_columns"]

Frame = TypeVar("Frame", bound=pd.DataFrame)


def _plain(name: object) -> str:
    return re.sub(r"[\s_\-.]", "", unicodedata.normalize("NFKC", str(name))).casefold()


@takes()
def named_columns(frame: Frame, known: Mapping[str, Sequence[str]], thing: Phrase | str) -> Frame:
    """The frame with its columns under the names that the code uses; a column that has such a name already stays.

    Parameters
    ----------
    frame : DataFrame
    known : mapping
        Name -> other names of the same column; case, blanks and underscores do not count.
    thing : Phrase or str
        What the frame is, for messages.

    Raises
    ------
    LayerError
        Two columns have one of the names and none has it as it is.

    Examples
    --------
    >>> list(named_columns(pd.DataFrame({"ACQ DATE": []}), {"acq_date": ["日期"]}, "fires.csv"))
    ['acq_date']
    """
    new: dict[object, str] = {}
    for name, others in known.items():
        if name in frame.columns:
            continue
        words = {_plain(word) for word in (name, *others)}
        there = [column for column in frame.columns if _plain(column) in words]
        if len(there) > 1:
            raise LayerError(Problem("columns.several", thing, name=name, columns=[str(column) for column in there]))
        new.update(dict.fromkeys(there, name))
    return frame.rename(columns=new) if new else frame


if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
