"""Trust: a disposition, and evidence from what was lived since, which fades over years; all in log odds."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Effect, Parameters, parameter

Floats = NDArray[np.float64]


_ANCHORED: dict[str, Any] = {
    "behaviour.trust.rule": "anchored_averaging",
    "behaviour.influence.rule": "bounded_confidence",
}


class TrustParameters(Parameters):
    """How trust starts, moves and returns."""

    rule: Literal["evidence", "anchored_averaging"] = parameter(
        "evidence",
        "Structural alternative: evidence in log odds that fades, or steps of the level itself with a weekly pull back "
        "(the first version).",
        unit="",
        source="disposition and experience (Devine and Valgarðsson 2023); Friedkin and Johnsen 1990",
        tag="assumption",
        effect=Effect(
            "trust_in_municipality_sd",
            +1,
            low="anchored_averaging",
            high="evidence",
            why="the pull back leaves less of what was lived",
        ),
    )
    half_life_weeks: float = parameter(
        78.0,
        "Weeks after which half of the evidence of an experience is forgotten.",
        unit="weeks",
        range=(13.0, 208.0),
        source="effects of political events fade in a few years (Devine and Valgarðsson 2023); rally effects in months",
        tag="range",
        effect=Effect(
            "trust_in_municipality_sd", +1, when={"behaviour.contacts.per_year": 0.35}, why="more is remembered"
        ),
    )
    evidence_per_experience: float = parameter(
        0.2,
        "Evidence of one experience that is wholly good and concerns oneself (κ).",
        unit="log odds",
        range=(0.05, 0.5),
        source="about 0.05 of trust for a personal experience; size assumed",
        tag="assumption",
        effect=Effect("trust_in_municipality_sd", +1, when={"behaviour.contacts.per_year": 0.35}),
    )
    initial_trust_in_municipality: float = parameter(
        0.38,
        "Mean trust in the municipality at the start.",
        unit="share",
        range=(0.05, 0.95),
        source="surveys of Neyshabur (30/50/20 % low/medium/high) and Zahedan 2011 (38 % strongly dissatisfied)",
        tag="range",
        effect=Effect("trust_in_municipality", +1, reduce="first"),
    )
    initial_trust_in_council: float = parameter(
        0.45,
        "Mean trust in a neighbourhood council, or in the idea of one, at the start.",
        unit="share",
        range=(0.05, 0.95),
        source="local bodies are trusted a little more than the municipality (OECD trust survey 2021)",
        tag="assumption",
        effect=Effect("trust_in_council", +1, reduce="first"),
    )
    initial_trust_in_people: float = parameter(
        0.32,
        "Mean trust in people generally at the start.",
        unit="share",
        range=(0.05, 0.95),
        source="World Values Survey, Iran: under 20 % say that most people can be trusted",
        tag="range",
        effect=Effect("trust_in_people", +1, reduce="first"),
    )
    initial_spread: float = parameter(
        0.15,
        "Standard deviation of each trust between residents at the start.",
        unit="share",
        range=(0.02, 0.3),
        source="direction: survey items on trust vary widely; size assumed",
        tag="assumption",
        effect=Effect("trust_in_municipality_sd", +1, reduce="first"),
    )
    deprivation_slope: float = parameter(
        0.15,
        "How much lower trust in the municipality starts in the most than in the least deprived neighbourhood.",
        unit="share",
        range=(0.0, 0.4),
        source="protest over asphalt and lighting in Yadegar-e Emam, where the governor named mistrust",
        tag="assumption",
        effect=Effect("trust_morans_i", +1, reduce="first", why="deprivation clusters in space"),
    )
    hub_selection: float = parameter(
        0.0,
        "How much higher trust in the municipality starts among those who go to the customary hub: its selection, "
        "positive or negative.",
        unit="share",
        range=(-0.2, 0.2),
        source="structural alternative: hubs may gather the loyal or the critical",
        tag="assumption",
        null=0.0,
        effect=Effect("trust_in_municipality[attendance=attender]", +1, reduce="first"),
    )
    service_evidence_per_week: float = parameter(
        0.0125,
        "Weekly evidence about the municipality for services one unit better than usual and than expected.",
        unit="log odds per week",
        range=(0.0, 0.05),
        source="direction: satisfaction with services goes with trust in local government (Van Ryzin 2006, 2013); a "
        "lasting rise by 0.2 settles at 0.3 log odds; size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect(
            "trust_in_municipality",
            -1,
            when={"behaviour.services.decay_per_year": 0.2},
            why="decaying services lower trust in those who maintain them",
        ),
    )
    loss_to_gain_ratio: float = parameter(
        2.0,
        "How many times faster trust falls than it rises on direct experience.",
        unit="ratio",
        range=(1.0, 3.0),
        source="Slovic 1993; 2023 replication: 1.3 to 3",
        tag="source",
        effect=Effect(
            "trust_in_council",
            -1,
            when={"policy.pledges.optimism": 0.7},
            why="of the municipality people are used to losses that weigh as much as they do; the council is new",
        ),
    )
    project_weight: float = parameter(
        0.8,
        "Weight of a finished work, for those who notice it and whose needs it meets in full.",
        unit="ratio",
        range=(0.0, 3.0),
        source="effects of visible works on trust are small and short (Marschall and Shah 2007)",
        tag="assumption",
        null=0.0,
        effect=Effect("trust_in_council", +1, when={"policy.pledges.optimism": -0.5}, why="where works come on time"),
    )
    attribution_to_council: float = parameter(
        0.5,
        "Share of credit and blame for a council's project that goes to the council; the municipality gets the rest.",
        unit="share",
        range=(0.0, 1.0),
        source="citizens divide responsibility between levels (Arceneaux 2006)",
        tag="assumption",
        effect=Effect("trust_in_council", +1, when={"policy.pledges.optimism": -0.5}, why="if works can earn credit"),
    )
    late_completion_signal: float = parameter(
        0.5,
        "Signal of a project finished after its date (1 would be on time, 0 never).",
        unit="share",
        range=(0.0, 1.0),
        source="half credit for a late delivery",
        tag="assumption",
        effect=Effect("trust_in_council", +1, when={"policy.pledges.optimism": 0.7}),
    )
    broken_pledge_extra_weight: float = parameter(
        1.0,
        "Extra weight of a broken pledge over other experience.",
        unit="ratio",
        range=(0.0, 3.0),
        source="direction: breaking costs more than keeping earns (Naurin, Soroka and Markwat 2019); size assumed",
        tag="assumption",
        effect=Effect("trust_in_council", -1, when={"policy.pledges.optimism": 0.7}),
    )
    voice_weight: float = parameter(
        1.0,
        "Weight of having spoken at a hearing.",
        unit="ratio",
        range=(0.0, 3.0),
        source="procedural justice (Tyler 2006; Olken 2010)",
        tag="assumption",
        null=0.0,
        effect=Effect(
            "trust_in_council",
            +1,
            when={"policy.authority.delegated_share": 1.0},
            why="with real power behind it, voice is a good experience; without, see the tokenism policy",
        ),
    )
    voice_rule: Literal["rung", "response"] = parameter(
        "rung",
        "What speaking at a hearing says: how much power is shared and whether one was heard, or the latter alone.",
        unit="",
        source="structural alternative: voice without influence frustrates (Folger 1977)",
        tag="assumption",
        effect=Effect(
            "trust_in_council",
            +1,
            low="response",
            high="rung",
            why="residents who are ignored have a bad experience, whatever the power shared",
        ),
    )
    news_weight: float = parameter(
        0.2,
        "Weight of hearing at the hub that a work was finished or a pledge broken, from one who is wholly believed.",
        unit="ratio",
        range=(0.0, 1.0),
        source="elite cues move attitudes a little",
        tag="assumption",
        null=0.0,
        effect=Effect(
            "trust_in_council[attendance=attender]",
            +1,
            when={"policy.pledges.optimism": -0.5},
            why="where pledges are kept, the news is good",
        ),
    )
    meeting_weight: float = parameter(
        0.4,
        "Weight, for trust in people, of taking part in an occasion with others.",
        unit="ratio",
        range=(0.0, 2.0),
        source="direction: contact hypothesis (Pettigrew and Tropp 2006); size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("trust_in_people", +1),
    )
    meeting_quality: float = parameter(
        0.55,
        "Mean signal of meeting others: quarrel is 0, concord 1.",
        unit="share",
        range=(0.1, 0.9),
        source="contact is not always pleasant (Barlow et al. 2012)",
        tag="assumption",
        effect=Effect("trust_in_people", +1),
    )


class AnchoredTrustParameters(Parameters):
    """The first version's rule of trust, a structural alternative: steps of the level, and a weekly pull back."""

    step_per_experience: float = parameter(
        0.1,
        "Share of the gap to its signal that one personal experience closes.",
        unit="share",
        range=(0.0, 0.3),
        source="the first version's step for a hearing; its other steps follow from the weights of `behaviour.trust`",
        tag="assumption",
        effect=Effect("trust_in_council", -1, when={**_ANCHORED, "policy.pledges.optimism": 0.7}),
    )
    service_rate_per_week: float = parameter(
        0.01,
        "Weekly step of trust in the municipality towards satisfaction with services, where that is a gain.",
        unit="per week",
        range=(0.0, 0.05),
        source="direction: satisfaction with services goes with trust in local government; size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect(
            "trust_in_municipality", +1, when=_ANCHORED, why="services satisfy more people than trust the municipality"
        ),
    )
    anchor_rate_per_week: float = parameter(
        0.15,
        "Weekly pull back to the innate level for a fully stubborn resident.",
        unit="per week",
        range=(0.02, 0.3),
        source="Friedkin and Johnsen 1990; without it averaging collapses the spread within a year",
        tag="assumption",
        effect=Effect("trust_in_municipality_sd", +1, when=_ANCHORED),
    )
    stubbornness_mean: float = parameter(
        0.25,
        "Stubbornness of a resident with middling trust.",
        unit="share",
        range=(0.05, 0.6),
        source="direction: people keep part of their first opinion (Friedkin and Johnsen 2011); size assumed",
        tag="assumption",
        effect=Effect("trust_in_municipality_sd", +1, when=_ANCHORED),
    )
    stubbornness_of_extremes: float = parameter(
        0.4,
        "How much more stubborn residents with extreme trust are.",
        unit="share",
        range=(0.0, 0.4),
        source="direction: extreme attitudes move least (White et al. 2004); size assumed",
        tag="assumption",
        effect=Effect("trust_in_municipality_sd", +1, when=_ANCHORED),
    )


