"""A city is an ordinary Mesa model: agents, agent sets, time, events, data collection, batch runs, SolaraViz."""

import copy
import json
import multiprocessing
import pickle
import runpy
import subprocess
import sys
from pathlib import Path

import ipyvuetify
import matplotlib
import mesa
import numpy as np
import pandas as pd
import pytest
import solara
from mesa.experimental.scenarios import Scenario
from mesa.time import Schedule
from mesa.visualization import Slider, SolaraViz, make_plot_component

import sim
from sim.phase import phase, with_phase

TINY = {
    "run.scale": 0.01,
    "city.neighbourhoods.count": 5,
    "policy.rollout.milestones": [{"week": 0, "share": 1.0}],
}


def same(one, other):
    """Whether two frames are equal to the last bit; nan equals nan."""
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    return True


@pytest.fixture
def city():
    return sim.City(rng=1, **TINY)


# --- Agents -----------------------------------------------------------------------------------------------------------


def test_a_city_is_a_mesa_model_of_mesa_agents(city):
    assert isinstance(city, mesa.Model)
    assert all(isinstance(agent, mesa.Agent) and agent.model is city for agent in city.agents)


def test_residents_are_made_when_first_asked_for(city):
    # One municipality, five councils, mayoralties and imams, one team.
    assert len(city._all_agents) == 17
    city.run(3)
    assert city.history.week.iloc[-1] == 3
    assert len(city._all_agents) == 17
    people = len(city.residents)
    assert len(city.agents) == people + 17
    assert len(city.agents) == people + 17


def test_agents_by_type_holds_every_kind(city):
    by_type = city.agents_by_type
    youths = int((city.residents.cohort == 0).sum())
    assert {kind.__name__: len(agents) for kind, agents in by_type.items()} == {
        "Municipality": 1,
        "Council": 5,
        "NeighbourhoodMayor": 5,
        "Imam": 5,
        "MunicipalTeam": 1,
        "Youth": youths,
        "Resident": len(city.residents) - youths,
    }
    assert set(city.agent_types) == set(by_type)
    for kind in (sim.Youth, sim.Imam, sim.Council, sim.Municipality, sim.MunicipalTeam, sim.NeighbourhoodMayor):
        assert all(type(agent) is kind for agent in by_type[kind])


def test_other_hubs_have_facilitators_who_are_no_imams():
    city = sim.City(rng=1, **TINY, policy__hub__kinds=["school", "mosque"])
    assert len(city.agents_by_type[sim.Facilitator]) == len(city.agents_by_type[sim.Imam]) == 5
    assert {agent.hub for agent in city.agents_by_type[sim.Facilitator]} == {"school"}
    assert {agent.hub for agent in city.agents_by_type[sim.Imam]} == {"mosque"}


def test_an_attribute_reads_and_writes_the_array(city):
    person = city.resident(12)
    city.residents.trust_in_people[12] = 0.375
    assert person.trust_in_people == 0.375
    person.habit = 0.625
    assert city.residents.habit[12] == 0.625
    for name in ("neighbourhood", "sex", "cohort", "standing", "attendance"):
        own = getattr(person, name)
        with pytest.raises(AttributeError, match=f"{name} is fixed once the city is built"):
            setattr(person, name, own)
        assert getattr(person, name) == own
    with pytest.raises(ValueError, match="trust_in_people must lie in"):
        person.trust_in_people = 1.5
    council = city.agents_by_type[sim.Council][2]
    city.institutions.councils.rounds[2] = 4
    assert council.rounds == 4


def test_what_is_written_to_an_agent_moves_the_run():
    # All values in one city are raised through agents, in another through the array: the runs stay the same.
    one, other, plain = (sim.City(rng=2, **TINY) for _ in range(3))
    one.agents_by_type[sim.Youth].set("habit", 1.0)
    other.residents.habit[other.residents.cohort == 0] = 1.0
    assert same(one.run(6).history, other.run(6).history)
    assert not one.history.habit.equals(plain.run(6).history.habit)


