"""Extensions: loaded by file and name, with parameters, phases and outcomes, in every study and in every worker."""

from __future__ import annotations

import copy
import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import experiments
from experiments.calibration.reader import load_calibration
from experiments.calibration.simulating import OneRun
from experiments.cli import app
from experiments.contrasts import compare
from experiments.provenance import model_digest
from experiments.resolved import as_yaml, plain_yaml, with_absolute_files
from experiments.study.executors import Processes
from experiments.sweeps.reader import load_experiment
from sim import City, load_config
from sim.config import Config, with_policy
from sim.errors import ConfigError
from sim.extension import ATTRIBUTES, REGISTRIES
from sim.loading import forget, load
from sim.outcome import OF_EXTENSIONS, known
from sim.parameters import register
from sim.phase import WEEK
from sim.phases.hearings import elected_by
from sim.yaml_text import read_yaml
from tests.interrupting import HANGING

EXAMPLES = Path(__file__).parents[2] / "docs/examples"
RATE = "behaviour.relative_deprivation.rate"
SMALL = "{scale: 0.01, weeks: 6}"
CITY = f"""\
city: {{title: {{en: Small}}}}
extensions: ["relative_deprivation.py:RULE"]
run: {SMALL}
"""
EXPERIMENT = f"""\
title: {{en: A sweep}}
base: city.yaml
uncertainties: {{{RATE}: {{levels: [0.0, 0.5]}}}}
replications: 2
outcomes: [{{trust_in_municipality: last}}, {{relatively_deprived_share: last}}]
"""


@pytest.fixture(autouse=True)
def forgetting():
    """What a test loads is forgotten after it."""
    yield
    forget()


@pytest.fixture
def folder(tmp_path):
    """A folder with the example, a small city that names it, and a sweep."""
    shutil.copy(EXAMPLES / "relative_deprivation.py", tmp_path)
    (tmp_path / "city.yaml").write_text(CITY, encoding="utf-8")
    (tmp_path / "sweep.yaml").write_text(EXPERIMENT, encoding="utf-8")
    return tmp_path


def mahalle(*arguments):
    """A command in this process."""
    return CliRunner().invoke(app, list(map(str, arguments)))


# ---------------------------------------------------------------- in a city


def test_parameters_phases_and_outcomes_come_with_the_extension(folder):
    city = City(folder / "city.yaml", rng=1).run()
    assert [one.name for one in city.phases] == [*WEEK[:-1], "compare", "measure"]
    assert city.config.behaviour.relative_deprivation.rate == 0.05
    assert city.history.columns[-1] == "relatively_deprived_share"
    assert city.history.relatively_deprived_share.between(0.2, 0.8).all()
    still = City(folder / "city.yaml", rng=1, **{RATE: 0.0}).run()
    assert still.history.trust_in_municipality.iloc[-1] > city.history.trust_in_municipality.iloc[-1]


def test_without_its_effect_the_city_is_the_city_without_it(folder):
    plain = City(rng=1, **{"run.scale": 0.01, "run.weeks": 6}).run()
    still = City(folder / "city.yaml", rng=1, **{RATE: 0.0}).run()
    assert "relatively_deprived_share" not in plain.history
    pd.testing.assert_frame_equal(still.history[list(plain.history)], plain.history)


def test_the_names_of_the_phases_of_a_week_are_those_of_the_city():
    assert tuple(phase.name for phase in City.phases) == WEEK


def test_a_config_without_extensions_is_what_it_was(tmp_path):
    (tmp_path / "plain.yaml").write_text("city: {title: {en: Plain}}\nextensions: []\n", encoding="utf-8")
    config = load_config(tmp_path / "plain.yaml")
    assert type(config) is Config
    assert "extensions" not in config.model_dump()
    assert "extensions" not in as_yaml(config)


def test_it_is_named_by_a_module_too(folder, monkeypatch):
    package = folder / "my_rules"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "helper.py").write_text("NUMBER = 1\n", encoding="utf-8")
    shutil.move(folder / "relative_deprivation.py", package / "rules.py")
    monkeypatch.syspath_prepend(folder)
    loaded = load("my_rules.rules:RULE")
    assert set(loaded.files) == {"__init__.py", "helper.py", "rules.py"}
    config = Config().with_values({"extensions": ["my_rules.rules:RULE"], RATE: 0.1})
    assert config.behaviour.relative_deprivation.rate == 0.1


