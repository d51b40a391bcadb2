"""The plot of a fitted distribution."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import LayerError
from riskzoning.maps import return_level_plot
from riskzoning.maps.fonts import cjk_font
from riskzoning.methods.extremes import fit

Y = np.array([279, 302, 450, 272, 401, 222, 311, 327, 294, 299, 348, 286, 492, 296, 227, 437, 340, 376, 444, 177])


def test_curve_points_and_band_are_those_of_the_fit() -> None:
    fitted = fit(Y)
    axes = return_level_plot(fitted, title="T", units="mm", lang="en", draws=60).axes[0]
    curve, points = axes.lines
    assert np.asarray(curve.get_ydata())[-1] == pytest.approx(fitted.return_level(200))
    assert sorted(np.asarray(points.get_ydata())) == sorted(Y)
    assert len(axes.collections) == 1
    assert [text.get_text() for text in axes.get_xticklabels()][-1] == "200"
    assert axes.get_ylabel() == "Extreme of the year (mm)"
    bare = return_level_plot(fitted, title="T", lang="en", draws=0, longest=50).axes[0]
    assert not bare.collections
    assert [text.get_text() for text in bare.get_xticklabels()][-1] == "50"


@pytest.mark.skipif(cjk_font() is None, reason="no font with Chinese glyphs")
def test_words_are_chinese_and_it_prints() -> None:
    figure = return_level_plot(fit(-Y, mode="min"), title="年最低气温", units="°C", draws=0)
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels == ["皮尔逊III型", "经验点据"]
    figure.savefig(BytesIO(), format="png")


def test_of_many_series_there_is_no_one_curve() -> None:
    with pytest.raises(LayerError):
        return_level_plot(fit(pd.DataFrame({"a": Y, "b": Y + 1})), title="T")
