"""Ground motion on the site: levels, site factors of GB 18306-2015, instrumental intensity of GB/T 17742-2020."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr

from riskzoning import standards
from riskzoning.errors import LayerError, Phrase, Problem, UnitsError, note
from riskzoning.hazards.cells import Array, Cells, by_cell
from riskzoning.layers import check_layer, describe
from riskzoning.layers.plausible import takes

# A level counts as given when its rate differs by less than this share; 475 years stands for 474.6.
SAME_PERIOD = 0.005


@takes()
def site_class_codes(classes: Sequence[str | None] | Array | pd.Series[str]) -> Array:
    """Codes 1..5 of site classes (场地类别) written as text, 0 where there is none.

    Parameters
    ----------
    classes : array of str
        ``I0 I1 II III IV``; also with Chinese Roman numerals and 类 (``Ⅱ类``, ``Ⅰ₀``), in lower case, or codes as text.
        None, NaN and empty text are missing.

    Raises
    ------
    LayerError
        Names the classes that are none.

    Examples
    --------
    >>> site_class_codes(["I0", "Ⅱ类", None, "iv"])
    array([1, 3, 0, 5], dtype=uint8)
    """
    codes = {name.upper(): code for name, code in standards.table("hazards/earthquake_site").data["codes"].items()}
    codes |= {str(code): code for code in codes.values()} | dict.fromkeys(("", "0", "NAN", "NONE", "<NA>"), 0)
    texts = np.asarray(classes, dtype=object)
    # NFKC turns full-width and Roman-numeral letters and the subscripts into plain ones.
    plain = [unicodedata.normalize("NFKC", str(text)).strip().upper().removesuffix("类") for text in texts.ravel()]
    plain = [text.removesuffix(".0") for text in plain]
    unknown = sorted({str(text) for text, key in zip(texts.ravel(), plain) if key not in codes})
    if unknown:
        raise _unknown_class(unknown)
    return np.array([codes[key] for key in plain], dtype=np.uint8).reshape(texts.shape)


def _unknown_class(values: list[str]) -> LayerError:
    codes = standards.table("hazards/earthquake_site").data["codes"]
    return LayerError(
        Problem(
            "earthquake.site_class",
            Phrase("site_class"),
            values=values,
            classes=list(codes),
            codes=list(codes.values()),
        )
    )


@takes()
def site_amplification(pga_g: Cells, site_class: Cells | str) -> Any:
    """Peak ground acceleration on the site (场地地震动峰值加速度), a_max = Fa a_max,II.

    Fa follows table E.1, linear in the class-II PGA between its columns and flat beyond them.

    Parameters
    ----------
    pga_g : number, array or layer
        PGA on class-II ground in g; a stack keeps its ``return_period``. NaN, infinite and negative values give NaN;
        more than 5 g in memory are warned about (probably gal).
    site_class : str, int, array or layer
        ``I0 I1 II III IV`` or the codes 1..5; 0 and NaN (no data) count as class II.

    Returns
    -------
    float, ndarray, dask array or DataArray
        PGA in g, float64.

    Raises
    ------
    LayerError
        For a class that is none.
    UnitsError
        When the layer declares another unit than g.
    GridMismatchError
        When the layers lie on different grids.

    References
    ----------
    GB 18306-2015, appendix E.

    Examples
    --------
    >>> round(site_amplification(0.10, "IV"), 6)
    0.12
    >>> site_amplification(np.array([0.19, 0.35]), np.array([5, 2])).round(5)
    array([0.1938 , 0.34125])
    """
    labels = site_class
    if isinstance(site_class, xr.DataArray) and site_class.dtype.kind not in "iufb":
        site_class = site_class.copy(data=site_class_codes(site_class.values))
    elif not isinstance(site_class, xr.DataArray) and not hasattr(site_class, "dask"):
        classes = np.asarray(site_class)
        if classes.dtype.kind not in "iufb":
            codes = site_class_codes(classes)
            site_class = codes if codes.ndim else int(codes)
            if isinstance(labels, pd.Series):
                site_class = pd.Series(codes, index=labels.index)
    facts = standards.quantity("pga")
    _check_motion(pga_g, "pga_g", units=facts.units, largest=_most_mapped("any"), hint=facts.hint)
    columns, rows = _site_table()
    assert not isinstance(site_class, str)
    return by_cell(partial(_amplify, columns=columns, rows=rows), pga_g, site_class, quantity="pga")


def _site_table() -> tuple[Array, Array]:
    """PGA of the columns, and the rows of Fa by code; row 0 serves cells without a class."""
    data = standards.table("hazards/earthquake_site").data
    names = sorted(data["codes"], key=data["codes"].__getitem__)
    rows = np.array([data["factors"][name] for name in (data["missing_class"], *names)], dtype=np.float64)
    return np.asarray(data["pga_g"], dtype=np.float64), rows


def _most_mapped(level: Literal["basic", "any"]) -> float:
    """PGA above which values are hardly in g: of the basic level, or of whichever level they are."""
    return float(standards.table("hazards/earthquake_levels").data["largest_pga"][level])


def _check_motion(motion: Cells, name: str, *, units: str, largest: float, hint: Mapping[str, str]) -> None:
    """A layer that declares another unit is refused; values in memory that are too large are warned about."""
    declared = motion.attrs.get("units") if isinstance(motion, xr.DataArray) else None
    if declared is not None and standards.unit_factor(str(declared), units) != (1.0, 0.0):
        raise UnitsError(Problem("earthquake.units", Phrase("layer", name=name), units=str(declared), wanted=units))
    if hasattr(motion, "dask") or getattr(motion, "chunks", None) is not None:
        return
    values = np.asarray(motion, dtype=np.float64)
    high = float(np.max(values, initial=-np.inf, where=np.isfinite(values)))
    if high > largest:
        thing = Phrase("argument", name=name)
        note(Problem(
            "earthquake.motion", thing, severity="warning", highest=high, largest=largest, units=units,
            hint=Phrase("title", **hint),
        ))  # fmt: skip


def _amplify(pga: Array, codes: Array, *, columns: Array, rows: Array) -> Array:
    pga = np.asarray(pga, dtype=np.float64)
    pga = np.where(np.isfinite(pga) & (pga >= 0), pga, np.nan)
    return _site_factor(pga, codes, columns=columns, rows=rows) * pga


def _site_factor(pga: Array, codes: Array, *, columns: Array, rows: Array) -> Array:
    codes = np.asarray(codes)
    codes = np.nan_to_num(codes) if np.issubdtype(codes.dtype, np.floating) else codes
    wrong = (codes < 0) | (codes >= len(rows)) | (codes != np.floor(codes))
    if np.any(wrong):
        raise _unknown_class([f"{code:g}" for code in np.unique(codes[wrong])])
    inside = np.clip(np.asarray(pga, dtype=np.float64), columns[0], columns[-1])
    left = np.clip(np.searchsorted(columns, inside, side="right") - 1, 0, len(columns) - 2)
    share = (inside - columns[left]) / (columns[left + 1] - columns[left])
    row = codes.astype(np.intp)
    return np.asarray(rows[row, left] * (1.0 - share) + rows[row, left + 1] * share)


@takes()
def seismic_levels(basic_pga: Cells, *, factors: Literal["gb18306", "gb50011"] = "gb18306") -> Any:
    """The four levels of ground motion (多遇 基本 罕遇 极罕遇) from the basic one.

    Parameters
    ----------
    basic_pga : layer, array or number
        PGA of the basic level (10 % in 50 years), g.
    factors : {"gb18306", "gb50011"}
        One factor a level (table ``hazards/earthquake_levels``), or for the frequent and the rare level those of
        GB 50011 table 5.1.2-2 by class of the basic PGA (``hazards/earthquake_design``), without interpolation.

    Returns
    -------
    layer ``(return_period, y, x)`` or array
        g; of an array or a number the levels are the first axis.

    Examples
    --------
    >>> seismic_levels(0.2).round(4).tolist()
    [0.0667, 0.2, 0.38, 0.58]
    >>> seismic_levels(np.array([0.1, 0.2]), factors="gb50011").round(4).tolist()
    [[0.035, 0.07], [0.1, 0.2], [0.22, 0.4], [0.29, 0.58]]
    """
    if factors not in ("gb18306", "gb50011"):
        thing = Phrase("argument", name="factors")
        raise LayerError(Problem("earthquake.choice", thing, value=str(factors), known=["gb18306", "gb50011"]))
    basic_pga = np.asarray(basic_pga) if isinstance(basic_pga, list | tuple) else basic_pga
    levels = standards.table("hazards/earthquake_levels").data["levels"]
    design = standards.table("hazards/earthquake_design").data if factors == "gb50011" else {}
    facts = standards.quantity("pga")
    _check_motion(basic_pga, "basic_pga", units=facts.units, largest=_most_mapped("basic"), hint=facts.hint)
    each: list[Any] = [
        by_cell(partial(_by_class, limits=design["class_from"], factors=design[name]), basic_pga, quantity="pga")
        if name in design
        else basic_pga * float(level["factor"])
        for name, level in levels.items()
    ]
    if not isinstance(basic_pga, xr.DataArray):
        return np.stack(each)
    check_layer(basic_pga, name="basic_pga", quantity="pga")
    periods = xr.DataArray([float(level["return_period"]) for level in levels.values()], dims="return_period")
    out = xr.concat(each, dim=periods.rename("return_period"), coords="minimal", compat="override")
    out = out.transpose("return_period", "y", "x")
    out["return_period"].attrs["units"] = "years"
    return describe(out, quantity="pga", like=basic_pga)


def _by_class(pga: Array, *, limits: Sequence[float], factors: Sequence[float]) -> Array:
    """PGA times the factor of its class; below the lowest class that of the lowest."""
    values = np.asarray(pga, dtype=np.float64)
    return values * np.asarray(factors, dtype=np.float64)[np.searchsorted(limits, values + 1e-12, side="right")]


@takes()
def at_return_period(pga: xr.DataArray, years: float) -> xr.DataArray:
    """PGA at a return period between given levels: ln(PGA) linear in ln(rate); the nearest level beyond the ends.

    Parameters
    ----------
    pga : DataArray
        Stack ``(return_period, y, x)``.
    years : float
        Return period wanted.

    Returns
    -------
    DataArray
        ``(y, x)``; NaN where any of the levels used is NaN.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 100, 100), crs="EPSG:4547", resolution=100)
    >>> pga = layer_on(geobox, np.array([[[0.1]], [[0.4]]]), quantity="pga", return_periods=[100, 10000])
    >>> float(at_return_period(pga, 1000).round(6).item())
    0.2
    """
    check_layer(pga, name=str(pga.name or "pga"), quantity="pga")
    periods = np.asarray(pga["return_period"].values, dtype=float)
    upper = int(np.searchsorted(periods, years))
    near = int(np.argmin(np.abs(np.log(periods / years))))
    if abs(np.log(periods[near] / years)) < SAME_PERIOD or upper in (0, len(periods)):
        out = pga.isel(return_period=near, drop=True)
    else:
        share = np.log(years / periods[upper - 1]) / np.log(periods[upper] / periods[upper - 1])
        low = pga.isel(return_period=upper - 1, drop=True)
        out = low ** (1.0 - share) * pga.isel(return_period=upper, drop=True) ** share
    return describe(out, quantity="pga", like=pga)


@takes()
def site_pga(
    pga: xr.DataArray, site_class: xr.DataArray | None = None, *, level_then_site: bool = True, reference_period: float
) -> xr.DataArray:
    """PGA on the site for every level.

    Parameters
    ----------
    pga : DataArray
        ``(return_period, y, x)`` on class-II ground, g.
    site_class : DataArray, optional
        Codes 1..5; 0 = no data counts as class II, as does the whole grid without the layer.
    level_then_site : bool
        True: Fa is taken at the PGA of each level (table E.1 is stated on a_max,II). False: Fa of the basic level
        serves all levels, the other order in use.
    reference_period : float
        Years of the basic level, for ``level_then_site=False``.

    Examples
    --------
    >>> from riskzoning.grid import analysis_grid
    >>> from riskzoning.layers import layer_on
    >>> geobox = analysis_grid((0, 0, 100, 100), crs="EPSG:4547", resolution=100)
    >>> pga = layer_on(geobox, np.array([[[0.10]], [[0.19]]]), quantity="pga", return_periods=[475, 2475])
    >>> ground = layer_on(geobox, np.uint8(5), quantity="site_class")
    >>> for first in (True, False):
    ...     print(site_pga(pga, ground, level_then_site=first, reference_period=475).values.ravel().round(4).tolist())
    [0.12, 0.1938]
    [0.12, 0.228]
    """
    if site_class is None:
        return describe(pga.astype(np.float64), quantity="pga", like=pga)
    if level_then_site:
        return _as_layer(site_amplification(pga, site_class))
    columns, rows = _site_table()
    kernel = partial(_site_factor, columns=columns, rows=rows)
    factor = by_cell(kernel, at_return_period(pga, reference_period), site_class, quantity="share")
    return describe(pga * factor, quantity="pga", like=pga)


def _as_layer(value: object) -> xr.DataArray:
    assert isinstance(value, xr.DataArray)
    return value


@takes()
def instrumental_intensity(
    *,
    pga: Cells | None = None,
    pgv: Cells | None = None,
    rule: Literal["and", "or"] | None = None,
    rounded: bool = True,
) -> Any:
    """Instrumental seismic intensity (仪器地震烈度) 1..12 from peak ground motion.

    I_A = 3.17 lg PGA + 6.59, I_V = 3.00 lg PGV + 9.77. Both 6.0 or more: I = I_V, else their mean; with one measure the
    intensity is that of the measure. Limited to 1..12.

    Parameters
    ----------
    pga : number, array or layer, optional
        Peak ground acceleration in **m/s2** (1 g = 9.80665 m/s2), vector sum of the components. NaN, infinite and
        negative values give NaN.
    pgv : number, array or layer, optional
        Peak ground velocity in **m/s**. With both measures a cell that lacks either is NaN.
    rule : {"and", "or"}, optional
        Whether both or one of I_A, I_V must reach 6.0 for I = I_V; default of the table: both.
    rounded : bool
        To one decimal as the standard prints it; False keeps the unrounded value for further computation.

    Raises
    ------
    LayerError
        When neither measure is given, or the rule is neither "and" nor "or".
    UnitsError
        When a layer declares another unit.

    References
    ----------
    GB/T 17742-2020.

    Examples
    --------
    >>> instrumental_intensity(pga=2.0, pgv=0.2), instrumental_intensity(pga=0.6, pgv=0.08)
    (7.7, 6.2)
    >>> instrumental_intensity(pga=np.array([0.0, 1.35, np.nan]))
    array([ 1.,  7., nan])
    """
    data = standards.table("hazards/earthquake_intensity").data
    given = {name: value for name, value in (("pga", pga), ("pgv", pgv)) if value is not None}
    if not given:
        raise LayerError(Problem("earthquake.intensity", Phrase("function", name="instrumental_intensity")))
    rule = data["rule"] if rule is None else rule
    if rule not in ("and", "or"):
        raise LayerError(Problem("earthquake.choice", Phrase("argument", name="rule"), value=rule, known=["and", "or"]))
    for name, value in given.items():
        _check_motion(value, name, units=data[name]["units"], largest=data[name]["largest"], hint=data[name]["hint"])
    kernel: Callable[..., Any] = partial(
        _intensity,
        lines=[(data[name]["slope"], data[name]["constant"]) for name in given],
        velocity_from=data["velocity_from"],
        both=rule == "and",
        limits=tuple(data["limits"]),
        decimals=data["decimals"] if rounded else None,
    )
    return by_cell(kernel, *given.values(), quantity="seismic_intensity")


def _intensity(
    *motion: Array,
    lines: list[tuple[float, float]],
    velocity_from: float,
    both: bool,
    limits: tuple[float, float],
    decimals: int | None,
) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        each = [slope * np.log10(_finite(value)) + constant for value, (slope, constant) in zip(motion, lines)]
    out = each[0]
    if len(each) == 2:
        reached = [values >= velocity_from for values in each]
        strong = reached[0] & reached[1] if both else reached[0] | reached[1]
        out = np.where(strong, each[1], (each[0] + each[1]) / 2)
        # A missing measure leaves the intensity missing, whatever the rule.
        out = np.where(np.isnan(each[0]) | np.isnan(each[1]), np.nan, out)
    out = np.clip(out, limits[0], limits[1])
    return np.asarray(out if decimals is None else np.round(out, decimals))


def _finite(values: Array) -> Array:
    values = np.asarray(values, dtype=np.float64)
    return np.where(np.isfinite(values), values, np.nan)
