"""What is said of a plot: its caption, the note below its heading, and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments.contrasts import spreads
from experiments.contrasts.arms import label_in_words, split_label, statistic_in_words
from experiments.contrasts.cautions import level_in_words
from experiments.figures.sheet import Sheet, hundredfold
from experiments.languages import which
from experiments.plotting.naming import NOT_SET
from experiments.plotting.points import NEVER_WHOLE, NO_BASE, NO_RUN, NO_VALUE, Plot
from experiments.plotting.words import base_in_words, factor_in_words, shown
from experiments.sweeps.experiment import PLACE_SEED
from experiments.sweeps.report import speaks_of
from experiments.units import unit_in_words
from sim.outcome import Language


def caption_of(plot: Plot, language: Language = "en") -> str:
    """What is seen: how many replications, which interval, what means are taken over, and what to be careful about."""
    sheet, experiment = Sheet(language, money=plot.experiment.base.city.finance.unit), plot.experiment
    fewest, most = plot.numbers
    n = sheet.digits(f"{fewest}" if fewest == most else f"{fewest}–{most}")
    if plot.base is None:
        said = [_about_intervals(n, fewest, most, _speaks_of(plot, sheet), sheet)]
    else:
        said = [_about_differences(plot, n, most, sheet)]
    said += _about_band(plot, sheet)
    if len(plot.drawn) > 1:
        said.append(sheet.say("Lines are moved a little aside, so that none hides another.",
                              "خط‌ها اندکی جابه‌جا شده‌اند تا یکدیگر را نپوشانند."))  # fmt: skip
    said += _about_points(plot, sheet)
    if experiment.posterior is not None:
        said.append(experiment.posterior.caution(language))
    return " ".join(said)


def whole_caption(plot: Plot, sheet: Sheet) -> str:
    """The caption that stands by itself: the experiment, what is drawn of it, and what is seen."""
    title = sheet.label(plot.experiment.title)
    return f"{title}. {subject(plot, sheet)}. {caption_of(plot, sheet.language)}"


def source_of(stamp: Mapping[str, Any], sheet: Sheet) -> str:
    """Where a picture comes from, in a line: the command, the model, seeds and the digest of the table."""
    seeds = {name: sheet.digits(str(stamp[name])) for name in ("seed", "place_seed")}
    return sheet.say(
        "Source: {again} (beside the sweep); model {model}, seed {seed}, place seed {place_seed}, "
        "table {table} (SHA-256), mahalle {version}.",
        "منبع: \u2066{again}\u2069 (کنار پوشه اجراها)؛ مدل \u2066{model}\u2069، بذر تصادفی {seed}، "
        "بذر مکان {place_seed}، جدول \u2066{table}\u2069، نسخه \u2066{version}\u2069.",
    ).format(**{**stamp, **seeds})


def subject(plot: Plot, sheet: Sheet) -> str:
    """What is drawn against what, and of which city."""
    name = split_label(plot.outcome)[0].partition(":")[0]
    y = label_in_words(plot.outcome, sheet.language) + sheet.say(f" ({name})", "")
    if plot.base is not None:
        base = base_in_words(plot, sheet)
        y = sheet.say(f"{y}, difference from {base},", f"{y}، تفاوت با {base}،")
    by = sheet.say(" and ", " و ") + factor_in_words(plot.by, sheet.language) if plot.by else ""
    x, where = factor_in_words(plot.x, sheet.language), setting(plot, sheet)
    return sheet.say(f"{y[0].upper()}{y[1:]} by {x}{by}; {where}", f"{y} بر حسب {x}{by}؛ {where}")


def note_of(plot: Plot, sheet: Sheet) -> str:
    """What stands below the heading: the unit, what differences are taken from, where, when and at which scale."""
    if plot.base is None:
        of_hundred = hundredfold(plot.outcome) == 100.0
        parts = [sheet.say("of 100", "از ۱۰۰") if of_hundred else sheet.small_unit(plot.outcome).strip()]
    else:
        name = split_label(plot.outcome)[0].partition(":")[0]
        base = base_in_words(plot, sheet)
        parts = [unit_in_words(name, sheet.language, money=sheet.money),
                 sheet.say(f"difference from {base}", f"تفاوت با {base}")]  # fmt: skip
    return sheet.say("; ", "؛ ").join(filter(None, [*parts, setting(plot, sheet)]))


def setting(plot: Plot, sheet: Sheet) -> str:
    """Where, when and at which scale: the city, the weeks of the values, the share of residents that is simulated."""
    title, week = plot.experiment.base.city.title, _week_of(plot)
    number = sheet.digits(str(week))
    weeks = statistic_in_words(plot.outcome, sheet.language) or sheet.say("last week", "هفته پایانی")
    weeks = weeks if week < 0 else sheet.say(f"week {number}", f"هفته {number}")
    where = [sheet.say(title.en, title.fa or title.en), weeks]
    return sheet.say("; ", "؛ ").join([sheet.say(", ", "، ").join(where), *_scale_of(plot, sheet)])


def _scale_of(plot: Plot, sheet: Sheet) -> list[str]:
    """The share of residents that is simulated; nothing where points differ in it."""
    if "run.scale" in plot.experiment.keys:
        return []
    share = plot.experiment.base.run.scale
    if share == 1.0:
        return [sheet.say("all residents simulated", "شبیه‌سازی همه ساکنان")]
    percent = sheet.digits(f"{100.0 * share:g} %")
    return [sheet.say(f"{percent} of residents simulated", f"شبیه‌سازی {percent} ساکنان")]


def _week_of(plot: Plot) -> int:
    """The week of the values: of a last value the end of the runs, if all have one length; -1 where there is no one."""
    if plot.week >= 0 or not plot.outcome.endswith(":last") or "run.weeks" in plot.experiment.keys:
        return plot.week
    return plot.experiment.base.run.weeks


def _about_intervals(n: str, fewest: int, most: int, what: str, sheet: Sheet) -> str:
    if most < 2:
        return sheet.say(
            f"n = {n}: one replication, so there is no interval (of {what}).",
            f"تنها {n} تکرار، پس بازه‌ای (بر پایه {what}) نیست.",
        )
    some = sheet.say(" (none where n = 1)", " (جز آنجا که تنها یک تکرار هست)") if fewest < 2 else ""
    return sheet.say(
        f"Means over n = {n} replications; bars: 95 % intervals of the mean{some}, of {what} and under the model's "
        "assumptions. Points share random numbers: compare them by paired differences, not by overlap.",
        f"میانگین {n} تکرار؛ میله‌ها: بازه اطمینان ۹۵٪ برای میانگین{some}، بر پایه {what} و با فرض‌های مدل. همه "
        "نقطه‌ها با اعداد تصادفی یکسان ساخته شده‌اند: آن‌ها را با تفاوت‌های جفت‌شده بسنجید، نه با هم‌پوشانی بازه‌ها.",
    )


_WHY: dict[str, tuple[str, str]] = {
    NO_VALUE: ("{outcome} has no value there in any run", "{outcome} در آنجا در هیچ اجرایی مقدار ندارد"),
    NO_RUN: ("no run is done there", "هیچ اجرایی در آنجا انجام نشده است"),
    NO_BASE: ("{outcome} has no value under the base", "{outcome} در مبنا مقدار ندارد"),
    NEVER_WHOLE: ("every replication has a gap there", "هر تکرار در آنجا جای خالی دارد"),
}


def _about_absent(plot: Plot, sheet: Sheet) -> list[str]:
    """Which points are not drawn and why: lines or values of x as wholes, else lines with values of x."""
    said, comma = [], sheet.say(", ", "، ")
    for why in dict.fromkeys(one.why for one in plot.absent):
        own = [one for one in plot.absent if one.why == why]
        lines = [one.by for one in own if plot.by and one.by not in plot.drawn]
        names = dict.fromkeys(shown(line, plot.by, plot, sheet) for line in lines)
        rest = [one for one in own if one.by not in lines]
        names |= dict.fromkeys(shown(one.x, plot.x, plot, sheet) for one in rest if one.x not in plot.values)
        rest = [one for one in rest if one.x in plot.values]
        for line in dict.fromkeys(one.by for one in rest):
            xs = comma.join(shown(one.x, plot.x, plot, sheet) for one in rest if one.by == line)
            names[f"{shown(line, plot.by, plot, sheet)} ({xs})"] = None
        reason = which(_WHY[why], sheet.language).format(outcome=label_in_words(plot.outcome, sheet.language))
        said.append(f"{sheet.say('Not drawn', 'رسم‌نشده')}: {sheet.say('; ', '؛ ').join(names)}: {reason}.")
    return said


def _about_differences(plot: Plot, n: str, most: int, sheet: Sheet) -> str:
    """What the differences are from, how they are paired, and what their intervals cover."""
    base, over = base_in_words(plot, sheet), spreads.speaks_of(plot.experiment, sheet.language)
    if {plot.x, plot.by} & {PLACE_SEED, *(factor.key for factor in plot.experiment.design.factors)}:
        over = sheet.say("replications at each point", "تکرارهای هر نقطه")
    levers = sheet.say(" at the same levers", " با همان مقدار دیگر اهرم‌ها") if plot.same_levers else ""
    if plot.base is not None and not plot.base.policy:
        levers = sheet.say(", all else equal", "، با یکسان بودن همه چیز دیگر")
    if most < 2:
        return sheet.say(
            f"Differences from {base}{levers} (line at 0); n = {n}: one replication, so there is no interval.",
            f"تفاوت با {base}{levers} (خط صفر)؛ تنها {n} تکرار، پس بازه‌ای نیست.",
        )
    level = level_in_words(plot.experiment)[sheet.language]
    return sheet.say(
        f"Mean differences from {base}{levers} (line at 0), paired by replication, n = {n}; bars: {level} intervals of "
        f"the mean difference over {over}, with common random numbers and under the model's assumptions.",
        f"میانگین تفاوت با {base}{levers} (خط صفر)، جفت‌شده در هر تکرار، {n} تکرار؛ میله‌ها: بازه اطمینان {level} برای "
        f"میانگین تفاوت، بر پایه {over}، با اعداد تصادفی یکسان و با فرض‌های مدل.",
    )


def _about_band(plot: Plot, sheet: Sheet) -> list[str]:
    """What the grey band is; nothing where there is none."""
    if not np.isfinite(plot.least):
        return []
    one = f"{sheet.difference(plot.outcome, plot.least, sign=False)}{sheet.small_unit(plot.outcome)}"
    if plot.base is not None:
        return [sheet.say(f"Grey band: within the least difference that matters ({one}, a convention).",
                          f"نوار خاکستری: کمتر از کمترین تفاوت مهم ({one}، قراردادی).")]  # fmt: skip
    of = sheet.say(" of the first line", " خط نخست") if len(plot.drawn) > 1 else ""
    return [sheet.say(
        f"Grey band: within the least difference that matters of the first point{of} ({one}, a convention).",
        f"نوار خاکستری: فاصله کمتر از کمترین تفاوت مهم از نقطه نخست{of} ({one}، قراردادی).",
    )]  # fmt: skip


def _speaks_of(plot: Plot, sheet: Sheet) -> str:
    """What the intervals cover."""
    experiment = plot.experiment
    if experiment.places == 1 or PLACE_SEED in (plot.x, plot.by):
        return speaks_of(experiment, sheet.language)
    places = sheet.digits(str(experiment.places))
    luck = sheet.say("random variation", "تصادف")
    behaviour = "" if experiment.posterior is None else sheet.say(" and behaviour", " و رفتار")
    return sheet.say(
        f"{luck}{behaviour} in {places} places, the same at each point",
        f"{luck}{behaviour} در {places} مکان که در همه نقطه‌ها یکسان است",
    )


def _about_points(plot: Plot, sheet: Sheet) -> list[str]:
    """What means are taken over, what else differs, and what is not drawn."""

    def names_of(names: tuple[str, ...]) -> str:
        return sheet.say(", ", "، ").join(factor_in_words(name, sheet.language) for name in names)

    said = []
    over = tuple(name for name in plot.averaged if plot.base is None or name != PLACE_SEED)  # pairs name places
    if over:
        said.append(sheet.say(f"Averaged over: {names_of(over)}.", f"میانگین روی: {names_of(over)}."))
    if plot.along:
        said.append(sheet.say(f"Points differ in this, too: {names_of(plot.along)}.",
                              f"نقطه‌ها در این هم متفاوت‌اند: {names_of(plot.along)}."))  # fmt: skip
    if NOT_SET in {*plot.table.x, *plot.table.by}:
        said.append(sheet.say("Not set: left as the policy and the city have it.",
                              "تعیین‌نشده: همان که در سیاست و شهر است."))  # fmt: skip
    said += _about_absent(plot, sheet)
    if plot.apart and plot.base is not None:
        names = "; ".join(plot.apart)
        said.append(sheet.say(f"Not drawn, for {plot.base.given} was not run beside it: {names}.",
                              f"رسم‌نشده، زیرا {plot.base.given} کنار آن اجرا نشده است: {names}."))  # fmt: skip
    whole, of_all = plot.replications
    if whole < of_all:
        counts = [sheet.digits(str(count)) for count in (whole, of_all)]
        said.append(sheet.say("Runs are missing: {} of {} replications are used.",
                              "برخی اجراها نیست: {} از {} تکرار به کار رفته است.").format(*counts))  # fmt: skip
    return said
