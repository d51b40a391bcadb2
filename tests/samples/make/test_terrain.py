import numpy as np
import pytest
import shapely
from make.boundaries import drawn_units
from make.exposure import township_index
from make.terrain import Raster, _carve, ground

# The maker of the sample city is no part of the package; what it has made is checked in test_city.py.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place():
    return ground(20260630, 6)


@pytest.fixture(scope="module")
def inside(place):
    return township_index(drawn_units(), place.raster) >= 0


def test_mountains_have_steep_slopes_and_the_plain_has_none(place, inside):
    hills, plain = inside & (place.mountain_km > 1), inside & (place.mountain_km < -3)
    slope = place.slope[hills]
    assert 1400 < place.elevation[inside].max() < 1900
    assert 0.10 < hills.mean() / inside.mean() < 0.30
    assert 0.15 < ((slope > 30) & (slope < 45)).mean() < 0.45
    assert slope.max() < 60
    assert np.percentile(place.slope[plain], 95) < 1.5


def test_the_plain_falls_to_the_north_east(place, inside):
    far = inside & (place.mountain_km < -15) & (np.abs(place.river_km) > 10)
    x, y = np.meshgrid(*place.raster.xy)
    fall = np.linalg.lstsq(np.column_stack([np.ones(far.sum()), x[far], y[far]]), place.elevation[far], rcond=None)[0]
    assert fall[1] < -0.08
    assert (fall[1] + fall[2]) / np.sqrt(2) < -0.06


def test_the_river_bed_lies_above_the_plain_behind_its_levee(place, inside):
    bed = inside & (place.river_km > 1.5) & (place.river_km < 4)
    behind = inside & (place.river_km > 9) & (place.river_km < 12)
    assert np.median(place.elevation[bed]) > np.median(place.elevation[behind]) + 2
    crest = inside & (np.abs(place.river_km - 4.6) < 0.1)
    assert np.median(place.elevation[crest]) > np.median(place.elevation[bed]) + 1.5


def test_mountain_valleys_drain(place):
    # No closed pit in the mountains: each cell has a neighbour that is not higher, except at the edge of the ground.
    height = place.elevation
    inner = np.zeros(height.shape, dtype=bool)
    inner[1:-1, 1:-1] = True
    lowest = np.min(
        [np.roll(height, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)], axis=0
    )
    pits = inner & (place.mountain_km > 1) & (lowest > height)
    assert pits.sum() == 0


def test_streams_lie_in_valleys(place, inside):
    hills = inside & (place.mountain_km > 1)
    near, far = hills & (place.stream_km < 0.2), hills & (place.stream_km > 1.5)
    assert np.median(place.elevation[near]) < np.median(place.elevation[far]) - 100
    assert place.above_drainage[hills & (place.stream_km == 0)].max() < 1


def test_the_same_seed_gives_the_same_ground_and_another_does_not():
    first = ground(5, 60).elevation
    ground.cache_clear()
    assert np.array_equal(first, ground(5, 60).elevation)
    assert not np.array_equal(first, ground(6, 60).elevation)


def test_erosion_reaches_the_slope_that_balances_uplift():
    # One column of cells: with drained area a each slope is uplift / (erodibility * sqrt(a)); here dx = dy = 1.
    rows, uplift, soft = 6, 2.0, 0.5
    height = np.zeros((rows, 1))
    fixed = np.zeros((rows, 1), dtype=bool)
    fixed[-1] = True
    lift = np.where(fixed, 0, uplift)
    start, soft_everywhere = height + np.arange(rows)[::-1, None] * 1e-3, np.full((rows, 1), soft)
    done = _carve(start, lift, fixed, soft_everywhere, 1.0, 1.0, 4000, 1e9)
    area = np.arange(1, rows)
    assert np.allclose(-np.diff(done[:, 0]), uplift / (soft * np.sqrt(area)))


def test_a_raster_is_on_whole_multiples_and_covers_its_bounds():
    raster = Raster.over((113.3713, 34.8802, 114.9856, 35.8404), 30, margin=2)
    west, south, east, north = raster.bounds
    assert (west, south, east, north) == pytest.approx((13602 / 120, 4183 / 120, 13801 / 120, 4303 / 120), abs=1e-9)
    assert west < 113.3713 - 1 / 60
    assert north > 35.8404 + 1 / 60


def test_a_coarser_raster_keeps_means_and_a_finer_one_the_shape():
    raster = Raster.over((113.0, 34.0, 114.0, 35.0), 36)
    x, y = np.meshgrid(*raster.xy)
    plane = 3 * x + 2 * y
    for seconds in (18, 72, 90):
        target = Raster.over((113.0, 34.0, 114.0, 35.0), seconds)
        moved = raster.onto(plane, target)
        x2, y2 = np.meshgrid(*target.xy)
        inner = np.s_[4:-4, 4:-4]
        # A cell that is no multiple of the other takes whole cells by their share: off by less than one of them.
        assert np.allclose(moved[inner], (3 * x2 + 2 * y2)[inner], atol=1.0 if seconds == 90 else 1e-9)


def test_burning_and_distance_use_kilometres():
    raster = Raster.over((114.0, 35.2, 114.4, 35.5), 6)
    line = raster.burn([shapely.LineString([(-50, 0), (50, 0)])])
    far = raster.distance(line)
    y = raster.xy[1]
    assert np.allclose(far[:, 120], np.abs(y), atol=0.2)
