"""Phase 7, too: hope and belonging follow what is lived, and fade."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.kernels import feelings as passes
from sim.phases.trust import size_of_work
from sim.projects import ACTIVE
from sim.rules.trust import kept_per_week
from sim.seats import MAYOR

if TYPE_CHECKING:
    from sim.city import City

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def let_feelings_fade(city: City) -> None:
    """Earlier evidence for hope and belonging fades; a peer in office gives hope to youths, and to women."""
    residents, behaviour, spans = city.residents, city.config.behaviour, city.rows.first_of_peers
    lost = 1.0 - kept_per_week(behaviour.hope.half_life_weeks)
    passes.fade(residents.hope, residents.evidence_of_hope, spans, evidence_of_peers(city), lost)
    lost, nothing = 1.0 - kept_per_week(behaviour.belonging.half_life_weeks), np.zeros(spans.size - 1)
    passes.fade(residents.belonging, residents.evidence_of_belonging, spans, nothing, lost)


def evidence_of_peers(city: City) -> Floats:
    """Evidence for hope that mayors are for youths and for women, by neighbourhood, sex and whether a youth, (4 M,).

    A young woman among them is a peer of young women twice: as a youth and as a woman.
    """
    seats, residents, found = city.institutions.seats, city.residents, np.empty((city.neighbourhoods, 2, 2))
    rate = city.config.behaviour.hope.peer_evidence_per_week
    passes.see_peers(seats.donor, seats.role, seats.neighbourhood, MAYOR, residents.sex, residents.cohort, rate, found)
    return found.ravel()


def feel(city: City, feeling: str, rows: Integers, gained: Floats | float) -> None:
    """Some residents, (n,), gain evidence for hope or belonging, log odds, (n,) or a number."""
    residents, each = city.residents, np.full(rows.size, gained, np.float64)
    passes.gain(rows, each, residents[feeling], residents[f"evidence_of_{feeling}"])


def hope_by_mastery(city: City, rows: Integers, learnt: Floats) -> None:
    """Acts that taught something give hope, by as much as they taught, (n,)."""
    hope = city.config.behaviour.hope
    feel(city, "hope", rows, hope.evidence_per_experience * hope.skill_weight * learnt)


def hope_by_answers(city: City) -> None:
    """An answer of the municipality gives hope; no answer takes as much."""
    hope, now = city.config.behaviour.hope, city.now
    step = hope.evidence_per_experience * hope.contact_weight
    feel(city, "hope", now.contacts, np.asarray(step * (2.0 * now.answered - 1.0), np.float64))


def hope_by_works(city: City) -> None:
    """A work finished in the neighbourhood gives hope to those who notice and need it, by its size, late or not.

    Of a captured work the part counts that is for all.
    """
    behaviour, projects, residents = city.config.behaviour, city.projects, city.residents
    hope = behaviour.hope
    if hope.delivery_weight == 0.0:
        return
    keys, notices = city.luck.keys(len(residents)), behaviour.awareness.finished_work
    for project in city.now.finished:
        b, for_all = projects.neighbourhood[project], 1.0 - behaviour.capture.private_share * projects.captured[project]
        size = size_of_work(city, project)
        passes.see_work(
            city.rows.first[b],
            city.rows.first[b + 1],
            keys,
            city.luck.key("notices work", int(projects.key[project])),  # those who do in phase 8
            notices,
            residents.need_weights[:, projects.category[project]],
            hope.evidence_per_experience * hope.delivery_weight * for_all * size,
            residents.hope,
            residents.evidence_of_hope,
        )


def belong_by_meeting(city: City) -> None:
    """Residents who met others this week belong more or less, depending on the meeting; a dispute is a bad meeting."""
    belonging, now = city.config.behaviour.belonging, city.now
    step = belonging.evidence_per_experience * belonging.meeting_weight
    feel(city, "belonging", now.met, step * (2.0 * now.meetings - 1.0))
    for _, rows in now.disputed:
        feel(city, "belonging", rows, -step)


def belong_by_building(city: City) -> None:
    """Where a council's work is finished, those belong more who last volunteered on it, and less if it is given up.

    Once for each work, and not for each week of volunteering: what is built is what ties.
    """
    belonging, projects, now = city.config.behaviour.belonging, city.projects, city.now
    step = belonging.evidence_per_experience * belonging.work_weight
    for works, evidence in ((now.finished, step), (now.failed, -step)):
        for project in works:
            if projects.by_council[project]:
                b = projects.neighbourhood[project]
                first, last = city.rows.first[b], city.rows.first[b + 1]
                rows = first + np.flatnonzero(city.residents.last_work[first:last] == project)
                feel(city, "belonging", rows, evidence)
    go_to_work(city)


def go_to_work(city: City) -> None:
    """Each of the week's volunteers works on one of the council's works under way, by lot."""
    residents, projects, rows = city.residents, city.projects, city.now.came["volunteering"]
    works = np.flatnonzero((projects.status == ACTIVE) & projects.delegated)
    works = works[np.argsort(projects.neighbourhood[works], kind="stable")]
    count = np.bincount(projects.neighbourhood[works], minlength=city.neighbourhoods)
    rows = rows[count[residents.neighbourhood[rows]] > 0]
    b = residents.neighbourhood[rows]
    first, lot = np.cumsum(count) - count, city.luck.uniform("works on", city.week, rows)
    residents.last_work[rows] = works[first[b] + (lot * count[b]).astype(np.int64)]
