"""A city peopled from a file: who lives there, what is drawn where the file is silent, and every command with it."""

from __future__ import annotations

import json
import shutil
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from experiments.cli import main
from experiments.faults import faults_of
from experiments.sweeps.reader import load_experiment
from sim import City, ConfigError, Foundations, load_config
from sim.agents.resident import ATTENDANCES
from sim.cautions import CautionWarning
from sim.network import HOUSEHOLD
from tests.conftest import at_night

EXAMPLE = Path(__file__).resolve().parents[2] / "configs" / "cities" / "own_data"
SILENT = pytest.mark.filterwarnings("ignore::sim.cautions.CautionWarning")


@pytest.fixture
def folder(tmp_path):
    """A copy of the worked examples, to change."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "own_data"))


def town(folder: Path, people: pd.DataFrame | None = None, file: str = "people.csv", **values: object) -> City:
    """The town, with people in a file if there are some."""
    given = {key.replace("__", "."): value for key, value in values.items()}
    if people is not None:
        write = people.to_parquet if file.endswith(".parquet") else people.to_csv
        write(folder / file, index=False)
        given["city.population.data_file"] = file
    return City(load_config(folder / "town.yaml", values=given))


def same_people(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two tables have the same people in the same order; households may have other numbers."""
    same = one.drop(columns="household").equals(other.drop(columns="household"))
    return bool(same and (pd.factorize(one.household)[0] == pd.factorize(other.household)[0]).all())


# ------------------------------------------------------------------------------------------------------ a census


@pytest.mark.parametrize("file", ["people.csv", "people.parquet"])
def test_people_written_out_and_read_again_are_the_same_people_to_the_last_trait(folder, file):
    """With ties of their own written beside them, or drawn, and with the same history with common random numbers."""
    original = town(folder)
    written = original.people()
    city = town(folder, written, file)
    assert same_people(city.people(), written)
    assert city.scale == 1.0
    for name in original.residents:
        if name != "household":  # has other numbers
            assert np.array_equal(original.residents[name], city.residents[name]), name
    assert np.array_equal(original.openness, city.openness)
    original.write_network(folder / "ties_of_people.csv")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with_ties = town(folder, written, file, city__network__file="ties_of_people.csv")
    expected = original.run(20).history
    expected = expected[expected.columns.difference(["projects_proposed"])]
    for other in (city, with_ties):
        found = other.run(20).history[expected.columns]
        pd.testing.assert_frame_equal(found, expected, rtol=5e-4)  # the scale was 0.99996, by rounding
    again = town(folder, town(folder, written, file).people(), "again.csv")
    assert same_people(again.people(), written)


def test_people_who_have_lived_there_are_written_with_the_trust_they_have_come_to(folder):
    city = town(folder)
    before = city.people().trust_in_municipality
    after = city.run(30).people()
    assert not after.trust_in_municipality.equals(before)
    assert same_people(town(folder, after).people(), after)


def test_what_was_lived_is_taken_from_the_file_and_drawn_where_it_is_silent(folder):
    people = town(folder).people()
    known = people.index % 2 == 0
    people.loc[known, "evidence_of_municipality"] = 0.25
    people.loc[~known, "evidence_of_municipality"] = np.nan
    without = town(folder, people.drop(columns="evidence_of_municipality"), "without.csv").people()
    found = town(folder, people).people()
    assert (found.evidence_of_municipality[known] == 0.25).all()
    assert found.evidence_of_municipality[~known].equals(without.evidence_of_municipality[~known])
    assert found.trust_in_municipality.equals(people.trust_in_municipality)


def test_a_city_of_the_first_rule_has_nothing_lived_to_write(folder):
    people = town(folder, **{"behaviour.trust.rule": "anchored_averaging"}).people()
    assert "evidence_of_hope" not in people
    assert "hope" in people


def test_the_file_is_right_about_who_lives_where_and_with_whom(folder):
    people = town(folder).people().sample(frac=1.0, random_state=1).reset_index(drop=True)
    city = town(folder, people)
    numbers = {name: number for number, name in enumerate(city.geography.names)}
    expected = people.neighbourhood.map(numbers).value_counts().sort_index().to_numpy()
    assert city.rows.per_neighbourhood.tolist() == expected.tolist()
    first, second, kind = city.ties.edges()
    at_home = kind == HOUSEHOLD
    assert at_home.sum() > 3_000
    assert (city.residents.household[first[at_home]] == city.residents.household[second[at_home]]).all()
    sizes = people.groupby("household").size().value_counts()
    assert pd.Series(city.residents.household).value_counts().value_counts().to_dict() == sizes.to_dict()


