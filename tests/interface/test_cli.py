"""The command line as a user meets it: exit codes, one clear line for every mistake, and results never half-written."""

import csv
import errno
import io
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import psutil
import pytest
from ruamel.yaml import YAML

from experiments.cli import main
from experiments.faults import faults_of
from experiments.register import rows, value_at
from experiments.schemas import schema_of
from experiments.study.watching import announce_compiling
from sim.config import Config
from tests import forking
from tests.interrupting import HANGING, heed_ctrl_c

ROOT = Path(__file__).resolve().parents[2]
SMALL = "run: {weeks: 4, scale: 0.01}\n"
POLICY = "title: {en: School}\nset:\n  hub: {kinds: [school]}\n  council.size: 7\n"
FAULTY_POLICY = "set:\n  council.sise: 7\n  hub: {kinds: [pub]}\nshocks:\n  - {kind: fire}\n"


def mahalle(*words, cwd, **options):
    """Run the command as a user does."""
    if not options and forking.possible():
        return forking.run(words, cwd, HANGING)
    command = [sys.executable, "-m", "experiments", *map(str, words)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=HANGING, **options)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("user")
    files = {
        "small.yaml": SMALL,
        "policy.yaml": POLICY,
        "faulty_policy.yaml": FAULTY_POLICY,
        "twice.yaml": "run: {weeks: 4}\nrun: {weeks: 5}\n",
        "misspelt.yaml": "run:\n  weks: 4\n",
        "nan.yaml": "behaviour:\n  trust:\n    news_weight: .nan\n",
        "tag.yaml": "run: !!python/object/apply:os.system [date]\n",
        "empty.yaml": "",
        "claim.yaml": f"{SMALL}city:\n  claims:\n    - {{outcome: counsils, value: 1}}\n",
        "file": "not a folder",
    }
    for name, text in files.items():
        (place / name).write_text(text, encoding="utf-8")
    (place / "binary.yaml").write_bytes(bytes(range(128, 256)))
    (place / "folder").mkdir()
    (place / "own").mkdir()
    (place / "own" / "thesis.txt").write_text("years of work", encoding="utf-8")
    return place


# ---------------------------------------------------------------- wrong requests

WRONG = {
    "a missing file": (["run", "nothing.yaml"], "nothing.yaml: this file cannot be read"),
    "a folder": (["run", "folder"], "folder: this file cannot be read"),
    "a binary file": (["run", "binary.yaml"], "binary.yaml:1: this is not UTF-8 text"),
    "a duplicate key": (["run", "twice.yaml"], "twice.yaml:2: run: duplicate key"),
    "an unknown key": (["run", "misspelt.yaml"], 'misspelt.yaml:2: run.weks: unknown key; did you mean "weeks"?'),
    "not a number": (["run", "nan.yaml"], "nan.yaml:3: behaviour.trust.news_weight: must be a finite number"),
    "a python tag": (["run", "tag.yaml"], "tag.yaml:1: the tag"),
    "--set without =": (["run", "small.yaml", "--set", "run.weeks"], "--set: must read key=value"),
    "an unknown lever": (["run", "small.yaml", "--set", "policy.hub.kind=school"], 'did you mean "kinds"?'),
    "scale 0": (["run", "small.yaml", "--scale", "0"], "--scale: must lie between 0.001 and 1"),
    "no weeks": (["run", "small.yaml", "--weeks", "0"], "--weeks: must lie between 1 and 5200"),
    "out is a file": (["run", "small.yaml", "--out", "file"], "--out file: is a file"),
    "no config": (["run"], "mahalle run: Invalid value: name a city, such as rafsanjan"),
    "an unknown option": (["run", "small.yaml", "--sede", "1"], "mahalle run: No such option: --sede"),
    "an unknown command": (["rnu"], "mahalle: No such command 'rnu'"),
}
"""Each tried in a process of its own, as a user does."""

