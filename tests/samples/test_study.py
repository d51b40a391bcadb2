import re

import pytest
import yaml

from riskzoning.errors import ConfigError
from riskzoning.samples import sample_study, study
from riskzoning.samples.study import city_study, large_study


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
    assert "sample study" in problem.file
    assert problem.found
    assert "study.yaml" in problem.required
    assert "write_city" in problem.fix


def test_the_study_file_is_commented_in_both_languages_and_leaves_no_placeholder():
    text = city_study(7, (2011, 2020), (50, 475), (5, 100))
    assert "$" not in text
    assert re.search(r"[\u4e00-\u9fff]", text)
    assert yaml.safe_load(text)["seed"] == 7
    assert max(len(line) for line in text.splitlines()) <= 120


def test_the_large_study_is_valid_yaml():
    text = yaml.safe_load(large_study("410000", (475,), (20, 100), resolution=500, seed=1))
    assert text["hazards"][1]["inputs"]["depth"] == ["depth_20", "depth_100"]
    assert yaml.safe_load(large_study("410000", (), (), resolution=500, seed=1))["hazards"] == []


def test_the_shipped_study_passes_the_checks_of_the_config():
    config = pytest.importorskip("riskzoning.config")
    assert config.parse_study(sample_study()).problems == ()
