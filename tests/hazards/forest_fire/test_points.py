"""Fire points: every rule of selection, dates across midnight, detections of one fire, the quartic kernel."""

import datetime

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from riskzoning.errors import Journal, LayerError, MissingCRSError, hearing
from riskzoning.grid import analysis_grid
from riskzoning.hazards.forest_fire.points import fire_events, ignition_density, local_dates
from riskzoning.layers import layer_on

# Points of tests have only the columns that matter there.
pytestmark = pytest.mark.filterwarnings("ignore:.*have no column")


@pytest.fixture
def grid():
    return analysis_grid((0, 0, 20_000, 10_000), crs="EPSG:4547", resolution=100)


@pytest.fixture
def landcover(grid):
    """Forest in the west, cropland in the east, a lake in the far east."""
    codes = np.full(tuple(grid.shape), 10, dtype="uint8")
    codes[:, :100] = 20
    codes[:, 180:] = 60
    return layer_on(grid, codes, quantity="landcover", name="landcover")


def fires(rows, **columns):
    x, y, date = zip(*rows)
    data = {"acq_date": list(date), "acq_time": 300, **columns}
    return gpd.GeoDataFrame(data, geometry=gpd.points_from_xy(x, y), crs="EPSG:4547")


def test_each_rule_counts_what_it_leaves_out(grid, landcover):
    rows = [
        (5000, 5000, "2020-02-01"),  # forest
        (10_200, 5000, "2020-02-20"),  # cropland at the edge of the forest, in winter
        (10_200, 2000, "2020-06-10"),  # the same in harvest: straw
        (15_000, 5000, "2020-02-01"),  # cropland far from forest
        (19_000, 5000, "2020-02-01"),  # on the lake
        (50_000, 5000, "2020-02-01"),  # outside
        (4000, 8000, "2020-02-01"),  # low confidence
        (4000, 8000, "2020-02-01"),  # static source by its type
    ]
    points = fires(rows, confidence=[90, 80, 80, 80, 80, 80, 20, 90], type=[0, 0, 0, 0, 0, 0, 0, 2])
    found = fire_events(points, landcover, grid)
    assert found.report == {
        "points": 8, "low_confidence": 1, "other_type": 1, "outside": 1, "static_source": 0, "crop_residue": 2,
        "far_from_forest": 1, "kept": 2, "fires": 2,
    }  # fmt: skip
    assert found.events.geometry.x.round().tolist() == [5000, 10_200]
    lazy = fire_events(points, landcover.chunk(y=30, x=70), grid)
    assert lazy.report == found.report


def test_words_for_confidence(grid):
    points = fires([(x, 5000, "2020-02-01") for x in (1000, 4000, 8000, 12_000)], confidence=["l", "n", "high", np.nan])
    assert fire_events(points, None, grid).report["low_confidence"] == 1


def test_detections_near_in_place_and_time_are_one_fire(grid):
    points = fires(
        [(1000, 1000, "2020-02-01"), (2000, 1000, "2020-02-02"), (3000, 1000, "2020-02-04"),
         (1000, 1000, "2020-03-01"), (9000, 1000, "2020-02-01")]
    )  # fmt: skip
    found = fire_events(points, None, grid).events
    assert found["detections"].tolist() == [3, 1, 1]
    assert found["date"].dt.strftime("%m-%d").tolist() == ["02-01", "02-01", "03-01"]
    assert found.geometry.x.tolist() == [2000, 9000, 1000]
    shuffled = fire_events(points.sample(frac=1, random_state=1), None, grid).events
    pd.testing.assert_frame_equal(pd.DataFrame(shuffled), pd.DataFrame(found))


def test_a_source_that_burns_all_year_is_no_fire(grid):
    days = pd.date_range("2020-01-01", periods=12, freq="20D").strftime("%Y-%m-%d")
    points = fires([(5010, 5010, day) for day in days] + [(9000, 1000, "2020-02-01")])
    found = fire_events(points, None, grid)
    assert found.report["static_source"] == 12
    assert found.report["fires"] == 1


