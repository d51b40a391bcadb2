"""Public services (公共服务): schools, hospitals, homes for the aged as points, with the people who use them."""

from __future__ import annotations

import geopandas as gpd

from riskzoning import grid as grids
from riskzoning.errors import Problem
from riskzoning.exposure.base.receptor import CountSpec, Exposed, Ground, ReceptorSpec, StudyUnits, feature_count
from riskzoning.exposure.base.unit_tables import column_problems, number_problems
from riskzoning.inputs import Inputs, InputSpec, Section

USERS = CountSpec("public_service_users", "public_service_users")


class Params(Section):
    """Points of public services; ``users`` is the column with the people who use each."""

    points: str
    users: str = "users"


def _count(inputs: Inputs, params: Params, ground: Ground) -> Exposed:
    points = inputs["points"]
    assert isinstance(points, gpd.GeoDataFrame)
    layer = grids.point_counts(points, ground.grid, column=params.users, quantity=USERS.quantity)
    return Exposed({USERS.name: feature_count(layer)})


def _check(inputs: Inputs, params: Params, _units: StudyUnits | None) -> list[Problem]:
    points, thing = inputs.get("points"), SPEC.thing("points")
    if not isinstance(points, gpd.GeoDataFrame):
        return []
    return column_problems(points, (params.users,), thing) or number_problems(points, (params.users,), thing)


SPEC = ReceptorSpec(
    name="public_services",
    counts=(USERS,),
    inputs=(InputSpec("points", "footprints", note="schools, hospitals, homes for the aged"),),
    params=Params,
    count=_count,
    check=_check,
)
