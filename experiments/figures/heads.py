"""Widths of texts, lines that fit, and the head of a figure that stands by itself."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from experiments.directions import RIGHT_TO_LEFT
from experiments.figures import style
from sim.outcome import Language

BOLD = 1.17
"""How much wider bold letters are."""

TITLE, NOTE = 9.5, 7.0
"""Points of a figure's title and of the note below it."""

_TITLE_LINE, _NOTE_LINE, _EDGE = 0.175, 0.135, 0.06
"""Inches of their lines, and above and beside them."""


@cache
def inches_of(text: str, size: float, language: Language) -> float:
    """Width of a line of text, measured with the fonts that draw it."""
    if not text.strip():
        return 0.0
    family = [style.PERSIAN, "DejaVu Sans"] if language == "fa" else ["DejaVu Sans"]
    width, _, _ = text_to_path.get_text_width_height_descent(text, FontProperties(family=family, size=size), False)
    return float(width) / 72.0


def broken(text: str, inches: float, size: float, language: Language) -> list[str]:
    """A text in lines that are no wider than so many inches, as far as words allow.

    A Persian line that begins with a Latin letter is marked: it would run from the left, its parts in the wrong order.
    """
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and BOLD * inches_of(longer, size, language) <= inches:
            lines[-1] = longer
        else:
            lines.append(word)
    if language == "en" or not any(is_persian(letter) for letter in text):
        return lines
    return [line if from_the_right(line) else f"{RIGHT_TO_LEFT}{line}" for line in lines]


def is_persian(letter: str) -> bool:
    """Whether a character is a letter that runs from the right."""
    return unicodedata.bidirectional(letter) in ("R", "AL")


def from_the_right(line: str) -> bool:
    """Whether a line is drawn from the right: its first letter, or mark of direction, decides."""
    return next(
        (is_persian(letter) for letter in line if is_persian(letter) or unicodedata.bidirectional(letter) == "L"), True
    )


def cut_inside(text: str, inches: float, size: float, language: Language) -> str:
    """A name no wider than so many inches; what is left out is in its middle, for names often differ in their ends."""
    if inches_of(text, size, language) <= inches:
        return text

    def kept(letters: int) -> str:
        after = max(letters // 3, min(6, letters // 2))
        return f"{text[: letters - after].rstrip()} … {text[len(text) - after :].lstrip()}".rstrip()

    low, high = 0, len(text)  # binary search for the most letters that fit
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if inches_of(kept(middle), size, language) <= inches else (low, middle)
    return kept(low)


@dataclass(frozen=True)
class Head:
    """Title of a figure that stands by itself, and what must be known of it, broken to the figure's width.

    Attributes:
        title: in bold; without one there is no head.
        note: below it, in grey.
        inches: width of the figure.
        language: of both.
    """

    title: str
    note: str
    inches: float
    language: Language

    @property
    def _lines(self) -> tuple[list[str], list[str]]:
        wide = self.inches - 2.0 * _EDGE
        return broken(self.title, wide, TITLE, self.language), broken(self.note, wide, NOTE, self.language)

    @property
    def height(self) -> float:
        """Inches that it takes."""
        if not self.title:
            return 0.0
        title, note = self._lines
        return _EDGE + self._taller * (_TITLE_LINE * len(title) + _NOTE_LINE * len(note)) + _EDGE

    @property
    def _taller(self) -> float:
        return 1.0 if self.language == "en" else 1.25  # Persian letters reach higher and deeper

    def draw(self, figure: Figure) -> None:
        """Write it at the top, at the side where reading begins."""
        if not self.title:
            return
        height = float(figure.get_figheight())
        side, x = ("left", _EDGE) if self.language == "en" else ("right", self.inches - _EDGE)
        title, note = self._lines
        down = _EDGE
        kinds: tuple[tuple[list[str], float, float, dict[str, Any]], ...] = (
            (title, TITLE, _TITLE_LINE, {"fontweight": "bold"}),
            (note, NOTE, _NOTE_LINE, {"color": style.GREY}),
        )
        for lines, size, pitch, look in kinds:
            for line in lines:
                figure.text(x / self.inches, 1.0 - down / height, line, fontsize=size, ha=side, va="top", **look)
                down += self._taller * pitch
