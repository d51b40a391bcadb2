"""Which interpolation foretells left-out stations best, the mean of the stations among the candidates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Unpack

import geopandas as gpd
from odc.geo.geobox import GeoBox

from riskzoning.errors import LayerError
from riskzoning.methods.interpolation.stations import Covariates
from riskzoning.methods.interpolation.surfaces import CrossValidation, Fitting, Method, leave_one_out

# A method must be better by more than rounding.
_BETTER = 1 - 1e-9


@dataclass(frozen=True, eq=False)
class Comparison:
    """Candidates by how well they foretell left-out stations.

    ``method``: the best one, ``mean`` where none beats the mean of the stations; ``errors``: the cross-validation of
    each candidate that could be made, the mean among them.

    Examples
    --------
    >>> Comparison("mean", {}).method
    'mean'
    """

    method: Method
    errors: Mapping[str, CrossValidation]


def best_method(
    stations: gpd.GeoDataFrame,
    column: str,
    grid: GeoBox | None = None,
    *,
    candidates: Mapping[Method, Covariates],
    **fitting: Unpack[Fitting],
) -> Comparison:
    """The interpolation that foretells left-out stations best; a surface that does not beat their mean is not drawn.

    Parameters
    ----------
    stations, column, grid, **fitting
        As in :func:`leave_one_out`.
    candidates : mapping method -> covariates
        The methods that may be used; ``mean`` always joins them. One that cannot be cross-validated, for too few
        stations, is no candidate.

    Returns
    -------
    Comparison

    Raises
    ------
    MissingDependencyError
        As in :func:`interpolate`.

    Notes
    -----
    Left out one by one, n stations are foretold by the mean of the others with R2 = 1 - (n / (n - 1))^2: -0.174 for 13.

    Examples
    --------
    >>> places = gpd.points_from_xy([0, 1, 2, 3], [0, 0, 0, 0], crs="EPSG:4547")
    >>> slope = gpd.GeoDataFrame({"t": [1.0, 2.0, 3.0, 4.0], "luck": [1.0, 4.0, 1.0, 4.0]}, geometry=places)
    >>> [best_method(slope, column, candidates={"idw": None}).method for column in ("t", "luck")]
    ['idw', 'mean']
    """
    every: dict[Method, Covariates] = {"mean": None, **candidates}
    errors: dict[str, CrossValidation] = {}
    best: Method = "mean"
    for method, covariates in every.items():
        try:
            errors[method] = leave_one_out(stations, column, grid, method=method, covariates=covariates, **fitting)
        except LayerError:
            continue
        if best not in errors or errors[method].rmse < _BETTER * errors[best].rmse:
            best = method
    return Comparison(best if best in errors else "mean", errors)
