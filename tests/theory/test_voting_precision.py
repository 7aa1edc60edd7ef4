"""Money is counted exactly whatever the precision that a user's decimals have."""

from __future__ import annotations

import decimal

from sim.rules.voting import _whole_amounts


def test_a_users_precision_does_not_round_money():
    costs = [1234567, 7654321.25, 1e-7, 1e22, 0.1]
    usual = _whole_amounts(costs, 0.3)
    with decimal.localcontext(prec=3, Emax=20, Emin=-20):
        assert _whole_amounts(costs, 0.3) == usual
    amounts, budget, unit = usual
    assert (amounts[0], amounts[1] * 4, budget * 10) == (1234567 * unit, 30617285 * unit, 3 * unit)
