"""What figures teach: prior and posterior of each parameter, and what the posterior says of the figures themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.calibration.learning import prior_values
from experiments.calibration.naming import figures_in_words, place_of
from experiments.figures import style
from experiments.figures.heads import inches_of
from experiments.figures.sheet import BAND, Sheet
from experiments.languages import LANGUAGES
from experiments.paper.asking import Wrong
from experiments.paper.registry import drawing
from experiments.paper.tables import each
from experiments.titles import title_of
from sim.parameters import Parameters

if TYPE_CHECKING:
    from experiments.paper.sources import Source

PARAMETER, CLAIM, HELD_OUT, FITTED = "parameter", "claim", "held out", "fitted"
OBSERVED = (HELD_OUT, FITTED)
"""Kinds of figures of one's own."""

MOST_OBSERVED = 30
"""Figures of one's own that are drawn: those held out first, and then those fitted."""

ROW, TALLER, HEAD, FOOT, NAMES, BETWEEN = 0.19, 0.27, 0.46, 0.44, 2.2, 1.75
"""Inches: of a row, of one where some name takes two lines, above and below the panels, and of names at their left."""

_MARKERS = {"": "s", "lower": "<", "upper": ">"}
"""Of what was learned: by the bound that it is pressed against."""

SIZE = 7.0
"""Of names, in points."""


