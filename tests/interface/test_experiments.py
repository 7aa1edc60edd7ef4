"""An experiment file becomes points, seeds and outcomes, or one clear line for each of its faults."""

from __future__ import annotations

import itertools
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import sim
from experiments.cli import app
from experiments.faults import faults_of
from experiments.sweeps import designs
from experiments.sweeps.designs import Factor, inverse_cdf
from experiments.sweeps.experiment import (
    Experiment,
    Fixed,
    UntilHalfWidth,
    UntilRanking,
)
from experiments.sweeps.reader import load_experiment
from sim.errors import ConfigError
from sim.policies import in_force
from sim.rules.influence import TALKS

ROOT = Path(__file__).resolve().parents[2]
CONFIGS = ROOT / "configs"
FILES = sorted((CONFIGS / "experiments").glob("*.yaml"))
POLICIES = CONFIGS / "policies"

every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)

PLAIN = {
    "title": "{en: A, fa: الف}",
    "base": "city.yaml",
    "levers": "{policy.authority.delegated_share: [0, 0.5]}",
    "replications": "3",
    "run": "{scale: 0.01, weeks: 20}",
    "outcomes": "[trust_in_municipality, {service_gini: last}]",
}
SHARE = "policy.authority.delegated_share"
RATIO = "behaviour.trust.loss_to_gain_ratio"
DELAY = "behaviour.knowledge.municipality_delay_weeks"
FAMILY = "behaviour.influence.rule"
SPREADS = (
    "{behaviour.trust.loss_to_gain_ratio: {uniform: [1, 3]}, behaviour.trust.project_weight: {loguniform: [0.1, 1]}, "
    "behaviour.trust.news_weight: {triangular: [0, 0.2, 1]}, "
    "behaviour.anchored_trust.stubbornness_mean: {normal: [0.25, 0.2]}, "
    "behaviour.knowledge.municipality_delay_weeks: {uniform: [10, 20]}, "
    "behaviour.influence.rule: {choice: [averaging, repulsion]}}"
)
"""One uncertainty of each kind, a whole number and a choice among them."""


@pytest.fixture
def write(tmp_path):
    """A function that writes the plain experiment with some keys changed (None: left out), a key a line."""
    (tmp_path / "city.yaml").write_text("city: {population: {total: 20000}}\nrun: {weeks: 30}\n", encoding="utf-8")
    for name, lever in (("one", "authority.mode: top_down"), ("two", "choice.rule: lottery")):
        (tmp_path / f"{name}.yaml").write_text(f"title: {{en: {name}}}\nset: {{{lever}}}\n", encoding="utf-8")

    def write(changes: dict[str, str | None] | None = None, name: str = "experiment.yaml") -> Path:
        keys = {**PLAIN, **(changes or {})}
        text = "".join(f"{key}: {value}\n" for key, value in keys.items() if value is not None)
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


def points(experiment: Experiment) -> list[tuple[str, tuple[object, ...]]]:
    return [(point.policy, tuple(point.values.values())) for point in experiment.points]


# ------------------------------------------------------------------------------------------------------ bad input

