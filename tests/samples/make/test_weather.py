import io
import zipfile

import numpy as np
import pytest
from make.terrain import ground
from make.weather import ELEMENTS, daily_weather, element_archive, station_table, yearly_summary

# The maker of the sample city is no part of the package; what it has made is checked in test_city.py.
pytestmark = pytest.mark.slow

SEED = 20260630


@pytest.fixture(scope="module")
def made():
    return daily_weather(station_table(ground(SEED, 6)), years=(2011, 2020), seed=SEED)


def rows(made, element):
    with zipfile.ZipFile(io.BytesIO(element_archive(made, element, seed=SEED))) as archive:
        for name in archive.namelist():
            for line in archive.read(name).decode("ascii").splitlines():
                yield name, [int(word) for word in line.split()]


def test_climate_is_that_of_northern_henan(made):
    found = yearly_summary(made)
    assert 500 < found["rain_mm"] < 700
    assert 0.68 < found["summer_share"] < 0.82
    assert 1 < found["days_50mm"] < 3.5
    assert 4 < found["hot_days"] < 25
    city = made.stations.in_city.to_numpy() == 1
    assert 13.5 < made.mean[city].mean() < 15.5
    month = made.days.month
    assert -2 < made.mean[city][:, month == 1].mean() < 2
    assert 25.5 < made.mean[city][:, month == 7].mean() < 28.5


def test_the_front_of_the_mountains_gets_more_rain(made):
    total = dict(zip(made.stations.name, made.rain.sum(axis=1)))
    assert total["辉县"] > 1.1 * total["封丘"]


def test_values_are_possible(made):
    assert (made.low <= made.mean).all()
    assert (made.mean <= made.high).all()
    assert (made.humidity_min <= made.humidity).all()
    assert (made.humidity <= 100).all()
    assert (made.wind <= made.wind_max).all()
    assert (made.wind_max <= made.gust).all()
    assert (made.gust <= 33).all()
    assert (made.rain >= 0).all()
    assert ((made.sunshine >= 0) & (made.sunshine < 14.6)).all()


def test_july_2016_is_stormy(made):
    day = made.days == "2016-07-09"
    assert made.rain[:, day].max() > 250
    month = (made.days.year == 2016) & (made.days.month == 7)
    usual = (made.days.year != 2016) & (made.days.month == 7)
    assert made.rain[:, month].sum() > 2 * made.rain[:, usual].sum() / 9


def test_stations_share_their_weather(made):
    rain = made.rain[:8]
    near = np.corrcoef(rain)[np.triu_indices(8, 1)]
    assert near.min() > 0.4
    assert near.max() < 0.99


def test_files_have_one_row_for_each_station_and_day(made):
    lines = list(rows(made, "TEM"))
    assert len(lines) == len(made.stations) * len(made.days)
    assert all(len(row) == 13 for _, row in lines)
    name, row = lines[0]
    assert name == "SURF_CLI_CHN_MUL_DAY-TEM-12001-201101.TXT"
    assert row[4:7] == [2011, 1, 1]
    assert row[1] == 3537
    assert row[2] == 11411


def test_every_element_has_its_columns(made):
    width = {"TEM": 3, "PRE": 3, "RHU": 2, "WIN": 5, "SSD": 1}
    for element in ELEMENTS:
        _, row = next(rows(made, element))
        assert len(row) == 7 + 2 * width[element], element


def test_rain_is_coded_as_the_bureau_does(made):
    values = np.array([row[9] for _, row in rows(made, "PRE")])
    flags = np.array([row[12] for _, row in rows(made, "PRE")])
    assert (flags[values == 32766] == 8).all()
    assert (flags[values != 32766] == 0).all()
    for low, high, least in (
        (32766, 32766, 15),
        (32700, 32700, 500),
        (32001, 32099, 50),
        (31000, 31999, 100),
        (30000, 30999, 100),
    ):
        assert ((values >= low) & (values <= high)).sum() >= least, low
    plain = values[values < 30000]
    assert plain.max() == pytest.approx(10 * made.rain.max(), abs=1)
    # Decoded in the right order, the file holds the rain that was made.
    decoded = np.where(values == 32700, 0, np.where(values >= 32000, values - 32000, values % 1000))
    decoded = np.where(values < 30000, values, decoded)
    order = np.argsort(made.stations.site.to_numpy(), kind="stable")
    snow = (decoded[values != 32766].sum() / 10) / made.rain[order].sum()
    assert snow == pytest.approx(1, abs=0.01)


def test_one_station_has_an_outage_and_one_an_estimated_height(made):
    lines = [row for _, row in rows(made, "SSD") if row[0] == 53997 and row[4:6] == [2020, 6]]
    assert [row[6] for row in lines if row[7] == 32766][:9] == list(range(3, 12))
    heights = {row[0]: row[3] for _, row in rows(made, "SSD")}
    assert heights[53981] > 100000
    assert all(height < 100000 for site, height in heights.items() if site != 53981)
