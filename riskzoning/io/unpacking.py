"""Archives that stay small when they are unpacked; bombs are refused by what their contents say before one is read."""

from __future__ import annotations

import zipfile
from pathlib import Path

from riskzoning.errors import LayerError, Problem
from riskzoning.limits import UNPACKED_BYTES, UNPACKED_RATIO

# Below this size a high ratio is only a very regular file.
_SMALL = 16_000_000


def check_unpacked(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse an archive with a member, or with members, far larger than the archive can honestly hold."""
    total = 0
    for member in archive.infolist():
        total += member.file_size
        ratio = member.file_size / max(member.compress_size, 1)
        if member.file_size > _SMALL and ratio > UNPACKED_RATIO:
            size = member.file_size / 1e6
            raise LayerError(Problem("archive.bomb", path, member=member.filename, size=size, ratio=ratio))
    if total > UNPACKED_BYTES:
        raise LayerError(Problem("archive.large", path, size=total / 1e9, most=UNPACKED_BYTES / 1e9))
