"""Amounts of money and numbers of votes as platforms write them."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from sim.names import short
from sim.own_files import Refuse, comma_hint, number_of

LARGEST_COST, MOST_VOTES = 1e15, 10**9

_GROUPED = re.compile(r"\d{1,3}[.,]\d{3}")
_RUN = re.compile(r"\d[\d.,٬'’\u00a0\u202f ]*")
_MARKS = re.compile(r"[.,٬'’\u00a0\u202f ]")


def amount(cell: str, column: str, refuse: Refuse) -> float:
    """An amount of money, written as a plain number.

    Raises:
        ConfigError: by `refuse`.
    """
    if cell == "":
        refuse(column, "is missing: it must be an amount of money")
    if _GROUPED.fullmatch(cell):
        thousands, decimals = re.sub("[.,]", "", cell), plain(number_of(cell.replace(",", ".")))
        refuse(column, f"could be thousands or decimals: write {thousands} or {decimals}")
    number = number_of(cell)
    if not 0.0 <= number <= LARGEST_COST:
        allowed = f"an amount of money from 0 to {LARGEST_COST:,.0f}"
        refuse(column, f"must be {allowed}, not {short(cell)}{comma_hint(cell)}")
    return number


def price_in(cell: str, column: str, refuse: Refuse) -> float | None:
    """The price in brackets behind a word, as Consul writes it, such as `Feasible (€10,000)`; None if there is none.

    Consul writes prices in whole units, with marks between thousands that depend on the language. So a last group of
    one or two digits is decimals, and any group of three is thousands. A cell without brackets is a plain number.

    Raises:
        ConfigError: by `refuse`.
    """
    bracketed = re.search(r"\(([^()]*)\)\s*$", cell)
    if bracketed is None:
        is_word = math.isnan(number_of(cell)) and cell.casefold() != "nan" and not any(map(str.isdigit, cell))
        return None if is_word else amount(cell, column, refuse)
    runs = [found.rstrip() for found in _RUN.findall(bracketed[1])]
    if not runs:
        return None
    first, *groups = _MARKS.split(runs[0].rstrip(".,"))
    decimals = groups.pop() if groups and len(groups[-1]) < 3 else ""
    if len(runs) > 1 or set("-−") & set(bracketed[1]) or any(len(group) != 3 for group in groups):
        refuse(column, f"must hold one price of at least 0 in brackets, such as (10,000 €), not {short(cell)}")
    return amount("".join([first, *groups]) + (f".{decimals}" if decimals else ""), column, refuse)


def votes(cell: str, column: str, refuse: Refuse) -> int:
    """A number of votes.

    Raises:
        ConfigError: by `refuse`.
    """
    if cell == "":
        refuse(column, "is missing: an export made while votes are hidden may have none")
    number = number_of(cell)
    if not 0.0 <= number <= MOST_VOTES or not number.is_integer():
        refuse(column, f"must be a whole number of votes from 0 to {MOST_VOTES:,}, not {short(cell)}")
    return int(number)


def plain(number: float) -> str:
    """A number in digits, without an exponent and without zeros at the end."""
    return f"{Decimal(repr(number)).normalize():f}" if math.isfinite(number) else ""
