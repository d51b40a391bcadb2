"""A year that was kept out of the record."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning.errors import LayerError
from riskzoning.history import places_hit
from riskzoning.history.holdout import worst_years
from riskzoning.methods.validation import roc_auc

# Counties of the city, and those that the storm of July 2021 hit.
HIT_2021 = ["410782", "410781", "410783", "410724", "410725", "410727"]


def test_the_ranking_of_the_storm_of_2021() -> None:
    codes = ["410702", "410703", "410704", "410711", "410721", "410726", *HIT_2021]
    perfect = dict(zip(codes, range(12), strict=True))
    told = places_hit(perfect, HIT_2021)
    assert (told.auc, told.units, told.hit) == (1.0, 12, 6)
    assert told.p_value == pytest.approx(1 / 924)
    assert places_hit({code: -score for code, score in perfect.items()}, HIT_2021).auc == 0


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=2, max_size=15))
def test_it_is_the_area_under_the_curve(rows: list[tuple[int, bool]]) -> None:
    scores = {str(at): float(score) for at, (score, _) in enumerate(rows)}
    hit = [str(at) for at, (_, was) in enumerate(rows) if was]
    if len(hit) in (0, len(rows)):
        with pytest.raises(LayerError):
            places_hit(scores, hit)
        return
    told = places_hit(scores, hit)
    assert told.auc == pytest.approx(roc_auc(list(scores.values()), [was for _, was in rows]))
    assert 0 <= told.p_value <= 1


def test_the_worst_year_is_judged_by_the_others() -> None:
    codes = [f"41070{at}" for at in range(6)]
    rows = [
        {"code": code, "year": year, "hazard": "FLOOD", "loss": loss, "gdp": 1000.0, "events": 1.0, "population": 1.0,
         "affected": 0.0, "dead_missing": 0.0, "crop_affected": 0.0, "collapsed": 0.0}
        for at, code in enumerate(codes)
        for year, loss in ((2001, at), (2002, at), (2003, 100.0 * (at >= 4) + at), (2004, 50.0 * (at < 2)))
    ]  # fmt: skip
    table = worst_years(pd.DataFrame(rows), {code: code for code in codes}, years=2).set_index("year")
    assert table.loc[2003, ["units", "hit"]].tolist() == [6, 2]
    # Without 2003 the first two stand highest, for 2004; the last two are next.
    assert table.loc[2003, "auc"] == pytest.approx(0.5)
    assert table.loc[2004, "auc"] == 0
    assert np.isfinite(table["p_value"]).all()
