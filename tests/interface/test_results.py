"""What a run leaves behind: whole or not at all, the same bytes every time, and enough to do it again."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments import folders
from experiments.calendars import date_in_words, date_of_week, gregorian_text, solar_hijri_text
from experiments.cli import main
from experiments.figure_files import FORMATS
from experiments.figures.changes import Told, changes_by_place, fell_and_rose
from experiments.figures.overview import caption, overview
from experiments.figures.sheet import Sheet
from experiments.figures.stamps import stamp_in
from experiments.figures.style import house_style
from experiments.folders import read_manifest, refuse_target, taking_the_place_of
from experiments.patterns import PATTERNS, Accept, Pattern, evaluate, judge
from experiments.provenance import git_state, model_digest
from experiments.report import print_summary
from experiments.resolved import OWN_FILES, as_yaml, digest, with_absolute_files
from experiments.results import facts_of_start, load_run, run_of, write_parquet
from experiments.summary import changes_of_groups, summarise
from experiments.timelines import heading, timeline_of
from sim.city import City
from sim.config import Config, load_config
from sim.errors import ConfigError
from sim.parameters import register
from sim.policies import TimedPolicy
from tests.conftest import at_night
from tests.interrupting import HANGING
from tests.languages import not_persian, numbers_in
from tests.paper.boxes import faults, words_of

ROOT = Path(__file__).resolve().parents[2]
TABLES = ("city", "neighbourhoods", "groups", "events", "residents")

CONFIG = """
city:
  claims:
    - {outcome: councils, value: 3, week: 20, title: {en: Councils, fa: شوراها}, source: "a speech: 8 November"}
    - {outcome: councils, value: 9, week: 900}
  neighbourhoods: {count: 6}