def test_residents_are_chosen_by_name_in_columns_and_among_agents(city):
    women = city.residents.sex == "woman"
    assert 0.4 < women.mean() < 0.6
    assert (city.residents.sex == sim.Sex.WOMAN).tolist() == women.tolist()
    assert city.agents.select(lambda own: getattr(own, "sex", "") == sim.Sex.WOMAN).get("row") == list(
        np.flatnonzero(women)
    )
    with pytest.raises(ValueError, match=r'cohort is never "youths"; .* did you mean "youth"'):
        city.residents.cohort == "youths"  # noqa: B015  # what is raised is all that is wanted
    for names, labels in (
        (sim.Sex, sim.Resident.sex.labels),
        (sim.Cohort, sim.Resident.cohort.labels),
        (sim.Standing, sim.Resident.standing.labels),
        (sim.Attendance, sim.Resident.attendance.labels),
        (sim.Role, sim.Resident.role.labels),
    ):
        assert tuple(names) == labels


def test_a_misspelt_attribute_of_residents_is_refused(city):
    with pytest.raises(AttributeError, match="has no attribute 'civc_skill'; did you mean \"civic_skill\""):
        city.agents_by_type[sim.Youth].set("civc_skill", 1.0)


@pytest.mark.parametrize("go", [lambda city: city.step(), lambda city: city.run_for(2), lambda city: city.run(2)])
def test_a_value_no_resident_may_have_is_refused_before_the_week(city, go):
    city.residents.trust_in_people[7] = 3
    with pytest.raises(ValueError, match=r"trust_in_people must lie in \[0.0, 1.0\], not 3.0, as in row 7"):
        go(city)
    assert city.week == 0


def test_a_value_no_resident_may_have_is_refused_at_the_end_of_the_week_in_which_a_phase_wrote_it():
    @phase(writes="residents: hope")
    def cheer(city):
        if city.week == 3:
            city.residents.hope[4] = 1.5

    class Cheered(sim.City):
        phases = with_phase(sim.City.phases, cheer, before="measure")

    city = Cheered(rng=1, **TINY)
    with pytest.raises(ValueError, match=r"hope must lie in \[0.0, 1.0\], not 1.5, as in row 4"):
        city.run(6)
    assert city.week == 3


def test_agents_know_their_neighbourhood_and_each_other(city):
    city.run(10)
    person = city.resident(0)
    assert person.council is city.institutions.council_agents[person.neighbourhood]
    first, second, _ = city.ties.edges()
    assert {friend.row for friend in person.ties} == set(second[first == 0].tolist())
    for council in city.agents_by_type[sim.Council]:
        assert all(member.neighbourhood == council.neighbourhood for member in council.residents_on_it)
        assert council.balance == city.money.books.delegated[council.row]
    municipality = city.agents_by_type[sim.Municipality][0]
    assert municipality.balance == city.money.books.central_balance
    assert municipality.delegated_share == 0.5


def test_youths_are_those_born_in_the_1380s(city):
    youths = city.agents_by_type[sim.Youth]
    assert youths.agg("birth_year", min) >= 1380
    assert city.agents_by_type[sim.Resident].agg("birth_year", max) < 1380
    youths[0].civic_skill = 0.9
    assert youths[0].in_talent_pool
    youths[0].civic_skill = 0.1
    assert not youths[0].in_talent_pool


# --- Unique ids -------------------------------------------------------------------------------------------------------


def ids(city):
    return {(type(agent).__name__, getattr(agent, "row", -1)): agent.unique_id for agent in city.agents}


def test_ids_are_unique_and_a_residents_is_its_row_plus_one(city):
    numbers = [agent.unique_id for agent in city.agents]
    assert len(set(numbers)) == len(numbers)
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    for kind in (sim.Youth, sim.Resident):
        assert all(agent.unique_id == agent.row + 1 for agent in city.agents_by_type[kind])


