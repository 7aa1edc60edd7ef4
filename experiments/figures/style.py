"""The look of all figures: colours that colour-blind readers can tell apart, thin axes, no chart junk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

BLUE, VERMILION, GREEN = "#0072B2", "#D55E00", "#009E73"
SKY, PURPLE, BLACK = "#56B4E9", "#CC79A7", "#222222"
GREY, PALE = "#767676", "#F1F1F1"
"""Okabe and Ito (2008)."""

STYLE: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],
    "font.size": 8.0,
    "text.parse_math": False,  # a title with a dollar sign is a title
    "axes.titlesize": 9.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 8.0,
    "axes.edgecolor": GREY,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.color": BLACK,
    "ytick.color": BLACK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "lines.linewidth": 1.4,
    "svg.hashsalt": "mahalle",  # else names within an SVG are drawn by lot
    "pdf.fonttype": 42,  # TrueType: publishers' checks refuse Type 3
    "ps.fonttype": 3,  # Matplotlib 3.11 sizes fonts of PDFs by it: with 42, letters of Persian words move
}

OF_THE_IMPORTER = frozenset({"backend", "backend_fallback", "interactive"})
"""Settings of windows, which are none of a figure's business."""


PERSIAN = "Vazirmatn"
"""Font of Persian figures; it is part of the program (SIL Open Font License), so that they look the same anywhere."""

FONTS = Path(__file__).parent / "fonts"


@contextmanager
def house_style(language: str = "en") -> Iterator[None]:
    """Draw in our style, whatever settings the importer has, and leave those as they were.

    Args:
        language: in Persian the font is `PERSIAN`.
    """
    settings: dict[Any, Any] = {key: value for key, value in mpl.rcParamsDefault.items() if key not in OF_THE_IMPORTER}
    if language == "fa":
        _add_fonts()
    font = {"font.family": [PERSIAN, "DejaVu Sans"]} if language == "fa" else {}
    with mpl.rc_context(settings | STYLE | font):
        yield


@cache
def _add_fonts() -> None:
    for file in sorted(FONTS.glob("*.ttf")):
        font_manager.fontManager.addfont(file)


def new_figure(width: float, height: float, dpi: int) -> Figure:
    """An empty figure (inches) that draws itself without a window."""
    figure = Figure(figsize=(width, height), dpi=dpi, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a PNG whose bytes depend only on the figure and the version of Matplotlib."""
    with house_style():
        figure.savefig(path, format="png", metadata={"Software": None})


def title(axes: Axes, text: str, rows: int = 1) -> None:
    """Title of a panel, above its legend of so many rows."""
    axes.set_title(text, pad=8.0 + 12.0 * rows)