policy: {rollout: {order: at_once, milestones: [{week: 4, share: 1.0}]}}
run: {weeks: 40, scale: 0.015, snapshot_weeks: [0, 40]}
"""


def run_command(*words):
    assert main([*map(str, words), "--quiet"]) == 0


def parquet_bytes(folder):
    return {name: (folder / f"{name}.parquet").read_bytes() for name in TABLES}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    (folder / "city.yaml").write_text(CONFIG, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def result(place):
    """The folder of one run, with everything switched on."""
    run_command("run", place / "city.yaml", "--seed", 7, "--out", place / "first", "--csv")
    return place / "first"


@pytest.fixture(scope="module")
def run(result):
    return load_run(result)


# ---------------------------------------------------------------- tables


def test_the_tables_hold_what_the_city_measured(place, run):
    city = City(place / "city.yaml", rng=7).run()
    pd.testing.assert_frame_equal(run.city, city.history)
    pd.testing.assert_frame_equal(run.neighbourhoods, city.neighbourhood_history)
    pd.testing.assert_frame_equal(run.groups, city.group_history)
    pd.testing.assert_frame_equal(run.events, city.events)
    pd.testing.assert_frame_equal(run.residents, city.snapshots)
    assert list(run.city.columns[:2]) == ["week", "phase"]


def test_csv_holds_the_same_numbers(result, run):
    for name, table in run.tables.items():
        empty_is_none = {column: [""] for column in table.select_dtypes("number")}
        read = pd.read_csv(result / f"{name}.csv", keep_default_na=False, na_values=empty_is_none)
        plain = table.astype({column: "str" for column in table.select_dtypes("category")})
        pd.testing.assert_frame_equal(read, plain, check_dtype=False)


def test_residents_are_written_only_if_asked_for(place):
    run_command("run", place / "city.yaml", "--set", "run.snapshot_weeks=[]", "--out", place / "bare", "--no-figure")
    assert not (place / "bare" / "residents.parquet").exists()
    assert load_run(place / "bare").residents.empty


def test_the_tables_have_the_same_bytes_in_another_process(place, result):
    command = [sys.executable, "-m", "experiments", "run", "city.yaml", "--seed", "7", "--out", "second", "--quiet"]
    environment = {**os.environ, "PYTHONHASHSEED": "12345"}
    subprocess.run(command, cwd=place, check=True, env=environment, timeout=HANGING)
    assert parquet_bytes(place / "second") == parquet_bytes(result)
    for name in ("config.yaml", "overview.png"):
        assert (place / "second" / name).read_bytes() == (result / name).read_bytes()


def test_the_resolved_config_runs_as_it_stands_and_gives_the_same_tables(place, result):
    run_command("run", result / "config.yaml", "--out", place / "again")
    assert parquet_bytes(place / "again") == parquet_bytes(result)
    assert (place / "again" / "config.yaml").read_bytes() == (result / "config.yaml").read_bytes()


def test_no_version_and_no_time_is_in_a_table(result):
    for name in TABLES:
        metadata = pq.read_schema(result / f"{name}.parquet").metadata
        assert b"pandas" not in (metadata or {})
        assert pq.read_metadata(result / f"{name}.parquet").row_group(0).column(0).compression == "ZSTD"


def test_a_table_keeps_its_columns_and_kinds(tmp_path):
    short = np.array([1, 2], dtype=np.int32)
    table = pd.DataFrame({"b": [1.5, np.nan], "a": ["x", ""], "c": [True, False], "d": short})
    write_parquet(table, tmp_path / "table.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "table.parquet"), table)


# ---------------------------------------------------------------- config, manifest, summary


def test_the_resolved_config_is_the_config(place, run):
    assert run.config.model_dump() == load_config(place / "city.yaml").with_values({"run.seed": 7}).model_dump()
    text = as_yaml(run.config)
    assert "# share, 0 to 1 [assumption]" in text


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cn", "Cc"]), max_size=12) | st.sampled_from(
    ["no", "1e3", "null", "a: b", "# x", "- y", '"', "رستم‌آباد", "2021-09-23", "\x85", "\u2028", "'", "x\ny", " z "]
)


@settings(max_examples=12, deadline=None)
@given(texts, texts, st.floats(0.0, 0.1), st.lists(st.integers(0, 5200), max_size=3))
def test_any_config_survives_being_written_and_read(tmp_path_factory, name, source, value, weeks):
    claims = [{"outcome": "councils", "value": value, "week": 3, "title": {"en": name, "fa": ""}, "source": source}]
    levers = {"hub.kinds": ["school"], "authority.delegated_share": value}
    timeline = [{"title": {"en": name, "fa": source}, "set": levers}]
    values = {"behaviour.trust.news_weight": value, "timeline": timeline, "run.snapshot_weeks": weeks}
    config = Config().with_values({"city.claims": claims, **values})
    path = tmp_path_factory.getbasetemp() / "written.yaml"
    path.write_text(as_yaml(config, "a heading"), encoding="utf-8")
    read = load_config(path)
    assert read.model_dump() == config.model_dump()
    assert digest(read) == digest(config)


def test_every_key_that_names_a_file_is_known():
    assert {row.key for row in register(Config) if row.key.rpartition(".")[2].endswith("file")} == set(OWN_FILES)


def test_own_data_is_found_from_anywhere_and_its_digest_kept(tmp_path, monkeypatch):
    data = "name,population,deprivation,x,y\nOld Town,900,0.2,0,0\nMill,700,0.5,1,0.1\nHarbour,800,0.9,0.4,1\n"
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "places.csv").write_text(data, encoding="utf-8")
    text = "city: {neighbourhoods: {data_file: data/places.csv}}\nrun: {weeks: 3}\n"
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    run_command("run", "own.yaml", "--out", "one", "--no-figure")
    run_command("run", "one/config.yaml", "--out", "elsewhere/two", "--no-figure")
    for name in ("city", "groups", "neighbourhoods"):
        assert Path(f"one/{name}.parquet").read_bytes() == Path(f"elsewhere/two/{name}.parquet").read_bytes()
    inputs = json.loads(Path("one/manifest.json").read_text(encoding="utf-8"))["inputs"]
    assert inputs == {str(tmp_path / "data" / "places.csv"): hashlib.sha256(data.encode()).hexdigest()}


def test_a_config_without_files_stays_the_same():
    assert with_absolute_files(Config()) == Config()


def test_the_manifest_says_what_made_the_result(result, run):
    manifest = read_manifest(result)
    files = {path.name for path in result.iterdir()} - {"manifest.json"}
    assert set(manifest["files"]) == files
    for name in files:
        assert manifest["files"][name] == hashlib.sha256((result / name).read_bytes()).hexdigest()
    assert manifest["config_digest"] == digest(run.config)
    assert manifest["model_digest"] == model_digest()
    assert manifest["seed"] == 7
    assert manifest["packages"]["mesa"]
    assert manifest["machine"]["cpu_count"] == os.cpu_count()
    assert manifest["wall_time_s"] > 0.0


def test_git_is_asked_only_about_the_models_own_repository(tmp_path):
    assert git_state(tmp_path) is None
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    author = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    (tmp_path / "file").write_text("x", encoding="utf-8")
    for words in (["init", "-q"], ["add", "."], [*author, "commit", "-qm", "first"]):
        subprocess.run(["git", "-C", tmp_path, *words], check=True, env=environment)
    clean = git_state(tmp_path)
    assert len(clean["commit"]) == 40
    assert clean["dirty"] is False
    (tmp_path / "file").write_text("y", encoding="utf-8")
    assert git_state(tmp_path)["dirty"] is True
    (tmp_path / "file").write_text("x", encoding="utf-8")
    (tmp_path / "exported.csv").write_text("a table", encoding="utf-8")
    assert git_state(tmp_path)["dirty"] is False
    (tmp_path / "below").mkdir()
    assert git_state(tmp_path / "below") is None


def test_the_summary_holds_claims_patterns_and_timing(result, run):
    summary = json.loads((result / "summary.json").read_text(encoding="utf-8"))
    first, second = summary["claims"]
    assert {name: first[name] for name in ("name", "claimed", "week", "tag")} == {
        "name": "Councils", "claimed": 3.0, "week": 20, "tag": "claimed",
    }  # fmt: skip
    assert first["simulated"] == run.city.councils[20]
    assert second["simulated"] is None
    assert [row["number"] for row in summary["patterns"]] == list(range(1, 29))
    assert {"number", "accept", "value", "met"} <= set(summary["patterns"][0])
    assert "timing" not in summary  # else the same run would not give the same bytes
    timing = json.loads((result / "manifest.json").read_text(encoding="utf-8"))["timing"]
    assert {"build_s", "run_s", "residents", "ns_per_resident_week", "peak_mb"} <= set(timing)
    assert timing["ns_per_resident_week"] == pytest.approx(1e9 * timing["run_s"] / (timing["residents"] * 40))
    assert summary["start"] == run.start


def test_gains_and_losses_are_last_week_less_week_0(run):
    changes = {row["group"]: row for row in changes_of_groups(run.groups)}
    women = run.groups[run.groups.group == "woman"].set_index("week")
    assert changes["woman"]["trust_in_municipality"] == women.trust_in_municipality[40] - women.trust_in_municipality[0]
    assert changes["woman"]["residents"] == women.residents[40]
    summary = summarise(run, [f"N{number}" for number in range(6)])
    places = summary["changes"]["neighbourhoods"]
    assert summary["lost"]["neighbourhoods"]["of"] == 6
    assert summary["lost"]["neighbourhoods"]["service_level"] == sum(row["service_level"] < 0 for row in places)
    assert "not an effect" in summary["changes"]["note"]


def printed_of(run, folder, capsys):
    """What is printed of a run, in one line."""
    timing = {"residents": 9.0, "build_s": 1.0, "run_s": 1.0, "write_s": 1.0}
    head = {"heading": "A city", "settings": [], "timeline": []}
    summary = {**head, **summarise(run, [f"N{number}" for number in range(6)])}
    print_summary(summary, timing, folder)
    return summary, capsys.readouterr().out


def test_without_a_council_nothing_is_said_of_trust_in_one(run, without_councils, tmp_path, capsys):
    summary, printed = printed_of(run, tmp_path, capsys)
    fell = summary["lost"]["neighbourhoods"]["trust_in_council"]
    assert f"trust in the council {fell} and " in " ".join(printed.split())
    assert "There is no council" not in printed
    summary, printed = printed_of(without_councils, tmp_path, capsys)
    lost = summary["lost"]
    assert lost["neighbourhoods"]["trust_in_council"] is lost["groups"]["trust_in_council"] is None
    assert lost["neighbourhoods"]["trust_in_people"] >= 0
    assert "in the council" not in printed
    assert "There is no council in any week of this run: trust in it is left out" in printed


def test_participation_is_printed_in_percentage_points(run, tmp_path, capsys):
    _, printed = printed_of(run, tmp_path, capsys)
    assert printed.count("participation, % points") == 2
    assert "in percentage points" in printed
    changes = {row["group"]: row["participation_rate"] for row in changes_of_groups(run.groups)}
    (women,) = [line.split() for line in printed.splitlines() if line.startswith("women ")]
    assert float(women[3]) == pytest.approx(100.0 * changes["woman"], abs=0.051)
    assert float(women[3]) != 0.0


@pytest.mark.parametrize("whose", ["run", "without_councils"])
def test_a_run_is_printed_with_the_same_numbers_in_persian(whose, request, tmp_path, capsys):
    run, texts = request.getfixturevalue(whose), []
    timing = {"residents": 1234.0, "build_s": 1.0, "run_s": 1.0, "write_s": 1.0}
    summary = summarise(run, [f"Name {number}" for number in range(6)])
    places = {"en": (), "fa": [f"محله {number}" for number in "۰۱۲۳۴۵"]}
    for language in ("en", "fa"):
        own = {"heading": heading(run.config, language), "timeline": timeline_of(run.config, language), "settings": []}
        print_summary(summary | own, timing, tmp_path, language, places[language])
        texts.append(capsys.readouterr().out)
    assert numbers_in(texts[0]).total() > 100
    assert numbers_in(texts[0]) == numbers_in(texts[1])
    names = {word for claim in summary["claims"] for word in claim["name"].split()}
    assert set(not_persian(texts[1])) <= {"mahalle", "validate"} | names


def test_a_timeline_is_told_in_both_languages():
    timed = [
        {"title": {"en": "One", "fa": "یک"}, "end": 9, "set": {"council.size": 9}},
        {"title": {"en": "Two", "fa": "دو"}, "start": 4, "set": {"council.size": 7}},
        {"start": 8, "end": 9},
    ]
    config = SimpleNamespace(timeline=[TimedPolicy.model_validate(one) for one in timed])
    assert timeline_of(config) == [
        "One: weeks 0 to 8",
        "Two: from week 4 on",
        "a timed policy: week 8",
        "council.size: as in Two, not as in One, while both last",
    ]
    assert timeline_of(config, "fa") == [
        "یک: هفته ۰ تا ۸",
        "دو: از هفته ۴ به بعد",
        "سیاستی زمان‌دار: هفته ۸",
        "شمار اعضای شورا: مانند «دو» و نه «یک»، تا زمانی که هر دو برقرار است",
    ]


def test_a_group_nobody_is_in_is_left_out(run):
    groups = run.groups.copy()
    groups.loc[groups.group == "elder", ["residents", "trust_in_municipality"]] = [0.0, np.nan]
    assert "elder" not in {row["group"] for row in changes_of_groups(groups)}


# ---------------------------------------------------------------- never half-written


def fill(folder, names):
    for name in names:
        (folder / name).write_text(name, encoding="utf-8")
    manifest = {"made_by": folders.RUN, "files": dict.fromkeys(names, ""), "model_digest": ""}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.fixture
def old(tmp_path):
    """An earlier result."""
    target = tmp_path / "result"
    with taking_the_place_of(target) as partial:
        fill(partial, ["old.txt"])
    return target


def test_a_new_result_takes_the_place_of_an_old_one(old):
    with taking_the_place_of(old) as partial:
        fill(partial, ["new.txt"])
        assert (old / "old.txt").exists()
    assert sorted(path.name for path in old.iterdir()) == ["manifest.json", "new.txt"]
    assert [path.name for path in old.parent.iterdir()] == ["result"]


def test_results_of_another_run_are_not_overwritten_unless_asked_for(place, capsys):
    target = place / "kept"
    words = ["run", str(place / "city.yaml"), "--out", str(target), "--no-figure", "--quiet", "--weeks", "2"]
    assert main(words) == 0
    assert main(words) == 0  # the same run again
    before = {path.name: path.read_bytes() for path in target.iterdir()}
    for more in (["--seed", "9"], ["--set", "city.neighbourhoods.count=7"]):
        assert main([*words, *more]) == 2
        refused = "holds the results of another city, seed or policy; choose another folder, or --fresh to replace them"
        assert capsys.readouterr().err == f"--out {target}: {refused}\n"
    assert {path.name: path.read_bytes() for path in target.iterdir()} == before
    assert main([*words, "--seed", "9", "--fresh"]) == 0
    assert read_manifest(target)["seed"] == 9


def test_results_of_other_data_are_not_overwritten_unless_asked_for(tmp_path, capsys):
    data = "name,population,deprivation,x,y\nOld Town,900,0.2,0,0\nMill,700,0.5,1,0.1\nHarbour,800,0.9,0.4,1\n"
    (tmp_path / "places.csv").write_text(data, encoding="utf-8")
    city = "city: {neighbourhoods: {data_file: places.csv}}\nrun: {weeks: 3}\n"
    (tmp_path / "own.yaml").write_text(city, encoding="utf-8")
    words = ["run", str(tmp_path / "own.yaml"), "--out", str(tmp_path / "out"), "--no-figure", "--quiet"]
    assert main(words) == 0
    (tmp_path / "places.csv").write_text(data.replace("900", "950"), encoding="utf-8")
    assert main(words) == 2
    assert "holds the results of another city" in capsys.readouterr().err
    assert main([*words, "--fresh"]) == 0


@pytest.mark.parametrize("ending", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failure_keeps_the_old_result(old, ending):
    def write():
        with taking_the_place_of(old) as partial:
            fill(partial, ["new.txt"])
            raise ending

    with pytest.raises(ending):
        write()
    assert sorted(path.name for path in old.iterdir()) == ["manifest.json", "old.txt"]
    assert [path.name for path in old.parent.iterdir()] == ["result"]


def test_where_names_cannot_be_exchanged_two_steps_do(old, monkeypatch):
    monkeypatch.setattr(folders, "_exchange", lambda one, other: False)
    with taking_the_place_of(old) as partial:
        fill(partial, ["new.txt"])
    assert sorted(path.name for path in old.iterdir()) == ["manifest.json", "new.txt"]
    assert [path.name for path in old.parent.iterdir()] == ["result"]


def test_a_death_between_the_two_steps_is_mended(old):
    os.rename(old, old.with_name(".result.replaced"))
    with pytest.raises(ValueError, match="again"), taking_the_place_of(old):
        raise ValueError("again")
    assert sorted(path.name for path in old.iterdir()) == ["manifest.json", "old.txt"]


KILLED_WHILE_WRITING = """
import os, signal, sys
from experiments import folders, results
from experiments.cli import main
def die(*arguments, **named):
    os.kill(os.getpid(), signal.SIGKILL)
