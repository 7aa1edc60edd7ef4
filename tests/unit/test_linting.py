"""The linter of extensions: what it is sure of, what it cautions against, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from experiments.cli import app
from experiments.linting import findings_in, findings_of
from sim.loading import forget

ROOT = Path(__file__).parents[2]
HEAD = (
    "import random, secrets, os\nimport numpy as np\nfrom numpy.random import default_rng\n"
    "from collections import defaultdict\n"
)

SURE = {
    "random.random()": "random.random draws its own random numbers",
    "random.shuffle(rows)": "random.shuffle draws its own random numbers",
    "np.random.rand(3)": "numpy.random.rand draws its own random numbers",
    "np.random.seed(1)": "numpy.random.seed draws its own random numbers",
    "default_rng()": "numpy.random.default_rng draws its own random numbers",
    "secrets.randbelow(3)": "secrets.randbelow draws its own random numbers",
    "os.urandom(8)": "os.urandom draws its own random numbers",
    "city.residents.sex[3] = 1": "writes sex, which is fixed",
    "city.residents['cohort'][:] = 0": "writes cohort, which is fixed",
    "city.resident(3).neighbourhood = 2": "writes neighbourhood, which is fixed",
    "residents.standing += 1": "writes standing, which is fixed",
    "a, person.attendance = 1, 2": "writes attendance, which is fixed",
    "residents.sex.fill(0)": "writes sex, which is fixed",
    "np.copyto(residents.sex, 0)": "writes sex, which is fixed",
    "setattr(agent, 'cohort', 1)": "writes cohort, which is fixed",
    "class A(Resident):\n    def step(self):\n        self.sex = 1": "writes sex, which is fixed",
}

CAUTIONS = {
    "default_rng(seed)": "draws in the order of its calls",
    "random.Random(3)": "draws in the order of its calls",
    "city.random.random()": "Mesa's generator",
    "self.model.rng.normal()": "Mesa's generator",
    "for a in {1, 2}: pass": "goes through a set",
    "s = set(rows)\nfor a in s | other: pass": "goes through a set",
    "s = {1}\nb = [a for a in s]": "goes through a set",
    "s = {1}\nsum(x[a] for a in s)": "goes through a set",
    "s: set[int] = known\nlist(s)": "list takes the order of a set",
    "def f(s: set[int]):\n    return np.array(list(s))": "list takes the order of a set",
    "d = defaultdict(set)\nfor a in d[3]: pass": "goes through a set",
    "d: dict[int, set[int]] = {}\nfor a in d[3]: pass": "goes through a set",
    "s = {1}\ns.pop()": "pop takes any element",
    "for f in folder.glob('*.csv'): pass": "order of files",
    "shock.neighbourhood = 3": "writes neighbourhood",
}

FINE = [
    "city.luck.uniform('own', city.week, rows)",
    "city.streams.generator('own')",
    "np.random.SeedSequence(3)",
    "s = {1}\nfor a in sorted(s): pass",
    "s = {1}\nlen(s), max(s), any(a > 1 for a in s), sorted(a for a in s)",
    "s = {1}\nb = {a for a in s}",
    "s = [1]\nfor a in s: pass",
    "def f(s): \n    for a in s: pass",
    "for f in sorted(folder.glob('*.csv')): pass",
    "x = city.residents.sex == 1",
    "rows.sex_share = 1",
    "class A:\n    def f(self):\n        self.neighbourhood = 1",
    "residents.trust_in_municipality *= 0.9",
]


@pytest.mark.parametrize(("line", "said"), SURE.items())
def test_what_is_sure_to_be_wrong_is_an_error_with_its_line(line, said):
    (found,) = findings_of(HEAD + line, "rule.py")
    assert found.sure
    assert said in found.problem
    assert str(found).startswith(f"rule.py:{5 + line.count(chr(10))}: ")


@pytest.mark.parametrize(("line", "said"), CAUTIONS.items())
def test_what_may_be_right_is_a_caution(line, said):
    (found,) = findings_of(HEAD + line, "rule.py")
    assert not found.sure
    assert said in found.problem
    assert ": caution: " in str(found)


@pytest.mark.parametrize("line", FINE)
def test_what_is_right_is_left_alone(line):
    assert findings_of(HEAD + line, "rule.py") == []


def test_nothing_in_the_models_own_phases_and_rules_is_found():
    files = [file for part in ("phases", "rules", "outcomes", "agents") for file in (ROOT / "sim" / part).glob("*.py")]
    assert len(files) > 40
    assert findings_in(files) == []


def test_check_reads_an_extension_without_running_what_is_sure_to_be_wrong(tmp_path):
    file = tmp_path / "rule.py"
    file.write_text("import random\nprint('run')\nrandom.random()\n", encoding="utf-8")
    said = CliRunner().invoke(app, ["check", str(file)])
    assert said.exit_code == 2
    assert f"{file}:3: random.random draws its own random numbers: draw from city.luck" in said.output
    assert "run\n" not in said.stdout
    file.write_text("print(1)\nx = [a for a in {1}]\n", encoding="utf-8")
    said = CliRunner().invoke(app, ["check", str(file)])
    assert said.exit_code == 2
    assert "holds no sim.extension.Extension" in said.output
    assert f"{file}:2: caution: goes through a set" in said.output
    said = CliRunner().invoke(app, ["check", str(tmp_path / "nowhere.py")])
    assert said.exit_code == 2
    assert "nowhere.py is not there" in said.output


def test_check_is_content_with_the_examples():
    examples = ROOT / "docs/examples"
    said = CliRunner().invoke(
        app,
        ["check", f"{examples}/relative_deprivation.py", f"{examples}/own_alternatives.py:ALTERNATIVES"],
    )
    forget()
    assert said.exit_code == 0, said.output
    assert said.stdout.splitlines() == [
        f"{examples}/relative_deprivation.py: ok (extension relative_deprivation)",
        f"{examples}/own_alternatives.py:ALTERNATIVES: ok (extension own_alternatives)",
    ]
    assert said.stderr == ""
