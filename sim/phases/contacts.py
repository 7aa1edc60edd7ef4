"""Phase 6, too: residents turn to the municipality, with a complaint or for a permit, in every arm alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernels import participation as passes

if TYPE_CHECKING:
    from sim.city import City


def turn_to_municipality(city: City) -> None:
    """Some residents make contact; each is answered or not, and who was answered comes again more readily."""
    residents, luck, now = city.residents, city.luck, city.now
    now.contacts = passes.make_contact(
        residents.contact_rate,
        residents.answered_last,
        city.config.behaviour.contacts.repeat_ratio,
        luck.keys(len(residents)),
        luck.key("contact with the municipality", city.week),
    )
    now.answered = luck.uniform("answered", city.week, now.contacts) < residents.answered_chance[now.contacts]
    residents.answered_last[now.contacts] = now.answered
