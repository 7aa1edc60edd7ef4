"""The tables of a comparison that are printed for each policy, in English and Persian."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from rich.table import Table

from experiments.answers.answer import differences_of
from experiments.answers.findings import Difference, difference_in
from experiments.answers.groups import map_of, place_name
from experiments.contrasts.cautions import level_in_words
from experiments.contrasts.comparison import Comparison
from experiments.contrasts.neighbourhoods import (
    GAINS,
    HIGHER,
    LOSES,
    LOWER,
    at_last_week,
    end_in,
    extremes,
)
from experiments.contrasts.shown import (
    SHOWN_BY_GROUP,
    chance,
    give_or_take,
    group_name,
    head_by_group,
    in_unit,
    interval,
    level,
    named_with_unit,
    sort_groups,
)
from experiments.contrasts.spreads import ASSUMPTIONS, LUCK, PLACES, PLACES_AND_ASSUMPTIONS, spread_over
from experiments.councils import saying_nothing
from experiments.languages import signed, texts_of, which, written
from experiments.screen import Screen
from experiments.units import factor_of, in_per_cent
from experiments.units import in_words as outcome_in_words
from experiments.words import Effect, in_words
from sim.outcome import LOWEST, Language, known

MOST_GAIN = 1_000.0
"""Largest variance reduction by pairing that is printed as a number."""


class Tables:
    """The tables of one comparison.

    Attributes:
        names: of each policy, the base included: its name in English, its title in Persian.
        week: the last week compared.
        differences: of the whole city at that week, by policy and outcome.
    """

    def __init__(self, found: Comparison, language: Language, screen: Screen) -> None:
        self.found, self.language, self.screen = found, language, screen
        self.text = texts_of(_TEXTS, language)
        self.week = int(found.contrasts.week.max())
        self.names = {name: name for name in found.titles} if language == "en" else found.titles_in(language)
        ends = found.ends_of(dict.fromkeys(found.contrasts.outcome))
        self.differences = {
            policy: {
                str(row["outcome"]): difference_in(row, ends, found.money)
                for row in self._city(differences_of(found, policy))
            }
            for policy in found.policies
        }

    def outcomes(self, policy: str) -> Table:
        """Differences of the whole city, with a word for each."""
        found, language = self.found, self.language
        rows = found.contrasts
        rows = rows[rows.policy == policy]
        over = spread_over(found.sweep.experiment)
        more = [self.text("range"), self.text("shares")] if found.more_than_luck_varies else [self.text("pairing")]
        sure = level_in_words(found.sweep.experiment)[language]
        base = self.names[found.base] if language == "en" else self.text("base")
        heads = ["", base, self.text("difference", level=sure), self.text("in words"), self.text(f"best {over}"), *more]
        table = self.screen.table(heads)
        table.columns[3].justify = "left"
        for row in self._city(rows):
            outcome = str(row["outcome"])
            difference = self.differences[policy][outcome]
            table.add_row(
                named_with_unit(outcome, language, found.money),
                level(difference.base, outcome, language),
                interval(row["difference"], row["low"], row["high"], outcome, language),
                self._word(difference),
                chance(row["probability_best"], language) if may_be_best(difference) else "",
                *(self._singly(row) if found.more_than_luck_varies else [_gain(row["variance_reduction"], language)]),
            )
        return table

    def _word(self, difference: Difference) -> str:
        """A difference in words, or why there are none: too few pairs, or no councils to trust in an arm."""
        if difference.difference != difference.difference:
            return ""
        if self.found.councilless and saying_nothing([difference.outcome]):
            return self.text("not judged")
        return self.text("few") if difference.low != difference.low else in_words(difference.effect, self.language)

    def _singly(self, row: Mapping[Any, Any]) -> list[str]:
        """Of single differences: their 5-95 % range, and the percentages in which the policy is better and worse."""
        if not any(row[name] for name in ("spread_low", "spread_high", "share_better", "share_worse")):
            return [self.text("same"), ""]
        digits, (low, high) = in_unit(str(row["outcome"]), row["spread_low"], row["spread_high"])
        spread = self.text("to", low=signed(low, digits, self.language), high=signed(high, digits, self.language))
        better, worse = row["share_better"], row["share_worse"]
        if better != better:
            return [spread, ""]
        better, worse = (written(f"{100.0 * share:.0f}", self.language) for share in (better, worse))
        return [spread, self.text("of shares", better=better, worse=worse)]

    def groups(self, policy: str) -> Table:
        """Differences of groups."""
        rows = self.found.contrasts
        rows = rows[(rows.policy == policy) & (rows.week == self.week) & rows.outcome.isin(SHOWN_BY_GROUP)]
        rows = rows[rows.group != ""]
        table = self.screen.table(["", *(head_by_group(name, self.language) for name in SHOWN_BY_GROUP)])
        for group in sort_groups(list(rows.group.unique())):
            own = rows[rows.group == group].set_index("outcome")
            cells = (give_or_take(*numbers_of(own, name), name, self.language) for name in SHOWN_BY_GROUP)
            table.add_row(group_name(group, self.language), *cells)
        return table

    def places(self, policy: str) -> list[str]:
        """In how many neighbourhoods each outcome is higher and lower, below a line on how they are counted."""
        shares = self.found.neighbourhoods
        lines = [self.text("counted")]
        for outcome, rows in shares[shares.policy == policy].groupby("outcome", sort=False):
            name, by = str(outcome), rows.set_index("direction")
            points = self.text("points") if in_per_cent(name) else ""
            least = written(f"{factor_of(name) * rows.least.iloc[0]:.2g}", self.language) + points
            parts = []
            for direction in by.index:
                numbers = [f"{100.0 * value:.0f}" for value in numbers_of(by, str(direction), "share")]
                share, low, high = (written(number, self.language) for number in numbers)
                parts.append(self.text("same in" if direction == "same" else str(direction), share=share, least=least))
                if by.low[direction] < by.high[direction]:
                    parts[-1] += self.text("between", low=low, high=high)
            declared = known(name)
            best = self.text("lowest") if declared is not None and declared.better == LOWEST else ""
            shown = name if self.language == "en" else outcome_in_words(name, self.language)
            week = self._whole(int(rows.week.iloc[0]))
            comma = which((", ", "، "), self.language)
            lines.append(self.text("places", outcome=shown, week=week, parts=comma.join(parts), best=best))
        return lines

    def neighbourhoods(self, policy: str) -> tuple[str, str, Table] | None:
        """Which neighbourhoods lose and gain most under a policy; None if they are not the same in all runs.

        Returns:
            a heading, how many of them are worse or better off in the words of the brief, and a table.
        """
        found, outcome = self.found, self.found.named_by
        rows = at_last_week(found.contrasts)
        rows = rows[(rows.policy == policy) & (rows.outcome == outcome)]
        if found.geography is None or rows.difference.isna().all():
            return None
        ranked = end_in(rows, outcome) is not None
        in_head = outcome in SHOWN_BY_GROUP
        heading = self.text(
            "named ranked" if ranked else "named",
            outcome=head_by_group(outcome, self.language) if in_head else outcome_in_words(outcome, self.language),
            policy=self.names[policy],
            base=self.names[found.base],
            week=self._whole(int(rows.week.iloc[0])),
            count=self._whole(len(rows)),
        )
        own = at_last_week(differences_of(found, policy))
        counted = map_of(outcome, own[own.outcome == outcome], end_in(rows, outcome), found.geography)
        beyond = str(counted["text"][self.language])
        if not rows.leaves_out_0.any():
            beyond += self.text("by chance")
        table = self.screen.table(["", *map(self.text, ("neighbourhood", "difference and interval", "excludes 0"))])
        table.columns[1].justify = "left"
        named = extremes(found.contrasts, policy, outcome)
        for direction in (LOSES, GAINS) if ranked else (HIGHER, LOWER):
            own = named[named.direction == direction]
            if own.empty:
                table.add_row(self.text(f"most {direction}"), self.text("nobody"), "", "")
            for place, (_, row) in enumerate(own.iterrows()):
                low, high = row.simultaneous_low, row.simultaneous_high
                told = self.text("not known" if low != low else "yes" if row.leaves_out_0 else "no")
                first = self.text(f"most {direction}") if place == 0 else ""
                name = place_name(found.geography, int(row.neighbourhood))[self.language]
                table.add_row(first, name, interval(row.difference, low, high, outcome, self.language), told)
        return heading, beyond, table

    def _whole(self, number: int) -> str:
        return written(f"{number}", self.language)

    def _city(self, rows: pd.DataFrame) -> list[dict[Any, Any]]:
        return rows[(rows.week == self.week) & (rows.group == "")].to_dict("records")


def may_be_best(difference: Difference) -> bool:
    """Whether the probability of being best is shown: not beside little or no difference, and not of too few pairs."""
    return difference.low < difference.high and difference.effect != Effect.LITTLE


def numbers_of(rows: pd.DataFrame, name: str, value: str = "difference") -> tuple[float, float, float]:
    """Difference, low and high of the row of a name."""
    found = rows.loc[[name], [value, "low", "high"]].to_numpy(dtype=float)[0]
    return float(found[0]), float(found[1]), float(found[2])


def _gain(times: float, language: Language = "en") -> str:
    if times != times:
        return ""
    text, most = texts_of(_TEXTS, language), times > MOST_GAIN
    number = f"{MOST_GAIN:,.0f}" if most else f"{times:,.1f}" if times < 10.0 else f"{times:,.0f}"
    return text("over times" if most else "times", number=written(number, language))


_TEXTS: dict[str, tuple[str, str]] = {
    "base": ("baseline", "مبنا"),
    "difference": ("difference ({level} interval)", "تفاوت (بازه اطمینان {level})"),
    "in words": ("in words", "اثر در مدل"),
    f"best {LUCK}": ("best over\nreplications", "بهترین در\nتکرارها"),
    f"best {ASSUMPTIONS}": ("best over\nassumptions\ndrawn", "بهترین در\nفرض‌های\nنمونه"),
    f"best {PLACES}": ("best over\nplaces", "بهترین در\nمکان‌ها"),
    f"best {PLACES_AND_ASSUMPTIONS}": (
        "best over\nplaces and\nassumptions\ndrawn",
        "بهترین در\nمکان‌ها و\nفرض‌های\nنمونه",
    ),
    "range": ("5-95 % range", "دامنه ۵ تا ۹۵٪"),
    "shares": ("better/worse", "بهتر و بدتر"),
    "of shares": ("{better}/{worse} %", "{better}٪ و {worse}٪"),
    "pairing": ("pairing gains", "کاهش نوفه با جفت‌سازی"),
    "times": ("{number} times", "{number} برابر"),
    "over times": ("over {number} times", "بیش از {number} برابر"),
    "few": ("too few pairs", "شمار جفت‌ها کافی نیست"),
    "not judged": ("not judged", "داوری نمی‌شود"),
    "same": ("the same", "یکسان"),
    "to": ("{low} to {high}", "{low} تا {high}"),
    "points": (" % points", " واحد درصد"),
    "counted": (
        "Neighbourhoods counted by their difference in each pair of runs, whatever its interval: shares on average, no "
        "verdict on any neighbourhood.",
        "شمارش محله‌ها بر پایه تفاوت آن‌ها در هر جفت اجرا، بازه هرچه باشد: میانگین سهم‌هاست و حکمی درباره هیچ محله‌ای "
        "نیست.",
    ),
    "places": (
        "{outcome}, week {week}: {parts} of neighbourhoods{best}",
        "{outcome}، هفته {week}: {parts} از محله‌ها{best}",
    ),
    "higher": ("higher in {share} %", "بالاتر در {share}٪"),
    "lower": ("lower in {share} %", "پایین‌تر در {share}٪"),
    "same in": ("within ±{least} of it in {share} %", "با تفاوتی تا ±{least} در {share}٪"),
    "between": (" ({low} to {high})", " ({low} تا {high})"),
    "lowest": ("; lowest is best", "؛ کمترین مقدار بهترین است"),
    "named ranked": (
        "Neighbourhoods that lose most / gain most: {outcome}, {policy} less {base} (week {week}; simultaneous "
        "intervals for all {count})",
        "محله‌هایی که بیشترین زیان و بیشترین سود را دارند: {outcome}، «{policy}» منهای «{base}» (هفته {week}؛ بازه‌های "
        "هم‌زمان برای هر {count} محله)",
    ),
    "named": (
        "Neighbourhoods that are highest / lowest: {outcome}, {policy} less {base} (week {week}; simultaneous "
        "intervals for all {count})",
        "محله‌های بالاترین و پایین‌ترین: {outcome}، «{policy}» منهای «{base}» (هفته {week}؛ بازه‌های هم‌زمان برای هر "
        "{count} محله)",
    ),
    "by chance": (
        " No interval excludes 0: the order of those named below is largely chance.",
        " همه بازه‌ها صفر را در بر دارد: ترتیب محله‌های زیر بیشتر بر اثر تصادف است.",
    ),
    "neighbourhood": ("neighbourhood", "محله"),
    "difference and interval": ("difference (interval)", "تفاوت (بازه)"),
    "excludes 0": ("interval excludes 0", "صفر بیرون از بازه است"),
    f"most {LOSES}": ("loses most", "بیشترین زیان"),
    f"most {GAINS}": ("gains most", "بیشترین سود"),
    f"most {HIGHER}": ("highest", "بالاترین"),
    f"most {LOWER}": ("lowest", "پایین‌ترین"),
    "nobody": ("none", "هیچ"),
    "yes": ("yes", "بله"),
    "no": ("no", "خیر"),
    "not known": ("not known", "نامعلوم"),
}
