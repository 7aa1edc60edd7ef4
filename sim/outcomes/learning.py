"""Civic skill, of youths and of adults."""

from __future__ import annotations

from sim.kernels import sums as passes
from sim.outcome import HIGHEST, declared, outcomes
from sim.outcomes.moment import NAN, Moment


@outcomes(
    declared(
        "youth_skill",
        "Mean civic skill of residents born 1380 (2001) or later.",
        unit="share",
        short=("civic skill of youth", "مهارت مدنی جوانان"),
        better=HIGHEST,
        compared=170,
    ),
    declared(
        "adult_skill",
        "Mean civic skill of the others.",
        unit="share",
        short=("civic skill of adults", "مهارت مدنی بزرگ‌سالان"),
    ),
    declared(
        "talent_pool",
        "Residents born 1380 (2001) or later whose civic skill has reached the talent threshold.",
        unit="people",
        short=("youth with high civic skill", "جوانان با مهارت مدنی بالا"),
        better=HIGHEST,
        compared=180,
    ),
)
def skill_by_generation(at: Moment) -> tuple[float, float, float]:
    city, skill = at.city, at.city.residents.civic_skill
    threshold = city.config.behaviour.learning.talent_threshold
    of_youths, talented, youths = passes.skill_of_youths(city.rows.first_of_peers, skill, threshold)
    adults = at.people - youths
    of_adults = at.sums.city["civic_skill"] - of_youths
    return of_youths / youths if youths else NAN, of_adults / adults if adults else NAN, talented / city.scale