LISTED = {"levers": None}
BAD = {
    "unknown key": ({"lever": "{}"}, "lever", 'did you mean "levers"'),
    "no title": ({"title": None}, "title", "missing"),
    "no base": ({"base": "cty.yaml"}, "base", "no such file"),
    "unknown lever": ({"levers": "{policy.authority.delegated_shares: [0]}"}, "levers", f'did you mean "{SHARE}"'),
    "behaviour as lever": ({"levers": f"{{{RATIO}: [1]}}"}, "levers", "put it under uncertainties"),
    "lever out of range": ({"levers": f"{{{SHARE}: [0, 1.5]}}"}, "levers", "must lie between 0 and 1, not 1.5"),
    "lever with decimal commas": ({"levers": f"{{{SHARE}: [0,25]}}"}, "levers", "if 0,25 is one number, write it with"),
    "lever of another type": ({"levers": f"{{{SHARE}: [much]}}"}, "levers", "must be a number"),
    "lever that is no choice": ({"levers": "{policy.hub.kinds: [[mosk]]}"}, "levers", 'did you mean "mosque"'),
    "lever without values": ({"levers": f"{{{SHARE}: []}}"}, "levers", "at least one value"),
    "lever twice the same": ({"levers": f"{{{SHARE}: [0, 0.0]}}"}, "levers", "given twice"),
    "lever not a list": ({"levers": f"{{{SHARE}: 0.5}}"}, "levers", "must be a list"),
    "levers within each other": (
        {"levers": "{policy: {authority: {delegated_share: [0, 1]}}}"}, "levers",
        f"write one key with dots and a list of values: {SHARE}: [...]",
    ),
    "uncertainties within each other": (
        {"uncertainties": "{behaviour: {trust: {loss_to_gain_ratio: {uniform: [1, 3]}}}}"}, "uncertainties",
        f"write one key with dots: {RATIO}",
    ),
    "range of what has none": ({"uncertainties": "{city.start_date: range}"}, "uncertainties", "no declared range"),
    "lever of a policy": (
        {"policies": "[one.yaml]", "levers": "{policy.authority.mode: [delegated]}"},
        "levers",
        'the policy "one" sets this lever for good',
    ),
    "run as uncertainty": ({"uncertainties": "{run.weeks: {choice: [10]}}"}, "uncertainties", "put it under run"),
    "unknown uncertainty": (
        {"uncertainties": "{behaviour.trust.loss_to_gain: {uniform: [1, 2]}}"}, "uncertainties", RATIO
    ),
    "unknown distribution": (
        {"uncertainties": f"{{{RATIO}: {{unifrom: [1, 3]}}}}"}, "uncertainties", 'did you mean "uniform"'
    ),
    "two distributions": (
        {"uncertainties": f"{{{RATIO}: {{uniform: [1, 3], choice: [1]}}}}"}, "uncertainties", "exactly one of"
    ),
    "one bound": ({"uncertainties": f"{{{RATIO}: {{uniform: [1]}}}}"}, "uncertainties", "2 items"),
    "bound out of range": (
        {"uncertainties": f"{{{RATIO}: {{uniform: [1, 4]}}}}"}, "uncertainties", "must lie between 1 and 3"
    ),
    "mean out of range": (
        {"uncertainties": f"{{{RATIO}: {{normal: [9, 1]}}}}"}, "uncertainties", "must lie between 1 and 3"
    ),
    "no deviation": ({"uncertainties": f"{{{RATIO}: {{normal: [2, 0]}}}}"}, "uncertainties", "more than 0"),
    "bounds the wrong way": ({"uncertainties": f"{{{RATIO}: {{uniform: [3, 1]}}}}"}, "uncertainties", "in this order"),
    "logarithm of zero": (
        {"uncertainties": "{behaviour.trust.news_weight: {loguniform: [0, 1]}}"}, "uncertainties", "more than 0"
    ),
    "distribution of a choice": (
        {"uncertainties": f"{{{FAMILY}: {{uniform: [0, 1]}}}}"}, "uncertainties", "{choice: ["
    ),
    "choice out of range": ({"uncertainties": f"{{{RATIO}: {{choice: [1, 7]}}}}"}, "uncertainties", "between 1 and 3"),
    "lever and uncertainty": ({"uncertainties": f"{{{SHARE}: {{levels: [0, 1]}}}}"}, "uncertainties", "one way"),
    "grid without levels": ({"uncertainties": f"{{{RATIO}: {{uniform: [1, 3]}}}}"}, "uncertainties", "design.levels"),
    "levels of nothing": ({"design": "{kind: grid, levels: 3}"}, "design", "no uncertainty"),
    "unknown design": ({"design": "{kind: gird}"}, "design", 'did you mean "grid"'),
    "design without kind": ({"design": "{levels: 2}"}, "design", "missing"),
    "key of another design": ({"design": "{kind: grid, samples: 2}"}, "design", "unknown key"),
    "no samples": ({"design": "{kind: latin_hypercube, samples: 0}"}, "design", "at least 1"),
    "nothing to sample": ({"design": "{kind: latin_hypercube, samples: 4}"}, "design", "there are none"),
    "not a power of two": ({"design": "{kind: sobol, samples: 12}"}, "design", "8 or 16"),
    "odd levels": ({"design": "{kind: morris, trajectories: 4, levels: 5}"}, "design", "even"),
    "levels outside a grid": (
        {"uncertainties": f"{{{RATIO}: {{levels: [1, 2]}}}}", "design": "{kind: latin_hypercube, samples: 4}"},
        "uncertainties",
        "write choice",
    ),
    "too many points": (
        {"levers": "{" + ", ".join(f"policy.{key}: [{', '.join(map(str, range(1, 31)))}]" for key in (
            "council.size", "council.teen_managers", "support.neighbourhoods_per_team", "programmes.per_year")) + "}",
         "uncertainties": f"{{{RATIO}: {{uniform: [1, 3]}}}}", "design": "{kind: grid, levels: 2}"},
        "design", "gives 1620000 points",
    ),
    "list with levers": ({"design": f"{{kind: list, points: [{{{SHARE}: 1}}]}}"}, "levers", "leave this away"),
    "list without points": ({**LISTED, "design": "{kind: list, points: []}"}, "design", "at least 1 item"),
    "unknown key of a point": (
        {**LISTED, "design": "{kind: list, points: [{policy.authority.share: 1}]}"}, "design", "unknown key"
    ),
    "a point out of range": (
        {**LISTED, "design": f"{{kind: list, points: [{{{SHARE}: 2}}]}}"}, "design", "between 0 and 1"
    ),
    "the same point again": (
        {**LISTED, "design": f"{{kind: list, points: [{{{SHARE}: 1}}, {{{SHARE}: 1.0}}]}}"}, "design", "same as point 0"
    ),
    "unknown policy of a point": (
        {**LISTED, "policies": "[one.yaml]", "design": "{kind: list, points: [{policy: won}]}"}, "design",
        'did you mean "one"',
    ),
    "policy of no point": (
        {**LISTED, "policies": "[one.yaml, two.yaml]", "design": "{kind: list, points: [{policy: one}]}"}, "policies",
        "no point has this policy",
    ),
    "missing policy": ({"policies": "{a: one.yaml, b: three.yaml}"}, "policies", "no such file"),
    "policy named twice": ({"policies": "[one.yaml, ./one.yaml]"}, "policies", "two files"),
    "no replications": ({"replications": "0"}, "replications", "between 1 and 100000"),
    "half a replication": ({"replications": "1.5"}, "replications", "must"),
    "until nothing": ({"replications": "{until: bored, of: x, at_most: 9}"}, "replications", "ranking"),
    "unknown outcome of replications": (
        {"replications": "{until: half_width, of: trust, below: 0.1, at_most: 20}"}, "replications", "service_gini:last"
    ),
    "no single number": (
        {"outcomes": "[{hope: {week: [1, 2]}}]",
         "replications": "{until: half_width, of: hope, below: 0.1, at_most: 20}"},
        "replications",
        "several weeks",
    ),
    "more than at most": (
        {"replications": "{until: half_width, of: service_gini, below: 0.1, at_most: 5}"}, "replications",
        "at_least (10)",
    ),
    "ranking of one": (
        {"levers": None, "replications": "{until: ranking, of: service_gini, best: lowest, at_most: 20}"},
        "replications", "at least two points",
    ),
    "seed of a run": ({"run": "{seed: 3}"}, "run", "the experiment's own"),
    "unknown setting": ({"run": "{week: 3}"}, "run", 'did you mean "weeks"'),
    "negative seed": ({"seed": "-1"}, "seed", "must"),
    "unknown outcome": ({"outcomes": "[trust_in_municipalty]"}, "outcomes", 'did you mean "trust_in_municipality"'),
    "outcome groups lack": ({"outcomes": '["service_gini[sex=man]"]'}, "outcomes", "the city as a whole has it"),
    "unknown kind of group": ({"outcomes": '["hope[age=youth]"]'}, "outcomes", "cohort"),
    "unknown group": ({"outcomes": '["hope[cohort=yuth]"]'}, "outcomes", 'did you mean "youth"'),
    "unknown statistic": ({"outcomes": "[{hope: median}]"}, "outcomes", 'did you mean "mean"'),
    "week after the end": ({"outcomes": "[{hope: {week: 21}}]"}, "outcomes", "from 0 to 20, not 21"),
    "weeks the wrong way": ({"outcomes": "[{hope: {mean: [9, 3]}}]"}, "outcomes", "first and its last week"),
    "outcome twice": ({"outcomes": "[hope, {hope: series}]"}, "outcomes", "given twice"),
    "no outcome": ({"outcomes": "[]"}, "outcomes", "at least 1 item"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_every_fault_is_one_line_with_file_line_and_key(write, case):
    changes, part, words = BAD[case]
    path = write(changes)
    lines = path.read_text(encoding="utf-8").splitlines()
    with pytest.raises(ConfigError) as caught:
        load_experiment(path)
    error = caught.value
    assert words in error.problem
    assert "\n" not in str(error)
    assert error.source == str(path)
    assert (error.key or "").split(".")[0].split("[")[0] == part
    if f"{part}: " in "".join(lines):  # a missing key stands nowhere
        assert error.line is not None
        assert lines[error.line - 1].startswith(f"{part}:")


def test_faults_of_the_base_and_of_policies_name_their_own_files(write, tmp_path):
    path = write({"policies": "[one.yaml]"})
    (tmp_path / "one.yaml").write_text("set: {authority.mod: top_down}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"one\.yaml:1: set.*mod"):
        load_experiment(path)
    (tmp_path / "city.yaml").write_text("run: {weaks: 3}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"city\.yaml:1: run\.weaks"):
        load_experiment(path)


def test_values_that_are_allowed_one_by_one_and_not_together_are_refused(write):
    ages = ("share_0_14", "share_15_29", "share_30_64", "share_65_plus")
    point = ", ".join(f"city.population.ages.{age}: 0.0" for age in ages)
    with pytest.raises(ConfigError) as caught:
        load_experiment(write({"levers": None, "design": f"{{kind: list, points: [{{{point}}}]}}"}))
    assert caught.value.line is not None


def test_check_tells_an_experiment_by_its_content_and_lists_all_its_faults(write):
    assert faults_of(write()) == ("experiment", [])
    kind, faults = faults_of(write({"levers": f"{{{SHARE}: [2, 3]}}", "outcomes": "[hop, beloning]"}))
    assert kind == "experiment"
    assert len(faults) == 4
    assert [fault.line for fault in faults] == sorted(fault.line or 0 for fault in faults)
    assert faults_of(write({"base": None}))[0] == "experiment"
    assert faults_of(CONFIGS / "cities" / "lakeside.yaml") == ("city", [])
    assert faults_of(POLICIES / "status_quo.yaml") == ("policy", [])


def test_check_at_the_command_line_ends_with_the_status_of_a_wrong_request(write):
    good = CliRunner().invoke(app, ["check", str(write())])
    assert (good.exit_code, "ok (experiment)" in good.output) == (0, True)
    bad = CliRunner().invoke(app, ["check", str(write({"replications": "0"}))])
    assert bad.exit_code == 2


# ------------------------------------------------------------------------------------------------------ points


def test_a_grid_has_policies_slowest_then_levers_in_the_order_of_the_file_then_uncertainties(write):
    experiment = load_experiment(
        write(
            {
                "policies": "{now: [], mayor_alone: one.yaml}",
                "levers": f"{{{SHARE}: [0.5, 0], policy.council.size: [3, 9, 5]}}",
                "uncertainties": f"{{{RATIO}: {{levels: [2, 1]}}}}",
            }
        )
    )
    expected = [
        (policy, (share, size, ratio))
        for policy in ("now", "mayor_alone")
        for share in (0.5, 0.0)
        for size in (3, 9, 5)
        for ratio in (2.0, 1.0)
    ]
    assert points(experiment) == expected
    assert [point.number for point in experiment.points] == list(range(24))
    assert experiment.keys == (SHARE, "policy.council.size", RATIO)


def test_a_grid_cuts_distributions_into_equally_likely_parts(write):
    uncertainties = f"{{{RATIO}: {{uniform: [1, 3]}}, {DELAY}: {{uniform: [0, 2]}}, {FAMILY}: {{choice: [averaging]}}}}"
    experiment = load_experiment(
        write({"levers": None, "uncertainties": uncertainties, "design": "{kind: grid, levels: 4}"})
    )
    assert [point.values[RATIO] for point in experiment.points[::3]] == [1.25, 1.75, 2.25, 2.75]
    assert [point.values[DELAY] for point in experiment.points[:3]] == [0, 1, 2]  # four midpoints, rounded
    assert {point.policy for point in experiment.points} == {"base"}


def test_without_levers_there_is_one_point_a_policy(write):
    assert points(load_experiment(write({"levers": None}))) == [("base", ())]
    both = load_experiment(write({"levers": None, "policies": "[two.yaml, one.yaml]"}))
    assert points(both) == [("two", ()), ("one", ())]


def test_range_stands_for_the_declared_range_as_in_a_calibration(write):
    design = {"design": "{kind: latin_hypercube, samples: 4}"}
    short = load_experiment(write({**design, "uncertainties": f"{{{RATIO}: range, {FAMILY}: range}}"}))
    rules = ", ".join(TALKS)
    written = {"uncertainties": f"{{{RATIO}: {{uniform: [1, 3]}}, {FAMILY}: {{choice: [{rules}]}}}}"}
    assert points(short) == points(load_experiment(write({**design, **written})))


def test_a_listed_point_without_a_policy_is_run_under_each(write):
    design = f"{{kind: list, points: [{{{SHARE}: 1}}, {{policy: one}}, {{{RATIO}: 3}}]}}"
    experiment = load_experiment(write({"levers": None, "policies": "[two.yaml, one.yaml]", "design": design}))
    assert points(experiment) == [("two", (1.0,)), ("two", (3.0,)), ("one", (1.0,)), ("one", ()), ("one", (3.0,))]


SAMPLED = {
    "latin_hypercube": ("{kind: latin_hypercube, samples: 16}", 16),
    "sobol": ("{kind: sobol, samples: 8}", 8 * (6 + 2)),
    "sobol of pairs": ("{kind: sobol, samples: 8, second_order: true}", 8 * (2 * 6 + 2)),
    "morris": ("{kind: morris, trajectories: 5, levels: 6}", 5 * (6 + 1)),
}


@pytest.mark.parametrize("name", SAMPLED)
def test_a_sample_has_its_size_keeps_to_ranges_and_is_the_same_for_all_policies_and_levers(write, name):
    design, rows = SAMPLED[name]
    changes = {"uncertainties": SPREADS, "design": design, "policies": "[one.yaml, two.yaml]"}
    experiment = load_experiment(write(changes))
    assert len(experiment.points) == 2 * 2 * rows
    assert experiment.design.sample.shape == (rows, 6)
    assert experiment.design.problem["num_vars"] == 6
    assert experiment.design.problem["names"] == [factor.key for factor in experiment.design.factors]
    sample = [{key: value for key, value in point.values.items() if key != SHARE} for point in experiment.points]
    assert sample[:rows] == sample[rows : 2 * rows] == sample[2 * rows : 3 * rows] == sample[3 * rows :]
    assert [point.values[SHARE] for point in experiment.points] == 2 * [*rows * [0.0], *rows * [0.5]]
    columns = {key: [row[key] for row in sample[:rows]] for key in sample[0]}
    for key, low, high in ((RATIO, 1, 3), ("behaviour.trust.project_weight", 0.1, 1), (DELAY, 10, 20)):
        assert low <= min(columns[key]) < max(columns[key]) <= high
    assert {type(value) for value in columns[DELAY]} == {int}
    assert {*columns[FAMILY]} == {"averaging", "repulsion"}
    assert (
        min(columns["behaviour.anchored_trust.stubbornness_mean"]) >= 0.05
    )  # the parameter's own range cuts the normal
    assert max(columns["behaviour.anchored_trust.stubbornness_mean"]) <= 0.6


def test_a_latin_hypercube_has_one_row_in_each_part_of_each_factor():
    sample = designs.latin_hypercube(3, 20, seed=4)
    assert (np.sort((sample * 20).astype(int), axis=0) == np.arange(20)[:, None]).all()


def test_a_morris_trajectory_changes_one_factor_at_a_time():
    sample = designs.morris(3, 4, 4, seed=0)
    steps = np.diff(sample.reshape(4, 4, 3), axis=1)
    assert ((steps != 0).sum(axis=2) == 1).all()
    assert np.allclose(np.abs(steps).sum(axis=2), 2 / 3)


def test_values_at_quantiles_follow_their_distributions_by_hand():
    half = np.array([0.0, 0.5, 1.0])
    assert inverse_cdf(Factor("k", "uniform", (1.0, 3.0)), half) == [1.0, 2.0, 3.0]
    assert inverse_cdf(Factor("k", "loguniform", (0.01, 1.0)), half) == pytest.approx([0.01, 0.1, 1.0])
    assert inverse_cdf(Factor("k", "triangular", (0.0, 0.5, 1.0)), half) == pytest.approx([0.0, 0.5, 1.0])
    assert inverse_cdf(Factor("k", "normal", (0.5, 0.1), low=0.0, high=1.0), half) == pytest.approx([0.0, 0.5, 1.0])
    assert inverse_cdf(Factor("k", "uniform", (1, 4), whole=True), np.array([0.0, 0.4, 0.9, 1.0])) == [1, 2, 4, 4]
    assert inverse_cdf(Factor("k", "choice", ("a", "b", "c")), np.array([0.0, 0.34, 0.99, 1.0])) == ["a", "b", "c", "c"]


def test_the_seed_of_a_sample_is_its_own_or_that_of_the_experiment(write):
    sampled = {"uncertainties": SPREADS, "design": "{kind: sobol, samples: 4}"}
    first, other = load_experiment(write(sampled)), load_experiment(write({**sampled, "seed": "5"}))
    fixed = load_experiment(write({**sampled, "seed": "5", "design": "{kind: sobol, samples: 4, seed: 0}"}))
    assert not np.array_equal(first.design.sample, other.design.sample)
    assert np.array_equal(first.design.sample, fixed.design.sample)


def test_another_process_makes_the_same_points_seeds_and_digest(write):
    path = write({"uncertainties": SPREADS, "design": "{kind: sobol, samples: 4}"})
    script = (
        "import sys; from experiments.sweeps.reader import load_experiment as load; e = load(sys.argv[1]); "
        "print(e.digest, e.seed_of(2), [dict(p.values) for p in e.points])"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-c", script, str(path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=path.parent).stdout
    here = load_experiment(path)
    assert said.strip() == f"{here.digest} {here.seed_of(2)} {[dict(point.values) for point in here.points]}"


# ------------------------------------------------------------------------------------------------------ runs


def test_points_share_seeds_and_roots_do_not(write):
    experiment = load_experiment(write())
    first, last = experiment.points[0], experiment.points[-1]
    for replication in range(3):
        seed = experiment.seed_of(replication)
        assert experiment.config_of(first, replication).run.seed == seed
        assert experiment.config_of(last, replication).run.seed == seed
    other = load_experiment(write({"seed": "1"}))
    seeds = [own.seed_of(replication) for own in (experiment, other) for replication in range(500)]
    assert len(set(seeds)) == 1000
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_the_config_of_a_point_is_that_of_a_city_with_its_policies_and_values(write, tmp_path):
    policies = "{both: [one.yaml, two.yaml]}"
    experiment = load_experiment(write({"policies": policies, "run": "{scale: 0.05}"}))
    point = experiment.points[1]
    config = experiment.config_of(point, 4)
    files = [tmp_path / "one.yaml", tmp_path / "two.yaml"]
    values = {**point.values, "run.seed": experiment.seed_of(4), "run.scale": 0.05}
    city = sim.City(tmp_path / "city.yaml", policies=files, **values)
    assert city.config == config
    assert config.run.weeks == 30
    levers = in_force(config.policy, config.timeline, 0)
    assert (levers.authority.mode, levers.choice.rule, levers.authority.delegated_share) == ("top_down", "lottery", 0.5)


def test_an_experiment_survives_a_trip_between_processes(write):
    experiment = load_experiment(write({"policies": "[one.yaml]"}))
    again = pickle.loads(pickle.dumps(experiment))
    assert again == experiment
    assert again.digest == experiment.digest


def test_replications_are_a_number_or_a_rule(write):
    assert load_experiment(write()).replications == Fixed(3)
    ranking = "{until: ranking, of: trust_in_municipality, best: highest, confidence: 0.9, at_most: 50}"
    found = load_experiment(write({"replications": ranking})).replications
    assert found == UntilRanking("trust_in_municipality", "highest", 0.9, 10, 50)
    width = "{until: half_width, of: service_gini, below: 0.01, at_most: 40}"
    found = load_experiment(write({"replications": width})).replications
    assert found == UntilHalfWidth("service_gini:last", 0.01, 0.95, 10, 40)
    assert [own.at_most for own in (Fixed(3), found)] == [3, 40]


# ------------------------------------------------------------------------------------------------------ digest, YAML

SAME = ({}, {"title": "{en: B}"}, {"description": "{en: B}"}, {"replications": "9"})
OTHER = (
    {"seed": "1"},
    {"run": "{scale: 0.02, weeks: 20}"},
    {"run": "{scale: 0.01, weeks: 21}"},
    {"levers": f"{{{SHARE}: [0, 0.6]}}"},
    {"levers": f"{{{SHARE}: [0.5, 0]}}"},
    {"policies": "[one.yaml]"},
    {"policies": "{one: two.yaml}"},
    {"outcomes": "[trust_in_municipality, {service_gini: first}]"},
)


def test_the_digest_is_of_what_decides_a_run_and_of_nothing_else(write, tmp_path):
    digest = load_experiment(write()).digest
    assert re.fullmatch("[0-9a-f]{64}", digest)
    assert {load_experiment(write(changes)).digest for changes in SAME} == {digest}
    others = [load_experiment(write(changes)).digest for changes in OTHER]
    assert len({digest, *others}) == len(OTHER) + 1
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "town.yaml").write_bytes((tmp_path / "city.yaml").read_bytes())
    assert load_experiment(write({"base": "sub/town.yaml"}, "moved.yaml")).digest == digest
    (tmp_path / "city.yaml").write_text("city: {population: {total: 20001}}\n", encoding="utf-8")
    assert load_experiment(write()).digest != digest


def test_the_digest_follows_the_content_of_policies_and_data_files_and_not_their_words(write, tmp_path):
    policy = {"policies": "[one.yaml]"}
    digest = load_experiment(write(policy)).digest
    (tmp_path / "one.yaml").write_text("title: {en: other}\nset: {authority.mode: top_down}\n", encoding="utf-8")
    assert load_experiment(write(policy)).digest == digest
    (tmp_path / "one.yaml").write_text("start: 1\nset: {authority.mode: top_down}\n", encoding="utf-8")
    assert load_experiment(write(policy)).digest != digest
    table = tmp_path / "table.csv"
    table.write_text("name,population,deprivation,x,y\na,500,0.1,0,0\nb,600,0.2,1,1\n", encoding="utf-8")
    (tmp_path / "city.yaml").write_text("city: {neighbourhoods: {data_file: table.csv}}\n", encoding="utf-8")
    experiment = load_experiment(write())
    assert experiment.base.city.neighbourhoods.data_file == str(table.resolve())
    table.write_text(table.read_text().replace("0.1", "0.3"), encoding="utf-8")
    assert load_experiment(write()).digest != experiment.digest
    table.unlink()
    with pytest.raises(ConfigError, match=r"city\.yaml:1: city\.neighbourhoods\.data_file: no such file"):
        load_experiment(write())


@pytest.mark.parametrize(
    "changes",
    [
        {"policies": "{'a b': [], two: [two.yaml, one.yaml]}", "seed": "3"},
        {"levers": None, "policies": "[one.yaml]", "design": f"{{kind: list, points: [{{{SHARE}: 1, policy: one}}]}}"},
        {"levers": "{policy.hub.kinds: [[school], [school, mosque], []]}"},
        {"levers": "{policy.rollout.milestones: [[{week: 1, share: 0.5}], [{week: 2, share: 1}]]}"},
        {"uncertainties": SPREADS, "design": "{kind: morris, trajectories: 2}"},
        {"outcomes": '[{"hope[cohort=youth]": {mean: [1, 9]}}, {hope: {every: 4}}, {hope: {week: [3, 9]}}]'},
        {"replications": "{until: half_width, of: service_gini, below: 0.01, at_most: 40}"},
    ],
    ids=["policies", "list", "hubs", "milestones", "morris", "outcomes", "half_width"],
)
def test_written_out_an_experiment_is_the_same_from_another_folder(write, tmp_path_factory, changes):
    experiment = load_experiment(write(changes))
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "experiment.yaml"
    elsewhere.write_text(experiment.to_yaml(), encoding="utf-8")
    again = load_experiment(elsewhere)
    assert (again.title, again.points, again.outcomes) == (experiment.title, experiment.points, experiment.outcomes)
    assert (again.replications, again.seed, again.digest) == (
        experiment.replications,
        experiment.seed,
        experiment.digest,
    )
    assert again.config_of(again.points[-1], 1) == experiment.config_of(experiment.points[-1], 1)
    assert again.to_yaml() == experiment.to_yaml()


# ------------------------------------------------------------------------------------------------------ the six

PERSIAN = re.compile("[\u0621-\u063a\u0641-\u064a\u067e\u0686\u0698\u06a9\u06af\u06cc]")
FOREIGN = re.compile("[A-Za-z0-9\u0643\u064a\u0660-\u0669]")
LOADED = re.compile(
    r"\b(good|bad|best|better|worse|worst|fail\w*|success\w*|(un)?fair|corrupt\w*|weak|strong|improve\w*)\b",
    re.IGNORECASE,
)


def test_the_experiments_that_are_promised_are_there():
    assert {path.stem for path in FILES} >= {
        "delegated_share", "hub_and_inclusiveness", "youth_and_elder_mayors", "allocation_and_choice", "rollout_order",
        "pledges_and_termination",
    }  # fmt: skip


@every_file
def test_an_experiment_loads_checks_and_its_points_build(path):
    assert faults_of(path) == ("experiment", [])
    experiment = load_experiment(path)
    config = experiment.config_of(experiment.points[0], 0)
    assert any(outcome.group_kind for outcome in experiment.outcomes)
    if experiment.design.kind != "morris":  # a screening of a hundred factors; its luck is measured beside it
        assert config.run.scale == 0.1
        assert experiment.replications.at_most >= 5
    city = sim.City(config.with_values({"run.scale": 0.01, "run.weeks": 3})).run()
    assert city.week == 3
    configs = [experiment.config_of(point, 0) for point in experiment.points]
    assert all(one != other for one, other in itertools.pairwise(configs))


@every_file
def test_an_experiment_says_what_it_asks_in_both_languages_and_nothing_of_what_comes_of_it(path):
    experiment = load_experiment(path)
    for label in (experiment.title, experiment.description):
        assert label.en.strip() == label.en != ""
        assert PERSIAN.search(label.fa)
        assert not PERSIAN.search(label.en)
        assert not FOREIGN.search(label.fa)
        assert not LOADED.search(label.en)


def test_the_examples_of_the_guide_are_valid(tmp_path):
    readme = (CONFIGS / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml experiment\n(.*?)```", readme, re.DOTALL)
    assert len(blocks) == 1
    text = blocks[0].replace("../", f"{CONFIGS}/")
    (tmp_path / "experiment.yaml").write_text(text, encoding="utf-8")
    assert len(load_experiment(tmp_path / "experiment.yaml").points) > 1
