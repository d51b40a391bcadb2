"""Charts beside the maps: losses by return period, grades of a unit by hazard, the highest units."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from riskzoning import standards
from riskzoning.codes import unit_names
from riskzoning.errors import LayerError, Phrase, Problem
from riskzoning.maps.fonts import with_cjk_font

_PERIODS = (2, 5, 10, 20, 50, 100, 200, 500, 1000, 2500, 10000)
_COLOURS = ("#1f5a94", "#b3402a", "#3f7f4f", "#8636BC", "#B36600", "#555555")
_GRADES = 5
_BAR = 0.34


def exceedance_plot(curves: Mapping[str, pd.DataFrame], *, title: str, units: str = "", lang: str = "zh") -> Figure:
    """Losses by return period, one line for each curve (超越概率曲线图).

    Parameters
    ----------
    curves : mapping name -> DataFrame
        Columns ``return_period`` (years) and ``loss``, as :func:`riskzoning.risk.exceedance_curve` gives them.
    title : str
    units : str
        Unit of the losses, for the axis.
    lang : {"zh", "en"}
        Falls back to ``en`` where no font with Chinese glyphs is installed.

    Raises
    ------
    LayerError
        A curve lacks a column.

    Examples
    --------
    >>> curve = pd.DataFrame({"return_period": [10, 100, 1000], "loss": [1.0, 4.0, 9.0]})
    >>> figure = exceedance_plot({"flood": curve}, title="Losses", units="10,000 yuan", lang="en")
    >>> figure.axes[0].get_ylabel()
    'Loss (10,000 yuan)'
    """
    for name, curve in curves.items():
        lacking = [column for column in ("return_period", "loss") if column not in curve.columns]
        if lacking:
            thing = Phrase("column", name=f"{name}: {lacking[0]}")
            raise LayerError(Problem("maps.column", thing, columns=[str(column) for column in curve.columns]))
    with with_cjk_font() as chinese:
        spoken = lang if chinese else "en"
        figure = Figure(figsize=(7.0, 4.6), dpi=120, layout="constrained")
        axes = figure.add_subplot()
        for number, (name, curve) in enumerate(curves.items()):
            drawn = curve[np.isfinite(curve["loss"])].sort_values("return_period")
            axes.plot(drawn["return_period"], drawn["loss"], "o-", ms=3.5, color=_COLOURS[number % 6], label=name)
        axes.set_xscale("log")
        ends = axes.get_xlim()
        ticks = [period for period in _PERIODS if ends[0] <= period <= ends[1]]
        axes.xaxis.set_major_locator(FixedLocator(ticks))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _amount(value)))
        axes.set_ylim(bottom=0)
        axes.grid(color="#dddddd", lw=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set(xlabel=_word("period", spoken), ylabel=_word("loss", spoken) + bracketed(units, spoken))
        axes.set_title(title)
        axes.legend(frameon=False, loc="upper left")
        figure.draw_without_rendering()
    return figure


def _amount(value: float) -> str:
    """A number at an axis, written out: nobody reads 3.5e+05."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def radar_card(grades: Mapping[str, float], *, title: str, lang: str = "zh") -> Figure:
    """The grades of one unit by hazard, as a star: 1 lowest, 5 highest; what has no grade says so (雷达图).

    Parameters
    ----------
    grades : mapping name -> number
        Three names at least, as people read them; 0 and NaN are no data.
    title : str
    lang : {"zh", "en"}
        Falls back to ``en`` where no font with Chinese glyphs is installed.

    Raises
    ------
    LayerError
        Fewer than three names, or a grade outside of 0 to 5.

    Examples
    --------
    >>> figure = radar_card({"flood": 4, "geology": 2, "drought": float("nan")}, title="A", lang="en")
    >>> [text.get_text() for text in figure.axes[0].get_xticklabels()]
    ['flood', 'geology', 'drought\\n(no data)']
    """
    values = np.nan_to_num(np.array(list(grades.values()), dtype=float))
    thing = Phrase("argument", name="grades")
    if len(grades) < 3:
        raise LayerError(Problem("maps.radar", thing, count=len(grades)))
    if (values < 0).any() or (values > _GRADES).any():
        raise LayerError(Problem("maps.grades", thing, count=1, values=[f"{values.max():g}"], k=_GRADES))
    with with_cjk_font() as chinese:
        gap = _word("no_grade", lang if chinese else "en")
        names = [name if value else f"{name}\n({gap})" for name, value in zip(grades, values, strict=True)]
        figure = Figure(figsize=(4.6, 4.6), dpi=120, layout="constrained")
        axes = figure.add_subplot(projection="polar")
        angles = np.linspace(0, 2 * np.pi, len(names), endpoint=False)
        closed = np.append(angles, angles[0])
        colours = standards.palette_colours(standards.RISK_PALETTE, _GRADES)
        axes.fill(closed, np.append(values, values[0]), color="#1f5a94", alpha=0.18)
        axes.plot(closed, np.append(values, values[0]), color="#1f5a94", lw=1.4)
        for angle, value in zip(angles, values, strict=True):
            colour = colours[round(value) - 1] if value else standards.table("palettes/grades").data["no_data"]
            axes.plot([angle], [value], "o", ms=8, color=colour, markeredgecolor="#333333", zorder=3)
        axes.set_xticks(angles, names)
        axes.tick_params(axis="x", pad=9)
        axes.set_ylim(0, _GRADES + 0.3)
        axes.set_yticks(range(1, _GRADES + 1), [str(grade) for grade in range(1, _GRADES + 1)], fontsize=7)
        # North first and clockwise, as people read a clock.
        axes.set_theta_zero_location("N")  # type: ignore[attr-defined]
        axes.set_theta_direction(-1)  # type: ignore[attr-defined]
        # Names begin, or end, at the ring: none is struck through by it.
        for label, angle in zip(axes.get_xticklabels(), angles, strict=True):
            side = np.sin(angle)
            label.set_horizontalalignment("left" if side > 0.1 else "right" if side < -0.1 else "center")
        axes.set_title(title)
        figure.draw_without_rendering()
    return figure


