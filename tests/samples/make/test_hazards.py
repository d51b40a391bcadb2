import numpy as np
import pytest
import shapely
from make import hazards
from make.boundaries import drawn_units
from make.exposure import settlement, township_index
from make.terrain import Raster, ground

# The maker of the sample city is no part of the package; what it has made is checked in test_city.py.
pytestmark = pytest.mark.slow

SEED = 20260630


@pytest.fixture(scope="module")
def place():
    return ground(SEED, 6)


@pytest.fixture(scope="module")
def lived():
    return settlement(SEED, 6)


@pytest.fixture(scope="module")
def inside(place):
    return township_index(drawn_units(SEED), place.raster) >= 0


@pytest.fixture(scope="module")
def target():
    return Raster.over(tuple(drawn_units(SEED).total_bounds), 30, margin=2)


def test_pga_grows_with_the_return_period(place, target):
    levels = hazards.pga(target, seed=SEED)
    stack = np.stack([levels[period] for period in hazards.PERIODS_PGA])
    assert (np.diff(stack, axis=0) > 0).all()
    assert stack.min() > 0.03
    assert stack.max() < 0.8
    ratio = levels[2475] / levels[475]
    assert ((ratio >= 1.6) & (ratio <= 2.3)).all()


def test_depth_never_falls_and_more_is_flooded_for_rarer_events(place, target):
    depths = hazards.flood_depths(place, target, seed=SEED)
    stack = np.stack([depths[period] for period in hazards.PERIODS_FLOOD])
    assert (np.diff(stack, axis=0) >= 0).all()
    city = township_index(drawn_units(SEED), target) >= 0
    wet = (stack[:, city] > 0).mean(axis=1)
    assert (np.diff(wet) > 0).all()
    assert 0.03 < wet[0] < 0.2
    assert 0.25 < wet[-1] < 0.5
    assert stack.max() < 8


def test_floods_follow_the_streams(place, target):
    depth = hazards.flood_depths(place, target, seed=SEED)[100]
    near = place.raster.onto(place.stream_km, target)
    side = place.raster.onto(place.river_km, target)
    plain = (np.abs(side) > 6) & (place.raster.onto(place.mountain_km, target) < 0)
    assert depth[plain & (near < 0.3)].mean() > 4 * depth[plain & (near > 3)].mean()
    hills = place.raster.onto(place.above_drainage, target) > 60
    assert (depth[hills & (np.abs(side) > 6)] > 0.5).mean() < 0.05


def information_value_auc(classes, cells, train, test, valid):
    """AUC of a sum of information values fitted on the training points, judged on the others."""
    score = np.zeros(valid.sum())
    flat = np.flatnonzero(valid)
    place_of = {cell: number for number, cell in enumerate(flat)}
    train_at, test_at = ([place_of[cell] for cell in cells[part]] for part in (train, test))
    for factor in classes:
        values = factor.ravel()[flat]
        all_cells = np.bincount(values)
        hit = np.maximum(np.bincount(values[train_at], minlength=all_cells.size), 0.5)
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.log(hit / len(train_at) / (all_cells / values.size))
        score += value[values]
    order = np.sort(score)
    below = np.searchsorted(order, score[test_at], "left")
    upto = np.searchsorted(order, score[test_at], "right")
    return float(((below + upto) / 2 / score.size).mean())


def test_landslides_are_predictable_from_slope_rock_and_streams(place, lived, inside):
    points = hazards.landslides(place, lived, inside, seed=SEED)
    row, column = place.raster.index(points.geometry.x.to_numpy(), points.geometry.y.to_numpy())
    assert inside[row, column].all()
    assert np.percentile(place.slope[row, column], 5) > 12
    cells = np.ravel_multi_index((row, column), place.raster.shape)
    steep = np.digitize(place.slope, [8, 15, 25, 35])
    rock = np.zeros(place.raster.shape, dtype=int)
    for number, (_, zone) in enumerate(hazards.lithology(place, seed=SEED).groupby("unit_code")):
        rock[place.raster.burn(_km(zone.geometry), touched=False)] = number + 1
    near = np.digitize(place.stream_km, [0.2, 0.5, 1.0, 2.0])
    order = np.random.default_rng(0).permutation(len(points))
    factors = [steep, rock, near]
    whole = information_value_auc(factors, cells, order[:119], order[119:], inside)
    hills = information_value_auc(factors, cells, order[:119], order[119:], inside & (place.mountain_km > 0))
    assert whole > 0.9
    assert hills > 0.75