WRONG_TOO = {
    "an empty file": (["run", "empty.yaml"], "empty.yaml: the file is empty"),
    "a choice that is none": (["run", "small.yaml", "--set", "policy.hub.kinds=[pub]"], "must be one of: mosque"),
    "a scale that is no number": (["run", "small.yaml", "--scale", "all"], "mahalle run: Invalid value for '--scale'"),
    "a scale with a decimal comma": (
        ["run", "small.yaml", "--scale", "0,1"],
        """'--scale': must be a number, not "0,1"; write a decimal point, 0.1\n""",
    ),
    "weeks with a separator of thousands": (
        ["run", "small.yaml", "--weeks=1,040"],
        """'--weeks': must be a whole number, not "1,040"; write 1040, without separators of thousands\n""",
    ),
    "a lever with a decimal comma": (
        ["run", "small.yaml", "--set", "policy.authority.delegated_share=0,5"],
        'delegated_share: must be a number, not the text "0,5"; write a decimal point, 0.5\n',
    ),
    "a negative seed": (["run", "small.yaml", "--seed", "-1"], "--seed: must lie between 0"),
    "out is below a file": (["run", "small.yaml", "--out", "file/below"], "is a file, not a folder"),
    "out is somebody's": (["run", "small.yaml", "--out", "own"], "--out own: exists and was not made by mahalle run"),
    "out is here": (["run", "small.yaml", "--out", "."], "--out .: is the current folder"),
    "out has a long name": (["run", "small.yaml", "--out", "x" * 250], "the name is too long"),
    "a faulty policy": (["run", "small.yaml", "--policy", "faulty_policy.yaml"], "faulty_policy.yaml:"),
    "a claim about nothing": (["run", "claim.yaml"], 'no such outcome: "counsils"; did you mean "councils"?'),
    "an unknown layout": (["parameters", "--format", "xls"], "mahalle parameters: Invalid value for '--format'"),
    "a table into a folder": (["parameters", "--out", "folder"], "--out folder: is a folder"),
    "nothing to check": (["check"], "mahalle check: Missing argument"),
}
"""Tried in this process, to save time."""


def assert_refused(status, out, err, expected):
    assert status == 2
    assert expected in err
    assert len(err.splitlines()) <= 2
    assert "Traceback" not in err
    assert "─" not in err  # Rich's boxes
    assert out == ""


def assert_nothing_written(folder):
    assert not (folder / "results").exists()
    assert (folder / "own" / "thesis.txt").read_text(encoding="utf-8") == "years of work"
    assert not [path for path in folder.iterdir() if "partial" in path.name]


@pytest.mark.parametrize(("words", "expected"), WRONG.values(), ids=WRONG)
def test_a_wrong_request_gets_one_or_two_lines_and_status_2(words, expected, folder):
    done = mahalle(*words, cwd=folder)
    assert_refused(done.returncode, done.stdout, done.stderr, expected)
    assert_nothing_written(folder)