def ranking_bars(
    units: pd.DataFrame, column: str, *, title: str, grade: str | None = None, count: int = 15, lang: str = "zh"
) -> Figure:
    """The units with the highest values, the highest above (排序条形图).

    Parameters
    ----------
    units : DataFrame or GeoDataFrame
        With the column, and ``name`` where units have one.
    column : str
        What they are ranked by; NaN is left out.
    title : str
    grade : str, optional
        Column of grades 1..5, which colours the bars.
    count : int
        How many.
    lang : {"zh", "en"}
        Falls back to ``en`` where no font with Chinese glyphs is installed.

    Raises
    ------
    LayerError
        A column that is not there, or one without any number.

    Examples
    --------
    >>> towns = pd.DataFrame({"name": ["A", "B", "C"], "x": [0.2, 0.9, 0.5]})
    >>> figure = ranking_bars(towns, "x", title="Highest", count=2, lang="en")
    >>> [text.get_text() for text in figure.axes[0].get_yticklabels()]
    ['C', 'B']
    """
    for name in (column, *([grade] if grade else [])):
        if name not in units.columns:
            known = [str(one) for one in units.columns if one != "geometry"]
            raise LayerError(Problem("maps.column", Phrase("column", name=name), columns=known))
    values = pd.to_numeric(units[column], errors="coerce")
    best = values[np.isfinite(values)].sort_values(ascending=False, kind="stable").head(count)[::-1]
    if best.empty:
        raise LayerError(Problem("maps.no_numbers", Phrase("column", name=column)))
    palette = standards.palette_colours(standards.RISK_PALETTE, _GRADES)
    grades = [0] * len(best) if grade is None else units[grade].reindex(best.index).fillna(0).astype(int).tolist()
    colours = [palette[min(one, _GRADES) - 1] if one else _COLOURS[0] for one in grades]
    names = unit_names(units) if "name" in units.columns else pd.Series(units.index.astype(str), index=units.index)
    with with_cjk_font() as chinese:
        figure = Figure(figsize=(7.0, 1.1 + _BAR * len(best)), dpi=120, layout="constrained")
        axes = figure.add_subplot()
        places = np.arange(len(best))
        axes.barh(places, best.to_numpy(), color=colours, edgecolor="#555555", linewidth=0.5)
        axes.set_yticks(places, [str(names[code]) for code in best.index])
        decimals = max(0, 2 - int(np.floor(np.log10(max(abs(float(best.max())), 1e-9)))))
        texts = [_figures(float(value), decimals) for value in best]
        axes.bar_label(axes.containers[0], texts, padding=3, fontsize=8)  # type: ignore[arg-type]
        axes.margins(x=0.12)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xlabel(_word("rank", lang if chinese else "en") if "index" in column else column)
        axes.set_title(title)
        figure.draw_without_rendering()
    return figure


def bracketed(units: str, lang: str) -> str:
    """Units behind the name of an axis, in the brackets of the language; nothing without units."""
    return f"（{units}）" if units and lang == "zh" else f" ({units})" if units else ""


def _figures(value: float, decimals: int) -> str:
    """A value with the decimals that all bars have; one that they would leave nothing of, with its own."""
    text = f"{value:,.{decimals}f}"
    return text if value == 0 or float(text.replace(",", "")) else f"{value:,.3g}"


def _word(key: str, lang: str) -> str:
    return str(standards.table("names/maps").data["charts"][key][lang])
