"""Names of files that the library of vectors would read as more than names, under names that it reads as such."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

# pyogrio splits a path at this sign, as an archive and its member, and leaves no way to say that none is meant.
_SPLIT = "!"


def plain_name(name: str) -> str:
    """What to open for a file: its absolute path, or a link to it without the sign that would be misread."""
    if name.startswith("/vsi"):
        return name
    path = os.path.abspath(name)
    if _SPLIT not in path:
        return path
    folder = _link_to(os.path.dirname(path))
    if _SPLIT not in os.path.basename(path):
        return os.path.join(folder, os.path.basename(path))
    return _link_beside(path)


def _temporary() -> str:
    folder = tempfile.mkdtemp(prefix="riskzoning-links-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@lru_cache(maxsize=256)
def _link_to(folder: str) -> str:
    """A link to a folder."""
    link = os.path.join(_temporary(), "folder")
    os.symlink(folder, link, target_is_directory=True)
    return link


def _link_beside(path: str) -> str:
    """Links to a file and to all that has its name with another ending, in a folder of their own."""
    made = Path(_temporary())
    beside = [file for file in Path(path).parent.iterdir() if file.name.startswith(Path(path).stem)]
    # A file that is still to be written is made through its link.
    for file in dict.fromkeys([*beside, Path(path)]):
        if not os.path.lexists(made / file.name.replace(_SPLIT, "_")):
            os.symlink(file, made / file.name.replace(_SPLIT, "_"))
    return str(made / Path(path).name.replace(_SPLIT, "_"))
