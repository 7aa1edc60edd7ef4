"""Hubs: who goes where, and how facilitators differ. A kind is only a name for a profile; no rule looks at it."""

from __future__ import annotations

from sim.parameters import Effect, Parameters, parameter

_HERE = {"policy.hub.kinds": ("{parent}",)}


class HubProfile(Parameters):
    """Who goes to a kind of hub, and what its facilitators are like."""

    attender_share_men: float = parameter(
        0.45,
        "Share of men who ever go.",
        unit="share",
        range=(0.0, 1.0),
        source="assumed for each kind of hub; surveys of mosque attendance in Iran differ widely",
        tag="assumption",
        effect=Effect("hub_visits", +1, when=_HERE, reduce="mean"),
    )
    attender_share_women: float = parameter(
        0.3,
        "Share of women who ever go.",
        unit="share",
        range=(0.0, 1.0),
        source="assumed for each kind of hub",
        tag="assumption",
        effect=Effect("hub_visits", +1, when=_HERE, reduce="mean"),
    )
    youth_factor: float = parameter(
        0.7,
        "How the share of youths (born 1380, 2001, or later) who go relates to that of others.",
        unit="ratio",
        range=(0.1, 3.0),
        source="assumed for each kind of hub",
        tag="assumption",
        effect=Effect("hub_visits", +1, when=_HERE, reduce="mean"),
    )
    weekly_attendance: float = parameter(
        0.25,
        "Mean probability that one who ever goes is there in a given week.",
        unit="share",
        range=(0.02, 0.9),
        source="assumed for each kind of hub",
        tag="assumption",
        effect=Effect("hub_visits", +1, when=_HERE, reduce="mean"),
    )
    engagement: float = parameter(
        0.6,
        "Mean engagement of facilitators for the programme.",
        unit="share",
        range=(0.05, 0.95),
        source="assumed alike for all kinds of hub",
        tag="assumption",
        effect=Effect("informed", +1, when=_HERE, reduce="mean"),
    )
    credibility: float = parameter(
        0.6,
        "Mean credibility of facilitators with those who go.",
        unit="share",
        range=(0.05, 0.95),
        source="assumed alike for all kinds of hub",
        tag="assumption",
        effect=Effect(
            "trust_in_council[attendance=attender]",
            +1,
            when={**_HERE, "policy.pledges.optimism": -0.5},
            why="where pledges are kept, the news is good",
        ),
    )
    inclusiveness: float = parameter(
        0.5,
        "Mean share of those outside the core who feel addressed.",
        unit="share",
        range=(0.05, 0.95),
        source="assumed",
        tag="assumption",
        effect=Effect("informed", +1, when=_HERE, reduce="mean"),
    )
    spread: float = parameter(
        0.15,
        "Standard deviation of engagement, credibility and inclusiveness between facilitators.",
        unit="share",
        range=(0.0, 0.3),
        source="assumed",
        tag="assumption",
        effect=Effect("start.facilitator_spread", +1, when=_HERE, reduce="first"),
    )
    women_barrier: float = parameter(
        0.4,
        "How much harder an occasion hosted here is for women, where no woman sits on the council.",
        unit="logit",
        range=(0.0, 2.0),
        source="assumed for each kind of hub",
        tag="assumption",
        null=0.0,
        effect=Effect(
            "participation_rate[sex=woman]", -1, when={**_HERE, "policy.council.womens_council": 0}, reduce="mean"
        ),
    )
    youth_barrier: float = parameter(
        0.2,
        "How much harder an occasion hosted here is for youths, where no youth sits on the council.",
        unit="logit",
        range=(0.0, 2.0),
        source="assumed",
        tag="assumption",
        null=0.0,
        effect=Effect(
            "participation_rate[cohort=youth]", -1, when={**_HERE, "policy.council.teen_managers": 0}, reduce="mean"
        ),
    )


class Hubs(Parameters):
    """The profile of each kind of hub in this city."""

    mosque: HubProfile = HubProfile()
    school: HubProfile = HubProfile(
        attender_share_men=0.25,
        attender_share_women=0.35,
        youth_factor=2.0,
        women_barrier=0.1,
        youth_barrier=0.0,
    )
    community_centre: HubProfile = HubProfile(
        attender_share_men=0.2,
        attender_share_women=0.25,
        youth_factor=1.2,
        women_barrier=0.1,
        youth_barrier=0.1,
    )
    health_centre: HubProfile = HubProfile(
        attender_share_men=0.3,
        attender_share_women=0.5,
        youth_factor=0.6,
        weekly_attendance=0.06,
        women_barrier=0.0,
        youth_barrier=0.3,
    )
    online: HubProfile = HubProfile(
        attender_share_men=0.3,
        attender_share_women=0.3,
        youth_factor=1.8,
        weekly_attendance=0.4,
        credibility=0.4,
        women_barrier=0.0,
        youth_barrier=0.0,
    )
