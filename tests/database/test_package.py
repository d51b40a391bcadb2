"""The inside of a GeoPackage."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pyogrio
import shapely
from pyproj import CRS
from shapely import Point

from riskzoning.database import blobs, package

NAME = "a \"b\"; 'c'"


def test_gdal_sees_layers_and_tables_with_their_extent_and_index(tmp_path: Path) -> None:
    path = tmp_path / "a.gpkg"
    with closing(package.connected(path)) as connection:
        package.ensure_package(connection)
        package.ensure_package(connection)
        srs = package.srs_id(connection, CRS.from_epsg(4490))
        for name, column in ((NAME, ", geometry POINT"), ("plain", "")):
            connection.execute(f"CREATE TABLE {package.quoted(name)} (fid INTEGER PRIMARY KEY, x TEXT{column})")
        day = "2026-06-30T00:00:00.000Z"
        package.listed(connection, NAME, "标题", day, ("geometry", "POINT", srs))
        package.listed(connection, "plain", "", day, None)
        package.index_shapes(connection, NAME, "geometry", "fid")
        points = [Point(114, 35), Point(115, 36), Point()]
        rows = zip("abc", blobs.encoded(points, srs), strict=True)
        connection.executemany(f"INSERT INTO {package.quoted(NAME)} (x, geometry) VALUES (?, ?)", rows)
        package.measured(connection, NAME, "geometry", day)
        tree = package.quoted(f"rtree_{NAME}_geometry")
        assert connection.execute(f"SELECT count(*) FROM {tree}").fetchone() == (2,)
        connection.execute(f"UPDATE {package.quoted(NAME)} SET x = 'z' WHERE fid = 1")
        connection.execute(f"DELETE FROM {package.quoted(NAME)} WHERE fid = 2")
        assert connection.execute(f"SELECT count(*) FROM {tree}").fetchone() == (1,)
    assert {str(name) for name in pyogrio.list_layers(path)[:, 0]} == {NAME, "plain"}
    info = pyogrio.read_info(path, layer=NAME)
    assert (info["crs"], info["geometry_type"], info["features"]) == ("EPSG:4490", "Point", 2)
    inside = pyogrio.read_dataframe(path, layer=NAME, bbox=(113.9, 34.9, 114.1, 35.1))
    assert inside["x"].tolist() == ["z"]
    assert shapely.equals(inside.geometry.iloc[0], Point(114, 35))


def test_a_crs_without_a_number_gets_one_and_is_found_again(tmp_path: Path) -> None:
    own = CRS.from_proj4("+proj=aea +lat_1=25 +lat_2=47 +lon_0=105 +ellps=GRS80 +units=m")
    with closing(package.connected(tmp_path / "a.gpkg")) as connection:
        package.ensure_package(connection)
        number = package.srs_id(connection, own)
        assert number >= 990000
        assert package.srs_id(connection, own) == number
        definition = connection.execute(
            "SELECT definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?", (number,)
        ).fetchone()[0]
        assert "25" in package.crs_of(definition).to_wkt()


def test_a_table_goes_with_its_index_and_its_entry_and_the_rest_stays(tmp_path: Path) -> None:
    with closing(package.connected(tmp_path / "a.gpkg")) as connection:
        package.ensure_package(connection)
        srs = package.srs_id(connection, CRS.from_epsg(4490))
        for name in ("gone", "stays"):
            connection.execute(f"CREATE TABLE {name} (fid INTEGER PRIMARY KEY, geometry POINT)")
            package.listed(connection, name, "", "2026-06-30T00:00:00.000Z", ("geometry", "POINT", srs))
            package.index_shapes(connection, name, "geometry", "fid")
        connection.execute("CREATE VIEW mine AS SELECT * FROM gone")
        package.drop_table(connection, "gone")
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        assert "mine" in names
        assert "stays" in names
        assert not {name for name in names if "gone" in name}
        assert connection.execute("SELECT table_name FROM gpkg_contents").fetchall() == [("stays",)]
        assert package.has(connection, "mine")
        assert not package.has(connection, "gone")
