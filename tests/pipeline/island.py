"""A made-up island, its parishes and villages, and what a study of it needs; wherever on earth it shall lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.transform import from_origin
from shapely.geometry import LineString

# Size of the island in degrees, and of a cell.
WIDE, HIGH, CELL = 0.24, 0.36, 0.002
_PARISHES = ("Saint George", "Saint Andrew", "Saint David", "Saint Patrick", "Charlotte", "Grenadines")
Array = NDArray[Any]


@dataclass(frozen=True)
class Island:
    """Where the middle of the island lies; ``wrapped``: longitudes as files have them, cut at 180 degrees."""

    lon: float = -61.2
    lat: float = 13.25

    def coast(self) -> shapely.Geometry:
        angle = np.linspace(0, 2 * np.pi, 120, endpoint=False)
        radius = 1 + 0.12 * np.cos(3 * angle) + 0.06 * np.sin(7 * angle)
        x = self.lon + 0.4 * WIDE * radius * np.cos(angle)
        return shapely.Polygon(np.column_stack([x, self.lat + 0.4 * HIGH * radius * np.sin(angle)]))

    def parishes(self) -> gpd.GeoDataFrame:
        """Six pieces of the island, of two columns and three rows, that share their borders exactly."""
        return self._pieces(2, 3, list(_PARISHES), "P")

    def villages(self) -> gpd.GeoDataFrame:
        """Thirty villages; each column and row of parishes is a whole number of theirs."""
        return self._pieces(4, 9, [f"Village {n + 1}" for n in range(36)], "V")

    def _pieces(self, columns: int, rows: int, names: list[str], letter: str) -> gpd.GeoDataFrame:
        x = np.linspace(self.lon - WIDE / 2, self.lon + WIDE / 2, columns + 1)
        y = np.linspace(self.lat - HIGH / 2, self.lat + HIGH / 2, rows + 1)
        boxes = [shapely.box(x[i], y[j], x[i + 1], y[j + 1]) for j in range(rows) for i in range(columns)]
        shapes = shapely.intersection(np.array(boxes, dtype=object), self.coast())
        kept = [place for place, shape in enumerate(shapes) if shape.area > 1e-7]
        codes = [f"{letter}-{place + 1}" for place in kept]
        data = {"code": codes, "name": [names[place] for place in kept]}
        return gpd.GeoDataFrame(data, geometry=[shapes[place] for place in kept], crs="EPSG:4326")

    def whole(self) -> gpd.GeoDataFrame:
        shape = shapely.coverage_union_all(self.parishes().geometry.to_numpy())
        return gpd.GeoDataFrame({"code": ["SG"], "name": ["Saint Gabriel"]}, geometry=[shape], crs="EPSG:4326")

    def height(self) -> tuple[Array, Array]:
        """Metres above the sea of the cells of the rasters, and whether they are land."""
        rows, columns = round(HIGH * 1.2 / CELL), round(WIDE * 1.2 / CELL)
        y, x = np.mgrid[0:rows, 0:columns]
        lon = self.lon + WIDE * 0.6 - (columns - x - 0.5) * CELL
        lat = self.lat + HIGH * 0.6 - (y + 0.5) * CELL
        far = np.hypot((lon - self.lon) / (0.4 * WIDE), (lat - self.lat) / (0.4 * HIGH))
        ridges = 60 * np.sin(40 * (lon - self.lon)) * np.cos(30 * (lat - self.lat))
        return np.where(far < 1.15, 950 * np.clip(1.1 - far, 0, None) ** 1.6 + ridges * (far < 0.9), 0), far < 1.15

    def raster(self, path: Path, values: Array, nodata: float | None = None) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with rasterio.open(
            path, "w", driver="GTiff", height=values.shape[0], width=values.shape[1], count=1, dtype="float32",
            crs="EPSG:4326", transform=from_origin(self.lon - WIDE * 0.6, self.lat + HIGH * 0.6, CELL, CELL),
            nodata=nodata,
        ) as file:  # fmt: skip
            file.write(values.astype(np.float32), 1)

    def files(self, folder: Path, *, villages: bool = False) -> None:
        """Boundaries, relief, floods, shaking, people, product, slides and rivers, named as in the template."""
        folder.mkdir(parents=True, exist_ok=True)
        layers = {"island": self.whole(), "parish": self.parishes()} | (
            {"village": self.villages()} if villages else {}
        )
        for level, frame in layers.items():
            cut(frame).to_file(folder / "admin.gpkg", layer=level, driver="GPKG")
        height, land = self.height()
        self.raster(folder / "dem.tif", np.where(land, height, -9999), nodata=-9999)
        for period, level in ((20, 8.0), (100, 20.0)):
            depth = np.where(land & (height < level), (level - height) / 6, 0)
            self.raster(folder / f"flood/depth_T{period:03d}.tif", depth)
        y = np.linspace(0, 1, height.shape[0])[:, None]
        self.raster(folder / "seismic/pga_475.tif", 0.18 + 0.06 * y + 0 * height)
        people = np.where(land & (height < 250), 4 + 40 * np.exp(-height / 40), np.where(land, 0.2, 0))
        self.raster(folder / "exposure/population.tif", people)
        parishes = self.parishes()
        count = len(parishes)
        table = {"code": parishes["code"], "name": parishes["name"]}
        pd.DataFrame({**table, "residents": np.linspace(9000, 26000, count).round()}).to_csv(
            folder / "population.csv", index=False
        )
        pd.DataFrame({**table, "gdp": np.linspace(4e8, 2e9, count).round()}).to_csv(folder / "gdp.csv", index=False)
        rng = np.random.default_rng(7)
        steep = np.argwhere(land & (height > 250))
        chosen = steep[rng.choice(len(steep), 120, replace=False)]
        lon = self.lon - WIDE * 0.6 + (chosen[:, 1] + 0.5) * CELL
        lat = self.lat + HIGH * 0.6 - (chosen[:, 0] + 0.5) * CELL
        (folder / "geology").mkdir(exist_ok=True)
        slides = gpd.GeoDataFrame({"id": range(120)}, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326")
        cut(slides).to_file(folder / "geology/landslides.gpkg", driver="GPKG")
        rays = [
            LineString([(self.lon, self.lat), (self.lon + 0.4 * WIDE * np.cos(a), self.lat + 0.4 * HIGH * np.sin(a))])
            for a in np.linspace(0.3, 6, 7)
        ]
        rivers = gpd.GeoDataFrame({"id": range(7)}, geometry=rays, crs="EPSG:4326")
        cut(rivers).to_file(folder / "rivers.gpkg", driver="GPKG")


def cut(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Longitudes from -180 to 180: what lies beyond is cut off and set on the other side, as exchange formats ask."""
    if frame.total_bounds[2] <= 180:
        return frame
    east, west = shapely.box(-180, -90, 180, 90), shapely.box(180, -90, 540, 90)

    def turned(shape: Any) -> Any:
        parts = [shapely.intersection(shape, east), shapely.transform(
            shapely.intersection(shape, west), lambda points: points - (360, 0)
        )]  # fmt: skip
        kept = [part for part in parts if not part.is_empty]
        return kept[0] if len(kept) == 1 else shapely.union_all(kept)

    return frame.set_geometry([turned(shape) for shape in frame.geometry], crs=frame.crs)
