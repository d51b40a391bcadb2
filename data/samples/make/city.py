"""Put the sample city together and write it: one folder with everything that a study of a real city has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from make import assets, exposure, hazards, planning, weather
from make.boundaries import Plane, drawn_units
from make.study import city_study
from make.surveys import history
from make.surveys.city import write_surveys
from make.surveys.scene import Scene
from make.terrain import Ground, Raster, ground
from riskzoning.samples import files

SEED = 20260630
_FINEST, _COARSEST = 6.0, 60.0


@dataclass(frozen=True)
class _City:
    seed: int
    years: tuple[int, int]
    units: gpd.GeoDataFrame
    place: Ground
    lived: exposure.Settlement
    inside: NDArray[np.bool_]
    terrain: Raster
    other: Raster
    people: NDArray[np.int64]
    scene: Scene


def write_city(
    folder: str | Path,
    *,
    seed: int = SEED,
    terrain_seconds: float = 6,
    other_seconds: float = 30,
    years: tuple[int, int] = (2011, 2020),
    scale: Literal["city", "quick"] = "city",
) -> Path:
    """Write the sample city: boundaries, terrain, inputs of five hazards, what is exposed, surveys, and study.yaml.

    Codes and names of the units are real, the total of the residents is the published one; everything else is made up
    from the seed, consistently: streams follow the terrain, floods the streams, landslides the slopes, people the
    plain. The same seed gives the same files.

    Parameters
    ----------
    folder : path
        Made if needed; files of the same name are replaced, others stay.
    seed : int
    terrain_seconds, other_seconds : float
        Cells of terrain and land cover, and of the other rasters, in arc-seconds. The shape of the ground is worked out
        at 6 arc-seconds at the finest; finer rasters are the same ground, drawn smoothly.
    years : (first, last)
        Whole years of weather and of fire points.
    scale : {"city", "quick"}
        ``quick`` is the same city with terrain five times and other rasters twice as coarse and the last two years:
        a few seconds, for tests.

    Returns
    -------
    Path
        Of study.yaml.

    Raises
    ------
    ValueError
        An argument makes no sense.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     study = write_city(folder, scale="quick")
    ...     print(study.name, len(list(Path(folder).rglob("*.tif"))))
    study.yaml 13
    """
    _check(terrain_seconds, other_seconds, years, scale)
    if scale == "quick":
        terrain_seconds, other_seconds = terrain_seconds * 5, other_seconds * 2
        years = (max(years[0], years[1] - 1), years[1])
    city = _made(seed, terrain_seconds, other_seconds, years)
    with files.fresh_folder(folder) as work:
        _write_base(work, city)
        _write_hazards(work, city)
        _write_weather(work, city)
        rows = write_surveys(work / "surveys", city.scene)
        _write_exposure(work, city)
        _write_plans(work, city)
        files.write_table(work / "exposure" / "history_annual.csv", history.losses(rows))
        text = city_study(seed, years, hazards.PERIODS_PGA, hazards.PERIODS_FLOOD)
        (work / "study.yaml").write_text(text, encoding="utf-8", newline="\n")
    return Path(folder) / "study.yaml"


def _check(terrain_seconds: float, other_seconds: float, years: tuple[int, int], scale: str) -> None:
    wrong = []
    if not 0 < terrain_seconds <= _COARSEST or not 0 < other_seconds <= 600:
        wrong.append(f"cells are above 0 and up to {_COARSEST:g} (terrain) and 600 (others) arc-seconds")
    if years[1] < years[0]:
        wrong.append(f"years {years[0]} to {years[1]}: the first year is after the last")
    if scale not in ("city", "quick"):
        wrong.append(f"scale '{scale}': city or quick")
    if wrong:
        raise ValueError("; ".join(wrong))


def _made(seed: int, terrain_seconds: float, other_seconds: float, years: tuple[int, int]) -> _City:
    base = min(max(terrain_seconds, _FINEST), _COARSEST)
    units, place, lived = drawn_units(seed), ground(seed, base), exposure.settlement(seed, base)
    terrain = place.raster if terrain_seconds == base else Raster.over(place.raster.bounds, terrain_seconds)
    other = Raster.over(tuple(units.total_bounds), other_seconds, margin=2)
    people = exposure.people_raster(units, lived, place.raster, other)
    scene = _scene(seed, units, place, lived, exposure.people_by_township(units, people, other, seed))
    inside = exposure.township_index(units, place.raster) >= 0
    return _City(seed, years, units, place, lived, inside, terrain, other, people, scene)


def _scene(
    seed: int, units: gpd.GeoDataFrame, place: Ground, lived: exposure.Settlement, census: pd.DataFrame
) -> Scene:
    """What layers and survey forms have in common."""
    index = exposure.township_index(units, place.raster)
    inside = index >= 0

    def steep(x: Any, y: Any) -> Any:
        return place.raster.sample(place.slope, *Plane.degrees(x, y))

    field = np.bincount(index[inside], (lived.landcover == 10)[inside].astype(float), minlength=len(census))
    return Scene(
        seed=seed,
        units=units,
        ground=place,
        lived=lived,
        census=census,
        gdp=assets.gdp_by_county(census),
        roads=assets.roads(units, lived, steep, seed=seed),
        cropland_ha=field * place.raster.cell_km[0] * place.raster.cell_km[1] * 100,
        objects={
            "building": assets.buildings(units, lived, census, seed=seed),
            "village": assets.villages(lived),
            "public_service": assets.public_services(units, lived, seed=seed),
        },
        slides=hazards.landslides(place, lived, inside, seed=seed),
    )


def _km(units: gpd.GeoDataFrame, margin: float) -> Any:
    city = units.geometry[units.level == "city"].iloc[0]
    return shapely.transform(city, lambda xy: np.column_stack(Plane.km(*xy.T))).buffer(margin)


def _write_base(work: Path, city: _City) -> None:
    place, units = city.place, city.units
    levels = {level: units[units.level == level].reset_index() for level in ("city", "county", "township")}
    files.write_vector(work / "admin.gpkg", levels)
    height = (
        place.elevation if city.terrain is place.raster else place.raster.onto(place.elevation, city.terrain, order=3)
    )
    heights = np.round(height).astype(np.int16)
    files.write_raster(work / "elevation.tif", heights, city.terrain.transform, nodata=-9999, tags={"UNITS": "m"})
    cover = city.lived.landcover
    if city.terrain is not place.raster:
        cover = place.raster.onto(cover, city.terrain, order=0).astype(np.uint8)
    legend = "10 cropland 20 forest 30 grassland 40 shrubland 60 water 80 artificial 90 bare"
    files.write_raster(work / "landcover.tif", cover, city.terrain.transform, nodata=0, tags={"LEGEND": legend})
    area = _km(units, 6)
    layers = {
        "river": hazards.rivers(place, area),
        "levee": hazards.levees(place, area),
        "road": city.scene.roads,
    }
    files.write_vector(work / "base.gpkg", layers)


def _write_hazards(work: Path, city: _City) -> None:
    place, seed = city.place, city.seed
    for period, values in hazards.pga(city.other, seed=seed).items():
        tags = {"UNITS": "g", "RETURN_PERIOD": str(period), "SITE": "class II", "STATUS": "illustrative, not GB 18306"}
        path = work / "seismic" / f"pga_T{period:05d}.tif"
        files.write_raster(path, values.astype(np.float32), city.other.transform, nodata=-9999, tags=tags)
    shapes = {"site_class": hazards.site_class(place, seed=seed), "fault": hazards.faults(seed=seed)}
    files.write_vector(work / "seismic" / "seismic.gpkg", shapes)
    files.write_table(work / "seismic" / "earthquakes.csv", hazards.earthquakes(seed=seed))
    geology = {"lithology": hazards.lithology(place, seed=seed), "landslide": city.scene.slides}
    files.write_vector(work / "geology" / "geology.gpkg", geology)
    for period, values in hazards.flood_depths(place, city.other, seed=seed).items():
        tags = {"UNITS": "m", "RETURN_PERIOD": str(period), "STATUS": "not a hydraulic model"}
        path = work / "flood" / f"depth_T{period:03d}.tif"
        files.write_raster(path, values.astype(np.float32), city.other.transform, nodata=-9999, tags=tags)
    fuel = hazards.fuel_type(place, city.lived, city.inside, seed=seed)
    files.write_vector(work / "forest" / "fuel.gpkg", {"fuel_type": fuel})
    fires = hazards.fire_points(place, city.lived, city.inside, years=city.years, seed=seed)
    files.write_table(work / "forest" / "fire_points.csv", fires)


def _write_weather(work: Path, city: _City) -> None:
    stations = weather.station_table(city.place)
    made = weather.daily_weather(stations, years=city.years, seed=city.seed)
    folder = work / "meteorology" / "daily"
    folder.mkdir(parents=True)
    span = f"{city.years[0]}01-{city.years[1]}12"
    for element, number in weather.ELEMENTS.items():
        name = f"SURF_CLI_CHN_MUL_DAY-{element}-{number}-{span}.zip"
        (folder / name).write_bytes(weather.element_archive(made, element, seed=city.seed))
    points: Any = shapely.points(stations.lon, stations.lat)
    counties = city.units[city.units.level == "county"]
    table = stations.assign(county=[_holder(counties, point) for point in points], status="synthetic series")
    files.write_table(work / "meteorology" / "stations.csv", table)


def _holder(units: gpd.GeoDataFrame, point: Any) -> str:
    found = units.index[units.geometry.contains(point)]
    return str(found[0]) if len(found) else ""


def _write_plans(work: Path, city: _City) -> None:
    lines = planning.control_lines(city.place, city.lived, city.inside)
    layers = {**lines, "main_function": planning.main_function(city.units)}
    files.write_vector(work / "planning" / "planning.gpkg", layers)


def _write_exposure(work: Path, city: _City) -> None:
    folder, scene = work / "exposure", city.scene
    tags = {"UNITS": "person", "QUANTITY": "count", "YEAR": "2020"}
    path = folder / "population.tif"
    files.write_raster(path, city.people.astype(np.int32), city.other.transform, nodata=-9999, tags=tags)
    files.write_table(folder / "population_township.csv", scene.census)
    files.write_table(folder / "gdp_county.csv", scene.gdp)
    files.write_table(folder / "crops.csv", assets.crops(city.units, scene.cropland_ha, seed=city.seed))
    files.write_vector(folder / "objects.gpkg", scene.objects)
