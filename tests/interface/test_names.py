"""Cities, policies, experiments, calibrations, plans and figures are found by name, from any folder; a file first."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

import sim
from experiments import load_calibration, load_experiment
from experiments.cli import main
from experiments.manifest import manifest_in
from experiments.paper.figure import figures_in, load_figure
from experiments.plan.lock import content_of, lock_of, write_lock
from experiments.plan.plan import load_plan
from sim import shipped
from sim.errors import ConfigError
from sim.extension import tables_of
from sim.shipped import KINDS, find, find_of_any_kind, folder_of

ROOT = Path(__file__).resolve().parents[2]
SMALL = ["--scale", "0.01", "--weeks", "2"]

EXPERIMENT = """
title: {{en: Small}}
base: {base}
policies: {policies}
replications: 2
run: {{scale: 0.01, weeks: 2}}
outcomes: [{{hope: last}}]
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """An empty folder as the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(capsys, *words):
    """The one line by which a command refuses what it is given."""
    assert main([*map(str, words)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


# ---------------------------------------------------------------- what a name means


def test_every_shipped_file_has_a_name_and_no_two_of_a_kind_share_one():
    files = [path for kind in KINDS for path in folder_of(kind).rglob("*.yaml")]
    assert sorted(files) == sorted(path for kind in KINDS for path in shipped.shipped(kind).values())
    assert sorted(files) == sorted((ROOT / "configs").rglob("*.yaml"))
    for kind in KINDS:
        for name, path in shipped.shipped(kind).items():
            assert find(kind, name) == path


def test_a_file_comes_first_and_a_folder_of_that_name_does_not(elsewhere):
    (elsewhere / "rafsanjan").mkdir()
    assert find("city", "rafsanjan") == ROOT / "configs/cities/rafsanjan.yaml"
    (elsewhere / "rafsanjan").rmdir()
    (elsewhere / "rafsanjan").write_text("run: {weeks: 3}\n", encoding="utf-8")
    assert find("city", "rafsanjan") == Path("rafsanjan")
    assert sim.load_config("rafsanjan").run.weeks == 3
    (elsewhere / "mine").mkdir()
    assert find("city", "mine") == Path("mine")  # its reader says that it is a folder


@pytest.mark.parametrize("given", ["rafsanjan.yaml", "./rafsanjan", "cities/rafsanjan", "", "..", "a\0b", "x" * 5000])
def test_what_cannot_be_a_name_is_a_path(given):
    assert find("city", given) == Path(given)
    with pytest.raises(ConfigError, match="cannot be read"):
        sim.load_config(given)


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_name_is_told_the_nearest_and_the_list(kind):
    name = next(iter(shipped.shipped(kind)))
    with pytest.raises(ConfigError) as caught:
        find(kind, f"{name}_")
    assert str(caught.value) == (
        f'{name}_: is neither a file nor the name of a shipped {kind}; did you mean "{name}"? '
        f"mahalle list {kind} names all"
    )
    with pytest.raises(ConfigError, match=f"zzzzzz: .* the name of a shipped {kind}; mahalle list {kind} names all"):
        find(kind, "zzzzzz")


def test_a_file_of_ones_own_of_that_name_is_named(elsewhere):
    Path("policies").mkdir(exist_ok=True)
    Path("policies/my_lottery.yaml").write_text("title: {en: A lottery}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"mahalle list policy names all; your own is policies/my_lottery\.yaml$"):
        find("policy", "my_lottery")
    with pytest.raises(ConfigError, match=r"names all$"):
        find("city", "my_lottery")


def test_the_name_of_another_kind_is_said_to_be_one():
    with pytest.raises(ConfigError, match="is the name of a shipped policy, but of no city"):
        find("city", "status_quo")
    with pytest.raises(ConfigError, match="is the name of a shipped city and calibration and plan, but of no policy"):
        find("policy", "rafsanjan")


# ---------------------------------------------------------------- in Python


def test_python_takes_names():
    config = sim.load_config("rafsanjan", policies=["status_quo"])
    file = ROOT / "configs/cities/rafsanjan.yaml"
    assert config == sim.load_config(file, policies=[ROOT / "configs/policies/status_quo.yaml"])
    own_data = sim.load_config("town")
    assert Path(own_data.base_folder) == ROOT / "configs/cities/own_data"
    city = sim.City("lakeside", policies="school_hub", **{"run.scale": 0.01, "run.weeks": 3}).run(1)
    assert [item.title.en for item in city.config.timeline] == ["The school as hub"]
    assert len(sim.branch(city, "scandal").config.timeline) == 2
    for wrong in ({"policies": "statusquo"}, {"policies": ["rafsanjan"]}):
        with pytest.raises(ConfigError, match="shipped"):
            sim.City("lakeside", **wrong)
    assert load_experiment("delegated_share") == load_experiment(ROOT / "configs/experiments/delegated_share.yaml")
    assert load_calibration("rafsanjan").digest == load_calibration(ROOT / "configs/calibrations/rafsanjan.yaml").digest
    assert load_plan("rafsanjan").content == load_plan(ROOT / "configs/plans/rafsanjan.yaml").content


# ---------------------------------------------------------------- in files


def test_an_experiment_names_its_base_and_its_policies(elsewhere):
    by_name, by_file = elsewhere / "by_name.yaml", elsewhere / "by_file.yaml"
    by_name.write_text(EXPERIMENT.format(base="rafsanjan", policies="[status_quo, tokenism]"), encoding="utf-8")
    files = [f"{ROOT}/configs/policies/{name}.yaml" for name in ("status_quo", "tokenism")]
    base = f"{ROOT}/configs/cities/rafsanjan.yaml"
    by_file.write_text(EXPERIMENT.format(base=base, policies=json.dumps(files)), encoding="utf-8")
    one, other = load_experiment(by_name), load_experiment(by_file)
    assert (one.digest, one.content) == (other.digest, other.content)
    (elsewhere / "tokenism").write_text("set: {funding.level: 0.5}\n", encoding="utf-8")
    assert load_experiment(by_name).policies["tokenism"][0].set == {"funding.level": 0.5}


@pytest.mark.parametrize(
    ("base", "policies", "line"),
    [
        ("rafsanjn", "[status_quo]", 'e.yaml:3: base: "rafsanjn" is neither a file nor the name of a shipped city'),
        ("rafsanjan", "[status_qu]", 'e.yaml:4: policies[0]: "status_qu" is neither a file nor the name of a shipped'),
        ("rafsanjan", "{a: [town]}", 'e.yaml:4: policies.a[0]: "town" is the name of a shipped city, but of no policy'),
        ("no.yaml", "[status_quo]", 'e.yaml:3: base: no such file: "no.yaml", looked for beside the experiment'),
    ],
)
def test_an_unknown_name_in_an_experiment_is_refused_with_its_line(base, policies, line, elsewhere, capsys):
    (elsewhere / "e.yaml").write_text(EXPERIMENT.format(base=base, policies=policies), encoding="utf-8")
    assert refused(capsys, "sweep", "e.yaml").startswith(line)


def test_a_missing_file_is_refused_where_it_is_named_with_the_nearest_one(elsewhere, capsys):
    """A city's table, a survey and a policy, whichever file begins the chain, and files on the command line."""
    town = folder_of("city") / "own_data"
    shutil.copytree(town, elsewhere / "study")
    city = elsewhere / "study" / "town.yaml"
    text = city.read_text(encoding="utf-8").replace("data_file: neighbourhoods.csv", "data_file: neighborhoods.csv")
    line = text[: text.index("data_file: neighborhoods.csv")].count("\n") + 1
    wrong = city.with_name("wrong.yaml")
    wrong.write_text(text, encoding="utf-8")
    said = 'city.neighbourhoods.data_file: no such file: "neighborhoods.csv", looked for beside the city; did you mean'
    (elsewhere / "e.yaml").write_text(EXPERIMENT.format(base="study/wrong.yaml", policies="[status_quo]"))
    for words in (("check", "study/wrong.yaml"), ("run", "study/wrong.yaml"), ("check", "e.yaml"), ("sweep", "e.yaml"),
                  ("compare", "status_quo", "as_is", "--city", "study/wrong.yaml")):  # fmt: skip
        found = refused(capsys, *words).removeprefix(f"{elsewhere}/")
        assert found == f'study/wrong.yaml:{line}: {said} "neighbourhoods.csv"?', words
    shutil.copy(find("policy", "status_quo"), elsewhere / "study" / "own_policy.yaml")
    (elsewhere / "e.yaml").write_text(EXPERIMENT.format(base="rafsanjan", policies="{a: study/own_polcy.yaml}"))
    assert refused(capsys, "check", "e.yaml").endswith('beside the experiment; did you mean "study/own_policy.yaml"?')
    (elsewhere / "survey.csv").touch()
    prior = "parameters: {behaviour.trust.half_life_weeks: range}\nmethod: emulator\nruns: 50\npopulation: 10\n"
    rest = f"base: rafsanjan\n{prior}survey:\n  - {{file: survay.csv, label: survey}}\n"
    (elsewhere / "c.yaml").write_text(f"title: {{en: A, fa: A}}\n{rest}", encoding="utf-8")
    assert refused(capsys, "calibrate", "c.yaml") == (
        'c.yaml:8: survey[0].file: no such file: "survay.csv", looked for beside the calibration; '
        'did you mean "survey.csv"?'
    )
    for command in ("check", "run"):
        assert refused(capsys, command, "study/twn.yaml").endswith('did you mean "study/town.yaml"?')
    setting = "city.population.data_file=nothing_like_it.csv"
    found = refused(capsys, "run", "study/town.yaml", "--set", setting)
    assert found == f'--set: {setting.replace("=", ": no such file: " + chr(34))}", looked for beside the city'


