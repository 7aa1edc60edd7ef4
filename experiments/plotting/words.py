"""What is said of a plot: its caption, and names and values of factors in words."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.contrasts.arms import label_in_words
from experiments.contrasts.titles import title_in
from experiments.figures.sheet import Sheet
from experiments.languages import which
from experiments.lever_values import name_of_value
from experiments.plotting.points import NOT_SET, Plot, is_number
from experiments.sweeps.experiment import PLACE_SEED
from experiments.sweeps.report import speaks_of
from experiments.titles import HUBS, title_of
from sim.outcome import Language


def caption_of(plot: Plot, language: Language = "en") -> str:
    """What is seen: how many replications, which interval, what means are taken over, and what to be careful about."""
    sheet, experiment = Sheet(language, money=plot.experiment.base.city.finance.unit), plot.experiment
    fewest, most = plot.numbers
    n = sheet.digits(f"{fewest}" if fewest == most else f"{fewest}–{most}")
    said = [_about_intervals(n, fewest, most, _speaks_of(plot, sheet), sheet)]
    if np.isfinite(plot.least):
        of = sheet.say(" of the first line", " خط نخست") if plot.by else ""
        one = f"{sheet.difference(plot.outcome, plot.least, sign=False)}{sheet.small_unit(plot.outcome)}"
        said.append(sheet.say(
            f"Grey band: within the least difference that matters of the first point{of} ({one}, a convention).",
            f"نوار خاکستری: فاصله کمتر از کمترین تفاوت مهم از نقطه نخست{of} ({one}، قراردادی).",
        ))  # fmt: skip
    if plot.by:
        said.append(sheet.say("Lines are moved a little aside, so that none hides another.",
                              "خط‌ها اندکی جابه‌جا شده‌اند تا یکدیگر را نپوشانند."))  # fmt: skip
    said += _about_points(plot, sheet)
    if experiment.posterior is not None:
        said.append(experiment.posterior.caution(language))
    return " ".join(said)


def subject(plot: Plot, sheet: Sheet) -> str:
    """What is drawn against what, and of which city."""
    y = label_in_words(plot.outcome, sheet.language) + sheet.say(f" ({plot.outcome})", "")
    by = sheet.say(" and ", " و ") + factor_in_words(plot.by, sheet.language) if plot.by else ""
    x, where = factor_in_words(plot.x, sheet.language), setting(plot, sheet)
    return sheet.say(f"{y[0].upper()}{y[1:]} by {x}{by}; {where}", f"{y} بر حسب {x}{by}؛ {where}")


def setting(plot: Plot, sheet: Sheet) -> str:
    """Where and when: the city, and the week of the values if they have one."""
    title, week = plot.experiment.base.city.title, _week_of(plot)
    city, number = sheet.say(title.en, title.fa or title.en), sheet.digits(str(week))
    return city if week < 0 else sheet.say(f"{city}, week {number}", f"{city}، هفته {number}")


def _week_of(plot: Plot) -> int:
    """The week of the values: of a last value the end of the runs, if all have one length; -1 where there is no one."""
    if plot.week >= 0 or not plot.outcome.endswith(":last") or "run.weeks" in plot.experiment.keys:
        return plot.week
    return plot.experiment.base.run.weeks


def factor_in_words(name: str, language: Language) -> str:
    """A factor in words."""
    own = {"policy": ("policy", "سیاست"), PLACE_SEED: ("seed of the place", "بذر مکان")}
    return which(own[name], language) if name in own else title_of(name, language)


def shown(value: Any, factor: str, plot: Plot, sheet: Sheet) -> str:
    """A value of a factor in words."""
    if value == NOT_SET:
        return sheet.say(NOT_SET, "تعیین‌نشده")
    if factor == "policy":
        return title_in(str(value), plot.experiment.policies.get(str(value), ()), plot.experiment.base, sheet.language)
    if is_number(value):
        return sheet.digits(f"{value:g}" if isinstance(value, float) else str(value))
    words = [_of_list(word, factor, sheet) for word in str(value).split(", ")]
    return sheet.say(", ", "، ").join(words).replace("_", " ")


def _of_list(value: str, factor: str, sheet: Sheet) -> str:
    """A value that is chosen from a list; by its own name where nothing is known of it."""
    if value in HUBS:
        return which(HUBS[value], sheet.language)
    return sheet.say(value, name_of_value(factor, value, "fa") or value)


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

    def listed(names: tuple[str, ...]) -> str:
        return sheet.say(", ", "، ").join(factor_in_words(name, sheet.language) for name in names)

    said = []
    if plot.averaged:
        said.append(sheet.say(f"Averaged over: {listed(plot.averaged)}.", f"میانگین روی: {listed(plot.averaged)}."))
    if plot.along:
        said.append(sheet.say(f"Points differ in this, too: {listed(plot.along)}.",
                              f"نقطه‌ها در این هم متفاوت‌اند: {listed(plot.along)}."))  # fmt: skip
    if NOT_SET in {*plot.table.x, *plot.table.by}:
        said.append(sheet.say("Not set: left as the policy and the city have it.",
                              "تعیین‌نشده: همان که در سیاست و شهر است."))  # fmt: skip
    if plot.absent:
        count = sheet.digits(str(plot.absent))
        said.append(sheet.say(f"Not drawn, for no replication is whole there: {count}.",
                              f"رسم‌نشده، زیرا هیچ تکرار کاملی ندارد: {count} نقطه."))  # fmt: skip
    whole, of_all = plot.replications
    if whole < of_all:
        counts = [sheet.digits(str(count)) for count in (whole, of_all)]
        said.append(sheet.say("Runs are missing: {} of {} replications are used.",
                              "برخی اجراها نیست: {} از {} تکرار به کار رفته است.").format(*counts))  # fmt: skip
    return said
