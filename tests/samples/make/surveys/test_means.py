from make.surveys.means import _CITY_TEAMS


def test_every_township_has_a_team_and_some_teams_are_too_small(scene, forms):
    rows = forms["rescue_team"]
    least = rows["level"].map({"市级": 100, "县级": 50, "乡镇级": 20})
    assert set(rows.loc[rows["level"] == "乡镇级", "town9"]) == set(scene.towns.index)
    assert (rows["level"] == "市级").sum() == len(_CITY_TEAMS)
    assert 0.05 < (rows["people"] < least).mean() < 0.4
    assert rows["team_id"].is_unique


def test_stores_hold_the_sum_of_their_goods(forms):
    rows = forms["material_store"]
    parts = rows[["life_wan", "rescue_wan", "other_wan"]].sum(axis=1)
    assert (rows["goods_wan"] - parts).abs().max() < 0.011
    assert rows["level"].value_counts()[["市级", "县级"]].tolist() == [1, 12]


def test_shelters_hold_no_more_than_their_area(scene, forms):
    rows = forms["shelter"]
    assert (rows["capacity"] <= rows["area_m2"] / rows["m2_person"]).all()
    assert set(rows["town9"]) == set(scene.towns.index)
    assert 0.15 < rows["capacity"].sum() / scene.towns["pop"].sum() < 0.5
    assert rows["shelter_id"].is_unique


def test_fire_stations_grow_with_the_town(forms):
    size = forms["fire_station"].groupby("type")["people"].mean()
    assert size["特勤站"] > size["一级站"] > size["小型站"]
    assert {"森林消防站", "专职队"} <= set(size.index)


def test_stations_stand_where_they_measure(scene, forms):
    rows = forms["monitoring_station"]
    assert {"气象", "水文", "地质灾害", "森林防火", "地震"} == set(rows["type"])
    slopes = rows[rows["type"] == "地质灾害"]
    places = {(round(p.x, 6), round(p.y, 6)) for p in scene.slides.geometry}
    assert {(round(x, 6), round(y, 6)) for x, y in zip(slopes["lon"], slopes["lat"], strict=True)} <= places
    assert (scene.towns.loc[rows.loc[rows["type"] == "森林防火", "town9"], "mountain"] > 0.6).all()
