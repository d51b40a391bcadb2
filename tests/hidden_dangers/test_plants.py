"""Plants that natural hazards reach."""

from __future__ import annotations

import pandas as pd
import pytest

from riskzoning.errors import SurveyError
from riskzoning.hidden_dangers import exposed_plants


def test_the_worst_level_comes_first_and_the_others_stay_out() -> None:
    levels = ["四级", None, "一级", "二级", "三级"]
    plants = pd.DataFrame({"obj_id": list("abcde"), "name": "x", "type": "生产", "adcode6": "u", "major_lvl": levels})
    told = exposed_plants(plants, [True, True, True, False, True])
    assert told["obj_id"].tolist() == ["c", "e", "a", "b"]
    assert told["severity"].tolist() == [1.0, 0.6, 0.4, 0.2]
    with pytest.raises(SurveyError):
        exposed_plants(plants.drop(columns="major_lvl"), [True] * 5)
