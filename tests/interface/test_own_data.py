"""A city from files of one's own runs, and a fault in a file is one line that names file, place and remedy."""

from __future__ import annotations

import csv
import json
import shutil
import warnings
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from experiments.cli import main
from experiments.sweeps.reader import load_experiment
from experiments.validation.command import Request as Validation
from experiments.validation.command import carry_out as validate
from sim.cautions import CautionWarning
from sim.city import City
from sim.config import load_config
from sim.errors import ConfigError

EXAMPLE = Path(__file__).resolve().parents[2] / "configs" / "cities" / "own_data"


@pytest.fixture
def folder(tmp_path):
    """A copy of the worked example, to spoil."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "own_data"))


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def refusal(path: Path, **values: object) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        City(load_config(path, values={key.replace("__", "."): value for key, value in values.items()}))
    assert "\n" not in str(caught.value)
    return caught.value


def same_run(one: City, other: City) -> bool:
    return one.run(20).history.equals(other.run(20).history)


# ------------------------------------------------------------------------------------------------------ the example


def test_the_town_is_what_its_files_say():
    with (EXAMPLE / "neighbourhoods.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    features = json.loads((EXAMPLE / "neighbourhoods.geojson").read_text(encoding="utf-8"))["features"]
    city = City(EXAMPLE / "town.yaml")
    assert city.geography.names == tuple(row["name"] for row in rows)
    assert set(city.geography.names) == {feature["properties"]["name"] for feature in features}
    assert city.population.tolist() == [float(row["population"]) for row in rows]
    assert city.geography.deprivation.tolist() == [float(row["deprivation"]) for row in rows]
    assert city.services[:, 0].tolist() == [float(row["roads"]) for row in rows]
    assert np.allclose(city.geography.x, [float(row["x"]) for row in rows], atol=0.01)
    assert np.allclose(city.geography.y, [float(row["y"]) for row in rows], atol=0.01)


def test_the_town_runs():
    city = City(EXAMPLE / "town.yaml").run(60)
    assert city.week == 60
    assert abs(city.money.books.discrepancy()) < 1e-6
    assert city.history.councils.iloc[-1] > 0


def test_the_town_runs_from_the_table_alone():
    city = City(load_config(EXAMPLE / "town.yaml", settings=["city.neighbourhoods.polygons_file=null"]))
    assert len(city.geography.polygons) == 10
    assert city.run(10).week == 10


def test_the_town_runs_from_the_outlines_alone():
    city = City(load_config(EXAMPLE / "town.yaml", settings=["city.neighbourhoods.data_file=null"]))
    assert city.population.sum() == city.config.city.population.total
    assert set(city.geography.names) == set(City(EXAMPLE / "town.yaml").geography.names)


def test_the_village_has_the_ties_of_its_file():
    lines = (EXAMPLE / "ties.csv").read_text(encoding="utf-8").splitlines()
    ties = {(int(one), int(other)): kind for one, other, kind in csv.reader(lines[2:])}
    graph = City(EXAMPLE / "village.yaml").network()
    assert {(min(ends), max(ends)): kind for *ends, kind in graph.edges(data="kind")} == ties


def test_the_village_s_file_is_what_the_model_draws_for_it_today(tmp_path):
    """Else the shipped file would belong to people who are not there any more."""
    drawn = City(load_config(EXAMPLE / "village.yaml", settings=["city.network.file=null"]))
    drawn.write_network(tmp_path / "ties.csv")
    assert (tmp_path / "ties.csv").read_text(encoding="utf-8") == (EXAMPLE / "ties.csv").read_text(encoding="utf-8")
    assert same_run(City(EXAMPLE / "village.yaml"), drawn)


def test_the_network_of_a_run_can_be_exported_and_read_again_in_every_format(folder):
    village = City(folder / "village.yaml")
    nx.write_graphml(village.network(), folder / "ties.graphml")
    nx.write_edgelist(village.network(), folder / "ties.txt")
    nx.write_edgelist(village.network(), folder / "bare.txt", data=False)
    for name in ("ties.graphml", "ties.txt"):
        again = City(load_config(folder / "village.yaml", values={"city.network.file": name}))
        assert same_run(again, City(folder / "village.yaml"))
    bare = City(load_config(folder / "village.yaml", values={"city.network.file": "bare.txt"}))
    assert nx.utils.graphs_equal(nx.Graph(bare.network().edges()), nx.Graph(village.network().edges()))


@pytest.mark.parametrize("name", ["own.csv", "own.graphml"])
def test_a_written_network_is_known_again_and_other_people_are_cautioned_about(folder, name):
    """Both formats carry the digest; other luck is fine, another place is not."""
    City(folder / "village.yaml").write_network(folder / name)
    values = {"city.network.file": name}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for seed in (1, 2):
            City(load_config(folder / "village.yaml", values=values), rng=seed)
    with pytest.warns(CautionWarning, match="was written for other people: its numbers mean other residents now"):
        City(load_config(folder / "village.yaml", values={**values, "run.place_seed": 2}))


def test_a_foreign_network_that_contradicts_the_residents_is_cautioned_about(folder):
    """Without a digest, ties of a household between two households, and of a neighbourhood between two, tell."""
    city = City(folder / "village.yaml")
    household, neighbourhood = city.residents.household, city.residents.neighbourhood
    other_household = int(np.flatnonzero(household != household[0])[0]) + 1
    elsewhere = int(np.flatnonzero(neighbourhood != neighbourhood[0])[0]) + 1
    values = {"city.network.file": "own.csv"}
    for kind, end in (("household", other_household), ("neighbourhood", elsewhere)):
        (folder / "own.csv").write_text(f"1,{end},{kind}\n2,3\n", encoding="utf-8")
        with pytest.warns(CautionWarning, match=f"1 of its 1 ties of the kind {kind} join two {kind}s"):
            City(load_config(folder / "village.yaml", values=values))
    (folder / "own.csv").write_text(f"1,{elsewhere},city_wide\n1,{other_household}\n", encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*without any tie")  # two ties are few for a village
        City(load_config(folder / "village.yaml", values=values))


EXPERIMENT = """\
title: {{en: Places, fa: مکان‌ها}}
base: {base}
{varied}
replications: 2
run: {{weeks: 2}}
outcomes: [trust_in_municipality]
"""


@pytest.mark.parametrize(
    ("varied", "line"),
    [
        ("places: 3", 3),
        ("uncertainties: {city.population.women_share: {levels: [0.4, 0.5]}}", 3),
        (
            "design: {kind: list, points: [{city.hubs.mosque.youth_factor: 0.5}, {city.customary_hub: school}]}",
            3,
        ),
    ],
)
def test_people_may_not_vary_under_a_network_of_one_s_own(folder, varied, line):
    file = folder / "experiment.yaml"
    file.write_text(EXPERIMENT.format(base="village.yaml", varied=varied), encoding="utf-8")
    with pytest.raises(ConfigError, match="the people differ between points") as caught:
        load_experiment(file)
    assert (caught.value.source, caught.value.line) == (str(file), line)
    file.write_text(EXPERIMENT.format(base="town.yaml", varied=varied), encoding="utf-8")
    assert load_experiment(file).points


@pytest.mark.parametrize(
    "varied",
    [
        "levers: {policy.authority.delegated_share: [0.2, 0.8]}",
        "uncertainties: {behaviour.trust.initial_trust_in_people: {levels: [0.3, 0.4]}}",
        "uncertainties: {city.hubs.school.youth_factor: {levels: [1.0, 2.0]}}",
    ],
)
def test_what_is_no_matter_of_who_people_are_may_vary_under_it(folder, varied):
    file = folder / "experiment.yaml"
    file.write_text(EXPERIMENT.format(base="village.yaml", varied=varied), encoding="utf-8")
    assert len(load_experiment(file).points) == 2


def test_a_faulty_network_is_refused_when_the_experiment_is_read(folder):
    file = folder / "experiment.yaml"
    file.write_text(EXPERIMENT.format(base="village.yaml", varied="places: 1"), encoding="utf-8")
    (folder / "ties.csv").write_text("1,2\n3,99999\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="a resident's number") as caught:
        load_experiment(file)
    assert caught.value.line == 2


def test_validation_keeps_the_place_of_a_network_of_one_s_own(folder):
    with pytest.raises(ConfigError, match="belongs to the people of one place") as caught:
        validate(Validation(config=folder / "village.yaml", own_places=True))
    assert caught.value.source == "--own-places"


# ------------------------------------------------------------------------------------------------------ faults


def test_a_bad_cell_is_named_with_its_line_and_column(folder):
    spoil(folder / "neighbourhoods.csv", "0.10", "ten")
    fault = refusal(folder / "town.yaml")
    assert (fault.source, fault.line, fault.key) == (str(folder / "neighbourhoods.csv"), 3, "deprivation")
    assert fault.problem == "must be a number from 0 to 1, not ten"


def test_a_misspelt_column_is_named_with_the_one_that_is_meant(folder):
    spoil(folder / "neighbourhoods.csv", "population", "populaton")
    fault = refusal(folder / "town.yaml")
    assert (fault.line, fault.key) == (1, "populaton")
    assert "did you mean 'population'?" in fault.problem


def test_a_name_without_an_outline_is_named(folder):
    spoil(folder / "neighbourhoods.geojson", '"Heron"', '"Herron"')
    fault = refusal(folder / "town.yaml")
    assert fault.source == str(folder / "neighbourhoods.geojson")
    assert fault.problem == "no feature is named 'Heron' (did you mean 'Herron'?)"


def test_a_file_that_is_not_there_is_named(folder):
    (folder / "neighbourhoods.csv").unlink()
    fault = refusal(folder / "town.yaml")
    assert fault.source == str(folder / "neighbourhoods.csv")
    assert fault.problem == f'no such file; did you mean "{folder / "neighbourhoods.geojson"}"?'


def test_ties_of_another_scale_are_refused(folder):
    fault = refusal(folder / "village.yaml", run__scale=0.5)
    assert fault.source == str(folder / "ties.csv")
    assert fault.line is not None
    assert "a whole number from 1 to 242" in fault.problem or "a whole number from 1 to 243" in fault.problem


def test_a_key_of_the_config_that_is_unknown_is_named_with_its_line(folder):
    spoil(folder / "town.yaml", "polygons_file", "polygon_file")
    fault = refusal(folder / "town.yaml")
    assert fault.key == "city.neighbourhoods.polygon_file"
    assert fault.line is not None
    assert 'did you mean "polygons_file"?' in fault.problem


def test_check_names_the_faults_of_the_tables_of_an_experiments_city(tmp_path, capsys):
    own = EXAMPLE
    for name in ("town.yaml", "neighbourhoods.geojson"):
        shutil.copyfile(own / name, tmp_path / name)
    rows = (own / "neighbourhoods.csv").read_text(encoding="utf-8").replace("450", "-4").replace("0.10", "7")
    (tmp_path / "neighbourhoods.csv").write_text(rows, encoding="utf-8")
    text = "title: {en: A, fa: A}\nbase: town.yaml\nlevers: {}\nreplications: 2\noutcomes: [hope]\n"
    (tmp_path / "experiment.yaml").write_text(text, encoding="utf-8")
    assert main(["check", str(tmp_path / "experiment.yaml")]) == 2
    said = capsys.readouterr().err
    assert "neighbourhoods.csv:2: population: must be a whole number of at least 1, not -4" in said
    assert "neighbourhoods.csv:3: deprivation: must be a number from 0 to 1, not 7" in said
