"""A basemap is a template of tiles whose key is in the environment; nothing else is taken for one."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from riskzoning.config import BasemapConfig, OutputsConfig, SiteConfig
from riskzoning.errors import ConfigError

TIANDITU = "https://t{s}.tianditu.gov.cn/DataServer?T=vec_w&x={x}&y={y}&l={z}&tk=${MY_TILES_KEY}"


def tiles(url: str = "https://e.org/{z}/{x}/{y}.png", **more: Any) -> BasemapConfig:
    return BasemapConfig(url=url, attribution="e", **more)


def test_the_page_has_none_by_default_and_one_or_many_where_the_study_says_so() -> None:
    assert OutputsConfig().site == OutputsConfig(site=True).site == SiteConfig()
    assert OutputsConfig(site=False).site is False
    one = {"url": TIANDITU, "attribution": "天地图"}
    assert SiteConfig(basemap=one).basemap == SiteConfig(basemap=[one]).basemap
    assert len(SiteConfig(basemap=[one, one]).basemap) == 2


@pytest.mark.parametrize(
    "url",
    [
        "e.org/{z}/{x}/{y}.png", "ftp://e.org/{z}/{x}/{y}.png", "https://e.org/{z}/{x}.png", "https://e.org/",
        "https://{x}.org/{z}/{x}/{y}", "https://me:pw@e.org/{z}/{x}/{y}", "https://e.org/{z}/{x}/{y}?k={key}",
        "https://e.org/{z}/{x}/{y}' ; script-src *", "https://e.org;script-src/{z}/{x}/{y}", "javascript:{z}{x}{y}",
        "https://e.org/</script>{z}/{x}/{y}",
    ],
)  # fmt: skip
def test_what_is_no_template_is_refused(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        tiles(url)
    assert caught.value.problems[0].rule == "study.basemap_url"


@pytest.mark.parametrize("part", ["tk=abc", "key=abc", "access_token=pk.abc", "apikey=1", "subscription-key=x", "ak="])
def test_a_key_that_is_written_out_is_refused(part: str) -> None:
    address = f"https://e.org/{{z}}/{{x}}/{{y}}?a=1&{part}"
    with pytest.raises(ConfigError) as caught:
        tiles(address)
    (problem,) = caught.value.problems
    assert (problem.rule, problem.field) == ("study.basemap_key", "url")
    name = part.partition("=")[0]
    assert dict(problem.values)["parameter"] == name
    assert f"Write {name}=${{BASEMAP_KEY}}" in str(problem)
    # Nothing shows the key itself, also not what lies behind the error.
    assert "abc" not in str(caught.value) + repr(problem)
    assert caught.value.__suppress_context__
    # In a study it keeps its place.
    with pytest.raises(ValidationError) as nested:
        SiteConfig.model_validate({"basemap": {"url": address, "attribution": "e"}})
    (row,) = nested.value.errors()
    assert (row["type"], row["loc"][-1]) == ("study.basemap_key", "url")


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        BasemapConfig(url="x", max_zoom=99, zoom=3)
    assert [problem.field for problem in caught.value.problems] == ["url", "attribution", "max_zoom", "zoom"]


def test_subdomains_are_signs_or_a_list_and_no_number() -> None:
    assert tiles(subdomains="0123").subdomains == ("0", "1", "2", "3")
    assert tiles(subdomains="a, b").subdomains == ("a", "b")
    assert tiles(subdomains=[1, "t2"]).subdomains == ("1", "t2")
    # 01234567 without quotes, as YAML reads it.
    for wrong in (342391, "", ["a b"], ["x;"]):
        with pytest.raises(ConfigError):
            tiles(subdomains=wrong)


def test_hosts_are_those_that_the_page_may_ask() -> None:
    assert tiles(TIANDITU, subdomains="07").hosts() == ("https://t0.tianditu.gov.cn", "https://t7.tianditu.gov.cn")
    assert tiles("http://10.0.0.5:8080/{z}/{x}/{-y}.png").hosts() == ("http://10.0.0.5:8080",)


def test_the_key_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MY_TILES_KEY", raising=False)
    basemap = tiles(TIANDITU)
    assert basemap.unset() == ("MY_TILES_KEY",)
    with pytest.raises(ConfigError) as caught:
        basemap.filled()
    assert caught.value.problems[0].rule == "study.basemap_variable"
    monkeypatch.setenv("MY_TILES_KEY", "a&b{x}")
    assert basemap.filled().endswith("&tk=a%26b%7Bx%7D")
    assert "a&b" not in repr(basemap)
