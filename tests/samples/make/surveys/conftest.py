"""Survey forms of a coarse city from another seed."""

from __future__ import annotations

import pandas as pd
import pytest
from make.city import _made
from make.surveys.city import filled
from make.surveys.scene import Scene


@pytest.fixture(scope="session")
def scene() -> Scene:
    return _made(1, 60, 120, (2019, 2020)).scene


@pytest.fixture(scope="session")
def forms(scene: Scene) -> dict[str, pd.DataFrame]:
    return filled(scene)[0]