@pytest.mark.parametrize(("words", "expected"), WRONG_TOO.values(), ids=WRONG_TOO)
def test_other_wrong_requests_do_too(words, expected, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    status = main(words)
    assert_refused(status, *capsys.readouterr(), expected)
    assert_nothing_written(folder)


RAW = "x\x1b[31m\x9b\u202ey\x07"
LONG = "a" * 100_000
HOSTILE = [
    ["check", f"no{RAW}.yaml"],
    ["check", f"{RAW}.yaml"],
    ["check", LONG],
    ["count", f"{RAW}.pb", "--rule", "greedy"],
    ["count", f"{RAW}.pb", "--rule", "greedy", "--format", "json"],
    [RAW],
    *[
        ["run", "small.yaml", *words]
        for words in (
            *[["--set", text] for text in (RAW, f"{RAW}=1", f"run.weeks={RAW}")],
            *[["--set", text] for text in (LONG, f"{LONG}=1", f"run.weeks={LONG}", f"run.weeks=[{LONG}")],
            *[[option, text] for option in ("--policy", "--scale") for text in (RAW, LONG)],
            *[[f"--{text}"] for text in (RAW, LONG)],
            ["--out", f"file/{RAW}"],
        )
    ],
]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_what_a_user_wrote_is_printed_in_escapes_and_cut(words, folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(shutil.copytree(folder, tmp_path / "user"))
    Path(f"{RAW}.yaml").write_text(SMALL, encoding="utf-8")
    name = RAW.replace("\x07", "")
    election = (
        f"META\nbudget;9\nvote_type;approval\nPROJECTS\nproject_id;cost;name\n1;5;{name}\nVOTES\nvoter_id;vote\na;1\n"
    )
    Path(f"{RAW}.pb").write_text(election, encoding="utf-8")
    status = main(words)
    out, err = capsys.readouterr()
    assert status == (0 if words[0] == "count" or f"{RAW}.yaml" in words else 2)
    for line in (out + err).split("\n"):
        assert line.isprintable()
        assert len(line) <= 520  # a message of 300, behind a path


def test_check_names_every_fault_of_a_data_file_and_run_says_how_many(tmp_path, capsys):
    (tmp_path / "own.csv").write_text("name,population,deprivation,x,y\nA,0,0.2,0,0\nB,7,2,1,0\n", encoding="utf-8")
    city = tmp_path / "city.yaml"
    city.write_text("city: {neighbourhoods: {data_file: own.csv}}\n", encoding="utf-8")
    assert main(["check", str(city)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition("own.csv:")[2][:13] for line in lines] == ["2: population", "3: deprivatio"]
    assert main(["run", str(city), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.endswith("not 0 (and 1 more; mahalle check names all)\n")


def test_more_people_than_memory_holds_is_refused_before_building(folder, monkeypatch, capsys):
    big = folder / "big.yaml"
    big.write_text("city: {population: {total: 50000000}}\n", encoding="utf-8")
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=4e9))
    assert main(["run", str(big), "--out", str(folder / "big")]) == 2
    assert "of 50,000,000 residents need about" in capsys.readouterr().err


def test_debug_shows_the_traceback(folder, capsys):
    assert main(["run", str(folder / "nothing.yaml"), "--debug"]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_an_unexpected_failure_is_one_line_and_status_1(folder, monkeypatch, capsys):
    monkeypatch.setattr("experiments.single_run.summarise", lambda *_: 1 / 0)
    assert main(["run", str(folder / "small.yaml"), "--out", str(folder / "failing"), "--no-figure", "--quiet"]) == 1
    assert capsys.readouterr().err == (
        "mahalle: failed: ZeroDivisionError: division by zero; run with --debug for the traceback\n"
    )
    assert not (folder / "failing").exists()


# ---------------------------------------------------------------- help

LIBRARIES = ("mesa", "numba", "pandas", "matplotlib", "scipy", "networkx", "numpy", "rich", "SALib")
WITHOUT = {
    "--help": (*LIBRARIES, "sim", "pydantic"),
    "run --help": (*LIBRARIES, "sim"),
    "--version": LIBRARIES,
    "list": LIBRARIES,
    "check status_quo": ("numba", "matplotlib", "rich", "SALib", "sim.city"),
    "check rafsanjan delegated_share": ("matplotlib", "rich", "SALib"),
    "schema": ("numba", "matplotlib", "rich", "SALib", "sim.city"),
    "parameters": ("numba", "matplotlib", "rich", "SALib", "sim.city"),
}
"""What a command must not import, for it answers without it."""


@pytest.mark.parametrize("words", WITHOUT)
def test_a_command_imports_nothing_heavy_that_it_does_not_need(words):
    code = (
        f"import sys; from experiments.cli import main; status = main({words.split()!r}); "
        f"print([name for name in {WITHOUT[words]!r} if name in sys.modules]); raise SystemExit(status)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=HANGING)
    assert done.returncode == 0
    assert done.stdout.endswith("[]\n")


def test_the_help_names_the_commands(capsys):
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    for command in ("run", "check", "parameters", "schema", "doctor"):
        assert f"\n  {command} " in out


def test_the_bare_command_shows_the_help(capsys):
    assert main([]) == 0
    assert "Usage: mahalle" in capsys.readouterr().out


# ---------------------------------------------------------------- check, parameters, schema


def test_check_lists_every_fault_of_every_file(folder, capsys):
    names = ("small.yaml", "policy.yaml", "faulty_policy.yaml", "misspelt.yaml", "claim.yaml")
    assert main(["check", *(str(folder / name) for name in names)]) == 2
    out, err = capsys.readouterr()
    assert out == f"{folder}/small.yaml: ok (city)\n{folder}/policy.yaml: ok (policy)\n"
    lines = [line.removeprefix(f"{folder}/") for line in err.splitlines()]
    assert lines[0] == 'faulty_policy.yaml:2: set.council.sise: unknown key; did you mean "size"?'
    assert lines[1].startswith("faulty_policy.yaml:3: set.hub.kinds[0]: must be one of: mosque")
    assert lines[2].startswith("faulty_policy.yaml:5: shocks[0].kind: must be one of: facilitator_replaced")
    assert lines[3] == 'misspelt.yaml:2: run.weks: unknown key; did you mean "weeks"?'
    assert lines[4] == 'claim.yaml:4: city.claims[0].outcome: no such outcome: "counsils"; did you mean "councils"?'
    assert len(lines) == 5


def test_check_counts_the_lines_that_are_marked_as_assumptions(tmp_path, capsys):
    marked = "run:\n  seed: 1  # [assumption]\n  weeks: 5  # [assumption] a source is sought\n  scale: 0.1\n"
    one = marked.partition("\n  weeks")[0]
    for text, said in ((marked, "; 2 lines are"), (one, "; 1 line is"), ("run: {}\n", None)):
        (tmp_path / "city.yaml").write_text(text)
        assert main(["check", str(tmp_path / "city.yaml")]) == 0
        expected = f"{tmp_path}/city.yaml: ok (city)" + (f"{said} marked [assumption]" if said else "")
        assert capsys.readouterr().out == f"{expected}\n"


def test_check_accepts_the_shipped_files(capsys):
    files = sorted((ROOT / "configs").glob("cities/*.yaml")) + sorted((ROOT / "configs").glob("policies/*.yaml"))
    assert files
    assert main(["check", *map(str, files)]) == 0
    assert capsys.readouterr().out.count(": ok (") == len(files)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("title: {en: Nothing changes}\n", "policy"),
        ("shocks: []\n", "policy"),
        ("set: {}\nrun: {weeks: 3}\n", "city"),
        ("behaviour: {}\n", "city"),
        ("levers: 1\n", "city"),
    ],
)
def test_check_tells_the_kind_of_a_file_by_its_content(text, kind, tmp_path):
    (tmp_path / "file.yaml").write_text(text, encoding="utf-8")
    assert faults_of(tmp_path / "file.yaml")[0] == kind


def test_check_opens_the_data_files_a_config_names(tmp_path, capsys):
    (tmp_path / "city.yaml").write_text("city: {neighbourhoods: {data_file: places.csv}}\n", encoding="utf-8")
    assert main(["check", str(tmp_path / "city.yaml")]) == 2
    assert "places.csv" in capsys.readouterr().err


def test_parameters_shows_every_parameter_in_every_layout(capsys):
    keys = [row.key for row, _ in rows()]
    assert main(["parameters", "--format", "json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    assert [entry["key"] for entry in entries] == keys
    assert main(["parameters", "--format", "csv"]) == 0
    assert [row["key"] for row in csv.DictReader(io.StringIO(capsys.readouterr().out))] == keys
    assert main(["parameters"]) == 0
    table = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert [line.split(" | ")[0][2:] for line in table if "---" not in line and not line.startswith("| key ")] == keys
    assert len({line.replace("\\|", "").count("|") for line in table}) == 1


def test_parameters_shows_the_value_where_a_config_is_silent():
    defaults = Config()
    for row, value in rows():
        assert value == value_at(defaults, row.key)
    values = {row.key: value for row, value in rows()}
    assert values["city.hubs.school.youth_factor"] == 2.0


def test_parameters_can_be_filtered(capsys):
    def keys(*words):
        assert main(["parameters", "--format", "json", *words]) == 0
        return {entry["key"]: entry for entry in json.loads(capsys.readouterr().out)}

    everything, trust, claimed = keys(), keys("--group", "trust"), keys("--tag", "claimed")
    assert trust == {key: entry for key, entry in everything.items() if ".trust." in key} != {}
    assert claimed == {key: entry for key, entry in everything.items() if entry["tag"] == "claimed"} != {}
    assert keys("--group", "policy.council").keys() == {key for key in everything if key.startswith("policy.council.")}
    assert keys("hub.kinds").keys() == {"policy.hub.kinds"}  # and not the many whose effects depend on it
    assert keys("LOSS_TO_gain").keys() >= {"behaviour.trust.loss_to_gain_ratio"}
    assert len(keys("slovic", "--group", "trust", "--tag", "source")) >= 1


def test_parameters_like_none_are_refused(capsys):
    assert main(["parameters", "--group", "trst"]) == 2
    assert 'did you mean "trust"?' in capsys.readouterr().err
    assert main(["parameters", "nothing like this"]) == 2
    assert capsys.readouterr().err == "mahalle parameters: no parameter is like this; leave out a filter\n"


def test_parameters_as_text_fit_a_terminal(capsys):
    from experiments.register import Wanted, as_text

    longest = max(map(len, as_text(only=Wanted(group="trust"), width=60).splitlines()))
    assert 50 < longest <= 60
    assert main(["parameters", "--group", "run", "--format", "text"]) == 0
    assert "run.weeks\n  = 260 weeks\n" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["parameters"], ["parameters", "--format", "csv"], ["schema"]])
def test_a_file_of_somebody_else_is_not_replaced(words, tmp_path, capsys):
    target = tmp_path / "notes"
    target.write_text("My notes.\n", encoding="utf-8")
    assert main([*words, "--out", str(target)]) == 2
    assert capsys.readouterr().err == (
        f"--out {target}: exists and was not made by this command; choose another file, or remove it\n"
    )
    assert target.read_text(encoding="utf-8") == "My notes.\n"
    target.unlink()
    for _ in range(2):  # its own file is replaced
        assert main([*words, "--out", str(target)]) == 0


def test_parameters_writes_a_file(tmp_path, capsys):
    target = tmp_path / "parameters.md"
    target.write_text("# Parameters\n of old", encoding="utf-8")
    assert main(["parameters", "--out", str(target)]) == 0
    assert target.read_text(encoding="utf-8").startswith("# Parameters\n")
    assert list(tmp_path.iterdir()) == [target]
    assert capsys.readouterr().out == ""


@pytest.fixture(scope="module")
def validators():
    return {kind: jsonschema.Draft202012Validator(schema_of(kind)) for kind in ("city", "policy")}


def test_the_schema_is_valid_and_describes_every_parameter(validators, capsys):
    assert main(["schema"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == validators["city"].schema
    assert printed["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for validator in validators.values():
        validator.check_schema(validator.schema)
    share = printed["$defs"]["AuthorityPolicy"]["properties"]["delegated_share"]
    assert (share["minimum"], share["maximum"], share["unit"]) == (0.0, 1.0, "share")
    assert share["description"]
    assert "base_folder" not in printed["properties"]


def test_the_schema_and_the_program_agree_about_files(validators, folder, tmp_path):
    yaml = YAML(typ="safe")
    for path in sorted((ROOT / "configs").glob("cities/*.yaml")):
        validators["city"].validate(yaml.load(path.read_text(encoding="utf-8")))
    for path in [folder / "policy.yaml", *sorted((ROOT / "configs").glob("policies/*.yaml"))]:
        validators["policy"].validate(yaml.load(path.read_text(encoding="utf-8")))
    for name, kind in (("misspelt.yaml", "city"), ("faulty_policy.yaml", "policy")):
        assert not validators[kind].is_valid(yaml.load((folder / name).read_text(encoding="utf-8")))
    assert not validators["city"].is_valid({"policy": {"authority": {"delegated_share": 1.5}}})
    assert not validators["policy"].is_valid({"set": {"authority.delegated_share": 1.5}})


# ---------------------------------------------------------------- a run, as a user sees it


@pytest.fixture(scope="module")
def run_without_terminal(folder):
    config = folder / "claiming.yaml"
    claims = "city:\n  claims:\n    - {outcome: councils, value: 30, week: 3, title: {en: Councils}}\n"
    config.write_text(SMALL.replace("4", "53") + claims, encoding="utf-8")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}  # a terminal that lacks letters must not stop it
    there = folder / "there"
    there.mkdir()
    done = mahalle("run", "../claiming.yaml", "--policy", "../policy.yaml", "--seed", 0, cwd=there, env=environment)
    assert done.returncode == 0, done.stderr
    return done


def test_the_default_folder_names_config_policies_and_seed(folder, run_without_terminal):
    result = folder / "there" / "results" / "claiming-policy-seed0"
    assert sorted(path.name for path in result.iterdir()) == [
        "city.parquet", "config.yaml", "events.parquet", "groups.parquet", "manifest.json",
        "neighbourhoods.parquet", "overview.caption.md", "overview.png", "summary.json",
    ]  # fmt: skip
    assert json.loads((result / "manifest.json").read_text(encoding="utf-8"))["seed"] == 0
    assert "results/claiming-policy-seed0" in run_without_terminal.stdout


def test_without_a_terminal_there_is_a_line_a_year_and_plain_text(run_without_terminal):
    lines = run_without_terminal.stderr.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("week 52 of 53: 1 identify and divide")
    assert "\x1b" not in run_without_terminal.stdout + run_without_terminal.stderr


def test_the_summary_says_what_is_claimed_and_that_a_change_is_no_effect(run_without_terminal):
    out = run_without_terminal.stdout
    assert "claimed (not verified)" in out
    assert "not effects of the policy" in out
    for word in ("women", "migrants without standing", "Fell since week 0", "leaked", "judges all) met"):
        assert word in out
    for word in ("caused", "because", "thanks to", "leads to", "impact"):
        assert word not in out.lower()


def run_on_a_terminal(words, cwd, **environment):
    """What the command prints on a terminal of its own."""
    ours, theirs = pty.openpty()
    variables = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **environment}
    command = [sys.executable, "-m", "experiments", *words]
    process = subprocess.Popen(command, cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs, env=variables)
    os.close(theirs)
    printed = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux's way to say that the other end is closed
            break
        if not piece:
            break
        printed += piece
    os.close(ours)
    assert process.wait(60) == 0
    return printed.decode()


def test_on_a_terminal_there_is_a_bar_with_phase_trust_and_participation(folder):
    printed = run_on_a_terminal(["run", "small.yaml", "--out", "terminal", "--no-figure"], folder)
    assert "1 identify and divide · trust 0." in printed
    assert "participation" in printed
    assert "left" in printed
    assert "\x1b[1m" in printed


def test_no_color_is_respected(folder):
    printed = run_on_a_terminal(["run", "small.yaml", "--out", "plain", "--no-figure"], folder, NO_COLOR="1")
    assert "\x1b[3" not in printed


def test_a_reader_that_stops_early_is_no_failure(folder):
    words = ("run small.yaml --out piped --no-figure", "parameters")
    for word in words:
        line = f"'{sys.executable}' -m experiments {word} | head -n 1; echo ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True, timeout=HANGING)
        assert done.stderr == ""
        assert done.stdout.splitlines()[-1] == "0"
    assert (folder / "piped" / "manifest.json").exists()


def test_a_full_disk_is_one_line(folder):
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "experiments", "schema"]
        done = subprocess.run(command, cwd=folder, stdout=full, stderr=subprocess.PIPE, text=True, timeout=HANGING)
    assert done.returncode == 1
    assert done.stderr == (
        "mahalle schema: stopped: No space left on device; nothing is kept and no partial files are left; "
        "start again with: mahalle schema\n"
    )


@pytest.mark.parametrize("word", ["parameters", "run small.yaml --out closed --no-figure"])
def test_a_closed_output_is_one_line_and_nothing_is_begun(folder, word):
    line = f"'{sys.executable}' -m experiments {word} >&-"
    done = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True, timeout=HANGING)
    assert done.stderr == "mahalle: standard output is closed; direct it somewhere, such as > /dev/null\n"
    assert done.returncode == 2
    assert not (folder / "closed").exists()


def test_without_a_place_for_messages_the_status_tells(folder):
    line = f"'{sys.executable}' -m experiments run nowhere.yaml 2>&- <&-"
    done = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True, timeout=HANGING)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS])
