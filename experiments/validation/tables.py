"""The verdicts as tables: for the terminal, in Markdown, and as data."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from experiments.languages import digits, texts_of, which, written
from experiments.markdown import table as markdown_table
from experiments.pattern_names import VERDICTS, accepted_in_words, part_in_words, pattern_in_words, value_in_words
from experiments.patterns import FITTED, GROUPS, IN_VIEW, NOT_LOOKED_AT, REPORTED
from experiments.screen import Screen
from experiments.validation.verdicts import CONFIDENCE, MET_SHARE, NOT_MET_SHARE, Judged, Part
from sim.outcome import Language

WORDS = ("met", "not met", "inconclusive")

RULE = (
    f"A part of a pattern is met if the whole {100 * CONFIDENCE:.0f} % interval of its mean over replications lies in "
    f"the accepted range and so do at least {100 * MET_SHARE:.0f} % of the replications. It is not met if the whole "
    f"interval lies outside, or fewer than {100 * NOT_MET_SHARE:.0f} % of the replications lie inside. Otherwise it is "
    "inconclusive. A pattern is met if all its parts are met, and not met if one part is not. Defaults were set to the "
    "claims of patterns 1 to 3. No search was run on patterns 4 to 28, but some defaults were chosen with the ranges "
    "of some of these patterns known. All these patterns are counted separately, because meeting them is weak "
    "evidence. Verdicts hold at this scale: with fewer agents values scatter more, the values of ballots shift, and "
    "verdicts can change."
)

RULE_IN_PERSIAN = (
    "بخشی از یک الگو برآورده است اگر همه بازه اطمینان {sure} برای میانگین آن در تکرارها در دامنه پذیرفته باشد "
    "و دست‌کم {met} تکرارها نیز. برآورده نیست اگر همه بازه بیرون باشد یا کمتر از {not_met} تکرارها در دامنه "
    "باشد. در غیر این صورت نامعلوم است. الگو برآورده است اگر همه بخش‌های آن برآورده باشد و برآورده نیست اگر "
    "یک بخش برآورده نباشد. مقدارهای پیش‌فرض بر ادعاهای الگوهای ۱ تا ۳ تنظیم شده است. بر الگوهای ۴ تا ۲۸ "
    "جست‌وجویی نشده است، اما برخی مقدارهای پیش‌فرض با دانستن دامنه برخی از این الگوها انتخاب شده است. همه این "
    "الگوها جدا شمرده می‌شود، زیرا برآوردن آن‌ها شاهدی ضعیف است. داوری‌ها برای همین مقیاس است: با کارگزاران "
    "کمتر، مقدارها پراکنده‌تر است، مقدارهای رأی‌گیری‌ها جابه‌جا می‌شود و داوری‌ها ممکن است تغییر کند."
).format(
    sure=digits(f"{100 * CONFIDENCE:.0f}%", "fa"),
    met=digits(f"{100 * MET_SHARE:.0f}%", "fa"),
    not_met=digits(f"{100 * NOT_MET_SHARE:.0f}%", "fa"),
)

IN_A_WORD = {NOT_LOOKED_AT: "not considered", IN_VIEW: "range known", FITTED: "fitted", REPORTED: "reported"}

TAGS = {
    "claimed": "claimed (not verified)",
    "press": "claimed, by the press (not verified)",
    "source": "source",
    "assumption": "assumption",
}


COLUMNS = (
    "pattern", "what", "verdict", "why", "part", "unit", "accept", "accept_low", "accept_high", "accept_open", "mean",
    "low", "high", "replications", "share_inside", "part_verdict", "part_why", "source", "tag", "fitted", "where",
    "in_view",
)  # fmt: skip
"""Columns of `patterns.parquet`, whichever patterns are testable."""


def shown(part: Part, language: Language = "en") -> str:
    """Mean and interval in the unit of the range, such as "6.1 % (5.9 % to 6.3 %)"."""
    text = texts_of(_TEXTS, language)
    if part.mean != part.mean:
        return text("no value")
    mean, low, high = (value_in_words(part.accept, value, language) for value in (part.mean, part.low, part.high))
    return text("interval", mean=mean, low=low, high=high) if part.low == part.low else mean


def share_inside(part: Part, language: Language = "en") -> str:
    """How many replications lie in the range, such as "9 of 10"."""
    inside, count = round(part.inside * len(part.values)), len(part.values)
    return texts_of(_TEXTS, language)("of", inside=written(str(inside), language), all=written(str(count), language))


def tally(judged: Sequence[Judged], language: Language = "en") -> list[str]:
    """How many patterns are met and which, one line per group of `patterns.GROUPS`."""
    lines, semicolon = [], which(("; ", "؛ "), language)
    for group in GROUPS:
        ours = [one for one in judged if one.pattern.group == group]
        if ours:
            verdicts = semicolon.join(
                f"{which(VERDICTS[word], language)}: {counted(ours, word, language)}" for word in WORDS
            )
            name = which((f"{group[0].upper()}{group[1:]}", _GROUPS_IN_PERSIAN[group]), language)
            lines.append(f"{name} ({written(str(len(ours)), language)}): {verdicts}")
    return lines


def counted(judged: Sequence[Judged], word: str, language: Language = "en") -> str:
    """How many have a verdict, and their numbers, such as "2 (4, 5)"."""
    numbers = [written(str(one.pattern.number), language) for one in judged if one.word == word]
    listed = which((", ", "، "), language).join(numbers)
    return f"{written(str(len(numbers)), language)} ({listed})" if numbers else written("0", language)


def as_data(judged: Sequence[Judged]) -> pd.DataFrame:
    """One row per part; a pattern that is not testable in any city has one row without a part."""
    numbers = ("accept_low", "accept_high", "mean", "low", "high", "share_inside")
    rows = []
    for one in judged:
        pattern = one.pattern
        whole = {"pattern": pattern.number, "what": pattern.what, "verdict": one.word, "why": one.why}
        known = {"source": pattern.source, "tag": pattern.tag, "fitted": pattern.fitted, "where": one.where}
        known["in_view"] = pattern.in_view
        for part in one.parts:
            accept = {
                "accept": str(part.accept),
                "accept_low": part.accept.low,
                "accept_high": part.accept.high,
                "accept_open": part.accept.open,
            }
            found = {"mean": part.mean, "low": part.low, "high": part.high, "replications": len(part.values)}
            verdict = {"share_inside": part.inside, "part_verdict": part.word, "part_why": part.why}
            rows.append({**whole, "part": part.name, "unit": part.accept.unit, **accept, **found, **verdict, **known})
        if not one.parts:
            none = {**dict.fromkeys(numbers, float("nan")), "replications": pd.NA}
            rows.append({**whole, "part": "", "accept_open": False, **none, **known})
    types = {**dict.fromkeys(numbers, "float64"), "replications": "Int64"}
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(types)


def as_markdown(judged: Sequence[Judged], heading: str) -> str:
    """The whole report: what was run, the rule, the verdicts, and where each pattern was tested."""
    rows: list[list[object]] = []
    for one in judged:
        pattern, tag = one.pattern, TAGS[one.pattern.tag]
        first: list[object] = [pattern.number, pattern.what]
        last: list[object] = [f"**{one.word}**", IN_A_WORD[pattern.group], f"{pattern.source} [{tag}]"]
        for part in one.parts or (None,):
            cells = ["", "", "", ""] if part is None else _cells(part)
            rows.append([*first, *cells, *last])
            first, last = ["", ""], ["", "", ""]
    heads = ["no.", "pattern", "part", "accepted", "simulated: mean (95 % interval)", "replications inside"]
    table = markdown_table([*heads, "verdict", "defaults", "source"], rows)
    reasons = [f"- {one.pattern.number}, {one.word}: {one.why}" for one in judged if one.word != "met"]
    where = markdown_table(["no.", "tested in"], [[one.pattern.number, one.where] for one in judged])
    return (
        "\n\n".join(
            [
                "# Patterns of validation",
                heading,
                "\n".join(f"- {line}." for line in tally(judged)),
                RULE,
                table,
                "## Why not met, or inconclusive",
                "\n".join(reasons) or "All patterns are met.",
                "## Where each pattern was tested",
                where,
            ]
        )
        + "\n"
    )


def _cells(part: Part) -> list[str]:
    return [part.name, str(part.accept), shown(part), share_inside(part)]


def print_verdicts(judged: Sequence[Judged], heading: str, lines: Sequence[str], language: Language = "en") -> None:
    """Print the verdicts, in colour on a terminal and as plain text elsewhere.

    Args:
        judged: the verdicts.
        heading, lines: what stands above and below them, in the language.
        language: English or Persian.
    """
    console, text = Screen(), texts_of(_TEXTS, language)
    console.print(heading, style="bold")
    heads = ("parts", "simulated", "accepted", "inside", "verdict")
    table = console.table(("", *map(text, heads)))
    table.columns[0].justify, table.columns[1].justify, table.columns[-1].justify = "right", "left", "left"
    table.columns[-1].min_width = 14
    colour = {"met": "green", "not met": "bold red", "inconclusive": "yellow"}
    for one in judged:
        pattern, comma = one.pattern, which((", ", "، "), language)
        marks = [which(_MARKS[TAGS[pattern.tag]], language)]
        marks += [which(_MARKS[IN_A_WORD[pattern.group]], language)] if pattern.group != NOT_LOOKED_AT else []
        what = f"{pattern_in_words(pattern.number, pattern.what, language)} [{comma.join(marks)}]"
        style = colour[one.word] if console.terminal else None
        number = written(str(pattern.number), language)
        table.add_row(number, what, "", "", "", which(VERDICTS[one.word], language), style=style)
        for part in one.parts:
            accept = written(accepted_in_words(part.accept, language), language)
            name = f"  {part_in_words(part.name, language)}"
            table.add_row("", name, shown(part, language), accept, share_inside(part, language), "")
    console.print(table)
    for one in judged:
        if one.word != "met":
            number, word = written(str(one.pattern.number), language), which(VERDICTS[one.word], language)
            console.print(f"{number} {word}: {one.reason[language]}")
    for line in ("", which((RULE, RULE_IN_PERSIAN), language), "", *tally(judged, language), *lines):
        console.print(line)


_MARKS: dict[str, tuple[str, str]] = {
    TAGS["claimed"]: (TAGS["claimed"], "ادعاشده (راستی‌آزمایی‌نشده)"),
    TAGS["press"]: (TAGS["press"], "ادعاشده در رسانه‌ها (راستی‌آزمایی‌نشده)"),
    TAGS["source"]: (TAGS["source"], "منبع"),
    TAGS["assumption"]: (TAGS["assumption"], "فرض"),
    IN_A_WORD[IN_VIEW]: (IN_A_WORD[IN_VIEW], "دامنه معلوم"),
    IN_A_WORD[FITTED]: (IN_A_WORD[FITTED], "برازش‌شده"),
    IN_A_WORD[REPORTED]: (IN_A_WORD[REPORTED], "تنها گزارش‌شده"),
}

_GROUPS_IN_PERSIAN = {
    NOT_LOOKED_AT: "در انتخاب مقدارهای پیش‌فرض در نظر نبود",
    IN_VIEW: "دامنه منتشرشده هنگام انتخاب مقدارهای پیش‌فرض معلوم بود",
    FITTED: "ادعاهایی که مقدارهای پیش‌فرض بر آن‌ها تنظیم شده است و واسنجی می‌تواند برازش کند",
    REPORTED: "شرایط آغازین، تنها گزارش می‌شود و به شمار نمی‌آید",
}

_TEXTS: dict[str, tuple[str, str]] = {
    "no value": ("no value", "بدون مقدار"),
    "interval": ("{mean} ({low} to {high})", "{mean} ({low} تا {high})"),
    "of": ("{inside} of {all}", "{inside} از {all}"),
    "parts": ("pattern and its parts", "الگو و بخش‌های آن"),
    "simulated": ("simulated (95 % interval)", "شبیه‌سازی‌شده (بازه اطمینان ۹۵٪)"),
    "accepted": ("accepted", "دامنه پذیرفته"),
    "inside": ("inside", "در دامنه"),
    "verdict": ("verdict", "داوری"),
}
