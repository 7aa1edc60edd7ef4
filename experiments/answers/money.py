"""What a policy costs, and what it does for the money, in sentences."""

from __future__ import annotations

import math

from experiments.answers.findings import Difference
from experiments.answers.texts import Text, begun, decimals_for, factor_of, outcome_title, said, shown
from experiments.words import Effect

SPENT, LEAKED = "money_spent", "money_leaked"
PER = 100.0
"""Units of money that an effect is told for."""

PER_MONEY = ("trust_in_municipality", "service_level", "below_floor_share")
"""Outcomes told for the money spent more or less."""

_SAME = (
    "Money spent is about the same: {base} {money} with the baseline, {policy} with the policy "
    "(difference {difference}; {interval}).",
    "هزینه تقریباً یکسان است: {base} {money} در مبنا و {policy} با این سیاست (تفاوت {difference}؛ {interval}).",
)
_DIFFERS = (
    "Money spent: {base} {money} with the baseline, {policy} with the policy (difference {difference}; {interval}).",
    "هزینه: {base} {money} در مبنا و {policy} با این سیاست (تفاوت {difference}؛ {interval}).",
)
_FOR_MORE = (
    "{outcome}: on average {effect} {unit} for each additional 100 {money} spent.",
    "{outcome}: به طور میانگین {effect} {unit} به ازای هر ۱۰۰ {money} هزینه بیشتر.",
)
_FOR_LESS = (
    "{outcome}: on average {effect} {unit} for each 100 {money} saved.",
    "{outcome}: به طور میانگین {effect} {unit} به ازای هر ۱۰۰ {money} صرفه‌جویی.",
)
_LEAKED = (
    "Money leaked: {base} {money} with the baseline, {policy} with the policy (difference {difference}; {interval}).",
    "نشت وجوه: {base} {money} در مبنا و {policy} با این سیاست (تفاوت {difference}؛ {interval}).",
)
_COVERS = (
    "These amounts are for works, programmes and municipal teams; salaries of the municipality and the time of "
    "residents are not counted.",
    "این ارقام هزینه پروژه‌ها، برنامه‌های محله و تیم‌های شهرداری است؛ حقوق کارکنان شهرداری و وقت ساکنان در آن‌ها به "
    "حساب نیامده است.",
)


def money_of(findings: dict[str, Difference]) -> list[Text]:
    """What a policy costs beside the baseline, a sentence each; nothing where money was not measured.

    Effects are told for the money only where the spending differs beyond the least difference that matters, and only
    those that have a word for them.
    """
    spent, leaked = findings.get(SPENT), findings.get(LEAKED)
    if spent is None or not math.isfinite(spent.difference):
        return []
    found = [_told(_SAME if spent.effect == Effect.LITTLE else _DIFFERS, spent)]
    if spent.effect in (Effect.RISES, Effect.FALLS):
        for name in PER_MONEY:
            own = findings.get(name)
            if own is not None and own.effect in (Effect.RISES, Effect.FALLS):
                found.append(_for_the_money(own, spent))
    if leaked is not None and math.isfinite(leaked.difference):
        found.append(_told(_LEAKED, leaked))
    return [*found, said(_COVERS)]


def _told(sentence: tuple[str, str], money: Difference) -> Text:
    numbers = money.numbers
    own = {name: numbers[name] for name in ("base", "policy", "difference", "interval")}
    return said(sentence, **own, money=money.unit)


def _for_the_money(own: Difference, spent: Difference) -> Text:
    for_each = factor_of(own.outcome) * own.difference / abs(spent.difference) * PER
    title = outcome_title(own.outcome)
    return said(
        _FOR_MORE if spent.difference > 0.0 else _FOR_LESS,
        outcome=begun(title),
        effect=shown(for_each, decimals_for(for_each), sign=True),
        unit=own.unit,
        money=spent.unit,
    )
