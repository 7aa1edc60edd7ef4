"""`mahalle plot`: an outcome of any sweep against what was varied, with its interval, on the paper's sheet."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.figure_files import FORMATS
from experiments.figures.sheet import COLOURS, DASHES, Sheet, hundredfold
from experiments.figures.stamps import save_stamped, stamp_in
from experiments.languages import which
from experiments.manifest import manifest_in
from experiments.statistics import t_interval
from experiments.sweeps.tables import Sweep, load
from experiments.titles import title_of
from sim.errors import ConfigError
from sim.outcome import Language
from sim.reading import nearest

ALREADY = ("run_id", "point", "replication", "seed", "particle", "status", "model")
"""Columns of `runs` that are no factors."""

MOST_LINES = len(COLOURS)
MOST_ON_A_LINE = 20
"""Values of x beyond which points are not joined: a sample, not a grid."""

HEAD, KEY, PANEL, BELOW, LEFT, RIGHT = 0.42, 0.34, 2.0, 0.5, 0.62, 0.1
"""Inches: heading, legend, panel, name of the axis below it, and at both sides."""

LINE, LETTERS = 0.14, 13
"""Inches of a line of the caption, and its letters an inch, about."""

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Plot:
    """What is drawn.

    Attributes:
        table: one row a value of x and of what lines stand for: x, by (empty without), n, mean, low, high.
        outcome: label of the outcome.
        x, by: what was varied; `by` is empty where there is one line.
        averaged: further factors, over which means are taken.
    """

    table: pd.DataFrame
    outcome: str
    x: str
    by: str
    averaged: tuple[str, ...]

    @property
    def replications(self) -> tuple[int, int]:
        """Fewest and most replications behind a point."""
        return int(self.table.n.min()), int(self.table.n.max())


def plot_of(sweep: Sweep, x: str, y: str, by: str | None = None) -> Plot:
    """Mean and 95 % interval over replications for each value of x, and of `by`.

    A series counts by its last week. Where further factors were varied, a replication counts by its mean over them.

    Args:
        sweep: the sweep.
        x, by: keys of levers or uncertainties, or ``policy``; the end of a key is enough.
        y: label or name of an outcome.

    Raises:
        ConfigError: there is no such factor or outcome, or too many lines.
    """
    factors = [name for name in map(str, sweep.runs) if name not in ALREADY]
    varied = [name for name in factors if sweep.runs[name].astype(str).nunique() > 1]
    x = _named(x, varied, "--x")
    by = "" if by is None else _named(by, [name for name in varied if name != x], "--by")
    last = sweep.last_values()
    outcome = _outcome(y, sorted(last.outcome.unique()))
    rows = last[last.outcome == outcome].merge(sweep.runs[["run_id", *varied]], on="run_id")
    keys = [x, *([by] if by else [])]
    rows[keys] = rows[keys].map(_plain)
    each = rows.groupby([*keys, "replication"], sort=True)["value"].mean().reset_index()
    found = []
    for values, group in each.groupby(keys, sort=True):
        numbers = group["value"].to_numpy()
        found.append((values[0], values[1] if by else "", numbers.size, *t_interval(numbers, CONFIDENCE)))
    table = pd.DataFrame(found, columns=["x", "by", "n", "mean", "low", "high"])
    if table.by.nunique() > MOST_LINES:
        raise ConfigError(f"would be {table.by.nunique()} lines; at most {MOST_LINES} can be told apart", source="--by")
    return Plot(table, outcome, x, by, tuple(name for name in varied if name not in keys))


def caption_of(plot: Plot, language: Language = "en") -> str:
    """What is seen: how many replications, which interval, and what means are taken over."""
    sheet = Sheet(language)
    fewest, most = plot.replications
    n = sheet.digits(f"{fewest}" if fewest == most else f"{fewest}–{most}")
    others = sheet.say(", ", "، ").join(_factor(name, language) for name in plot.averaged)
    averaged = "" if not others else sheet.say(f" Averaged over: {others}.", f" میانگین روی: {others}.")
    if most < 2:
        return sheet.say(
            f"n = {n}: one replication, so there is no interval.{averaged}",
            f"n = {n}: تنها یک تکرار، پس بازه‌ای نیست.{averaged}",
        )
    return sheet.say(
        f"Means over n = {n} replications; bars: 95 % intervals of the mean, of random variation under the model's "
        f"assumptions. Points share their luck: compare them by paired differences, not by overlap.{averaged}",
        f"میانگین n = {n} تکرار؛ میله‌ها: بازه اطمینان ۹۵ درصدی میانگین، از تغییر تصادفی با فرض‌های مدل. نقطه‌ها بخت "
        f"یکسان دارند: آن‌ها را با تفاوت‌های جفت‌شده بسنجید، نه با هم‌پوشانی بازه‌ها.{averaged}",
    )


def draw(plot: Plot, sheet: Sheet) -> Figure:
    """The figure: one panel, a line for each value of `by`, the caption below."""
    caption = caption_of(plot, sheet.language)
    foot = BELOW + LINE * math.ceil(len(caption) / (LETTERS * sheet.inches))
    height = HEAD + (KEY if plot.by else 0.0) + PANEL + foot
    with sheet.styled():
        figure = sheet.new(height)
        wide = 1 - (LEFT + RIGHT) / sheet.inches
        axes = figure.add_axes((LEFT / sheet.inches, foot / height, wide, PANEL / height))
        _lines(axes, plot, sheet)
        sheet.heading(axes, sheet.outcome(plot.outcome), sheet.small_unit(plot.outcome).strip())
        axes.set_xlabel(_factor(plot.x, sheet.language), labelpad=2)
        if plot.by:
            title = _factor(plot.by, sheet.language)
            figure.legend(
                ncols=min(3, plot.table.by.nunique()), fontsize=7.0, title=title, title_fontsize=7.0, borderaxespad=0.1,
                loc="upper right" if sheet.language == "en" else "upper left",
            )  # fmt: skip
        sheet.foot(figure, caption)
    return figure


def save(figure: Figure, stem: Path, sweep: Sweep, plot: Plot) -> list[Path]:
    """Write the figure as PDF, SVG and PNG, each with a note of what it shows; return the files.

    Raises:
        ConfigError: a file of that name was made by something else.
    """
    files = [stem.with_name(f"{stem.name}.{kind}") for kind in FORMATS]
    for file in files:
        if file.exists() and not _is_ours(file):
            raise ConfigError("exists and was not made by mahalle plot; choose another with --out", source=str(file))
    manifest = manifest_in(sweep.folder) or {}
    stamp = {"figure": "plot", "y": plot.outcome, "x": plot.x, "by": plot.by, "study": manifest.get("digest")}
    stem.parent.mkdir(parents=True, exist_ok=True)
    for file in files:
        save_stamped(figure, file, stamp)
    return files


def default_stem(folder: Path, plot: Plot) -> Path:
    """FOLDER-OUTCOME-X beside the folder of the sweep, in letters that any file system takes."""
    parts = [folder.resolve().name, plot.outcome, plot.x.rpartition(".")[2], plot.by.rpartition(".")[2]]
    safe = [re.sub(r"[^\w.-]+", "_", part).strip("_") for part in parts if part]
    return folder.resolve().parent / "-".join(safe)


def carry_out(
    folder: Path, x: str, y: str, by: str | None, out: Path | None, language: Language, *, narrow: bool
) -> tuple[list[Path], str]:
    """Draw a sweep's outcome; return the files and the caption.

    Raises:
        ConfigError: see `plot_of` and `save`.
    """
    sweep = load(folder)
    plot = plot_of(sweep, x, y, by)
    figure = draw(plot, Sheet(language, "single" if narrow else "double"))
    stem = default_stem(folder, plot) if out is None else out.with_suffix("") if out.suffix[1:] in FORMATS else out
    return save(figure, stem, sweep, plot), caption_of(plot, language)


def _lines(axes: Axes, plot: Plot, sheet: Sheet) -> None:
    table, factor = plot.table, hundredfold(plot.outcome)
    values = list(dict.fromkeys(table.x))
    numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    joined = numeric and len(values) <= MOST_ON_A_LINE
    lines = list(table.groupby("by", sort=False))
    for place, (name, rows) in enumerate(lines):
        shift = 0.0 if numeric else 0.12 * (place - (len(lines) - 1) / 2)
        at = rows.x.astype(float) if numeric else rows.x.map(values.index) + shift
        spread = factor * np.array([rows["mean"] - rows.low, rows.high - rows["mean"]], dtype=float)
        axes.errorbar(
            at, factor * rows["mean"], np.nan_to_num(spread), color=COLOURS[place], marker="o", markersize=3.2,
            linewidth=1.1, linestyle=DASHES[place] if joined else "none", elinewidth=0.9, capsize=1.8,
            label=_shown(name, sheet) if plot.by else None,
        )  # fmt: skip
    if numeric:
        sheet.numbers(axes, "x")
    else:
        axes.set_xticks(range(len(values)), [_shown(value, sheet) for value in values])
        axes.set_xlim(-0.5, len(values) - 0.5)
    sheet.numbers(axes)


def _named(given: str, known: Sequence[str], option: str) -> str:
    """The factor that is meant by a key, or by the end of one."""
    if given in known:
        return given
    ends = [name for name in known if name.endswith(f".{given}")]
    if len(ends) == 1:
        return ends[0]
    listed = ", ".join(known[:8]) or "nothing"
    raise ConfigError(f'"{given}" was not varied{nearest(given, known)}; varied: {listed}', source=option)


def _outcome(given: str, labels: Sequence[str]) -> str:
    """The label that is meant by a label, or by an outcome's name; its last value where there are several."""
    found = [given] if given in labels else [label for label in labels if label.partition(":")[0] == given]
    last = [label for label in found if label.endswith(":last")]
    if len(found) == 1 or last:
        return last[0] if last else found[0]
    if found:
        raise ConfigError(f"which one? {', '.join(found)}", source="--y")
    names = sorted({label.partition(":")[0] for label in labels})
    raise ConfigError(f'no such outcome: "{given}"{nearest(given, names)}; kept: {", ".join(names[:8])}', source="--y")


def _plain(value: Any) -> Any:
    """A value that can be grouped by and sorted: lists are words, and so is what is mixed."""
    if isinstance(value, str) and value.startswith("["):  # lists are kept as JSON
        return ", ".join(map(str, json.loads(value)))
    return value.item() if isinstance(value, np.generic) else value


def _factor(name: str, language: Language) -> str:
    """A factor in words."""
    return which(("policy", "سیاست"), language) if name == "policy" else title_of(name, language)


def _shown(value: Any, sheet: Sheet) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")
    return sheet.digits(text) if isinstance(value, int | float) else text


def _is_ours(file: Path) -> bool:
    try:
        return bool(stamp_in(file)["figure"] == "plot")
    except ConfigError:
        return False
