"""What an output of a run is: a name, whether the study wants it, who writes it, which files it leaves."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from riskzoning.config import OutputsConfig, StudyConfig
from riskzoning.maps.crew import Crew
from riskzoning.results import StudyResult

Told = Callable[[float, str], None]


def unheard(_share: float, _text: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Writing:
    """What an output is made from: the study and its result, and who hears how far it is."""

    study: StudyConfig
    result: StudyResult
    told: Told = unheard

    @property
    def folder(self) -> Path:
        """The folder of the results."""
        return self.result.folder


class Ahead(Protocol):
    """What of an output goes on by itself beside the stages and the other outputs."""

    def warm(self, writing: Writing) -> None:
        """Begin with the boundaries and the ground; nothing is assessed yet."""

    def begin(self, writing: Writing) -> None:
        """Begin with the grades and what came before them; later stages have made nothing yet."""

    def go_on(self, writing: Writing) -> None:
        """Begin with what the later stages have made, when all of them are through."""

    def write(self, writing: Writing) -> object:
        """Wait for what was begun; stands for the ``write`` of the output."""


@dataclass(frozen=True)
class Output:
    """One thing that a run leaves in its folder.

    ``key`` is its word in ``names/cli``; ``rank`` its place when they are written and named, the lowest first.
    ``wanted`` tells by the section ``outputs:`` whether the study asks for it (None: always); ``write`` makes it
    (None: the stages have written it already). ``files`` are patterns below the folder, with ``{code}`` for that of
    the study area; what of them a run has written, the manifest of its folder says. ``place`` is where people find
    it; without one it is not in the summary. ``ready`` raises before the work when the output could not be written
    after it. ``ahead`` gives, before the stages, what goes on in the processes of a crew beside them and beside the
    other outputs; ``warms``: whether it begins with the ground, before anything is assessed. ``when``: in the stage
    ``publish``, or at the very end, also of a run that stops after ``grade``. ``weight``: its share of the time of the
    stage.
    """

    key: str
    files: tuple[str, ...]
    rank: int
    write: Callable[[Writing], object] | None = None
    wanted: Callable[[OutputsConfig], bool] | None = None
    place: Callable[[Writing], Path | str] | None = None
    ready: Callable[[StudyConfig], None] | None = None
    ahead: Callable[[Crew], Ahead] | None = None
    warms: bool = True
    when: Literal["publish", "end"] = "publish"
    weight: float = 1.0

    def asked(self, outputs: OutputsConfig) -> bool:
        """Whether the study asks for it."""
        return self.wanted is None or self.wanted(outputs)

    def left(self, folder: Path, code: str) -> Iterator[Path]:
        """The files and folders that may be a run's of the study area with this code, by their names alone."""
        for pattern in self.files:
            yield from sorted(folder.glob(pattern.format(code=code)))

    def places(self) -> set[str]:
        """The folders below that of the run in which its files lie."""
        return {str(Path(pattern).parent) for pattern in self.files if len(Path(pattern).parts) > 1}


def gathered(package: str, path: Iterable[str]) -> tuple[Output, ...]:
    """Every output that the modules of a package declare, by rank; ``path`` is that of the package."""
    names = sorted(module.name for module in pkgutil.iter_modules(path))
    modules = [importlib.import_module(f"{package}.{name}") for name in names]
    declared = {value.key: value for module in modules for value in vars(module).values() if isinstance(value, Output)}
    return tuple(sorted(declared.values(), key=lambda output: (output.rank, output.key)))
