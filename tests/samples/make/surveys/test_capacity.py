import numpy as np


def test_the_seats_of_counties_are_better_off_than_the_mountains(scene, forms):
    rows = forms["cap_township"].set_index("town9")
    towns = scene.towns.loc[rows.index]
    for field in ("funds_wan", "goods_wan", "volunteer", "trained", "shelter"):
        head = rows[field] / rows["pop"]
        assert head[towns["seat"]].mean() > 1.15 * head[~towns["seat"]].mean(), field
    head = (rows["funds_wan"] + rows["goods_wan"]) / rows["pop"]
    assert head[towns["mountain"] > 0.6].mean() < head[towns["mountain"] < 0.1].mean()


def test_places_in_shelters_and_beds_are_those_of_their_forms(forms):
    town = forms["cap_township"].set_index("town9")
    held = forms["shelter"].groupby("town9")["capacity"].sum()
    assert town["shelter"].to_dict() == held.reindex(town.index, fill_value=0).to_dict()
    clinics = forms["exp_public_service"].query("type == '医疗卫生机构'")
    assert forms["cap_government"]["beds"].sum() == clinics["users"].sum()
    assert 0 < town["beds"].sum() < clinics["users"].sum()


def test_counties_report_what_their_offices_do(forms):
    county = forms["cap_government"].set_index("adcode6")
    assert county["fire_men"].to_dict() == forms["fire_station"].groupby("adcode6")["people"].sum().to_dict()
    assert np.allclose(county["goods_wan"], forms["material_store"].groupby("adcode6")["goods_wan"].sum())
    assert (county["broadcast"] > 0).all()


def test_households_are_plausible(forms):
    rows = forms["cap_household"]
    assert len(rows) == 300
    assert rows["members"].between(1, 7).all()
    assert (rows["old"] + rows["young"] <= rows["members"]).all()
    assert 0.05 < (rows["kit"] == "有").mean() < 0.5
    assert (rows["vill12"].str[:9] == rows["town9"]).all()


def test_firms_and_organisations_are_in_every_county(forms):
    assert forms["cap_enterprise"]["adcode6"].nunique() == forms["cap_social"]["adcode6"].nunique() == 12
    insurer = forms["cap_enterprise"]["type"] == "保险企业"
    assert (forms["cap_enterprise"].loc[insurer, "payout_wan"] > 0).all()
    assert (forms["cap_enterprise"].loc[insurer, "machines"] == 0).all()
    assert (forms["cap_social"]["skilled"] <= forms["cap_social"]["members"]).all()