def test_ids_are_the_same_whether_residents_are_made_early_or_late():
    early, late = sim.City(rng=1, **TINY), sim.City(rng=1, **TINY)
    before = ids(early)
    early.run(4)
    late.run(4)
    assert ids(early) == before == ids(late)


def test_ids_stay_unique_when_a_policy_brings_new_facilitators():
    timeline = [{"start": 2, "set": {"hub.kinds": ["school", "mosque"]}}]
    early, late = (sim.City(rng=1, **TINY, timeline=timeline) for _ in range(2))
    assert len(early.agents) > 17
    for city in (early, late):
        city.run(4)
    assert ids(early) == ids(late)
    assert len(set(ids(early).values())) == len(early.agents)
    assert len(early.agents_by_type[sim.Facilitator]) == 5


def test_making_residents_does_not_change_the_run():
    looked_at, left_alone = sim.City(rng=3, **TINY), sim.City(rng=3, **TINY)
    for _ in range(6):
        looked_at.agents.shuffle_do("step")
        looked_at.agents.shuffle(inplace=False)
        looked_at.step()
    assert same(looked_at.history, left_alone.run(6).history)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda city: pickle.loads(pickle.dumps(city))])
def test_a_copy_of_a_city_runs_on_by_itself(city, duplicate):
    city.run(3)
    other = duplicate(city)
    assert same(other.run(3).history, sim.City(rng=1, **TINY).run(6).history)
    assert (city.week, len(city.history)) == (3, 4)
    assert same(city.run(3).history, other.history)


# --- Agent sets -------------------------------------------------------------------------------------------------------


def test_agg_is_the_mean_of_the_array(city):
    residents = city.agents.select(lambda agent: isinstance(agent, sim.Resident))
    assert len(residents) == len(city.residents)
    assert residents.agg("trust_in_municipality", np.mean) == pytest.approx(city.residents.trust_in_municipality.mean())
    assert city.agents.select(agent_type=sim.Youth).agg("hope", np.mean) == pytest.approx(
        city.residents.hope[city.residents.cohort == 0].mean()
    )


def test_select_by_attributes(city):
    women = city.agents_by_type[sim.Resident].select(lambda agent: agent.sex == "woman")
    assert len(women) == ((city.residents.sex == 1) & (city.residents.cohort > 0)).sum()
    assert len(women.select(at_most=7)) == 7


def test_groupby_counts_and_aggregates(city):
    residents = city.agents_by_type[sim.Resident]
    codes, labels = city.residents.cohort, sim.Resident.cohort.labels
    counts = {labels[code]: (codes == code).sum() for code in np.unique(codes[codes > 0])}
    assert residents.groupby("cohort").count() == counts
    means = residents.groupby("neighbourhood").agg("belonging", np.mean)
    rows = (city.residents.neighbourhood == 3) & (codes > 0)
    assert means[3] == pytest.approx(city.residents.belonging[rows].mean())


def test_get_and_set_read_and_write_the_arrays(city):
    youths = city.agents_by_type[sim.Youth]
    rows = np.flatnonzero(city.residents.cohort == 0)
    assert youths.get("resources") == city.residents.resources[rows].tolist()
    assert youths.get(["habit", "cohort"])[0] == [float(city.residents.habit[rows[0]]), "youth"]
    others = city.residents.habit.sum() - city.residents.habit[rows].sum()
    youths.set("habit", 0.25)
    assert city.residents.habit.sum() == pytest.approx(others + 0.25 * rows.size, rel=1e-12)
    assert (city.residents.habit[rows] == 0.25).all()


def test_do_and_shuffle_do_call_every_agent_once(city):
    called = []
    youths = city.agents_by_type[sim.Youth]
    youths.do(lambda agent: called.append(agent.unique_id))
    assert called == youths.get("unique_id")
    called.clear()
    youths.shuffle_do(lambda agent: called.append(agent.unique_id))
    assert sorted(called) == sorted(youths.get("unique_id"))
    assert called != youths.get("unique_id")
    assert youths.map(lambda agent: agent.row) == youths.get("row")


