"""The generated documents say what the code says: all of it, and nothing that it no longer does."""

import dataclasses
import re
from collections.abc import Mapping
from operator import attrgetter
from pathlib import Path

import numpy as np
import pytest

from experiments import register
from sim.agents import Resident
from sim.columns import columns_of
from sim.config import Config
from sim.policies import SHOCKS, CouncilPolicy, Policy
from sim.rules import trust
from sim.rules.allocation import ALLOCATIONS
from sim.yaml_text import read_yaml
from tools import ROOT
from tools.documents import TEMPLATES, documents, odd, out_of_date, write
from tools.documents import __main__ as command
from tools.documents.filling import Filled, TemplateError, fill, stale_notes
from tools.documents.markdown import anchors, headings, slug, targets
from tools.documents.source import docstring_of, functions, modules, named, public_functions, says, uses_of

ODD_TITLES = (
    "Purpose and patterns",
    "Entities, state variables and scales",
    "Process overview and scheduling",
    "Design concepts",
    "Initialization",
    "Input data",
    "Submodels",
)
CONCEPTS = (
    "Basic principles",
    "Emergence",
    "Adaptation",
    "Objectives",
    "Learning",
    "Prediction",
    "Sensing",
    "Interaction",
    "Stochasticity",
    "Collectives",
    "Observation",
    "Individual decision making",
    "Heterogeneity",
    "theoretical and empirical background",
)
BESIDES = (
    "Departures from the specification, and why",
    "What the model does not contain",
    "Limits of what can be concluded",
)


@pytest.fixture(scope="module")
def fresh() -> Mapping[str, Filled]:
    return documents()


@pytest.fixture(scope="module")
def odd_text(fresh):
    return fresh["docs/odd.md"].text


@pytest.fixture(scope="module")
def parameters_text(fresh):
    return fresh["docs/parameters.md"].text


# ------------------------------------------------------------------------------------------------------ agreement


def test_the_documents_in_the_project_are_current(fresh):
    assert out_of_date(fresh) == [], "run make docs"


def test_the_prose_describes_code_that_is_still_there(fresh):
    assert [problem for made in fresh.values() for problem in made.problems] == []


def test_generating_twice_gives_the_same_bytes(fresh):
    assert {path: made.text for path, made in documents().items()} == {path: made.text for path, made in fresh.items()}


def test_a_changed_default_is_noticed(fresh, monkeypatch):
    class Changed(Config):
        policy: Policy = Policy(council=CouncilPolicy(term_weeks=77))

    monkeypatch.setattr(register, "Config", Changed)
    changed = documents()
    assert differences(fresh, changed) == ["docs/odd.md", "docs/parameters.md"]
    assert "| `term_weeks` | 77 | weeks |" in changed["docs/parameters.md"].text
    assert "`policy.council.term_weeks` (77)" in changed["docs/odd.md"].text


@pytest.mark.parametrize("path", ["sim.rules.trust.experience", "sim.phases.trust.meet_people", "sim.agents.Council"])
def test_a_changed_docstring_is_noticed(fresh, monkeypatch, path):
    monkeypatch.setattr(named(path), "__doc__", "Quite another thing.")
    changed = documents()
    assert differences(fresh, changed) == ["docs/odd.md"]
    assert "Quite another thing." in changed["docs/odd.md"].text


def test_a_changed_meaning_of_a_state_variable_is_noticed(fresh, monkeypatch):
    monkeypatch.setattr(Resident.habit, "meaning", "quite another thing")
    assert differences(fresh, documents()) == ["docs/odd.md"]


def differences(one: Mapping[str, Filled], other: Mapping[str, Filled]) -> list[str]:
    return [path for path in one if one[path].text != other[path].text]


def test_writing_makes_them_current_and_an_edit_by_hand_is_noticed(fresh, tmp_path):
    assert out_of_date(fresh, tmp_path) == list(fresh)
    assert {"docs/odd.md", "docs/parameters.md", "configs/schemas/city.json"} < set(fresh)
    write(fresh, tmp_path)
    assert out_of_date(fresh, tmp_path) == []
    (tmp_path / "docs" / "odd.md").write_text("by hand", encoding="utf-8")
    assert out_of_date(fresh, tmp_path) == ["docs/odd.md"]


def test_check_names_the_files_and_writes_nothing(fresh, monkeypatch, capsys):
    def nothing(*_):
        raise AssertionError("--check wrote")

    other = dict(fresh) | {"docs/odd.md": dataclasses.replace(fresh["docs/odd.md"], text="another", problems=())}
    monkeypatch.setattr(command, "documents", lambda: other)
    monkeypatch.setattr(command, "out_of_date", lambda made: [path for path in made if made[path].text == "another"])
    monkeypatch.setattr(command, "write", nothing)
    assert command.main(["--check"]) == 1
    assert capsys.readouterr().out == "docs/odd.md is out of date: run make docs\n"


