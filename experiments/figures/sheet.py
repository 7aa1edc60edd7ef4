"""The sheet that a figure is drawn on: its width, its language, and what drawings share.

Two widths, as journals have them; letters of 8 points; colours that colour-blind readers can tell apart and that stay
apart in grey. In Persian, letters, digits and names change and words run from the right; axes stay as they are, time
to the right, as in Persian textbooks of statistics.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from experiments import languages
from experiments.contrasts.arms import split_label
from experiments.directions import RIGHT_TO_LEFT, shown
from experiments.figures import style
from experiments.figures.heads import Head, broken, inches_of
from experiments.units import TOMAN, in_hundredths, unit_in_words
from experiments.units import in_words as outcome_in_words
from sim.outcome import Language
from sim.policies import Label

Width = Literal["single", "double"]

INCHES: dict[Width, float] = {"single": 8.5 / 2.54, "double": 7.2}
"""Widths of one and two columns of a journal: 8.5 and 18.3 cm."""

COLOURS = (style.BLUE, style.VERMILION, style.GREEN, style.BLACK, style.PURPLE, style.SKY)
"""In the order in which lines take them."""

DASHES: tuple[Any, ...] = ("-", (0, (5, 1.6)), (0, (1.4, 1.2)), (0, (6, 1.4, 1.4, 1.4)), (0, (3, 1)), (0, (8, 2)))
"""Beside colours, so that lines stay apart in grey."""

BAND = "#E6E6E6"
"""Colour of the band of differences that do not matter."""

WEEKS_A_YEAR = 52

MARKS: Mapping[str, str] = MappingProxyType({"A": "الف", "B": "ب", "C": "پ"})
"""Letters that mark neighbourhoods on maps, and the Persian ones for them."""

NOTHING = 0.0005
"""Sizes of differences, as shown, below which they are written as 0: no interval of ours is so narrow."""


@dataclass(frozen=True)
class Sheet:
    """What drawings are given besides their table.

    Attributes:
        language: of all words and numbers.
        width: of the figure.
        dots: of a PNG, an inch.
        title, note: head of a figure that stands by itself; a figure of the paper has none, but a caption.
        money: the city's unit of money.
        base: what the policy is called from which differences are taken; empty if nobody says.
    """

    language: Language = "en"
    width: Width = "double"
    dots: int = 300
    title: str = ""
    note: str = ""
    money: Label = TOMAN
    base: str = ""

    def styled(self) -> AbstractContextManager[None]:
        """Draw in the paper's style within a block."""
        return style.house_style(self.language)

    def new(self, height: float) -> Figure:
        """A figure of the sheet's width and a height in inches, below its head; else empty."""
        figure = style.new_figure(INCHES[self.width], height + self.head.height, self.dots)
        self.head.draw(figure)
        return figure

    @property
    def head(self) -> Head:
        """The head, which `new` draws; what is laid out below it begins after its height."""
        return Head(self.title, self.note, self.inches, self.language)

    @property
    def inches(self) -> float:
        """Width in inches."""
        return INCHES[self.width]

    def say(self, english: str, persian: str) -> str:
        """The text in the sheet's language."""
        return english if self.language == "en" else shown(persian)

    def label(self, label: Label) -> str:
        """A text of a file in the sheet's language; in English where it has no Persian."""
        return label.en if self.language == "en" or not label.fa else label.fa

    def number(self, value: float, figures: int = 2, *, sign: bool = False) -> str:
        """A number as it is written in words; see `experiments.languages.number`."""
        return languages.number(value, self.language, figures=figures, sign=sign)

    def digits(self, text: str) -> str:
        """A text with the language's digits, and its percent sign on the side where the language has it."""
        return shown(languages.digits(text, self.language))

    def mark(self, mark: str) -> str:
        """A mark of a neighbourhood on a map, a letter or a digit, as the language writes it."""
        return mark if self.language == "en" else MARKS.get(mark, self.digits(mark))

    def marks(self, *used: str) -> str:
        """Marks on a map in words, such as A-C and 1-3; `used` are those of each kind, in order, and may be empty."""
        between = self.say("-", " تا ")
        kinds = [between.join(map(self.mark, dict.fromkeys((kind[0], kind[-1])))) for kind in used if kind]
        return self.say(" and ", " و ").join(kinds)

    def outcome(self, label: str) -> str:
        """An outcome in words, with its group; statistics over weeks are for the caption."""
        name, group = split_label(label)
        words = outcome_in_words(name.partition(":")[0], self.language)
        if not group:
            return words
        return f"{words}{self.say(': ', '، ')}{languages.group_in_words(group, self.language)}"

    def group(self, group: str) -> str:
        """A group in words; the empty one is the whole city."""
        return languages.group_in_words(group, self.language) if group else self.say("whole city", "کل شهر")

    def difference(self, label: str, value: float, *, sign: bool = True) -> str:
        """A difference of an outcome, in its unit as shown: points of a hundred for shares and means from 0 to 1."""
        size = value * hundredfold(label)
        return self.number(size if abs(size) >= NOTHING else 0.0, sign=sign)

    def give_or_take(self, label: str, value: float, half: float) -> str:
        """A difference and half of its interval, with the decimals that show two figures of the larger."""
        value, half = hundredfold(label) * value, hundredfold(label) * half
        if half != half:
            return self.number(value, sign=True)
        decimals = languages.decimals_of(max(abs(value), abs(half)))
        return self.digits(f"{value:+.{decimals}f} ± {half:.{decimals}f}")

    def with_unit(self, label: str, value: float) -> str:
        """A difference with its unit behind it."""
        text = f"{self.difference(label, value)}{self.small_unit(label)}"
        return text if self.language == "en" else f"{RIGHT_TO_LEFT}{languages.marked(text, self.language)}"

    def years(self, axes: Axes, last_week: float, first_week: float = 0.0) -> None:
        """An axis of weeks, marked in years."""
        axes.set_xlim(first_week, last_week)
        ticks = range(0, int(last_week) + 1, WEEKS_A_YEAR)
        axes.set_xticks(list(ticks), [self.digits(str(week // WEEKS_A_YEAR)) for week in ticks])
        axes.set_xlabel(self.say("years since the start", "سال از آغاز"), labelpad=1.5, fontsize=7.0)

    def numbers(self, axes: Axes, which: Literal["x", "y"] = "y", factor: float = 1.0, *, sign: bool = False) -> None:
        """Write the numbers of an axis in the sheet's language.

        Args:
            axes: the panel.
            which: x or y.
            factor: what values are multiplied by to be shown.
            sign: whether positive numbers have a sign, as of differences.
        """
        axis = axes.xaxis if which == "x" else axes.yaxis
        axis.set_major_formatter(FuncFormatter(partial(_tick, self, factor, sign)))

    # ---------------------------------------------------------------- laying out, in inches

    def room_for(self, names: Sequence[str], size: float = 7.5) -> float:
        """Inches that the longest of some names takes at the left of a panel."""
        widest = max((inches_of(name, size, self.language) for name in names), default=0.0)
        return min(widest + 0.14, 0.45 * self.inches)

    def panel(
        self, figure: Figure, row: int, column: int, columns: int, pitch: float, head: float, tall: float, *,
        left: float, between: float = 0.16, right: float = 0.08, top: float = 0.0,
    ) -> Axes:  # fmt: skip
        """A panel of a figure laid out in rows and columns.

        Args:
            figure: made by `new`.
            row, column, columns: where, and of how many columns.
            pitch: inches of a row, head and foot included.
            head: inches above the panel.
            tall: inches of the panel.
            left, between, right, top: inches at the left, between columns, at the right, and between head and rows.
        """
        height = float(figure.get_figheight())
        wide = (self.inches - left - right - between * (columns - 1)) / columns
        x = left + column * (wide + between)
        y = height - self.head.height - top - row * pitch - head - tall
        return figure.add_axes((x / self.inches, y / height, wide / self.inches, tall / height))

    def heading(self, axes: Axes, text: str, note: str = "", letter: str = "") -> None:
        """Heading of a panel, broken to its width, at the side where reading begins; a note in grey below it."""
        box = axes.get_position()
        wide = box.width * self.inches
        lines = broken(f"{letter} {text}" if letter else text, wide, 8.0, self.language)
        side, at = self.say("left", "right"), 0.0 if self.language == "en" else 1.0
        above = 0.06 if not note else 0.15 if self.language == "en" else 0.2  # Persian letters reach deeper
        note = self.shortened(note, wide + 0.06, 6.5)
        height = box.height * float(axes.get_figure(root=True).get_figheight())  # type: ignore[union-attr]
        axes.text(
            at, 1.0 + above / height, "\n".join(lines), transform=axes.transAxes, ha=side, va="bottom", fontsize=8.0,
            fontweight="bold", linespacing=1.15,
        )  # fmt: skip
        if note:
            axes.text(
                at, 1.0 + 0.03 / height, note, transform=axes.transAxes, ha=side, va="bottom", fontsize=6.5,
                color=style.GREY,
            )  # fmt: skip

    def differences(
        self, axes: Axes, label: str, names: Sequence[str], least: float, ends: NDArray[np.float64], *, first: bool
    ) -> None:
        """Set up a panel of differences of one outcome, a row for each name, 0 in the middle, the band behind.

        Args:
            axes: the panel.
            label: of the outcome.
            names: of the rows, from the top; written where the panel is the first of its row of panels.
            least: the least difference that matters, as shown.
            ends: of all intervals, as shown; the axis holds them.
            first: whether it is the first panel.
        """
        axes.axvspan(-least, least, color=BAND, linewidth=0.0, zorder=0)
        axes.axvline(0.0, color=style.BLACK, linewidth=0.6, zorder=1)
        sizes = np.abs(ends[np.isfinite(ends)])
        reach = 1.1 * max(float(sizes.max(initial=0.0)), 1.2 * least)
        axes.set_xlim(-reach, reach)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_yticks(range(len(names)), list(names) if first else [""] * len(names))
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labelsize=6.5, pad=1.5)
        axes.locator_params(axis="x", nbins=5)
        self.numbers(axes, "x", sign=True)
        self.heading(axes, self.outcome(label), self.in_unit(label))

    def key(self, colour: str, mark: str, words: tuple[str, str]) -> Line2D:
        """One line of a legend of intervals: colour, mark, and words in English and Persian."""
        return Line2D([], [], color=colour, marker=mark, markersize=3.6, linewidth=1.2, label=self.say(*words))

    def legend(self, figure: Figure, handles: Sequence[Line2D | Patch], columns: int, top: float = 0.0) -> None:
        """A legend above all panels and so many inches below the head, at the side where reading begins."""
        at = 1.0 - (self.head.height + top) / float(figure.get_figheight())
        place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (0.0, at)}
        if self.language == "fa":
            place = {"loc": "upper right", "bbox_to_anchor": (1.0, at)}
        figure.legend(
            handles=list(handles), ncols=columns, fontsize=7.0, borderaxespad=0.3, handlelength=2.4, labelspacing=0.3,
            columnspacing=1.2, **place,
        )  # fmt: skip

    def foot(self, figure: Figure, text: str) -> None:
        """A line below all panels, broken to the width."""
        lines = self._lines_of_foot(text)
        figure.text(0.5, 0.05 / float(figure.get_figheight()), "\n".join(lines), ha="center", va="bottom", fontsize=7.5)

    def foot_height(self, text: str) -> float:
        """Inches that a text below all panels takes."""
        more = len(self._lines_of_foot(text)) - 1
        return 0.25 + more * (0.13 if self.language == "en" else 0.19)

    def _lines_of_foot(self, text: str) -> list[str]:
        return broken(text, self.inches - 0.2, 7.5, self.language)

    def shortened(self, text: str, inches: float, size: float) -> str:
        """A text that is no wider than so many inches, its end left out where it must be."""
        if inches_of(text, size, self.language) <= inches:
            return text
        words = text.split()
        while len(words) > 1 and inches_of(f"{' '.join(words)} …", size, self.language) > inches:
            words.pop()
        return f"{' '.join(words)} …"

    def lines(self, text: str, inches: float, size: float) -> list[str]:
        """A text in lines no wider than so many inches."""
        return broken(text, inches, size, self.language)

    def mark_as_trial(self, figure: Figure) -> None:
        """Write on a figure of the quick form that it is a trial."""
        text = self.say("trial, no findings", "آزمایشی، نه یافته")
        side, at = self.say("left", "right"), 0.01 if self.language == "en" else 0.99
        figure.text(at, 0.0, text, fontsize=4.5, color=style.VERMILION, ha=side, va="bottom")

    def small_unit(self, label: str) -> str:
        """What stands behind a number of an outcome in a narrow place: points for shares and means, else its unit."""
        name = split_label(label)[0].partition(":")[0]
        words = unit_in_words(name, self.language, short=True, money=self.money)
        return f" {words}" if words else ""

    def in_unit(self, label: str) -> str:
        """What stands below a heading whose numbers have no unit behind them: “in points”; empty without a unit."""
        name = split_label(label)[0].partition(":")[0]
        unit = unit_in_words(name, self.language, short=self.language == "en", money=self.money)
        return unit and self.say(f"in {unit}", f"به {unit}")


def hundredfold(label: str) -> float:
    """What differences are multiplied by to be shown: 100 for shares and for means and indices from 0 to 1."""
    return 100.0 if in_hundredths(split_label(label)[0].partition(":")[0]) else 1.0


def _tick(sheet: Sheet, factor: float, sign: bool, value: float, _: object) -> str:
    shown = value * factor
    text = f"{shown:+.6g}" if sign and abs(shown) > 1e-12 else f"{0.0 if abs(shown) < 1e-12 else shown:.6g}"
    if abs(shown) >= 1000.0:
        text = (f"{shown:+,.2f}" if sign else f"{shown:,.2f}").rstrip("0").rstrip(".")  # ticks close by stay apart
    return sheet.digits(text)
