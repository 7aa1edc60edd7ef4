"""A plan is locked before its runs, and whatever is changed after the lock is found."""

import json
import os
import re
import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from experiments.contrasts.arms import statistic_in_words
from experiments.plan import lock as locks
from experiments.plan.command import Request, carry_out, lock, show
from experiments.plan.lock import changes_since, lock_of, read_lock
from experiments.plan.plan import digest_of, load_plan
from experiments.plan.report import COPY, report_of, titles_of_arms
from experiments.plan.text import as_markdown
from experiments.study.verifying import Verdict, verify
from experiments.sweeps.outcomes import STATISTICS
from experiments.sweeps.reader import load_experiment
from experiments.sweeps.tables import load
from sim.errors import ConfigError
from tests.paper.conftest import ROOT, mahalle

CITY = """
city:
  title: {en: A small city, fa: شهری کوچک}
  neighbourhoods: {data_file: places.csv}
  population: {total: 2000}
run: {scale: 1.0, weeks: 12}
policy: {rollout: {milestones: [{week: 0, share: 1.0}]}}
"""
EXPERIMENT = """
title: {en: With councils and without, fa: با شورا و بدون آن}
base: city.yaml
policies: {with: [], without: alone.yaml}
replications: 3
run: {weeks: 12}
outcomes: [{trust_in_municipality: last}, {participation_rate: last}, {hope: last}]
"""
PLAN = """
title: {en: A plan, fa: یک برنامه}
aims: {en: To see what councils do., fa: دیدن آنچه شوراها می‌کنند.}
experiment: experiment.yaml
base: without
hypotheses:
  trust: {en: Trust rises., fa: اعتماد, policy: with, outcome: "trust_in_municipality:last", expected: rises}
  hope: {en: Hope is as it was., fa: امید همان است., policy: with, outcome: "hope:last", expected: no difference}
"""
PLACES = "name,population,deprivation,x,y\n" + "".join(f"Place {n},400,0.{n + 3},{n},0\n" for n in range(5))


def written(folder):
    folder.mkdir(exist_ok=True)
    files = {"city.yaml": CITY, "experiment.yaml": EXPERIMENT, "plan.yaml": PLAN, "places.csv": PLACES}
    files["alone.yaml"] = "title: {en: Alone, fa: تنها}\nset: {authority.mode: top_down}\n"
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "plan.yaml"


def report(folder):
    return carry_out(Request(plan=folder / "plan.yaml", out=folder / "results", workers=1, quiet=True))


@pytest.fixture(scope="session")
def locked_and_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plan") / "study"
    lock(written(folder), folder / "results")
    assert report(folder)
    return folder


@pytest.fixture
def study(locked_and_run, tmp_path):
    """A copy, with the times of its files."""
    return shutil.copytree(locked_and_run, tmp_path / "study", copy_function=shutil.copy2)


