"""The small map of the place in its province: in a free corner, never over the place, only when it is given."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import Point, box

from riskzoning.errors import MissingCRSError
from riskzoning.maps import map_backdrop, zoning_map

CRS = "EPSG:4547"
PROVINCE = gpd.GeoDataFrame(geometry=[box(-200_000, -300_000, 200_000, 100_000)], crs=CRS)


def city(shape: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": ["某市"], "level": ["city"], "grade": [3]}, geometry=[shape], crs=CRS)


@pytest.mark.parametrize(
    "shape", [box(0, 0, 149_000, 107_000), box(0, 0, 20_000, 100_000), Point(0, 0).buffer(50_000), box(0, 0, 9e5, 1e4)]
)
@pytest.mark.parametrize("size", ["A4", "A3", "A1"])
def test_the_small_map_hides_nothing_of_the_place(shape: shapely.Geometry, size: str) -> None:
    place = city(shape)
    parts = map_backdrop(outlines=place, province=PROVINCE, size=size)
    assert parts.inset is not None
    ground = parts.frame.on_ground(np.reshape(parts.inset.box, (2, 2)))
    covered = shapely.intersection(shape, shapely.box(*ground.ravel())).area
    assert covered <= 1e-4 * shapely.box(*ground.ravel()).area
    left, bottom, right, top = parts.inset.box
    width, height = parts.frame.on_paper(np.array([[parts.frame.right, parts.frame.top]]))[0]
    assert 0 < left < right < width
    assert 0 < bottom < top < height
    # The place is still inside the window.
    window = shapely.box(parts.frame.left, parts.frame.bottom, parts.frame.right, parts.frame.top)
    assert window.contains(shape)


def test_the_place_lies_in_its_province_as_it_does_on_the_ground() -> None:
    parts = map_backdrop(outlines=city(box(0, 0, 40_000, 40_000)), province=PROVINCE)
    assert parts.inset is not None
    land, here = shapely.polygons(parts.inset.land[0]), shapely.polygons(parts.inset.here[0])
    assert here.area / land.area == pytest.approx(0.01, rel=0.01)
    share = (here.centroid.x - land.bounds[0]) / (land.bounds[2] - land.bounds[0])
    assert share == pytest.approx(220 / 400, abs=0.01)


def test_only_when_it_is_given() -> None:
    place = city(box(0, 0, 40_000, 40_000))
    assert map_backdrop(outlines=place).inset is None
    empty = gpd.GeoDataFrame(geometry=[None, Point(0, 0)], crs=CRS)
    assert map_backdrop(outlines=place, province=empty).inset is None
    with pytest.raises(MissingCRSError):
        map_backdrop(outlines=place, province=PROVINCE.set_crs(None, allow_override=True))
    figure = zoning_map(
        place, column="grade", lang="en", backdrop=map_backdrop(outlines=place, province=PROVINCE.to_crs("EPSG:4490"))
    )
    assert "Where it lies" in {text.get_text() for axes in figure.axes for text in axes.texts}
