import numpy as np
from make.surveys.objects import overlapping


def test_the_form_of_buildings_is_the_layer_of_buildings(scene, forms):
    rows, layer = forms["exp_building"], scene.objects["building"]
    assert rows["obj_id"].tolist() == layer["obj_id"].tolist()
    assert np.allclose(rows["lon"], layer.geometry.x, atol=1e-6)
    assert np.allclose(rows["value_yuan"], layer["value_wan"] * 1e4, atol=1)
    assert (rows["vill12"].str[:9] == rows["town9"]).all()
    assert set(rows["vill12"]) <= set(scene.communities.index)
    assert (rows["height_m"] / rows["floors_up"]).between(2.5, 3.8).all()
    assert 0.01 < (rows["damage"] == "1").mean() < 0.2


def test_schools_and_hospitals_keep_their_place_and_counties_get_theirs(scene, forms):
    rows, layer = forms["exp_public_service"], scene.objects["public_service"]
    assert rows["name"].tolist()[: len(layer)] == layer["name"].tolist()
    assert rows["name"].str.endswith("人民医院").sum() == 12
    assert (scene.towns.loc[rows.loc[rows["type"] == "旅游景区", "town9"], "mountain"] > 0.6).all()


def test_plants_stand_in_the_plain_and_mines_in_the_mountains(scene, forms):
    plants, mines = forms["exp_hazchem"].query("type != '加油'"), forms["exp_mine"]
    assert (scene.towns.loc[plants["town9"], "mountain"] < 0.2).all()
    at = scene.ground.raster.index(mines["lon"].to_numpy(), mines["lat"].to_numpy())
    assert (scene.ground.mountain_km[at] > 0.9).all()
    ponds = mines["kind"] == "尾矿库"
    assert ponds.any()
    assert mines.loc[ponds, "dam_m"].notna().all()
    assert mines.loc[~ponds, "dam_m"].isna().all()


def test_people_near_a_place_are_those_of_the_communities_around_it(scene):
    first = scene.communities.iloc[[0]][["lon", "lat"]].reset_index(drop=True)
    assert overlapping(scene, first, 0.05).iloc[0] >= scene.communities["pop"].iloc[0]
    assert overlapping(scene, first.assign(lon=120.0), 1.0).iloc[0] == 0