def test_an_untouched_plan_is_as_it_was_locked(study):
    assert show(study / "plan.yaml")[1]
    assert report(study)
    for language, word in (("en", "Nothing has changed"), ("fa", "چیزی تغییر نکرده")):
        assert word in (study / f"results/report.{language}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["report.en.md", "report.fa.md", "hypotheses.parquet"])
def test_a_report_that_was_altered_is_found_and_written_anew(name, study):
    results = study / "results"
    assert verify(results, sample=1).faults == ()
    (results / name).write_bytes((results / name).read_bytes() + b" ")
    assert verify(results, sample=1).faults == (f"{name} has changed since it was written",)
    assert report(study)  # what it writes itself is no change of the plan
    assert verify(results, sample=1).faults == ()


def test_answers_follow_from_intervals(study):
    table = pd.read_parquet(study / "results/hypotheses.parquet")
    assert list(table.hypothesis) == ["trust", "hope"]
    assert table.planned.all()
    assert set(table.answer) <= {"supported", "not supported", "undecided"}
    assert table.confidence.tolist() == [0.975, 0.975]  # two hypotheses hold together
    others = pd.read_parquet(study / "results/not_planned.parquet")
    assert set(others.outcome) == {"participation_rate:last"}


def words_of(text):
    """A text without digests, what stands in quotes of code, and the one policy that has a name and no title."""
    return re.sub(r"[0-9a-f]{64}|`[^`]*`|\| with \|", "", text)


def test_a_report_is_in_one_language_with_units(study):
    """Of a plan that is as it was, and of one that has changed in all ways that are told in words of ours."""
    report(study)
    for _ in range(2):
        persian = words_of((study / "results/report.fa.md").read_text(encoding="utf-8"))
        assert not re.findall("[A-Za-z0-9]+", persian)
        assert persian.count("امتیاز از ۱۰۰") == 2  # trust and hope; participation is in percentage points
        assert "واحد درصد" in persian
        english = (study / "results/report.en.md").read_text(encoding="utf-8")
        assert english.count(" points of 100 (") == 2
        assert "four weeks, last week, percentage points | " in english
        (study / "results" / COPY).write_text("{}")
        older_runs(study)
        assert not report(study)


def test_arms_of_levers_have_titles(study):
    grid = "design: {kind: grid}\nlevers: {policy.authority.delegated_share: [0.25, 1]}\nreplications: 3"
    replaced("experiment.yaml", "replications: 3", grid)(study)
    titles = titles_of_arms(load_experiment(study / "experiment.yaml"))
    assert titles["without policy.authority.delegated_share=0.25"]["fa"].startswith("تنها؛ ")
    assert len({title["fa"] for title in titles.values()}) == len(titles) == 4
    assert all(title["en"] == name for name, title in titles.items())


def test_show_speaks_both_languages(study):
    replaced("alone.yaml", "top_down", "consultation")(study)
    replaced("plan.yaml", "base: without\n", "base: without\nconfidence: 0.8\n")(study)
    english, persian = (show(study / "plan.yaml", language)[0] for language in ("en", "fa"))
    assert len(english.splitlines()) == len(persian.splitlines()) == 5
    assert "CHANGED SINCE: the plan: confidence was 0.95, is 0.8" in english
    assert "برنامه پژوهش: `confidence` پیش‌تر `0.95` بود و اکنون `0.8` است" in persian
    assert not re.findall("[A-Za-z0-9]+", words_of(persian))


@pytest.mark.parametrize("moment", ["yesterday", "2026-01-01T00:00:00"])
def test_a_lock_without_a_moment_is_refused(moment, study):
    edited_lock(("locked",), moment)(study)
    with pytest.raises(ConfigError, match="is no moment"):
        show(study / "plan.yaml")


def replaced(name, old, new):
    def change(folder):
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def edited_lock(key, value, *, again=False):
    """Edit the lock; with `again` also its digest of itself, as one would who hides it."""

    def change(folder):
        path = folder / "plan.lock.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        target = content
        *groups, last = key
        for group in groups:
            target = target[group]
        target[last] = value
        if again:
            content["digest"] = digest_of({name: held for name, held in content.items() if name != "digest"})
        path.write_text(json.dumps(content), encoding="utf-8")

    return change


def table_value(name, column):
    def change(folder):
        path = folder / "results" / name
        table = pd.read_parquet(path)
        table[column] = table[column] + 1
        table.to_parquet(path)

    return change


def shard_swapped(folder):
    first = sorted((folder / "results/shards").glob("*.parquet"))[0]
    data = bytearray(first.read_bytes())
    data[len(data) // 2] ^= 1
    first.write_bytes(bytes(data))


def older_runs(folder):
    early = (datetime.now(UTC) - timedelta(days=30)).timestamp()
    for path in (folder / "results/shards").glob("*.parquet"):
        os.utime(path, (early, early))


def no_copy_of_the_lock(folder):
    (folder / "results" / COPY).unlink()


def another_copy_of_the_lock(folder):
    (folder / "results" / COPY).write_text("{}")


def later_lock(folder):
    """Lock again after the runs, as one would who has seen them."""
    (folder / "plan.lock.json").unlink()
    shutil.move(folder / "results", folder / "aside")
    time.sleep(1.1)  # locks are dated to the second
    lock(folder / "plan.yaml", folder / "results")
    shutil.move(folder / "aside", folder / "results")


TAMPERED = {
    "expectation turned round": replaced("plan.yaml", "expected: rises", "expected: falls"),
    "least difference lowered": replaced("plan.yaml", "expected: rises", "expected: rises, least: 0.0001"),
    "hypothesis removed": replaced("plan.yaml", PLAN.splitlines()[-1], ""),
    "hypothesis added": replaced(
        "plan.yaml",
        "\n  hope:",
        '\n  more: {en: m, fa: م, policy: with, outcome: "participation_rate:last", expected: rises}\n  hope:',
    ),
    "outcome exchanged": replaced("plan.yaml", "trust_in_municipality:last", "participation_rate:last"),
    "hypothesis reworded": replaced("plan.yaml", "Trust rises.", "Trust rises a little."),
    "aims reworded": replaced("plan.yaml", "what councils do", "that councils help"),
    "title changed": replaced("plan.yaml", "A plan", "Another plan"),
    "confidence lowered": replaced("plan.yaml", "base: without\n", "base: without\nconfidence: 0.8\n"),
    "correction left out": replaced("plan.yaml", "base: without\n", "base: without\ncorrection: none\n"),
    "knowledge added": replaced("plan.yaml", "base: without\n", "base: without\nknown: {en: nothing, fa: هیچ}\n"),
    "base exchanged": lambda folder: (
        replaced("plan.yaml", "base: without", "base: with")(folder),
        replaced("plan.yaml", "policy: with,", "policy: without,")(folder),
        replaced("plan.yaml", "policy: with,", "policy: without,")(folder),
    ),
    "more replications": replaced("experiment.yaml", "replications: 3", "replications: 4"),
    "another seed": replaced("experiment.yaml", "replications: 3", "replications: 3\nseed: 9"),
    "another length": replaced("experiment.yaml", "run: {weeks: 12}", "run: {weeks: 11}"),
    "another outcome kept": replaced("experiment.yaml", "{hope: last}]", "{hope: last}, {belonging: last}]"),
    "experiment renamed": replaced("experiment.yaml", "With councils and without", "Councils"),
    "a policy changed": replaced("alone.yaml", "authority.mode: top_down", "authority.mode: consultation"),
    "the city changed": replaced("city.yaml", "scale: 1.0", "scale: 0.9"),
    "the city's data changed": replaced("places.csv", "Place 0,400", "Place 0,401"),
    "the lock edited": edited_lock(("locked",), "2020-01-01T00:00:00+00:00"),
    "the lock edited and its digest with it": edited_lock(("locked",), "2020-01-01T00:00:00+00:00", again=True),
    "the plan in the lock edited": edited_lock(("plan", "confidence"), 0.5 + 0.2, again=True),
    "a digest in the lock edited": edited_lock(("model", "city.py"), "0" * 64, again=True),
    "a table of outcomes edited": table_value("outcomes.parquet", "value"),
    "a table of runs edited": table_value("runs.parquet", "seed"),
    "a shard altered": shard_swapped,
    "runs from before the lock": older_runs,
    "the lock's copy gone": no_copy_of_the_lock,
    "the lock's copy exchanged": another_copy_of_the_lock,
    "locked again after the runs": later_lock,
}


MENDED = {"a table of outcomes edited", "a table of runs edited", "a shard altered"}
"""What is made again before anything is answered."""

OF_THE_LOCK = {name for name in TAMPERED if "lock" in name}
"""What the runs are not shown to follow, whatever else has changed."""

HEADS = ("CHANGED SINCE THE LOCK", "THE RUNS DEPART", "ALTERED AND MENDED")


@pytest.mark.parametrize("name", TAMPERED)
def test_tampering_after_the_lock_is_found(name, study):
    TAMPERED[name](study)
    try:
        sound = report(study)
    except ConfigError:
        return  # that is found, too
    assert not sound
    text = (study / "results/report.en.md").read_text(encoding="utf-8")
    persian = (study / "results/report.fa.md").read_text(encoding="utf-8")
    head = HEADS[2 if name in MENDED else 1 if name in OF_THE_LOCK else 0]
    assert head in text
    if name not in OF_THE_LOCK:
        assert not [other for other in HEADS if other != head and other in text]
    assert text.count("\n- ") == persian.count("\n- ") >= 1
    assert "not what was planned" not in text  # hypotheses are answered as they were locked


def test_changed_statistics_words_and_packages_are_found(study, monkeypatch):
    real = locks.analysis_files
    assert {"least.py", "words.py", "statistics.py", "plan/report.py", "contrasts/tables.py"} <= set(real())
    monkeypatch.setattr(locks, "analysis_files", lambda: {**real(), "least.py": "0" * 64})
    around = locks.circumstances
    monkeypatch.setattr(locks, "circumstances", lambda loaded: {**around(loaded), "packages": {"numpy": "9.9"}})
    plan = load_plan(study / "plan.yaml")
    changes = [change["en"] for change in changes_since(read_lock(plan), plan)]
    assert "analysis: least.py was changed" in changes
    assert [change for change in changes if change.startswith("the packages: numpy was")]


@pytest.mark.parametrize("what", ["changed", "new", "gone"])
def test_a_changed_model_is_found_file_by_file(what, study, monkeypatch):
    real = locks.model_files

    def files(loaded):
        found = real(loaded)
        if what == "gone":
            del found["city.py"]
        else:
            found["city.py" if what == "changed" else "rules/secret.py"] = "0" * 64
        return found

    monkeypatch.setattr(locks, "model_files", files)
    plan = load_plan(study / "plan.yaml")
    assert [change for change in changes_since(read_lock(plan), plan) if "model" in change["en"]]


def test_what_came_later_is_marked(study):
    TAMPERED["hypothesis added"](study)
    assert not report(study)
    table = pd.read_parquet(study / "results/hypotheses.parquet").set_index("hypothesis")
    assert table.planned.to_dict() == {"trust": True, "hope": True, "more": False}
    assert "NOT PLANNED" in (study / "results/report.en.md").read_text(encoding="utf-8")


def test_a_locked_hypothesis_is_answered_as_it_was_locked(study):
    TAMPERED["expectation turned round"](study)
    assert not report(study)
    table = pd.read_parquet(study / "results/hypotheses.parquet").set_index("hypothesis")
    assert table.expected["trust"] == "rises"


def test_a_plan_is_locked_once_and_before_its_runs(tmp_path):
    path = written(tmp_path / "study")
    with pytest.raises(ConfigError, match="is not locked"):
        report(path.parent)
    (path.parent / "results").mkdir()
    with pytest.raises(ConfigError, match="holds runs already"):
        lock(path, path.parent / "results")
    (path.parent / "results").rmdir()
    said = lock(path, path.parent / "results")
    assert read_lock(load_plan(path)).digest in said
    with pytest.raises(ConfigError, match="is locked already"):
        lock(path, path.parent / "results")


def test_two_outcomes_that_differ_in_their_statistic_alone_look_different(tmp_path):
    path = written(tmp_path / "study")
    mean = "{hope: last}, {hope: {mean: [3, 12]}}"
    replaced("experiment.yaml", "{hope: last}", mean)(path.parent)
    path.write_text(PLAN + PLAN.splitlines()[-1].replace("  hope:", "  more:").replace(":last", ":mean(3-12)"), "utf-8")
    lock(path, path.parent / "results")
    english, persian = (show(path, language)[0].splitlines() for language in ("en", "fa"))
    assert [line.rpartition(" [")[2] for line in english[2:4]] == [
        "hope:last no difference]", "hope:mean(3-12) no difference]",
    ]  # fmt: skip
    assert persian[2] == "  امید همان است. (امید، هفته پایانی: بدون تفاوت)"
    assert persian[3] == "  امید همان است. (امید، میانگین هفته‌های ۳ تا ۱۲: بدون تفاوت)"


@pytest.mark.parametrize(
    ("label", "english", "persian"),
    [
        ("hope", "", ""),
        ("hope:last", "last week", "هفته پایانی"),
        ("hope[cohort=youth]:mean(53-104)", "mean of weeks 53 to 104", "میانگین هفته‌های ۵۳ تا ۱۰۴"),
        ("hope:max", "highest of all weeks", "بیشینه همه هفته‌ها"),
        ("hope:week(52)", "week 52", "هفته ۵۲"),
        ("hope:every(13)", "every 13 weeks", "هر ۱۳ هفته"),
    ],
)
def test_a_statistic_is_said_in_words(label, english, persian):
    assert statistic_in_words(label, "en") == english
    assert statistic_in_words(label, "fa") == persian


def test_every_statistic_has_words():
    for statistic in STATISTICS:
        assert bool(statistic_in_words(f"hope:{statistic}", "fa")) == (statistic != "series")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"locked": 1}', "not JSON"])
def test_what_is_no_lock_is_refused(content, tmp_path):
    path = written(tmp_path / "study")
    lock_of(load_plan(path)).write_text(content)
    with pytest.raises(ConfigError, match=r"lock"):
        report(path.parent)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("trust_in_municipality:last", "trust_in_municipalty:last", "did you mean"),
        ("policy: with,", "policy: wth,", "did you mean"),
        ("policy: with,", "policy: without,", "is the base itself"),
        ("expected: rises", "expected: improves", "expected"),
        ("experiment: experiment.yaml", "experiment: none.yaml", "no such file"),
        ("aims:", "aim:", "aim"),
    ],
)
def test_a_faulty_plan_is_refused_with_its_line(old, new, problem, tmp_path):
    path = written(tmp_path / "study")
    replaced("plan.yaml", old, new)(path.parent)
    with pytest.raises(ConfigError) as refusal:
        load_plan(path)
    assert problem in str(refusal.value)
    assert str(refusal.value).startswith(f"{path}:")


