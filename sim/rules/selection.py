"""Selection of council members and mayors: what each way of selecting looks at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sim.parameters import Effect, Parameters, parameter
from sim.registry import Registry

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

COUNCIL_SELECTIONS: Registry[tuple[str, ...]] = Registry(
    "selection of councils", "facilitator", "municipality", "elected", "sortition", "mixed"
)
"""Ways of filling a council's seats: the methods that its seats take in turn, names of `MEMBER_SCORES`."""

MEMBER_SCORES: Registry[Callable[..., Floats]] = Registry(
    "method of selecting members", "facilitator", "municipality", "elected", "sortition"
)
"""What each method looks at; see `member_score`."""

MAYOR_SELECTIONS: Registry[Callable[..., Floats]] = Registry("selection of mayors", "appointed", "council", "elected")
"""What each way of choosing a mayor looks at; see `mayor_score`."""

for _method in MEMBER_SCORES:
    COUNCIL_SELECTIONS.bind(_method)((_method,))
COUNCIL_SELECTIONS.bind("mixed")(("facilitator", "elected"))


class SelectionParameters(Parameters):
    """Who is considered for office, who accepts, who wins."""

    candidates_per_seat: int = parameter(
        8,
        "People considered for each seat; where members are elected, half of them stand at most.",
        unit="people per seat",
        range=(2, 40),
        source="Tehran 2019: 12,030 candidates in 352 neighbourhoods, about five a seat",
        tag="range",
        effect=Effect("mayor_skill", +1, low=2, high=40, why="the best of more is better"),
    )
    municipal_engagement: float = parameter(
        0.5,
        "Weekly probability that the municipality convenes a due council, or hosts a programme, where there is no hub.",
        unit="share",
        range=(0.02, 1.0),
        source="about that of a facilitator",
        tag="assumption",
        effect=Effect("councils", +1, when={"policy.hub.kinds": ()}, reduce="mean"),
    )
    luck: float = parameter(
        1.0,
        "Noise in each selector's judgement (scale of a Gumbel draw, beside traits of unit spread).",
        unit="ratio",
        range=(0.1, 5.0),
        source="assumed",
        tag="assumption",
        effect=Effect("mayor_skill", -1),
    )
    weight_of_attendance: float = parameter(
        1.5,
        "Weight that facilitators give to going to the hub.",
        unit="log odds per standard deviation",
        range=(0.0, 4.0),
        source="councils were formed around the imam",
        tag="assumption",
        effect=Effect("council_attendance", +1, reduce="mean"),
    )
    weight_of_resources: float = parameter(
        1.0,
        "Weight that the municipality, and less so facilitators and voters, give to resources.",
        unit="log odds per standard deviation",
        range=(0.0, 4.0),
        source="officials pick people with means",
        tag="assumption",
        effect=Effect("council_resources", +1, reduce="mean"),
    )
    weight_of_skill: float = parameter(
        1.0,
        "Weight of civic skill in a contest for mayor, and less so elsewhere.",
        unit="log odds per standard deviation",
        range=(0.0, 4.0),
        source="press, April 2024: mayors were chosen by a contest",
        tag="claimed",
        effect=Effect("mayor_skill", +1),
    )
    women_candidacy_barrier: float = parameter(
        1.1,
        "How much less facilitators and the municipality choose women where no seat is kept for them.",
        unit="log odds",
        range=(0.0, 3.0),
        source="assumed: as if they were chosen as seldom as they stand (Tehran 2019: 24.6 % of candidates)",
        tag="assumption",
        effect=Effect("council_women_share", -1, reduce="mean"),
    )
    women_nomination_ratio: float = parameter(
        0.25,
        "How often a woman stands for an elected seat that is open to all, beside a man.",
        unit="ratio",
        range=(0.07, 0.6),
        source="of candidates 6.3 % were women in Iran 2017 (ratio 0.07), 24.6 % in Tehran 2019 (ratio 0.33)",
        tag="range",
        effect=Effect("candidates_women_share", +1, when={"policy.council.selection": "elected"}),
    )
    nomination_share: float = parameter(
        0.01,
        "Share of the residents who may stand in an election that do so, at most.",
        unit="share",
        range=(0.002, 0.05),
        source="Iran 2017: 287,425 candidates, 0.5 % of those entitled; a neighbourhood has more seats a head",
        tag="range",
        effect=Effect("candidates", +1, when={"policy.council.selection": "elected"}),
    )
    own_group_vote: float = parameter(
        0.5,
        "How much voters lean to candidates of their own sex or cohort.",
        unit="log odds",
        range=(0.0, 3.0),
        source="affinity voting is small (Dolan 2008)",
        tag="assumption",
        effect=Effect(
            "council_youth_share",
            -1,
            when={
                "policy.council.selection": "elected",
                "policy.council.composition": "mixed",
                "policy.council.teen_managers": 0,
                "behaviour.participation.ballot_offset": 4.0,
                "behaviour.participation.ballot_reach": 1.0,
            },
            reduce="mean",
            why="young voters are fewer; in large electorates, where the noise of few votes does not hide it",
        ),
    )
    sortition_resources: float = parameter(
        0.6,
        "How much likelier people with means accept when drawn by lot.",
        unit="log odds per standard deviation",
        range=(0.0, 2.0),
        source="direction: few accept, and the educated more often (Jacquet 2017); size assumed",
        tag="assumption",
        effect=Effect("council_resources", +1, when={"policy.council.selection": "sortition"}, reduce="mean"),
    )


