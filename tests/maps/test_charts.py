"""Charts say what the numbers say, in order, with gaps named; what cannot be drawn is told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskzoning import standards
from riskzoning.errors import LayerError
from riskzoning.maps import exceedance_plot, radar_card, ranking_bars


def test_a_curve_is_drawn_from_the_shortest_period_to_the_longest() -> None:
    curve = pd.DataFrame({"return_period": [100, 10, 1000, 5], "loss": [4.0, 1.0, 9.0, np.nan]})
    axes = exceedance_plot({"洪水": curve, "地震": curve.assign(loss=1)}, title="损失", units="亿元").axes[0]
    assert axes.lines[0].get_xdata().tolist() == [10, 100, 1000]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["洪水", "地震"]
    assert axes.get_ylim()[0] == 0
    with pytest.raises(LayerError) as told:
        exceedance_plot({"洪水": curve[["loss"]]}, title="")
    assert told.value.problems[0].rule == "maps.column"


def test_a_star_has_the_grades_and_names_what_has_none() -> None:
    axes = radar_card({"洪水": 5, "地质": 1, "干旱": np.nan}, title="甲镇").axes[0]
    assert axes.lines[0].get_ydata().tolist() == [5, 1, 0, 5]
    assert [text.get_text() for text in axes.get_xticklabels()][2] == "干旱\n(无数据)"
    assert axes.lines[1].get_color() == standards.palette_colours("risk_5", 5)[4]
    for wrong, rule in (({"a": 1, "b": 2}, "maps.radar"), ({"a": 1, "b": 2, "c": 6}, "maps.grades")):
        with pytest.raises(LayerError) as told:
            radar_card(wrong, title="")
        assert told.value.problems[0].rule == rule


def test_bars_stand_with_the_highest_above_in_the_colour_of_their_grade() -> None:
    towns = pd.DataFrame({"name": list("abcd"), "x": [1, np.nan, 3, 2.0], "g": [1, 5, 5, 0]})
    axes = ranking_bars(towns, "x", title="", grade="g", count=3).axes[0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["a", "d", "c"]
    assert [bar.get_width() for bar in axes.patches] == [1, 2, 3]
    assert axes.patches[2].get_facecolor() != axes.patches[1].get_facecolor()
    with pytest.raises(LayerError) as told:
        ranking_bars(towns.assign(x=np.nan), "x", title="")
    assert told.value.problems[0].rule == "maps.no_numbers"


def test_large_losses_are_written_out_at_the_axis() -> None:
    curve = pd.DataFrame({"return_period": [5, 100], "loss": [1e3, 3.5e5]})
    figure = exceedance_plot({"a": curve}, title="t", lang="en")
    shown = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert "300,000" in shown
    assert not any("e+" in text for text in shown)


def test_names_of_a_radar_card_begin_or_end_at_the_ring() -> None:
    labels = radar_card(dict.fromkeys("abcd", 3.0), title="A", lang="en").axes[0].get_xticklabels()
    assert [label.get_horizontalalignment() for label in labels] == ["center", "left", "center", "right"]


def test_values_of_ranking_bars_have_as_many_decimals() -> None:
    towns = pd.DataFrame({"name": ["A", "B", "C"], "x": [0.9, 0.8583, 0.0001]})
    texts = {text.get_text() for text in ranking_bars(towns, "x", title="T", lang="en").axes[0].texts}
    assert texts == {"0.900", "0.858", "0.0001"}