def test_sort_orders_by_an_attribute(city):
    trust = city.agents_by_type[sim.Resident].sort("trust_in_people").get("trust_in_people")
    assert trust == sorted(trust, reverse=True)


# --- Time and events --------------------------------------------------------------------------------------------------


def test_a_step_is_a_week(city):
    assert (city.time, city.steps, city.week, len(city.history)) == (0, 0, 0, 1)
    city.step()
    assert (city.time, city.steps, city.week, len(city.history)) == (1, 1, 1, 2)
    city.run_for(3)
    assert (city.time, city.steps, city.week, len(city.history)) == (4, 4, 4, 5)
    city.run_until(6)
    assert (city.time, city.steps, city.week) == (6, 6, 6)
    assert city.run(2) is city
    assert city.history.week.tolist() == list(range(9))


def test_step_run_for_and_run_are_the_same():
    stepped, run_for, run = (sim.City(rng=4, **TINY, **{"run.weeks": 8}) for _ in range(3))
    for _ in range(8):
        stepped.step()
    run_for.run_for(8)
    run.run()
    assert same(stepped.history, run_for.history)
    assert same(stepped.history, run.history)


def test_a_city_stops_at_its_horizon():
    city = sim.City(rng=1, **TINY, **{"run.weeks": 5})
    while city.running and city.steps < 9:  # as run_model does, but sure to end
        city.step()
    assert (city.week, city.running) == (5, False)
    assert city.run().week == 5  # nothing is left to run
    assert city.run(2).week == 7  # unless asked to go on


def test_events_of_a_user_happen_at_their_time(city):
    seen = []

    def feast():
        seen.append(("feast", city.time, city.week, len(city.history)))

    def market():
        seen.append(("market", city.time, city.week, len(city.history)))

    city.schedule_event(feast, at=3)
    city.schedule_event(feast, after=4.5)
    city.schedule_recurring(market, Schedule(interval=2, start=2, end=6))
    city.run(7)
    # After the step of the same week, whose row is then in the history; a time between two weeks is in the first.
    assert seen == [
        ("market", 2, 2, 3),
        ("feast", 3, 3, 4),
        ("market", 4, 4, 5),
        ("feast", 4.5, 4, 5),
        ("market", 6, 6, 7),
    ]
    assert city.week == 7


def test_an_event_may_change_residents_and_a_cancelled_one_does_not(city):
    def give_hope():
        city.agents_by_type[sim.Youth].set("hope", 1.0)

    def take_hope():
        city.residents.hope = 0.0

    city.schedule_event(give_hope, at=2)
    city.schedule_event(take_hope, at=2).cancel()
    city.run(2)
    assert (city.residents.hope[city.residents.cohort == 0] == 1.0).all()
    assert (city.residents.hope[city.residents.cohort > 0] > 0.0).all()


# --- Seeds ------------------------------------------------------------------------------------------------------------


def test_seed_0_is_a_seed():
    zero, again, default = sim.City(rng=0, **TINY), sim.City(rng=0, **TINY), sim.City(**TINY)
    assert (zero.seed, zero.config.run.seed, default.seed) == (0, 0, 1)
    assert same(zero.run(4).history, again.run(4).history)
    assert not zero.history.equals(default.run(4).history)
    assert zero.random.random() == again.random.random()
    assert zero.rng.random() == again.rng.random()


def test_mesa_s_old_word_for_the_seed_is_answered_with_the_new_one():
    with pytest.raises(sim.ConfigError, match=r"^seed: write rng, .*City\(config, rng=3\)$"):
        sim.City(seed=3, **TINY)


def test_a_seed_in_the_config_and_one_given_are_the_same():
    given, configured = sim.City(rng=5, **TINY), sim.City(**TINY, **{"run.seed": 5})
    assert same(given.run(3).history, configured.run(3).history)
    assert given.config == configured.config