@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("run small.yaml --no-figure --quiet", "nothing is kept and no partial files are left; start again"),
        (
            "validate small.yaml --replications 1 --pattern 13 --scale 0.01 --quiet --workers 1",
            "finished runs are kept; resume",
        ),
    ],
)
def test_what_cannot_be_written_is_one_line_that_says_what_is_kept(
    folder, tmp_path, monkeypatch, capsys, number, words, kept
):
    from experiments import results

    def refuse(table, path):
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.chdir(folder)
    monkeypatch.setattr(results, "write_parquet", refuse)
    words = [*words.split(), "--out", str(tmp_path / "out")]
    assert main(words) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"mahalle {words[0]}: stopped: {tmp_path}")
    assert line.endswith(f": {os.strerror(number)}; {kept} with: mahalle {' '.join(words)}")
    assert not list(tmp_path.rglob("*.partial"))


@pytest.mark.parametrize("command", ["run", "validate"])
def test_a_place_that_cannot_be_written_to_is_refused_at_once(folder, monkeypatch, capsys, command):
    if not Path("/proc/self").exists():
        pytest.skip("no folder here in which nobody may write")
    monkeypatch.chdir(folder)
    assert main([command, "small.yaml", "--out", "/proc/self/x/out", "--quiet"]) == 2
    assert re.fullmatch(r"--out /proc/self/x/out: .*cannot be written to: .*\n", capsys.readouterr().err)


