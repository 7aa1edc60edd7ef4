"""`mahalle validate` as users meet it, and what docs/validation.md says of it."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from experiments.cli import main
from experiments.figure_files import files_of_figure
from experiments.measuring import NotTestable
from experiments.patterns import PATTERNS
from experiments.study.work import FailedRunError
from experiments.sweeps.experiment import PLACE_SEED, place_seeds
from experiments.validation import command, replications
from experiments.validation.reasons import reason_of
from experiments.validation.replications import Validation, from_table, judge, replicate, seeds_of, to_table
from sim.config import Config, load_config
from sim.errors import ConfigError
from tests.inline import Inline
from tests.languages import not_persian, numbers_in
from tools import validation as kept

ROOT = Path(__file__).resolve().parents[2]
FILES = {
    *(
        "patterns.md",
        *files_of_figure("patterns"),
        "patterns.parquet",
        "replications.parquet",
        "config.yaml",
        "manifest.json",
    ),
    *("journal.jsonl", "shards"),
}

CITY = """
city: {title: {en: Six quarters, fa: شش محله}, neighbourhoods: {count: 6}}
policy: {rollout: {order: at_once, milestones: [{week: 4, share: 1.0}]}}
run: {weeks: 30, seed: 5}
"""

SOME = ("--pattern", "26", "--pattern", "13")
"""Patterns that cost little."""


def validate(config, out, *more):
    words = ["validate", config, "--scale", 0.01, "--replications", 3, "--out", out, *more]
    return main([*map(str, words)])


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    file = tmp_path_factory.mktemp("validation") / "city.yaml"
    file.write_text(CITY, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def result(city):
    assert validate(city, city.parent / "result", "--workers", "2", "--quiet") == 0
    return city.parent / "result"


def test_the_folder_holds_all_patterns_with_their_verdicts(result):
    assert {path.name for path in result.iterdir() if not path.name.startswith(".lock")} == FILES
    table = pd.read_parquet(result / "patterns.parquet")
    assert table.pattern.unique().tolist() == list(range(1, 29))
    assert set(table.verdict) <= {"met", "not met", "inconclusive"}
    # No calendar is claimed of this city, and its runs are too short for five patterns more.
    untold = table[table.part == ""].set_index("pattern").why
    assert untold.index.tolist() == [1, 2, 3, 5, 18, 21]
    assert "in this city" in untold[2]
    assert (table[table.part != ""].replications == 3).all()
    report = (result / "patterns.md").read_text(encoding="utf-8")
    assert all(f"\n| {number} | " in report for number in range(1, 29))
    assert "at least 80 % of the replications" in report
    manifest = json.loads((result / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["made_by"], manifest["seeds"], manifest["scale"]) == ("mahalle validate", [5, 6, 7], 0.01)


def test_a_result_may_be_replaced_by_another_and_says_what_it_is_on_the_screen(city, capsys):
    short = ("--set", "run.weeks=12", "--set", "policy.authority.mode=top_down", "--workers", "2")
    short = (*short, "--replications", "2")
    assert validate(city, city.parent / "screen", *short, "--quiet") == 0
    assert capsys.readouterr().out == ""
    assert validate(city, city.parent / "screen", *short) == 0
    said = capsys.readouterr().out
    assert (
        "Six quarters: 2 replications (seeds 5 to 6) in one place (seed 1), scale 0.01, 12 weeks; set: run.weeks=12"
        in said
    )
    assert "fit (3): met: 0; not met: 0; inconclusive: 3 (1, 2, 3)" in " ".join(said.split())
    assert "range known when defaults were chosen (13): met:" in " ".join(said.split())
    assert "11 inconclusive: no ballot on projects is held in this run" in said


def test_verdicts_are_printed_with_the_same_numbers_in_persian(city, result, capsys):
    texts = []
    for language in ("en", "fa"):
        assert validate(city, result, "--workers", "1", "--lang", language) == 0
        texts.append(capsys.readouterr().out.rpartition("\n" + {"en": "Time", "fa": "زمان"}[language])[0])
    english, persian = numbers_in(texts[0].replace("18-25s", "18 25")), numbers_in(texts[1])
    assert english.total() > 200
    assert english - persian == {"20": 1}  # of the ballots that pattern 8 names
    assert not persian - english
    assert set(not_persian(texts[1])) <= {"S"}  # of a curve
    assert "شش محله: ۳ تکرار (بذرهای تصادفی ۵ تا ۷) در یک مکان (بذر مکان ۱)" in texts[1]


def test_every_reason_of_a_measurement_has_persian():
    texts = set()
    for file in [ROOT / "experiments/measuring.py", *(ROOT / "experiments/validation/companions").glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "NotTestable":
                message = node.args[0]
                parts = message.values if isinstance(message, ast.JoinedStr) else [message]
                if not isinstance(message, ast.Name):  # a reason that a caller gives
                    texts.add("".join(str(getattr(part, "value", "")) if isinstance(part, ast.Constant) else "7"
                                      for part in parts))  # fmt: skip
    for pattern in PATTERNS:
        texts |= {pattern.inconclusive_if_unmet} - {""}
        try:
            pattern.measure(None)
        except NotTestable as reason:
            texts.add(str(reason))
        except AttributeError:  # it is measured in a run
            pass
    assert len(texts) > 25
    for text in texts:
        assert not re.search("[A-Za-z]", reason_of(text)["fa"]), text
    assert reason_of("nothing is reported about councils at week 84 in this city")["fa"].count("۸۴") == 1
    assert reason_of("an extension's own")["fa"] == "an extension's own"


def test_below_the_usual_scale_one_line_says_that_verdicts_depend_on_it(city, capsys):
    short = ("--replications", "1", "--workers", "1", "--set", "run.weeks=4", "--pattern", "13")
    for scale, said in (("0.01", 1), ("0.1", 0)):
        out = city.parent / f"scale {scale}"
        assert main(["validate", str(city), "--scale", scale, "--out", str(out), *short]) == 0
        printed = capsys.readouterr()
        assert printed.err.count("mahalle: caution: verdicts depend on scale") == said
        assert f"Six quarters: 1 replication (seed 5) in one place (seed 1), scale {scale}" in printed.out
    assert "Verdicts hold at this scale" in (out / "patterns.md").read_text(encoding="utf-8")


def test_few_residents_of_a_neighbourhood_are_cautioned_about(capsys):
    """A town of 10 neighbourhoods and 6,400 people, 5,171 of them old enough: 52 each at a tenth."""
    for scale, few in (("0.1", True), ("0.2", False)):
        assert main(["validate", "town", "--scale", scale, "--workers", "1", "--dry-run"]) == 0
        said = capsys.readouterr().err
        assert few == ("some patterns compare neighbourhoods, and about 52 residents are simulated in each" in said)
        assert few == ("raise --scale to 0.2" in said)


def test_a_validation_goes_on_where_it_was_and_takes_more_replications(city, tmp_path):
    """Replications that are there are not done again, and more give the same bytes as all at once."""
    folder, at_once = tmp_path / "grown", tmp_path / "at once"
    few = ("--replications", "1", "--workers", "1", "--quiet")
    assert main(["validate", str(city), "--scale", "0.01", "--out", str(folder), *SOME, *few]) == 0
    kept = {path.name: path.stat().st_mtime_ns for path in (folder / "shards").iterdir()}
    assert validate(city, folder, *SOME, "--workers", "2", "--quiet") == 0
    assert kept.items() <= {path.name: path.stat().st_mtime_ns for path in (folder / "shards").iterdir()}.items()
    assert validate(city, at_once, *SOME, "--workers", "2", "--quiet") == 0
    for name in ("patterns.parquet", "replications.parquet", "patterns.md"):
        assert (folder / name).read_bytes() == (at_once / name).read_bytes(), name
    assert main(["verify", str(folder), "--sample", "1"]) == 0
    table = folder / "replications.parquet"
    other = pd.read_parquet(table)
    other.loc[0, "value"] += 1e-9
    other.to_parquet(table, index=False)
    assert main(["verify", str(folder), "--sample", "0"]) == 1


def test_some_patterns_of_the_resolved_config_have_the_values_that_they_have_among_all(result, tmp_path, capsys):
    """And whether one worker does them, or two."""
    again = tmp_path / "some"
    assert validate(result / "config.yaml", again, *SOME, "--pattern", "4", "--pattern", "8", "--workers", "1") == 0
    assert "30 weeks; only patterns 4, 8, 13, 26" in capsys.readouterr().out
    for name in ("patterns.parquet", "replications.parquet"):
        every, some = pd.read_parquet(result / name), pd.read_parquet(again / name)
        of_them = every[every.pattern.isin([4, 8, 13, 26])].reset_index(drop=True)
        pd.testing.assert_frame_equal(some, of_them, check_dtype=False)  # counts that are missing elsewhere
    assert main(["verify", str(again), "--sample", "1"]) == 0
    with pytest.raises(ConfigError, match=r"is a validation of some patterns; all are needed$"):
        kept.store(again)


def test_another_city_is_not_written_over_what_is_there(result, city, capsys):
    before = (result / "patterns.parquet").read_bytes()
    assert validate(city, result, "--set", "run.weeks=12") == 2
    said = "holds the runs of another city, which differs in config.yaml: run.weeks; choose another folder, or --fresh"
    assert said in capsys.readouterr().err
    assert validate(city, result, "--pattern", "13") == 2
    assert "which differs in its data files or options" in capsys.readouterr().err
    assert validate(city, result, "--own-places") == 2
    assert "which differs in its data files or options" in capsys.readouterr().err
    assert (result / "patterns.parquet").read_bytes() == before


def test_a_replication_that_fails_is_named_and_done_again_when_asked(city, tmp_path, capsys, monkeypatch):
    def broken(config, patterns):
        raise ZeroDivisionError("nothing to divide")

    validation = Validation(load_config(city, values={"run.scale": 0.01, "run.weeks": 4}), patterns=(13,))
    again = {"out": tmp_path / "out", "executor": Inline(), "workers": 1}
    with monkeypatch.context() as patch:
        patch.setattr(replications, "measure", broken)
        with pytest.raises(FailedRunError, match=r"^seed 5: ZeroDivisionError: nothing"):
            replicate(validation, 2, **again)
    with pytest.raises(FailedRunError, match=r"--retry-failed does it again$"):
        replicate(validation, 2, **again)
    assert [one.seed for one in replicate(validation, 2, retry_failed=True, **again)] == [5, 6]


def test_a_dry_run_says_how_long_and_writes_nothing(city, tmp_path, capsys):
    assert validate(city, tmp_path / "none", "--set", "run.weeks=4", *SOME, "--workers", "2", "--dry-run") == 0
    assert capsys.readouterr().out.startswith("3 replications of ")
    assert not (tmp_path / "none").exists()


def test_replications_have_one_place_unless_each_is_to_have_its_own(city):
    config = load_config(city)
    first = config.run.place_seed
    for number in range(3):
        assert seeds_of(config, number, own_places=False) == {"run.seed": config.run.seed + number}
        own = {"run.seed": config.run.seed + number, PLACE_SEED: place_seeds(first, 3)[number]}
        assert seeds_of(config, number, own_places=True) == own


def test_only_what_is_wrong_with_the_scale_is_blamed_on_it(city, monkeypatch):
    """And what is wrong only at this scale keeps its key."""
    with pytest.raises(ConfigError, match=r"^--scale: must") as found:
        command.configure(command.Request(city, scale=7.0))
    assert found.value.key is None

    def refuse(config, values=True):
        if not values:
            return config
        raise ConfigError("is not there", source="city.yaml", key="city.network.file")

    with monkeypatch.context() as patch:
        patch.setattr(command, "with_absolute_files", refuse)
        with pytest.raises(ConfigError, match=r"^city\.yaml: city\.network\.file: is not there$"):
            command.configure(command.Request(city))
    monkeypatch.setattr(Config, "with_values", refuse)
    with pytest.raises(ConfigError, match=r"^--scale: city\.network\.file: is not there$"):
        command.configure(command.Request(city))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--set", "policy.hub.kind=school"], "kinds"),
        (["--scale", "7"], "--scale"),
        (["--replications", "0"], "--replications"),
        (["--pattern", "29"], "--pattern: 29: patterns are numbered 1 to 28"),
        (["--set", "city.claims=[{outcome: councls, week: 3}]"], "councils"),
    ],
)
def test_a_wrong_request_is_refused_at_once(city, capsys, more, message):
    assert validate(city, city.parent / "never", *more) == 2
    said = capsys.readouterr().err
    assert message in said
    assert len(said.splitlines()) <= 2
    assert not (city.parent / "never").exists()


def test_the_table_of_replications_gives_the_same_verdicts_again(result):
    table = pd.read_parquet(result / "replications.parquet")
    replications = from_table(table)
    assert to_table(replications).equals(table)
    verdicts = pd.read_parquet(result / "patterns.parquet").groupby("pattern").verdict.first()
    assert [one.word for one in judge(replications)] == verdicts.tolist()


def test_the_page_says_what_the_values_kept_say():
    """If this fails after a change of a range or of the rule: `python -m tools.validation`."""
    judged, provenance = kept.stored()
    page = kept.PAGE.read_text(encoding="utf-8")
    assert kept.with_block(page, kept.block(judged, provenance)) == page
    assert len(provenance["seeds"]) >= 10
    assert provenance["scale"] >= 0.1
    assert not provenance["git"]["dirty"]
    assert len(judged) == 28
    for one in judged:
        assert len(one.parts) == len(one.pattern.accept), one.pattern.number


def test_a_result_is_kept_and_the_page_told(result, tmp_path, monkeypatch):
    for name in ("VALUES", "PROVENANCE", "PAGE"):
        monkeypatch.setattr(kept, name, tmp_path / name)
    place = "<!-- validation: x -->\nWhat was said.\n<!-- end of validation -->\n"
    (tmp_path / "PAGE").write_text(f"Before.\n{place}After.\n", encoding="utf-8")
    assert kept.main([str(result)]) == 0
    text = (tmp_path / "PAGE").read_text(encoding="utf-8")
    assert text.startswith("Before.\n<!-- validation: x -->\n28 patterns, over 3 replications (seeds 5 to 7")
    assert text.endswith("<!-- end of validation -->\nAfter.\n")
    assert "What was said" not in text
    assert set(json.loads((tmp_path / "PROVENANCE").read_text())) == set(kept.KEPT)
