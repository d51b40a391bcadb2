"""What is said about the decisions on a raster file: its mask, missing values, scale, turns."""

from __future__ import annotations

from riskzoning.errors import Phrase, Problem, decided
from riskzoning.layers.decoding import Decoder
from riskzoning.rasters.facts import RasterFacts


def decision(facts: RasterFacts, decoder: Decoder) -> Problem | None:
    """The note of what was decided about a file: mask, missing values, scale, turns; None for a plain one."""
    declared = [f"{value:g}" for value in facts.nodata]
    turn = facts.orientation
    steps = [
        (bool(declared), Phrase("decided_nodata", numbers=declared)),
        (facts.masked, Phrase("decided_mask")),
        (facts.alpha > 0, Phrase("decided_alpha", band=facts.alpha)),
        (facts.valid_range is not None, Phrase("decided_range", low=decoder.lowest, high=decoder.highest)),
        (
            decoder.factor != 1.0 or decoder.offset != 0.0,
            Phrase("decided_scale", scale=decoder.factor, offset=decoder.offset),
        ),
        (decoder.absent is not None, Phrase("decided_dry")),
        (turn.flip_rows or turn.flip_columns, Phrase("decided_turned")),
        (turn.roll > 0, Phrase("decided_wrapped")),
    ]
    said = [phrase for holds, phrase in steps if holds]
    return Problem("raster.decided", facts.path, severity="info", steps=said) if said else None


def record(
    facts: RasterFacts, decoder: Decoder, *, crs: str, factor: tuple[float, float], declared: str | None
) -> None:
    """Keep what was decided about a band where somebody hears: place, mask, missing values, scale and unit."""
    turn, path = facts.orientation, facts.path
    if facts.variable is not None:
        decided(path, "variable", facts.variable, "only" if len(facts.variables) == 1 else "study")
    elif facts.bands > 1:
        decided(path, "band", f"{facts.band} / {facts.bands}")
    decided(path, "format", facts.driver, "values")
    decided(path, "crs", crs, "file" if facts.crs is not None else "study")
    rows, columns = facts.shape
    said = [Phrase("decided_turned")] if turn.flip_rows or turn.flip_columns else []
    said += [Phrase("decided_wrapped")] if turn.roll else []
    decided(path, "axis", [*said, f"{rows} x {columns}", *(f"{edge:.10g}" for edge in facts.bounds)], "file")
    masks = [Phrase("decided_mask")] if facts.masked else []
    masks += [Phrase("decided_alpha", band=facts.alpha)] if facts.alpha else []
    if masks:
        decided(path, "mask", masks, "file")
    missing = [value for value in (*decoder.inside, *decoder.outside) if value not in decoder.sentinels]
    if missing:
        decided(path, "nodata", missing, "study" if set(missing) - set(facts.nodata) else "file")
    if decoder.absent is not None:
        decided(path, "nodata", Phrase("decided_dry"), "study")
    if decoder.factor != 1.0 or decoder.offset != 0.0:
        step = {"scale": f"{decoder.factor:g}", "offset": f"{decoder.offset:g}"}
        own = factor == (1.0, 0.0) and (decoder.factor, decoder.offset) == (facts.scale, facts.offset)
        decided(path, "scale", step, "file" if own else "study")
    if declared or facts.units:
        decided(path, "units", declared or facts.units, "study" if declared else "file")
