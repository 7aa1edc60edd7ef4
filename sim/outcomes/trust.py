"""Trust, and what residents feel and think of services."""

from __future__ import annotations

from sim.indices import morans_i
from sim.outcome import HIGHEST, LOWEST, outcome
from sim.outcomes.moment import Moment


@outcome(
    "Mean over residents.",
    unit="share",
    short=("trust in the municipality", "اعتماد به شهرداری"),
    better=HIGHEST,
    always=True,
    compared=10,
)
def trust_in_municipality(at: Moment) -> float:
    return at.mean("trust_in_municipality")


@outcome(
    "Standard deviation between residents.",
    unit="share",
    short=("spread of trust in the municipality", "پراکندگی اعتماد به شهرداری"),
)
def trust_in_municipality_sd(at: Moment) -> float:
    return at.deviation("trust_in_municipality")


@outcome(
    "Mean over residents, of the neighbourhood council or of the idea of one.",
    unit="share",
    short=("trust in the council", "اعتماد به شورای محله"),
    better=HIGHEST,
    needs_councils=True,
    always=True,
    compared=20,
)
def trust_in_council(at: Moment) -> float:
    return at.mean("trust_in_council")


@outcome(
    "Standard deviation between residents.",
    unit="share",
    short=("spread of trust in the council", "پراکندگی اعتماد به شورای محله"),
)
def trust_in_council_sd(at: Moment) -> float:
    return at.deviation("trust_in_council")


@outcome(
    "Mean over residents of trust in people generally.",
    unit="share",
    short=("trust in people", "اعتماد به مردم"),
    better=HIGHEST,
    always=True,
    compared=30,
)
def trust_in_people(at: Moment) -> float:
    return at.mean("trust_in_people")


@outcome(
    "Standard deviation between residents.",
    unit="share",
    short=("spread of trust in people", "پراکندگی اعتماد به مردم"),
)
def trust_in_people_sd(at: Moment) -> float:
    return at.deviation("trust_in_people")


@outcome(
    "4 · share of residents with trust in the municipality below 1/3 · share above 2/3; 1 at most.",
    unit="index",
    short=("polarisation of trust in the municipality", "قطبی‌شدگی اعتماد به شهرداری"),
    better=LOWEST,
)
def trust_polarisation(at: Moment) -> float:
    _, low, high = at.spread("trust_in_municipality")
    return 4.0 * (low / at.people) * (high / at.people)


@outcome(
    "Moran's I of the neighbourhoods' mean trust in the municipality over shared borders.",
    unit="index",
    short=("likeness of trust in neighbourhoods side by side (Moran)", "همسانی اعتماد در محله‌های همسایه (موران)"),
)
def trust_morans_i(at: Moment) -> float:
    means = at.sums.neighbourhood["trust_in_municipality"] / at.city.rows.per_neighbourhood
    return morans_i(means, at.running.borders)


@outcome(
    "Mean expected performance of services.",
    unit="share",
    short=("expectation of services", "انتظار از خدمات"),
    always=True,
)
def expectation(at: Moment) -> float:
    return at.mean("expectation")


@outcome(
    "Mean perceived performance of services.",
    unit="share",
    short=("services as perceived", "خدمات از نگاه ساکنان"),
    better=HIGHEST,
    always=True,
)
def performance(at: Moment) -> float:
    return at.mean("performance")


@outcome(
    "Mean over residents.", unit="share", short=("belonging", "تعلق به محله"), better=HIGHEST, always=True, compared=110
)
def belonging(at: Moment) -> float:
    return at.mean("belonging")


@outcome("Mean over residents.", unit="share", short=("hope", "امید"), better=HIGHEST, always=True, compared=120)
def hope(at: Moment) -> float:
    return at.mean("hope")


@outcome("Mean over residents.", unit="share", short=("fatigue", "خستگی"), better=LOWEST, always=True)
def fatigue(at: Moment) -> float:
    return at.mean("fatigue")


@outcome(
    "Share of residents whose perceived performance lies below the floor (see the fixed numbers).",
    unit="share",
    short=("badly served residents", "ساکنان کم‌برخوردار از خدمات"),
    better=LOWEST,
    per_cent=True,
    always=True,
    compared=150,
)
def below_floor_share(at: Moment) -> float:
    return at.mean("below_floor")


@outcome(
    "What national politics has added to trust in the municipality and is not yet forgotten.",
    unit="log odds",
    short=("mood from national politics", "اثر سیاست ملی بر اعتماد"),
)
def national_mood(at: Moment) -> float:
    return at.city.national_mood


@outcome(
    "The same, either way: its absolute value.",
    unit="log odds",
    short=("size of the mood from national politics", "اندازه اثر سیاست ملی بر اعتماد"),
)
def national_mood_size(at: Moment) -> float:
    return abs(at.city.national_mood)


@outcome(
    "By how much dispositions moved this week, either way, summed over the three kinds of trust; mean of residents.",
    unit="log odds",
    short=("dispositions moved", "تغییر اعتماد درونی"),
)
def disposition_moved(at: Moment) -> float:
    return at.city.disposition_moved
