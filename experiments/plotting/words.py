"""Factors of a plot, their values, policies and the base in words."""

from __future__ import annotations

from functools import cache
from typing import Any

from experiments.contrasts.arms import POLICY
from experiments.contrasts.titles import titles_of
from experiments.figures.sheet import Sheet
from experiments.languages import which
from experiments.lever_values import name_of_value
from experiments.page.levers import content
from experiments.plotting.naming import NOT_SET
from experiments.plotting.points import Plot, is_number
from experiments.sweeps.experiment import PLACE_SEED
from experiments.sweeps.parts import registered
from experiments.titles import HUBS, title_of, unit_of
from sim.outcome import Language


def factor_in_words(name: str, language: Language) -> str:
    """A factor in words."""
    own = {"policy": ("policy", "سیاست"), PLACE_SEED: ("seed of the place", "بذر مکان")}
    return which(own[name], language) if name in own else title_of(name, language)


def factor_of(name: str) -> float:
    """What values of a factor are multiplied by to be shown: 100 for levers that are shown in per cent on the page."""
    return 100.0 if name in _in_per_cent() else 1.0


@cache
def _in_per_cent() -> frozenset[str]:
    return frozenset(f"policy.{lever.key}" for lever in content().levers if lever.percent)


def factor_with_unit(name: str, plot: Plot, sheet: Sheet) -> str:
    """A factor in words, with the unit of its numbers behind it."""
    known = registered(type(plot.experiment.base))
    unit = unit_of(known[name].unit, sheet.language, sheet.money) if name in known else ""
    unit = which(("%", "٪"), sheet.language) if factor_of(name) == 100.0 else unit  # between brackets it needs no marks
    words = factor_in_words(name, sheet.language)
    return f"{words} ({unit})" if unit else words


def base_in_words(plot: Plot, sheet: Sheet) -> str:
    """What differences are taken from: a policy by its title, a level of a lever, or both."""
    if plot.base is None:
        return ""
    policy = [arm_in_words(plot.base.policy, plot, sheet)] if plot.base.policy else []
    levers = [
        f"{factor_in_words(key, sheet.language)}: {shown(listed(value), key, plot, sheet)}"
        for key, value in plot.base.levers.items()
    ]
    return sheet.say("; ", "؛ ").join([*policy, *levers])


def arm_in_words(policy: str, plot: Plot, sheet: Sheet) -> str:
    """A policy in words."""
    return titles_of(plot.experiment, sheet.language).get(policy, policy)


def shown(value: Any, factor: str, plot: Plot, sheet: Sheet) -> str:
    """A value of a factor in words."""
    if value == NOT_SET:
        return sheet.say(NOT_SET, "تعیین‌نشده")
    if factor == POLICY:
        return arm_in_words(str(value), plot, sheet)
    if is_number(value):
        if factor_of(factor) == 100.0:
            return sheet.digits(f"{100.0 * value:g} %")
        return sheet.digits(f"{value:g}" if isinstance(value, float) else str(value))
    words = [_of_list(word, factor, sheet) for word in str(value).split(", ")]
    return sheet.say(", ", "، ").join(words).replace("_", " ")


def listed(value: Any) -> Any:
    """A level as tables of runs give it to a plot: a list as words."""
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _of_list(value: str, factor: str, sheet: Sheet) -> str:
    """A value that is chosen from a list; by its own name where nothing is known of it."""
    if value in HUBS:
        return which(HUBS[value], sheet.language)
    return sheet.say(value, name_of_value(factor, value, "fa") or value)
