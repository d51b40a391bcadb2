"""What people wait for and carry: the planners' page of a city and of a province, an atlas of forty pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.contest import AMOUNT, PART, Call, Case, Contestant, Result, Workload

if TYPE_CHECKING:
    from pathlib import Path

    from riskzoning.results import StudyResult

_HAZARDS = ("earthquake", "geology", "flood", "drought", "meteorology", "forest_fire")
_RECEPTORS = ("population", "economy", "buildings", "crops", "roads")
_COUNTS = ("population", "gdp_yuan", "building_area_m2", "building_value_yuan", "cropland_ha", "road_km", "area_km2")
_SHEETS = 40
_READY = "return document.body && document.body.dataset.ready === 'yes' ? performance.now() : 0"


def made_up_result(townships: int, bounds: tuple[float, float, float, float], seed: int = 1) -> StudyResult:
    """A result of every hazard and receptor for so many townships; the numbers are made up, only their shape counts."""
    from pathlib import Path

    import geopandas as gpd
    import numpy as np
    import pandas as pd

    from riskzoning.hazards import HAZARDS
    from riskzoning.names import Measure, indices_of
    from riskzoning.results import Breaks, IndexBreaks, StudyResult
    from riskzoning.samples import large_units, toy_result

    units = large_units(townships, bounds=bounds, seed=seed)
    random = np.random.default_rng(seed)
    indices = indices_of([HAZARDS[name].index for name in _HAZARDS], _RECEPTORS)
    frames = {}
    for level in ("city", "county", "township"):
        frame = units[units["level"] == level].copy()
        columns = {name: random.lognormal(9, 1, len(frame)) for name in _COUNTS[:-1]}
        for index in indices:
            columns[index.key] = random.uniform(0, 1, len(frame))
            columns[index.grade_key] = np.minimum((columns[index.key] * index.classes).astype(int) + 1, index.classes)
        columns |= {Measure("eal", name).key: random.lognormal(14, 1, len(frame)) for name in _HAZARDS}
        frames[level] = gpd.GeoDataFrame(frame.join(pd.DataFrame(columns, index=frame.index)), crs=units.crs)
    rows = [(code, level) for level, frame in frames.items() for code in frame.index]
    keys = pd.MultiIndex.from_product([(*_HAZARDS, "multi"), _COUNTS, range(6)], names=["hazard", "quantity", "grade"])
    wide = keys.to_frame(index=False)
    by_grade = pd.concat([wide] * len(rows), ignore_index=True)
    by_grade["code"], by_grade["level"] = (np.repeat([row[at] for row in rows], len(wide)) for at in (0, 1))
    by_grade["value"] = random.lognormal(7, 2, len(by_grade))
    cuts = {index.key: Breaks("fixed", tuple(np.linspace(0, 1, index.classes + 1)[1:])) for index in indices}
    toy = toy_result()
    return StudyResult(
        code="990000", name={"zh": "示例省", "en": "Made-up province"}, grid=toy.grid, layers=toy.layers, units=frames,
        folder=Path(), tables={"exposure_by_grade": by_grade}, hazards=_HAZARDS, receptors=_RECEPTORS,
        indices=tuple(indices), breaks={index: IndexBreaks(cuts[index.key], cuts[index.key]) for index in indices},
        data_date="2026-06-30", record=toy.record,
    )  # fmt: skip


def _page(case: Case) -> Call:
    import tempfile
    from pathlib import Path

    from riskzoning.webmap import site

    result = made_up_result(case.params["townships"], tuple(case.params["bounds"]))

    def call() -> Result:
        with tempfile.TemporaryDirectory(prefix="riskzoning-bench-") as folder:
            page = site(result, Path(folder) / "site")
            size = sum(path.stat().st_size for path in page.parent.rglob("*") if path.is_file()) / 1e6
            drawn = first_draw(page)
            return {f"{AMOUNT}MB": size, **({} if drawn is None else {f"{PART}first draw": drawn})}

    return call


def first_draw(page: Path) -> float | None:
    """Seconds from the request of a page to its map in a real Chromium, the best of three; None without a browser."""
    import shutil
    import time

    from selenium import webdriver

    binary, driver_path = shutil.which("chromium"), shutil.which("chromedriver")
    if binary is None or driver_path is None:
        return None
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--window-size=1400,900"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver_path))
    try:
        times = []
        for _ in range(3):
            driver.get("about:blank")
            begun = time.perf_counter()
            driver.get(f"file://{page}")
            while not driver.execute_script(_READY):
                time.sleep(0.01)
            # Drawn, and not only ready: a frame has been shown.
            driver.execute_async_script("const done = arguments[0]; requestAnimationFrame(() => setTimeout(done, 0))")
            times.append(time.perf_counter() - begun)
        return min(times)
    finally:
        driver.quit()


def _atlas(case: Case) -> Call:
    import tempfile
    from pathlib import Path

    from riskzoning.maps import PrintedMap, drawing_crew, map_backdrop, print_maps
    from riskzoning.maps.atlas import Leaf, bind
    from riskzoning.maps.atlas_pages import Contents, Cover, draw_pages

    result = made_up_result(case.params["townships"], tuple(case.params["bounds"]))
    outlines = [frame[["name", "level", "geometry"]] for frame in result.units.values()]
    indices = [index for index in result.indices if index.what == "risk"][: case.n]

    def call() -> Result:
        import pandas as pd

        with tempfile.TemporaryDirectory(prefix="riskzoning-bench-") as folder, drawing_crew(len(indices)) as crew:
            backdrop = map_backdrop(outlines=pd.concat(outlines))
            sheets = [
                PrintedMap(Path(folder) / index.stem, result.units["township"], index.stem, column=index.grade_key)
                for index in indices
            ]
            files = print_maps(sheets, backdrop, formats=("pdf",), crew=crew)
            front = [Cover("示例省", "图集", []), Contents("目录", [(path.stem, None) for path in files])]
            leaves = [Leaf(page.title, "", number) for number, page in enumerate(front)]
            leaves += [Leaf(path.stem, "", path) for path in files]
            drawn = draw_pages(front, size="A3", lang="zh", footer="")
            bind(leaves, drawn, Path(folder) / "atlas.pdf", title="图集", lang="zh")
            return {f"{AMOUNT}MB": (Path(folder) / "atlas.pdf").stat().st_size / 1e6}

    return call


_CITY, _PROVINCE = (113.3, 34.9, 115.0, 35.9), (110.3, 31.3, 116.7, 36.4)


def _workload(name: str, title: str, start: object, n: int, townships: int, bounds: tuple[float, ...]) -> Workload:
    cases = [Case(title, n, {"townships": townships, "bounds": list(bounds)})]
    ours = Contestant(start, ("riskzoning.webmap.page", "riskzoning.maps.sheet", "selenium"))  # type: ignore[arg-type]
    return Workload(name, lambda size: cases, {"ours": ours}, lambda ours, theirs, peer: None, rounds=1, warm=False)


WORKLOADS = [
    _workload("site-city", "160 townships", _page, 160, 160, _CITY),
    _workload("site-province", "2,400 townships", _page, 2400, 2400, _PROVINCE),
    _workload("atlas", f"{_SHEETS} sheets of A3", _atlas, _SHEETS, 160, _CITY),
]
