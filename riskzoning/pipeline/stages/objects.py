"""The grade that every object of the study lies in: the layer, and what of each kind lies in each grade."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd

from riskzoning.exposure.objects import cells_of, objects_and_extent, objects_by_grade
from riskzoning.exposure.placing import Placed
from riskzoning.names import MULTI, Index
from riskzoning.pipeline.objects import study_objects
from riskzoning.pipeline.state import Graded, Made, Run, Surveyed, Zoned
from riskzoning.pipeline.workspace.frames import Frames
from riskzoning.pipeline.workspace.resume import frames_once


def objects(run: Run, made: Made) -> Zoned:
    """The layer and the tables of objects; nothing where the study names none."""
    setting, graded = run.setting, made.of(Graded)
    wanted = {item.hazard: Index(item.hazard, "hazard").grade_key for item in setting.study.hazards}
    wanted[MULTI] = Index(MULTI, "risk").grade_key
    grades = {hazard: graded.layers[key] for hazard, key in wanted.items() if key in graded.layers}
    kept = frames_once(run, "places", lambda: (_places(run, made), {})) if grades else {}
    places = kept.get("places")
    if not isinstance(places, gpd.GeoDataFrame):
        return Zoned({}, {})
    exposed, extent = objects_and_extent(places, grades, where=Placed.of(kept))
    tables = {"objects": pd.DataFrame(exposed.drop(columns="geometry")), "objects_by_grade": objects_by_grade(exposed)}
    return Zoned({"objects": exposed}, {**tables, "objects_extent": extent})


def _places(run: Run, made: Made) -> Frames:
    """The objects and the cells that they lie on, which hang on no grade; nothing where the study names none."""
    setting = run.setting
    places = study_objects(setting.study, run.catalogue, setting.units, made.of(Surveyed).surveys)
    return {} if places is None else {"places": places, **cells_of(places, setting.grid).frames}
