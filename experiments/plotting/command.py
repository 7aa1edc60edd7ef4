"""`mahalle plot`, step by step: read the sweep, draw, write the pictures and the caption."""

from __future__ import annotations

import hashlib
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from experiments.figure_files import FORMATS, caption_file, files_of_figure
from experiments.figures.pictures import save_caption, save_pictures, stamp_of
from experiments.figures.sheet import Sheet, Width
from experiments.figures.stamps import stamp_in
from experiments.manifest import manifest_in
from experiments.paper.tables import text_of, write_table
from experiments.plotting.captions import source_of, whole_caption
from experiments.plotting.drawing import draw
from experiments.plotting.points import Plot, plot_of, table_of
from experiments.provenance import sha256
from experiments.sweeps.tables import Sweep, load
from sim.errors import ConfigError
from sim.outcome import Language

MADE_BY = "mahalle plot"
SHOWS = ("figure", "made_by", "y", "x", "by", "base", "language", "width")
"""What a picture of the same name must agree in to be replaced."""


@dataclass(frozen=True)
class Request:
    """The arguments of `mahalle plot`.

    Attributes:
        folder: of the sweep.
        x, y, by, base: see `plot_of`.
        out: name of the files; None for `default_stem`.
        language: of the words.
        narrow: whether it is as wide as one column of a journal.
        caption: whether the caption is in the picture, too, and not only beside it.
    """

    folder: Path
    x: str
    y: str
    by: str | None = None
    base: str | None = None
    out: Path | None = None
    language: Language = "en"
    narrow: bool = False
    caption: bool = True


def carry_out(asked: Request) -> tuple[list[Path], str]:
    """Draw a sweep's outcome; return the files and the caption.

    Raises:
        ConfigError: see `plot_of` and `save`.
    """
    sweep, out = load(asked.folder), asked.out
    plot = plot_of(sweep, asked.x, asked.y, asked.by, asked.base)
    width: Width = "single" if asked.narrow else "double"
    sheet = Sheet(asked.language, width, money=sweep.experiment.base.city.finance.unit)
    figure = draw(plot, sheet, caption=asked.caption)
    given = out if out is None or out.suffix[1:] not in FORMATS else out.with_suffix("")
    stem = default_stem(asked.folder, plot, sheet) if given is None else given
    return save(figure, stem, sweep, plot, sheet, caption=asked.caption), whole_caption(plot, sheet)


def save(figure: Figure, stem: Path, sweep: Sweep, plot: Plot, sheet: Sheet, *, caption: bool = True) -> list[Path]:
    """Write the figure as PDF, SVG and PNG, each with a note of where it comes from, its caption and its table.

    Args:
        figure: drawn.
        stem: of the files' names.
        sweep, plot, sheet: what it shows, and on what.
        caption: whether it has the caption in it.

    Raises:
        ConfigError: a file of that name shows something else.
    """
    experiment, name = sweep.experiment, stem.name
    table = table_of(plot)
    stamp = stamp_of(
        "plot", MADE_BY, sheet.language, experiment.base, asked=experiment.digest, y=plot.outcome, x=plot.x, by=plot.by,
        width=sheet.width, n=list(plot.numbers), again=_command(sweep, plot, sheet, caption=caption),
    )  # fmt: skip
    stamp |= {"base": plot.base.given} if plot.base else {}
    stamp["seed"] = experiment.seed
    stamp["model"] = ", ".join(_models(sweep))  # of the runs, not of today
    stamp["table"] = hashlib.sha256(text_of(table).encode()).hexdigest()
    _refuse_to_replace(stem, stamp)
    stem.parent.mkdir(parents=True, exist_ok=True)
    write_table(table, table_file(stem))
    with sheet.styled():
        save_pictures(figure, stem.parent, name, stamp)
    save_caption(stem.parent, name, f"{whole_caption(plot, sheet)}\n\n{source_of(stamp, sheet)}")
    return [*(stem.with_name(file) for file in files_of_figure(name)), table_file(stem)]


def table_file(stem: Path) -> Path:
    """The table of what is drawn, beside the pictures."""
    return stem.with_name(f"{stem.name}.csv")


def default_stem(folder: Path, plot: Plot, sheet: Sheet) -> Path:
    """FOLDER-OUTCOME-X[-BY][-less-BASE][-narrow][.fa] beside the folder, in letters that any file system takes."""
    parts = [folder.resolve().name, plot.outcome, plot.x.rpartition(".")[2], plot.by.rpartition(".")[2]]
    safe = [re.sub(r"[^\w.-]+", "_", part).strip("_") for part in parts if part]
    if plot.base is not None:
        safe += ["less", re.sub(r"[^\w.-]+", "_", plot.base.given.rpartition("policy.")[2]).strip("_")]
    safe += ["narrow"] if sheet.width == "single" else []
    return folder.resolve().parent / f"{'-'.join(safe)}{'' if sheet.language == 'en' else f'.{sheet.language}'}"


def _models(sweep: Sweep) -> list[str]:
    """Digests of the models that the runs were made by, in full where the sweep's manifest has them."""
    known = (manifest_in(sweep.folder) or {}).get("models") or {}
    begun = sorted(filter(None, sweep.runs.model.unique()))
    return [next((digest for digest in known if digest.startswith(start)), start) for start in begun]


def _command(sweep: Sweep, plot: Plot, sheet: Sheet, *, caption: bool) -> str:
    """The command that makes the picture again."""
    words = ["mahalle", "plot", sweep.folder.resolve().name, "--x", plot.x, "--y", plot.outcome]
    words += ["--by", plot.by] if plot.by else []
    words += ["--base", plot.base.given] if plot.base else []
    words += ["--lang", sheet.language] if sheet.language != "en" else []
    words += ["--narrow"] if sheet.width == "single" else []
    return shlex.join([*words, *([] if caption else ["--no-caption"])])


def _refuse_to_replace(stem: Path, stamp: dict[str, Any]) -> None:
    """Refuse to replace a file that shows something else."""
    pictures = [stem.with_name(f"{stem.name}.{kind}") for kind in FORMATS]
    there = [file for file in pictures if file.exists()]
    beside = [file for file in (stem.with_name(caption_file(stem.name)), table_file(stem)) if file.exists()]
    for file in there or beside:
        try:
            found = stamp_in(file)
        except ConfigError:
            raise ConfigError(f"exists and was not made by {MADE_BY}; choose another with --out", source=file) from None
        if found.get("made_by") != MADE_BY:
            raise ConfigError(f"exists and was not made by {MADE_BY}; choose another with --out", source=file)
        if any(found.get(name) != stamp.get(name) for name in SHOWS):
            raise ConfigError("exists and shows something else; choose another with --out", source=file)
    table = table_file(stem)
    ours = [stamp["table"], *(stamp_in(file).get("table") for file in there)]
    if there and table.exists() and sha256(table) not in ours:
        raise ConfigError(f"exists and was not made by {MADE_BY}; choose another with --out", source=table)