def test_a_pipe_is_not_replaced_by_a_file(folder, tmp_path, capsys):
    pipe = tmp_path / "pipe"  # not in the folder that all tests share, which some of them copy
    os.mkfifo(pipe)
    assert main(["parameters", "--format", "csv", "--out", str(pipe)]) == 2
    assert "no ordinary file" in capsys.readouterr().err
    assert pipe.is_fifo()


def test_several_policies_pile_up_and_their_weeks_are_printed(folder, tmp_path):
    files = {
        "a.yaml": "title: {en: Schools}\nset: {hub.kinds: [school], council.size: 7}\n",
        "b.yaml": "title: {en: Large}\nstart: 2\nset: {council.size: 9}\n",
        "c.yaml": "title: {en: Lot}\nstart: 1\nend: 2\nset: {council: {selection: sortition, size: 8}}\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    run = ("run", "small.yaml", "--no-figure", "--out", tmp_path / "out")
    lines = mahalle(*run, *(word for name in files for word in ("--policy", tmp_path / name)), cwd=folder).stdout
    found = lines.splitlines()
    start = found.index("Policies in force:")
    assert found[start + 1 : start + 6] == [
        "  Schools: from the beginning",
        "  Large: from week 2 on",
        "  Lot: week 1",
        "  council.size: as in Large, not as in Schools, while both last",
        "  council.size: as in Lot, not as in Schools, while both last",
    ]
    assert "Policies in force" not in mahalle(*run, "--policy", tmp_path / "a.yaml", cwd=folder).stdout


def test_compiling_is_announced_once(folder, tmp_path):
    run = ("run", "small.yaml", "--no-figure", "--out", tmp_path / "out")
    said = [
        mahalle(*run, *more, cwd=folder, env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / kept), **disabled}).stderr
        for more, kept, disabled in (
            ((), "kept", {}), ((), "kept", {}), ((), "third", {"NUMBA_DISABLE_JIT": "1"}),
        )
    ]  # fmt: skip
    assert said[:2] == ["Compiling the model: takes some seconds, once per machine\n", ""]
    assert "Compiling" not in said[2]


