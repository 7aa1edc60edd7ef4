"""What a command writes of a figure: the picture in three formats, each with its stamp, and the caption beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from experiments.figures.sheet import Sheet, broken
from experiments.figures.stamps import FORMATS, save_stamped
from experiments.figures.style import GREY
from experiments.folders import atomic_write, write_text_atomically
from experiments.provenance import model_digest, version_of
from sim.config import Config
from sim.outcome import Language

TITLE, NOTE = 9.5, 7.0
"""Points of a figure's title and of the note below it."""

_TITLE_LINE, _NOTE_LINE, _EDGE = 0.175, 0.135, 0.06
"""Inches of their lines, and above and beside them."""


def save_pictures(
    figure: Figure, folder: Path, name: str, stamp: Mapping[str, Any], kinds: Sequence[str] = FORMATS
) -> list[str]:
    """Write a figure, drawn in the sheet's style and still within it, in some formats, each atomically.

    Args:
        figure: drawn.
        folder: where to.
        name: of the files, without an ending.
        stamp: where the picture comes from; plain data.
        kinds: of pdf, svg and png.

    Returns:
        The files' names.
    """
    files = [f"{name}.{kind}" for kind in kinds]
    for file, kind in zip(files, kinds, strict=True):
        with atomic_write(folder / file) as partial:
            named = partial.with_name(f"{partial.name}.{kind}")  # the ending says the format
            save_stamped(figure, named, stamp)
            named.replace(partial)
    return files


def stamp_of(name: str, made_by: str, language: Language, base: Config, **more: Any) -> dict[str, Any]:
    """Where the picture of a command comes from: command, place, seed, model and version, and what else is given.

    Args:
        name: of the figure.
        made_by: the command.
        language: of the words.
        base: the city that was run, or that runs began with.
        more: plain data, such as a digest of what was asked.
    """
    return {
        "figure": name,
        "made_by": made_by,
        "language": language,
        "seed": base.run.seed,
        "place_seed": base.run.place_seed,
        "model": model_digest(base.loaded),
        "version": version_of("mahalle"),
        **more,
    }


def save_caption(folder: Path, name: str, caption: str) -> str:
    """Write the caption of a figure beside it, and return the file's name."""
    file = f"{name}.caption.md"
    write_text_atomically(folder / file, f"{caption}\n")
    return file


@dataclass(frozen=True)
class Head:
    """Title of a figure that stands by itself, and what must be known of it, broken to the sheet's width.

    Attributes:
        sheet: it is drawn on.
        title: in bold.
        note: below it, in grey.
    """

    sheet: Sheet
    title: str
    note: str = ""

    @property
    def _lines(self) -> tuple[list[str], list[str]]:
        wide = self.sheet.inches - 2.0 * _EDGE
        language = self.sheet.language
        return broken(self.title, wide, TITLE, language), broken(self.note, wide, NOTE, language)

    @property
    def inches(self) -> float:
        """Height that it takes."""
        title, note = self._lines
        return _EDGE + self._taller * (_TITLE_LINE * len(title) + _NOTE_LINE * len(note)) + _EDGE

    @property
    def _taller(self) -> float:
        return 1.0 if self.sheet.language == "en" else 1.25  # Persian letters reach higher and deeper

    def draw(self, figure: Figure) -> None:
        """Write it at the top, at the side where reading begins."""
        height = float(figure.get_figheight())
        side = self.sheet.say("left", "right")
        x = _EDGE / self.sheet.inches if side == "left" else 1.0 - _EDGE / self.sheet.inches
        title, note = self._lines
        down = _EDGE
        kinds: tuple[tuple[list[str], float, float, dict[str, Any]], ...] = (
            (title, TITLE, _TITLE_LINE, {"fontweight": "bold"}),
            (note, NOTE, _NOTE_LINE, {"color": GREY}),
        )
        for lines, size, pitch, look in kinds:
            for line in lines:
                figure.text(x, 1.0 - down / height, line, fontsize=size, ha=side, va="top", **look)
                down += self._taller * pitch
