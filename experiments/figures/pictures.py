"""What a command writes of a figure: the picture in three formats, each with its stamp, and the caption beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from experiments.figure_files import FORMATS, caption_file
from experiments.figures.sheet import Sheet
from experiments.figures.stamps import save_stamped
from experiments.folders import atomic_write, write_text_atomically
from experiments.provenance import model_digest, version_of
from sim.config import Config
from sim.outcome import Language


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
            save_stamped(figure, partial, stamp, kind)
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


def save_caption(folder: Path, name: str, caption: str) -> None:
    """Write the caption of a figure beside it."""
    write_text_atomically(folder / caption_file(name), f"{caption}\n")


def write_figure(
    draw: Callable[[Sheet], Figure], sheet: Sheet, folder: Path, name: str, stamp: Mapping[str, Any], caption: str
) -> None:
    """Draw a figure and write all of `experiments.figure_files.files_of_figure`.

    Args:
        draw: draws on a sheet.
        sheet: with the figure's head.
        folder: where to.
        name: of the files, without an ending.
        stamp: where the pictures come from.
        caption: what is seen; title and note of the sheet go before it.
    """
    with sheet.styled():
        save_pictures(draw(sheet), folder, name, stamp)
    save_caption(folder, name, f"{sheet.title}. {sheet.note}{'' if sheet.note.endswith('.') else '.'} {caption}")
