"""Phase 6, too: civic life that does not depend on councils: organised help and petitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernels import participation as passes

if TYPE_CHECKING:
    from sim.city import City


def take_initiative(city: City) -> None:
    """Some residents help on common affairs, some sign a petition; one draw a resident decides on both."""
    residents, civic, now = city.residents, city.config.behaviour.civic, city.now
    now.helpers, now.petitioners = passes.take_initiative(
        residents.initiative,
        civic.help_per_year / 52.0,
        civic.petitions_per_year / 52.0,
        city.luck.keys(len(residents)),
        city.luck.key("help and petitions", city.week),
    )
