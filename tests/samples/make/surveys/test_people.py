from make.surveys import people


def test_parts_of_the_residents_add_up(scene, forms):
    rows = forms["exp_population"]
    assert rows["pop_res"].tolist() == scene.census["pop"].tolist()
    for parts in (
        ("male", "female"),
        ("age0_14", "age15_59", "age60p"),
        ("pop_urban", "pop_rural"),
        ("hh_family", "hh_group"),
    ):
        assert (rows[list(parts)].sum(axis=1) == rows["pop_res"]).all(), parts
    assert (rows["age65p"] <= rows["age60p"]).all()
    assert (rows["pop_urban"] > 0).sum() > 100


def test_the_gross_product_is_that_of_the_layer(scene, forms):
    assert forms["exp_gdp"]["gdp_wan"].sum() == scene.gdp["gdp_wan"].sum()


def test_crops_need_no_more_land_than_there_is(scene):
    rows = people.crops(scene)
    summer = rows[rows["crop"] != "小麦"].groupby("town9")["sown_ha"].sum()
    assert (summer <= scene.towns["cropland"].loc[summer.index]).all()
    assert rows["obj_id"].is_unique