PLANT = [(0, 0), (20, 0), (-20, 10), (0, -20)] * 5


@pytest.mark.parametrize(
    "middle", [(5500, 5500), (5000, 5500), (5000, 5000), (5999.999999, 5000.000001), (20_000, 5000)]
)
@pytest.mark.parametrize(
    "first_day", ["2020-01-05", "2019-07-10"]
)  # the days of the second lie on both sides of New Year
def test_a_plant_is_left_out_whole_wherever_cells_and_years_begin(grid, middle, first_day):
    days = pd.date_range(first_day, periods=len(PLANT), freq="17D").strftime("%Y-%m-%d")
    rows = [(middle[0] + dx, middle[1] + dy, day) for (dx, dy), day in zip(PLANT, days)]
    fire = [(9000.0, 1000.0, "2018-02-01"), (9000.0, 9000.0, "2019-02-01")]
    found = fire_events(fires([*rows, *fire]), None, grid)
    assert found.report["static_source"] + found.report["outside"] == len(PLANT)
    assert found.report["fires"] == 2
    assert found.years == fire_events(fires(fire), None, grid).years == 2


def test_fires_of_many_years_and_of_many_places_are_no_plant(grid):
    years = [(5000, 5000, f"{year}-02-0{day}") for year in range(2001, 2021) for day in (1, 2)]
    places = [(500 + 1500 * i, 8000, f"2020-0{1 + i % 9}-11") for i in range(12)]
    assert fire_events(fires(years + places), None, grid).report["static_source"] == 0
    one_fire = [(5000 + 10 * i, 5000, f"2020-02-0{1 + i % 8}") for i in range(40)]
    assert fire_events(fires(one_fire), None, grid).report["static_source"] == 0


def test_points_without_columns_and_without_points(grid, landcover):
    bare = gpd.GeoDataFrame(geometry=gpd.points_from_xy([5000, 5100], [5000, 5000]), crs="EPSG:4547")
    assert fire_events(bare, landcover, grid).report["fires"] == 2
    assert fire_events(bare.iloc[:0], landcover, grid).report == {
        "points": 0, "low_confidence": 0, "other_type": 0, "outside": 0, "static_source": 0, "crop_residue": 0,
        "far_from_forest": 0, "kept": 0, "fires": 0,
    }  # fmt: skip


def test_wrong_points_and_grids(grid):
    bare = gpd.GeoDataFrame(geometry=gpd.points_from_xy([5000], [5000]))
    with pytest.raises(MissingCRSError, match="fire points"):
        fire_events(bare, None, grid)
    degrees = analysis_grid((113, 35, 114, 36), crs="EPSG:4490", resolution=0.1)
    with pytest.raises(LayerError, match="projected"):
        fire_events(bare.set_crs("EPSG:4490"), None, degrees)


def test_dates_of_exports():
    table = pd.DataFrame(
        {"acq_date": ["2003-02-07", "7/02/2003", "31/12/2003", "x"], "acq_time": [1559, 1600, "2359", 0]}
    )
    with hearing(Journal()) as journal:
        dates = local_dates(table)
    assert dates.dt.strftime("%Y-%m-%d").tolist()[:3] == ["2003-02-07", "2003-02-08", "2004-01-01"]
    assert dates.isna().tolist() == [False, False, False, True]
    assert [problem.rule for problem in journal.warnings] == ["dates.unread"]
    assert local_dates(pd.DataFrame({"a": [1]})).isna().all()


def test_quartic_kernel():
    grid = analysis_grid((0, 0, 10_000, 10_000), crs="EPSG:4547", resolution=250)
    fire = gpd.GeoDataFrame(geometry=gpd.points_from_xy([5125], [5125]), crs="EPSG:4547")
    found = ignition_density(fire, grid, radius_m=1000)
    row = found.values[19, 20:25]
    np.testing.assert_allclose(row, [0.954930, 0.839294, 0.537148, 0.954930 * (1 - 0.5625) ** 2, 0], atol=1e-6)
    assert float(found.sum()) * 0.25**2 == pytest.approx(1, abs=0.01)
    both = ignition_density(pd.concat([fire, fire.translate(600).to_frame("geometry")]), grid, radius_m=1000)
    assert float(both.sum()) * 0.25**2 == pytest.approx(2, abs=0.02)
    assert found.attrs["units"] == "1/km2"


