"""What a comparison leaves in a folder: the table of changes, the summary in both languages, the map of change."""

from __future__ import annotations

from pathlib import Path

from riskzoning import io
from riskzoning.comparison.changes import Comparison
from riskzoning.comparison.drawing import change_map
from riskzoning.comparison.words import summary
from riskzoning.io.writing.ledger import Ledger, recording

_DPI = 200


def write_comparison(comparison: Comparison, folder: str | Path, *, lang: str = "zh") -> list[Path]:
    """Write ``changes.csv``, ``summary_zh.txt``, ``summary_en.txt`` and ``change.png`` into a folder.

    Parameters
    ----------
    comparison : Comparison
        From :func:`compare`.
    folder : path
        Made when it is not there. A file of yours under one of these names is kept under another one.
    lang : {"zh", "en"}
        Language of the map.

    Returns
    -------
    list of Path
        What was written; without the map where the runs do not tell the shapes of their units.

    Examples
    --------
    >>> import tempfile
    >>> from riskzoning.comparison import compare
    >>> from riskzoning.samples import toy_result
    >>> with tempfile.TemporaryDirectory() as place:
    ...     written = write_comparison(compare(toy_result(), toy_result()), place)
    ...     [path.name for path in written]
    ['changes.csv', 'summary_zh.txt', 'summary_en.txt', 'change.png']
    """
    place = Path(folder)
    ledger = Ledger(place)
    written = [place / "changes.csv", *(place / f"summary_{spoken}.txt" for spoken in ("zh", "en"))]
    figure = change_map(comparison, lang)
    with recording(ledger):
        io.write_csv(written[0], comparison.changes)
        for path, spoken in zip(written[1:], ("zh", "en"), strict=True):
            with io.atomic(path) as partial:
                partial.write_text("\n".join(summary(comparison, spoken)) + "\n", encoding="utf-8")
        if figure is not None:
            written.append(place / "change.png")
            with io.atomic(written[-1]) as partial:
                figure.savefig(partial, dpi=_DPI)
    ledger.settle()
    return written