def test_without_a_table_of_populations_the_census_counts(folder):
    people = town(folder).people()
    people.loc[people.index[:50], "birth_year"] = 1395  # children of five, who are no agents
    people.to_csv(folder / "people.csv", index=False)
    values = {"city.population.data_file": "people.csv", "city.neighbourhoods.data_file": None}
    city = City(load_config(folder / "town.yaml", values=values))
    counts = people.neighbourhood.value_counts()
    assert dict(zip(city.geography.names, city.population.tolist(), strict=True)) == counts.to_dict()
    assert len(city.residents) == len(people) - 50
    assert city.scale == 1.0
    nodes = city.geography.adjacency.nodes
    assert [nodes[number]["population"] for number in nodes] == city.population.tolist()


def test_a_census_is_thinned_out_by_households(folder):
    people = town(folder).people()
    city = town(folder, people, run__scale=0.2)
    assert len(city.residents) == pytest.approx(0.2 * len(people), abs=10)
    assert city.scale == pytest.approx(0.2, abs=0.001)
    size = pd.Series(city.residents.household).value_counts().mean()
    assert size == pytest.approx(people.groupby("household").size().mean(), rel=0.06)


def test_a_census_must_have_somebody_in_every_neighbourhood_and_no_more_than_there_are(folder):
    people = town(folder).people()
    with pytest.raises(ConfigError, match='nobody of 12 or older lives in "Heron"') as caught:
        town(folder, people[people.neighbourhood != "Heron"])
    assert caught.value.source == str(folder / "people.csv")
    twice = pd.concat([people, people.assign(household=people.household + 10_000)])
    with pytest.raises(
        ConfigError, match=r'residents of 12 or older in "Almond", where the table .* has 450 of all ages'
    ):
        town(folder, twice)


# ------------------------------------------------------------------------------------------------------ a survey


@SILENT
def test_a_sample_is_spread_over_the_city_and_its_marginals_hold(folder):
    survey = pd.read_csv(folder / "survey.csv")
    city = City(folder / "survey_town.yaml")
    people, weight = city.people(), survey.weight / survey.weight.sum()
    assert len(people) == len(town(folder).residents)
    effective = 1.0 / (weight**2).sum()
    women = float((weight * (survey.sex == "woman")).sum())
    assert (people.sex == "woman").mean() == pytest.approx(women, abs=2.0 * np.sqrt(women * (1 - women) / effective))
    assert people.birth_year.mean() == pytest.approx(float((weight * survey.birth_year).sum()), abs=1.0)
    for name, known in (
        ("trust_in_municipality", survey.trust_in_municipality.dropna()),
        ("education", survey.education.dropna()),
    ):
        there = weight[known.index] / weight[known.index].sum()
        mean = float((there * known).sum())
        error = np.sqrt((there * (known - mean) ** 2).sum() / effective)
        assert people[name].mean() == pytest.approx(mean, abs=2.0 * error)
    assert set(people.trust_in_municipality.dropna().round(9)) >= set(survey.trust_in_municipality.dropna())


def test_the_report_says_how_far_a_sample_is_spread(folder, tmp_path, capsys):
    with pytest.warns(CautionWarning, match=r"5,171 agents from 377 rows .* stands for 13.72 agents, at most 46"):
        City(folder / "survey_town.yaml")
    words = ["run", str(folder / "survey_town.yaml"), "--weeks", "2", "--no-figure", "--out", str(tmp_path / "out")]
    assert main(words) == 0
    assert "5,171 agents from 377 rows" in capsys.readouterr().err
    told = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["people"]
    assert (told["rows"], told["agents"], told["most_agents_per_row"]) == (377, 5_171, 46)


@SILENT
def test_weights_divide_the_city_where_no_table_does(folder):
    values = {"city.neighbourhoods.data_file": None, "city.population.total": 8_000}
    city = City(load_config(folder / "survey_town.yaml", values=values))
    survey = pd.read_csv(folder / "survey.csv")
    shares = survey.groupby("neighbourhood").weight.sum() / survey.weight.sum()
    assert city.population.sum() == 8_000
    expected = [8_000 * shares[name] for name in city.geography.names]
    assert city.population.tolist() == pytest.approx(expected, abs=10)