def standardised(values: Floats, mean: float, spread: float) -> Floats:
    """Deviations from the mean in units of the spread (a spread of 0 counts as 1)."""
    return (values - mean) / (spread if spread > 0.0 else 1.0)


def gumbel(uniform: Floats) -> Floats:
    """Standard Gumbel draws: choosing the highest score plus Gumbel is choosing with probability ∝ exp(score)."""
    from sim.randomness import inside  # here: reading a config needs no compiler

    return np.asarray(-np.log(-np.log(inside(uniform))))


def member_score(
    selection: str,
    parameters: SelectionParameters,
    *,
    attendance: Floats,
    resources: Floats,
    skill: Floats,
    propensity: Floats,
    trust: Floats,
    barred: Floats,
) -> Floats:
    """How much each way of selecting leans to a candidate, in log odds.

    Args:
        selection: facilitator, municipality, elected (the score of standing for office) or sortition.
        parameters: the weights.
        attendance, resources, skill, propensity, trust: traits in standard deviations, any shape.
        barred: 1 for women where no seat is kept for them, else 0; those who choose heed it, voters and the lot do not.

    Returns:
        log odds, same shape.
    """
    traits = {
        "attendance": attendance,
        "resources": resources,
        "skill": skill,
        "propensity": propensity,
        "trust": trust,
        "barred": barred,
    }
    return MEMBER_SCORES[selection](parameters, **traits)


@MEMBER_SCORES.bind("facilitator")
def _by_facilitator(
    p: SelectionParameters, *, attendance: Floats, resources: Floats, trust: Floats, barred: Floats, **_: Floats
) -> Floats:
    score = p.weight_of_attendance * attendance + 0.5 * p.weight_of_resources * resources + 0.5 * trust
    return np.asarray(score - p.women_candidacy_barrier * barred)


@MEMBER_SCORES.bind("municipality")
def _by_municipality(
    p: SelectionParameters, *, resources: Floats, skill: Floats, trust: Floats, barred: Floats, **_: Floats
) -> Floats:
    score = p.weight_of_resources * resources + 0.5 * p.weight_of_skill * skill + trust
    return np.asarray(score - p.women_candidacy_barrier * barred)


@MEMBER_SCORES.bind("elected")
def _by_standing(
    p: SelectionParameters, *, propensity: Floats, resources: Floats, skill: Floats, **_: Floats
) -> Floats:
    return propensity + 0.5 * p.weight_of_resources * resources + 0.5 * p.weight_of_skill * skill


@MEMBER_SCORES.bind("sortition")
def _by_lot(p: SelectionParameters, *, resources: Floats, **_: Floats) -> Floats:
    return p.sortition_resources * resources


def mayor_score(
    selection: str,
    parameters: SelectionParameters,
    *,
    attendance: Floats,
    resources: Floats,
    skill: Floats,
    standing_out: Floats,
) -> Floats:
    """How much each way of choosing a mayor leans to a candidate, in log odds; traits in standard deviations."""
    traits = {"attendance": attendance, "resources": resources, "skill": skill, "standing_out": standing_out}
    return MAYOR_SELECTIONS[selection](parameters, **traits)


@MAYOR_SELECTIONS.bind("appointed")
def _by_contest(p: SelectionParameters, *, skill: Floats, **_: Floats) -> Floats:
    return 2.0 * p.weight_of_skill * skill


@MAYOR_SELECTIONS.bind("council")
def _by_council(p: SelectionParameters, *, skill: Floats, attendance: Floats, **_: Floats) -> Floats:
    return p.weight_of_skill * skill + 0.5 * p.weight_of_attendance * attendance


@MAYOR_SELECTIONS.bind("elected")
def _by_votes(p: SelectionParameters, *, skill: Floats, resources: Floats, standing_out: Floats, **_: Floats) -> Floats:
    return 0.5 * p.weight_of_skill * skill + 0.5 * p.weight_of_resources * resources + 0.5 * standing_out


def most_candidates(nomination_share: float, eligible: Floats, seats: Integers, considered: int) -> Integers:
    """Candidates there are at most for each seat: max(1, ⌊share · eligible / seats⌋), and no more than are considered.

    Args:
        nomination_share: share of those who may stand that do.
        eligible: residents who may stand, at full scale, (n,).
        seats: seats that stand for election with them, (n,).
        considered: people considered for a seat.
    """
    a_seat = np.floor(nomination_share * eligible / np.maximum(seats, 1) + 1e-9).astype(np.int64)
    return np.minimum(considered, np.maximum(1, a_seat))


def plurality(preferences: Floats, seats: int) -> NDArray[np.int64]:
    """Winners of a single non-transferable vote: each voter votes for the preferred candidate, the most voted win.

    Args:
        preferences: (voters, candidates).
        seats: number of winners.

    Returns:
        positions of the winners, (min(seats, candidates),), most votes first, ties to the lower position.
    """
    votes = np.bincount(preferences.argmax(axis=1), minlength=preferences.shape[1])
    return np.argsort(-votes, kind="stable")[:seats]
