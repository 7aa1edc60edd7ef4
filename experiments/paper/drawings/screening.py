"""Which assumptions matter: elementary effects of the largest movers of each outcome, beside the noise floor."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from pydantic import Field

from experiments.contrasts.unknown_arms import allowed
from experiments.figures import style
from experiments.figures.sheet import Sheet, hundredfold
from experiments.paper.asking import OPTIONS, Wrong, not_kept
from experiments.paper.registry import drawing
from experiments.paper.sources import SensitivitySource
from experiments.paper.tables import each
from experiments.register import NO_EVIDENCE
from experiments.register import rows as registered
from experiments.sensitivity.analysis import Findings
from experiments.sensitivity.screening import TIMES_LUCK, relative
from experiments.titles import title_of
from sim.parameters import Parameters
from sim.reading import nearest
from sim.wording import printable

BASE = ("data", "set", "base")
"""Where a figure's file names the base."""

ROW, HEAD, FOOT, COLUMNS, NAMES = 0.17, 0.44, 0.34, 2, 2.15
"""Inches of a row, above and below a panel; panels in a row; inches of names."""


@drawing("screening", source="sensitivity", single=True)
class Screening:
    """Which assumptions matter: the largest elementary effects on each outcome, with 95 % intervals.

    Each is the mean absolute elementary effect of a Morris screening. A dot is filled where nothing supports the value;
    a red line is twice the noise floor, to the left of which nothing can be told from noise.
    """

    class Options(Parameters):
        """Keys of `options`."""

        policy: str = Field(
            min_length=1, description="Name of the policy that is screened, less the base of `data.set` if it has one."
        )
        outcomes: list[str] = Field(
            min_length=1, max_length=6, description="Outcomes that the experiment keeps as one number."
        )
        most: int = Field(8, ge=1, le=20, description="Assumptions shown for each outcome.")

    @staticmethod
    def wrong(source: SensitivitySource, options: Options) -> Iterator[Wrong]:
        """A policy that the sweep has not, or that is the base, and outcomes that it does not keep as one number."""
        base, names = source.settings.base, list(source.experiment.policies)
        if base is not None and base not in names:
            yield f'no such policy in the experiment: "{printable(base)}"{nearest(base, names) or allowed(names)}', BASE
        others = [name for name in names if name != base]
        if options.policy not in others:
            hint = nearest(options.policy, others) or allowed(others)
            problem = f'is no policy of the experiment besides the base: "{printable(options.policy)}"{hint}'
            yield problem, (OPTIONS, "policy")
        labels = [one.label for one in source.experiment.outcomes if one.is_number]
        for number, label in enumerate(options.outcomes):
            if label not in labels:
                yield not_kept(label, "as one number", labels), (OPTIONS, "outcomes", number)

    @staticmethod
    def table(data: Findings, options: Options) -> pd.DataFrame:
        """Rows outcome, factor, place (from 1), mu_star, low, high, floor, movers (beyond it), factors, evidence."""
        found = relative(data)
        found = found[(found.policy == options.policy) & found.outcome.isin(options.outcomes)]
        unproven = {row.key for row, _ in registered() if row.tag in NO_EVIDENCE}
        parts = []
        for outcome in options.outcomes:
            own = found[found.outcome == outcome].sort_values("mu_star", ascending=False, kind="stable")
            top = own.head(options.most)
            parts.append(pd.DataFrame({
                "outcome": outcome, "factor": top.factor, "place": np.arange(1, len(top) + 1), "mu_star": top.mu_star,
                "low": top.low, "high": top.high, "floor": top.floor, "movers": int(own.beyond_luck.sum()),
                "factors": len(own),
                "evidence": ["none" if factor in unproven else "some" for factor in top.factor],
            }))  # fmt: skip
        return pd.concat(parts, ignore_index=True)

    @staticmethod
    def draw(table: pd.DataFrame, options: Options, sheet: Sheet) -> Figure:
        """Draw it."""
        outcomes = list(dict.fromkeys(table.outcome))
        columns = min(len(outcomes), COLUMNS if sheet.width == "double" else 1)
        tall = ROW * int(table.place.max())
        head = HEAD if sheet.language == "en" else HEAD + 0.12  # two lines of Persian are taller
        pitch = head + tall + FOOT
        figure = sheet.new(-(-len(outcomes) // columns) * pitch + 0.28)
        for place, outcome in enumerate(outcomes):
            own, factor = table[table.outcome == outcome], hundredfold(outcome)
            axes = sheet.panel(
                figure, place // columns, place % columns, columns, pitch, head, tall, left=NAMES, between=NAMES
            )
            names = []
            for row in each(own):
                at = row.place - 1
                filled = style.BLUE if row.evidence == "none" else "white"
                axes.plot([factor * row.low, factor * row.high], [at, at], color=style.BLUE, linewidth=1.1, zorder=2)
                axes.plot(
                    factor * row.mu_star, at, "o", markersize=3.6, markerfacecolor=filled, markeredgecolor=style.BLUE,
                    zorder=3,
                )  # fmt: skip
                axes.plot(
                    [factor * TIMES_LUCK * row.floor] * 2, [at - 0.4, at + 0.4], color=style.VERMILION, linewidth=1.2
                )
                names.append(sheet.shortened(title_of(str(row.factor), sheet.language), NAMES - 0.12, 6.5))
            axes.set_yticks(range(len(names)), names, fontsize=6.5)
            axes.set_ylim(len(names) - 0.4, -0.6)
            axes.set_xlim(0.0, None)
            axes.tick_params(axis="y", length=0)
            axes.tick_params(axis="x", labelsize=6.5, pad=1.5)
            axes.locator_params(axis="x", nbins=4)
            sheet.numbers(axes, "x")
            movers, factors = (sheet.digits(str(int(own[name].iloc[0]))) for name in ("movers", "factors"))
            unit = sheet.small_unit(outcome)
            sheet.heading(axes, sheet.outcome(outcome), sheet.say(
                f"{movers} of {factors} beyond noise;{unit}", f"{movers} از {factors} فراتر از نوفه؛{unit}"
            ))  # fmt: skip
        sheet.foot(figure, sheet.say(
            "change over the whole range of an assumption; red: twice the noise floor; filled: no evidence",
            "تغییر تفاوت در سراسر دامنه هر فرض؛ قرمز: دو برابر کف نوفه؛ توپر: بدون شاهد تجربی",
        ))  # fmt: skip
        return figure
