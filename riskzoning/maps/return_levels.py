"""The curve of a fitted distribution with its values and its band (频率曲线图)."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from riskzoning import standards
from riskzoning.maps.charts import bracketed
from riskzoning.maps.fonts import with_cjk_font
from riskzoning.methods.extremes import Fitted

_PERIODS = (1.01, 1.1, 1.5, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000)
_CURVE, _BAND, _POINT = "#1f5a94", "#9dbfe0", "#b3402a"
_INCHES = (7.0, 4.6)


def return_level_plot(
    fitted: Fitted,
    *,
    title: str,
    units: str = "",
    lang: str = "zh",
    longest: float = 200.0,
    draws: int = 500,
    seed: int = 0,
) -> Figure:
    """Levels by return period: the values at their plotting positions, the fitted curve and its 90 % band.

    Parameters
    ----------
    fitted : Fitted
        Of one series (:func:`riskzoning.methods.extremes.fit`).
    title : str
    units : str
        Unit of the values, for the axis.
    lang : {"zh", "en"}
        Falls back to ``en`` where no font with Chinese glyphs is installed.
    longest : float
        Where the curve ends, years.
    draws, seed : int
        Of the bootstrap of the band; 0 draws: no band.

    Raises
    ------
    LayerError
        The fit is of several series.

    Examples
    --------
    >>> from riskzoning.methods.extremes import fit
    >>> rain = [62, 45, 88, 120, 51, 75, 97, 66, 58, 83, 140, 71, 49, 92, 78]
    >>> figure = return_level_plot(fit(rain), title="Largest daily rain", units="mm", lang="en", draws=50)
    >>> figure.axes[0].get_xlabel()
    'Return period (years)'
    """
    points = fitted.plotting_positions()
    with with_cjk_font() as chinese:
        spoken = lang if chinese else "en"
        words = {name: text[spoken] for name, text in standards.table("names/maps").data["return_levels"].items()}
        figure = Figure(figsize=_INCHES, dpi=120, layout="constrained")
        axes = figure.add_subplot()
        # Evenly on the scale of the axis.
        first, last = _reduced(np.array([_PERIODS[0], longest])).tolist()
        periods = -1 / np.expm1(-np.exp(-np.linspace(first, last, 161)))
        if draws:
            band = fitted.confidence_band(periods[::4], draws=draws, seed=seed)
            axes.fill_between(
                _reduced(periods[::4]), band.lower, band.upper, color=_BAND, alpha=0.45, lw=0, label=words["band"]
            )
        axes.plot(_reduced(periods), fitted.return_level(periods), color=_CURVE, label=words[fitted.distribution])
        at = _reduced(points["return_period"].to_numpy())
        axes.plot(at, points["value"], "o", color=_POINT, ms=4, label=words["values"])
        _axis(axes, longest)
        axes.set_xlabel(words["period"])
        axes.set_ylabel(words["level"] + bracketed(units, spoken))
        axes.set_title(title)
        axes.legend(frameon=False, loc="lower right" if fitted.mode == "max" else "upper right")
        figure.draw_without_rendering()
    return figure


def _reduced(periods: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Where a period stands: on this scale a Gumbel distribution is a straight line."""
    return -np.log(-np.log1p(-1 / periods))


def _axis(axes: Axes, longest: float) -> None:
    ticks = np.array([period for period in _PERIODS if period <= longest])
    axes.xaxis.set_major_locator(FixedLocator(_reduced(ticks).tolist()))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticklabels([f"{period:g}" for period in ticks])
    axes.grid(color="#dddddd", lw=0.6)
    axes.spines[["top", "right"]].set_visible(False)
