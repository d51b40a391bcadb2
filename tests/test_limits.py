"""The bounds leave room for what people really have."""

from __future__ import annotations

from pathlib import Path

from riskzoning import limits, samples
from riskzoning.yamls import BoundedLoader


def test_a_study_of_a_city_is_far_below_the_bounds() -> None:
    path: Path = samples.sample_study()
    loader = BoundedLoader(path.read_text(encoding="utf-8"))
    loader.get_single_node()  # type: ignore[no-untyped-call]
    assert loader.values < limits.YAML_VALUES / 50
    assert path.stat().st_size < limits.TEXT_BYTES / 50