def test_the_resolved_config_gives_the_same_config_from_any_folder(folder, tmp_path_factory):
    config = load_config(folder / "city.yaml", values={RATE: 0.2})
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "config.yaml"
    elsewhere.write_text(as_yaml(with_absolute_files(config)), encoding="utf-8")
    again = load_config(elsewhere)
    assert again.behaviour == config.behaviour
    assert type(again) is type(config)
    assert f"rate: 0.2{' ' * 33}# share per week, 0 to 0.5" in as_yaml(config)


def test_a_config_with_extensions_goes_between_processes(folder):
    config = load_config(folder / "city.yaml", values={RATE: 0.2})
    sent = pickle.dumps(config)
    assert pickle.loads(sent) == config
    forget()
    arrived = pickle.loads(sent)
    assert arrived.model_dump() == config.model_dump()
    assert [one.name for one in arrived.loaded] == ["relative_deprivation"]
    file = folder / "relative_deprivation.py"
    file.write_text(f"{file.read_text(encoding='utf-8')}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="was changed while its runs were under way"):
        pickle.loads(sent)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda city: pickle.loads(pickle.dumps(city))])
def test_a_copy_of_a_city_with_extensions_goes_on_as_the_city_does(folder, again):
    city = City(load_config(folder / "city.yaml"), rng=1, **{"run.scale": 0.01, "run.weeks": 6}).run(3)
    other = again(city)
    assert [one.name for one in other.phases] == [one.name for one in city.phases]
    assert "compare" in {one.name for one in other.phases}
    assert other.run(3).history.equals(city.run(3).history)


def test_a_changed_file_is_read_anew_in_the_same_process(folder):
    file, city = folder / "relative_deprivation.py", folder / "city.yaml"
    before = model_digest(load_config(city).loaded)
    file.write_text(file.read_text(encoding="utf-8").replace("        0.05,\n", "        0.25,\n"), encoding="utf-8")
    config = load_config(city)
    assert config.behaviour.relative_deprivation.rate == 0.25
    assert model_digest(config.loaded) != before
    assert model_digest(()) == model_digest()
    assert len([table for table in OF_EXTENSIONS if table.outcomes]) == 1
    assert known("relatively_deprived_share").unit == "share"


# ---------------------------------------------------------------- on the command line


def test_parameters_and_check_know_it(folder):
    said = mahalle("parameters", "--extension", f"{folder}/relative_deprivation.py:RULE", "--format", "json")
    row = next(row for row in json.loads(said.stdout) if row["key"] == RATE)
    assert (row["unit"], row["low"], row["high"], row["tag"], row["role"]) == (
        "share per week", 0.0, 0.5, "assumption", "uncertainty",
    )  # fmt: skip
    assert RATE not in mahalle("parameters").stdout
    said = mahalle("check", folder / "city.yaml", folder / "sweep.yaml")
    assert said.exit_code == 0, said.output
    (folder / "city.yaml").write_text(f"{CITY}behaviour: {{relative_deprivation: {{rat: 1}}}}\n", encoding="utf-8")
    said = mahalle("check", folder / "city.yaml")
    assert said.exit_code == 2
    assert f'{folder}/city.yaml:4: behaviour.relative_deprivation.rat: unknown key; did you mean "rate"?' in said.output


def test_a_run_notes_the_extension_and_can_be_verified(folder):
    out = folder / "out"
    said = mahalle("run", folder / "city.yaml", "--set", f"{RATE}=0.3", "--out", out, "--quiet", "--no-figure")
    assert said.exit_code == 0, said.output
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    noted = manifest["extensions"]["relative_deprivation"]
    assert noted["location"] == f"{folder}/relative_deprivation.py:RULE"
    assert len(noted["relative_deprivation.py"]) == 64
    assert manifest["model_digest"] != model_digest()
    said = mahalle("verify", out, "--sample", "1")
    assert said.exit_code == 0, said.output
    assert "another version" not in said.output