@SILENT
def test_a_neighbourhood_without_respondents_is_peopled_from_all(folder):
    survey = pd.read_csv(folder / "survey.csv")
    survey[survey.neighbourhood != "Heron"].to_csv(folder / "survey.csv", index=False)
    city = City(folder / "survey_town.yaml")
    assert city.spread_of_people is not None
    assert [city.geography.names[place] for place in city.spread_of_people.borrowed] == ["Heron"]
    assert "Heron" in city.spread_of_people.text(city.geography.names)
    assert city.rows.per_neighbourhood[city.geography.names.index("Heron")] > 100


def test_one_respondent_a_household_is_no_household(folder):
    survey = pd.read_csv(folder / "survey.csv")
    survey.assign(household=range(len(survey))).to_csv(folder / "survey.csv", index=False)
    with pytest.warns(CautionWarning, match="hardly any household has two respondents"):
        city = City(folder / "survey_town.yaml")
    _, _, kind = city.ties.edges()
    assert (kind == HOUSEHOLD).sum() > 3_000


@SILENT
def test_weights_count_by_their_ratios_alone(folder):
    survey = pd.read_csv(folder / "survey.csv")
    before = City(folder / "survey_town.yaml").people()
    for factor in (1e-300, 1e7):
        survey.assign(weight=survey.weight * factor).to_csv(folder / "survey.csv", index=False)
        assert City(folder / "survey_town.yaml").people().equals(before)


def test_a_census_beside_a_total_that_differs_is_cautioned_about(folder):
    people = town(folder).people()
    people.to_csv(folder / "people.csv", index=False)
    values = {"city.population.data_file": "people.csv", "city.neighbourhoods.data_file": None}
    with pytest.warns(CautionWarning, match="is a census, so the city has its 6,39. people, and not the 162,000"):
        City(load_config(folder / "town.yaml", values=values))


@SILENT
def test_cautions_of_a_file_are_said_whoever_kept_the_place(folder):
    kept = Foundations()
    for _ in range(2):
        with pytest.warns(CautionWarning, match="377 rows"):
            City(folder / "survey_town.yaml", foundations=kept)


# ------------------------------------------------------------------------------------------------------ what is drawn


def many(folder: Path, **columns: np.ndarray) -> City:
    """The town with a census of only the needed columns and some more, of residents that are there."""
    people = town(folder).people()[["neighbourhood", "sex", "birth_year"]]
    return town(folder, people.assign(**columns), file="people.parquet")


def scores(values: np.ndarray) -> np.ndarray:
    return stats.norm.ppf((stats.rankdata(values) - 0.5) / values.size)


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(scores(one), scores(other))[0, 1])


def test_what_the_file_does_not_ask_is_drawn_as_ever(folder):
    """Means, spreads and correlations of a drawn city, though the people are given."""
    drawn, given = town(folder).residents, many(folder).residents
    for name in ("trust_in_municipality", "trust_in_council", "resources", "hope", "civic_skill", "propensity"):
        assert given[name].mean() == pytest.approx(drawn[name].mean(), abs=4.5 * drawn[name].std() * np.sqrt(2 / 5_171))
        assert given[name].std() == pytest.approx(drawn[name].std(), rel=0.07)
    assert (given.attendance == 0).mean() == pytest.approx((drawn.attendance == 0).mean(), abs=0.03)
    assert correlation(given.trust_in_council, given.trust_in_people) == pytest.approx(0.5, abs=0.05)


def test_trust_that_is_not_known_goes_with_the_trust_that_is(folder):
    """A correlation of one half, whichever of the three is known; levels are those of the config, not of the file."""
    rng = np.random.default_rng(5)
    people = len(town(folder).residents)
    known = 1.0 / (1.0 + np.exp(-(0.8 + rng.normal(size=people))))  # far above the level of the config
    for name in ("municipality", "council", "people"):
        city = many(folder, **{f"trust_in_{name}": known})
        residents = city.residents
        assert sorted(residents[f"trust_in_{name}"]) == sorted(known)
        others = [other for other in ("municipality", "council", "people") if other != name]
        for other in others:
            assert correlation(residents[f"trust_in_{name}"], residents[f"trust_in_{other}"]) == pytest.approx(
                0.5, abs=0.05
            )
            level = getattr(city.config.behaviour.trust, f"initial_trust_in_{other}")
            assert residents[f"trust_in_{other}"].mean() == pytest.approx(level, abs=0.02)
        assert correlation(*(residents[f"trust_in_{other}"] for other in others)) == pytest.approx(0.5, abs=0.05)


