"""Cards of objects in a notebook: what and how many, escaped, without geometry, in both languages."""

from __future__ import annotations

import dask.array as da
import numpy as np

from riskzoning import standards
from riskzoning.cards import card
from riskzoning.config import StudyConfig
from riskzoning.coverage import Coverage
from riskzoning.errors import speaking
from riskzoning.methods.classification import classify
from riskzoning.samples import toy_city


def test_words_are_there_in_both_languages_and_texts_are_escaped() -> None:
    assert all(set(words) == {"zh", "en"} for words in standards.table("names/cards").data.values())
    shown = card("<b>", [("units", "<script>"), ("layers", None), ("tables", 0)], lang="zh")
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown
    assert "单元" in shown
    assert shown.count("<tr") == 2
    with speaking("zh"):
        assert "级数" in card("x", [("classes", 3)])


def test_grades_show_their_classes() -> None:
    grades = classify([1.0, 2.0, 9.0, np.nan], "natural_breaks", k=2)
    shown = grades._repr_html_()
    assert "natural_breaks" in shown
    assert "1 - 2; 2 - 9" in shown
    assert "2; 1" in shown


def test_lazy_grades_are_not_worked_out_to_be_shown() -> None:
    def never(block: np.ndarray) -> np.ndarray:
        raise AssertionError("computed")

    lazy = da.ones(4, chunks=2).map_blocks(never, dtype=float, meta=np.empty(0))
    assert "fixed" in classify(lazy, "fixed", breaks=[1.0, 2.0])._repr_html_()


def test_a_coverage_counts_its_pairs() -> None:
    city = toy_city()
    coverage = Coverage.from_units(city.grid, city.units)
    shown = coverage._repr_html_()
    assert f"<td>{len(city.units)}</td>" in shown
    table = coverage.full_table()
    ones = sum(int(last - first) for first, last, *_ in coverage.table.runs) + len(coverage.table.cells)
    assert f"<td>{ones}</td>" in shown
    assert table is not None


def test_a_study_says_what_it_is_of() -> None:
    facts = {"name": "某<i>市", "code": "410700", "data_date": "2026-06-30", "admin": {"path": "admin.gpkg"}}
    study = StudyConfig(
        **facts, hazards=[{"hazard": "flood", "inputs": {"depth": "d"}}], inputs={"d": {"path": "d.tif"}}
    )
    shown = study._repr_html_()
    assert "某&lt;i&gt;市" in shown
    assert "410700" in shown
    assert "洪水" in shown
