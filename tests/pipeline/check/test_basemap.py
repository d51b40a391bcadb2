"""Keys that are not set, and tiles beside the ground, are told before a run."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from riskzoning.config import BasemapConfig, SiteConfig
from riskzoning.errors import Problem, without_secrets
from riskzoning.pipeline.check.basemap import basemap_problems


def told(url: str) -> list[Problem]:
    site = SiteConfig(basemap=(BasemapConfig(url=url, attribution="x"),))
    study: Any = SimpleNamespace(outputs=SimpleNamespace(site=site), file="study.yaml")
    return list(basemap_problems(study))


def test_nothing_is_told_of_no_basemap_or_a_good_one() -> None:
    off: Any = SimpleNamespace(outputs=SimpleNamespace(site=False), file="study.yaml")
    assert not list(basemap_problems(off))
    assert not told("https://t{s}.tianditu.gov.cn/{z}/{x}/{y}")
    assert not told("https://notamap.com/{z}/{x}/{y}")


def test_a_variable_without_a_value_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_TILES_KEY", "")
    (problem,) = told("https://e.org/{z}/{x}/{y}?tk=${MY_TILES_KEY}")
    assert (problem.rule, problem.severity) == ("study.basemap_variable", "error")
    assert problem.field == "outputs.site.basemap.0.url"
    monkeypatch.setenv("MY_TILES_KEY", "secret")
    assert not told("https://e.org/{z}/{x}/{y}?tk=${MY_TILES_KEY}")


@pytest.mark.parametrize(("host", "datum"), [("rd{s}.is.autonavi.com", "GCJ-02"), ("m0.bdimg.com", "BD-09")])
def test_shifted_tiles_are_a_warning(host: str, datum: str) -> None:
    (problem,) = told(f"https://{host}/appmaptile?x={{x}}&y={{y}}&z={{z}}")
    assert (problem.rule, problem.severity) == ("study.basemap_datum", "warning")
    assert datum in problem.text()


def test_a_key_is_shown_nowhere() -> None:
    shown = without_secrets("https://e.org/{z}/{x}?T=vec_w&tk=s3cret&y=1 and ?key=s3cret")
    assert "s3cret" not in shown
    assert without_secrets("https://e.org/?tk=${KEY}") == "https://e.org/?tk=${KEY}"