def test_cells_left_open_are_drawn_from_the_answers_and_the_others_are_kept(folder):
    """At the level and spread of those who answered, which are not those of the config."""
    rng = np.random.default_rng(6)
    people = len(town(folder).residents)
    answers = rng.beta(8.0, 2.0, people)
    trust = np.where(rng.random(people) < 0.5, answers, np.nan)
    attendance = np.where(rng.random(people) < 0.5, rng.choice(["attender", "non_attender"], people, p=[0.8, 0.2]), "")
    residents = many(folder, trust_in_people=trust, attendance=attendance, belonging=trust, resources=trust).residents
    known = trust[~np.isnan(trust)]
    for name in ("trust_in_people", "belonging", "resources"):
        own = np.isin(residents[name], known)
        assert own.sum() >= known.size
        drawn = residents[name][~own]
        assert drawn.size > 1_500
        assert drawn.mean() == pytest.approx(known.mean(), abs=0.012)
        assert drawn.std() == pytest.approx(known.std(), rel=0.08)
    assert residents.evidence_of_belonging.any()  # which is part of the level that was given or drawn
    assert (residents.evidence_of_council == 0.0).all()
    assert (residents.attendance == ATTENDANCES.index("attender")).mean() == pytest.approx(0.8, abs=0.03)


def test_a_few_answers_are_kept_and_decide_nothing_else(folder):
    people = len(town(folder).residents)
    few = np.full(people, np.nan)
    few[:10] = 0.9
    residents = many(folder, trust_in_people=few).residents
    assert (residents.trust_in_people == 0.9).sum() == 10
    assert residents.trust_in_people.mean() == pytest.approx(town(folder).residents.trust_in_people.mean(), abs=0.02)


def test_open_standing_is_as_in_the_neighbourhood(folder):
    people = town(folder).people()[["neighbourhood", "sex", "birth_year"]]
    standing = np.where(people.neighbourhood == "Elm", "without_standing", "citizen")
    standing[np.random.default_rng(2).random(len(people)) < 0.3] = ""
    city = town(folder, people.assign(standing=standing))
    elm = city.residents.neighbourhood == city.geography.names.index("Elm")
    assert ((city.residents.standing == 1) == elm).all()


def test_what_a_neighbourhood_does_is_not_counted_twice(folder):
    """Education and trust that fall with deprivation leave the slopes and spreads of what is drawn as they are."""
    drawn = town(folder)
    deprivation = drawn.geography.deprivation
    names = {name: number for number, name in enumerate(drawn.geography.names)}
    people = drawn.people()[["neighbourhood", "sex", "birth_year"]]
    of_each = deprivation[people.neighbourhood.map(names)]
    noise = np.random.default_rng(3).normal(size=len(people))
    years = np.clip(np.round(15 - 14 * of_each + 2 * noise), 0, 25)
    trust = 1.0 / (1.0 + np.exp(3.0 * (of_each - 0.5) - 0.7 * noise))
    city = town(folder, people.assign(education=years, trust_in_municipality=trust))

    def slope(residents, name):
        return np.polyfit(deprivation[residents.neighbourhood], residents[name], 1)[0]

    for name in ("resources", "trust_in_council", "trust_in_people"):
        assert slope(city.residents, name) == pytest.approx(slope(drawn.residents, name), abs=0.03), name
        assert city.residents[name].std() == pytest.approx(drawn.residents[name].std(), rel=0.05), name


def test_answers_that_are_all_alike_tell_nothing(folder):
    alike = np.full(len(town(folder).residents), 0.3)
    residents = many(folder, trust_in_council=alike).residents
    assert residents.trust_in_people.std() == pytest.approx(0.15, rel=0.05)


def test_resources_go_with_education_by_a_third_of_their_variance(folder):
    """Education is one of three parts that weigh alike: a correlation of 1 / sqrt(3)."""
    years = np.random.default_rng(7).integers(0, 20, len(town(folder).residents))
    city = many(folder, education=years)
    assert sorted(city.education) == sorted(years)
    deprivation = city.geography.deprivation[city.residents.neighbourhood]
    slope = city.config.city.population.resources_deprivation_slope
    own = city.residents.resources + slope * deprivation  # beside what the neighbourhood does
    assert correlation(own, city.education) == pytest.approx(1.0 / np.sqrt(3.0), abs=0.05)
    direct = many(folder, education=years, resources=np.full(years.size, 0.4))
    assert (direct.residents.resources == 0.4).all()


