import re

import yaml
from make.study import city_study


def test_the_study_file_is_commented_in_both_languages_and_leaves_no_placeholder():
    text = city_study(7, (2011, 2020), (50, 475), (5, 100))
    assert "$" not in text
    assert re.search(r"[\u4e00-\u9fff]", text)
    assert yaml.safe_load(text)["seed"] == 7
    assert max(len(line) for line in text.splitlines()) <= 120
