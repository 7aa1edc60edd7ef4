"""How those who took part with others differ from the city."""

from __future__ import annotations

from sim.outcome import declared, outcomes
from sim.outcomes.moment import NAN, Moment, mean


@outcomes(
    declared(
        "participants_resources",
        "Mean resources of those who took part with others this week, less the city's mean.",
        unit="share",
        short=("resources of participants less the city's mean", "فاصله منابع فردی مشارکت‌کنندگان با میانگین شهر"),
    ),
    declared(
        "participants_trust",
        "Mean trust in the municipality of those who took part with others this week, less the city's mean.",
        unit="share",
        short=("trust of participants less the city's mean", "فاصله اعتماد مشارکت‌کنندگان با میانگین شهر"),
    ),
    declared(
        "participants_belonging",
        "Mean belonging of those who took part with others this week, less the city's mean.",
        unit="share",
        short=("belonging of participants less the city's mean", "فاصله تعلق مشارکت‌کنندگان با میانگین شهر"),
    ),
)
def participants_beside_the_city(at: Moment) -> tuple[float, float, float]:
    acted, residents = at.now.acted, at.city.residents
    if not acted.size:
        return NAN, NAN, NAN
    return (
        mean(residents.resources[acted]) - at.city.start["resources"],
        mean(residents.trust_in_municipality[acted]) - at.mean("trust_in_municipality"),
        mean(residents.belonging[acted]) - at.mean("belonging"),
    )
