"""Ground of a building site: site class from a borehole, characteristic period, liquefaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.hazards.cells import Array
from riskzoning.hazards.earthquake.ground import site_class_codes
from riskzoning.layers.plausible import takes

_COLUMNS = ("depth", "thickness", "blows", "clay")
# Half the last digit of table 5.1.2-2: what is between classes takes the next one up.
_SAME = 1e-9

# No soil is slower (m/s); mud has 30 to 50.
_SLOWEST = 10.0


@takes()
def site_class_of(vse: float, overburden_m: float) -> str:
    """Site class (场地类别) of a borehole: from the equivalent shear-wave velocity and the thickness of the overburden.

    Parameters
    ----------
    vse : float
        Equivalent shear-wave velocity of the soil above min(20 m, overburden), m/s, 10 or more (smaller numbers are
        km/s); of the rock itself where nothing lies on it (overburden 0).
    overburden_m : float
        Depth to where the velocity stays above 500 m/s, m; 0 or more.

    Returns
    -------
    {"I0", "I1", "II", "III", "IV"}

    Raises
    ------
    LayerError
        A value is missing, negative or no velocity; soil of more than 500 m/s has no overburden.

    References
    ----------
    GB 50011-2010 (2016), 4.1.4 to 4.1.6.

    Examples
    --------
    >>> site_class_of(200, 40), site_class_of(140, 90), site_class_of(900, 0)
    ('II', 'IV', 'I0')
    """
    data, problems = standards.table("hazards/earthquake_design").data, []
    rock = {name: float(limit) for name, limit in data["rock"].items()}
    for name, value, least in (("vse", vse, _SLOWEST), ("overburden_m", overburden_m, -1e-300)):
        if not least < value < np.inf:
            problems.append(Problem("earthquake.borehole", Phrase("argument", name=name), value=float(value)))
    if problems:
        raise LayerError(problems=problems)
    if vse > min(rock.values()):
        if overburden_m > 0:
            thing = Phrase("argument", name="overburden_m")
            raise LayerError(Problem("earthquake.rock", thing, value=float(overburden_m), vse=float(vse)))
        return next(name for name, limit in sorted(rock.items()) if vse > limit)
    row = next(row for row in data["site_class"] if vse > float(row["above"]))
    # "below 5 m" opens the first class, "up to 50 m" closes the others.
    limits = {name: float(limit) for name, limit in row["upto"].items()}
    first = next(iter(limits))
    return next(
        name for name, limit in limits.items() if overburden_m < limit or (name != first and overburden_m <= limit)
    )


@takes()
def characteristic_period(
    site_class: str | int | Array | pd.Series[str],
    *,
    group: Literal[1, 2, 3],
    level: Literal["frequent", "basic", "rare"] = "basic",
) -> float | Array:
    """Characteristic period Tg (特征周期) of the response spectrum, seconds.

    Parameters
    ----------
    site_class : str, int or array
        ``I0 I1 II III IV`` or the codes 1..5; 0 (no data) counts as class II.
    group : {1, 2, 3}
        Design group (设计地震分组) of the county.
    level : {"frequent", "basic", "rare"}
        ``rare`` is longer by 0.05 s.

    Raises
    ------
    LayerError
        A class, the group or the level is not known.

    References
    ----------
    GB 50011-2010 (2016), 5.1.4.

    Examples
    --------
    >>> characteristic_period("III", group=2), characteristic_period("II", group=1, level="rare")
    (0.55, 0.4)
    """
    data = standards.table("hazards/earthquake_design").data
    groups, levels = [1, 2, 3], ["frequent", "basic", "rare"]
    for name, value, known in (("group", group, groups), ("level", level, levels)):
        if value not in known:
            thing = Phrase("argument", name=name)
            raise LayerError(Problem("earthquake.choice", thing, value=str(value), known=[str(one) for one in known]))
    codes = standards.table("hazards/earthquake_site").data
    column = [data["period"][codes["missing_class"]][group - 1]]
    column += [data["period"][name][group - 1] for name in sorted(codes["codes"], key=codes["codes"].__getitem__)]
    classes = site_class_codes(np.atleast_1d(np.asarray(site_class, dtype=object)))
    longer = float(data["period_rare_longer"]) if level == "rare" else 0.0
    periods = np.round(np.asarray(column, dtype=np.float64)[classes] + longer, 10)
    return float(periods[0]) if np.ndim(site_class) == 0 else periods


@takes()
def critical_blows(
    depth_m: float | Array, *, pga_g: float, group: Literal[1, 2, 3], water_m: float, clay: float | Array = 3.0
) -> float | Array:
    """Critical blow count Ncr (液化判别标准贯入锤击数临界值) of saturated sand or silt at a depth.

    Parameters
    ----------
    depth_m : number or array
        Depth of the test, m, to 20.
    pga_g : float
        Basic PGA: 0.10, 0.15, 0.20, 0.30 or 0.40 g.
    group : {1, 2, 3}
        Design group.
    water_m : float
        Depth of the water table, m.
    clay : number or array
        Clay, percent; less than 3, and sand, count as 3.

    Raises
    ------
    LayerError
        The PGA is none of the table, the group is not known, a depth lies outside 0..20 m.

    References
    ----------
    GB 50011-2010 (2016), 4.3.4.

    Examples
    --------
    >>> round(critical_blows(5, pga_g=0.20, group=2, water_m=2), 4)
    14.8665
    """
    data = standards.table("hazards/earthquake_liquefaction").data
    at = [i for i, known in enumerate(data["pga_g"]) if abs(known - pga_g) < _SAME]
    if not at or group not in data["beta"]:
        thing, wrong = Phrase("argument", name="group" if at else "pga_g"), group if at else pga_g
        known = list(data["beta"]) if at else data["pga_g"]
        raise LayerError(Problem("earthquake.choice", thing, value=str(wrong), known=[str(one) for one in known]))
    depth = np.asarray(depth_m, dtype=np.float64)
    deepest = float(data["depth"])
    if np.any((depth < 0) | (depth > deepest)) or not 0 <= water_m < np.inf:
        worst = float(np.max(depth)) if np.any(depth > deepest) else min(float(np.min(depth)), float(water_m))
        raise LayerError(Problem("earthquake.depth", Phrase("argument", name="depth_m"), value=worst, deepest=deepest))
    fines = np.fmax(np.asarray(clay, dtype=np.float64), float(data["least_clay"]))
    blows = float(data["blows"][at[0]]) * float(data["beta"][group])
    limit = blows * (np.log(0.6 * depth + 1.5) - 0.1 * water_m) * np.sqrt(float(data["least_clay"]) / fines)
    return float(limit) if np.ndim(limit) == 0 else limit


@takes()
def liquefaction(
    layers: pd.DataFrame, *, pga_g: float, group: Literal[1, 2, 3], water_m: float, intensity: int | None = None
) -> Mapping[str, float | int | str]:
    """Liquefaction index and grade (液化指数、液化等级) of a borehole.

    Parameters
    ----------
    layers : DataFrame
        A row a layer of saturated sand or silt: ``depth`` of the test and ``thickness`` (m), ``blows`` N, and where
        they are known ``clay`` (percent, silt only; empty for sand) and ``old`` (of the late Pleistocene or older).
    pga_g, group, water_m
        As in :func:`critical_blows`.
    intensity : int, optional
        Basic intensity 6..9; it decides which layers need no look (VI: none; old ones at VII and VIII; silt with
        clay >= 10, 13, 16 %). Default: by the PGA.

    Returns
    -------
    mapping
        ``index``; ``grade`` 0 none, 1 轻微, 2 中等, 3 严重; ``layers``: how many liquefy.

    Raises
    ------
    LayerError
        A column or a value is missing, or as :func:`critical_blows`.

    Notes
    -----
    Sum over layers with N < Ncr of (1 - N / Ncr) d W; W is 10 down to 5 m, from there in a line to 0 at 20 m.

    References
    ----------
    GB 50011-2010 (2016), 4.3.3 to 4.3.5.

    Examples
    --------
    >>> import pandas as pd
    >>> sand = pd.DataFrame({"depth": [5.0], "thickness": [2.0], "blows": [8]})
    >>> told = liquefaction(sand, pga_g=0.20, group=2, water_m=2)
    >>> round(told["index"], 4), told["grade"]
    (9.2375, 2)
    """
    data = standards.table("hazards/earthquake_liquefaction").data
    frame = _checked_layers(layers)
    degree = intensity_of(pga_g) if intensity is None else int(intensity)
    depth, clay = frame["depth"].to_numpy(), frame["clay"].to_numpy()
    ncr = np.asarray(critical_blows(depth, pga_g=pga_g, group=group, water_m=water_m, clay=clay))
    safe = np.full(len(frame), degree < int(data["none_below"]))
    safe |= frame["old"].to_numpy() & (degree <= int(data["old_safe_upto"]))
    safe |= clay >= float(data["clay_safe"].get(degree, np.inf))
    blows = frame["blows"].to_numpy()
    wet = ~safe & (blows < ncr)
    full, upto, deepest = float(data["weight"]["full"]), float(data["weight"]["upto"]), float(data["depth"])
    weight = full * np.clip((deepest - depth) / (deepest - upto), 0.0, 1.0)
    parts = np.where(wet, (1 - blows / ncr) * frame["thickness"].to_numpy() * weight, 0.0)
    index = float(parts.sum())
    grade = 0 if index <= 0 else 1 + int(np.searchsorted(data["limits"], index, side="left"))
    return {"index": index, "grade": grade, "layers": int(wet.sum())}


def intensity_of(pga_g: float) -> int:
    """Basic intensity of a PGA class: VI to IX by the ladder of the seismic hazard."""
    limits = standards.table("ladders/earthquake").data["limits"]
    return 6 + int(np.searchsorted(limits, pga_g + _SAME, side="right"))


def _checked_layers(layers: pd.DataFrame) -> pd.DataFrame:
    thing = Phrase("borehole_layers")
    lacking = [name for name in _COLUMNS[:3] if name not in layers]
    if lacking:
        raise LayerError(Problem("earthquake.columns", thing, missing=lacking, columns=list(map(str, layers.columns))))
    frame = pd.DataFrame({name: pd.to_numeric(layers[name], errors="coerce") for name in _COLUMNS[:3]})
    rows = frame.index[frame.isna().any(axis=1) | (frame < 0).any(axis=1)]
    if len(rows):
        raise LayerError(Problem("earthquake.layer_values", thing, rows=[str(row) for row in rows]))
    frame["clay"] = pd.to_numeric(layers["clay"], errors="coerce") if "clay" in layers else np.nan
    frame["clay"] = frame["clay"].fillna(0.0)
    frame["old"] = layers["old"].fillna(False).astype(bool) if "old" in layers else False
    return frame
