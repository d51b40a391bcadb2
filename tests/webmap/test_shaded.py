"""What a map in a notebook shows: classes with limits, categories, grades, gaps, and a zero that is not a class."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import LayerError, RiskZoningWarning
from riskzoning.names import Index
from riskzoning.samples import toy_result
from riskzoning.webmap.shaded import names_of, of_column, of_index, of_layer


def test_classes_reach_from_the_smallest_value_to_the_largest() -> None:
    units = toy_result().units["township"].assign(pop=[1.5, 2, 33, 400, 12_345, np.nan])
    shading = of_column(units, "pop", "equal_interval", 2, "en")
    assert [row.name for row in shading.rows] == ["1.5–6,173", "6,173–12,345"]
    assert shading.codes.tolist() == [1, 1, 1, 1, 2, 0]
    assert shading.texts == ("1.5", "2", "33", "400", "12,345", "no data")
    assert shading.colour(0) == shading.no_data.colour


def test_equal_values_are_one_class_and_no_value_is_none() -> None:
    units = toy_result().units["township"]
    with pytest.warns(RiskZoningWarning, match="1 instead of 5 classes"):
        assert len(of_column(units.assign(v=7.5), "v", "equal_interval", 5, "zh").rows) == 1
    with pytest.warns(RiskZoningWarning, match="no finite number"):
        assert of_column(units.assign(v=np.nan), "v", None, 5, "zh").rows == ()
    six = of_column(units.assign(v=np.arange(6) * 7.1), "v", "quantiles", 6, "zh").rows
    assert len({row.colour for row in six}) == 6


def test_an_index_has_the_classes_of_the_run_and_zero_for_itself() -> None:
    result = toy_result()
    index = Index("flood", "risk")
    frame = result.units["township"]
    frame.loc[frame.index[0], index.key] = 0.0
    shading = of_index(result, index, "township", "zh")
    assert shading.none is not None
    assert shading.rows[int(shading.codes[0]) - 1] is shading.none
    assert [row.name for row in shading.rows[:5]] == ["低", "中低", "中", "中高", "高"]
    assert shading.texts[0] == "无 (0)"


def test_categories_have_their_own_colours_and_not_too_many() -> None:
    units = toy_result().units["township"]
    shading = of_column(units.assign(v=["b", "a", None, "a", "b", "c"]), "v", None, 5, "zh")
    assert shading.codes.tolist() == [2, 1, 0, 1, 2, 3]
    many = pd.concat([units] * 3).assign(v=[str(n) for n in range(18)])
    with pytest.raises(LayerError) as caught:
        of_column(many, "v", None, 5, "zh")
    assert caught.value.problems[0].rule == "webmap.categories"


def test_a_layer_is_graded_cell_by_cell_and_has_its_units_in_the_title() -> None:
    layer = toy_result().layers["flood_risk_index"]
    shading = of_layer(layer.assign_attrs(units="m", long_name="depth"), None, 3, "zh")
    assert shading.codes.shape == layer.shape
    assert shading.title == "depth (m)"


def test_units_without_names_are_called_by_their_index() -> None:
    units = toy_result().units["county"]
    assert names_of(units.drop(columns="name")) == tuple(str(code) for code in units.index)