def log_odds(share: Floats) -> Floats:
    """ln(T / (1 - T)), with T kept in [1e-6, 1 - 1e-6]; shape kept."""
    inside = np.minimum(np.maximum(share, 1e-6), 1.0 - 1e-6)
    return np.log(inside / (1.0 - inside))


def evidence(
    signal: Floats | float, weight: Floats | float, evidence_per_experience: float, loss_to_gain_ratio: float
) -> Floats:
    """Evidence of an experience in log odds: κ (2s - 1) m, times λ where it is bad.

    Args:
        signal: s, what the experience says, share; 1/2 says nothing; any shape.
        weight: m, relative to a personal experience that concerns the resident fully; same shape or a number.
        evidence_per_experience: κ, log odds.
        loss_to_gain_ratio: λ.

    Source: Slovic 1993 (asymmetry); steps in log odds move middling trust most (White et al. 2004).
    """
    signed = evidence_per_experience * weight * (2.0 * signal - 1.0)
    return np.maximum(signed, 0.0) + loss_to_gain_ratio * np.minimum(signed, 0.0)


def kept_per_week(half_life_weeks: float) -> float:
    """Share of evidence that a week leaves: φ = 2^(-1 / half-life)."""
    return float(0.5 ** (1.0 / half_life_weeks))