def test_a_household_that_is_not_known_is_formed_among_those_without_one(folder):
    people = town(folder).people()
    with_home = people.assign(household=people.household.where(people.index % 2 == 0))
    city = town(folder, with_home[["neighbourhood", "sex", "birth_year", "household"]])
    given = people.household[people.index % 2 == 0]
    number = pd.Series(city.residents.household)
    sizes = number.value_counts()
    assert len(sizes) > given.nunique()
    assert sorted(sizes[sizes.index < given.nunique()]) == sorted(given.value_counts())
    assert sizes[sizes.index >= given.nunique()].mean() == pytest.approx(3.44 * 0.8, rel=0.15)


# ------------------------------------------------------------------------------------------------------ faults


def test_every_fault_is_one_line_with_file_line_and_column(folder):
    people = town(folder).people()
    people.loc[3, "neighbourhood"] = "Almnd"
    people.loc[[7, 9], "trust_in_people"] = 1.5
    people["sex"] = people["sex"].where(people.index != 11, "female")
    people.to_csv(folder / "people.csv", index=False)
    config = folder / "town.yaml"
    text = config.read_text(encoding="utf-8").replace(
        "  finance:", "  population: {data_file: people.csv}\n  finance:", 1
    )
    config.write_text(text, encoding="utf-8")
    kind, faults = faults_of(config)
    assert kind == "city"
    assert [(fault.source, fault.line, fault.key) for fault in faults] == [
        (str(folder / "people.csv"), 5, "neighbourhood"),
        (str(folder / "people.csv"), 9, "trust_in_people"),
        (str(folder / "people.csv"), 11, "trust_in_people"),
        (str(folder / "people.csv"), 13, "sex"),
    ]
    assert "did you mean 'Almond'" in faults[0].problem
    with pytest.raises(ConfigError) as caught:
        City(load_config(config))
    assert str(caught.value) == str(faults[0])


