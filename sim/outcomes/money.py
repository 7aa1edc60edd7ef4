"""Money, and what of it went astray."""

from __future__ import annotations

from sim.outcome import LOWEST, outcome
from sim.outcomes.moment import Moment


@outcome(
    "Received so far: the budget with the opening balance for works under way, residents' contributions, and "
    "revenue from sharing.",
    unit="bn toman",
    short=("money received", "وجوه دریافت‌شده"),
)
def money_received(at: Moment) -> float:
    return at.city.money.books.received


@outcome(
    "Spent so far on works, programmes and support, leaks left out.",
    unit="bn toman",
    short=("money spent", "وجوه هزینه‌شده"),
    compared=240,
)
def money_spent(at: Moment) -> float:
    return at.city.money.books.total_spent


@outcome("Leaked so far.", unit="bn toman", short=("money leaked", "وجوه نشت‌کرده"), better=LOWEST, compared=250)
def money_leaked(at: Moment) -> float:
    return at.city.money.books.total_leaked


@outcome("On all accounts, arrears included.", unit="bn toman", short=("money on accounts", "مانده حساب‌ها"))
def money_balance(at: Moment) -> float:
    return at.city.money.books.balance


@outcome(
    "Paid over to neighbourhoods' accounts so far.",
    unit="bn toman",
    short=("money paid to neighbourhoods", "وجوه پرداخت‌شده به محله‌ها"),
)
def money_delegated_paid(at: Moment) -> float:
    return at.city.money.books.delegated_paid


@outcome("Spent on programmes so far.", unit="bn toman", short=("money spent on programmes", "هزینه برنامه‌های محله"))
def money_on_programmes(at: Moment) -> float:
    return at.city.money.books.spent["programmes"]


@outcome(
    "Spent on teams, training, audit and publication so far.",
    unit="bn toman",
    short=("money spent on support", "هزینه پشتیبانی"),
)
def money_on_support(at: Moment) -> float:
    return at.city.money.books.spent["support"]


@outcome(
    "Contributed by residents so far to works on neighbourhoods' own accounts: a cost that residents bear.",
    unit="bn toman",
    short=("money contributed by residents", "وجوه پرداختی ساکنان"),
)
def money_contributed(at: Moment) -> float:
    return at.city.money.books.income["contributions"]


@outcome(
    "What works on neighbourhoods' own accounts would have cost more at usual prices so far, leaks left out.",
    unit="bn toman",
    short=("money saved on prices", "صرفه‌جویی از ارزان‌تر شدن پروژه‌ها"),
)
def money_saved_on_prices(at: Moment) -> float:
    return at.city.money.books.saved_on_prices


@outcome(
    "Received so far because revenue rises where the budget is shared.",
    unit="bn toman",
    short=("revenue from sharing the budget", "درآمد برخاسته از بودجه مشارکتی"),
)
def money_from_revenue(at: Moment) -> float:
    return at.city.money.books.income["revenue"]


@outcome(
    "Leaks that came to light so far; scandals that are shocks are not counted.",
    unit="leaks",
    short=("scandals", "رسوایی‌ها"),
)
def scandals(at: Moment) -> float:
    return at.city.log.totals["scandals"]
