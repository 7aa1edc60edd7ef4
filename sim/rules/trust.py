"""Trust: asymmetric, anchored, and moved by experience, voice, pledges and news."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Effect, Parameters, parameter

Floats = NDArray[np.float64]


class TrustParameters(Parameters):
    """How trust starts, moves and returns."""

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
    service_rate_per_week: float = parameter(
        0.01,
        "Weekly step of trust in the municipality towards satisfaction with services, where that is a gain.",
        unit="per week",
        range=(0.0, 0.05),
        source="direction: satisfaction with services goes with trust in local government; size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("trust_in_municipality", +1, why="services satisfy more people than trust the municipality"),
    )
    loss_to_gain_ratio: float = parameter(
        2.0,
        "How many times faster trust falls than it rises on direct experience.",
        unit="ratio",
        range=(1.0, 3.0),
        source="Slovic 1993; 2023 replication: 1.3 to 3",
        tag="source",
        effect=Effect("trust_in_municipality", -1),
    )
    project_rate: float = parameter(
        0.08,
        "Step of trust towards a finished project's signal, for those who notice it and for whom it meets a need.",
        unit="per event",
        range=(0.0, 0.3),
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
        effect=Effect(
            "trust_in_council", +1, when={"policy.pledges.optimism": -0.5}, why="where there is credit to be had"
        ),
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
    voice_rate: float = parameter(
        0.1,
        "Step of trust towards the signal that a speaker at a hearing gets.",
        unit="per event",
        range=(0.0, 0.3),
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
    news_rate: float = parameter(
        0.02,
        "Step of trust towards the record of pledges kept, for those who hear news at the hub and feel addressed.",
        unit="per event",
        range=(0.0, 0.1),
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
    contact_rate: float = parameter(
        0.04,
        "Step of trust in people when taking part in an occasion with others.",
        unit="per event",
        range=(0.0, 0.2),
        source="direction: contact hypothesis (Pettigrew and Tropp 2006); size assumed",
        tag="assumption",
        null=0.0,
        effect=Effect("trust_in_people", +1),
    )
    contact_quality: float = parameter(
        0.55,
        "Mean signal of contact between participants: quarrel is 0, concord 1.",
        unit="share",
        range=(0.1, 0.9),
        source="contact is not always pleasant (Barlow et al. 2012)",
        tag="assumption",
        effect=Effect("trust_in_people", +1),
    )
    anchor_rate_per_week: float = parameter(
        0.15,
        "Weekly pull back to the innate level for a fully stubborn resident.",
        unit="per week",
        range=(0.02, 0.3),
        source="Friedkin and Johnsen 1990; without it averaging collapses the spread within a year",
        tag="assumption",
        effect=Effect("trust_in_municipality_sd", +1),
    )
    stubbornness_mean: float = parameter(
        0.25,
        "Stubbornness of a resident with middling trust.",
        unit="share",
        range=(0.05, 0.6),
        source="direction: people keep part of their first opinion (Friedkin and Johnsen 2011); size assumed",
        tag="assumption",
        effect=Effect("trust_in_municipality_sd", +1),
    )
    stubbornness_of_extremes: float = parameter(
        0.4,
        "How much more stubborn residents with extreme trust are.",
        unit="share",
        range=(0.0, 0.4),
        source="direction: extreme attitudes move least (White et al. 2004); size assumed",
        tag="assumption",
        effect=Effect("trust_in_municipality_sd", +1),
    )


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


def voice_signal(rung: Floats | float, heard: NDArray[np.bool_]) -> Floats:
    """Signal to a speaker: z + (1 - z)·heard, with z Arnstein's rung of real power in [0, 1].

    `heard` says whether the speaker's need was put on the agenda; shape kept. Sources: Tyler 2006; Arnstein 1969.
    """
    return np.asarray(rung + (1.0 - np.asarray(rung)) * heard)
