"""Policies of a comparison that are written as levers: what they become, what is refused, what is kept."""

from __future__ import annotations

import re

import pytest

from experiments.cli import main
from experiments.contrasts.comparison import compare, load_comparison
from experiments.contrasts.given import named, written_out
from experiments.contrasts.mechanisms import laid_out
from experiments.titles import title_of
from sim.config import Config, load_config, read_policy
from sim.errors import ConfigError
from sim.parameters import register
from sim.policies import Policy
from sim.shipped import CITY, find
from sim.yaml_text import read_yaml

SHARE, KINDS = "policy.authority.delegated_share", "policy.hub.kinds"
SMALL = ["--scale", "0.01", "--weeks", "2", "--replications", "2", "--workers", "1", "--no-figure"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """An empty folder as the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def policy_of(text, settings=()):
    """Name and content of what one text of levers becomes."""
    with written_out([text], CITY, settings) as (file,):
        (policy,) = read_policy(read_yaml(file), Policy())
        return file.stem, policy


def refusal_of(text):
    with pytest.raises(ConfigError) as caught:
        policy_of(text)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "name", "levers"),
    [
        (f"{SHARE}=1", "authority.delegated_share=1", {"authority.delegated_share": 1.0}),
        (f"{SHARE}=1.00", "authority.delegated_share=1", {"authority.delegated_share": 1.0}),
        (f"{SHARE}=1e-1", "authority.delegated_share=0.1", {"authority.delegated_share": 0.1}),
        (f"{SHARE}=+1e+0", "authority.delegated_share=1", {"authority.delegated_share": 1.0}),
        (f"{KINDS}=[ school, mosque ]", "hub.kinds=school,mosque", {"hub.kinds": ["school", "mosque"]}),
        (
            f"{KINDS}=[school]+{SHARE}=1e+0+policy.accountability.audit=true",
            "accountability.audit=true+authority.delegated_share=1+hub.kinds=school",
            {"accountability.audit": True, "authority.delegated_share": 1.0, "hub.kinds": ["school"]},
        ),
        (
            "policy.authority={mode: delegated, delegated_share: 0.25}",
            "authority.delegated_share=0.25+authority.mode=delegated",
            {"authority.delegated_share": 0.25, "authority.mode": "delegated"},
        ),
    ],
)
def test_levers_become_a_policy_with_a_name_that_is_safe_in_a_file(text, name, levers):
    found, policy = policy_of(text)
    assert set(found) <= set("abcdefghijklmnopqrstuvwxyz_.,=+-0123456789")
    assert found == name
    assert {key: list(value) if isinstance(value, tuple) else value for key, value in policy.set.items()} == levers
    assert (policy.start, policy.end, policy.shocks) == (0, None, ())


def test_a_name_that_loses_letters_or_is_long_has_letters_of_the_digest():
    pace = "policy.rollout.milestones=[{{week: 0, share: 0.0}}, {{week: {week}, share: 1.0}}]"
    early, late = (pace.format(week=week) for week in (4, 8))
    names = {policy_of(early)[0], policy_of(late)[0]}
    assert len(names) == 2
    assert all(len(name) <= 67 for name in names)
    assert policy_of(f"{KINDS}=[]")[0] != policy_of(f"{KINDS}=[school]")[0]


def test_the_title_says_names_values_and_units_in_both_languages():
    audited = "policy.accountability.audit=true"
    _, policy = policy_of(f"{SHARE}=0.25+policy.council.term_weeks=104+{audited}+{KINDS}=[school]")
    assert policy.title.en == (
        "The audit of books: yes; the share of the budget delegated: 25 %; the term of a council: 104 weeks; "
        "the kinds of hub: school"
    )
    assert policy.title.fa == ("حسابرسی: بله؛ سهم بودجه تفویض‌شده: ۲۵٪؛ دوره شورا: ۱۰۴ هفته؛ نوع کانون محله: مدرسه")
    assert f"{SHARE}=0.25" in policy.description.en
    assert f"{SHARE}=0.25" in policy.description.fa


def test_values_that_are_chosen_from_a_list_have_words_in_persian():
    _, policy = policy_of("policy.council.selection=elected+policy.mayor.kind=none+policy.rollout.order=need_first")
    assert not re.search("[A-Za-z]", policy.title.fa)


def test_every_lever_has_a_name_in_both_languages():
    config = load_config(CITY)
    for row in register(type(config)):
        if row.key.startswith("policy."):
            assert title_of(row.key, "en") != row.key != title_of(row.key, "fa"), row.key


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("policy.authority.veo=none", 'policy.authority.veo: unknown key; did you mean "veto"?'),
        (f"{SHARE}=2", f"{SHARE}: must lie between 0 and 1, not 2"),
        (f"{SHARE}=", f"{SHARE}: a value is missing"),
        (f"{KINDS}=[school", f"{KINDS}: not valid YAML"),
        ("policy.authority=1", "policy.authority: must be a mapping"),
        ("policy.=1", "policy.: a key is written as names joined by dots"),
        ("authority.delegated_share=1", "authority.delegated_share: a lever begins with policy."),
        ("behaviour.trust.rule=1", "behaviour.trust.rule: a lever begins with policy."),
        (f"{SHARE}=1+{SHARE}=1", f"{SHARE}: is set twice"),
        (f"{SHARE}=1,{KINDS}=[school]", f"{SHARE}: write policy.KEY=VALUE, several joined by +"),
        (f"{SHARE}=1 {KINDS}=[school]", f"{SHARE}: write policy.KEY=VALUE, several joined by +"),
        (f"{SHARE}=1+hub.kinds=[school]", f"{SHARE}: write policy.KEY=VALUE, several joined by +"),
        (f"policy.authority={{mode: delegated}}+{SHARE}=1+{SHARE}.x=1", f"{SHARE}"),
    ],
)
def test_what_is_no_lever_is_refused_in_one_line(text, line, capsys, elsewhere):
    assert refusal_of(text).startswith(line)
    assert main(["compare", "as_is", text, *SMALL]) == 2
    said = capsys.readouterr().err
    assert said.startswith(line)
    assert said.count("\n") == 1
    assert list(elsewhere.iterdir()) == []


def test_levers_on_top_of_a_policy_are_in_force_with_it(elsewhere):
    own = "title: {en: Mine, fa: من}\nstart: 3\nend: 9\nset: {authority: {mode: consultation}, pledges.loudness: 0.5}\n"
    (elsewhere / "mine.yaml").write_text(own, encoding="utf-8")
    with written_out([f"mine.yaml+policy.pledges.loudness=0.7+{SHARE}=1"], CITY) as (file,):
        assert file.name == "mine+authority.delegated_share=1+pledges.loudness=0.7.yaml"
        (part,) = read_policy(read_yaml(file), Config().policy)
    assert (part.start, part.end) == (3, 9)
    assert part.set == {"authority.mode": "consultation", "pledges.loudness": 0.7, "authority.delegated_share": 1.0}
    assert part.title.en.startswith("Mine; The share of the budget delegated: 100 %; ")
    assert part.title.fa.startswith("من؛ ")
    with written_out([f"tokenism+{SHARE}=1"], CITY) as (file,):
        assert (
            read_yaml(file)
            .data["description"]["en"]
            .endswith("most residents hear of it. Levers set: policy.authority.delegated_share=1.0.")
        )


def test_a_lever_that_the_policy_changes_later_is_refused(elsewhere):
    later = "title: {en: Mine}\nlater: [{start: 9, set: {pledges.loudness: 0.5}}]\n"
    (elsewhere / "mine.yaml").write_text(later, encoding="utf-8")
    with (
        pytest.raises(ConfigError, match=r"pledges\.loudness: the policy file sets it in later weeks"),
        written_out(["mine.yaml+policy.pledges.loudness=0.7"], CITY),
    ):
        pass


def test_levers_on_top_of_the_city_as_it_is_are_the_levers_alone():
    with written_out([f"as_is+{SHARE}=1", f"{SHARE}=1"], CITY) as (one, other):
        assert one.name == other.name == "authority.delegated_share=1.yaml"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("tokenism+policy.mayor.kind=x", 'policy.mayor.kind: must be one of: none, elder, youth, not "x"'),
        (f"tokenizm+{SHARE}=1", "tokenizm: is neither a file nor the name of a shipped policy"),
        ("tokenism+mayor.kind=none", "tokenism+mayor.kind=none: levers on top of a policy begin with policy.: token"),
    ],
)
def test_what_cannot_be_set_on_top_of_a_policy_is_refused_in_one_line(text, line, capsys, elsewhere):
    assert main(["compare", "as_is", text, *SMALL]) == 2
    said = capsys.readouterr().err
    assert said.startswith(line)
    assert said.count("\n") == 1
    assert list(elsewhere.iterdir()) == []


def test_a_file_comes_before_levers(elsewhere):
    (elsewhere / f"{SHARE}=1").write_text("set: {funding.level: 0.5}\n", encoding="utf-8")
    (elsewhere / f"mine+{SHARE}=1").write_text("set: {funding.level: 0.4}\n", encoding="utf-8")
    assert elsewhere / f"mine+{SHARE}=1" in named("as_is", [f"mine+{SHARE}=1"]).values()
    with written_out([f"{SHARE}=1"], CITY) as (file,):
        assert file == f"{SHARE}=1"
        assert elsewhere / f"{SHARE}=1" in named("as_is", [file]).values()


def test_an_unknown_name_is_told_of_the_city_as_it_is():
    with pytest.raises(ConfigError, match=r'did you mean "status_quo"\? .*; as_is is the city as it is'):
        named("status_qo", ["as_is"])
    with pytest.raises(ConfigError, match=r'names all; did you mean "as_is"\? as_is is the city as it is'):
        named("status_quo", ["as_iss"])


def test_a_lever_of_the_citys_extension_is_one(elsewhere):
    own = elsewhere / "own.py"
    own.write_text(
        "from sim.extension import Extension\n"
        "from sim.parameters import Parameters, parameter\n"
        "class Own(Parameters):\n"
        "    speed: float = parameter(0.5, 'A lever.', unit='share', range=(0.0, 1.0), source='test',\n"
        "                             tag='assumption', effect=None)\n"
        "OWN = Extension(name='own', meaning='A test.', parameters={'policy.own': Own})\n",
        encoding="utf-8",
    )
    (elsewhere / "city.yaml").write_text("extensions: [own.py:OWN]\n", encoding="utf-8")
    with written_out(["policy.own.speed=1"], "city.yaml") as (file,):
        assert file.stem == "own.speed=1"
        assert read_yaml(file).data["set"] == {"own.speed": 1.0}
        assert read_yaml(file).data["title"]["en"] == "policy.own.speed: 1"


def test_a_comparison_keeps_its_levers_is_resumed_and_verified(elsewhere, capsys):
    assert main(["compare", "as_is", f"{SHARE}=1", *SMALL, "--quiet"]) == 0
    folder = elsewhere / "results/compare-rafsanjan-as_is-authority.delegated_share=1"
    assert [path.name for path in (folder / "policies").iterdir()] == ["1-0-authority.delegated_share=1.yaml"]
    assert main(["compare", "as_is", f"{SHARE}=1.0", *SMALL]) == 0
    said = capsys.readouterr()
    assert "4 runs are there already" in said.err
    assert "The share of the budget delegated: 100 %" in said.out
    assert main(["verify", str(folder)]) == 0
    assert load_comparison(folder).titles["authority.delegated_share=1"] == "The share of the budget delegated: 100 %"
    assert main(["compare", "as_is", f"{SHARE}=0.9", *SMALL, "--out", str(folder)]) == 2
    assert "holds the runs of another experiment" in capsys.readouterr().err


def test_python_and_the_decomposition_take_levers_as_base_and_as_policy(elsewhere):
    found = compare(
        f"{SHARE}=0", [f"{SHARE}=1", "status_quo"], city="rafsanjan", out=elsewhere / "out", replications=2, scale=0.01,
        weeks=2, workers=1,
    )  # fmt: skip
    assert (found.base, found.policies) == (
        "authority.delegated_share=0", ("authority.delegated_share=1", "status_quo"),
    )  # fmt: skip
    asked = {"settings": (), "replications": 2, "scale": 0.01, "weeks": 2, "at": None, "seed": 0}
    with (
        written_out(["status_quo", f"{SHARE}=1"], CITY) as (base, policy),
        laid_out(base, policy, city="rafsanjan", **asked) as experiment,
    ):
        assert "authority.delegated_share=1 without_hub" in experiment.policies
    assert main(["compare", "status_quo", f"{SHARE}=1", "--mechanisms", *SMALL, "--dry-run"]) == 0
    assert not (elsewhere / "results").exists()


def test_the_city_may_be_named(elsewhere, capsys):
    assert main(["compare", "as_is", "policy.council.quota_women=0.5", "--city", "town", *SMALL, "--quiet"]) == 0
    (folder,) = (elsewhere / "results").iterdir()
    assert folder.name == "compare-town-as_is-council.quota_women=0.5"
    assert load_comparison(folder).sweep.experiment.base.city.title == load_config(find("city", "town")).city.title


def test_a_refusal_names_what_was_given_and_no_file_that_the_user_never_saw(elsewhere, capsys):
    content = "title: {en: Mine, fa: من}\nset: {pledges.loudness: 0.5}\n"
    for folder in ("pa", "pb"):
        (elsewhere / folder).mkdir()
        (elsewhere / folder / "p.yaml").write_text(content, encoding="utf-8")
    for on_top in ("+policy.mayor.kind=none", ""):
        one, other = (f"{folder}/p.yaml{on_top}" for folder in ("pa", "pb"))
        assert main(["compare", one, other, "--dry-run"]) == 2
        name = f"p{on_top.replace('policy.', '')}"
        assert capsys.readouterr().err.strip() == (
            f'{other}: has the name "{name}", as another policy has; rename its file'
        )
        assert main(["compare", one, one, "--dry-run"]) == 2
        assert f'{one}: "{name}" is named twice' in capsys.readouterr().err


def test_levers_on_top_of_files_of_one_name_are_written_apart(elsewhere):
    for folder, loudness in (("pa", 0.5), ("pb", 0.7)):
        (elsewhere / folder).mkdir()
        text = f"title: {{en: Mine, fa: من}}\nset: {{pledges.loudness: {loudness}}}\n"
        (elsewhere / folder / "p.yaml").write_text(text, encoding="utf-8")
    with written_out([f"{folder}/p.yaml+policy.mayor.kind=none" for folder in ("pa", "pb")], CITY) as files:
        assert [read_yaml(file).data["set"]["pledges.loudness"] for file in files] == [0.5, 0.7]