def test_check_is_content_with_what_is_current_but_not_with_stale_prose(fresh, monkeypatch, capsys):
    sound = {path: dataclasses.replace(made, problems=()) for path, made in fresh.items()}
    monkeypatch.setattr(command, "out_of_date", lambda made: [])
    monkeypatch.setattr(command, "documents", lambda: sound)
    assert command.main(["--check"]) == 0
    stale = {path: dataclasses.replace(made, problems=("read it again",)) for path, made in fresh.items()}
    monkeypatch.setattr(command, "documents", lambda: stale)
    assert command.main(["--check"]) == 1
    assert "docs/odd.md: read it again" in capsys.readouterr().err


# ------------------------------------------------------------------------------------------------------ completeness


def test_every_element_of_odd_is_there_in_order(odd_text):
    titles = [title for level, title in headings(odd_text) if level == 2]
    numbered = [title.split(" ", 1)[1] for title in titles if title[0].isdigit()]
    assert tuple(numbered) == (*ODD_TITLES, *BESIDES)


def test_every_design_concept_is_there(odd_text):
    titles = " ".join(title for level, title in headings(odd_text) if level == 3 and title.startswith("4."))
    assert [concept for concept in CONCEPTS if concept not in titles] == []


def test_every_phase_is_described_with_its_steps(odd_text):
    assert len(odd.NINE_PHASES) == 9
    for number, path in enumerate(odd.NINE_PHASES, 1):
        assert f"### 7.{number} Phase {number}: " in odd_text
        assert f"`{path}`: {docstring_of(named(path)).summary}" in odd_text
        for step in uses_of(path):
            if step.startswith("sim.phases"):
                assert docstring_of(named(step)).summary in odd_text, step


def test_every_module_of_phases_has_its_phase():
    own = {name for name in modules() if name.startswith("sim.phases.")}
    further = {name for name in own if re.match(r"Phase \d, too: ", docstring_of(named(name)).summary)}
    assert {path.rpartition(".")[0] for path in odd.NINE_PHASES if path.startswith("sim.phases")} == own - further


def test_every_class_of_agents_and_every_state_variable_is_described(odd_text):
    for kind in odd.AGENTS:
        assert f"| `{kind.__name__}` |" in odd_text
        for name, column in columns_of(kind).items():
            assert f"| `{name}` |" in odd_text
            assert column.meaning in odd_text, name
    made = {name for name, thing in vars(named("sim.agents")).items() if isinstance(thing, type)}
    assert made == {kind.__name__ for kind in odd.AGENTS}


def test_every_rule_is_described(odd_text):
    for module in odd.RULES:
        assert f"(`{module}`)" in odd_text
        for function in public_functions(module):
            assert f"##### `{function.name}`\n" in odd_text
            assert function.docstring.summary in odd_text


def test_every_switch_is_there_with_all_its_levels(odd_text):
    for row, _ in register.rows():
        if row.key.startswith("policy.") or (row.key.startswith("behaviour.") and row.choices):
            lines = [line for line in odd_text.splitlines() if line.startswith(f"| `{row.key}` |")]
            assert any(all(str(choice) in line for choice in row.choices) for line in lines), row.key


def test_every_outcome_has_a_definition(odd_text, city_after_a_year):
    city = city_after_a_year
    for frame in (city.history, city.neighbourhood_history, city.group_history):
        for name in frame.columns:
            line = next(line for line in odd_text.splitlines() if line.startswith(f"| `{name}` |"))
            assert "(not described)" not in line


def test_every_parameter_is_there_with_meaning_source_and_tag(parameters_text):
    lines = parameters_text.splitlines()
    assert f"{len(register.rows())} parameters" in parameters_text
    for row, _ in register.rows():
        assert any(line.startswith(f"| `{row.key.rpartition('.')[2]}` |") and row.tag in line for line in lines)
        assert row.meaning in parameters_text
        assert row.source in parameters_text


def test_what_is_called_fixed_stays_and_what_is_called_changing_changes(build_city, city_after_a_year):
    state = read_yaml(TEMPLATES / "state.yaml").data
    before, after = build_city(), city_after_a_year
    for kind in ("Resident", "Facilitator", "Council", "NeighbourhoodMayor", "MunicipalTeam"):
        old, new = (attrgetter(named(f"sim.agents.{kind}").table_name)(city) for city in (before, after))
        still = {*state["fixed"][kind], *state["occasional"][kind]}
        moved = {name for name in old if not np.array_equal(old[name], new[name])}
        assert still & moved == set(), kind
        if kind == "Resident":
            assert set(old) - still == moved


# ------------------------------------------------------------------------------------------------------ form


