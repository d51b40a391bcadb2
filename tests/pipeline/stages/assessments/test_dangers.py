"""Hidden dangers of units."""

from __future__ import annotations

import pandas as pd

from riskzoning.errors import Journal, hearing
from riskzoning.pipeline.stages.assessments import dangers
from tests.pipeline.stages.assessments.conftest import TOWNS


def test_index_and_counts_by_class(given) -> None:
    rows = {
        "town9": [TOWNS[0], TOWNS[0], TOWNS[2]],
        "class": ["GEO", "GEO", "FLOOD"],
        "level": ["重大", "一般", "重大"],
    }
    rows |= {"adcode6": ["410702", "410702", "410703"], "people": [99, 5, 40], "value_wan": [1.0, 2, 3]}
    table = pd.DataFrame(rows).assign(status=["待整治", "已销号", "整治中"], deadline="2021-06-01")
    with hearing(Journal()):
        told = dangers.tables(given({"dgr_point": table}))
    index = told["hidden_dangers"].set_index("code")
    assert index["dangers"].to_dict() == {TOWNS[0]: 2, TOWNS[1]: 0, TOWNS[2]: 1, TOWNS[3]: 0, "410702": 2, "410703": 1}
    assert index.loc["410702", "overdue"] == 1
    counts = told["danger_counts"].set_index(["code", "class", "danger_level"])
    assert counts.loc[("410702", "GEO", "一般"), ["dangers", "open", "people"]].tolist() == [1, 0, 0]
    assert counts.loc[("410703", "FLOOD", "重大"), "value_yuan"] == 30_000
    assert dangers.tables(given({})) == {}