def test_the_projects_own_plan_is_sound():
    assert mahalle("check", ROOT / "configs/experiments/programme_and_status_quo.yaml").returncode == 0
    assert len(load_plan(ROOT / "configs/plans/rafsanjan.yaml").form.hypotheses) == 3


# ---------------------------------------------------------------- what a report and a lock say of runs and changes


def test_a_changed_policy_is_told_by_its_key(study):
    TAMPERED["a policy changed"](study)
    plan = load_plan(study / "plan.yaml")
    changes = changes_since(read_lock(plan), plan)
    assert [change["en"] for change in changes] == [
        'the experiment: policies.without.set.authority.mode was "top_down", is "consultation"'
    ]


def test_a_changed_city_is_told_by_its_key_and_what_the_experiment_sets_only_once(study):
    TAMPERED["the city changed"](study)
    TAMPERED["another length"](study)
    plan = load_plan(study / "plan.yaml")
    changes = [change["en"] for change in changes_since(read_lock(plan), plan)]
    assert changes == [
        "the experiment: content.run.weeks was 12, is 11", "the experiment: base.run.scale was 1.0, is 0.9",
    ]  # fmt: skip


def test_an_older_lock_without_policies_tells_a_changed_one_by_the_digest(study):
    def older(folder):
        path = folder / "plan.lock.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        del content["experiment"]["policies"], content["experiment"]["base"]
        content["digest"] = digest_of({name: held for name, held in content.items() if name != "digest"})
        path.write_text(json.dumps(content), encoding="utf-8")

    older(study)
    plan = load_plan(study / "plan.yaml")
    assert changes_since(read_lock(plan), plan) == []
    TAMPERED["a policy changed"](study)
    plan = load_plan(study / "plan.yaml")
    (change,) = changes_since(read_lock(plan), plan)
    assert re.fullmatch(r'the experiment: digest was "[0-9a-f]{12}…", is "[0-9a-f]{12}…"', change["en"])


