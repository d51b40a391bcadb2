"""Who lives within reach of a place: shares of people by straight distance."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.inputs import check_columns

_COLUMNS = ("code", "kind", "radius_m", "places", "people", "covered", "share", "mean_distance_m")


def distance_coverage(
    people: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    radii: Mapping[str, float],
    *,
    kind: str = "type",
    unit: str = "code",
) -> pd.DataFrame:
    """Share of the people of each unit who live within the radius of a place, for each kind of place.

    Parameters
    ----------
    people : GeoDataFrame
        Points with ``people`` and the code of their unit, in metres (a projected CRS).
    places : GeoDataFrame
        Points (other geometries count by a point inside them) with their kind, in the same CRS. A place serves people
        of every unit, not only of its own.
    radii : mapping
        Kind -> radius, metres. A kind without a place covers nobody.
    kind, unit : str
        Columns of ``places`` and ``people``.

    Returns
    -------
    DataFrame
        ``code kind radius_m places`` (of that kind anywhere) ``people covered share`` (0..1; NaN where nobody lives)
        ``mean_distance_m`` (to the nearest, mean of the people; NaN without a place).

    Raises
    ------
    LayerError
        The layers are not in one projected CRS, or a column is missing.

    Examples
    --------
    >>> homes = gpd.GeoDataFrame({"people": [30, 70], "code": "u"}, geometry=gpd.points_from_xy([0, 900], [0, 0]))
    >>> shelter = gpd.GeoDataFrame({"type": ["A"]}, geometry=gpd.points_from_xy([0], [0]))
    >>> table = distance_coverage(homes.set_crs(4547), shelter.set_crs(4547), {"A": 500})
    >>> table[["covered", "share", "mean_distance_m"]].values.tolist()
    [[30.0, 0.3, 630.0]]
    """
    _check(people, places, kind, unit)
    homes, weights = _points(people), people["people"].to_numpy(dtype=np.float64)
    codes = people[unit].astype(str)
    parts = []
    for name, radius in radii.items():
        here = _points(places[places[kind].astype("string") == name])
        apart = cKDTree(here).query(homes)[0] if len(here) else np.full(len(homes), np.inf)
        table = pd.DataFrame({"people": weights, "covered": np.where(apart <= radius, weights, 0.0)})
        table["weighted"] = np.where(weights > 0, weights * apart, 0.0)
        sums = table.groupby(codes.to_numpy()).sum().rename_axis("code").reset_index()
        living = sums["people"].where(sums["people"] > 0)
        sums = sums.assign(kind=name, radius_m=float(radius), places=len(here), share=sums["covered"] / living)
        sums["mean_distance_m"] = (sums["weighted"] / living).replace(np.inf, np.nan)
        parts.append(sums)
    return pd.concat(parts, ignore_index=True)[list(_COLUMNS)] if parts else pd.DataFrame(columns=list(_COLUMNS))


def _check(people: gpd.GeoDataFrame, places: gpd.GeoDataFrame, kind: str, unit: str) -> None:
    for frame, wanted in ((people, ["people", unit]), (places, [kind])):
        check_columns(frame, wanted, Phrase("people_and_places"))
    if people.crs is None or places.crs is None or people.crs != places.crs or not people.crs.is_projected:
        crs = [str(people.crs), str(places.crs)]
        raise LayerError(Problem("capacity.metres", Phrase("people_and_places"), crs=crs))


def _points(frame: gpd.GeoDataFrame) -> NDArray[np.float64]:
    points = frame.geometry
    if not (points.geom_type == "Point").all():
        points = points.representative_point()
    return np.column_stack([points.x, points.y]).astype(np.float64)