@pytest.mark.parametrize("quiet", [False, True])
def test_a_quiet_command_does_not_announce_it(quiet, monkeypatch, capsys):
    monkeypatch.setattr("experiments.study.watching.is_kept", lambda: False)
    announce_compiling(quiet=quiet)
    assert capsys.readouterr().err.startswith("Compiling") != quiet


def test_quiet_prints_nothing(folder, capsys):
    assert main(["run", str(folder / "small.yaml"), "--out", str(folder / "quiet"), "--quiet", "--no-figure"]) == 0
    assert capsys.readouterr() == ("", "")


# ---------------------------------------------------------------- interrupted and killed

LONG = ("run", "small.yaml", "--weeks", "5000", "--out", "kept", "--fresh")


def start_long_run(folder):
    """A run that would take minutes, once it has begun to simulate."""
    command = [sys.executable, "-m", "experiments", *LONG]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True, preexec_fn=heed_ctrl_c)
    assert process.stderr.readline().startswith("week 52")
    return process


@pytest.fixture
def kept(folder):
    """A result whose bytes are known."""
    shutil.rmtree(folder / "kept", ignore_errors=True)
    assert main(["run", str(folder / "small.yaml"), "--out", str(folder / "kept"), "--quiet", "--no-figure"]) == 0
    return {path.name: path.read_bytes() for path in (folder / "kept").iterdir()}


