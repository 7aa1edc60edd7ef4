"""Personal life: contacts with the municipality, national politics, and formative years."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Effect, Parameters, parameter

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class ContactParameters(Parameters):
    """Complaints, permits, the municipality's telephone line: in every arm alike."""

    per_year: float = parameter(
        0.15,
        "Contacts of a resident with the municipality in a year, on average, before earlier answers count.",
        unit="per person and year",
        range=(0.02, 0.35),
        source="calls to the 137 lines of Shahrekord (0.045), Isfahan (0.115) and Qom (0.35), by the municipalities",
        tag="range",
        effect=Effect("contacts", +1, reduce="mean"),
    )
    spread: float = parameter(
        2.0,
        "Standard deviation of the log of that rate between residents.",
        unit="log",
        range=(0.5, 3.0),
        source="about a tenth of adults contact an office in a year (surveys); computed from that and the mean",
        tag="assumption",
        effect=Effect("start.contact_rate_sd", +1, reduce="first"),
    )
    answered_share: float = parameter(
        0.6,
        "Share of contacts that are answered, for a middling resident.",
        unit="share",
        range=(0.3, 0.9),
        source="Tehran 2006: 70 % dealt with; Isfahan: 82 % satisfied; both are the municipalities' own figures",
        tag="range",
        effect=Effect("contacts_answered_share", +1, reduce="mean"),
    )
    answered_spread: float = parameter(
        0.8,
        "Standard deviation between residents of the leaning of the municipality to answer them.",
        unit="logit",
        range=(0.0, 2.0),
        source="some are answered less; who they are, in a neighbourhood, is drawn by lot, and size assumed",
        tag="assumption",
        effect=Effect("start.answered_share_sd", +1, reduce="first"),
    )
    answered_deprivation_slope: float = parameter(
        0.2,
        "Fall of the leaning to answer with one standard deviation of the neighbourhood's deprivation.",
        unit="logit",
        range=(0.0, 0.8),
        source="direction: poorer areas are answered less (Houston, New York); size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("start.answered_gap", +1, reduce="first"),
    )
    repeat_ratio: float = parameter(
        1.57,
        "How many times as often a resident makes contact whose last contact was answered.",
        unit="ratio",
        range=(1.0, 2.0),
        source="a first report that was fixed raised second reports by 57 % (Sjoberg, Mellon and Peixoto)",
        tag="source",
        effect=Effect("contacts", +1, reduce="mean"),
    )
    weight: float = parameter(
        1.0,
        "Weight of a contact for trust in the municipality; relative to a personal experience.",
        unit="ratio",
        range=(0.0, 3.0),
        source="the reference",
        tag="assumption",
        null=0.0,
        effect=Effect("trust_in_municipality_sd", +1, when={"behaviour.contacts.per_year": 0.35}),
    )


class PoliticsParameters(Parameters):
    """What the country does to trust in any office."""

    national_sd_per_week: float = parameter(
        0.017,
        "Standard deviation of the weekly evidence that national politics gives everybody about the municipality.",
        unit="log odds",
        range=(0.0, 0.055),
        source="a quarter of the spread of national moods over time (0.5 log odds) passes to local offices; assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("national_mood_size", +1, reduce="mean"),
    )
    personal_events_per_year: float = parameter(
        3.6,
        "How often a resident meets what moves his or her own trust in the municipality and is not modelled.",
        unit="per person and year",
        range=(0.0, 26.0),
        source="with its size: 0.65 of the variance of confidence in institutions lasts (US panels, computed)",
        tag="assumption",
        null=0.0,
        effect=Effect("trust_in_municipality_sd", +1),
    )
    personal_event_size: float = parameter(
        0.2,
        "Evidence of such an event, good or bad alike.",
        unit="log odds",
        range=(0.0, 0.5),
        source="see its rate",
        tag="assumption",
        null=0.0,
        effect=Effect("trust_in_municipality_sd", +1),
    )
    personal_event_size_in_people: float = parameter(
        0.16,
        "Evidence of such an event with other people, as frequent, good or bad alike.",
        unit="log odds",
        range=(0.0, 0.5),
        source="with the rate: 0.80 of the variance of trust in people lasts (US panels, computed)",
        tag="assumption",
        null=0.0,
        effect=Effect("trust_in_people_sd", +1),
    )


class FormativeParameters(Parameters):
    """What the young live through stays with them."""

    rate_per_week: float = parameter(
        0.001,
        "Share of evidence that becomes disposition in a week, in formative years.",
        unit="per week",
        range=(0.0, 0.015),
        source="direction: those first surveyed under 18 change more (Devine and Valgarðsson 2023); size derived: more "
        "would make young people's trust spread ever wider under a long status quo",
        tag="assumption",
        null=0.0,
        effect=Effect("disposition_moved", +1),
    )
    until_age: int = parameter(
        25,
        "Age at which formative years end.",
        unit="years",
        range=(18, 30),
        source="impressionable years, 18 to 25 (Krosnick and Alwin 1989)",
        tag="range",
        effect=Effect("disposition_moved", +1),
    )


def contact_rate(per_year: float, spread: float, standard: Floats) -> Floats:
    """Contacts a week: lognormal, with the mean asked for among these residents, at most 1 each.

    With a heavy tail the mean of few draws would differ much from the stated one: levels would depend on scale.

    Args:
        per_year: mean.
        spread: standard deviation of the log.
        standard: normal draws, (N,).
    """
    relative = np.exp(spread * standard)
    return np.minimum(per_year / 52.0 * relative / relative.mean(), 1.0)


def answered_chance(share: float, spread: float, standard: Floats, slope: float, deprivation: Floats) -> Floats:
    """Probability that a contact is answered: σ(logit(share) + spread · z - slope · d); shapes equal.

    Args:
        share: for a middling resident.
        spread, standard: standard deviation of the leaning between residents, and normal draws, z.
        slope, deprivation: b and d, standard scores of the neighbourhood's deprivation.
    """
    middle = np.log(share / (1.0 - share))
    return np.asarray(1.0 / (1.0 + np.exp(-(middle + spread * standard - slope * deprivation))))


def answered_last(chance: Floats, repeat_ratio: Floats | float) -> Floats:
    """Share of time in which one's last contact was an answered one, in the long run: q / (q + r (1 - q)).

    Who was answered makes contact r times as often: from there a share 1 - q leads away, to there q leads.
    """
    return chance / (chance + repeat_ratio * (1.0 - chance))
