"""Cells of a grid: each in its place, on a canvas of pixels and in a page of vectors."""

from __future__ import annotations

import re

import numpy as np

from riskzoning.maps.cells import Cells
from riskzoning.maps.stamp import pdf_bytes
from riskzoning.maps.surroundings import SheetFigure, drawn_pixels

RED, BLUE, CLEAR = (255, 0, 0, 255), (0, 0, 255, 255), (0, 0, 0, 0)


def sheet(colours: list[list[tuple[int, ...]]], extent: tuple[float, float, float, float]) -> SheetFigure:
    figure = SheetFigure(figsize=(4, 2))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set(xlim=(0, 4), ylim=(0, 2))
    Cells(axes, np.array(colours, dtype=np.uint8), extent)
    return figure


def test_the_first_row_is_the_northern_one_and_nothing_lies_outside_the_extent() -> None:
    pixels = drawn_pixels(sheet([[RED, BLUE], [CLEAR, RED]], (1, 3, 0, 2)), 50)[..., :3]
    assert (pixels[:50, 50:100] == RED[:3]).all()
    assert (pixels[:50, 100:150] == BLUE[:3]).all()
    assert (pixels[50:, 100:150] == RED[:3]).all()
    assert (pixels[50:, 50:100] == 255).all()
    assert (pixels[:, :50] == 255).all()
    assert (pixels[:, 150:] == 255).all()


def test_cells_beyond_the_window_are_cut_off() -> None:
    pixels = drawn_pixels(sheet([[RED, BLUE]], (-4, 12, -5, 5)), 25)[..., :3]
    assert (pixels == RED[:3]).all()
    assert (drawn_pixels(sheet([[RED]], (10, 12, 0, 2)), 25)[..., :3] == 255).all()


def test_a_page_of_vectors_keeps_the_cells_as_they_are() -> None:
    pdf = pdf_bytes(sheet([[RED, BLUE, RED], [BLUE, RED, BLUE]], (1, 3, 0, 2)))
    assert re.search(rb"/Width 3 /Height 2", pdf)
