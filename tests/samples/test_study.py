import numpy as np
import pytest
import yaml

from riskzoning.errors import ConfigError
from riskzoning.samples import city_units, sample_study, study
from riskzoning.samples.study import large_study


def test_the_shipped_study_is_found_and_every_file_that_it_names_is_there():
    path = sample_study()
    text = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert text["code"] == "410700"
    for name, entry in text["inputs"].items():
        assert (path.parent / entry["path"]).exists(), name
    named = {value for item in text["hazards"] for value in item["inputs"].values() if isinstance(value, str)}
    assert named <= set(text["inputs"])
    assert [item["hazard"] for item in text["hazards"]] == [
        "earthquake",
        "geology",
        "flood",
        "meteorology",
        "forest_fire",
    ]


def test_the_installed_copy_is_used_where_there_is_no_checkout(tmp_path, monkeypatch):
    package = tmp_path / "site-packages" / "riskzoning"
    inner = package / "data" / "samples" / "xinxiang"
    inner.mkdir(parents=True)
    (inner / "study.yaml").write_text("")
    monkeypatch.setattr(study, "_PACKAGE", package)
    assert sample_study() == inner / "study.yaml"


def test_a_missing_sample_is_an_error_in_four_parts(tmp_path, monkeypatch):
    monkeypatch.setattr(study, "_PACKAGE", tmp_path / "riskzoning")
    with pytest.raises(ConfigError) as caught:
        sample_study()
    problem = caught.value.problems[0]
    assert problem.rule == "samples.missing"
    assert "xinxiang" in problem.required
    assert "make samples" in problem.fix


def test_city_units_gives_the_levels_asked_for_and_a_copy():
    counties = city_units(["county"])
    counties["name"] = ""
    assert set(counties["level"]) == {"county"}
    assert city_units(["county"]).loc["410782", "name"] == "辉县市"
    assert counties.crs.to_epsg() == 4490
    assert np.all([isinstance(code, str) for code in counties.index])


def test_levels_can_be_chosen() -> None:
    assert set(city_units(["county"])["level"]) == {"county"}
    assert len(city_units(["county"])) == 12


def test_the_large_study_is_valid_yaml():
    text = yaml.safe_load(large_study("410000", (475,), (20, 100), resolution=500, seed=1))
    assert text["hazards"][1]["inputs"]["depth"] == ["depth_20", "depth_100"]
    assert yaml.safe_load(large_study("410000", (), (), resolution=500, seed=1))["hazards"] == []


def test_the_shipped_study_passes_the_checks_of_the_config():
    config = pytest.importorskip("riskzoning.config")
    assert config.parse_study(sample_study()).problems == ()
