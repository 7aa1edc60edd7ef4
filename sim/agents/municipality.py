"""The municipality: its account, what it knows, and the works it carries out itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa

if TYPE_CHECKING:
    from sim.policies import Policy


class Municipality(mesa.Agent):  # type: ignore[type-arg]
    """The one municipality. Its money lies in `city.money`; its decisions are in the phases budgets and delivery."""

    def remove(self) -> None:
        """Refuse: without a municipality the city cannot go on."""
        raise TypeError("the Municipality cannot be removed: use a policy or a shock")

    @property
    def policy(self) -> Policy:
        """The policy in force this week."""
        policy: Policy = self.model.policy
        return policy

    @property
    def balance(self) -> float:
        """Money in the municipality's own account, in thousand million toman of constant prices."""
        return float(self.model.money.books.central_balance)

    @property
    def arrears(self) -> float:
        """Instalments due to neighbourhoods and not yet paid, in thousand million toman."""
        return float(self.model.money.books.arrears.sum())

    @property
    def delegated_share(self) -> float:
        """Share of the works budget that neighbourhoods with a council decide on."""
        authority = self.policy.authority
        return authority.delegated_share if authority.mode == "delegated" else 0.0