def test_a_file_that_changed_is_read_again_and_is_another_experiment(folder):
    people = town(folder).people()
    people.to_csv(folder / "people.csv", index=False)
    config = load_config(folder / "town.yaml", values={"city.population.data_file": "people.csv"})
    kept = Foundations()
    before = City(config, foundations=kept).people()
    assert same_people(City(config, foundations=kept).people(), before)
    (folder / "experiment.yaml").write_text(EXPERIMENT.format(base="survey_town.yaml"), encoding="utf-8")
    with pytest.warns(CautionWarning, match="377 rows"):
        digest = load_experiment(folder / "experiment.yaml").digest
    people.assign(hope=0.25).to_csv(folder / "people.csv", index=False)
    assert (City(config, foundations=kept).residents.hope == 0.25).all()
    survey = (folder / "survey.csv").read_text(encoding="utf-8")
    (folder / "survey.csv").write_text(survey.replace("0.70", "0.71", 1), encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert load_experiment(folder / "experiment.yaml").digest != digest


def test_whether_a_table_gives_populations_is_part_of_what_people_are_kept_by(folder):
    people = town(folder).people()
    values = {"city.neighbourhoods.data_file": None, "city.population.total": 6_400}
    people.to_csv(folder / "people.csv", index=False)
    config = load_config(folder / "town.yaml", values={**values, "city.population.data_file": "people.csv"})
    table = pd.read_csv(folder / "neighbourhoods.csv")
    drawn = City(load_config(folder / "town.yaml", values=values))
    table.assign(population=drawn.population.astype(int), deprivation=drawn.geography.deprivation).to_csv(
        folder / "same.csv", index=False
    )
    kept = Foundations()
    without = City(config, foundations=kept).population
    with pytest.raises(ConfigError, match="where the table of neighbourhoods has"):
        City(config.with_values({"city.neighbourhoods.data_file": "same.csv"}), foundations=kept)
    assert without.tolist() == people.neighbourhood.value_counts().reindex(table.name).mul(1 / 0.808).round().tolist()


def test_names_of_neighbourhoods_are_part_of_what_people_are_kept_by(folder):
    people = town(folder).people()
    kept = Foundations()
    values = {f"city.neighbourhoods.{name}": None for name in ("data_file", "polygons_file")}
    values |= {"city.neighbourhoods.count": 2, "city.population.data_file": "people.csv"}
    people = people[people.neighbourhood.isin(["Elm", "Fig"])]
    people.to_csv(folder / "people.csv", index=False)
    config = load_config(folder / "town.yaml", values={**values, "city.neighbourhoods.names": ["Elm", "Fig"]})
    one = City(config, foundations=kept)
    other = City(config.with_values({"city.neighbourhoods.names": ["Fig", "Elm"]}), foundations=kept)
    assert one.rows.per_neighbourhood.tolist() == other.rows.per_neighbourhood.tolist()[::-1]


def test_a_data_file_cannot_be_varied(folder):
    varied = "design: {kind: list, points: [{city.population.data_file: a.csv}, {city.population.data_file: b.csv}]}"
    (folder / "experiment.yaml").write_text(
        EXPERIMENT.format(base="town.yaml").replace("levers", "# levers") + varied + "\n", encoding="utf-8"
    )
    with pytest.raises(ConfigError, match="a data file cannot be varied") as caught:
        load_experiment(folder / "experiment.yaml")
    assert caught.value.line == 7


# ------------------------------------------------------------------------------------------------------ every command


@pytest.fixture
def own(folder):
    """A town with people and with a network of its own."""
    city = town(folder)
    city.people().to_parquet(folder / "people.parquet", index=False)
    text = (folder / "town.yaml").read_text(encoding="utf-8")
    text = text.replace(
        "  finance:", "  population: {data_file: people.parquet}\n  network: {file: own_ties.csv}\n  finance:"
    )
    (folder / "own.yaml").write_text(text, encoding="utf-8")
    settings = ["city.network.file=null"]
    City(load_config(folder / "own.yaml", settings=settings)).write_network(folder / "own_ties.csv")
    return folder / "own.yaml"


EXPERIMENT = """\
title: {{en: Own, fa: خود}}
base: {base}
levers: {{policy.authority.delegated_share: [0.2, 0.8]}}
replications: 2
run: {{weeks: 6}}
outcomes: [{{trust_in_municipality: last}}, {{"hope[neighbourhood=*]": last}}]
"""

CALIBRATION = """\
title: {{en: Own, fa: خود}}
base: {base}
parameters: {{behaviour.delivery.programme_success: range, behaviour.choice.first_round_after_weeks: range}}
patterns: [{{pattern: 1, part: share of residents, claimed: 0.0098, tolerance: 0.0025}}]
thresholds: [100]
population: 10
seed: 5
run: {{weeks: 90}}
"""


@pytest.mark.parametrize("name", ["own", *at_night("village", "town", "survey_town")])
def test_cities_from_files_go_through_every_command(folder, own, name, tmp_path, capsys):
    config = own.with_name(f"{name}.yaml")
    (folder / "experiment.yaml").write_text(EXPERIMENT.format(base=config.name), encoding="utf-8")
    claim = "city:\n  claims: [{outcome: council_members, value: 300, week: 90, source: nobody}]\n"
    claimed = config.read_text(encoding="utf-8").replace("city:\n", claim, 1)
    (folder / "claimed.yaml").write_text(claimed, encoding="utf-8")
    (folder / "calibration.yaml").write_text(CALIBRATION.format(base="claimed.yaml"), encoding="utf-8")
    policies = EXAMPLE.parents[1] / "policies"
    quiet = ["--quiet", "--out"]
    calls = [
        ["check", str(config), str(folder / "experiment.yaml"), str(folder / "calibration.yaml")],
        ["run", str(config), "--weeks", "6", *quiet, str(tmp_path / "run")],
        ["sweep", str(folder / "experiment.yaml"), "--workers", "2", *quiet, str(tmp_path / "sweep")],
        ["compare", str(policies / "status_quo.yaml"), "as_is", "--city", str(config), "--scale", "1", "--weeks", "8",
         "--replications", "2", *quiet, str(tmp_path / "compare")],
        ["validate", str(config), "--scale", "1", "--set", "run.weeks=12", "--replications", "1", "--workers", "1",
         *(f"--pattern={number}" for number in (8, 13, 16, 26)), *quiet, str(tmp_path / "validate")],
        ["calibrate", str(folder / "calibration.yaml"), "--workers", "2", *quiet, str(tmp_path / "calibrate")],
    ]  # fmt: skip
    for words in calls:
        assert main(words) == 0, (words, capsys.readouterr())
    table = pd.read_parquet(tmp_path / "compare" / "contrasts.parquet")
    named = table[table.group.str.startswith("neighbourhood=")].name.unique()
    assert set(named) == set(City(config).geography.names)
    assert (tmp_path / "compare" / "neighbourhoods.png").stat().st_size > 10_000
