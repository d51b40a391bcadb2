"""What a raster file says about itself, without reading its values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyproj
from affine import Affine
from odc.geo.geobox import GeoBox
from pyproj import Transformer

from riskzoning.errors import MissingCRSError, Phrase, Problem
from riskzoning.rasters.placing import CRSLike, Orientation


@dataclass(frozen=True)
class RasterFacts:
    """Facts of one band of a raster file: where it lies, how it is stored, what its tags say.

    Parameters
    ----------
    path, driver : str
        The file as named; ``GTiff``, ``netCDF``, ``Zarr`` ...
    crs : str or None
        ``EPSG:n`` or WKT; None when the file has none, or one without a named datum (then ``crs_raw`` has its name).
    transform : Affine
        North up, whatever the file's order of rows is.
    shape : (rows, columns)
    dtype : str
        As stored.
    nodata : tuple of float
        Declared no-data values, as stored.
    units : str or None
        The file's unit (band unit, tag ``UNITS`` or attribute ``units``).
    band, bands, band_names : int, int, tuple of str
        The band in question (from 1), how many there are, what they are called.
    variables : tuple of str
        Variables of a NetCDF or Zarr file that lie on the grid.
    block_shape : (rows, columns)
        The piece that the file stores and that has to be decoded as one.
    size_bytes : int
    source : str
        What the file is opened by, where that is not its path: the members of an archive, a mosaic of tiles.
    masked : bool
        Whether the file has a mask band or an alpha band; ``alpha`` is the number of an alpha band that is no integer.

    Examples
    --------
    >>> facts = RasterFacts("a.tif", "GTiff", "EPSG:4490", Affine(0.5, 0, 113, 0, -0.5, 36), (2, 4), "float32")
    >>> facts.bounds, facts.resolution, facts.cells
    ((113.0, 35.0, 115.0, 36.0), (0.5, 0.5), 8)
    """

    path: str
    driver: str
    crs: str | None
    transform: Affine
    shape: tuple[int, int]
    dtype: str
    nodata: tuple[float, ...] = ()
    units: str | None = None
    band: int = 1
    bands: int = 1
    band_names: tuple[str, ...] = ()
    variable: str | None = None
    variables: tuple[str, ...] = ()
    block_shape: tuple[int, int] = (1, 1)
    tiled: bool = False
    compressed: bool = False
    overviews: int = 0
    size_bytes: int = 0
    scale: float = 1.0
    offset: float = 0.0
    valid_range: tuple[float, float] | None = None
    masked: bool = False
    alpha: int = 0
    crs_raw: str = ""
    source: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    orientation: Orientation = field(default_factory=Orientation)

    @property
    def opens(self) -> str:
        """What a library opens.

        Examples
        --------
        >>> RasterFacts("a.tif", "GTiff", None, Affine(10, 0, 0, 0, -10, 20), (2, 3), "uint8").opens
        'a.tif'
        """
        return self.source or self.path

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, bottom, right, top in the raster's CRS.

        Examples
        --------
        >>> RasterFacts("a.tif", "GTiff", None, Affine(10, 0, 0, 0, -10, 20), (2, 3), "uint8").bounds
        (0.0, 0.0, 30.0, 20.0)
        """
        rows, columns = self.shape
        left, top = self.transform * (0, 0)
        right, bottom = self.transform * (columns, rows)
        return (float(left), float(bottom), float(right), float(top))

    @property
    def resolution(self) -> tuple[float, float]:
        """Width and height of a cell in units of the CRS.

        Examples
        --------
        >>> RasterFacts("a.tif", "GTiff", None, Affine(10, 0, 0, 0, -20, 20), (2, 3), "uint8").resolution
        (10.0, 20.0)
        """
        return (float(self.transform.a), float(-self.transform.e))

    @property
    def cells(self) -> int:
        """Number of cells.

        Examples
        --------
        >>> RasterFacts("a.tif", "GTiff", None, Affine(10, 0, 0, 0, -10, 20), (2, 3), "uint8").cells
        6
        """
        return self.shape[0] * self.shape[1]

    @property
    def grid(self) -> GeoBox:
        """The grid of the raster.

        Raises
        ------
        MissingCRSError
            The file has no CRS.

        Examples
        --------
        >>> RasterFacts("a.tif", "GTiff", "EPSG:4490", Affine(1, 0, 113, 0, -1, 36), (2, 3), "uint8").grid.shape
        Shape2d(x=3, y=2)
        """
        if self.crs is None:
            raise MissingCRSError(Problem("raster.crs", self.path, hint=Phrase("nothing")))
        return GeoBox(self.shape, self.transform, self.crs)

    def as_record(self) -> dict[str, Any]:
        """The facts as JSON-ready values for the run record.

        Examples
        --------
        >>> facts = RasterFacts("a.tif", "GTiff", None, Affine(10, 0, 0, 0, -10, 20), (2, 3), "uint8")
        >>> facts.as_record()["shape"]
        [2, 3]
        """
        return {
            "path": self.path,
            "driver": self.driver,
            "crs": self.crs,
            "bounds": list(self.bounds),
            "shape": list(self.shape),
            "resolution": list(self.resolution),
            "dtype": self.dtype,
            "nodata": list(self.nodata),
            "units": self.units,
            "bands": self.bands,
            "block_shape": list(self.block_shape),
            "size_bytes": self.size_bytes,
        }


def overlap(facts: RasterFacts, bounds: tuple[float, float, float, float], *, crs: CRSLike | None = None) -> float:
    """Share of a rectangle that the raster's extent covers, 0..1 (whether its cells have values is another matter).

    Parameters
    ----------
    facts : RasterFacts
    bounds : left, bottom, right, top
        The study area.
    crs : CRS or str, optional
        CRS of ``bounds``; default that of the raster.

    Examples
    --------
    >>> facts = RasterFacts("a.tif", "GTiff", "EPSG:4490", Affine(1, 0, 113, 0, -1, 36), (2, 3), "uint8")
    >>> overlap(facts, (115, 34, 117, 36))
    0.5
    """
    left, bottom, right, top = bounds
    if crs is not None and facts.crs is not None and pyproj.CRS(crs) != pyproj.CRS(facts.crs):
        turn = Transformer.from_crs(crs, facts.crs, always_xy=True)
        left, bottom, right, top = turn.transform_bounds(left, bottom, right, top, densify_pts=21)
    west, south, east, north = facts.bounds
    width = max(0.0, min(right, east) - max(left, west))
    height = max(0.0, min(top, north) - max(bottom, south))
    area = (right - left) * (top - bottom)
    return min(1.0, width * height / area) if area > 0 else 0.0
