"""Amounts and votes in every form that platforms write: what is plain is read exactly, what could be two is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.platforms.amounts import amount, plain, price_in, votes
from experiments.platforms.elections import Project, Projects, amounts_of
from sim.errors import ConfigError
from sim.pabulib import parse_election
from tests.conftest import examples
from tests.interface.test_spoiled_files import HOSTILE

Reader = Callable[..., float | None]

PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
DIGITS = st.sampled_from([{}, PERSIAN])
GROUPS = ("", ",", ".", "'", "’", "٬", " ", "\u00a0", "\u202f")
POINTS = (".", ",", "٫")
UNITS = ("", "€", "$", "₡", "R$", "USD", "kr.", "تومان")
BESIDE = (
    "k",
    "M",
    "K€",
    "M€",
    "mil",
    "MIL €",
    "Mio",
    "tys. zł",
    "million",
    "هزار تومان",
    "-",
    "−",
    "approx.",
    "from",
    "€.",
    ".",
)
WORDS = ("", "Feasible ", "Viable ")


class RefusedError(Exception):
    """A cell was refused."""


def refuse(column: str, problem: str) -> NoReturn:
    raise RefusedError(problem)


def in_groups(whole: int, mark: str) -> str:
    return f"{whole:,}".replace(",", mark)


ONE_PROJECT = Projects((Project("1", "a", (), 1.0, 1, "4", ""),), {})


def budget(cell: str) -> float:
    return amounts_of([f"4={cell}"], ONE_PROJECT, "file")["4"]


def in_totals(cost: str, number: str) -> tuple[float, int]:
    text = f'META\nbudget;9\nvote_type;totals\nPROJECTS\nproject_id;cost;votes\n1;"{cost}";"{number}"\n'
    election = parse_election(text)
    return float(election.costs[0]), int(election.totals[0])


@st.composite
def prices(draw: st.DrawFn) -> tuple[str, float]:
    """A price in brackets in a form that is accepted, and what it is."""
    whole, cents = draw(st.integers(0, 10**12)), draw(st.sampled_from(["", "0", "5", "00", "05", "50", "99"]))
    mark = draw(st.sampled_from(GROUPS))
    point = draw(st.sampled_from([one for one in POINTS if one != mark]))
    number = (in_groups(whole, mark) + (point + cents if cents else "")).translate(draw(DIGITS))
    unit, space = draw(st.sampled_from(UNITS)), draw(st.sampled_from(["", " ", "\u00a0"]))
    written = draw(st.sampled_from([f"{unit}{space}{number}", f"{number}{space}{unit}"]))
    return f"{draw(st.sampled_from(WORDS))}({written})", float(f"{whole}.{cents or 0}")


@examples(300)
@given(prices())
def test_a_price_in_brackets_is_read_exactly(price: tuple[str, float]) -> None:
    cell, number = price
    assert price_in(cell, "price", refuse) == number


@examples(200)
@given(whole=st.integers(1, 10**9), decimals=st.sampled_from(["", ".0", ".5", ".25", "٫5"]), digits=DIGITS)
def test_a_plain_number_is_read_exactly(whole: int, decimals: str, digits: dict[int, int]) -> None:
    cell, number = f"{whole}{decimals}".translate(digits), float(f"{whole}{decimals.replace('٫', '.')}")
    assert amount(cell, "cost", refuse) == price_in(cell, "cost", refuse) == budget(cell) == number
    assert votes(f"{whole}".translate(digits), "votes", refuse) == votes(f"{whole}.0", "votes", refuse) == whole
    if cell.isascii():
        assert in_totals(cell, f"{whole}.0") == in_totals(cell.replace(".", ","), f"{whole}") == (number, whole)


@examples(200)
@given(
    whole=st.integers(1_000, 10**12 - 1),
    mark=st.sampled_from([".", ","]),
    sign=st.sampled_from(["", "+"]),
    digits=DIGITS,
)
def test_what_could_be_thousands_or_decimals_is_refused(
    whole: int, mark: str, sign: str, digits: dict[int, int]
) -> None:
    cell = sign + in_groups(whole, mark).translate(digits)
    readers: list[Reader] = [amount, price_in, votes]
    for reader in readers:
        with pytest.raises(RefusedError, match=r"could be thousands|without marks"):
            reader(cell, "column", refuse)
    with pytest.raises(ConfigError, match=r"--budget: (could be thousands|must be written without marks)"):
        budget(cell)
    with pytest.raises(ConfigError):
        in_totals("1", cell)
    if mark == ",":
        with pytest.raises(ConfigError):
            in_totals(cell, "1")


@st.composite
def no_prices(draw: st.DrawFn) -> str:
    """Something in brackets that is not plainly an amount of money."""
    number, mark = draw(st.integers(1, 999)), draw(st.sampled_from([".", ",", "'", " "]))
    group = draw(st.integers(0, 999))
    word = draw(st.sampled_from(BESIDE))
    inside = draw(
        st.sampled_from(
            [
                f"{number} {word}", f"{word} {number}", f"{number}{word}", f"€.{group:02}", f"€,{group:02}",
                f"{number + 1_000}{mark}{group:03}", f"{number}{mark}{group + 1_000}", f"0{mark}{group:03}",
                f"{number}.{group:03},{group:03}", f"{number},{group:03} {group:03}",
                f"{number}{mark}{group:03}{mark}5",
                f"{number} to {number}", f"{number} € {group} €",
                f"{number}%", f"{number}e3", f"{number}_000", "€²", "½ 5",
            ]
        )
    )  # fmt: skip
    return f"{draw(st.sampled_from(WORDS))}({inside})"


@examples(300)
@given(no_prices())
def test_what_is_not_plainly_a_price_is_refused(cell: str) -> None:
    with pytest.raises(RefusedError, match="must hold one price of at least 0 in brackets"):
        price_in(cell, "price", refuse)


@pytest.mark.parametrize(
    "inside", ["€10k", "€1.2M", "10 mil €", "€.50", "€1234,567", "10 M€", "EUR.50", "0,500 €", "1.234,567 €"]
)
def test_prices_that_were_misread_are_refused(inside: str) -> None:
    with pytest.raises(RefusedError, match="must hold one price"):
        price_in(f"Feasible ({inside})", "price", refuse)


@pytest.mark.parametrize("cell", ["Phase 2 (€10,000)", "(€10) (€20)", "Feasible (€10", "€10"])
def test_digits_elsewhere_are_refused(cell: str) -> None:
    with pytest.raises(RefusedError):
        price_in(cell, "price", refuse)


@examples(150)
@given(text=st.lists(HOSTILE | st.sampled_from(["(", ")", "€", "1", "000", "."]), max_size=9).map("".join))
def test_any_price_is_read_or_refused(text: str) -> None:
    reader: Reader = price_in
    try:
        price = reader(text, "price", refuse)
    except RefusedError:
        return
    assert price is None or 0.0 <= price <= 1e15
    assert price is None or float(plain(price)) == price
