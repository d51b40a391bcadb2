"""A few pictures as people have seen and approved them; ``RISKZONING_BASELINES=write`` renews them, after a look."""

from __future__ import annotations

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image, ImageFilter

from riskzoning.maps import (
    Legend,
    MapNotes,
    Panel,
    Sheet,
    bivariate_map,
    cjk_font,
    map_backdrop,
    with_cjk_font,
    zoning_map,
)
from riskzoning.maps.atlas_pages import Cover, _cover, _Sheet
from riskzoning.samples import toy_result

FOLDER = Path(__file__).parent / "baselines"
_DPI = 40
# Of 255, after a blur that forgives another version of a font: on the whole, and where it is worst.
_MEAN, _STRONG, _SHARE = 1.5, 40, 0.004


def _sheet() -> Sheet:
    return Sheet(size="A4", notes=MapNotes(data_date="2026-06-30", method="示例"))


def _comprehensive() -> Figure:
    result = toy_result()
    outlines = pd.concat([result.units[level][["name", "level", "geometry"]] for level in result.levels])
    backdrop = map_backdrop(outlines=outlines, hillshade=result.layers["hillshade"], size="A4")
    panel = Panel(people="population", value_column="multi_risk_index")
    title = "示例市自然灾害综合风险区划图（乡镇级）"
    return zoning_map(
        result.units["township"], column="multi_risk_grade", title=title, panel=panel, backdrop=backdrop, sheet=_sheet()
    )


def _hazard() -> Figure:
    legend = Legend(scheme="flood_4", palette="flood", breaks=(0.25, 0.5, 0.75, 1.0))
    units = toy_result().units["county"]
    title = "示例市洪水灾害危险性分布图（县级）"
    return zoning_map(units, column="flood_hazard_grade", title=title, legend=legend, sheet=_sheet())


def _bivariate() -> Figure:
    units = toy_result().units["township"]
    columns, names = ("multi_risk_index", "flood_eal"), ("综合风险", "减灾能力不足")
    return bivariate_map(units, columns, names=names, title="示例市风险与减灾能力双变量图", sheet=_sheet())


def _front() -> Figure:
    with with_cjk_font():
        sheet = _Sheet("A4", "zh")
        _cover(
            sheet, Cover("示例市", "自然灾害综合风险图集", ["洪水、地震", "数据日期 2026-06-30", "示意图（内部使用）"])
        )
    return sheet.figure


PICTURES: dict[str, Callable[[], Figure]] = {
    "township_comprehensive": _comprehensive,
    "county_flood_hazard": _hazard,
    "bivariate": _bivariate,
    "atlas_cover": _front,
}


def drawn(figure: Figure) -> Image.Image:
    stream = BytesIO()
    with with_cjk_font():
        figure.savefig(stream, dpi=_DPI, format="png")
    return Image.open(stream).convert("RGB")


def unlike(one: Image.Image, other: Image.Image) -> tuple[float, float]:
    """Mean difference, and the share of pixels that differ strongly."""
    soft = [np.asarray(image.filter(ImageFilter.GaussianBlur(1.5)), dtype=float) for image in (one, other)]
    away = np.abs(soft[0] - soft[1]).max(axis=2)
    return float(away.mean()), float((away > _STRONG).mean())


@pytest.mark.skipif(cjk_font() is None, reason="no font with Chinese letters")
@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_those_that_people_have_seen(name: str) -> None:
    picture, path = drawn(PICTURES[name]()), FOLDER / f"{name}.png"
    if os.environ.get("RISKZONING_BASELINES") == "write":
        FOLDER.mkdir(exist_ok=True)
        picture.save(path, optimize=True)
    seen = Image.open(path).convert("RGB")
    assert picture.size == seen.size
    mean, share = unlike(picture, seen)
    assert mean < _MEAN, f"look at it: {name} differs by {mean:.2f} on the whole"
    assert share < _SHARE, f"look at it: {share:.2%} of {name} differ strongly"


def test_another_colour_or_a_lost_legend_would_be_seen() -> None:
    seen = Image.open(FOLDER / "county_flood_hazard.png").convert("RGB")
    pixels = np.asarray(seen).copy()
    pixels[:, int(0.8 * pixels.shape[1]) :] = 255
    assert unlike(Image.fromarray(pixels), seen)[1] > _SHARE
    swapped = Image.fromarray(np.asarray(seen)[:, :, ::-1].copy())
    assert unlike(swapped, seen)[0] > _MEAN
