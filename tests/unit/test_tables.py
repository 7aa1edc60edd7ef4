"""The tables of groups and neighbourhoods against pandas, straight from the residents."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim import City
from sim.agents import Resident
from sim.cells import FLOOR, GROUP_KINDS, MEANS
from sim.phase import phase, with_phase
from sim.projects import ACTIVE, FAILED, FINISHED, STATUSES
from sim.rules.participation import ACTIVE_WEEKS


@pytest.fixture(scope="module", params=[31, 61])
def counted(request):
    """A city after some weeks and its residents as a plain table, with what each did this week."""
    city = City(rng=6, **{"run.scale": 0.02, "run.weeks": 70})
    city.run(request.param - 1)
    before = {}

    @phase()
    def note_what_was_done(city):
        before["now"] = city.now

    city.phases = with_phase(city.phases, note_what_was_done, before="measure")
    city.step()
    now, residents = before["now"], city.residents
    table = pd.DataFrame({name: residents[name] for name in (*MEANS, "neighbourhood")})
    for kind in GROUP_KINDS:
        column = getattr(Resident, kind)
        table[kind] = np.array(column.labels)[residents[kind]]
    table["participation_rate"] = residents.last_part_week > city.week - ACTIVE_WEEKS
    table["ever_participated_rate"] = residents.acts > 0
    table["below_floor_share"] = residents.performance < FLOOR
    rows = np.arange(len(residents))
    attended = np.concatenate([now.came[kind] for kind in ("hearing", "programme", "ballot", "gathering")])
    for name, who in (
        ("informed", now.informed),
        ("attended", attended),
        ("volunteered", now.came["volunteering"]),
        ("organised", city.institutions.member_rows),
    ):
        table[name] = np.isin(rows, who)
    return city, table


def test_groups(counted):
    city, table = counted
    latest = city.group_history.query("week == @city.week")
    for kind in GROUP_KINDS:
        found = latest[latest.group_kind == kind].set_index("group")
        grouped = table.groupby(kind)
        for name in (*MEANS, "participation_rate", "ever_participated_rate", "below_floor_share"):
            expected = grouped[name].mean()
            assert found.loc[expected.index, name].to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-12)
        for name in ("informed", "attended", "volunteered", "organised"):
            expected = grouped[name].mean()
            assert found.loc[expected.index, f"{name}_rate"].to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-12)
        size = grouped.size()
        assert found.loc[size.index, "residents"].to_numpy() == pytest.approx(size.to_numpy() / city.scale)
    assert table[["informed", "attended", "organised"]].sum().nunique() == 3  # or a mix-up would go unnoticed


def test_neighbourhoods(counted):
    city, table = counted
    found = city.neighbourhood_history.query("week == @city.week").set_index("neighbourhood")
    grouped = table.groupby("neighbourhood")
    for name in (*MEANS, "participation_rate", "ever_participated_rate", "below_floor_share"):
        assert found[name].to_numpy() == pytest.approx(grouped[name].mean().to_numpy(), abs=1e-12)
    for column, name in (("informed", "informed"), ("attended", "attended"), ("volunteers", "volunteered")):
        assert found[column].to_numpy() == pytest.approx(grouped[name].sum().to_numpy() / city.scale, abs=1e-9)


def test_projects_of_neighbourhoods_and_of_the_city(counted):
    city, _ = counted
    found = city.neighbourhood_history.query("week == @city.week").set_index("neighbourhood")
    row = city.history.set_index("week").loc[city.week]
    projects = pd.DataFrame({name: getattr(city.projects, name) for name in ("neighbourhood", "status", "late")})
    projects["by_council"], projects["captured"] = city.projects.by_council, city.projects.captured
    everywhere = range(city.neighbourhoods)
    for name, counted_in in (
        ("active", projects.status == ACTIVE),
        ("finished", projects.status == FINISHED),
        ("failed", projects.status == FAILED),
        ("late", projects.late),
    ):
        expected = projects[counted_in].groupby("neighbourhood").size().reindex(everywhere, fill_value=0)
        assert found[f"projects_{name}"].tolist() == expected.tolist()
        if city.week > 60 and name != "failed":
            assert expected.nunique() > 1  # or a shifted neighbourhood would go unnoticed
    assert row.construction_projects_late == projects.late.sum()
    due = city.projects.pledge_week < city.week
    assert due[city.projects.late].all()
    since = due & ~city.projects.from_before
    late = city.projects.late[since].mean() if since.any() else np.nan
    assert row.construction_projects_late_share == pytest.approx(late, nan_ok=True)
    assert row.council_projects_pledged == projects.by_council.sum()
    assert row.council_projects_finished == (projects.by_council & (projects.status == FINISHED)).sum()
    assert row.captured_projects == projects.captured.sum()
    assert row.construction_projects_pledged == (~city.projects.from_before).sum()


def test_a_state_of_somebodys_own_counts_as_no_other(counted):
    city, _ = counted
    before = city.projects.counts(city.neighbourhoods)
    status, first = city.projects.status.copy(), int(city.projects.status[0])
    city.projects.status[0] = len(STATUSES) + 1
    after = city.projects.counts(city.neighbourhoods)
    city.projects.status[:] = status
    changed = [name for name in before if (before[name] != after[name]).any()]
    assert changed == [STATUSES[first]]
