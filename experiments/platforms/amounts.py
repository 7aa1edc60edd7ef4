"""Amounts of money and numbers of votes as platforms write them."""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import Decimal

from sim.names import folded, short
from sim.own_files import Refuse, number_hint, number_of

LARGEST_COST, MOST_VOTES = 1e15, 10**9

_CURRENCIES = (
    "aed ars aud bgn bob brl cad chf clp cny cop crc czk dkk dop eur gbp gtq huf idr ils inr irr isk jpy kes krw mad "
    "mdl mxn nio nok nzd pab pen php pln pyg ron rsd rub sek try uah usd uyu ves xaf xof zar "
    "r$ us$ c$ a$ mx$ b/. bs bs. fr fr. ft kr kr. ksh kč lei leu rs rs. s/ s/. zł "
    "dollar dollars dólares euro euros peso pesos reais real rial rials sol soles toman tomans ریال تومان"
)
CURRENCIES = frozenset(_CURRENCIES.split())
"""What may stand beside a price, without regard to case, apart from any one symbol such as €.

Nothing else may, since it could multiply: k, M€, mil, Mio, tys, هزار.
"""

_GROUPED = re.compile(r"\+?\d{1,3}([.,]\d{3})+")
_PRICE = re.compile(
    r"(?P<before>\D*?)\s*"
    r"(?P<whole>\d{1,3}(?P<mark>[.,٬'’\u00a0\u202f ])\d{3}(?:(?P=mark)\d{3})*|\d+)"
    r"(?:(?!(?P=mark))[.,٫](?P<decimals>\d{1,2}))?"
    r"\s*(?P<behind>\D*)"
)


def amount(cell: str, column: str, refuse: Refuse) -> float:
    """An amount of money, written as a plain number.

    Raises:
        ConfigError: by `refuse`.
    """
    if cell == "":
        refuse(column, "is missing: it must be an amount of money")
    if _GROUPED.fullmatch(cell):
        thousands, decimals = re.sub("[+.,]", "", cell), plain(number_of(cell.replace(",", ".")))
        if not decimals:
            refuse(column, f"must be written without marks between thousands: {short(thousands)}")
        refuse(column, f"could be thousands or decimals: write {thousands} or {decimals}")
    number = number_of(cell)
    if not 0.0 <= number <= LARGEST_COST:
        allowed = f"an amount of money from 0 to {LARGEST_COST:,.0f}"
        refuse(column, f"must be {allowed}, not {short(cell)}{number_hint(cell)}")
    return number


def price_in(cell: str, column: str, refuse: Refuse) -> float | None:
    """The price in brackets behind a word, as Consul writes it, such as `Feasible (€10,000)`; None if there is none.

    Consul writes prices in whole units, with marks between thousands that depend on the language. So a last group of
    one or two digits is decimals, and any group of three is thousands, with the same mark between all of them. A cell
    without brackets is a plain number.

    Raises:
        ConfigError: by `refuse`.
    """
    bracketed = re.fullmatch(r"([^()]*)\(([^()]*)\)", cell.strip())
    has_digits = any(map(str.isdigit, cell))
    if bracketed is None:
        is_word = math.isnan(number_of(cell)) and cell.casefold() != "nan" and not has_digits
        return None if is_word else amount(cell, column, refuse)
    if not has_digits:
        return None
    found = _PRICE.fullmatch(bracketed[2].strip())
    if any(map(str.isdigit, bracketed[1])) or found is None or not _is_plain_price(found):
        allowed = "one price of at least 0 in brackets, with nothing but a currency, such as (10,000 €)"
        refuse(column, f"must hold {allowed}, not {short(cell)}")
    whole, decimals = "".join(filter(str.isdigit, found["whole"])), found["decimals"]
    return amount(f"{whole}.{decimals}" if decimals else whole, column, refuse)


def _is_plain_price(found: re.Match[str]) -> bool:
    """Whether only money is named beside a number, and no group of thousands follows a 0."""
    return all(map(_is_money, found.group("before", "behind"))) and not (found["mark"] and int(found["whole"][0]) == 0)


def _is_money(word: str) -> bool:
    """Whether a word is a currency, or empty."""
    word = folded(word).casefold()
    return word in CURRENCIES or word == "" or (len(word) == 1 and unicodedata.category(word) == "Sc")


def votes(cell: str, column: str, refuse: Refuse) -> int:
    """A number of votes.

    Raises:
        ConfigError: by `refuse`.
    """
    if cell == "":
        refuse(column, "is missing: an export made while votes are hidden may have none")
    if _GROUPED.fullmatch(cell):
        digits = re.sub("[+.,]", "", cell)
        refuse(column, f"could be thousands or decimals: write votes without marks, such as {short(digits)}")
    number = number_of(cell)
    if not 0.0 <= number <= MOST_VOTES or not number.is_integer():
        refuse(column, f"must be a whole number of votes from 0 to {MOST_VOTES:,}, not {short(cell)}")
    return int(number)


def has_votes(cell: str) -> bool:
    """Whether a cell says a number of votes that is not 0, be it one that can be read or not."""
    return any(map(str.isdigit, cell)) and number_of(cell) != 0.0


def plain(number: float) -> str:
    """A number in digits, without an exponent and without zeros at the end."""
    return f"{Decimal(repr(number)).normalize():f}" if math.isfinite(number) else ""