def held(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("number", "status", "word"), [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]
)
def test_a_signal_ends_with_one_line_and_keeps_the_old_result(folder, kept, number, status, word):
    process = start_long_run(folder)
    process.send_signal(number)
    rest = process.communicate(timeout=HANGING)[1].splitlines()
    assert process.returncode == status
    assert [line for line in rest if not line.startswith("week ")] == [
        f"mahalle run: {word}; nothing is kept and no partial files are left; "
        f"start again with: mahalle {' '.join(LONG)}"
    ]
    assert held(folder / "kept") == kept
    assert not (folder / ".kept.partial").exists()


def test_kill_9_in_the_middle_of_a_run_keeps_the_old_result(folder, kept):
    process = start_long_run(folder)
    process.kill()
    process.communicate(timeout=HANGING)
    assert held(folder / "kept") == kept
    assert not (folder / ".kept.partial").exists()


def test_names_of_policies_are_printed_in_escapes(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(shutil.copytree(folder, tmp_path / "user"))
    for name in ("one", "two\u202e"):
        Path(f"{name}.yaml").write_text("title: {en: \u202eA}\nset: {council.size: 7}\n", encoding="utf-8")
    words = ["compare", "one.yaml", "two\u202e.yaml", "--city", "small.yaml", "--replications", "2", "--workers", "1"]
    assert main([*words, "--out", "out\u202e"]) == 0
    out, err = capsys.readouterr()
    assert "two\\u202e" in out
    assert all(line.isprintable() for line in (out + err).split("\n"))
    Path("two\u202e.yaml").rename(f"two{RAW}.yaml")
    assert main(["compare", "one.yaml", f"two{RAW}.yaml", "--city", "small.yaml"]) == 2
    assert capsys.readouterr().err.startswith(
        "twox\\x1b[31m\\x9b\\u202ey\\x07.yaml: has a control character in its name"
    )