def test_a_report_says_what_was_run(study):
    assert report(study)
    text = (study / "results/report.en.md").read_text(encoding="utf-8")
    manifest = json.loads((study / "results/manifest.json").read_text(encoding="utf-8"))
    (model,) = manifest["models"]
    section = text.partition("## What was run\n\n")[2].partition("\n")[0]
    assert section == (
        "City: A small city. Each run simulates 12 weeks with 100 % of the residents (scale 1). Place: one, drawn with "
        "seed 1. Runs: 6; 3 replications of each of 2 policies or points, paired by the same random numbers (root seed "
        f"0). Made with Mahalle {manifest['version']}, model {model[:12]}. After the runs, 2 of them were done again "
        "and gave the same numbers."
    )
    persian = (study / "results/report.fa.md").read_text(encoding="utf-8")
    assert "۳ تکرار برای هر یک از ۲ سیاست" in persian.partition("## آنچه اجرا شد\n\n")[2].partition("\n")[0]


def test_runs_that_differ_when_repeated_are_not_said_to_be_the_same(study):
    plan = load_plan(study / "plan.yaml")
    faulty = Verdict(3, (0, 1), ("run 0 differs",), (), "")
    found = report_of(plan, read_lock(plan), load(study / "results"), faulty)
    assert [change["en"] for change in found.departures] == ["the runs: run 0 differs"]
    text = as_markdown(found)
    assert "what differed stands at the head" in text
    assert "gave the same numbers" not in text


def test_without_other_differences_their_section_is_left_out(study):
    plan = load_plan(study / "plan.yaml")
    found = report_of(plan, read_lock(plan), load(study / "results"))
    assert "## Not planned: other differences" in as_markdown(found)
    bare = replace(found, exploratory=found.exploratory.iloc[:0])
    for language in ("en", "fa"):
        text = as_markdown(bare, language)
        assert "|---|" not in text
        assert text.count("\n## ") == as_markdown(found, language).count("\n## ") - 1