def trust_after(trust: Floats, change: Floats) -> Floats:
    """Trust after a change in log odds: σ(logit T + d), with T kept in [1e-6, 1 - 1e-6].

    Args:
        trust: T, share; any shape.
        change: d, evidence gained less evidence forgotten, log odds, same shape.

    Source: steps in log odds move middling trust most (Poortinga and Pidgeon 2004; White et al. 2004).
    """
    inside = np.minimum(np.maximum(trust, 1e-6), 1.0 - 1e-6)
    after: Floats = inside / (inside + (1.0 - inside) * np.exp(-change))
    return after


def formative_shift(lived: Floats, usual: float, rate_per_week: float) -> Floats:
    """By how much a disposition moves in a week of formative years, log odds: r (E - usual).

    Args:
        lived: E, evidence so far, log odds; any shape.
        usual: mean evidence of a long status quo, log odds: what everybody grew up with is in the dispositions already.
        rate_per_week: r.

    Source: impressionable years (Krosnick and Alwin 1989); form assumed.
    """
    return rate_per_week * (lived - usual)


def service_evidence(
    performance: Floats, usual: Floats, expectation: Floats, disconfirmation_weight: float, per_week: float
) -> Floats:
    """Weekly evidence of services, log odds: a [(P - U) + γ (P - X)], 0 where all is as usual and as expected.

    All shares of equal shape. Source: Van Ryzin 2006.
    """
    return per_week * ((performance - usual) + disconfirmation_weight * (performance - expectation))


