"""Many maps of one city to files: surroundings drawn once, maps shared out among worker processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path

import geopandas as gpd
import xarray as xr
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure

from riskzoning import io, standards
from riskzoning.io.writing.ledger import Ledger, ledger_of, recording
from riskzoning.maps.backdrop import Backdrop
from riskzoning.maps.classes import GradePicture, grade_scheme, graded_layer, people_by_grade
from riskzoning.maps.crew import Crew
from riskzoning.maps.images import write_png
from riskzoning.maps.options import Legend, MapNotes, Panel, Sheet
from riskzoning.maps.sheet import map_on_picture, zoning_map
from riskzoning.maps.stamp import pdf_bytes, stamped
from riskzoning.maps.surroundings import SIZES, Picture, canvas_for, drawn_pixels, surroundings_picture

# A worker process is worth its start from this many maps on.
_MAPS_A_WORKER = 4
# Bytes that a worker needs beside its sheets, and sheets that it holds at a time.
_WORKER, _CANVASES = 300 * 1024**2, 5


@dataclass(frozen=True)
class PrintedMap:
    """One map to print: what :func:`zoning_map` takes, and where the file goes.

    Parameters
    ----------
    stem : Path
        Path without suffix.
    source : GeoDataFrame or DataArray
        Units with a column of grades, or a grade layer.
    title : str
    column : str, optional
        The column of grades (units only).
    legend, panel, notes
        As for :func:`zoning_map`.

    Examples
    --------
    >>> PrintedMap(Path("flood_county"), gpd.GeoDataFrame(), "Flood", column="flood_risk_grade").legend.scheme
    'risk_5'
    """

    stem: Path
    source: gpd.GeoDataFrame | xr.DataArray | GradePicture
    title: str
    column: str | None = None
    legend: Legend = field(default_factory=Legend)
    panel: Panel = field(default_factory=Panel)
    notes: MapNotes = field(default_factory=MapNotes)


def print_maps(
    maps: Sequence[PrintedMap],
    backdrop: Backdrop,
    *,
    lang: str = "zh",
    dpi: int = 300,
    formats: Sequence[str] = ("png",),
    crew: Crew | None = None,
    told: Callable[[float, str], None] | None = None,
) -> list[Path]:
    """Print many maps of one city (专题图批量输出), on all cores; the files do not depend on their number.

    Parameters
    ----------
    maps : sequence of PrintedMap
    backdrop : Backdrop
        From :func:`map_backdrop`; it also says the size of the paper.
    lang : {"zh", "en"}
        Falls back to ``en`` where no font with Chinese glyphs is installed.
    dpi : int
        Pixels an inch, for PNG.
    formats : sequence of {"png", "pdf", "svg"}
    crew : Crew, optional
        From :func:`drawing_crew`, started before the backdrop is made; default: one for these maps.
    told : callable, optional
        Hears the share of maps that are finished (0..1) and the name of the last one.

    Returns
    -------
    list of Path
        Files in the order of the maps.

    Raises
    ------
    LayerError, MissingCRSError
        As :func:`zoning_map`.

    Examples
    --------
    >>> import tempfile
    >>> from riskzoning.maps import map_backdrop
    >>> from riskzoning.samples import toy_result
    >>> units = toy_result().units["county"]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     job = PrintedMap(Path(folder) / "flood", units, "Flood", column="flood_risk_grade")
    ...     [path.name for path in print_maps([job], map_backdrop(outlines=units), lang="en", dpi=50)]
    ['flood.png']
    """
    with crew or drawing_crew(len(maps), size=backdrop.size, dpi=dpi) as drawing:
        paths = []
        press = printer(backdrop, lang=lang, dpi=dpi, formats=formats, folder=maps[0].stem.parent if maps else None)
        written = printing(maps, press, drawing)
        for index, (item, files) in enumerate(zip(maps, written, strict=True)):
            paths += files
            if told is not None:
                told((index + 1) / len(maps), item.stem.name)
    return paths


def printer(backdrop: Backdrop, *, lang: str, dpi: int, formats: Sequence[str], folder: Path | None) -> Printer:
    """What prints maps of one city, as :func:`print_maps` takes them, into a folder."""
    # Who draws in another process writes into the folder of this run all the same.
    ledger = None if folder is None else ledger_of(folder / "map")
    return Printer(backdrop, lang, dpi, tuple(formats), ledger)


def printing(
    maps: Sequence[PrintedMap], press: Printer, crew: Crew, read: dict[str, set[str]] | None = None
) -> Iterator[list[Path]]:
    """The files of each map; a crew of several processes begins with the call.

    ``read`` takes the tables that the layers of each map needed, by its name.
    """
    jobs = [partial(_read_with, item, press.backdrop.crs, {} if read is None else read) for item in maps]
    return crew.shared_out(press.print, jobs)


def warming(press: Printer, crew: Crew) -> Iterator[list[Path]]:
    """Let each process draw what all maps share while it waits for the first of them."""
    return crew.shared_out(press.print, [_nothing] * crew.processes)


def _nothing() -> None:
    return None


def drawing_crew(
    count: int, *, size: str = "A3", dpi: int = 150, workers: int | None = None, memory: int = 1536 * 1024**2
) -> Crew:
    """Processes that draw maps, started at once and ended when its block is left.

    Parameters
    ----------
    count : int
        Maps to draw; a few are drawn without further processes.
    size : {"A4", "A3", "A1"}
    dpi : int
    workers : int, optional
        Processes at most; default: cores of the machine.
    memory : int
        Bytes that all of them together may take.

    Examples
    --------
    >>> with drawing_crew(1) as crew:
    ...     list(crew.shared_out(str, [lambda: 3]))
    ['3']
    """
    return Crew(_processes(count, size, dpi, workers, memory), first=__name__)


def _processes(count: int, size: str, dpi: int, workers: int | None, memory: int) -> int:
    """No more than cores, than memory holds, and than have enough to do."""
    wide, high = SIZES[size]
    need = _WORKER + _CANVASES * int(wide * high * dpi**2 * 4)
    return max(1, min(workers or os.cpu_count() or 1, memory // need, count // _MAPS_A_WORKER))


def _read_with(item: PrintedMap, crs: str, read: dict[str, set[str]]) -> PrintedMap:
    """The map with its layers read, and the tables that this needed."""
    with standards.session(standards.replaced()) as used:
        made = _read(item, crs)
    read[item.stem.name] = set(used.used)
    return made


def _read(item: PrintedMap, crs: str) -> PrintedMap:
    """The map with its layers read and thinned: a worker opens no files, and little passes between processes."""
    source = item.source
    if not isinstance(source, xr.DataArray):
        return item
    people, index = item.panel.people, item.legend.index
    index = index if isinstance(index, xr.DataArray) else None
    if isinstance(people, xr.DataArray):
        people = people_by_grade(people, source, index=index)
    picture = graded_layer(source, grade_scheme(item.legend, "en").k, crs, index=index)
    legend = item.legend if index is None else replace(item.legend, index=str(index.name))
    return replace(item, source=picture, legend=legend, panel=replace(item.panel, people=people))


@dataclass(frozen=True, eq=False)
class Printer:
    """What all maps share; it travels to each process once, which makes the picture of the surroundings itself."""

    backdrop: Backdrop
    lang: str
    dpi: int
    formats: tuple[str, ...]
    ledger: Ledger | None = None

    @cached_property
    def picture(self) -> Picture:
        """The surroundings, drawn once for all maps of a process."""
        return surroundings_picture(self.backdrop, lang=self.lang, dpi=self.dpi, formats=self.formats)

    @cached_property
    def canvas(self) -> RendererAgg:
        """The pixels of a sheet, taken once for all maps of a process."""
        return canvas_for(*SIZES[self.backdrop.size], self.dpi)

    def print(self, item: PrintedMap | None) -> list[Path]:
        """Write the map in every format; PNG and PDF are one figure. Without a map only what all share is made."""
        if item is None:
            self._warm()
            return []
        figure = None
        if {"png", "pdf"} & set(self.formats):
            figure = map_on_picture(
                item.source, self.picture, column=item.column, title=item.title, legend=item.legend, panel=item.panel,
                notes=item.notes,
            )  # fmt: skip
        written = []
        for suffix in self.formats:
            path = item.stem.with_name(f"{item.stem.name}.{suffix}")
            with recording(self.ledger), io.atomic(path) as partial:
                if figure is None or suffix == "svg":
                    self._drawing(item).savefig(partial, format=suffix, dpi=self.dpi, metadata={"Date": None})
                elif suffix == "pdf":
                    assert self.picture.vectors is not None
                    Path(partial).write_bytes(stamped(pdf_bytes(figure), self.picture.vectors))
                else:
                    write_png(Path(partial), drawn_pixels(figure, self.dpi, self.canvas), self.dpi)
            written.append(path)
        return written

    def _warm(self) -> None:
        if {"png", "pdf"} & set(self.formats):
            _ = self.picture.from_below
        if "png" in self.formats:
            _ = self.canvas

    def _drawing(self, item: PrintedMap) -> Figure:
        """The map with its surroundings drawn on it."""
        return zoning_map(
            item.source, column=item.column, title=item.title, lang=self.lang, legend=item.legend, panel=item.panel,
            backdrop=self.backdrop, sheet=Sheet(size=self.backdrop.size, notes=item.notes),
        )  # fmt: skip
