"""What a layer of counts holds, as points with their unit: for distances and journeys."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning.coverage.engine import Coverage
from riskzoning.coverage.quantiles import expand
from riskzoning.layers import check_same_grid, layer_on

# Rows that are read at once.
_ROWS = 512


def unit_points(coverage: Coverage, layer: xr.DataArray, *, most_cells: float = 4e6) -> pd.DataFrame:
    """Amounts of a count layer by place and unit: a cell on a border is divided by its exact shares.

    Parameters
    ----------
    coverage : Coverage
        Of nested units: points carry the codes of the finest.
    layer : DataArray
        Counts on the grid of the coverage (persons per cell); read in bands, missing cells hold none.
    most_cells : float
        On a larger grid, squares of cells are put together until there are no more than so many squares; a square of
        several units keeps a point for each.

    Returns
    -------
    DataFrame
        ``code amount x y``, coordinates of the grid (centre of what is there); amounts of a unit sum to its total.

    Raises
    ------
    GridMismatchError
        The layer is on another grid.

    Examples
    --------
    >>> from riskzoning.samples import toy_city
    >>> city = toy_city()
    >>> coverage = Coverage.from_units(city.grid, city.units)
    >>> people = city.layers["population"]
    >>> total = coverage.statistics(people, ["sum"]).loc["990100", "sum"]
    >>> bool(abs(unit_points(coverage, people)["amount"].sum() - total) < 1e-6)
    True
    """
    grid, table = coverage.grid, coverage.table
    check_same_grid(layer, layer_on(grid, np.broadcast_to(np.float32(0), grid.shape), quantity="population"))
    side = max(1, int(np.ceil(np.sqrt(grid.shape[0] * grid.shape[1] / most_cells))))
    codes = coverage.index.to_numpy()[coverage.walked]
    parts = []
    for first in range(0, grid.shape[0], _ROWS // side * side or side):
        last = min(first + (_ROWS // side * side or side), grid.shape[0])
        values = layer.isel({layer.dims[-2]: slice(first, last)}).to_numpy().astype(np.float64)
        row, column, unit, share = expand(table, first, last)
        amount = values[row - first, column] * share
        held = amount > 0
        parts.append(_squares(row[held], column[held], unit[held], amount[held], side))
    out = pd.concat(parts, ignore_index=True)
    place, across, down = grid.affine, out["column"], out["row"]
    x, y = place.a * across + place.b * down + place.c, place.d * across + place.e * down + place.f
    return pd.DataFrame({"code": codes[out["unit"].to_numpy(dtype=np.int64)], "amount": out["amount"], "x": x, "y": y})


def _squares(
    row: np.ndarray[tuple[int], np.dtype[np.int64]],
    column: np.ndarray[tuple[int], np.dtype[np.int64]],
    unit: np.ndarray[tuple[int], np.dtype[np.int64]],
    amount: np.ndarray[tuple[int], np.dtype[np.float64]],
    side: int,
) -> pd.DataFrame:
    """Cells put together in squares, with the centre of what they hold."""
    table = pd.DataFrame({"unit": unit, "amount": amount, "row": row + 0.5, "column": column + 0.5})
    if side == 1:
        return table
    table["row"], table["column"] = table["row"] * amount, table["column"] * amount
    together = table.groupby([row // side, column // side, unit], sort=False)[["amount", "row", "column"]].sum()
    together["unit"] = together.index.get_level_values(2)
    for axis in ("row", "column"):
        together[axis] /= together["amount"]
    return together.reset_index(drop=True)
