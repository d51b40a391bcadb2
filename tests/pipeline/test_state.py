"""What follows from the setting of a run, and how values pass from stage to stage."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pandas as pd
import pytest

from riskzoning.config import load_study
from riskzoning.pipeline.state import Graded, Made, Setting, Zoned
from riskzoning.samples import sample_study, toy_city


def setting(study: Any = None) -> Setting:
    city = toy_city()
    return Setting(study, city.grid, city.units, None)  # type: ignore[arg-type]


def test_levels_are_those_of_the_boundaries_finest_first_and_the_study_chooses_among_them() -> None:
    study = load_study(sample_study())
    few = study.model_copy(update={"zoning": study.zoning.model_copy(update={"levels": ("city", "township")})})
    here = setting(few)
    assert here.all_levels == ("township", "county", "city")
    assert here.levels == ("township", "city")
    assert here.finest == "township"
    assert set(here.units.loc[here.codes("county"), "level"]) == {"county"}
    with pytest.raises(FrozenInstanceError):
        here.study = study  # type: ignore[misc]


def test_a_hazard_that_takes_a_seed_gets_that_of_the_study() -> None:
    study = load_study(sample_study()).model_copy(update={"seed": 77})
    items = {item.hazard: item for item in study.hazards}
    here = setting(study)
    assert here.params(items["geology"]).seed == 77
    own = items["geology"].model_copy(update={"params": {**items["geology"].params, "seed": 5}})
    assert here.params(own).seed == 5
    assert not hasattr(here.params(items["flood"]), "seed")


def test_values_pass_from_stage_to_stage_and_their_tables_and_zones_are_gathered() -> None:
    city = toy_city()
    one = pd.DataFrame({"a": [1]})
    graded = Graded({}, (), {}, (), {"county": city.units}, one, {"breaks": one})
    zoned = Zoned({"zone_region": city.units}, {"stability": one})
    made = Made().also(graded).also(zoned)
    assert made.of(Graded) is graded
    assert (made.has(Zoned), Made().has(Zoned)) == (True, False)
    assert (list(made.tables()), list(made.zones())) == (["breaks", "stability"], ["zone_region"])
    with pytest.raises(LookupError, match="Graded"):
        Made().of(Graded)