@pytest.mark.parametrize("path", ["docs/odd.md", "docs/parameters.md"])
def test_nothing_of_the_template_is_left_over(fresh, path):
    for mark in ("{{", "<!--", "-->", "(not described)", "\n\n\n", "TODO", "None |"):
        assert mark not in fresh[path].text, mark
    assert fresh[path].text.endswith("\n")


@pytest.mark.parametrize("path", ["docs/odd.md", "docs/parameters.md"])
def test_every_link_leads_somewhere(fresh, path):
    own = targets(fresh[path].text)
    assert own
    for target in own:
        file, _, anchor = target.partition("#")
        if file.startswith(("http:", "https:")):
            continue
        there = (ROOT / path).parent / file if file else ROOT / path
        relative = there.resolve().relative_to(ROOT).as_posix()
        assert there.resolve().exists(), target
        if anchor:
            text = fresh[relative].text if relative in fresh else there.read_text(encoding="utf-8")
            assert anchor in anchors(text), target


@pytest.mark.parametrize("path", ["docs/odd.md", "docs/parameters.md"])
def test_every_table_has_as_many_cells_in_each_row(fresh, path):
    width = 0
    for line in fresh[path].text.splitlines():
        if line.startswith("|"):
            cells = line.replace("\\|", "").count("|")
            assert width in (0, cells), line
            width = cells
        else:
            width = 0


def test_rules_have_anchors_of_their_own(odd_text):
    found = anchors(odd_text)
    for module in odd.RULES:
        for function in public_functions(module):
            assert found.count(slug(function.name)) == 1
            assert f"{slug(function.name)}-1" not in found, f"a second heading is called {function.name}"


# ------------------------------------------------------------------------------------------------------ templates


def test_a_template_must_use_all_blocks_and_no_others():
    blocks = {"one": lambda: "1", "two": lambda: "2"}
    assert fill("{{ one }}, {{two}}", blocks).text == "1, 2"
    with pytest.raises(TemplateError, match="three"):
        fill("{{ one }} {{ two }} {{ three }}", blocks)
    with pytest.raises(TemplateError, match="two"):
        fill("{{ one }}", blocks)


def test_values_come_from_the_code_and_what_is_gone_is_reported():
    filled = fill("{{ value run.weeks }}, {{ value run.moons }}, {{ constant sim.city.CREW_SIZE }}", {})
    assert filled.text == f"{Config().run.weeks}, ?, {named('sim.city.CREW_SIZE')}"
    assert filled.problems == ("the prose names run.moons, which there is not",)


def test_notes_hold_the_prose_to_the_code():
    path = "sim.rules.trust.anchor"
    true = f"<!-- code: {path} ~ return trust + rate_per_week *\n stubbornness * (innate - trust) -->\nProse."
    assert stale_notes(true) == []
    assert fill(true, {}).text == "Prose."
    assert says(path, "return trust+rate_per_week*stubbornness*(innate-trust)")
    assert len(stale_notes(f"<!-- code: {path} ~ return 2 * trust -->")) == 1
    assert "is gone" in stale_notes("<!-- code: sim.rules.trust.faith ~ pass -->")[0]


def test_the_odd_template_holds_many_notes():
    assert (TEMPLATES / "odd.md").read_text(encoding="utf-8").count("<!-- code: ") > 40


def test_docstrings_are_taken_apart():
    doc = docstring_of(trust.experience)
    assert doc.summary.startswith("Trust after an experience")
    assert any("min(1, λ g)" in paragraph for paragraph in doc.body)
    assert dict(doc.items)["gain_rate"].startswith("g, share of the gap")
    assert doc.returns == "trust after, in [0, 1]."


def test_uses_are_listed_in_the_order_of_use_and_hidden_names_are_not_uses():
    used = uses_of("sim.phases.trust.update_trust")
    assert used.index("sim.phases.trust.hear_others") < used.index("sim.phases.trust.perceive_services")
    assert "sim.rules.participation.leaning" not in uses_of("sim.rules.participation.probability")
    assert "sim.kernels.participation.lean" in uses_of("sim.phases.participation.own_logit")
    assert "sim.rules.participation.leaning" in uses_of("sim.kernels.participation.lean")
    assert all(path in functions() for path in used)


def test_documents_do_not_depend_on_the_working_directory(fresh, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert differences(fresh, documents()) == []
    assert Path.cwd() == tmp_path


def test_the_odd_follows_names_of_a_config_to_what_they_stand_for():
    uses = uses_of("sim.money.Money.refresh_allocation")
    assert uses == tuple(f"{way.__module__}.{way.__name__}" for way in map(ALLOCATIONS.__getitem__, ALLOCATIONS))
    assert "sim.phases.hearings.ranking_by_lot" in uses_of("sim.city.City.way_of_choosing")
    text = (ROOT / "docs/odd.md").read_text(encoding="utf-8")
    assert f"| {', '.join(f'`{name}`' for name in SHOCKS)} | `phases.programme.strike` |" in text
