from __future__ import annotations

import pytest

from riskzoning.names import Index
from riskzoning.pipeline.stages.spoken import index_phrase


@pytest.mark.parametrize(
    ("index", "zh", "en"),
    [
        (Index("forest_fire", "hazard"), "森林火灾危险性", "forest fire hazard"),
        (Index("flood", "risk"), "洪水风险", "flood risk"),
        (Index("multi", "risk"), "综合风险", "comprehensive risk"),
        (Index("multi", "hazard"), "综合危险性", "comprehensive hazard"),
        (Index("multi", "risk", "crops"), "综合风险（农作物）", "comprehensive risk (crops)"),
        (
            Index("storm_surge", "risk", titles={"zh": "风暴潮", "en": "Storm surge"}),
            "风暴潮风险", "storm surge risk",
        ),
    ],
)  # fmt: skip
def test_indices_have_the_names_that_people_use(index: Index, zh: str, en: str) -> None:
    assert index_phrase(index).text("zh") == zh
    assert index_phrase(index).text("en") == en
