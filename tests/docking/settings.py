"""Settings under which the two models are compared, as values of the config by dotted key."""

WEEKS = 54  # a year, and a little of the next: yearly draws change at week 52


def from_week(week, end=None, shocks=(), **levers):
    """A timed policy: `authority__mode="top_down"` and so on from one week to another, and shocks on the way."""
    return {
        "start": week,
        "end": end,
        "set": {key.replace("__", "."): value for key, value in levers.items()},
        "shocks": list(shocks),
    }


SMALL = {
    "run.scale": 1.0,
    "run.seed": 7,
    "city.neighbourhoods.count": 5,
    "city.population.total": 500,
    "city.finance.works_budget_per_year": 20.0,
    "city.finance.project_cost_mean": 0.6,
    "city.finance.programme_cost": 0.01,
    "city.finance.team_cost_per_year": 0.8,
    "policy.support.neighbourhoods_per_team": 2,
    "policy.rollout.milestones": [{"week": 1, "share": 0.0}, {"week": 6, "share": 1.0}],
    "policy.mayor.from_week": 8,
    "policy.council.hearing_interval_weeks": 3,
    "policy.council.teen_managers": 6,
    "behaviour.choice.first_round_after_weeks": 4,
    "behaviour.choice.round_interval_weeks": 26,
    "behaviour.participation.base_propensity": -2.5,
    "behaviour.participation.resources_weight": 3.0,
    "behaviour.participation.trust_weight": 4.0,
    "behaviour.participation.belonging_weight": 3.0,
    "behaviour.participation.skill_weight": 3.0,
    "behaviour.participation.attender_access": 1.5,
    "behaviour.participation.standing_barrier": 3.0,
    "city.hubs.mosque.women_barrier": 1.5,
    "city.hubs.mosque.youth_barrier": 1.5,
    "behaviour.delivery.base_duration_weeks": 12.0,
    "behaviour.delivery.failure_hazard_per_week": 0.01,
    "behaviour.burnout.base_hazard_per_week": 0.01,
    "behaviour.capture.discovery_per_year": 0.5,
    "behaviour.capture.council_capture": 0.3,
    "behaviour.learning.talent_threshold": 0.3,
    "behaviour.returns.contribution_share": 0.2,
    "behaviour.returns.price_reduction": 0.15,
    "behaviour.returns.upkeep_gain": 0.3,
    "behaviour.returns.revenue_rise": 0.15,
    "behaviour.returns.revenue_half_life_weeks": 26.0,
    "behaviour.returns.dispute_probability": 0.3,
    "behaviour.returns.dispute_delay_weeks": 5,
}
"""Four hundred agents in five neighbourhoods, in a city where what elsewhere takes years happens within one, and where
effects are strong, so that a wrong one shows in what people do.
"""

SAMPLE = {**SMALL, "run.scale": 0.3, "city.population.total": 1_600, "city.finance.works_budget_per_year": 60.0}
"""Agents are a sample of the residents: most seats are held by residents outside it."""


def changed(base, **values):
    """The base with some values changed; two underscores stand for a dot."""
    return {**base, **{key.replace("__", "."): value for key, value in values.items()}}


BUSY = {
    "behaviour__civic__gatherings_per_year": 26.0,
    "behaviour__civic__gathering_reach": 0.4,
    "behaviour__civic__gathering_offset": 2.0,
    "behaviour__civic__help_per_year": 0.5,
    "behaviour__civic__petitions_per_year": 0.3,
    "behaviour__contacts__spread": 1.0,
}
"""Gatherings every other week, and much help and many petitions."""