# ---------------------------------------------------------------- in a sweep


def test_a_sweep_varies_its_parameter_in_workers(folder):
    sweep = experiments.run(folder / "sweep.yaml", out=folder / "out", workers=1)
    assert (sweep.runs.status == "done").all()
    trust = sweep.outcomes[sweep.outcomes.outcome == "trust_in_municipality:last"].set_index("run_id").value
    points = sweep.runs.set_index("run_id").point
    means = [trust[points == point].mean() for point in (0, 1)]
    assert means[0] > means[1]
    assert set(sweep.runs.model) == {model_digest(sweep.experiment.base.loaded)[:12]}
    assert np.isfinite(sweep.outcomes.value).all()


def test_an_experiment_names_extensions_besides_those_of_its_city(folder):
    plain = CITY.replace('extensions: ["relative_deprivation.py:RULE"]\n', "")
    (folder / "city.yaml").write_text(plain, encoding="utf-8")
    with pytest.raises(ConfigError, match="unknown key"):
        load_experiment(folder / "sweep.yaml")
    other = folder / "other"
    other.mkdir()
    shutil.move(folder / "relative_deprivation.py", other)
    text = EXPERIMENT.replace("city.yaml", "../city.yaml") + 'extensions: ["relative_deprivation.py:RULE"]\n'
    (other / "sweep.yaml").write_text(text, encoding="utf-8")
    experiment = load_experiment(other / "sweep.yaml")
    assert experiment.keys == (RATE,)
    experiment.keep_in(folder)
    assert load_experiment(folder / "experiment.yaml").digest == experiment.digest


def test_resuming_after_the_extension_changed_is_refused(folder):
    experiments.run(folder / "sweep.yaml", out=folder / "out", workers=1)
    file = folder / "relative_deprivation.py"
    file.write_text(f"{file.read_text(encoding='utf-8')}# changed\n", encoding="utf-8")
    changed = r"source has changed since these runs \(extension relative_deprivation/relative_deprivation.py\)"
    with pytest.raises(ConfigError, match=changed):
        experiments.run(folder / "sweep.yaml", out=folder / "out", workers=1)
    more = (folder / "sweep.yaml").read_text(encoding="utf-8").replace("replications: 2", "replications: 3")
    (folder / "sweep.yaml").write_text(more, encoding="utf-8")
    sweep = experiments.run(folder / "sweep.yaml", out=folder / "out", workers=1, accept_code_change=True)
    assert len(set(sweep.runs.model)) == 2


def test_the_example_in_the_docs_is_read_and_a_run_of_it_done():
    from experiments.sweeps.worker import carry_out

    experiment = load_experiment(EXAMPLES / "relative_deprivation.yaml")
    assert [point.values[RATE] for point in experiment.points] == [0.0, 0.05, 0.2]
    shard, table = carry_out(experiment, [0, 2])
    assert not shard.failures
    values = table.filter([name == "trust_in_municipality:last" for name in table["outcome"].to_pylist()])["value"]
    assert values[0].as_py() > values[1].as_py()