def _km(shapes):
    return [
        shapely.transform(shape, lambda xy: np.column_stack(hazards.Plane.km(xy[:, 0], xy[:, 1]))) for shape in shapes
    ]


@pytest.mark.parametrize("make", [hazards.site_class, hazards.lithology])
@pytest.mark.parametrize("seed", [SEED, 1, 2])
def test_zones_cover_everything_once(make, seed):
    place = ground(seed, 6) if seed == SEED else ground(seed, 30)
    zones = make(place, seed=seed).geometry.to_numpy()
    assert shapely.is_valid(zones).all()
    assert shapely.coverage_is_valid(zones)
    assert shapely.area(shapely.coverage_union_all(zones)) == pytest.approx(
        shapely.box(*place.raster.bounds).area, rel=1e-6
    )


def test_site_classes_go_from_rock_to_soft(place):
    zones = hazards.site_class(place, seed=SEED)
    depth = {}
    for code, zone in zones.groupby("site_class"):
        depth[code] = place.mountain_km[place.raster.burn(_km(zone.geometry), touched=False)].mean()
    assert depth["I0"] > depth["I1"] > depth["II"] > depth["III"]
    assert set(depth) == {"I0", "I1", "II", "III", "IV"}


def test_fuel_stands_hold_forest(place, lived, inside):
    stands = hazards.fuel_type(place, lived, inside, seed=SEED)
    assert shapely.is_valid(stands.geometry.to_numpy()).all()
    assert set(stands.burning_class) == {"易燃", "可燃", "难燃"}
    mask = place.raster.burn(_km(stands.geometry), touched=False)
    wooded = np.isin(lived.landcover, (20, 40)) & inside
    assert (wooded & mask).sum() / wooded.sum() > 0.75
    assert stands.load_t_ha.between(2, 30).all()


def test_fires_burn_in_the_dry_season_and_straw_in_june(place, lived, inside):
    fires = hazards.fire_points(place, lived, inside, years=(2011, 2020), seed=SEED)
    row, column = place.raster.index(fires.longitude.to_numpy(), fires.latitude.to_numpy())
    month = fires.acq_date.str[5:7].astype(int)
    wood = np.isin(lived.landcover[row, column], (20, 30, 40))
    assert month[wood].isin([10, 11, 12, 1, 2, 3, 4, 5]).mean() > 0.95
    assert month[~wood].isin([6, 10]).mean() > 0.9
    assert fires.acq_time.str.fullmatch(r"[0-2]\d[0-5]\d").all()
    assert 0.2 < (~wood).mean() < 0.45


def test_the_catalogue_marks_what_is_published():
    rows = hazards.earthquakes(seed=SEED)
    known = rows[rows.status.str.startswith("published")]
    assert known.date.tolist() == ["1303-09-17", "1695-05-18", "1830-06-12", "1937-08-01", "1966-03-08", "1966-03-22"]
    assert rows.magnitude[~rows.index.isin(known.index)].max() <= 5.6
    assert rows.event_id.is_unique


def test_rivers_and_levee_stay_in_the_area(place):
    area = shapely.box(-60, -50, 60, 50)
    lines = hazards.rivers(place, area)
    assert lines.crs.to_epsg() == 4490
    assert {"黄河", "卫河", "共产主义渠"} <= set(lines["name"])
    west, _, east, _ = lines.total_bounds
    assert west >= 113.5
    assert east <= 114.9
    levee = hazards.levees(place, area)
    assert levee.length_km.iloc[0] > 60
    gap = levee.to_crs(4547).distance(lines[lines["name"] == "黄河"].to_crs(4547).union_all())
    assert 3500 < gap.iloc[0] < 5500