@pytest.mark.parametrize("seed", [np.int64(7), np.random.default_rng(7), np.random.SeedSequence(7)])
def test_seeds_of_other_kinds_are_taken(seed):
    city = sim.City(rng=seed, **TINY)
    assert same(city.run(2).history, sim.City(rng=city.seed, **TINY).run(2).history)


# --- Data collection --------------------------------------------------------------------------------------------------


def test_the_data_collector_tells_the_history(city):
    city.run(5)
    collected = city.datacollector.get_model_vars_dataframe()
    assert collected.columns.tolist() == city.history.columns.tolist()
    assert same(collected.astype(city.history.dtypes.to_dict()), city.history)


def test_a_users_own_data_collector_reads_the_agents(city):
    collector = mesa.DataCollector(
        model_reporters={"trust": lambda model: model.agents_by_type[sim.Youth].agg("trust_in_people", np.mean)},
        agenttype_reporters={sim.Council: {"members": "members"}, sim.Resident: {"habit": "habit"}},
    )
    for _ in range(3):
        city.step()
        collector.collect(city)
    trust = collector.get_model_vars_dataframe().trust
    assert trust.iloc[-1] == pytest.approx(city.residents.trust_in_people[city.residents.cohort == 0].mean())
    members = collector.get_agenttype_vars_dataframe(sim.Council).xs(3, level="Step").members
    assert members.tolist() == city.institutions.councils.members.tolist()
    assert len(collector.get_agenttype_vars_dataframe(sim.Resident)) == 3 * (city.residents.cohort > 0).sum()


# --- Batch runs -------------------------------------------------------------------------------------------------------


@pytest.fixture
def config_file(tmp_path):
    path = tmp_path / "town.yaml"
    path.write_text("city:\n  neighbourhoods:\n    count: 5\nrun:\n  weeks: 50\n", encoding="utf-8")
    return path


@pytest.fixture
def start_method():
    """Mesa's batch_run sets the start method of processes for good: put it back."""
    before = multiprocessing.get_start_method(allow_none=True)
    yield
    multiprocessing.set_start_method(before, force=True)


BATCH = {"run.scale": 0.01, "policy.authority.delegated_share": [0.0, 0.5]}


@pytest.mark.usefixtures("start_method")
@pytest.mark.parametrize("kind", ["path", "text", "config", "nothing"])
def test_batch_run_over_levers_and_seeds(config_file, kind):
    config = {"path": config_file, "text": str(config_file), "config": sim.load_config(config_file), "nothing": None}
    results = mesa.batch_run(
        sim.City,
        {"config": config[kind], **BATCH},
        rng=[1, 2],
        max_steps=5,
        number_processes=1,
        display_progress=False,
    )
    assert [(row["rng"], row["policy.authority.delegated_share"]) for row in results] == [
        (1, 0.0),
        (1, 0.5),
        (2, 0.0),
        (2, 0.5),
    ]
    assert {row["Step"] for row in results} == {5}
    for row in results:
        alone = sim.City(
            config[kind],
            rng=row["rng"],
            **{"run.scale": 0.01, "policy.authority.delegated_share": row["policy.authority.delegated_share"]},
        ).run(5)
        last = alone.history.iloc[-1]
        assert row["trust_in_municipality"] == last.trust_in_municipality
        assert row["money_spent"] == last.money_spent


@pytest.mark.usefixtures("start_method")
def test_batch_run_gives_every_week_when_asked(config_file):
    results = pd.DataFrame(
        mesa.batch_run(
            sim.City,
            {"config": config_file, **BATCH},
            rng=[1, 2],
            max_steps=5,
            number_processes=1,
            data_collection_period=1,
            display_progress=False,
        )
    )
    assert len(results) == 4 * 6
    for _, rows in results.groupby("RunId"):
        assert rows.Step.tolist() == rows.week.tolist() == list(range(6))
    share = {"policy.authority.delegated_share": 0.5}
    history = sim.City(config_file, rng=2, **{"run.scale": 0.01}, **share).run(5).history
    mine = results[(results.rng == 2) & (results["policy.authority.delegated_share"] == 0.5)]
    assert mine.service_level.tolist() == history.service_level.tolist()


