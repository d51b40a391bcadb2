"""Travel time to rescue and relief on the roads of the study."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.errors import Phrase, Problem, note
from riskzoning.methods import access
from riskzoning.pipeline.stages.assessments.given import Given, Tables

# From this share of the roads on, a column is that of the classes.
_KNOWN = 0.5
_BRIDGES = ("bridge", "tunnel", "是否桥梁", "桥梁", "桥隧")
_COLUMNS = ["code", "level", "place", "mode", "minutes", "people", "covered", "share", "mean_minutes", "per_1000"]


def tables(given: Given) -> Tables:
    """Access by unit, where the study has roads, residents and places."""
    kinds = dict(_places(given))
    roads = _roads(given) if kinds else None
    people = given.homes if roads is not None else None
    if roads is None or people is None:
        return {}
    road_class, bridge = _columns(roads)
    networks: dict[str, access.RoadNetwork] = {}
    parts = []
    for name, (rules, places) in kinds.items():
        mode = str(rules["mode"])
        if mode not in networks:
            networks[mode] = access.road_network(
                roads, road_class=road_class, bridge=bridge, mode="walk" if mode == "walk" else "road"
            )
            _tell(networks[mode], mode)
        parts.append(_told(given, networks[mode], places, people, rules).assign(place=name, mode=mode))
    return {"access": pd.concat(parts, ignore_index=True)[_COLUMNS]}


def _places(given: Given) -> Iterator[tuple[str, tuple[dict[str, Any], gpd.GeoDataFrame]]]:
    """Kinds of places with their rules, from their form, else from the objects of the study."""
    for name, rules in standards.table("capacity/access").data.items():
        frame = given.places(rules["form"])
        if frame is not None:
            for column, values in rules.get("where", {}).items():
                frame = frame[frame[column].astype("string").isin(values)]
        elif given.objects is not None:
            frame = given.objects[given.objects["kind"].isin(rules["kinds"])]
            frame = frame.assign(**{rules["supply"]: frame["people"]})
        if frame is not None and len(frame):
            yield name, (rules, frame.reset_index(drop=True))


def _roads(given: Given) -> gpd.GeoDataFrame | None:
    """The roads of the study in metres: those of its exposure, else an input of that name."""
    study = given.run.setting.study
    params = study.exposure.roads
    name = params.lines if params is not None else "roads" if "roads" in study.inputs else None
    if name is None:
        return None
    roads = given.run.catalogue.vector(str(name)).to_crs(given.metres)
    return roads if len(roads) else None


def _columns(roads: gpd.GeoDataFrame) -> tuple[str, str | None]:
    """The columns of the class and of bridges, by what is in them and how they are called."""
    classes = standards.table("methods/road_speeds").data["classes"]
    words = {word for name, facts in classes.items() for word in (name, *facts["words"])}
    texts = [str(name) for name in roads.columns if name != roads.geometry.name]
    shares = {name: roads[name].astype("string").str.strip().isin(words).mean() for name in texts}
    best = max(shares, key=lambda name: shares[name], default="")
    if not best or shares[best] < _KNOWN:
        best = "_class"
        roads[best] = ""
    return best, next((name for name in _BRIDGES if name in roads.columns), None)


def _tell(network: access.RoadNetwork, mode: str) -> None:
    if network.parts > 1:
        size = np.bincount(network.components)
        share = float(size[0] / size.sum())
        note(
            Problem("access.parts", Phrase("roads_layer"), severity="info", mode=mode, parts=network.parts, share=share)
        )


def _told(
    given: Given,
    network: access.RoadNetwork,
    places: gpd.GeoDataFrame,
    people: gpd.GeoDataFrame,
    rules: dict[str, Any],
) -> pd.DataFrame:
    """People within the times of a kind of place by unit of every level, and what they have of it a head."""
    limits = [float(limit) for limit in rules["minutes"]]
    time = access.journeys(network, places, people, minutes=max(limits), supply=str(rules["supply"]))
    given_to = (
        pd.Series(time["access"].to_numpy() * people["people"].to_numpy()).groupby(people["code"].to_numpy()).sum()
    )
    _tell_snapping(time, people, str(rules["form"]))
    parts = []
    for level, unit_of in given.levels(given.run.setting.finest).items():
        units = people["code"].map(unit_of)
        inside = units.notna().to_numpy()
        told = access.shares_within(people["people"][inside], time["minutes"][inside], limits, units[inside])
        has = given_to.groupby(lambda code, unit_of=unit_of: unit_of.get(code)).sum()
        told["per_1000"] = 1000 * told["code"].map(has) / told["people"].where(told["people"] > 0)
        parts.append(told.assign(level=level))
    return pd.concat(parts, ignore_index=True)


def _tell_snapping(time: pd.DataFrame, people: gpd.GeoDataFrame, form: str) -> None:
    weight = people["people"].to_numpy()
    total = weight.sum()
    if total > 0:
        away = float((time["off_road_m"].to_numpy() * weight).sum() / total)
        cut_off = float(weight[~time["connected"].to_numpy()].sum() / total)
        far = float(weight[time["off_road_m"].to_numpy() > 2000].sum() / total)
        thing = Phrase("survey_form", name=form)
        note(Problem("access.snapping", thing, severity="info", mean_m=away, far=far, cut_off=cut_off))