def test_clocks_and_dates_of_other_exports():
    table = pd.DataFrame(
        {
            "acq_date": ["2019/8/1", "20190801", "31/8/2019", "2019-12-31"],
            "acq_time": ["16:30:00", datetime.time(15, 59), "1600", 2359.0],
        }
    )
    assert local_dates(table).dt.strftime("%m-%d").tolist() == ["08-02", "08-01", "09-01", "01-01"]


@pytest.mark.parametrize(
    ("confidence", "kept"),
    [
        (["80%", "95 %", "90"], 3),
        (["0.8", "0.95", "0.1"], 2),
        ([80, 20, None], 2),
        (["n", "l", "h"], 2),
        (["高", "低", "中"], 2),
        (["80", "20", "sure"], 2),
    ],
)
def test_confidence_in_every_form(grid, confidence, kept):
    rows = {"confidence": confidence, "TYPE": 0, "Acq_Date": "2020-02-03"}
    fires = gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy([1000, 3000, 5000], [3000] * 3), crs="EPSG:4547")
    with hearing(Journal()) as journal:
        report = fire_events(fires, None, grid).report
    assert report["kept"] == kept
    unread = [problem.rule for problem in journal.warnings]
    assert unread == (["forest_fire.points_unread"] if "sure" in confidence else [])


def test_columns_that_are_missing_are_said_once(grid):
    bare = gpd.GeoDataFrame(geometry=gpd.points_from_xy([1000], [3000]), crs="EPSG:4547")
    with hearing(Journal()) as journal:
        fire_events(bare, None, grid)
    (problem,) = journal.warnings
    assert dict(problem.values)["columns"] == ("confidence", "type", "acq_date")
    assert dict(problem.values)["count"] == 1


EXPORT = {
    "Latitude": [0.0] * 6, "LONGITUDE": [0.0] * 6,
    "acq_date": ["3/9/2021", "12/31/2020", "1/2/2022", "2/14/2019", "11/5/2020", "4/4/2021"],
    "acq_time": [1830, "0545", 2359, 5, "18:30", 600],
    "instrument": ["MODIS", "VIIRS", "VIIRS", "MODIS", "VIIRS", "MODIS"],
    "confidence": ["80", "n", "l", "25", "h", 55], "type": [0, 0, 0, 0, 2, 0],
}  # fmt: skip


def test_a_plain_table_of_two_satellites_in_american_dates(grid):
    back = gpd.points_from_xy(range(1000, 19_000, 3000), [5000] * 6, crs="EPSG:4547").to_crs("EPSG:4326")
    table = pd.DataFrame(EXPORT | {"Latitude": back.y, "LONGITUDE": back.x})
    found = fire_events(table, None, grid)
    kept = {key: found.report[key] for key in ("low_confidence", "other_type", "fires")}
    assert kept == {"low_confidence": 2, "other_type": 1, "fires": 3}
    # 18:30 UTC is the next day in Beijing.
    assert found.events["date"].dt.strftime("%Y-%m-%d").tolist() == ["2020-12-31", "2021-03-10", "2021-04-04"]
    assert found.events.geometry.x.round(3).tolist() == [4000, 1000, 16_000]


def test_a_row_without_a_place_is_outside_and_a_table_without_places_refused(grid):
    table = pd.DataFrame({"lat": [None], "lon": [None], "confidence": [90], "type": [0], "acq_date": ["2020-02-01"]})
    assert fire_events(table, None, grid).report["outside"] == 1
    with pytest.raises(LayerError, match="without coordinates; its columns are place, confidence"):
        fire_events(pd.DataFrame({"place": ["a"], "confidence": [90]}), None, grid)