IN_PROCESSES = """
import json
import sys
import warnings

import mesa
import sim

if __name__ == "__main__":
    warnings.simplefilter("error", FutureWarning)
    warnings.simplefilter("error", DeprecationWarning)
    results = mesa.batch_run(
        sim.City, {"config": sys.argv[1], "run.scale": 0.01, "policy.authority.delegated_share": [0.0, 0.5]},
        rng=[1, 2], max_steps=5, number_processes=2, display_progress=False,
    )
    results.sort(key=lambda row: row["RunId"])
    print(json.dumps([row["trust_in_municipality"] for row in results]))
"""


def test_batch_run_in_two_processes_gives_the_same(config_file, tmp_path):
    script = tmp_path / "batch.py"
    script.write_text(IN_PROCESSES, encoding="utf-8")
    done = subprocess.run([sys.executable, script, config_file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    alone = [
        sim.City(config_file, rng=seed, **{"run.scale": 0.01, "policy.authority.delegated_share": share}).run(5)
        for seed in (1, 2)
        for share in (0.0, 0.5)
    ]
    assert json.loads(done.stdout) == [city.history.trust_in_municipality.iloc[-1] for city in alone]


# --- SolaraViz --------------------------------------------------------------------------------------------------------

SHARE = "policy.authority.delegated_share"


@pytest.fixture(params=["matplotlib", "altair"])
def viz(request, city):
    """A rendered SolaraViz: the model it shows, and a function that presses a button."""
    matplotlib.use("Agg")
    model = solara.reactive(city)
    slider = {"type": "SliderFloat", "value": 0.25, "label": SHARE, "min": 0.0, "max": 1.0, "step": 0.05}
    page = SolaraViz(
        model,
        components=[make_plot_component("trust_in_municipality", backend=request.param)],
        model_params={**TINY, SHARE: slider, "rng": {"type": "InputText", "value": 3, "label": "Seed"}},
        name="Mahalle",
    )
    _, context = solara.render(solara.AppLayout(children=[page]), handle_error=False)

    def press(label):
        context.find(ipyvuetify.Btn, children=[label]).widget.click()

    yield model, press, context
    context.close()


def test_solara_renders_a_city(viz):
    _, _, context = viz
    assert context.find(ipyvuetify.Btn, children=["Step"]).widgets
    assert context.find(ipyvuetify.Slider, label=SHARE).widgets


def test_solara_steps_a_city(viz, city):
    model, press, _ = viz
    press("Step")
    press("Step")
    assert model.value is city
    assert (city.week, len(city.history)) == (2, 3)


def test_solara_resets_a_city_with_its_parameters(viz, city):
    model, press, _ = viz
    press("Step")
    press("Reset")
    assert model.value is not city
    assert (model.value.week, model.value.seed, model.value.config.policy.authority.delegated_share) == (0, 3, 0.25)
    press("Step")
    assert (model.value.week, city.week) == (1, 1)


def test_the_example_of_a_live_city_renders_its_plots():
    names = runpy.run_path(str(Path(__file__).parents[2] / "docs" / "examples" / "live_city.py"))
    assert set(names["MEASURES"]) <= set(names["first"].history.columns)
    _, context = solara.render(solara.AppLayout(children=[names["page"]]), handle_error=False)
    assert context.find(ipyvuetify.Btn, children=["Step"]).widgets
    for slider in (value for value in names["PARAMETERS"].values() if isinstance(value, Slider)):
        assert context.find(ipyvuetify.Slider, label=slider.label).widgets
    context.close()


def test_a_city_takes_a_mesa_scenario_and_its_seed():
    city = sim.City(scenario=Scenario(rng=6), **TINY)
    assert city.seed == 6
    assert sim.City(scenario=Scenario(), **TINY).seed == 1
    assert sim.City(scenario=Scenario(), rng=2, **TINY).seed == 2
