"""Access on roads: a network noded at crossings, exact travel times to the nearest place, supply within reach (2SFCA).

All layers are in one projected CRS in metres. Roads are taken as open in both directions. People and places join the
network at the nearest point of a road and walk to it.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree
from shapely import LineString
from shapely.ops import substring

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, note
from riskzoning.faces import missing
from riskzoning.layers.plausible import takes

__all__ = ["Floating", "RoadNetwork", "journeys", "road_network", "shares_within", "supply_access", "travel_minutes"]

Array = NDArray[Any]
Floating = NDArray[np.float64]
Mode = Literal["road", "walk"]
_ROADS = Phrase("roads_layer")
# Supplies that are walked from at once in the two steps.
_CHUNK = 16
# An edge of no length would be none.
_LEAST_MINUTES = 1e-9


@dataclass(frozen=True)
class RoadNetwork:
    """Roads cut at every crossing.

    Parameters
    ----------
    nodes : array, shape (nodes, 2)
        Coordinates, metres.
    ends : array of int, shape (edges, 2)
        Nodes at both ends of each edge.
    minutes : array, shape (edges,)
        Time to pass each edge.
    lines : array of LineString, shape (edges,)
    components : array of int, shape (nodes,)
        Connected part that a node belongs to; 0 is the one with most nodes.
    crs : object
        Of the roads.
    walking : float
        Speed to and from the roads, km/h.

    Examples
    --------
    >>> from shapely import LineString
    >>> cross = [LineString([(0, 0), (1000, 0)]), LineString([(500, -500), (500, 500)])]
    >>> roads = gpd.GeoDataFrame({"tech_class": "四级"}, geometry=cross, index=[0, 1], crs=4547)
    >>> network = road_network(roads)
    >>> len(network.nodes), len(network.lines), network.parts
    (5, 4, 1)
    """

    nodes: Floating
    ends: NDArray[np.int64]
    minutes: Floating
    lines: Array
    components: NDArray[np.int64]
    crs: object
    walking: float

    @property
    def parts(self) -> int:
        """Number of parts that are not connected with each other.

        Examples
        --------
        >>> from shapely import LineString
        >>> apart = [LineString([(0, 0), (1, 0)]), LineString([(0, 9), (1, 9)])]
        >>> road_network(gpd.GeoDataFrame({"tech_class": ["四级"] * 2}, geometry=apart, crs=4547)).parts
        2
        """
        return int(self.components.max()) + 1 if len(self.components) else 0

    def graph(self) -> csr_array:
        """Minutes between neighbouring nodes, both ways; of parallel edges the fastest.

        Examples
        --------
        >>> from shapely import LineString
        >>> road = gpd.GeoDataFrame({"tech_class": ["四级"]}, geometry=[LineString([(0, 0), (500, 0)])], crs=4547)
        >>> float(road_network(road).graph()[[0], [1]].round(3)[0])
        1.0
        """
        return _graph(self.ends, self.minutes, len(self.nodes))


@takes()
def road_network(
    roads: gpd.GeoDataFrame,
    *,
    road_class: str = "tech_class",
    bridge: str | None = None,
    mode: Mode = "road",
    snap_m: float = 0.5,
    speeds: Mapping[str, float] | None = None,
) -> RoadNetwork:
    """Roads as a network: cut where they cross or touch, with the time to pass each piece.

    Parameters
    ----------
    roads : GeoDataFrame
        Lines in metres (a projected CRS).
    road_class : str
        Column of the class, as in the table ``methods/road_speeds`` (高速 ... 等外, or the words of OpenStreetMap); a
        class that is not in it has the speed ``other``, which is noted.
    bridge : str, optional
        Column that says that a line is a bridge or a tunnel (1, yes, 是 ...). Such a line is joined to others at its
        own ends only: what passes below it does not turn onto it. Without the column all crossings are joined.
    mode : {"road", "walk"}
        ``walk``: walking speed on all roads but expressways.
    snap_m : float
        Ends this near to each other or to a line are joined, metres.
    speeds : mapping, optional
        Class -> km/h, instead of the table.

    Returns
    -------
    RoadNetwork

    Raises
    ------
    LayerError
        No line, no projected CRS, no such column, or a speed that is not positive.

    Examples
    --------
    >>> from shapely import LineString
    >>> lines = [LineString([(0, 0), (1000, 0)]), LineString([(500, -500), (500, 500)])]
    >>> roads = gpd.GeoDataFrame({"tech_class": "二级", "bridge": ["yes", "no"]}, geometry=lines, crs=4547)
    >>> road_network(roads).parts, road_network(roads, bridge="bridge").parts
    (1, 2)
    """
    _check(roads, [road_class, *([bridge] if bridge else [])])
    rules = standards.table("methods/road_speeds").data
    classes, kmh = _speeds(roads[road_class], rules, speeds)
    keep = ~classes.isin(rules["not_on_foot"]).to_numpy() if mode == "walk" else np.ones(len(roads), dtype=bool)
    keep &= ~(roads.geometry.isna() | roads.geometry.is_empty).to_numpy()
    lines, origin = shapely.get_parts(roads.geometry.to_numpy()[keep], return_index=True)
    is_line = (shapely.get_type_id(lines) == 1) & (shapely.length(lines) > 0)
    lines, origin = shapely.force_2d(lines[is_line]), origin[is_line]
    if not len(lines):
        raise LayerError(Problem("access.no_roads", _ROADS, mode=mode))
    words = [str(word).lower() for word in rules["bridge_words"]]
    raised = np.zeros(len(roads), dtype=bool)
    if bridge:
        raised = roads[bridge].astype("string").str.strip().str.lower().isin(words).fillna(False).to_numpy(dtype=bool)
    pieces, of_line = _cut(lines, raised[keep][origin], snap_m)
    speed = np.full(len(pieces), float(rules["walking"])) if mode == "walk" else kmh[keep][origin][of_line]
    nodes, ends = _joined(pieces, snap_m)
    minutes = np.maximum(shapely.length(pieces) / 1000 / speed * 60, _LEAST_MINUTES)
    _, labels = connected_components(_graph(ends, minutes, len(nodes)), directed=False)
    order = np.argsort(-np.bincount(labels), kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return RoadNetwork(nodes, ends, minutes, pieces, rank[labels], roads.crs, float(rules["walking"]))


def _check(layer: gpd.GeoDataFrame, columns: list[str]) -> None:
    lacking = [name for name in columns if name not in layer.columns]
    if lacking:
        raise LayerError(Problem("input.columns", _ROADS, missing=lacking, present=[str(c) for c in layer.columns]))
    if layer.crs is None or not layer.crs.is_projected:
        raise LayerError(Problem("access.metres", _ROADS, crs=str(layer.crs)))


def _speeds(
    given: pd.Series, rules: Mapping[str, Any], own: Mapping[str, float] | None
) -> tuple[pd.Series, NDArray[np.float64]]:
    """The class of each road by its own name, and its speed."""
    known = {word: name for name, facts in rules["classes"].items() for word in (name, *facts["words"])}
    texts = given.astype("string").str.strip()
    classes = texts.map(known).fillna(texts).fillna("")
    table = {name: float(facts["speed"]) for name, facts in rules["classes"].items()}
    table |= {} if own is None else {str(name): float(speed) for name, speed in own.items()}
    wrong = {name: speed for name, speed in table.items() if not speed > 0}
    if wrong:
        raise LayerError(Problem("access.speed", _ROADS, classes=list(wrong)))
    strange = sorted({str(name) for name in classes if name not in table})
    if strange:
        note(Problem("access.classes", _ROADS, severity="warning", classes=strange, speed=float(rules["other"])))
    return classes, classes.map(table).fillna(float(rules["other"])).to_numpy(dtype=np.float64)


def _cut(lines: Array, raised: NDArray[np.bool_], snap: float) -> tuple[Array, NDArray[np.int64]]:
    """The lines cut where they meet, and the line that each piece was cut from."""
    tree = shapely.STRtree(lines)
    first, second = tree.query(lines, predicate="intersects")
    pair = first < second
    first, second = first[pair], second[pair]
    points, which = _meeting_points(lines[first], lines[second])
    first, second = first[which], second[which]
    joined = _meets(points, lines, first, second, raised, snap)
    points, first, second = points[joined], first[joined], second[joined]
    cut_line, cut_point = np.concatenate([first, second]), np.concatenate([points, points])
    # Ends that nearly touch another line.
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    near_end, near_line = tree.query(ends, predicate="dwithin", distance=snap)
    of_end = near_end % len(lines)
    other = (of_end != near_line) & (raised[of_end] | ~raised[near_line])
    cut_line, cut_point = np.append(cut_line, near_line[other]), np.append(cut_point, ends[near_end[other]])
    return _pieces(lines, cut_line, shapely.line_locate_point(lines[cut_line], cut_point), snap)


def _meeting_points(one: Array, other: Array) -> tuple[Array, NDArray[np.int64]]:
    """Points where pairs of lines meet: crossings, and the ends of what they share."""
    shared, which = shapely.get_parts(shapely.intersection(one, other), return_index=True)
    kind = shapely.get_type_id(shared)
    along = kind == 1
    points = np.concatenate(
        [shared[kind == 0], shapely.get_point(shared[along], 0), shapely.get_point(shared[along], -1)]
    )
    return points, np.concatenate([which[kind == 0], which[along], which[along]])


def _meets(
    points: Array, lines: Array, first: Array, second: Array, raised: NDArray[np.bool_], snap: float
) -> NDArray[np.bool_]:
    """Whether lines join where they meet: a bridge or tunnel only at its own ends."""

    def is_end(of: Array) -> NDArray[np.bool_]:
        at = np.minimum(
            shapely.distance(points, shapely.get_point(lines[of], 0)),
            shapely.distance(points, shapely.get_point(lines[of], -1)),
        )
        return np.asarray(at <= snap)

    own_ends = (raised[first] & is_end(first)) | (raised[second] & is_end(second))
    return np.asarray(~(raised[first] | raised[second]) | own_ends)


def _pieces(lines: Array, of: Array, at: Floating, snap: float) -> tuple[Array, NDArray[np.int64]]:
    """Lines cut at distances along them; cuts at their ends, or at the same place, are none."""
    length = shapely.length(lines)
    inside = (at > snap) & (at < length[of] - snap)
    of, at = of[inside], at[inside]
    order = np.lexsort((at, of))
    of, at = of[order], at[order]
    same = (np.diff(of, prepend=-1) == 0) & (np.diff(at, prepend=-np.inf) <= snap)
    of, at = of[~same], at[~same]
    whole = np.ones(len(lines), dtype=bool)
    whole[of] = False
    pieces, origin = list(lines[whole]), list(np.flatnonzero(whole))
    borders = np.searchsorted(of, np.unique(of)), np.searchsorted(of, np.unique(of), side="right")
    for line, start, stop in zip(np.unique(of), *borders, strict=True):
        places = [0.0, *at[start:stop], float(length[line])]
        pieces += [_stretch(lines[line], a, b) for a, b in itertools.pairwise(places)]
        origin += [line] * (len(places) - 1)
    return np.array(pieces, dtype=object), np.array(origin, dtype=np.int64)


def _stretch(line: LineString, start: float, stop: float) -> LineString:
    """A stretch of a line; one of no length is still a line."""
    part = substring(line, start, stop)
    return part if isinstance(part, LineString) else LineString([part, part])


def _joined(pieces: Array, snap: float) -> tuple[Floating, NDArray[np.int64]]:
    """Nodes at the ends of pieces, those within the snapping distance being one, and the nodes of each piece."""
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(pieces, at)) for at in (0, -1)])
    pairs = cKDTree(ends).query_pairs(snap, output_type="ndarray")
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(ends), len(ends)))
    count, labels = connected_components(links, directed=False)
    size = np.bincount(labels, minlength=count)
    nodes = np.column_stack([np.bincount(labels, weights=ends[:, axis], minlength=count) / size for axis in (0, 1)])
    return nodes, labels.reshape(2, -1).T.astype(np.int64)


def _graph(ends: NDArray[np.int64], minutes: Floating, count: int) -> csr_array:
    low, high = ends.min(axis=1), ends.max(axis=1)
    order = np.lexsort((minutes, high, low))
    low, high, minutes = low[order], high[order], minutes[order]
    fastest = np.ones(len(low), dtype=bool)
    fastest[1:] = (np.diff(low) != 0) | (np.diff(high) != 0)
    fastest &= low != high
    one, two, time = low[fastest], high[fastest], minutes[fastest]
    return csr_array((np.append(time, time), (np.append(one, two), np.append(two, one))), shape=(count, count))


def _opened(network: RoadNetwork, places: gpd.GeoDataFrame) -> tuple[RoadNetwork, NDArray[np.int64], Floating]:
    """The network with a node where each place joins it, these nodes, and the way on foot to them, metres."""
    points = _points(places, network)
    edge, apart, at = _nearest(network, points)
    length = shapely.length(network.lines)
    order = np.lexsort((at, edge))
    kept = np.ones(len(network.lines), dtype=bool)
    kept[edge] = False
    lines, ends, minutes = [*network.lines[kept]], [network.ends[kept]], [network.minutes[kept]]
    node = np.empty(len(points), dtype=np.int64)
    node[order] = len(network.nodes) + np.arange(len(points))
    for one in np.unique(edge):
        here = order[edge[order] == one]
        stops = [0.0, *at[here], float(length[one])]
        chain = np.array([network.ends[one, 0], *node[here], network.ends[one, 1]])
        lines += [_stretch(network.lines[one], a, b) for a, b in itertools.pairwise(stops)]
        ends.append(np.column_stack([chain[:-1], chain[1:]]))
        minutes.append(np.maximum(np.diff(stops) / max(length[one], 1e-12) * network.minutes[one], _LEAST_MINUTES))
    own = shapely.get_coordinates(shapely.line_interpolate_point(network.lines[edge], at))
    nodes = np.concatenate([network.nodes, own[order]])
    components = np.concatenate([network.components, network.components[network.ends[edge, 0]][order]])
    opened = RoadNetwork(
        nodes,
        np.concatenate(ends),
        np.concatenate(minutes),
        np.array(lines, dtype=object),
        components,
        network.crs,
        network.walking,
    )
    return opened, node, apart


def _points(frame: gpd.GeoDataFrame, network: RoadNetwork) -> Array:
    if frame.crs != network.crs:
        raise LayerError(
            Problem("access.crs", Phrase("people_and_places"), crs=str(frame.crs), wanted=str(network.crs))
        )
    points = frame.geometry.to_numpy()
    bare = shapely.is_missing(points) | shapely.is_empty(points)
    if bare.any():
        raise LayerError(Problem("access.no_place", Phrase("people_and_places"), count=int(bare.sum())))
    flat = shapely.get_type_id(points) == 0
    return points if flat.all() else np.where(flat, points, shapely.point_on_surface(points))


def _nearest(network: RoadNetwork, points: Array) -> tuple[NDArray[np.int64], Floating, Floating]:
    """The nearest edge of each point, how far it is, and where along the edge."""
    if not len(points):
        return np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0)
    (at, edge), apart = shapely.STRtree(network.lines).query_nearest(points, return_distance=True, all_matches=False)
    order = np.argsort(at, kind="stable")
    edge, apart = edge[order].astype(np.int64), apart[order]
    return edge, apart, np.nan_to_num(shapely.line_locate_point(network.lines[edge], points))


@takes()
def travel_minutes(network: RoadNetwork, places: gpd.GeoDataFrame, people: gpd.GeoDataFrame) -> pd.DataFrame:
    """Time from the nearest place to each point of people, on roads, with the way on foot to and from them.

    Parameters
    ----------
    network : RoadNetwork
    places, people : GeoDataFrame
        In the CRS of the network; other geometries than points count by a point inside them.

    Returns
    -------
    DataFrame
        Index of ``people``: ``minutes`` (infinite where no place is connected), ``off_road_m`` (from the people to the
        road), ``connected`` (some place is).

    Raises
    ------
    LayerError
        The layers are in different CRS.

    Examples
    --------
    >>> from shapely import LineString
    >>> road = gpd.GeoDataFrame({"tech_class": ["四级"]}, geometry=[LineString([(0, 0), (9000, 0)])], crs=4547)
    >>> station = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0], [0]), crs=4547)
    >>> homes = gpd.GeoDataFrame(geometry=gpd.points_from_xy([2500, 2500], [0, 75]), crs=4547)
    >>> travel_minutes(road_network(road), station, homes)["minutes"].round(6).tolist()
    [5.0, 6.0]
    """
    return _minutes(_arrivals(network, places, people), people)


class _Arrivals(NamedTuple):
    """The network opened at the places, their nodes and ways to the road; where the people join it."""

    network: RoadNetwork
    node: NDArray[np.int64]
    foot: Floating
    edge: NDArray[np.int64]
    off_road: Floating
    share: Floating

    @property
    def walk(self) -> Floating:
        """Minutes from homes to the road."""
        return self.off_road / 1000 / self.network.walking * 60

    def from_nodes(self, time: Floating, chosen: NDArray[np.int64] | slice) -> Floating:
        """Times at people from times at nodes (rows: sources): by the nearer end of the edge that they are at."""
        edge, share = self.edge[chosen], self.share[chosen]
        ends, pass_time = self.network.ends[edge], self.network.minutes[edge]
        there = np.minimum(time[:, ends[:, 0]] + share * pass_time, time[:, ends[:, 1]] + (1 - share) * pass_time)
        return np.asarray(there + self.walk[chosen])


def _arrivals(network: RoadNetwork, places: gpd.GeoDataFrame, people: gpd.GeoDataFrame) -> _Arrivals:
    points, nodes = _points(people, network), np.zeros(0, dtype=np.int64)
    opened, node, apart = _opened(network, places) if len(places) else (network, nodes, np.zeros(0))
    edge, off_road, at = _nearest(opened, points)
    share = at / np.maximum(shapely.length(opened.lines)[edge], 1e-12)
    return _Arrivals(opened, node, apart / 1000 / network.walking * 60, edge, off_road, share)


def _minutes(given: _Arrivals, people: gpd.GeoDataFrame) -> pd.DataFrame:
    """Times from the nearest place."""
    reached = np.full(len(people), np.inf)
    if len(given.node):
        # One node more from which every place is as far as its way to the road.
        count = len(given.network.nodes)
        ends = np.concatenate([given.network.ends, np.column_stack([np.full(len(given.node), count), given.node])])
        minutes = np.concatenate([given.network.minutes, np.maximum(given.foot, _LEAST_MINUTES)])
        time = dijkstra(_graph(ends, minutes, count + 1), directed=False, indices=count)
        reached = given.from_nodes(time[None, :count], slice(None))[0]
    told = {"minutes": reached, "off_road_m": given.off_road, "connected": np.isfinite(reached)}
    return pd.DataFrame(told, index=people.index)


@takes()
def shares_within(
    people: ArrayLike, minutes: ArrayLike, limits: ArrayLike, units: pd.Series | ArrayLike
) -> pd.DataFrame:
    """People of each unit within so many minutes, and their share.

    Parameters
    ----------
    people, minutes : array, shape (n,)
    limits : array
        Minutes, limits included.
    units : array, shape (n,)
        Code of the unit of each point.

    Returns
    -------
    DataFrame
        ``code minutes people covered share mean_minutes`` (mean of the people that are reached).

    Examples
    --------
    >>> shares_within([30, 70], [10, 40], [15, 60], ["u", "u"])[["minutes", "share"]].values.tolist()
    [[15.0, 0.3], [60.0, 1.0]]
    """
    weights, time = np.asarray(people, dtype=np.float64), np.asarray(minutes, dtype=np.float64)
    codes = np.asarray(units).astype(str)
    reached = np.isfinite(time)
    table = pd.DataFrame({"people": weights, "reached": np.where(reached, weights, 0.0)})
    table["weighted"] = np.where(reached, weights * np.where(reached, time, 0.0), 0.0)
    sums = table.groupby(codes).sum().rename_axis("code")
    living = sums["people"].where(sums["people"] > 0)
    parts = []
    for limit in np.atleast_1d(np.asarray(limits, dtype=np.float64)):
        covered = pd.Series(np.where(time <= limit, weights, 0.0)).groupby(codes).sum()
        row = {"minutes": limit, "people": sums["people"], "covered": covered, "share": covered / living}
        parts.append(pd.DataFrame({**row, "mean_minutes": sums["weighted"] / sums["reached"].replace(0, np.nan)}))
    out = pd.concat(parts).rename_axis("code").reset_index()
    return out.sort_values(["code", "minutes"], kind="stable").reset_index(drop=True)


@takes()
def supply_access(
    network: RoadNetwork,
    places: gpd.GeoDataFrame,
    people: gpd.GeoDataFrame,
    *,
    minutes: float,
    supply: str,
    demand: str = "people",
) -> pd.Series[float]:
    """Supply within reach per person (two-step floating catchment area, 2SFCA).

    A place shares its supply among all people within the time limit; a point has what the places within the limit give
    a head. What is given in all is what the places have, as far as anyone can reach them.

    Parameters
    ----------
    network : RoadNetwork
    places : GeoDataFrame
        With the column ``supply`` (beds, places ...).
    people : GeoDataFrame
        With the column ``demand`` (persons).
    minutes : float
        Limit of the journey, included.
    supply, demand : str
        Columns.

    Returns
    -------
    Series
        Index of ``people``, supply a person.

    References
    ----------
    Luo and Wang (2003), Environment and Planning B 30(6).

    Examples
    --------
    >>> from shapely import LineString
    >>> road = gpd.GeoDataFrame({"tech_class": ["四级"]}, geometry=[LineString([(0, 0), (9000, 0)])], crs=4547)
    >>> hospital = gpd.GeoDataFrame({"beds": [50]}, geometry=gpd.points_from_xy([0], [0]), crs=4547)
    >>> homes = gpd.GeoDataFrame({"people": [40, 60]}, geometry=gpd.points_from_xy([500, 8000], [0, 0]), crs=4547)
    >>> supply_access(road_network(road), hospital, homes, minutes=10, supply="beds").tolist()
    [1.25, 0.0]
    """
    given = _arrivals(network, places, people)
    amounts = (places[supply].to_numpy(dtype=np.float64), people[demand].to_numpy(dtype=np.float64))
    return pd.Series(_shared(given, places, *amounts, minutes), index=people.index, name="access")


@takes()
def journeys(
    network: RoadNetwork, places: gpd.GeoDataFrame, people: gpd.GeoDataFrame, *, minutes: float, supply: str
) -> pd.DataFrame:
    """Both :func:`travel_minutes` and :func:`supply_access`, for the price of one way to the roads.

    Parameters
    ----------
    network, places, people, minutes, supply
        As there; ``people`` has the column ``people``.

    Returns
    -------
    DataFrame
        Index of ``people``: ``minutes off_road_m connected access``.

    Examples
    --------
    >>> from shapely import LineString
    >>> road = gpd.GeoDataFrame({"tech_class": ["四级"]}, geometry=[LineString([(0, 0), (9000, 0)])], crs=4547)
    >>> hospital = gpd.GeoDataFrame({"beds": [50]}, geometry=gpd.points_from_xy([0], [0]), crs=4547)
    >>> homes = gpd.GeoDataFrame({"people": [40, 60]}, geometry=gpd.points_from_xy([500, 8000], [0, 0]), crs=4547)
    >>> told = journeys(road_network(road), hospital, homes, minutes=10, supply="beds")
    >>> told[["minutes", "access"]].round(6).values.tolist()
    [[1.0, 1.25], [16.0, 0.0]]
    """
    given = _arrivals(network, places, people)
    amounts = (places[supply].to_numpy(dtype=np.float64), people["people"].to_numpy(dtype=np.float64))
    return _minutes(given, people).assign(access=_shared(given, places, *amounts, minutes))


def _shared(given: _Arrivals, places: gpd.GeoDataFrame, supply: Floating, wanted: Floating, limit: float) -> Floating:
    """Supply a head from the places within the limit, neighbouring places at a time."""
    total = np.zeros(len(wanted))
    if not len(given.node) or not len(wanted):
        return total
    graph, ends = given.network.graph(), given.network.ends[given.edge]
    order = np.argsort(places.geometry.hilbert_distance().to_numpy(), kind="stable")
    for start in range(0, len(order), _CHUNK):
        chosen = order[start : start + _CHUNK]
        time = np.atleast_2d(dijkstra(graph, directed=False, indices=given.node[chosen], limit=limit))
        met = np.isfinite(time).any(axis=0)
        near = np.flatnonzero(met[ends[:, 0]] | met[ends[:, 1]])
        inside = (given.from_nodes(time, near) + given.foot[chosen, None] <= limit).astype(np.float64)
        reached = inside @ wanted[near]
        rate = np.divide(np.nan_to_num(supply[chosen]), reached, out=np.zeros(len(reached)), where=reached > 0)
        total[near] += rate @ inside
    return total


if not TYPE_CHECKING:
    __getattr__ = missing(__name__)
