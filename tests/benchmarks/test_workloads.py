"""The workloads agree with their peers on small data, and their data depend on seeds alone."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import bench_align, bench_breaks, bench_database, bench_site, bench_zonal, landscape
from benchmarks.contest import Case, DifferenceError
from riskzoning.webmap import page_data


def test_a_field_does_not_depend_on_its_bands() -> None:
    whole = landscape.field(3, 90_000)
    assert np.array_equal(whole[100:140], landscape.band(3, 100, 40, 300), equal_nan=True)
    assert not np.array_equal(whole, landscape.field(4, 90_000), equal_nan=True)
    assert 0.7 < np.isfinite(landscape.field(1, 4e6)).mean() < 1.0


@pytest.mark.parametrize("name", ["zonal-layers", "zonal-file"])
def test_zonal_workloads_agree(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    pytest.importorskip("exactextract")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    workload = next(item for item in bench_zonal.WORKLOADS if item.name == name)
    case = Case("small", 1, {"cells": 40_000, "layers": 3 if name == "zonal-layers" else 1, "townships": 20})
    workload.files(case)
    results = {peer: contestant.start(case)() for peer, contestant in workload.contestants.items()}
    for peer in workload.contestants:
        if peer != "ours":
            workload.agree(results["ours"], results[peer], peer)
    wrong = {**results["exactextract"], "max": results["exactextract"]["max"] + 1}
    with pytest.raises(DifferenceError, match="max"):
        workload.agree(results["ours"], wrong, "exactextract")


def test_breaks_agree() -> None:
    pytest.importorskip("jenkspy")
    workload = bench_breaks.WORKLOADS[0]
    case = Case("small", 1, {"shape": "lognormal", "count": 500})
    ours, theirs = (workload.contestants[name].start(case)() for name in ("ours", "jenkspy"))
    workload.agree(ours, theirs, "jenkspy")
    with pytest.raises(DifferenceError, match="explain"):
        workload.agree({**ours, "fit": theirs["fit"] - 0.01}, theirs, "jenkspy")


def test_aligned_counts_agree() -> None:
    workload = bench_align.WORKLOADS[0]
    case = Case("small", 1, {"cells": 250_000})
    ours, theirs = (contestant.start(case)() for contestant in workload.contestants.values())
    workload.agree(ours, theirs, "rasterio.warp sum, one thread")
    with pytest.raises(DifferenceError, match="total"):
        workload.agree({**ours, "kept": ours["kept"] * (1 + 1e-8)}, theirs, "rasterio.warp sum, one thread")


@pytest.mark.postgis
def test_loaded_buildings_agree(postgis: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RISKZONING_BENCH_DATABASE", postgis)
    case = Case("small", 50, {"count": 50})
    ours, theirs = bench_database._start_ours(case)(), bench_database._start_geopandas(case)()
    bench_database.agree(ours, theirs, "geopandas.to_postgis")
    with pytest.raises(DifferenceError, match="totals"):
        bench_database.agree({"totals": ours["totals"] + 1}, theirs, "geopandas.to_postgis")


def test_a_made_up_city_has_a_page_with_all_hazards_and_receptors() -> None:
    result = bench_site.made_up_result(12, (113.3, 34.9, 115.0, 35.9))
    data = page_data(result)
    assert [len(item["indicators"]) for item in data["hazards"]] == [7] * 7
    assert len(data["levels"]["township"]["codes"]) == 12
    assert len(data["levels"]["township"]["by_grade"]["multi"]) == 7
