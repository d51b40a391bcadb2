"""Boundaries without attributes, and the table that says which polygon is which unit."""

from __future__ import annotations

from collections import Counter
from typing import cast

import geopandas as gpd
import pandas as pd

from riskzoning.admin.codes import text_of
from riskzoning.codes import code_texts
from riskzoning.errors import AdminError, Phrase, Problem, note

# The number of a feature, where polygons have no column at all.
FEATURE = "fid"


def join_codes(
    polygons: gpd.GeoDataFrame, codes: pd.DataFrame, *, key: str = FEATURE, column: str | None = None, name: str = ""
) -> gpd.GeoDataFrame:
    """Give polygons the columns of a table of codes (代码表), by an id that both have.

    Parameters
    ----------
    polygons : GeoDataFrame
        Boundaries; ``key`` is a column with an id of their own. With ``fid`` and no such column it is the index of
        the frame; in a study it is the number that a GIS shows for the feature.
    codes : DataFrame
        One row a unit: the id, and what the polygons lack (``code``, ``name``, ``parent`` ...).
    key, column : str
        Column of the id in the polygons, and in the table (the same name when left out). Ids are compared as text:
        12, 12.0 and " 12" are one.
    name : str
        Name of the table, for messages.

    Returns
    -------
    GeoDataFrame
        The polygons in their order with the columns of the table; of columns that both have, those of the table.

    Raises
    ------
    AdminError
        A column is missing, an id stands twice in the table, or polygons have no row in it; all are listed.

    Notes
    -----
    Rows of the table without a polygon are left out, with a warning that lists them.

    Examples
    --------
    >>> from shapely import box
    >>> bare = gpd.GeoDataFrame({"id": [2, 1]}, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs="EPSG:4490")
    >>> table = pd.DataFrame({"no": ["1", "2"], "code": ["410702", "410703"], "name": ["红旗区", "卫滨区"]})
    >>> join_codes(bare, table, key="id", column="no")[["code", "name"]].to_numpy().tolist()
    [['410703', '卫滨区'], ['410702', '红旗区']]
    """
    thing = Phrase("codes_table", name=name)
    wanted = column or key
    own = _own_ids(polygons, key)
    problems = []
    if own is None:
        shown = [str(each) for each in polygons.columns if each != polygons.active_geometry_name]
        problems.append(Problem("admin.join_key", Phrase("boundaries"), field="key", key=key, columns=shown))
    if wanted not in codes:
        present = [str(each) for each in codes.columns]
        problems.append(Problem("admin.join_column", thing, field="column", column=wanted, columns=present))
    if own is None or problems:
        raise AdminError(problems=problems)
    ids = [text_of(each) for each in code_texts(codes[wanted])]
    twice = [each for each, count in Counter(ids).items() if each and count > 1]
    if twice:
        problems.append(Problem("admin.join_twice", thing, field="column", ids=twice))
    listed, drawn = {each for each in ids if each}, set(own)
    lost = [each for each in own if each not in listed]
    if lost:
        words: list[object] = [each or Phrase("without_id") for each in dict.fromkeys(lost)]
        problems.append(Problem("admin.join_lost", thing, count=len(lost), total=len(own), ids=words))
    if problems:
        raise AdminError(problems=problems)
    idle = [each for each in ids if each and each not in drawn]
    if idle:
        note(Problem("admin.join_idle", thing, severity="warning", count=len(idle), ids=idle))
    added = codes.set_axis(ids, axis=0).drop(columns=wanted if wanted != "code" else []).loc[own]
    plain = polygons.drop(columns=[each for each in added.columns if each in polygons.columns and each != wanted])
    joined = plain.assign(**{str(each): added[each].to_numpy() for each in added.columns})
    joined.attrs = dict(polygons.attrs)
    return cast(gpd.GeoDataFrame, joined)


def _own_ids(polygons: gpd.GeoDataFrame, key: str) -> list[str] | None:
    """The ids of the polygons as text; None where they have no such column."""
    if key in polygons.columns:
        return [text_of(each) for each in code_texts(polygons[key])]
    return [str(each) for each in polygons.index] if key.lower() == FEATURE else None
