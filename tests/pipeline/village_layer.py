"""Generated villages: the polygons of a level cut into parts, with 12-digit codes."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely


def cut_up(shape: shapely.Geometry, parts: int, random: np.random.Generator) -> list[shapely.Geometry]:
    """A polygon in so many parts, or some less, by the nearest of random places; together they are the polygon."""
    west, south, east, north = shape.bounds
    places = shapely.points(random.uniform((west, south), (east, north), (parts, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(places), extend_to=shape.envelope))
    shapes = shapely.intersection(cells, shape)
    return list(shapes[shapely.area(shapes) > 1e-10])


def generated_villages(towns: gpd.GeoDataFrame, each: int, seed: int = 1) -> gpd.GeoDataFrame:
    """Each township (index ``code``) in so many villages that make it up."""
    random = np.random.default_rng(seed)
    rows = [
        (f"{code}{number:03d}", f"{name}第{number - 199}村", part)
        for code, name, shape in zip(towns.index, towns["name"], towns.geometry, strict=True)
        for number, part in enumerate(cut_up(shape, each, random), start=200)
    ]
    frame = pd.DataFrame(rows, columns=["code", "name", "geometry"])
    return gpd.GeoDataFrame(frame, geometry="geometry", crs=towns.crs)
