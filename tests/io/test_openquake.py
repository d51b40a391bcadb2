"""Files of OpenQuake: hazard curves and maps, vulnerability functions; hostile XML."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from riskzoning.errors import LayerError
from riskzoning.io import read_hazard_curves, read_hazard_map, read_vulnerability
from riskzoning.vulnerability import loss_ratio

ABOUT = "#,,,,\"generated_by='OpenQuake engine 3.16.4', start_date='2024-01-01', investigation_time=50.0, imt='PGA'\"\n"
ROWS = "113.9,35.3,0,0.5,0.1,0.02\n114.1,35.1,0,0.4,0,0\n"
CURVES = ABOUT + "lon,lat,depth,poe-0.0500000,poe-0.1000000,poe-0.2000000\n" + ROWS
MAP = ABOUT + "lon,lat,PGA-0.1,PGA-0.02,SA(0.3)-0.1\n113.9,35.3,0.2,0.35,0.5\n"
NRML = """<?xml version="1.0" encoding="utf-8"?>
<nrml xmlns="http://openquake.org/xmlns/nrml/0.5">
<vulnerabilityModel id="m" assetCategory="buildings" lossCategory="structural">
<vulnerabilityFunction id="CR/LFINF+CDN" dist="BT"><imls imt="PGA">0.1 0.2 0.3 0.4 0.6</imls>
<meanLRs>0.0048 0.0439 0.1265 0.2361 0.4625</meanLRs><covLRs>1 1 1 1 1</covLRs></vulnerabilityFunction>
<vulnerabilityFunction id="MUR/H1" dist="BT"><imls imt="SA(0.3)">0.1 0.2</imls>
<meanLRs>0.0041 0.0188</meanLRs></vulnerabilityFunction>
</vulnerabilityModel></nrml>"""


def written(folder: Path, text: str, name: str = "a.txt", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding)
    return path


def refused(call: object, path: Path) -> str:
    with pytest.raises(LayerError) as error:
        call(path)  # type: ignore[operator]
    return error.value.problems[0].rule


def test_curves_at_return_periods(tmp_path: Path) -> None:
    curves = read_hazard_curves(written(tmp_path, CURVES))
    assert (curves.years, curves.measure, curves.levels.tolist()) == (50.0, "PGA", [0.05, 0.1, 0.2])
    periods = -50 / np.log1p(-np.array([0.1, 0.02]))
    at = curves.at(periods)
    np.testing.assert_allclose(at.drop(columns="geometry").to_numpy()[0], [0.1, 0.2])
    between = curves.at([1000]).iloc[0]["T1000"]
    share = np.log(1000 / periods[0]) / np.log(periods[1] / periods[0])
    assert between == pytest.approx(0.1 * 2**share)
    assert np.isnan(at.drop(columns="geometry").to_numpy()[1]).all()
    assert at.geometry[0].x == 113.9


def test_maps_by_return_period(tmp_path: Path) -> None:
    layer = read_hazard_map(written(tmp_path, MAP))
    assert layer.drop(columns="geometry").iloc[0].to_dict() == {"T475": 0.2, "T2475": 0.35}
    assert read_hazard_map(written(tmp_path, MAP), measure="SA(0.3)")["T475"].tolist() == [0.5]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", None),
        ("lon,lat,poe-0.1,poe-0.2\n1,2,0.1,0.05\n", "openquake.years"),
        (ABOUT + "lon,lat,a\n1,2,3\n", "openquake.columns"),
        (ABOUT + "x,y,poe-0.1,poe-0.2\n1,2,0.1,0.05\n", "openquake.columns"),
        (ABOUT + "lon,lat,poe-0.1,poe-0.2\n1,2,1.5,0.05\n", "openquake.chances"),
        (ABOUT + "lon,lat,poe-0.1,poe-0.2\n1,2,,0.05\n", "openquake.chances"),
        ("just words\n", "openquake.columns"),
    ],
)
def test_curves_that_are_none(tmp_path: Path, text: str, rule: str | None) -> None:
    path = written(tmp_path, text)
    if rule is None:
        with pytest.raises(Exception, match="empty"):
            read_hazard_curves(path)
    else:
        assert refused(read_hazard_curves, path) == rule
    if rule in ("openquake.years", "openquake.columns"):
        assert refused(read_hazard_map, path) == "openquake.columns"


def test_vulnerability_functions(tmp_path: Path) -> None:
    functions = read_vulnerability(written(tmp_path, NRML))
    first = functions["CR/LFINF+CDN"]
    assert (first.measure, first.curve.quantity, len(first.variation)) == ("PGA", "pga", 5)
    np.testing.assert_allclose(loss_ratio([0.2, 0.25, 0.6], first.curve), [0.0439, 0.0852, 0.4625])
    assert (functions["MUR/H1"].curve.quantity, functions["MUR/H1"].measure) == ("", "SA(0.3)")


SET = """<nrml xmlns="http://openquake.org/xmlns/nrml/0.4"><vulnerabilityModel>
<discreteVulnerabilitySet vulnerabilitySetID="s" assetCategory="buildings" lossCategory="economic">
<IML IMT="MMI">6.0 7.0 8.5</IML>
<discreteVulnerability vulnerabilityFunctionID="IR" probabilisticDistribution="LN">
<lossRatio>0.01 0.1 0.4</lossRatio><coefficientsVariation>0.3 0.2 0.1</coefficientsVariation></discreteVulnerability>
<discreteVulnerability vulnerabilityFunctionID="PK" probabilisticDistribution="LN">
<lossRatio>0.02 0.2 0.9</lossRatio></discreteVulnerability>
</discreteVulnerabilitySet></vulnerabilityModel></nrml>"""


def test_functions_of_a_set_share_its_levels(tmp_path: Path) -> None:
    functions = read_vulnerability(written(tmp_path, SET))
    assert list(functions) == ["IR", "PK"]
    assert functions["PK"].curve.intensity == (6.0, 7.0, 8.5)
    assert functions["PK"].curve.loss_ratio == (0.02, 0.2, 0.9)
    assert (functions["IR"].measure, functions["IR"].curve.quantity) == ("MMI", "seismic_intensity")
    assert functions["IR"].variation == (0.3, 0.2, 0.1)


MASS = """<nrml><vulnerabilityModel><vulnerabilityFunction id="A" dist="PM"><imls imt="PGA">0.1 0.2 0.3</imls>
<probabilities lr="0">1 0.5 0.2</probabilities><probabilities lr="0.4">0 0.25 0.3</probabilities>
<probabilities lr="1">0 0.25 0.5</probabilities></vulnerabilityFunction></vulnerabilityModel></nrml>"""


def test_chances_of_loss_ratios_give_their_mean_and_variation(tmp_path: Path) -> None:
    function = read_vulnerability(written(tmp_path, MASS))["A"]
    # 0.25 x 0.4 + 0.25 = 0.35; 0.3 x 0.4 + 0.5 = 0.62
    np.testing.assert_allclose(function.curve.loss_ratio, [0.0, 0.35, 0.62])
    squares = np.array([0.25 * 0.16 + 0.25, 0.3 * 0.16 + 0.5])
    spread = np.sqrt(squares - np.array([0.35, 0.62]) ** 2)
    np.testing.assert_allclose(function.variation, [0.0, *(spread / [0.35, 0.62])])


@pytest.mark.parametrize(
    ("about", "name", "measure"),
    [
        ('# imt="SA(0.3)", investigation_time=50.0\n', "a.csv", "SA(0.3)"),
        ("#,,\"investigation_time=50.0, imt='SA(1.0)'\"\n", "hazard_curve-mean-PGA_1.csv", "SA(1.0)"),
        ('#,,"investigation_time=50.0"\n', "hazard_curve-mean-SA(0.2).csv", "SA(0.2)"),
        ('#,,"investigation_time=50.0"\n', "hazard_curve-mean_PGA.csv", "PGA"),
        ('#,,"investigation_time=50.0"\n', "curves.csv", None),
    ],
)
def test_the_measure_is_that_of_the_file_and_never_guessed(
    tmp_path: Path, about: str, name: str, measure: str | None
) -> None:
    path = written(tmp_path, about + "lon,lat,poe-0.1,poe-0.2\n1,2,0.1,0.05\n", name)
    if measure is None:
        assert refused(read_hazard_curves, path) == "openquake.measure"
    else:
        assert read_hazard_curves(path).measure == measure


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x SYSTEM "file:///etc/passwd">'


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (NRML.replace("<nrml", BOMB + "<nrml", 1), "openquake.doctype"),
        (NRML.replace("<nrml", OUTSIDE + "<nrml", 1), "openquake.doctype"),
        ("<a>" * 40 + "</a>" * 40, "openquake.doctype"),
        (NRML[:-10], "openquake.xml"),
        ("lon,lat", "openquake.xml"),
        ("<a/>", "openquake.nrml"),
        (NRML.replace("0.0188", "", 1), "openquake.lengths"),
        (NRML.replace("0.0188", "much", 1), "openquake.lengths"),
        (NRML.replace("MUR/H1", "CR/LFINF+CDN", 1), "openquake.twice"),
        (SET.replace("0.9<", "<", 1), "openquake.lengths"),
        (MASS.replace("0.5 0.2<", "0.5<", 1), "openquake.lengths"),
        (MASS.replace('lr="0.4"', 'lr="much"', 1), "openquake.lengths"),
        (MASS.replace('lr="0.4"', "", 1), "openquake.lengths"),
        (MASS.replace("0.25 0.3<", "0.2 0.3<", 1), "openquake.mass"),
        (MASS.replace("1 0.5 0.2<", "1.2 0.5 0.2<", 1).replace(">0 0.25 0.5", ">-0.2 0.25 0.5", 1), "openquake.mass"),
    ],
)
def test_xml_that_is_refused(tmp_path: Path, text: str, rule: str) -> None:
    assert refused(read_vulnerability, written(tmp_path, text)) == rule


def test_a_document_type_in_another_encoding_is_refused_too(tmp_path: Path) -> None:
    text = NRML.replace("utf-8", "utf-16", 1).replace("<nrml", BOMB + "<nrml", 1)
    assert refused(read_vulnerability, written(tmp_path, text, encoding="utf-16")) == "openquake.doctype"


def test_what_is_too_big_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskzoning.io.openquake.RECORD_BYTES", 100)
    assert refused(read_vulnerability, written(tmp_path, NRML)) == "openquake.big"
    assert refused(read_hazard_map, written(tmp_path, MAP)) == "openquake.big"


def test_a_curve_that_rises_and_a_map_that_falls_are_refused(tmp_path: Path) -> None:
    head = "#,,,\"investigation_time=50.0, imt='PGA'\"\nlon,lat,"
    curve = head + "poe-0.1,poe-0.2,poe-0.3\n113.9,35.3,0.1,0.02,0.0200005\n113.8,35.3,0.1,0.02,0.05\n"
    with pytest.raises(LayerError) as caught:
        read_hazard_curves(written(tmp_path, curve))
    assert caught.value.problems[0].rule == "openquake.rises"
    assert dict(caught.value.problems[0].values)["rows"] == (2,)
    assert (
        refused(read_hazard_map, written(tmp_path, head + "PGA-0.1,PGA-0.02\n113.9,35.3,0.35,0.2\n"))
        == "openquake.falls"
    )