def test_faults_of_all_parts_are_named_at_once(elsewhere, capsys):
    """Of an experiment and of a calibration, though one part is no part at all; an own command says how many more."""
    wrong = EXPERIMENT.format(base="rafsanjan", policies="[status_qu]").replace("replications: 2", "replications: 0")
    (elsewhere / "e.yaml").write_text(wrong.replace("hope", "trust"), encoding="utf-8")
    assert main(["check", "e.yaml"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[1] for line in said] == ["policies[0]", "replications", "outcomes[0]"]
    assert said[2].endswith(
        'no such outcome: "trust"; with this word: trust_in_municipality, trust_in_municipality_sd, trust_in_council, '
        "trust_in_council_sd, trust_in_people; mahalle list outcome names all"
    )
    assert refused(capsys, "sweep", "e.yaml").endswith("(and 2 more; mahalle check names all)")
    prior = "parameters: {behaviour.trust.loss_to_gain_ratio: {uniform: [0.2, 90]}}\n"
    rest = "metod: emulator\nmethod: emulator\nruns: 5\npopulation: 10\nsurvey: [{file: none.csv, label: survey}]\n"
    (elsewhere / "c.yaml").write_text(f"title: {{en: A, fa: A}}\nbase: rafsanjan\n{prior}{rest}", encoding="utf-8")
    assert main(["check", "c.yaml"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[0] for line in said] == ["c.yaml:3", "c.yaml:3", "c.yaml:4", "c.yaml:6", "c.yaml:8"]
    assert refused(capsys, "calibrate", "c.yaml").endswith("(and 4 more; mahalle check names all)")


def test_a_plan_a_calibration_and_a_figure_name_what_they_use(elsewhere, capsys):
    for kind, key, of, name in (
        ("plan", "experiment", "experiment", "programme_and_status_quo"), ("calibration", "base", "city", "rafsanjan"),
    ):  # fmt: skip
        text = find(kind, "rafsanjan").read_text(encoding="utf-8")
        line = f"\n{key}: {name}\n"
        assert line in text
        (elsewhere / f"{kind}.yaml").write_text(text, encoding="utf-8")
        by_file = text.replace(line, f"\n{key}: {find(of, name)}\n")
        (elsewhere / f"{kind}-file.yaml").write_text(by_file, encoding="utf-8")
        (elsewhere / f"{kind}-wrong.yaml").write_text(text.replace(line, f"\n{key}: {name}_\n"), encoding="utf-8")
        assert main(["check", f"{kind}.yaml", f"{kind}-file.yaml"]) == 0
        assert capsys.readouterr().out.count(f"ok ({kind})") == 2
        assert f'did you mean "{name}"' in refused(capsys, "check", f"{kind}-wrong.yaml")
    assert load_plan("plan.yaml").experiment.content == load_plan("plan-file.yaml").experiment.content
    assert load_calibration("calibration.yaml").content == load_calibration("calibration-file.yaml").content
    for figure, used in {
        "delegation": [("file", "experiment", "delegated_share")],
        "mechanisms": [
            ("file", "policy", "full_programme"),
            ("base", "policy", "status_quo"),
            ("city", "city", "rafsanjan"),
        ],
        "memory": [("file", "city", "rafsanjan")],
    }.items():
        text = find("figure", figure).read_text(encoding="utf-8")
        Path("named.yaml").write_text(text, encoding="utf-8")
        for key, kind, name in used:
            assert f"{key}: {name}" in text
            text = text.replace(f"{key}: {name}", f"{key}: {find(kind, name)}")
        Path("filed.yaml").write_text(text, encoding="utf-8")
        named, filed = load_figure("named.yaml"), load_figure("filed.yaml")
        assert (named.source.digest, named.runs) == (filed.source.digest, filed.runs)
    Path("named.yaml").write_text(text.replace(str(find("city", "rafsanjan")), "rafsanjn"), encoding="utf-8")
    assert 'data.file: the text "rafsanjn" is neither' in refused(capsys, "check", "named.yaml")
    assert [figure.name for figure in figures_in(names=["cost"])] == ["cost"]


# ---------------------------------------------------------------- on the command line


def test_a_run_by_name_is_the_run_by_file(elsewhere):
    policy = ROOT / "configs/policies/school_hub.yaml"
    by_file = ["run", str(ROOT / "configs/cities/lakeside.yaml"), "--policy", str(policy)]
    assert main(["run", "lakeside", "--policy", "school_hub", *SMALL, "--no-figure", "--quiet"]) == 0
    (folder,) = (elsewhere / "results").iterdir()
    before = manifest_in(folder)
    assert main([*by_file, *SMALL, "--no-figure", "--quiet"]) == 0
    assert [path.name for path in (elsewhere / "results").iterdir()] == [folder.name]
    after = manifest_in(folder)
    assert before["config_digest"] == after["config_digest"]
    assert before["files"]["city.parquet"] == after["files"]["city.parquet"]
    assert before["files"]["config.yaml"] == after["files"]["config.yaml"]


def test_a_study_by_name_is_resumed_by_file_and_the_other_way_round(elsewhere, capsys):
    experiment = elsewhere / "small.yaml"
    experiment.write_text(EXPERIMENT.format(base="rafsanjan", policies="[status_quo]"), encoding="utf-8")
    assert main(["sweep", "small.yaml", "--workers", "1", "--quiet"]) == 0
    written = experiment.read_text(encoding="utf-8")
    for name in ("cities/rafsanjan", "policies/status_quo"):
        written = written.replace(name.partition("/")[2], f"{ROOT}/configs/{name}.yaml")
    experiment.write_text(written, encoding="utf-8")
    before = (elsewhere / "results/small/experiment.yaml").read_bytes()
    assert main(["sweep", "small.yaml", "--workers", "1"]) == 0
    assert "2 runs are there already" in capsys.readouterr().err
    assert (elsewhere / "results/small/experiment.yaml").read_bytes() == before
    files = [str(find("policy", name)) for name in ("status_quo", "tokenism")]
    more = [*SMALL, "--replications", "2", "--workers", "1", "--no-figure"]
    assert main(["compare", *files, "--city", str(find("city", "rafsanjan")), *more, "--quiet"]) == 0
    assert main(["compare", "status_quo", "tokenism", *more]) == 0
    assert "4 runs are there already" in capsys.readouterr().err
    assert sorted(path.name for path in (elsewhere / "results").iterdir()) == [
        "compare-rafsanjan-status_quo-tokenism", "small",
    ]  # fmt: skip


def test_without_a_city_a_comparison_takes_the_shipped_one_whatever_files_there_are(elsewhere, capsys):
    (elsewhere / "rafsanjan").write_text("run: {weeks: nonsense}\n", encoding="utf-8")
    words = ["compare", "status_quo", "as_is", *SMALL, "--replications", "2", "--workers", "1"]
    assert main([*words, "--dry-run"]) == 0
    assert "run.weeks" in refused(capsys, *words, "--city", "rafsanjan")


@pytest.mark.parametrize(
    ("words", "kind", "hint"),
    [
        (["run", "rafsanjn"], "city", "rafsanjan"),
        (["run", "rafsanjan", "--policy", "status_qo"], "policy", "status_quo"),
        (["validate", "lakesid"], "city", "lakeside"),
        (["sweep", "delegated_shar"], "experiment", "delegated_share"),
        (["sensitivity", "what_mater"], "experiment", "what_matters"),
        (["calibrate", "rafsanjn"], "calibration", "rafsanjan"),
        (["compare", "status_qo", "as_is"], "policy", "status_quo"),
        (["compare", "status_quo", "as_is", "--city", "lakesid"], "city", "lakeside"),
        (["plan", "lock", "rafsanjn"], "plan", "rafsanjan"),
        (["plan", "show", "rafsanjn"], "plan", "rafsanjan"),
        (["report", "rafsanjn"], "plan", "rafsanjan"),
        (["audit", "rafsanjn"], "plan", "rafsanjan"),
        (["dashboard", "--city", "rafsanjn"], "city", "rafsanjan"),
        (["check", "status_qo"], "config", "status_quo"),
    ],
    ids=lambda item: " ".join(item) if isinstance(item, list) else None,
)
def test_every_command_refuses_an_unknown_name_in_one_line(words, kind, hint, elsewhere, capsys):
    line = refused(capsys, *words)
    assert f'is neither a file nor the name of a shipped {kind}; did you mean "{hint}"? mahalle list' in line
    assert list(elsewhere.iterdir()) == []


def test_check_takes_all_files_of_a_name_and_goes_on_after_an_unknown_one(capsys):
    assert [path.parent.name for path in find_of_any_kind("rafsanjan")] == ["cities", "calibrations", "plans"]
    assert main(["check", "rafsanjan", "nothing_like_it", "scandal"]) == 2
    said = capsys.readouterr()
    found = [line.partition(": ok ")[2].partition(";")[0] for line in said.out.splitlines()]
    assert found == ["(city)", "(calibration)", "(plan)", "(policy)"]
    assert said.err == "nothing_like_it: is neither a file nor the name of a shipped config; mahalle list names all\n"


@pytest.mark.parametrize(("language", "title"), [("en", "Decisions by the municipality"), ("fa", "تصمیم‌گیری شهرداری")])
def test_the_list_has_every_name_with_its_title(language, title, capsys):
    assert main(["list", "--lang", language]) == 0
    lines = capsys.readouterr().out.splitlines()
    names = [line.split()[0] for line in lines if line.startswith("  ")]
    assert names == [name for kind in KINDS for name in shipped.shipped(kind)]
    assert all(len(line.split()) > 1 for line in lines if line.startswith("  ")), "a config without a title"
    assert any(line.split(maxsplit=1) == ["status_quo", title] for line in lines)
    assert lines[-1].endswith(str(folder_of()))
    assert main(["list", "policy", "--lang", language]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(shipped.shipped("policy")) + 2


@pytest.mark.parametrize(("language", "words"), [("en", "trust in the council"), ("fa", "اعتماد به شورای محله")])
def test_the_list_of_outcomes_has_each_that_may_be_asked_for_with_its_words(language, words, capsys):
    assert main(["list", "outcome", "--lang", language]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    group, neighbourhood = ("g", "n") if language == "en" else ("گ", "م")
    assert f"({group}: " in head
    assert [line.split()[0] for line in lines] == list(tables_of(())["city"].asked)
    assert any(line.split(maxsplit=2) == ["trust_in_council", f"{group}{neighbourhood}", words] for line in lines)
    assert any(
        line.startswith("  service_gini  ") and line.split()[1] not in (group, neighbourhood, f"{group}{neighbourhood}")
        for line in lines
    )


def test_a_folder_in_place_of_a_data_file_is_refused_where_it_is_named(tmp_path, capsys):
    (tmp_path / "folder").mkdir()
    city = tmp_path / "city.yaml"
    city.write_text("city:\n  neighbourhoods: {data_file: folder}\n", encoding="utf-8")
    for command in ("check", "run"):
        assert main([command, str(city)]) == 2
        said = capsys.readouterr()
        line = f"{city}:2: city.neighbourhoods.data_file: 'folder' is no file\n"
        assert line in (said.out + said.err)



# ---------------------------------------------------------------- in an installed package


@pytest.fixture
def installed(elsewhere, monkeypatch):
    """The shipped configs inside the package, as a wheel has them."""
    inside = elsewhere / "site/sim/configs"
    shutil.copytree(ROOT / "configs", inside)
    monkeypatch.setattr(shipped, "_INSTALLED", inside)
    return inside


def test_no_lock_is_written_into_an_installed_package(installed, elsewhere):
    plan = load_plan("rafsanjan")
    assert plan.path == installed / "plans/rafsanjan.yaml"
    with pytest.raises(ConfigError, match=r"is part of the installed package, .*: copy the plan"):
        write_lock(plan, elsewhere / "runs")
    assert not lock_of(plan).exists()


def test_a_lock_holds_no_path_of_the_installed_package(installed, elsewhere):
    plan = elsewhere / "mine/plans/plan.yaml"
    plan.parent.mkdir(parents=True)
    shutil.copy(installed / "plans/rafsanjan.yaml", plan)
    assert str(elsewhere) not in json.dumps(content_of(load_plan(plan))["experiment"], default=str)


# ---------------------------------------------------------------- in the documents

ASKS = {
    "run": "city", "validate": "city", "sweep": "experiment", "sensitivity": "experiment", "calibrate": "calibration",
    "plan lock": "plan", "plan show": "plan", "report": "plan", "audit": "plan", "compare": "policy",
}  # fmt: skip


def test_the_documents_name_what_is_shipped():
    files = [ROOT / "README.md", ROOT / "configs/README.md", *ROOT.glob("docs/*.md")]
    texts = [file.read_text(encoding="utf-8") for file in files]
    found = 0
    for command, kind in ASKS.items():
        for words in re.findall(rf"mahalle {command}((?: [a-z]\w*(?![\w./=]))+)", "\n".join(texts)):
            for name in words.split()[: None if command == "compare" else 1]:
                assert name in (*shipped.shipped(kind), "as_is"), f"mahalle {command} {name}"
                found += 1
    assert found > 20