# ---------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("nowhere.py:RULE", 'no such file: "nowhere.py"'),
        ("no_such_package.rules:RULE", 'no such module: "no_such_package"'),
        ("relative_deprivation.py:RULES", 'has no RULES; did you mean "RULE"?'),
        ("relative_deprivation.py:compare", "compare is no sim.extension.Extension, but Phase"),
        ("relative_deprivation.py", "must read my_rule.py:NAME"),
        ("raises.py:RULE", "raises NameError in FOLDER/raises.py:2: name 'nothing' is not defined"),
        ("broken.py:RULE", "raises SyntaxError in FOLDER/broken.py:1"),
        ("bare.py:RULE", "parameters: behaviour.bare: Bare.rate is not described: declare it with parameter(…)"),
        ("misplaced.py:RULE", "misplaced: no phase is called 'measures'"),
        ("taken.py:RULE", "taken: parameters: behaviour.trust is taken"),
        ("twice.py:RULE", "twice: declared twice: hope"),
    ],
)  # fmt: skip
def test_every_fault_is_one_line_with_file_line_and_key(folder, named, said):
    head = "from sim.extension import Extension, Placed\nfrom sim.parameters import Parameters\n"
    files = {
        "raises": "x = 1\nnothing\n",
        "broken": "def\n",
        "bare": f"{head}class Bare(Parameters):\n    rate: float = 1.0\n"
        "RULE = Extension(name='bare', meaning='', parameters={'behaviour.bare': Bare})\n",
        "misplaced": f"{head}from sim.phase import phase\n@phase()\ndef own(city):\n    pass\n"
        "RULE = Extension(name='misplaced', meaning='', phases=[Placed(own, before='measures')])\n",
        "taken": f"{head}RULE = Extension(name='taken', meaning='', parameters={{'behaviour.trust': Parameters}})\n",
        "twice": f"{head}from sim.outcome import Table, outcome\nT = Table()\n"
        "outcome('Again.', of=T, unit='share', name='hope')(lambda at: 0.0)\n"
        "RULE = Extension(name='twice', meaning='', outcomes=T)\n",
    }
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    (folder / "city.yaml").write_text(CITY.replace("relative_deprivation.py:RULE", named), encoding="utf-8")
    result = mahalle("check", folder / "city.yaml")
    assert result.exit_code == 2
    line = result.output.strip()
    assert "\n" not in line
    assert line.startswith(f"{folder}/city.yaml:2: extensions")
    assert said.replace("FOLDER", str(folder)) in line
    with pytest.raises(ConfigError) as refused:
        load_config(folder / "city.yaml")
    assert str(refused.value) == line
    (folder / "own.yaml").write_text(f"base: plain.yaml\nextensions: [{named!r}]\n{_rest()}", encoding="utf-8")
    (folder / "plain.yaml").write_text(f"city: {{}}\nrun: {SMALL}\n", encoding="utf-8")
    line = mahalle("check", folder / "own.yaml").output.strip()
    assert line.startswith(f"{folder}/own.yaml:2: extensions")
    assert "\n" not in line


def _rest():
    return "title: {en: A}\nreplications: 1\noutcomes: [hope]\n"


def test_two_extensions_that_do_not_go_together_are_refused(folder):
    both = CITY.replace(':RULE"', ':RULE", "relative_deprivation.py:RULE_PER_RESIDENT"')
    (folder / "city.yaml").write_text(both, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"city.yaml:2: extensions\[1\]: two extensions are called relative_depriv"):
        load_config(folder / "city.yaml")


