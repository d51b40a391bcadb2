import numpy as np
from make.surveys import history

from riskzoning.history import loss_indicators


def test_annual_rows_are_the_sums_of_their_events(forms):
    rows, events = forms["his_annual"], forms["his_event"]
    by = ["adcode6", "year", "hazard"]
    sums = events.groupby(by)[["affected", "dead", "loss_total", "crop_aff"]].sum()
    own = rows.set_index(by)[["affected", "dead", "loss_total", "crop_aff"]]
    assert np.allclose(own.loc[sums.index], sums)
    assert own.drop(index=sums.index).to_numpy().sum() == 0
    assert rows["events"].sum() == len(events)


def test_no_county_lacks_a_year_and_mountain_hazards_stay_in_the_mountains(forms):
    rows = forms["his_annual"]
    assert rows.groupby("adcode6")["year"].nunique().tolist() == [43] * 12
    slides = rows.loc[rows["hazard"] == "崩塌滑坡泥石流", "adcode6"]
    assert set(slides) <= {"410704", "410781", "410782"}


def test_events_are_possible(forms):
    rows = forms["his_event"]
    assert (rows["end"] >= rows["start"]).all()
    assert (rows["start"].str[:4].astype(int) == rows["year"]).all()
    assert (rows["affected"] >= rows["evacuated"]).all()
    assert (rows["affected"] >= rows["dead"] + rows["missing"]).all()
    assert (rows["crop_aff"] >= rows["crop_dam"]).all()
    assert (rows["crop_dam"] >= rows["crop_lost"]).all()
    assert (rows["coll_room"] >= rows["coll_hh"]).all()
    assert rows["event_id"].is_unique


def test_the_series_grow_and_end_at_the_census(scene):
    table = history.series(scene)
    last = table[table["year"] == 2020].set_index("adcode6")
    assert last["pop_end"].to_dict() == scene.counties["pop"].to_dict()
    assert np.isclose(last["gdp_wan"].sum(), 3015e4, rtol=1e-6)
    step = table.sort_values(["adcode6", "year"]).groupby("adcode6")["gdp_wan"].pct_change()
    assert step.dropna().between(-0.1, 0.6).all()


def test_the_worst_year_is_2016_and_the_targets_are_not_met_by_themselves(forms):
    rows = history.losses(forms["his_annual"])
    assert len(rows) == 12 * 43
    recent = rows[rows["year"] >= 2006]
    assert recent.groupby("year")["loss"].sum().idxmax() == 2016
    city = rows[rows["year"].between(2016, 2020)].drop(columns="code").groupby("year", as_index=False).sum()
    quiet = rows[rows["year"].between(2006, 2015)].drop(columns="code").groupby("year", as_index=False).sum()
    assert 100 * city["loss"].sum() / city["gdp"].sum() > 0.7
    assert 0.1 < 100 * quiet["loss"].sum() / quiet["gdp"].sum() < 1.3
    assert loss_indicators(city) is not None


def test_a_great_flood_comes_to_all_counties_at_once(forms):
    rows = forms["his_event"].query("hazard == '洪涝' and year == 2016").sort_values("affected")
    worst = rows.groupby("adcode6").tail(1)
    assert len(worst) == 12
    assert worst["start"].between("2016-07-08", "2016-07-10").sum() >= 10
