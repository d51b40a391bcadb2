"""``Coverage``: the exact cell-unit table of a grid and a set of units, and the statistics that it gives."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from riskzoning.cards import card
from riskzoning.coverage.adding import Adder
from riskzoning.coverage.columns import (
    ADDITIVE,
    CLASSES,
    checked_statistics,
    class_statistics,
    note_beyond,
    statistic_of,
    whole_numbers,
)
from riskzoning.coverage.kernels import COVER, LEAST, MOST, SUM, SUM_REST, empty_sums, roll_up
from riskzoning.coverage.nesting import merged_table, nesting
from riskzoning.coverage.quantiles import class_table, unit_quantiles
from riskzoning.coverage.sources import Layers, Source, open_source
from riskzoning.coverage.table import Rule, Table, build_table, load_table, prepared_shapes, save_table, table_key
from riskzoning.errors import GridMismatchError, LayerError, Phrase, Problem
from riskzoning.layers import check_same_grid, grid_difference

Array = np.ndarray[Any, Any]
_THREADS = 2


class Coverage:
    """Which cells of a grid belong to which unit, with exact shares; computed once, used for any number of layers.

    Make one with :meth:`from_units`. Units of nested levels (columns ``level``, ``parent``) are kept in one table: the
    finest level is walked, the others are added up from it where they truly are its unions, so that levels reconcile by
    construction.

    Examples
    --------
    >>> from riskzoning.samples import toy_city
    >>> city = toy_city()
    >>> coverage = Coverage.from_units(city.grid, city.units)
    >>> found = coverage.statistics(city.layers["population"], ["sum"])
    >>> townships = found[city.units.level == "township"]["sum"].sum()
    >>> bool(abs(townships - found.loc["990100", "sum"]) < 1e-6)
    True
    """

    def __init__(
        self,
        grid: GeoBox,
        index: pd.Index,
        table: Table,
        walked: Array,
        targets: Array,
        sources: Array,
        key: str | Callable[[], str],
    ) -> None:
        self.grid, self.index = grid, index
        self.table = table
        # walked: positions of the units in the table; target j of the others is the sum of its sources.
        self._walked, self._targets, self._sources = walked, targets, sources
        self._key = key

    def _repr_html_(self) -> str:
        """What a notebook shows: the grid, the units, how many pairs of both; no geometry."""
        rows, columns = self.grid.shape
        size = abs(self.grid.affine.a)
        pairs = len(self.table.cells) + int((self.table.runs[:, 1] - self.table.runs[:, 0]).sum())
        shown = (
            ("grid", f"{rows} x {columns}, {size:g}"), ("crs", self.grid.crs), ("units", len(self.index)),
            ("pairs", pairs),
        )  # fmt: skip
        return card("Coverage", shown)

    @property
    def content_hash(self) -> str:
        """A hash of the grid, the units and the rule: equal ones mean an equal table. Computed when it is asked for.

        Examples
        --------
        >>> from riskzoning.samples import toy_city
        >>> city = toy_city()
        >>> len(Coverage.from_units(city.grid, city.units).content_hash)
        64
        """
        if not isinstance(self._key, str):
            self._key = self._key()
        return self._key

    @classmethod
    def from_units(cls, grid: GeoBox, units: gpd.GeoDataFrame, *, coverage: Rule = "fraction") -> Coverage:
        """The coverage of units on a grid.

        Parameters
        ----------
        grid : GeoBox
            Not rotated. On a geographic grid fractions are those of the cell in degrees.
        units : GeoDataFrame
            Polygons with any index; another CRS is transformed (vertices only: edges stay straight in the grid's CRS).
        coverage : {"fraction", "centre", "touched"}

        Raises
        ------
        AdminError
            Units are no polygons or invalid; names them.
        MissingCRSError, LayerError
            No CRS; a rotated grid.

        Examples
        --------
        >>> from shapely import box
        >>> from riskzoning.grid import analysis_grid
        >>> geobox = analysis_grid((0, 0, 300, 200), crs="EPSG:4547", resolution=100)
        >>> units = gpd.GeoDataFrame(index=["a"], geometry=[box(0, 0, 150, 100)], crs="EPSG:4547")
        >>> Coverage.from_units(geobox, units).areas.tolist()
        [15000.0]
        """
        if coverage not in ("fraction", "centre", "touched"):
            raise LayerError(Problem("zonal.coverage", Phrase("parameter", name="coverage"), given=coverage))
        shapes = prepared_shapes(units, grid)
        walked, targets, sources = nesting(units, shapes, exact=coverage == "fraction")
        table = build_table(grid, shapes[walked], coverage)
        key = partial(table_key, grid, shapes, coverage, units.index)
        return cls(grid, units.index, table, walked, targets, sources, key)

    @classmethod
    def cached(cls, grid: GeoBox, units: gpd.GeoDataFrame, folder: str | os.PathLike[str]) -> Coverage:
        """The coverage from a folder when it was computed before for the same grid and units, else computed and kept.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning.samples import toy_city
        >>> city = toy_city()
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     first = Coverage.cached(city.grid, city.units, folder)
        ...     Coverage.cached(city.grid, city.units, folder).content_hash == first.content_hash
        True
        """
        key = table_key(grid, prepared_shapes(units, grid), "fraction", units.index)
        path = Path(folder) / f"coverage-{key[:32]}.npz"
        if path.is_file():
            try:
                kept = cls.load(path)
            except LayerError:
                pass  # a damaged cache is made again
            else:
                if kept.content_hash == key:
                    return kept
        made = cls.from_units(grid, units)
        made.save(path)
        return made

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the coverage to a file, whole or not at all.

        Examples
        --------
        >>> import tempfile
        >>> from riskzoning.samples import toy_city
        >>> city = toy_city()
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Coverage.from_units(city.grid, city.units).save(Path(folder) / "a.npz")
        ...     len(Coverage.load(Path(folder) / "a.npz").index)
        9
        """
        facts = {
            "key": self.content_hash,
            "shape": list(self.grid.shape),
            "affine": list(self.grid.affine)[:6],
            "crs": str(self.grid.crs),
            "index": self.index.tolist(),
            "name": self.index.name,
            "walked": self._walked.tolist(),
            "targets": self._targets.tolist(),
            "sources": self._sources.tolist(),
        }
        save_table(path, self.table, facts)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Coverage:
        """A coverage from a file that :meth:`save` wrote.

        Raises
        ------
        LayerError
            Missing, cut off or no coverage.

        Examples
        --------
        >>> try:
        ...     Coverage.load("no-such.npz")
        ... except LayerError as error:
        ...     print(error.problems[0].rule)
        coverage.file
        """
        from affine import Affine

        table, facts = load_table(path)
        grid = GeoBox(tuple(facts["shape"]), Affine(*facts["affine"]), facts["crs"])
        walked, targets, sources = (
            np.asarray(facts[name], dtype=np.int64) for name in ("walked", "targets", "sources")
        )
        index = pd.Index(facts["index"], name=facts["name"])
        return cls(grid, index, table, walked, targets, sources, facts["key"])

    @property
    def walked(self) -> Array:
        """Positions in the index of the units of the table: those whose cells were looked for.

        Examples
        --------
        >>> from riskzoning.samples import toy_city
        >>> city = toy_city()
        >>> city.units["level"].iloc[Coverage.from_units(city.grid, city.units).walked].unique().tolist()
        ['township']
        """
        return self._walked

    @property
    def areas(self) -> pd.Series[float]:
        """Whole area of each unit in the units of the grid's CRS squared, also what lies outside the grid.

        Examples
        --------
        >>> from riskzoning.samples import toy_city
        >>> city = toy_city()
        >>> bool((Coverage.from_units(city.grid, city.units).areas > 0).all())
        True
        """
        cell = abs(self.grid.affine.a * self.grid.affine.e)
        return pd.Series(self._whole() * cell, index=self.index)

    def overlaps(self, units: gpd.GeoDataFrame) -> bool:
        """Whether units share some ground; those of different levels (column ``level``) are meant to.

        Parameters
        ----------
        units : GeoDataFrame
            Those that the coverage was made from.

        Examples
        --------
        >>> from riskzoning.samples import toy_city
        >>> city = toy_city()
        >>> Coverage.from_units(city.grid, city.units).overlaps(city.units)
        False
        """
        if "level" not in getattr(units, "columns", ()):
            return self.table.overlaps()
        return self.table.overlaps(pd.factorize(units["level"].astype(str))[0][self._walked])

    def of_all_units(self, sums: Array) -> Array:
        """Sums of every unit, in the order of the index, from sums (rows) of the units of the table.

        Examples
        --------
        >>> from riskzoning.samples import toy_city
        >>> city = toy_city()
        >>> coverage = Coverage.from_units(city.grid, city.units)
        >>> float(coverage.of_all_units(np.ones(len(coverage.walked))).max())
        6.0
        """
        out = np.zeros((len(self.index), *sums.shape[1:]))
        out[self._walked] = sums
        np.add.at(out, self._targets, sums[self._sources])
        return out

    def _whole(self) -> Array:
        return self.of_all_units(self.table.areas)

    def _lines(self, sums: Array) -> Array:
        """Accumulators of all units from those of the walked ones."""
        out = empty_sums(len(self.index))
        out[self._walked] = sums
        roll_up(sums, self._targets, self._sources, out)
        return out

    def accumulator(
        self, names: Sequence[str], statistics: Sequence[str] = ("mean", "sum"), *, threads: int = _THREADS
    ) -> Accumulator:
        """Something that takes bands of rows of several layers and gives their statistics at the end.

        Parameters
        ----------
        names : sequence of str
        statistics : sequence of str
            ``count sum mean min max std var``.

        Examples
        --------
        >>> from riskzoning.samples import toy_city
        >>> city = toy_city()
        >>> sums = Coverage.from_units(city.grid, city.units).accumulator(["people"], ["sum"])
        >>> sums.update(0, {"people": city.layers["population"].values})
        >>> round(sums.totals()["people"], 6)
        20000.0
        """
        wrong = [name for name in statistics if name not in ADDITIVE]
        if wrong:
            raise LayerError(Problem("zonal.not_additive", Phrase("statistics"), wrong=wrong, known=ADDITIVE))
        return Accumulator(self, names, statistics, threads)

    def unallocated(self, layer: xr.DataArray) -> float:
        """What of a count layer lies on no unit: total of the grid less that of the finest units.

        Examples
        --------
        >>> from riskzoning.samples import toy_city
        >>> city = toy_city()
        >>> people = city.layers["population"]
        >>> 0 <= Coverage.from_units(city.grid, city.units).unallocated(people) <= float(people.sum())
        True
        """
        sums = self.accumulator(["layer"], ["sum"])
        source = open_source(layer)
        for first, band in source.bands(4096):
            sums.update(first, {"layer": next(iter(band.values()))})
        total = sums.totals()["layer"]
        inside = float(sums.finest_sums()["layer"])
        rest = total - inside
        return 0.0 if abs(rest) <= 1e-12 * max(abs(total), abs(inside)) else rest

    def statistics(
        self,
        layers: Layers | Source,
        statistics: Sequence[str] = ("mean",),
        *,
        weights: xr.DataArray | str | os.PathLike[str] | Source | None = None,
    ) -> pd.DataFrame:
        """Statistics of layers in every unit; see :func:`riskzoning.zoning.zonal_statistics`.

        Raises
        ------
        GridMismatchError
            The layers lie on another grid.

        Examples
        --------
        >>> from riskzoning.samples import toy_city
        >>> city = toy_city()
        >>> found = Coverage.from_units(city.grid, city.units).statistics(city.layers["elevation"], ["mean", "p90"])
        >>> list(found.columns)
        ['mean', 'p90', 'valid_share']
        """
        source = open_source(layers)
        wanted = checked_statistics(statistics)
        _check_grid(source.grid, self.grid)
        weighing = None if weights is None else open_source(weights)
        if weighing is not None:
            check_weights(weighing, self.grid)
        if not len(self.index):
            return _frame(
                {name: {s: np.empty(0) for s in (*wanted, "valid_share")} for name in source.names}, source, self
            )
        sums = source.add(self.table, weighing, _THREADS)
        table: dict[Hashable, dict[str, Any]] = {}
        for name in source.names:
            lines = self._lines(sums[name])
            columns = {s: statistic_of(lines, s) for s in wanted if s in ADDITIVE}
            note_beyond(lines, columns, str(name))
            source.note_suspects(name, lines[:, (LEAST, MOST)])
            if source.integer(name) and weights is None:
                columns.update({s: whole_numbers(columns[s]) for s in ("min", "max") if s in columns})
            columns.update(self._own_pass(source, name, [s for s in wanted if s not in ADDITIVE], weights))
            table[name] = {s: columns[s] for s in wanted} | {"valid_share": self._valid_share(lines)}
        source.tell()
        return _frame(table, source, self)

    def _valid_share(self, lines: Array) -> Array:
        whole = self._whole()
        share = np.divide(lines[:, COVER], whole, out=np.zeros(len(lines)), where=whole > 0)
        return np.asarray(np.clip(share, 0.0, 1.0))

    def _own_pass(self, source: Source, name: Hashable, wanted: Sequence[str], weights: Any) -> dict[str, Any]:
        """Statistics that do not add up: each unit of every level from its own cells."""
        if not wanted:
            return {}
        if weights is not None:
            raise LayerError(Problem("zonal.weighted", Phrase("statistics"), wrong=wanted, known=ADDITIVE))
        table = self.full_table()
        rows, read = self.grid.shape[0], source.read(name)
        out: dict[str, Any] = {}
        percentiles = [s for s in wanted if s not in CLASSES]
        if percentiles:
            shares = [0.5 if s == "median" else float(s[1:]) / 100 for s in percentiles]
            values = unit_quantiles(table, rows, read, shares)
            out.update({s: values[:, i] for i, s in enumerate(percentiles)})
        if any(s in CLASSES for s in wanted):
            keys, cover = class_table(table, rows, read, name=str(name))
            out.update(class_statistics(keys, cover, [s for s in wanted if s in CLASSES], source.integer(name)))
        return out

    def full_table(self) -> Table:
        """The table with every unit in the order of the index, coarser levels as unions of their parts.

        Examples
        --------
        >>> from riskzoning.samples import toy_city
        >>> city = toy_city()
        >>> len(Coverage.from_units(city.grid, city.units).full_table().areas)
        9
        """
        if not len(self._targets):
            order = np.argsort(self._walked)
            if np.array_equal(order, np.arange(len(order))):
                return self.table
        return merged_table(self.table, self._walked, self._targets, self._sources, len(self.index))


class Accumulator:
    """Takes bands of rows in ascending order; made by :meth:`Coverage.accumulator`.

    Examples
    --------
    >>> from riskzoning.samples import toy_city
    >>> city = toy_city()
    >>> sums = Coverage.from_units(city.grid, city.units).accumulator(["height"], ["mean"])
    >>> sums.update(0, {"height": city.layers["elevation"].values})
    >>> sums.result()[("height", "mean")].notna().all()
    np.True_
    """

    def __init__(self, coverage: Coverage, names: Sequence[str], statistics: Sequence[str], threads: int) -> None:
        self._coverage, self._statistics = coverage, tuple(statistics)
        rows, columns = coverage.grid.shape
        self._adder = Adder(coverage.table, names, rows, columns, threads=threads, grid_totals=True)

    def update(self, first_row: int, values: Mapping[str, Array]) -> None:
        """Take whole rows, any number at a time, in ascending order.

        Examples
        --------
        >>> from riskzoning.samples import toy_city
        >>> city = toy_city()
        >>> sums = Coverage.from_units(city.grid, city.units).accumulator(["a"])
        >>> sums.update(0, {"a": np.ones((5, 60))})
        >>> sums.totals()
        {'a': 300.0}
        """
        self._adder.update(first_row, values)

    def totals(self) -> dict[str, float]:
        """Sum of each layer over the whole grid, inside units or not.

        Examples
        --------
        >>> from riskzoning.samples import toy_city
        >>> city = toy_city()
        >>> Coverage.from_units(city.grid, city.units).accumulator(["a"]).totals()
        {'a': 0.0}
        """
        return dict(self._adder.grid_totals or {})

    def finest_sums(self) -> dict[str, float]:
        """Sum of each layer over the units of the finest level.

        Examples
        --------
        >>> from riskzoning.samples import toy_city
        >>> city = toy_city()
        >>> Coverage.from_units(city.grid, city.units).accumulator(["a"]).finest_sums()
        {'a': 0.0}
        """
        sums = self._adder.block_sums()
        return {name: float((lines[:, SUM] + lines[:, SUM_REST]).sum()) for name, lines in sums.items()}

    def result(self) -> pd.DataFrame:
        """Statistics of every unit: MultiIndex columns (layer, statistic), ``valid_share`` with each layer.

        Examples
        --------
        >>> from riskzoning.samples import toy_city
        >>> city = toy_city()
        >>> Coverage.from_units(city.grid, city.units).accumulator(["a"], ["sum"]).result().columns.tolist()
        [('a', 'sum'), ('a', 'valid_share')]
        """
        columns: dict[tuple[str, str], Array] = {}
        for name, sums in self._adder.block_sums().items():
            lines = self._coverage._lines(sums)
            own = {statistic: statistic_of(lines, statistic) for statistic in self._statistics}
            note_beyond(lines, own, name)
            columns |= {(name, statistic): values for statistic, values in own.items()}
            columns[(name, "valid_share")] = self._coverage._valid_share(lines)
        return pd.DataFrame(columns, index=self._coverage.index)


def _frame(table: Mapping[Hashable, Mapping[str, Any]], source: Source, coverage: Coverage) -> pd.DataFrame:
    if source.single:
        return pd.DataFrame(next(iter(table.values())), index=coverage.index)
    columns = {(name, s): values for name, part in table.items() for s, values in part.items()}
    out = pd.DataFrame(columns, index=coverage.index)
    out.columns = pd.MultiIndex.from_tuples(list(columns), names=["layer", "statistic"])
    return out


def check_weights(weights: Source, grid: GeoBox) -> None:
    """Refuse weights that are no one layer on the grid."""
    if len(weights.names) > 1:
        raise LayerError(Problem("zonal.weights", Phrase("parameter", name="weights"), count=len(weights.names)))
    check_same_grid(layer=grid, weights=weights.grid)


def _check_grid(grid: GeoBox, wanted: GeoBox) -> None:
    difference = grid_difference(grid, wanted)
    if difference is not None:
        raise GridMismatchError(Problem("coverage.grid", Phrase("coverage"), difference=difference))
