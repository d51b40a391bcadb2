"""Plans of the sample city: the three control lines and main-function classes by county. All of them are made up.

Lines follow the land cover (towns, fields, forest of the hills), so that they fit the place; classes of counties are
guesses and nothing that a plan says.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from make.exposure import Settlement
from make.hazards import zones_of_classes
from make.terrain import Ground

_TOWN, _FIELDS, _RED = 1, 2, 3
# Column 类型 of each layer, by layer.
LINES = {
    "urban_boundary": (_TOWN, "城镇开发边界"),
    "farmland": (_FIELDS, "永久基本农田"),
    "red_line": (_RED, "生态保护红线"),
}
_MAIN = {"410702": "重点开发区域", "410703": "重点开发区域", "410704": "重点开发区域", "410711": "重点开发区域",
         "410721": "重点开发区域", "410783": "重点开发区域", "410782": "重点生态功能区"}  # fmt: skip
_ELSE = "农产品主产区"


def control_lines(place: Ground, lived: Settlement, inside: NDArray[np.bool_]) -> dict[str, gpd.GeoDataFrame]:
    """Layers of the urban development boundary, permanent farmland and the ecological red line, without overlaps."""
    cells = (1.0 / place.raster.cell_km[0], 1.0 / place.raster.cell_km[1])
    cover = lived.landcover

    def share(kind: NDArray[np.bool_], km: float) -> Any:
        return ndimage.gaussian_filter(kind.astype(np.float32), [km * cells[1], km * cells[0]])

    town = share(cover == 80, 0.8) > 0.42
    fields = (share(cover == 10, 0.6) > 0.8) & ~town
    red = (share(cover == 20, 0.8) > 0.6) & (place.mountain_km > 0) & ~town & ~fields
    classes = np.zeros(place.raster.shape, np.uint8)
    for number, mask in ((_FIELDS, fields), (_RED, red), (_TOWN, town)):
        classes[mask & inside] = number
    smallest = max(4, round(2.0 * cells[0] * cells[1]))
    polygons = zones_of_classes(classes, place.raster, smallest=smallest, tolerance_km=0.5)
    out = {}
    for layer, (number, title) in LINES.items():
        own = polygons[polygons["value"] == number].reset_index(drop=True)
        own.insert(0, "类型", title)
        own.insert(1, "编号", [f"410700{at:04d}" for at in range(1, len(own) + 1)])
        out[layer] = own.drop(columns="value")
    return out


def main_function(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Counties with a class of main function."""
    counties = units[units["level"] == "county"].reset_index()
    classes = [_MAIN.get(str(code), _ELSE) for code in counties["code"]]
    columns = {"code": counties["code"], "主体功能": classes}
    return gpd.GeoDataFrame(columns, geometry=counties.geometry.to_numpy(), crs=units.crs)
