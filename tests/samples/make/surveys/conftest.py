"""Survey forms of a coarse city from another seed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from make.city import _made
from make.surveys.city import filled
from make.surveys.scene import Scene

_CITY = {"scene", "forms"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A city is made for them, which takes its time, and the sample that is shipped changes seldom."""
    for item in items:
        if Path(__file__).parent in item.path.parents and _CITY.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def scene() -> Scene:
    return _made(1, 60, 120, (2019, 2020)).scene


@pytest.fixture(scope="session")
def forms(scene: Scene) -> dict[str, pd.DataFrame]:
    return filled(scene)[0]