def experience(trust: Floats, signal: Floats | float, gain_rate: Floats | float, loss_to_gain_ratio: float) -> Floats:
    """Trust after an experience: a step towards the signal, faster down than up.

    T + g (s - T) if s > T, else T + min(1, λ g) (s - T).

    Args:
        trust: trust before, share; any shape.
        signal: what the experience says, share; same shape or scalar.
        gain_rate: g, share of the gap closed by a gain, in [0, 1]; same shape or scalar.
        loss_to_gain_ratio: λ, how many times faster losses are.

    Returns:
        trust after, in [0, 1].

    Source: Slovic 1993 (asymmetry).
    """
    gap = signal - trust
    gain = np.maximum(gap, 0.0) * gain_rate
    loss = np.minimum(gap, 0.0) * np.minimum(1.0, loss_to_gain_ratio * gain_rate)
    after: Floats = gain + loss + trust
    return after


def anchor(trust: Floats, innate: Floats, stubbornness: Floats, rate_per_week: float) -> Floats:
    """Trust after a week's pull to its innate level: T + α k (T0 - T).

    Source: Friedkin and Johnsen 1990. Shapes equal; all shares.
    """
    return trust + rate_per_week * stubbornness * (innate - trust)


def stubbornness_from(innate: Floats, mean: float, of_extremes: float) -> Floats:
    """Stubbornness in [0, 0.95]: k = mean + extra |2 T0 - 1|, with T0 the innate trust (White et al. 2004)."""
    return np.clip(mean + of_extremes * np.abs(2.0 * innate - 1.0), 0.0, 0.95)


def voice_signal(rung: Floats | float, heard: NDArray[np.bool_], rule: str = "rung") -> Floats:
    """Signal to a speaker: z + (1 - z)·heard, with z Arnstein's rung of real power in [0, 1]; or heard alone.

    Args:
        rung: z; shape of `heard`, or a number.
        heard: whether the speaker's need was put on the agenda.
        rule: with "rung", power shared is a good experience even for ignored residents; with "response" only the
            answer counts.

    Sources: Tyler 2006; Arnstein 1969.
    """
    if rule == "response":
        return np.asarray(heard, dtype=np.float64)
    return np.asarray(rung + (1.0 - np.asarray(rung)) * heard)
