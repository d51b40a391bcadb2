"""Where people are by the time of day: the published test, nobody is lost, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskzoning import standards
from riskzoning.errors import ConfigError
from riskzoning.exposure import people_by_place

FORCE = {"total": 0.5, "agriculture": 0.5, "industry": 0.25, "services": 0.25}
TIMES = [(setting, time) for setting in ("urban", "rural") for time in ("day", "transit", "night")]


def test_the_published_split() -> None:
    """Unit test of usgs/pager: 2000 people of a city by day are 410 at home, 865 at work, 725 outdoors."""
    made = people_by_place(2000, time="day", setting="urban", workforce=FORCE)
    assert made == pytest.approx({"home": 410, "work": 865, "outdoors": 725})


def test_two_more_by_hand() -> None:
    # A village by night: half rest .999, a quarter agriculture .998, an eighth each of industry and services .89.
    night = people_by_place(1000, time="night", setting="rural", workforce=FORCE)
    assert night["home"] == pytest.approx(1000 * (0.5 * 0.999 + 0.25 * 0.998 + 0.25 * 0.89))
    # On the way in a city, nobody working: three quarters at home, a quarter outdoors.
    idle = people_by_place(100, time="transit", workforce={**FORCE, "total": 0})
    assert idle == pytest.approx({"home": 75, "work": 0, "outdoors": 25})


@pytest.mark.parametrize(("setting", "time"), TIMES)
@given(st.floats(0, 1e7), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_nobody_is_lost(setting: str, time: str, people: float, total: float, first: float, second: float) -> None:
    industry = (1 - first) * second
    force = {"total": total, "agriculture": first, "industry": industry, "services": 1 - first - industry}
    made = people_by_place(people, time=time, setting=setting, workforce=force)  # type: ignore[arg-type]
    assert sum(made.values()) == pytest.approx(people, abs=1e-6)
    assert min(made.values()) >= 0


def test_layers_stay_layers_and_the_night_is_at_home() -> None:
    counts = np.array([[10.0, np.nan], [0.0, 4.0]])
    night, day = (people_by_place(counts, time=time)["home"] for time in ("night", "day"))  # type: ignore[arg-type]
    assert np.isnan(night[0, 1])
    assert (night[[0, 1, 1], [0, 0, 1]] >= day[[0, 1, 1], [0, 0, 1]]).all()
    assert standards.provenance("exposure/time_of_day")["status"] == "literature"


@pytest.mark.parametrize("wrong", [
    {"time": "noon"}, {"setting": "coast"}, {"workforce": {**FORCE, "industry": 0.5}}, {"workforce": {"total": 0.5}},
])  # fmt: skip
def test_what_is_unknown_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError) as caught:
        people_by_place(1, **wrong)  # type: ignore[arg-type]
    assert all(caught.value.problems[0].text(lang) for lang in ("zh", "en"))