@drawing("posterior", source="calibration")
class Posterior:
    """What a calibration learned: each parameter's posterior within its prior; and simulated less given figures.

    Claims are in tolerances; figures of one's own are in standard errors, with the 90 % interval of simulated surveys.
    """

    class Options(Parameters):
        """There are none."""

    @staticmethod
    def wrong(source: Source, options: Options) -> Iterator[Wrong]:
        """Nothing is asked for."""
        yield from ()

    @staticmethod
    def table(data: Any, options: Options) -> pd.DataFrame:
        """Rows kind, name, middle, low, high, learned (0 or 1), shrinkage, at_bound, place_en, place_fa.

        Parameters: posterior mean and central 90 %, as shares of the prior's range; at_bound is the bound, lower or
        upper, that the posterior is pressed against, else empty. Claims: simulated mean and central
        90 %, less what is claimed, in tolerances. Figures of one's own, held out or fitted: the same of simulated
        surveys, less what was observed, in standard errors; learned is 1 if what was observed lies outside. The places
        are names of the neighbourhood that a figure is of, empty if it is of no single one.
        """
        rows: list[tuple[str, str, float, float, float, int, float]] = []
        learned = data.learned.set_index("key")
        for factor in data.calibration.factors:
            prior, row = prior_values(factor), learned.loc[factor.key]
            low, wide = float(prior.min()), float(prior.max() - prior.min()) or 1.0
            places = [(float(row[name]) - low) / wide for name in ("posterior_mean", "posterior_low", "posterior_high")]
            middle, begin, end = places
            rows.append((PARAMETER, factor.key, middle, begin, end, int(row.learned), float(row.shrinkage)))
        for row in each(data.simulated):
            middle, begin, end = ((value - row.claimed) / row.tolerance for value in (row.simulated, row.low, row.high))
            rows.append((CLAIM, str(row.figure), middle, begin, end, 0, np.nan))
        judged = data.judged.sort_values("held_out", ascending=False, kind="stable")
        for row in each(judged.head(MOST_OBSERVED)):
            middle, begin, end = ((value - row.observed) / row.error for value in (row.simulated, row.low, row.high))
            kind = HELD_OUT if row.held_out else FITTED
            rows.append((kind, str(row.figure), middle, begin, end, int(not row.inside), np.nan))
        table = pd.DataFrame(rows, columns=["kind", "name", "middle", "low", "high", "learned", "shrinkage"])
        places = data.calibration.places
        ends = learned.at_bound.reindex(table.name).fillna("").to_list()
        named = {f"place_{own}": [place_of(name, places, own) for name in table.name] for own in LANGUAGES}
        return table.assign(at_bound=ends, **named)

    @staticmethod
    def draw(table: pd.DataFrame, options: Options, sheet: Sheet) -> Figure:
        """Draw it."""
        parameters, claims = table[table.kind == PARAMETER], table[table.kind != PARAMETER]
        names = [_in_lines(title_of(str(name), sheet.language), NAMES, sheet) for name in parameters.name]
        places = claims[f"place_{sheet.language}"].to_list()
        said = figures_in_words(claims.name.to_list(), sheet.language, below=True, places=places)
        words = [_in_lines(name, BETWEEN, sheet) for name in said]
        row = TALLER if any("\n" in name for name in [*names, *words]) else ROW
        tall = row * max(len(parameters), len(claims))
        figure = sheet.new(HEAD + tall + FOOT)
        left = sheet.panel(figure, 0, 0, 2, 1.0, HEAD, tall, left=NAMES, between=BETWEEN)
        _intervals(left, parameters, names)
        left.axvspan(0.05, 0.95, color=BAND, linewidth=0.0, zorder=0)
        left.set_xlim(0.0, 1.0)
        left.set_xticks([0.0, 0.5, 1.0])
        sheet.numbers(left, "x", 100.0)
        sheet.heading(left, sheet.say("parameters", "پارامترها"), sheet.say(
            "% of the prior's range; grey: prior", "درصد دامنه پیشین؛ خاکستری: پیشین"
        ))  # fmt: skip
        right = sheet.panel(figure, 0, 1, 2, 1.0, HEAD, row * len(claims), left=NAMES, between=BETWEEN)
        _intervals(right, claims, words)
        own = claims.kind.isin(OBSERVED).all()
        if not own:
            right.axvspan(-1.0, 1.0, color=BAND, linewidth=0.0, zorder=0)
        right.axvline(0.0, color=style.BLACK, linewidth=0.6)
        reach = 1.1 * max(1.2, float(np.nanmax(claims[["low", "high"]].abs().to_numpy(dtype=float))))
        right.set_xlim(-reach, reach)
        right.locator_params(axis="x", nbins=5)
        sheet.numbers(right, "x", sign=True)
        if own:
            sheet.heading(right, sheet.say("simulated less observed", "شبیه‌سازی منهای مشاهده"), sheet.say(
                "standard errors; crosses: outside", "خطای معیار؛ ضربدر: بیرون از بازه"
            ))  # fmt: skip
        elif claims.kind.isin(OBSERVED).any():
            sheet.heading(right, sheet.say("simulated less given", "شبیه‌سازی منهای داده‌شده"), sheet.say(
                "tolerances or errors", "رواداری یا خطای معیار"
            ))  # fmt: skip
        else:
            sheet.heading(right, sheet.say("simulated less claimed", "شبیه‌سازی‌شده منهای ادعاشده"), sheet.say(
                "in tolerances (grey: within one)", "به واحد رواداری (خاکستری: تا یک)"
            ))  # fmt: skip
        sheet.foot(figure, sheet.say(
            "posterior mean and central 90 %; red: learned beyond chance (triangle: pressed against a bound)",
            "میانگین پسین و ۹۰٪ میانی؛ قرمز: آموخته فراتر از تصادف (مثلث: چسبیده به مرز پیشین)"
        ))  # fmt: skip
        return figure


def _in_lines(name: str, inches: float, sheet: Sheet) -> str:
    """A name that fits into the room at the left of a panel, in lines where it is too wide for one."""
    room = inches - 0.12
    return name if inches_of(name, SIZE, sheet.language) <= room else "\n".join(sheet.lines(name, room, SIZE))


def _intervals(axes: Any, rows: pd.DataFrame, names: list[str]) -> None:
    for at, row in enumerate(each(rows)):
        colour, marker, face = style.BLUE, "o", "white" if row.kind == FITTED else None
        if row.learned and row.kind in OBSERVED:
            colour, marker = style.BLACK, "X"
        elif row.learned:
            colour, marker = style.VERMILION, _MARKERS[row.at_bound]
        axes.plot([row.low, row.high], [at, at], color=colour, linewidth=1.3)
        axes.plot(row.middle, at, marker, color=colour, markerfacecolor=face or colour, markersize=3.6)
    axes.set_yticks(range(len(names)), names, fontsize=SIZE, linespacing=1.1)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.tick_params(axis="x", labelsize=6.5, pad=1.5)
