"""The city's books: what came in is spent, leaked, or still there, to the last toman."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FADE = 0.5 ** (1.0 / 52.0)
"""What a week leaves of the memory of recent money and pledges: half is forgotten in a year."""


class Books:
    """Accounts in bn toman of constant prices.

    Attributes:
        income: received so far, by source: the budget with the opening balance, residents' contributions to works, and
            the revenue that sharing the budget brings.
        central_balance: the municipality's account; arrears are part of it until they are paid.
        reserved: of that, by neighbourhood, what is set aside for the municipality's next works there, (M,); below 0
            where works taken over from a council need more than came with them: coming money goes there first.
        delegated: accounts of the neighbourhoods, (M,).
        arrears: due to neighbourhoods and not yet paid, (M,).
        delegated_paid: paid to neighbourhoods so far.
        spent: by purpose.
        leaked: lost on the way, by the councils' and by the municipality's hands.
        contributed: of the income, residents' contributions by neighbourhood, (M,): a cost that residents bear.
        saved_on_prices: what works on neighbourhoods' own accounts would have cost more at usual prices, without leaks.
        council_spending, central_spending: works lately, by neighbourhood and category, (M, 6).
    """

    def __init__(self, neighbourhoods: int) -> None:
        self.income = {"budget": 0.0, "contributions": 0.0, "revenue": 0.0}
        self.central_balance = 0.0
        self.reserved = np.zeros(neighbourhoods)
        self.delegated = np.zeros(neighbourhoods)
        self.arrears = np.zeros(neighbourhoods)
        self.delegated_paid = 0.0
        self.spent = {"council_works": 0.0, "central_works": 0.0, "programmes": 0.0, "support": 0.0}
        self.leaked = {"council": 0.0, "municipality": 0.0}
        self.contributed = np.zeros(neighbourhoods)
        self.saved_on_prices = 0.0
        self.council_spending = np.zeros((neighbourhoods, 6))
        self.central_spending = np.zeros((neighbourhoods, 6))

    @property
    def received(self) -> float:
        """Everything received so far."""
        return sum(self.income.values())

    @property
    def total_spent(self) -> float:
        """Everything spent so far."""
        return sum(self.spent.values())

    @property
    def total_leaked(self) -> float:
        """Everything leaked so far."""
        return sum(self.leaked.values())

    @property
    def balance(self) -> float:
        """Everything still on an account."""
        return float(self.central_balance + self.delegated.sum())

    def discrepancy(self) -> float:
        """Received less spent, leaked and still there: 0 but for rounding."""
        return self.received - self.total_spent - self.total_leaked - self.balance

    def forget(self) -> None:
        """Let a week pass over the memory of recent spending."""
        self.council_spending *= FADE
        self.central_spending *= FADE
