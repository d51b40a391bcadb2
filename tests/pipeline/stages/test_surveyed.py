"""A study with filled survey forms: quality, hidden dangers, capacity and graded places in its tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import yaml

import riskzoning
from riskzoning.config import load_study
from riskzoning.pipeline import check_study, run_study
from tests.pipeline.conftest import small_study, units, write_small_city
from tests.surveys.conftest import shelters, townships

FORMS = Path(riskzoning.__file__).parent / "standards" / "survey_forms"


def write_forms(folder: Path) -> None:
    """Forms of the small city: shelters and dangers inside their counties, township forms of two counties."""
    folder.mkdir()
    shapes = units().set_index("code").geometry
    middle = shapes.representative_point()
    codes = [list(shapes.index)[at % 3] for at in range(12)]
    place = {"县级代码": codes, "乡镇代码": [f"{code}001" for code in codes]}
    place |= {"经度": [middle[code].x for code in codes], "纬度": [middle[code].y for code in codes]}
    shelters().assign(**place).to_csv(folder / "shelters.csv", index=False)
    dangers = {"隐患编码": [f"D{at}" for at in range(12)], "隐患类别": "FLOOD", "隐患类型": "险工险段", **place}
    dangers |= {"名称": [f"第{at}处" for at in range(12)], "隐患等级": ["重大", "较大", "一般"] * 4, "威胁户数(户)": 3}
    dangers |= {"威胁人数(人)": range(10, 22), "威胁财产(万元)": 90.0, "整治措施": "监测", "责任单位": "某局"}
    dangers |= {"排查日期": "2021-01-12", "整治期限": "2022-02-21", "状态": "整治中"}
    pd.DataFrame(dangers).to_excel(folder / "dangers.xlsx", index=False)
    towns = townships(6)
    owner = [codes[at % 2] for at in range(6)]
    inside = {"乡镇代码": [f"{code}{at + 1:03d}" for at, code in enumerate(owner)], "县级代码": owner}
    inside |= {"经度": [middle[code].x for code in owner], "纬度": [middle[code].y for code in owner]}
    towns.assign(**inside).to_csv(folder / "towns.csv", index=False)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("surveys")
    write_small_city(folder)
    write_forms(folder / "forms")
    return folder


def study_with(folder: Path, **changes: Any) -> Path:
    data = {**small_study(), "surveys": {"files": "forms", **changes}}
    data["outputs"] = {**data.get("outputs", {}), "maps": False, "site": False}
    path = folder / "with_surveys.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return path


def test_tables_of_the_surveys(city: Path, tmp_path: Path) -> None:
    result = run_study(load_study(study_with(city)), out=tmp_path / "out")
    quality = result.tables["survey_quality"].query("code == ''").set_index("form")
    assert quality["score"].to_dict() == {"cap_township": 100, "dgr_point": 100, "shelter": 100}
    capacity = result.tables["capacity"]
    assert len(capacity) == 6
    assert capacity["index"].between(0, 1).all()
    dangers = result.tables["hidden_dangers"].set_index("code")
    assert dangers.loc[["320505", "320506", "320507"], "dangers"].tolist() == [4, 4, 4]
    assert dangers["overdue"].tolist() == [1, 1, 1]
    objects = result.tables["objects"]
    assert len(objects) == 24
    assert {"earthquake_grade", "flood_grade"} <= set(objects.columns)
    counts = result.tables["objects_by_grade"]
    assert counts["objects"].sum() == 24
    assert (tmp_path / "out" / "tables" / "objects.csv").is_file()
    assert (np.diff(objects["max_grade"]) <= 0).all()


def test_rows_with_errors_are_left_out_unless_forced(tmp_path: Path) -> None:
    write_small_city(tmp_path)
    write_forms(tmp_path / "forms")
    rows = pd.read_csv(tmp_path / "forms" / "towns.csv", dtype=str)
    rows.loc[1, "住院床位(张)"] = "约100"
    rows.to_csv(tmp_path / "forms" / "towns.csv", index=False)
    problems = check_study(study_with(tmp_path))
    told = [problem for problem in problems if problem.rule == "survey.quality"]
    assert [dict(problem.values)["errors"] for problem in told] == [1]
    result = run_study(load_study(study_with(tmp_path)), out=tmp_path / "out")
    assert len(result.tables["capacity"]) == 5
    assert "dropped.survey_rows" in {row["rule"] for row in result.record["dropped"]}
    assert isinstance(result.surveys["cap_township"], gpd.GeoDataFrame)
    assert len(result.surveys["cap_township"]) == 5
    rejected = result.tables["qc_rejected"]
    assert rejected[["form", "file", "row", "rule"]].to_numpy().tolist() == [["cap_township", "towns.csv", 3, "Q02"]]
    assert json.loads(rejected["record"].iloc[0])["beds"] == "约100"
    assert (tmp_path / "out" / "tables" / "qc_rejected.csv").is_file()
    forced = run_study(load_study(study_with(tmp_path, force=True)), out=tmp_path / "out2")
    assert forced.tables["capacity"]["index"].isna().sum() == 1
    assert "survey.forced" in {row["rule"] for row in forced.record["warnings"]}
    assert "qc_rejected" not in forced.tables


def test_a_form_without_a_required_column_is_blocked_whatever_is_forced(tmp_path: Path) -> None:
    write_small_city(tmp_path)
    write_forms(tmp_path / "forms")
    rows = pd.read_csv(tmp_path / "forms" / "towns.csv", dtype=str)
    rows.drop(columns="志愿者(人)").to_csv(tmp_path / "forms" / "towns.csv", index=False)
    result = run_study(load_study(study_with(tmp_path, force=True)), out=tmp_path / "out")
    assert "cap_township" not in result.surveys
    assert "capacity" not in result.tables
    assert result.tables["qc_rejected"]["rule"].tolist() == ["Q01"] * 6
    assert "survey.blocked" in {row["rule"] for row in result.record["warnings"]}


def test_missing_files_are_told_by_the_check(city: Path) -> None:
    problems = check_study(study_with(city, files="nowhere"))
    assert any(problem.severity == "error" and "nowhere" in problem.text() for problem in problems)


def test_one_value_in_another_unit_does_not_spoil_the_index_of_all(tmp_path: Path) -> None:
    write_small_city(tmp_path)
    write_forms(tmp_path / "forms")
    towns = pd.concat([townships(12)] * 1, ignore_index=True)
    owner = [["320505", "320506", "320507"][at % 3] for at in range(12)]
    middle = units().set_index("code").geometry.representative_point()
    towns = towns.assign(
        乡镇代码=[f"{code}{at + 1:03d}" for at, code in enumerate(owner)], 县级代码=owner,
        经度=[middle[code].x for code in owner], 纬度=[middle[code].y for code in owner],
    )  # fmt: skip
    towns.loc[3, "上年度资金投入(万元)"] *= 10_000
    towns.to_csv(tmp_path / "forms" / "towns.csv", index=False)
    result = run_study(load_study(study_with(tmp_path)), out=tmp_path / "out")
    index = result.tables["capacity"].query("block == 'township'").set_index("code")["index"]
    assert np.isnan(index[towns.loc[3, "乡镇代码"]])
    assert index.notna().sum() == 11
    assert "dropped.doubtful_cells" in {row["rule"] for row in result.record["dropped"]}


def test_a_form_of_the_study_replaces_ours(tmp_path: Path) -> None:
    write_small_city(tmp_path)
    write_forms(tmp_path / "forms")
    ours = yaml.safe_load((FORMS / "shelter.yml").read_text(encoding="utf-8"))
    for field in ours["data"]["fields"]:
        if field["name"] == "capacity":
            field["max"] = 500
    (tmp_path / "own.yml").write_text(yaml.safe_dump(ours, allow_unicode=True), encoding="utf-8")
    path = study_with(tmp_path)
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["standards"] = {"survey_forms/shelter": "own.yml"}
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    result = run_study(load_study(path), out=tmp_path / "out", only="accept")
    rejected = result.tables["qc_rejected"]
    assert set(rejected["form"]) == {"shelter"}
    assert len(rejected) == 12
    assert set(rejected["rule"]) == {"Q02"}
