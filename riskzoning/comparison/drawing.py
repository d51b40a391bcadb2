"""The map of change: by how many grades each unit went up or down."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
from matplotlib.figure import Figure

from riskzoning.comparison.changes import Comparison
from riskzoning.comparison.words import finest_level, leading_index, net, say, titled
from riskzoning.maps import Legend, MapNotes, Panel, Sheet, map_backdrop, zoning_map

_CLASSES = ("change_1", "change_2", "change_3", "change_4", "change_5")
# The middle class, and by how many grades the outer ones lie from it.
_SAME, _MOST = 3, 2


def change_map(comparison: Comparison, lang: str) -> Figure | None:
    """The change of the composite grade at the finest level, as a map to print.

    Parameters
    ----------
    comparison : Comparison
        From :func:`compare`.
    lang : {"zh", "en"}

    Returns
    -------
    matplotlib.figure.Figure or None
        None where the run does not tell the shapes of its units, or has no grades.

    Examples
    --------
    >>> from riskzoning.comparison import compare
    >>> from riskzoning.samples import toy_result
    >>> figure = change_map(compare(toy_result(), toy_result(seed=2)), "en")
    >>> [text.get_text() for text in figure.texts][0]
    'Toy city: change in the grade of comprehensive risk (township)'
    """
    index, shapes = leading_index(comparison), comparison.after.shapes
    if index is None or shapes is None:
        return None
    after = comparison.after
    level = finest_level(comparison, index)
    table = net(comparison, index, level)
    both = (table["grade_before"] > 0) & (table["grade_after"] > 0)
    by = (table["grade_after"] - table["grade_before"]).clip(-_MOST, _MOST) + _SAME
    columns = {"name": table["name"], "change": np.where(both, by, 0).astype("int64")}
    people = "population" if "population" in after.units.columns else None
    columns |= {people: after.units[people].reindex(table.index)} if people else {}
    units = gpd.GeoDataFrame(columns, index=table.index, geometry=shapes.reindex(table.index), crs=shapes.crs)
    frame = after.units[["name", "level"]].assign(geometry=shapes.reindex(after.units.index))
    outlines = gpd.GeoDataFrame(frame, geometry="geometry", crs=shapes.crs)
    words = {"city": after.title(lang), "title": titled(index, lang), "level": after.level_name(level, lang)}
    boundaries = str((after.study.get("admin") or {}).get("source") or "")
    notes = MapNotes(
        data_date=str(after.study.get("data_date", "")), method=say("method_map", lang), boundaries=boundaries
    )
    return zoning_map(
        units,
        column="change",
        title=say("title_map", lang, **words),
        lang=lang,
        legend=Legend(classes=[say(key, lang) for key in _CLASSES], palette="change"),
        panel=Panel(people=people),
        backdrop=map_backdrop(outlines=outlines, level_names=after.level_names or None),
        sheet=Sheet(notes=notes),
    )
