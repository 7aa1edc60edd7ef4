"""The decomposition of a gap printed: each channel's part, counted in two ways."""

from __future__ import annotations

import pandas as pd
from rich.table import Table

from experiments.contrasts.cautions import cautions
from experiments.contrasts.channel_names import WORDS
from experiments.contrasts.mechanisms import BOTH, CHANNELS, FIRST, GAP, INTERACTION, LAST, LEFT, Attribution
from experiments.contrasts.report import print_failures
from experiments.contrasts.report_tables import numbers_of
from experiments.contrasts.shown import interval, named_with_unit
from experiments.contrasts.titles import title_in
from experiments.languages import texts_of, which, written
from experiments.screen import Screen
from sim.outcome import Language
from sim.policies import Label

OUTCOMES_OF_MECHANISMS = ("trust_in_municipality", "participation_rate", "hope")


def print_attribution(found: Attribution, language: Language = "en") -> None:
    """Print the decomposition of a gap."""
    console, text = Screen(), texts_of(_TEXTS, language)
    table = found.table
    week = int(table.week.max())
    names = {"policy": found.policy, "base": found.base}
    if language != "en":
        experiment = found.sweep.experiment
        arms = experiment.policies
        names = {side: title_in(name, arms[name], experiment.base, language) for side, name in names.items()}
    console.print(text("head", week=written(str(week), language), **names), style="bold")
    print_failures(console, found.sweep, language)
    city = table[(table.group == "") & (table.week == week)]
    money = found.sweep.experiment.base.city.finance.unit
    for outcome in OUTCOMES_OF_MECHANISMS:
        console.print("")
        console.print(_parts(city[city.outcome == outcome], outcome, console, language, money))
    console.print("")
    uneven = city.replications.nunique() > 1
    if uneven:
        console.print(text("uneven"))
    replications = written(f"{int(city.replications.max())}", language)
    scale = written(f"{found.sweep.experiment.base.run.scale:g}", language)
    up_to = text("up to") if uneven else ""
    console.print(text("meaning", up_to=up_to, replications=replications, scale=scale))
    console.print(" ".join(cautions(found.sweep.experiment, language)))


def _parts(rows: pd.DataFrame, outcome: str, screen: Screen, language: Language, money: Label) -> Table:
    """Parts of one outcome's gap: a row each, the two ways of counting side by side."""
    text, uneven = texts_of(_TEXTS, language), rows.replications.nunique() > 1
    table = screen.table([named_with_unit(outcome, language, money), text(LAST), text(FIRST)])
    for part in (GAP, *CHANNELS, LEFT, INTERACTION):
        by = rows[rows.part == part].set_index("counted")
        names = [name if name in by.index else BOTH for name in (LAST, FIRST)]
        counts = [f" [{written(str(by.replications[name]), language)}]" if uneven else "" for name in names]
        cells = [interval(*numbers_of(by, name, "value"), outcome, language) for name in names]
        name = part if language == "en" else which(WORDS[part], language)
        table.add_row(name, *(cell + count for cell, count in zip(cells, counts, strict=True)))
    return table


_TEXTS: dict[str, tuple[str, str]] = {
    "head": (
        "Where the gap comes from: {policy} less {base}, week {week}",
        "تفاوت از کجا می‌آید: «{policy}» منهای «{base}»، هفته {week}",
    ),
    LAST: (LAST, "کنار گذاشته از کل"),
    FIRST: (FIRST, "به‌تنهایی"),
    "uneven": (
        "In brackets: number of replications with all runs that a part needs. Parts from different replications need "
        "not sum to the gap.",
        "در کروشه: شمار تکرارهایی که همه اجراهای لازم برای آن بخش را دارند. جمع بخش‌هایی که از تکرارهای گوناگون است "
        "شاید با کل تفاوت برابر نباشد.",
    ),
    "up to": ("Up to ", "تا "),
    "meaning": (
        "{up_to}{replications} replications of every variant, scale {scale}. A channel is switched off under both "
        "policies. Left out of the whole, its part is the whole gap less the gap without it; alone, its part is the "
        "gap with this channel only less the gap without any channel. Together with the remainder and the interaction "
        "of channels, each column sums to the gap. If the interaction is large, or a channel differs between the "
        "columns, the decomposition has no clear meaning; a small interaction does not prove that it has. For what "
        "each channel switches off, see docs/contrasts.md.",
        "{up_to}{replications} تکرار از هر حالت، مقیاس {scale}. هر سازوکار در هر دو سیاست خاموش می‌شود. «کنار گذاشته از "
        "کل»: کل تفاوت منهای تفاوت بدون آن سازوکار؛ «به‌تنهایی»: تفاوت تنها با آن سازوکار منهای تفاوت بدون همه "
        "سازوکارها. جمع هر ستون، با باقی‌مانده و اثر متقابل، برابر کل تفاوت است. اگر اثر متقابل بزرگ باشد یا بخش یک "
        "سازوکار در دو ستون یکسان نباشد، این تجزیه معنای روشنی ندارد؛ کوچک بودن اثر متقابل نیز معنادار بودن آن را ثابت "
        "نمی‌کند. برای آنچه هر سازوکار خاموش می‌کند docs/contrasts.md را ببینید.",
    ),
}
