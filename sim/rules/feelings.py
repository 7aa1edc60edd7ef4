"""Hope and belonging: dispositions, and evidence from what was lived since, which fades over years; all in log odds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Effect, Parameters, parameter

Floats = NDArray[np.float64]

SETTLED_AT, LONGEST_STAY = 20.0, 40.0
"""Age from which years count as years in a place, and how many of them count at most [preset]."""

_IN_YOUTHS = "hope[cohort=youth]"
_NO_CONTACTS: dict[str, Any] = {"behaviour.contacts.per_year": 0.02, "behaviour.hope.contact_weight": 0.0}


class HopeParameters(Parameters):
    """What gives hope, or takes it, and how long that lasts."""

    half_life_weeks: float = parameter(
        104.0,
        "Weeks after which half of the evidence for hope is forgotten.",
        unit="weeks",
        range=(26.0, 260.0),
        source="longer than that of trust, assumed",
        tag="assumption",
        effect=Effect(
            _IN_YOUTHS, +1, when=_NO_CONTACTS, why="what youths learnt and whom they saw is remembered longer"
        ),
    )
    evidence_per_experience: float = parameter(
        0.3,
        "Evidence of one experience that is wholly good and of weight 1.",
        unit="log odds",
        range=(0.0, 1.0),
        source="assumed",
        tag="assumption",
        null=0.0,
        effect=Effect(_IN_YOUTHS, +1, when=_NO_CONTACTS),
    )
    contact_weight: float = parameter(
        0.5,
        "Weight of a contact with the municipality: answered it gives hope, ignored it takes as much.",
        unit="ratio",
        range=(0.0, 2.0),
        source="direction: an answer is a sign that one counts; size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("start.evidence_of_hope_sd", +1, reduce="first"),
    )
    delivery_weight: float = parameter(
        0.5,
        "Weight of a work finished in the neighbourhood, for those who notice it and whose needs it meets in full.",
        unit="ratio",
        range=(0.0, 2.0),
        source="direction: progress near by; size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect(
            "hope",
            -1,
            when={"timeline": ({"start": 10, "set": {"funding.level": 0.0}},)},
            why="where less is finished than people are used to",
        ),
    )
    skill_weight: float = parameter(
        1.0,
        "Weight of mastery: of learning, by one's own acts, all the civic skill there is to learn.",
        unit="ratio",
        range=(0.0, 2.0),
        source="mastery and self-efficacy (Bandura 1997); size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect(_IN_YOUTHS, +1),
    )
    peer_evidence_per_week: float = parameter(
        0.0008,
        "Weekly evidence of seeing a peer as neighbourhood mayor: a youth for youths, a woman for women.",
        unit="log odds per week",
        range=(0.0, 0.004),
        source="visible women leaders closed a quarter of the gap in girls' aspirations (Beaman et al. 2012)",
        tag="assumption",
        null=0.0,
        effect=Effect(_IN_YOUTHS, +1),
    )


class BelongingParameters(Parameters):
    """What ties people to their neighbourhood, and how long that lasts."""

    half_life_weeks: float = parameter(
        104.0,
        "Weeks after which half of the evidence for belonging is forgotten.",
        unit="weeks",
        range=(26.0, 260.0),
        source="longer than that of trust, assumed",
        tag="assumption",
        effect=Effect("belonging", +1, why="what council and mayor bring about is remembered longer"),
    )
    evidence_per_experience: float = parameter(
        0.2,
        "Evidence of one experience of weight 1.",
        unit="log odds",
        range=(0.0, 0.5),
        source="assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("belonging", +1),
    )
    meeting_weight: float = parameter(
        0.3,
        "Weight of a week in which one took part with others.",
        unit="ratio",
        range=(0.0, 2.0),
        source="direction: taking part and attachment to a place go together (Manzo and Perkins 2006); size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("belonging", +1),
    )
    work_weight: float = parameter(
        1.0,
        "Weight of having built something: a council's work is finished that one volunteered for.",
        unit="ratio",
        range=(0.0, 2.0),
        source="direction: Manzo and Perkins 2006; size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("belonging", +1),
    )
    residence_slope: float = parameter(
        0.01,
        "Rise of belonging at the start with each year of age over 20, for 40 years at most.",
        unit="log odds per year",
        range=(0.0, 0.03),
        source="length of stay predicts attachment best (Lewicka 2011); age stands for it; size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("belonging[cohort=elder]", +1, reduce="first"),
    )


def mastery(before: Floats, after: Floats) -> Floats:
    """Weight of what an act taught, beside learning all there is to learn: k' - k; shapes equal.

    Evidence adds up. Measured by what was learnt, it comes to the same however much or little each act teaches, and all
    a person ever learns weighs no more than one experience that is wholly good, but for what was forgotten and learnt
    again. Measured by acts it would have no bound.

    Args:
        before, after: civic skill, shares.

    Source: mastery (Bandura 1997); size assumed.
    """
    return np.asarray(after - before)


def years_of_stay(age: Floats) -> Floats:
    """Years that count as years in the neighbourhood, from age in years: clip(age - 20, 0, 40); shape kept."""
    return np.asarray(np.clip(age - SETTLED_AT, 0.0, LONGEST_STAY))


def shifted(share: Floats, shift: Floats) -> Floats:
    """Shares moved in log odds, with their mean kept: σ(logit B + a + c), with c such that it is.

    Args:
        share: B, (n,).
        shift: a, log odds, (n,).
    """
    if not share.size or not shift.any():
        return share
    inside = np.minimum(np.maximum(share, 1e-6), 1.0 - 1e-6)
    level, mean = np.log(inside / (1.0 - inside)) + shift, float(share.mean())
    common = -float(shift.mean())
    for _ in range(30):  # Newton: the mean rises in c everywhere
        found = 1.0 / (1.0 + np.exp(-(level + common)))
        step = (mean - float(found.mean())) / float((found * (1.0 - found)).mean())
        common += step
        if abs(step) < 1e-14:
            break
    return np.asarray(1.0 / (1.0 + np.exp(-(level + common))))
