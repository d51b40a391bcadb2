"""What a caller may say about a map: its classes, the column beside it, the sheet and its footers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd
import xarray as xr

from riskzoning.methods.ladders import Ladder


@dataclass(frozen=True)
class MapNotes:
    """What stands in the footers of a map.

    Parameters
    ----------
    review_number : str, optional
        The number of the official review (审图号). Without one the map says that it is a sketch; none is ever invented.
    data_date, method, run : str
        Date of the data, one line on the method, a short identifier of the run.
    boundaries : str
        Whose administrative boundaries of which edition are drawn, at most a line.
    status : mapping, optional
        How many tables of numbers are ``official``, ``literature``, ``project_default`` and ``unverified``.

    Examples
    --------
    >>> MapNotes(data_date="2026-06-30").review_number is None
    True
    """

    review_number: str | None = None
    data_date: str = ""
    method: str = ""
    status: Mapping[str, int] | None = None
    run: str = ""
    boundaries: str = ""


@dataclass(frozen=True)
class Legend:
    """The classes of a map (图例): names, colours and limits.

    Parameters
    ----------
    scheme : str
        A scheme of ``grades/schemes``; it gives number and names of the classes.
    classes : sequence of str, optional
        Names of the classes, lowest first, instead of a scheme.
    palette : str, optional
        A palette of ``palettes/grades``; default ``risk_5``.
    breaks : sequence of float, optional
        Upper bounds of the classes, lowest first, in the units of the index.
    closed : {"right", "left"}
        Which end of an interval belongs to its class.
    ladder : Ladder, optional
        The ladder of the hazard: the intervals are those of its measure, in its units, instead of ``breaks``.
    index : str or DataArray, optional
        The index that was graded, as a column of the units or a layer on the grid of the grades: where it is exactly 0
        the hazard does not act, which has a colour and a row of its own (无).
    notes : sequence of str
        Lines above the classes: what the grades are relative to, which hazards they are made of.
    edges : bool
        Whether each polygon has an edge, so that neighbours of the same class can be told apart, as zones must be.
    complete : bool
        Whether classes that are nowhere, and no data, have a row as well.
    groups : GeoDataFrame, optional
        What the units are joined to, with ``name``: drawn over them as thick outlines with their names.
    hatched : str, optional
        Column of the units that is true where a grade is unsure: hatched, with a row of its own where there are any.
    works : bool
        Whether the works of the backdrop (levees, reservoirs ...) are drawn and named in the key.

    Examples
    --------
    >>> Legend(scheme="flood_4", palette="flood").closed
    'right'
    >>> Legend(scheme="flood_4", index="flood_hazard_index").zero
    True
    """

    scheme: str = "risk_5"
    classes: Sequence[str] | None = None
    palette: str | None = None
    breaks: Sequence[float] | None = None
    closed: str = "right"
    ladder: Ladder | None = None
    index: str | xr.DataArray | None = None
    notes: Sequence[str] = ()
    edges: bool = False
    complete: bool = True
    groups: gpd.GeoDataFrame | None = None
    hatched: str | None = None
    works: bool = True

    @property
    def zero(self) -> bool:
        """Whether the legend has a row for where the hazard does not act.

        Examples
        --------
        >>> Legend().zero
        False
        """
        return self.index is not None


@dataclass(frozen=True)
class Panel:
    """What stands below the legend: bars by grade and the table of the highest units.

    Parameters
    ----------
    people : str, Series or DataArray, optional
        Residents: a column of the units, their sum by grade, or a layer of persons on the grid of the map's layer.
    value_column : str, optional
        Column of the index, for the table of the highest units.
    highest : sequence of (name, index, grade), optional
        That table itself, at most five rows, for a layer.

    Examples
    --------
    >>> Panel(people="population").highest is None
    True
    """

    people: str | pd.Series | xr.DataArray | None = None
    value_column: str | None = None
    highest: Sequence[tuple[str, float, int]] | None = None


@dataclass(frozen=True)
class Sheet:
    """The paper: its size, its projection and its footers.

    Parameters
    ----------
    size : {"A4", "A3", "A1"}
        Landscape.
    crs : str, optional
        Projection; default that of the data, or the CGCS2000 belt where these are in degrees.
    notes : MapNotes
        Footers.

    Examples
    --------
    >>> Sheet().size
    'A3'
    """

    size: str = "A3"
    crs: str | None = None
    notes: MapNotes = field(default_factory=MapNotes)