setattr({module}, {name!r}, die)
main(sys.argv[1:])
"""


@pytest.mark.parametrize(("module", "name"), [("results", "as_yaml"), ("folders", "_put")])
def test_kill_9_while_writing_keeps_the_old_result_and_the_next_run_clears_up(place, result, module, name):
    target = place / f"killed-{name}"
    run_command("run", place / "city.yaml", "--out", target, "--no-figure", "--weeks", 2)
    before = {path.name: path.read_bytes() for path in target.iterdir()}
    words = ["run", str(place / "city.yaml"), "--out", str(target), "--no-figure", "--quiet", "--weeks", "3", "--fresh"]
    code = KILLED_WHILE_WRITING.format(module=module, name=name)
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=ROOT, timeout=HANGING)
    assert done.returncode == -signal.SIGKILL
    assert {path.name: path.read_bytes() for path in target.iterdir()} == before
    assert (place / f".{target.name}.partial").exists()
    run_command(*words)
    assert not (place / f".{target.name}.partial").exists()
    assert len(load_run(target).city) == 4


def test_two_writers_take_turns(old):
    begun = threading.Event()

    def write(content):
        with taking_the_place_of(old) as partial:
            begun.set()
            names = [f"{content}{number}" for number in range(50)]
            time.sleep(0.1)
            fill(partial, names)
            assert sorted(path.name for path in partial.iterdir()) == sorted(["manifest.json", *names])

    with ThreadPoolExecutor(2) as pool:  # a lock belongs to an open file, so that threads take turns as processes do
        first = pool.submit(write, "a")
        begun.wait(10)
        second = pool.submit(write, "b")
        first.result(20)
        second.result(20)
    assert (old / "b49").exists()
    assert not (old / "a49").exists()
    assert [path.name for path in old.parent.iterdir()] == ["result"]


def test_a_folder_of_somebody_else_is_refused(tmp_path, old):
    (old / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"not part of the result \(notes.txt\)"):
        refuse_target(old)
    (tmp_path / "sweep").mkdir()
    (tmp_path / "sweep" / "manifest.json").write_text('{"made_by": "mahalle sweep", "files": {}}', encoding="utf-8")
    with pytest.raises(ConfigError, match="was not made by mahalle run"):
        refuse_target(tmp_path / "sweep")
    (tmp_path / "empty").mkdir()
    refuse_target(tmp_path / "empty")
    refuse_target(tmp_path / "new" / "deep")


def test_a_link_to_a_result_stays_a_link(tmp_path, old):
    (tmp_path / "link").symlink_to(old)
    with taking_the_place_of(tmp_path / "link") as partial:
        fill(partial, ["new.txt"])
    assert (tmp_path / "link").is_symlink()
    assert (old / "new.txt").exists()


# ---------------------------------------------------------------- patterns


def test_there_are_22_patterns_and_three_are_fitted():
    assert [pattern.number for pattern in PATTERNS] == list(range(1, 29))
    assert [pattern.number for pattern in PATTERNS if pattern.fitted] == [1, 2, 3]
    assert all(pattern.accept and pattern.source for pattern in PATTERNS)


@pytest.mark.parametrize(
    ("accept", "inside", "outside", "text"),
    [
        (Accept(0.04, 0.14), [0.04, 0.1, 0.14], [0.039, 0.141, float("nan")], "4 % to 14 %"),
        (Accept(high=0.2, open=True), [0.0, 0.19], [0.2, 1.0], "under 20 %"),
        (Accept(low=0.0, unit="index", open=True), [0.1], [0.0, -0.1], "above 0"),
        (Accept(high=0.6), [0.6], [0.61], "at most 60 %"),
        (Accept(50, 50, "count"), [50], [49], "50"),
    ],
)
def test_ranges(accept, inside, outside, text):
    assert all(accept.holds(value) for value in inside)
    assert not any(accept.holds(value) for value in outside)
    assert str(accept) == text


def fake_run(weeks=260, claims=(), **columns):
    """A run whose city table holds what is given, and 0 elsewhere."""
    names = (
        "councils", "council_members", "neighbourhood_mayors", "council_projects_finished", "programmes_held",
        "turnout", "never_or_rarely_share", "sometimes_share", "core_share", "vote_gini", "funded_share",
        "exit_rate_per_year",
        "voters_without_winner_share", "service_level", "trust_in_municipality", "participation_rate", "trust_morans_i",
    )  # fmt: skip
    zero = np.zeros(weeks + 1)
    city = pd.DataFrame({"week": np.arange(weeks + 1), **dict.fromkeys(names, zero), **columns})
    places = {"week": [0, 0, 84, 84], "neighbourhood": [0, 1, 0, 1], "council": [False, False, True, False]}
    return SimpleNamespace(
        config=Config().with_values({"city.claims": [{"outcome": name, "week": week} for name, week in claims]}),
        city=city,
        neighbourhoods=pd.DataFrame({**places, "service_level": [0.3, 0.6, 0.3, 0.6]}),
        start={"people": 1000.0, "trusting_people_share": 0.1},
    )


REPORTED = [
    ("councils", 84),
    ("councils", 135),
    ("council_members", 215),
    ("council_projects_finished", 215),
    ("programmes_held", 215),
]


def verdict(number, run):
    return judge(PATTERNS[number - 1], run)


def test_a_run_as_reported_meets_the_fitted_patterns():
    week = np.arange(261)
    run = fake_run(
        claims=REPORTED,
        councils=np.where(week < 84, 0, np.where(week < 135, 30, 50)),
        neighbourhood_mayors=np.where(week < 135, 0, 2),
        council_members=np.full(261, 8),
        council_projects_finished=week / 215 * 200,
        programmes_held=week / 215 * 1500,
    )
    assert [verdict(number, run).met for number in (1, 2, 3)] == [True, True, True]
    late = fake_run(claims=REPORTED, councils=np.where(week < 200, 0, 50))
    assert verdict(2, late).met is False
    assert verdict(3, late).met is False
    assert "councils at week 84" in verdict(2, late).reason


def test_the_advice_after_a_run_names_its_own_city(place, capsys):
    words = ["run", str(place / "city.yaml"), "--weeks", "2", "--no-figure", "--out", str(place / "advised")]
    assert main(words) == 0
    said = capsys.readouterr().out.replace("\n", " ")
    assert f"mahalle compare status_quo as_is --city {place / 'advised' / 'config.yaml'}" in said
    assert "rafsanjan" not in said.lower()


def test_the_reported_calendar_is_not_held_against_other_cities():
    for number in (2, 3):
        found = verdict(number, fake_run())
        assert found.met is None
        assert "in this city" in found.reason
    assert verdict(3, fake_run(weeks=100, claims=REPORTED)).reason == "the run ends before week 215"


def test_patterns_of_ballots_are_told_only_where_residents_vote():
    silent = fake_run(turnout=np.full(261, np.nan), vote_gini=np.full(261, np.nan), funded_share=np.full(261, np.nan))
    assert [verdict(number, silent).met for number in (4, 8, 9, 10)] == [None] * 4
    sometimes = np.where(np.arange(261) % 52 == 10, 0.09, np.nan)
    assert verdict(4, fake_run(turnout=sometimes)).met is True
    assert verdict(4, fake_run(turnout=sometimes)).value == {"mean turnout": pytest.approx(0.09)}
    assert verdict(8, fake_run(vote_gini=sometimes)).met is None  # of real ballots' size, which a companion has
    run = fake_run(voters_without_winner_share=sometimes * 3)
    assert verdict(10, run).met is None
    run.config = run.config.with_values({"policy.choice.rule": "ballot_greedy"})
    assert verdict(10, run).met is True


def test_participation_levels_are_judged_after_four_years():
    levels = {"never_or_rarely_share": 0.9, "sometimes_share": 0.09, "core_share": 0.01}
    assert verdict(5, fake_run(**levels)).met is True
    assert verdict(5, fake_run(weeks=207, **levels)).met is None
    assert verdict(5, fake_run(**levels | {"core_share": 0.04})).met is False


def test_an_s_shape_is_told_from_a_line():
    week = np.arange(261)
    noise = 0.0005 * np.random.default_rng(0).normal(size=261)
    s_shape = 0.02 / (1.0 + np.exp(-(week - 90) / 12.0)) + noise
    assert verdict(21, fake_run(participation_rate=s_shape)).met is True
    found = verdict(21, fake_run(participation_rate=s_shape)).value
    assert found["middle of the logistic, share of the run"] * 260 == pytest.approx(90, abs=3)
    better = "AIC of a line less that of a logistic"
    assert found[better] > 50.0
    straight = verdict(21, fake_run(participation_rate=0.02 * week / 260 + noise))
    assert straight.met is False
    assert straight.value[better] < 2.0
    slowing = verdict(21, fake_run(participation_rate=0.02 * (1.0 - np.exp(-week / 40)) + noise))  # saturates, no S
    assert slowing.met is False
    assert slowing.value[better] > 50.0
    assert slowing.value["middle of the logistic, share of the run"] < 0.05
    assert verdict(21, fake_run(weeks=100)).met is None


def test_one_run_can_show_but_not_refute_that_services_may_rise_while_support_falls():
    rising, falling = np.linspace(0.4, 0.5, 261), np.linspace(0.5, 0.4, 261)
    assert verdict(20, fake_run(service_level=rising, trust_in_municipality=falling)).met is True
    other = verdict(20, fake_run(service_level=rising, trust_in_municipality=rising))
    assert other.met is None
    assert other.value["change of services"] == pytest.approx(0.1)


def test_the_rest_that_one_run_can_tell():
    assert verdict(14, fake_run()).met is True
    assert verdict(17, fake_run(exit_rate_per_year=0.3)).met is True
    assert verdict(17, fake_run(exit_rate_per_year=np.nan)).met is None
    assert verdict(22, fake_run()).met is False
    assert verdict(22, fake_run(trust_morans_i=0.1)).met is True
    for number in (11, 12, 13, 15, 16, 18, 19):
        found = verdict(number, fake_run())
        assert found.met is None
        assert "needed" in found.reason or "not in the tables" in found.reason or "must be followed" in found.reason


def test_a_part_that_is_not_a_number_is_not_met(run):
    pattern = Pattern(1, "x", {"a": Accept(0, 1)}, "assumption", "ours", lambda _: {"a": float("nan")})
    assert judge(pattern, run).met is False


def test_the_facts_of_the_start_are_those_of_week_0(place, run):
    city = City(place / "city.yaml", rng=7)
    start = facts_of_start(city)
    assert start == run.start
    assert start["people"] == 162_000
    assert start["trusting_people_share"] == np.mean(run.residents[run.residents.week == 0].trust_in_people > 0.5)
    verdicts = {found.pattern.number: found for found in evaluate(run_of(city, start))}
    assert verdicts[14].value == {"share of residents": start["trusting_people_share"]}
    assert verdicts[1].met is None  # nothing is reported of this city


# ---------------------------------------------------------------- calendars


@pytest.mark.parametrize(
    ("day", "there"),
    [
        (date(2021, 9, 23), (1400, 7, 1)),
        (date(2023, 5, 3), (1402, 2, 13)),
        (date(2023, 5, 31), (1402, 3, 10)),
        (date(2025, 11, 8), (1404, 8, 17)),
        (date(2021, 3, 20), (1399, 12, 30)),
        (date(2025, 3, 20), (1403, 12, 30)),
        (date(2025, 3, 21), (1404, 1, 1)),
        (date(1979, 2, 11), (1357, 11, 22)),
        (date(2024, 3, 19), (1402, 12, 29)),
    ],
)
def test_dates_in_the_solar_hijri_calendar(day, there):
    year, month, number = there
    months = ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"]
    western = solar_hijri_text(day, "fa").translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789"))
    assert western == f"{number} {months[month - 1]} {year}"


def test_weeks_become_dates():
    day = date_of_week("2021-09-23", 84)
    assert gregorian_text(day) == "4 May 2023"
    assert solar_hijri_text(day) == "14 Ordibehesht 1402"
    assert date_in_words(day) == {"en": "4 May 2023", "fa": "۱۴ اردیبهشت ۱۴۰۲"}
    assert solar_hijri_text(date(2021, 9, 23), "fa") == "۱ مهر ۱۴۰۰"


# ---------------------------------------------------------------- the figure


@pytest.fixture(scope="module")
def squares():
    return [shapely.box(number, 0, number + 1, 1) for number in range(5)] + [
        shapely.union_all([shapely.box(5, 0, 6, 1), shapely.box(7, 0, 8, 1)])
    ]


@pytest.fixture(scope="module")
def without_councils(place):
    """A run of the same city in which the municipality decides, and no council is ever convened."""
    words = ("--set", "policy.authority.mode=top_down", "--out", place / "without", "--no-figure")
    run_command("run", place / "city.yaml", "--seed", 7, *words)
    return load_run(place / "without")


CLAIMS = [
    SimpleNamespace(outcome="council_projects_finished", value=200.0, week=30),
    SimpleNamespace(outcome="construction_projects_finished", value=3.0, week=30),
]
NAMES = [f"Neighbourhood {number} of some length" for number in range(1, 7)]


def drawn_of(run, squares, language="en", claims=CLAIMS, **changes):
    """The overview of a run beside two claims, one of them about councils."""
    tables = {"city": run.city, "neighbourhoods": run.neighbourhoods, "groups": run.groups} | changes
    told = Told(**tables, polygons=squares, names=NAMES, title="A town, and a policy", claims=claims,
                start_date="2021-09-23")  # fmt: skip
    return overview(told, Sheet(language))


def said_on(figure):
    return " ".join(text for text, _ in words_of(figure))


@pytest.mark.parametrize("language", ["fa", *at_night("en")])
@pytest.mark.parametrize("kind", ["councils", "none", "two weeks", "much", "nothing"])
def test_no_words_of_the_overview_are_cut_or_lie_over_each_other(language, kind, run, without_councils, squares):
    one = without_councils if kind == "none" else run
    changes = {}
    if kind == "two weeks":
        changes = {name: getattr(run, name).query("week < 2") for name in ("city", "neighbourhoods", "groups")}
    if kind in ("much", "nothing"):  # trust from 0 to 1 everywhere, or as it was
        grows = 1.0 if kind == "much" else 0.0
        for name in ("city", "neighbourhoods", "groups"):
            table = getattr(run, name)
            changes[name] = table.assign(trust_in_municipality=grows * table.week / table.week.max())
    with house_style(language):
        figure = drawn_of(one, squares, language, **changes)
        assert faults(figure) == []
        assert len(words_of(figure)) > 60


def test_the_overview_says_that_it_has_no_counterfactual_and_that_its_bands_are_spread(run, squares):
    said = said_on(drawn_of(run, squares))
    assert "One run of 40 weeks (23 Sep 2021 to 30 Jun 2022), without a counterfactual" in said
    assert "not effects of the policy" in said
    assert "spread, not uncertainty" in said
    assert "۱ مهر ۱۴۰۰" in said_on(drawn_of(run, squares, "fa"))


def test_changes_over_time_and_changes_of_groups_have_one_scale_each(run, squares):
    figure = drawn_of(run, squares)
    over_time = [axes for axes in figure.axes if axes.get_xlim() == (0, 40) and axes.get_ylim()[0] < 0.0]
    by_group = [axes for axes in figure.axes if len(axes.get_yticks()) == 10]
    assert len(by_group) == 3
    assert len({axes.get_xlim() for axes in by_group}) == 1
    assert len(over_time) == 3
    assert len({axes.get_ylim() for axes in over_time}) == 1
    maps = [axes.collections[0] for axes in figure.axes if not axes.axison]
    assert len({drawn.norm.vmax for drawn in maps}) == 1
    assert {drawn.norm.vmin + drawn.norm.vmax for drawn in maps} == {0.0}


def test_the_overview_names_who_fell_first_and_draws_changes_since_the_start(run, squares):
    places = run.neighbourhoods
    moves = np.array([0.03, -0.05, 0.01, -0.02, -0.04, -0.01])[places.neighbourhood]
    changed = places.assign(trust_in_municipality=0.4 + moves * places.week / 40)
    found = changes_by_place(changed)
    assert found.trust_in_municipality.tolist() == pytest.approx([0.03, -0.05, 0.01, -0.02, -0.04, -0.01])
    assert fell_and_rose(found.trust_in_municipality) == {"fell": [1, 4, 3], "rose": [0, 2]}
    texts = drawn_of(run, squares, neighbourhoods=changed).texts
    said = [text.get_text() for text in sorted(texts, key=lambda text: -text.get_position()[1])]
    assert said.index("trust fell most") < said.index("trust rose most")
    assert {"−5.0", "−4.0", "−2.0", "+3.0", "+1.0"} <= set(said)
    still = drawn_of(run, squares, neighbourhoods=places.assign(trust_in_municipality=0.4))
    assert {"trust fell nowhere", "trust rose nowhere"} <= {text.get_text() for text in still.texts}


@pytest.mark.parametrize(
    ("moves", "english", "persian"),
    [
        ((0.03, -0.05, 0.01, -0.02, -0.04, 0.02), "A-C and 1-3:", "الف تا پ و ۱ تا ۳؛"),
        ((0.03, 0.05, 0.01, 0.02, 0.04, 0.01), "1-3:", "روی نقشه‌ها: ۱ تا ۳؛"),
        ((-0.03, 0.0, 0.0, 0.0, 0.0, 0.0), "A:", "روی نقشه‌ها: الف؛"),
        ((0.0, 0.0, 0.0, 0.0, 0.0, 0.0), "", ""),
    ],
)
def test_the_overview_speaks_of_marks_that_are_on_its_maps(moves, english, persian, run, squares):
    moved = 0.4 + np.array(moves)[run.neighbourhoods.neighbourhood] * run.neighbourhoods.week / 40
    changed = run.neighbourhoods.assign(trust_in_municipality=moved)
    for language, words, note in (("en", "on the maps", english), ("fa", "روی نقشه‌ها", persian)):
        texts = [text.get_text() for text in drawn_of(run, squares, language, neighbourhoods=changed).texts]
        said = [text for text in texts if words in text]
        assert len(said) == bool(note)
        assert all(note in text for text in said)


def test_the_caption_speaks_of_claims_only_where_some_are_drawn(run, without_councils, squares):
    late = [SimpleNamespace(outcome="construction_projects_finished", value=3.0, week=41)]
    for one, claims, drawn in ((run, CLAIMS, True), (run, (), False), (run, late, False), (run, CLAIMS[:1], True),
                               (without_councils, CLAIMS[:1], False)):  # fmt: skip
        told = Told(one.city, one.neighbourhoods, one.groups, squares, NAMES, "A town", claims)
        assert ("claimed by the municipality" in caption(told, Sheet("en"))) == drawn
        assert ("ادعاشده شهرداری" in caption(told, Sheet("fa"))) == drawn


def test_the_overview_has_the_same_bytes_twice_and_says_where_it_comes_from(result, place):
    run_command("run", place / "city.yaml", "--seed", 7, "--out", place / "vector", "--vector", "--lang", "fa")
    stamp = stamp_in(result / "overview.png")
    assert (stamp["made_by"], stamp["seed"], stamp["place_seed"], stamp["n"]) == ("mahalle run", 7, 1, 1)
    manifest = json.loads((result / "manifest.json").read_text(encoding="utf-8"))
    assert stamp["model"] == manifest["model_digest"]
    for kind in FORMATS:
        assert stamp_in(place / f"vector/overview.{kind}") == stamp | {"language": "fa"}
    assert not list(result.glob("overview.[sp]*[gf]"))[1:]  # PDF and SVG only where asked for
    english, persian = (
        (folder / "overview.caption.md").read_text(encoding="utf-8") for folder in (result, place / "vector")
    )
    assert "n = 1 run" in english
    assert not_persian(persian.replace("mahalle compare", "").replace("n = ", "")) == []


def test_what_is_of_councils_is_drawn_only_where_there_are_councils(run, without_councils, squares):
    assert run.city.councils.max() > 0
    assert without_councils.city.councils.max() == 0

    def seen(one):
        figure = drawn_of(one, squares)
        rings = [line for axes in figure.axes for line in axes.lines if line.get_markerfacecolor() == "white"]
        return {float(value) for line in rings for value in np.atleast_1d(line.get_ydata())}, said_on(figure)

    claimed, said = seen(run)
    assert claimed == {200.0, 3.0}
    for words in ("trust in the council", "councils', finished", "first councils"):
        assert words in said
    claimed, said = seen(without_councils)
    assert claimed == {3.0}  # that of the municipality's own works, which there are
    for words in ("trust in the council", "councils', finished", "councils,", "mayors"):
        assert words not in said
    assert "No council in any week" in said


def test_the_figure_leaves_the_importers_settings_alone(run, squares):
    with mpl.rc_context({"font.size": 31.0, "axes.facecolor": "red"}):
        before = dict(mpl.rcParams)
        figure = drawn_of(run, squares)
        assert dict(mpl.rcParams) == before
    assert figure.axes[-1].get_facecolor() == (1.0, 1.0, 1.0, 1.0)


def test_claimed_figures_are_labelled_as_claimed(run, squares):
    claim = SimpleNamespace(outcome="council_projects_finished", value=2.0, week=30)
    figure = drawn_of(run, squares, claims=[claim])
    labels = [text.get_text() for axes in figure.axes if axes.get_legend() for text in axes.get_legend().get_texts()]
    assert labels.count("claimed") == 1


def test_a_run_of_one_week_can_be_drawn(place, tmp_path):
    run_command("run", place / "city.yaml", "--weeks", 1, "--out", tmp_path / "short")
    assert (tmp_path / "short" / "overview.png").stat().st_size > 10_000
