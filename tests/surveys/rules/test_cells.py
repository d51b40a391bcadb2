"""Rules of single cells."""

from __future__ import annotations

import pytest

from tests.surveys.conftest import rules_of, shelters


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("可容纳人数(人)", -350, ("capacity", "Q02.negative")),
        ("可容纳人数(人)", 32.5, ("capacity", "Q02.whole")),
        ("建成年份", 1832, ("built_year", "Q02.range")),
        ("建成年份", 2030, ("built_year", "Q02.range")),
        ("场所名称", "王某某家(13900000000)", ("name", "Q15.private")),
        ("场所名称", "填报人:张三 410702197001010000", ("name", "Q15.private")),
        ("场所名称", "联系电话 0373-3051234", ("name", "Q15.private")),
    ],
)
def test_what_is_wrong_with_a_cell(field: str, value: object, told: tuple[str, str]) -> None:
    rows = shelters().astype(object)
    rows.loc[4, field] = value
    assert rules_of("shelter", rows) == [(4, *told)]


def test_days_of_the_survey() -> None:
    from tests.surveys.conftest import townships

    rows = townships()
    rows.loc[1, "填报日期"] = "2012-05-03"
    rows.loc[2, "填报日期"] = "2025-01-01"
    rows.loc[3, "填报日期"] = "2020-01-01"
    assert rules_of("cap_township", rows) == [(1, "fill_date", "Q02.day"), (2, "fill_date", "Q02.day")]


def test_a_report_does_not_spread_what_is_private() -> None:
    from riskzoning.surveys import check

    rows = shelters(3).astype(object)
    rows.loc[0, "场所名称"] = "电话13900000000"
    told = check(rows, "shelter")
    assert not told["found"].str.contains("13900000000").any()


def test_codes_and_ordinary_names_are_not_private() -> None:
    rows = shelters(2).astype(object)
    rows["场所名称"] = ["某某镇第一小学", "2021年新建广场（410702001）"]
    assert [item for item in rules_of("shelter", rows) if item[0] == 1] == []