def test_an_outcome_of_an_extension_that_the_city_has_not_is_unknown(folder):
    load(f"{folder}/relative_deprivation.py:RULE")
    plain = CITY.replace('extensions: ["relative_deprivation.py:RULE"]\n', "")
    (folder / "city.yaml").write_text(plain, encoding="utf-8")
    text = EXPERIMENT.replace(f"uncertainties: {{{RATE}: {{levels: [0.0, 0.5]}}}}\n", "")
    (folder / "sweep.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match='no such outcome: "relatively_deprived_share"'):
        load_experiment(folder / "sweep.yaml")


def test_the_example_declares_all_that_a_parameter_needs(folder):
    rows = {row.key: row for row in register(type(load_config(folder / "city.yaml")))}
    assert rows[RATE].effect.outcome in City(folder / "city.yaml").history
    assert read_yaml(EXAMPLES / "relative_deprivation.yaml").data["extensions"] == ["relative_deprivation.py:RULE"]


# ---------------------------------------------------------------- named alternatives, hubs and levers

ALTERNATIVES = f"{EXAMPLES}/own_alternatives.py:ALTERNATIVES"
SMALL_WITH_COUNCILS = {
    "run.scale": 1.0,
    "run.weeks": 60,
    "city.neighbourhoods.count": 5,
    "city.population.total": 2_000,
    "city.finance.works_budget_per_year": 40.0,
    "policy.rollout.milestones": [{"week": 0, "share": 1.0}],
    "policy.mayor.from_week": 8,
}


def test_a_policy_uses_alternatives_hubs_and_levers_of_ones_own():
    config = Config().with_values({"extensions": [ALTERNATIVES], **SMALL_WITH_COUNCILS})
    city = City(config, rng=1, policies=EXAMPLES / "own_policy.yaml").run()
    assert [hub.kind for hub in city.institutions.hubs] == ["library", "mosque"]
    assert city.institutions.hubs[0].profile.youth_factor == 1.6
    assert np.allclose(city.money.allocation, 0.2)
    assert set(city.institutions.seats.selection.tolist()) == {"sortition", "elected", "most_skilled"}
    assert "power_cuts" in city.events.to_string()
    assert city.history.attended.sum() > 0
    assert city.history.council_projects_finished.iloc[-1] > 0
    config = with_policy(config.with_values({"run.weeks": 8}), read_yaml(EXAMPLES / "own_policy.yaml"))
    (policy,) = config.timeline
    other = policy.model_copy(update={"set": {**policy.set, "thanks.hope_gain": 0.0}})
    without = City(config.model_copy(update={"timeline": (other,)}), rng=1).run()
    assert City(config, rng=1).run().history.hope.iloc[-1] > without.history.hope.iloc[-1]


def test_every_alternative_of_the_example_runs():
    for values in (
        {"policy.council.selection": "trusting"},
        {"policy.rollout.order": "largest_first"},
        {"city.customary_hub": "library"},
    ):
        config = Config().with_values({"extensions": [ALTERNATIVES], **SMALL_WITH_COUNCILS, **values})
        assert len(City(config.with_values({"run.weeks": 4}), rng=1).run().history) == 5


def test_names_are_known_only_while_the_extension_is(folder):
    with pytest.raises(ConfigError, match="must be one of"):
        Config().with_values({"policy.allocation.rule": "in_equal_parts"})
    load(ALTERNATIVES)
    assert Config().with_values({"policy.allocation.rule": "in_equal_parts"})
    forget()
    with pytest.raises(ConfigError, match="must be one of"):
        Config().with_values({"policy.allocation.rule": "in_equal_parts"})
    file = folder / "clash.py"
    head = "from sim.extension import Extension\nfirst = lambda city: None\nRULE = Extension(name='clash', meaning='', "
    file.write_text(f"{head}allocations={{'own': first, 'by_need': first}})\n", encoding="utf-8")
    with pytest.raises(ValueError, match="allocation by_need exists already"):
        load(f"{file}:RULE")
    with pytest.raises(ConfigError, match="must be one of"):
        Config().with_values({"policy.allocation.rule": "own"})


def test_a_ballot_rule_that_spends_too_much_or_gives_no_flags_is_refused():
    costs, approvals = np.array([1.0, 2.0]), np.ones((3, 2), dtype=bool)
    assert elected_by(lambda *_: np.array([True, False]), costs, approvals, 1.0).tolist() == [True, False]
    with pytest.raises(ValueError, match="spends 3 bn toman of 1"):
        elected_by(lambda *_: np.array([True, True]), costs, approvals, 1.0)
    with pytest.raises(ValueError, match="must give 2 flags"):
        elected_by(lambda *_: np.array([1, 0]), costs, approvals, 1.0)


def test_compare_takes_a_policy_that_uses_an_extension(folder):
    (folder / "city.yaml").write_text(f"city: {{}}\nextensions: [{ALTERNATIVES!r}]\nrun: {SMALL}\n", encoding="utf-8")
    status_quo = EXAMPLES.parents[1] / "configs/policies/status_quo.yaml"
    found = compare(
        status_quo, [EXAMPLES / "own_policy.yaml"], city=folder / "city.yaml", out=folder / "out", replications=2,
        scale=0.01, weeks=6, workers=1,
    )  # fmt: skip
    assert len(found.contrasts)
    said = mahalle("check", EXAMPLES / "own_policy.yaml", "--extension", ALTERNATIVES)
    assert said.exit_code == 0, said.output
    said = mahalle("check", EXAMPLES / "own_policy.yaml")
    assert said.exit_code == 2


def test_compare_reports_and_ranks_by_an_outcome_of_an_extension(folder):
    policies = EXAMPLES.parents[1] / "configs/policies"
    own = {"replications": 2, "scale": 0.01, "weeks": 6, "workers": 1, "ranked_by": "relatively_deprived_share"}
    found = compare(policies / "status_quo.yaml", ["as_is"], city=folder / "city.yaml", out=folder / "out", **own)
    assert "relatively_deprived_share" in set(found.contrasts.outcome)
    with pytest.raises(ConfigError, match="cannot rank by"):
        compare(policies / "status_quo.yaml", ["as_is"], out=folder / "other", **own)


# ---------------------------------------------------------------- the other studies


def test_sensitivity_screens_its_parameter(folder):
    text = EXPERIMENT.replace("{levels: [0.0, 0.5]}", "{uniform: [0.0, 0.5]}")
    text = text.replace("replications: 2", "replications: 1")
    text += "design: {kind: morris, trajectories: 4}\n"
    (folder / "sweep.yaml").write_text(text, encoding="utf-8")
    said = mahalle(
        "sensitivity", folder / "sweep.yaml", "--luck", "2", "--out", folder / "out", "--workers", "1", "--quiet"
    )
    assert said.exit_code == 0, said.output
    table = pd.read_parquet(folder / "out/sensitivity.parquet")
    moved = table[table.outcome == "trust_in_municipality:last"]
    assert (moved.factor == RATE).all()
    assert (moved[moved["index"] == "mu_star"].value > 0.0).all()
    file = folder / "relative_deprivation.py"
    said = mahalle("parameters", "--sensitivity", folder / "out", "--extension", f"{file}:RULE", "--format", "csv")
    assert "the model has changed" not in said.output
    assert "(100% of the largest)" in next(line for line in said.stdout.splitlines() if line.startswith(RATE))


def test_a_calibration_fits_its_parameter(folder):
    rafsanjan = EXAMPLES.parents[1] / "configs/cities/rafsanjan.yaml"
    data = read_yaml(EXAMPLES.parents[1] / "configs/calibrations/rafsanjan.yaml").data
    data |= {"base": str(rafsanjan), "parameters": {RATE: "range"}, "extensions": ["relative_deprivation.py:RULE"]}
    (folder / "calibration.yaml").write_text(plain_yaml(data), encoding="utf-8")
    calibration = load_calibration(folder / "calibration.yaml")
    assert calibration.keys == (RATE,)
    sent = pickle.dumps(OneRun(calibration))
    forget()
    arrived = pickle.loads(sent)
    assert arrived.calibration.base.behaviour.relative_deprivation.rate == 0.05
    assert [one.name for one in arrived.extensions] == ["relative_deprivation"]
    (folder / "copy").mkdir()
    calibration.keep_in(folder / "copy")
    assert load_calibration(folder / "copy/calibration.yaml").digest == calibration.digest


def test_a_replication_of_a_validation_goes_to_a_worker(folder):
    config = load_config(folder / "city.yaml")
    with Processes(1) as workers:
        assert workers.submit(_rate_there, config).result(timeout=HANGING) == (0.05, True)


def _rate_there(config):
    """In a worker: the rate, and whether a city runs its phase."""
    names = [one.name for one in City(config, rng=1).run(1).phases]
    return config.behaviour.relative_deprivation.rate, "compare" in names


def test_the_guide_names_every_kind_and_every_example():
    guide = (EXAMPLES.parent / "extending.md").read_text(encoding="utf-8")
    assert [name for name in ATTRIBUTES if name not in ("name", "meaning") and f"`{name}`" not in guide] == []
    source = (EXAMPLES / "own_alternatives.py").read_text(encoding="utf-8")
    for registry in REGISTRIES:
        assert f"    {registry}={{" in source, registry
    for name in ("relative_deprivation.py", "own_alternatives.py", "own_policy.yaml"):
        assert f"(examples/{name})" in guide
    rule = (EXAMPLES.parent / "own_rules.md").read_text(encoding="utf-8")
    part = (EXAMPLES / "relative_deprivation.yaml").read_text(encoding="utf-8")
    lines = [
        line for line in part.splitlines() if line.startswith(("base", "extensions", "uncertainties", "  behaviour"))
    ]
    assert "\n".join(lines) in rule
