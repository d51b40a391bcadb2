"""Tables in Parquet: typed columns, bounded before they are read."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from riskzoning.errors import LayerError, Problem
from riskzoning.files import beginning
from riskzoning.io.tables.bounds import check_size

_MARK = b"PAR1"


def is_parquet(path: Path) -> bool:
    """Whether a file is Parquet, by its first bytes."""
    return beginning(path, 4) == _MARK


def parquet_frame(path: Path) -> pd.DataFrame:
    """The columns of a Parquet file, texts and categories as objects; rows are counted from 1."""
    import pyarrow
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            check_size(path, file.metadata.num_rows, file.metadata.num_columns)
            frame = file.read().to_pandas(strings_to_categorical=False)
    except LayerError:
        raise
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise LayerError(Problem("table.broken_parquet", path, reason=reason)) from None
    if any(name is not None for name in frame.index.names):
        frame = frame.reset_index()
    frame.columns = [str(name) for name in frame.columns]
    frame.index = pd.RangeIndex(1, len(frame) + 1)
    for at, kind in enumerate(frame.dtypes):
        if isinstance(kind, pd.CategoricalDtype):
            frame.isetitem(at, frame.iloc[:, at].astype(object))
    return frame