SETTINGS = {
    "defaults": changed(SMALL),
    "defaults, a sample of residents": changed(SAMPLE),
    "voice counts by the answer, and councils have three quarters of the credit": changed(
        SMALL,
        behaviour__trust__voice_rule="response",
        behaviour__trust__attribution_to_council=0.75,
        behaviour__trust__news_weight=1.0,
    ),
    "consultation with loud and early dates": changed(
        SAMPLE,
        policy__authority__mode="consultation",
        policy__authority__veto="municipality",
        policy__choice__rule="needs_formula",
        policy__pledges__optimism=0.7,
        policy__pledges__loudness=0.8,
        policy__mayor__kind="none",
        policy__council__teen_managers=0,
        policy__council__womens_council=0,
        behaviour__knowledge__advice_taken=0.5,
        behaviour__choice__round_interval_weeks=26,
    ),
    "elections, and ballots by Equal Shares": changed(
        SMALL,
        policy__council__selection="elected",
        policy__council__term_weeks=30,
        policy__mayor__selection="elected",
        policy__choice__rule="ballot_equal_shares",
        policy__pledges__optimism=-0.3,
    ),
    "sortition with quotas, a mixed council, and standing for migrants": changed(
        SAMPLE,
        policy__council__selection="sortition",
        policy__council__composition="mixed",
        policy__council__quota_women=0.5,
        policy__council__quota_youth=0.3,
        policy__council__standing_for_migrants=True,
        policy__council__term_weeks=40,
        policy__allocation__rule="by_participation",
        city__population__migrant_share=0.3,
    ),
    "no hub and no support, the municipality selects": changed(
        SMALL,
        policy__hub__kinds=[],
        policy__council__selection="municipality",
        policy__council__composition="youth",
        policy__choice__rule="municipality_picks",
        policy__support__kind="none",
        policy__allocation__rule="by_need",
        policy__rollout__order="easy_first",
        behaviour__trust__hub_selection=-0.1,
        behaviour__knowledge__member_voice=0.0,
    ),
    "school and online hubs, training, greedy ballots": changed(
        SAMPLE,
        policy__hub__kinds=["school", "online"],
        policy__council__selection="mixed",
        policy__choice__rule="ballot_greedy",
        policy__support__kind="training",
        policy__rollout__order="random",
        policy__mayor__selection="council",
    ),
    "thresholds and averaging": changed(
        SMALL,
        behaviour__participation__rule="threshold",
        behaviour__influence__rule="averaging",
        policy__choice__rule="lottery",
        policy__mayor__kind="elder",
        policy__rollout__order="at_once",
    ),
    "conditional cooperation and repulsion": changed(
        SAMPLE,
        behaviour__participation__rule="conditional_cooperation",
        behaviour__influence__rule="repulsion",
        policy__choice__rule="facilitator_veto",
        behaviour__choice__veto_strictness=1.0,
        behaviour__participation__base_propensity=-4.0,
    ),
    "audit, publication and tracking, duties undefined": changed(
        SMALL,
        policy__accountability__audit=True,
        policy__accountability__publication=True,
        policy__accountability__pledge_tracking=True,
        policy__accountability__defined_duties=False,
        policy__allocation__rule="by_favour",
        policy__mayor__kind="elder",
        policy__mayor__selection="council",
        policy__authority__veto="facilitator",
        policy__funding__payment_reliability=0.4,
        behaviour__capture__council_leak=0.2,
    ),
    "budget cut, programme ended and begun again": changed(
        SMALL,
        timeline=[
            from_week(20, funding__level=0.3),
            from_week(34, 44, authority__mode="top_down"),
        ],
    ),
    "every shock": changed(
        SAMPLE,
        timeline=[
            from_week(
                0,
                shocks=[
                    {"kind": "facilitator_replaced", "week": 12, "size": 0.5, "share_of_neighbourhoods": 0.6},
                    {"kind": "team_withdrawn", "week": 16, "size": 0.7, "share_of_neighbourhoods": 0.4},
                    {"kind": "scandal", "week": 20, "size": 0.8, "share_of_neighbourhoods": 0.4, "blamed": "council"},
                    {"kind": "flood", "week": 24, "size": 0.5, "share_of_neighbourhoods": 0.6},
                    {"kind": "scandal", "week": 24, "size": 0.5},
                ],
            )
        ],
    ),
    "levers moved on the way": changed(
        SMALL,
        policy__mayor__kind="none",
        policy__authority__mode="consultation",
        timeline=[
            from_week(15, mayor__kind="youth", mayor__seats=3, mayor__from_week=17),
            from_week(20, hub__kinds=["community_centre", "mosque", "health_centre"]),
            from_week(25, 45, council__size=7, council__womens_council=2, council__selection="sortition"),
            from_week(30, support__kind="training", authority__mode="delegated", authority__delegated_share=0.9),
            from_week(40, support__kind="team", support__neighbourhoods_per_team=3, mayor__kind="elder"),
            from_week(48, authority__mode="consultation", accountability__audit=True),
        ],
    ),
    "elections of few, for which many stand": changed(
        SAMPLE,
        policy__council__selection="elected",
        policy__council__size=2,
        policy__council__liaisons=1,
        policy__council__womens_council=1,
        policy__council__teen_managers=0,
        policy__council__term_weeks=26,
        policy__mayor__selection="elected",
        policy__mayor__kind="elder",
        policy__choice__rule="ballot_greedy",
        city__population__migrant_share=0.3,
        behaviour__selection__nomination_share=0.05,
        behaviour__selection__women_nomination_ratio=0.6,
    ),
    "a busy civic life, and most asking goes to the list": changed(
        SMALL,
        **BUSY,
        behaviour__list__listing_probability=0.8,
        behaviour__list__share_of_asking=0.7,
        behaviour__participation__council_asks_per_week=6.0,
        behaviour__participation__mayor_asks_per_week=6.0,
        behaviour__burnout__usual_load=0.1,
        behaviour__burnout__usual_recognition=0.9,
        behaviour__burnout__base_hazard_per_week=0.03,
        policy__allocation__rule="by_participation",
    ),
    "a busy civic life without a programme": changed(
        SAMPLE, **BUSY, policy__authority__mode="top_down", behaviour__participation__council_asks_per_week=12.0
    ),
    "no civic life, no list": changed(
        SMALL,
        behaviour__civic__gatherings_per_year=0.0,
        behaviour__civic__help_per_year=0.0,
        behaviour__civic__petitions_per_year=0.0,
        behaviour__list__listing_probability=0.0,
        behaviour__list__share_of_asking=0.0,
    ),
    "seats become elected on the way": changed(SMALL, timeline=[from_week(20, council__selection="elected")]),
    "sharing power returns nothing, and nobody disputes a choice": changed(
        SMALL,
        behaviour__returns__contribution_share=0.0,
        behaviour__returns__price_reduction=0.0,
        behaviour__returns__upkeep_gain=0.0,
        behaviour__returns__revenue_rise=0.0,
        behaviour__returns__dispute_probability=0.0,
        behaviour__returns__dispute_delay_weeks=0,
    ),
    "a policy that changes nothing": changed(
        SMALL, policy__allocation__rule="by_need", timeline=[from_week(10, allocation__rule="by_need")]
    ),
    "strong contacts, a short memory, formative years, and everything is told": changed(
        SMALL,
        behaviour__contacts__per_year=0.35,
        behaviour__contacts__spread=0.5,
        behaviour__contacts__weight=3.0,
        behaviour__contacts__repeat_ratio=2.0,
        behaviour__contacts__answered_spread=2.0,
        behaviour__trust__half_life_weeks=13.0,
        behaviour__trust__evidence_per_experience=0.5,
        behaviour__trust__loss_to_gain_ratio=3.0,
        behaviour__trust__voice_weight=3.0,
        behaviour__trust__service_evidence_per_week=0.05,
        behaviour__expectation__initial_gap=0.2,
        behaviour__influence__telling_rate_per_week=1.0,
        behaviour__influence__hearsay_weight=0.9,
        behaviour__politics__national_sd_per_week=0.055,
        behaviour__politics__personal_events_per_year=26.0,
        behaviour__politics__personal_event_size=0.5,
        behaviour__politics__personal_event_size_in_people=0.4,
        behaviour__formative__rate_per_week=0.015,
        behaviour__formative__until_age=30,
        behaviour__awareness__scandal_weight=4.0,
        behaviour__hope__half_life_weeks=26.0,
        behaviour__hope__evidence_per_experience=1.0,
        behaviour__hope__contact_weight=2.0,
        behaviour__hope__delivery_weight=2.0,
        behaviour__hope__skill_weight=2.0,
        behaviour__hope__peer_evidence_per_week=0.004,
        behaviour__belonging__half_life_weeks=52.0,
        behaviour__belonging__evidence_per_experience=0.5,
        behaviour__belonging__meeting_weight=1.0,
        behaviour__belonging__work_weight=2.0,
        behaviour__belonging__residence_slope=0.03,
    ),
    "a quiet life: no contacts count, no politics, nobody tells": changed(
        SAMPLE,
        behaviour__contacts__weight=0.0,
        behaviour__politics__national_sd_per_week=0.0,
        behaviour__politics__personal_events_per_year=0.0,
        behaviour__influence__telling_rate_per_week=0.0,
        behaviour__formative__rate_per_week=0.0,
    ),
    "talk of levels within a bound": changed(
        SMALL,
        behaviour__influence__rule="bounded_confidence",
        behaviour__influence__convergence=0.5,
        behaviour__formative__rate_per_week=0.015,
    ),
    "the first version's trust": changed(
        SMALL,
        behaviour__trust__rule="anchored_averaging",
        behaviour__influence__rule="bounded_confidence",
        behaviour__politics__personal_events_per_year=26.0,
    ),
    "the first version's trust, where news is told": changed(
        SAMPLE,
        behaviour__trust__rule="anchored_averaging",
        behaviour__anchored_trust__step_per_experience=0.3,
        behaviour__contacts__per_year=0.35,
        behaviour__contacts__weight=3.0,
        behaviour__trust__voice_weight=3.0,
        behaviour__influence__telling_rate_per_week=1.0,
        behaviour__influence__hearsay_weight=0.9,
    ),
    "the first version's trust, all ties averaged": changed(
        SMALL,
        behaviour__trust__rule="anchored_averaging",
        behaviour__influence__rule="averaging",
        behaviour__influence__convergence=0.5,
    ),
    "the first version's trust, ties that repel": changed(
        SAMPLE,
        behaviour__trust__rule="anchored_averaging",
        behaviour__influence__rule="repulsion",
        behaviour__influence__convergence=0.5,
        behaviour__influence__contact_rate_per_week=1.0,
        behaviour__anchored_trust__stubbornness_of_extremes=0.0,
    ),
}
"""Between them they pull every switch and take every structural alternative at least once."""
