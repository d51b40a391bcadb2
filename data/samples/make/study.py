"""study.yaml of the sample city."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from string import Template


def city_study(seed: int, years: tuple[int, int], pga: Sequence[int], flood: Sequence[int]) -> str:
    """The text of the sample city's study.yaml, with comments in Chinese and English."""
    rows_pga = "\n".join(
        f"  pga_{period}: {{path: seismic/pga_T{period:05d}.tif, quantity: pga, units: g, return_period: {period}}}"
        for period in pga
    )
    rows_flood = "\n".join(
        f"  depth_{period}: {{path: flood/depth_T{period:03d}.tif, quantity: flood_depth, units: m, "
        f"return_period: {period}}}"
        for period in flood
    )
    template = Template((Path(__file__).parent / "city_study.yml").read_text(encoding="utf-8"))
    return template.substitute(
        seed=seed,
        years=f"{years[0]}-{years[1]}",
        pga=rows_pga,
        flood=rows_flood,
        pga_names=", ".join(f"pga_{period}" for period in pga),
        depth_names=", ".join(f"depth_{period}" for period in flood),
    )
