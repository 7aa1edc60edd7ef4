"""The paper's figures: made from nothing as the reference has them, legible, stamped, made anew only where stale."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from experiments.cli import main
from experiments.figure_files import FORMATS
from experiments.figures.sheet import Sheet
from experiments.figures.stamps import save_stamped, stamp_in
from experiments.figures.style import new_figure
from experiments.least import least_that_matters
from experiments.paper import forecasting
from experiments.paper.building import Paper, build
from experiments.paper.checking import differences_of_tables
from experiments.paper.figure import figures_in, load_figure
from experiments.paper.registry import drawings
from experiments.paper.sources import Hands
from experiments.paper.tables import read_table, write_table
from experiments.study.watching import duration
from experiments.sweeps.command import Pilot
from sim.errors import ConfigError
from tests.copies import carry_compiled
from tests.paper.boxes import faults
from tests.paper.conftest import MADE, NAMES, ROOT, figure_of, figures, mahalle, table_of

FIGURES = ROOT / "configs/figures"


def drawn(figure, folder, language):
    sheet = figure.sheet(language)
    with sheet.styled():
        return figure.drawing.kind.draw(table_of(figure, folder), figure.options, sheet)


# ---------------------------------------------------------------- what is there


def test_there_are_fourteen_figures_with_numbers_from_1_to_14():
    assert [figure.form.number for figure in figures()] == list(range(1, 15))


def test_every_drawing_is_used_by_a_figure():
    assert {figure.form.drawing for figure in figures()} == set(drawings())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["en", "fa"])
def test_no_words_are_cut_or_lie_over_each_other(name, language, paper_folder):
    figure = figure_of(name)
    with figure.sheet(language).styled():
        assert faults(drawn(figure, paper_folder, language)) == []


@pytest.mark.parametrize("name", MADE)
def test_each_figure_is_there_in_both_languages_and_three_formats_with_a_caption(name, paper_folder):
    paper, figure = Paper(paper_folder), figure_of(name)
    for language in ("en", "fa"):
        for kind in FORMATS:
            assert paper.picture(figure, language, kind).stat().st_size > 5_000
        caption = paper.picture(figure, language, "md").read_text(encoding="utf-8")
        assert "{" not in caption
        assert caption.startswith("Figure " if language == "en" else "شکل ")


@pytest.mark.parametrize("name", MADE)
def test_persian_captions_have_persian_digits_outside_names(name, paper_folder):
    caption = Paper(paper_folder).picture(figure_of(name), "fa", "md").read_text(encoding="utf-8")
    assert not [letter for letter in caption if letter in "0123456789"]


def test_a_figure_that_words_lie_over_each_other_in_is_found():
    figure = new_figure(2.0, 1.0, 100)
    figure.text(0.1, 0.5, "one text here")
    figure.text(0.2, 0.5, "another on it")
    figure.text(0.9, 0.9, "cut by the page")
    said = faults(figure)
    assert any("lies over" in line for line in said)
    assert any("is cut by the page" in line for line in said)


# ---------------------------------------------------------------- stamps


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("language", ["en", "fa"])
def test_a_picture_says_how_it_was_made(kind, language, paper_folder):
    figure = figure_of("rollout")
    stamp = stamp_in(Paper(paper_folder).picture(figure, language, kind))
    assert (stamp["figure"], stamp["quick"], stamp["language"]) == ("rollout", True, language)
    assert {"asked", "model", "version", "table", "seed", "place_seed", "n"} <= set(stamp)
    assert stamp["seed"] == figure.source.experiment.seed  # the base's own seed decides no run
    # No run makes the numbers of the last figure.
    assert "model" not in stamp_in(Paper(paper_folder).picture(figures()[-1], language, kind))


@pytest.mark.parametrize("language", ["en", "fa"])
def test_fonts_of_a_pdf_are_truetype_and_letters_of_a_word_stay_in_place(language, tmp_path):
    sheet, path = Sheet(language), tmp_path / "figure.pdf"
    with sheet.styled():
        figure = sheet.new(1.0)
        figure.text(0.1, 0.5, sheet.say("Residents", "هفته‌های‌گزارش‌شده"))
        save_stamped(figure, path, {})
    written = path.read_bytes()
    assert b"/Type3" not in written
    assert b"/FontFile2" in written
    assert len(written) < 20_000  # the letters used, not the whole font
    page = zlib.decompress(re.findall(rb"stream\r?\n(.*?)\r?\nendstream", written, re.DOTALL)[0])
    (text,) = re.findall(rb"BT\n(.*?)ET\n", page, re.DOTALL)
    assert text.count(b" Tf\n") == 1  # Matplotlib 3.11 moves a letter twice where the font changes before it


@pytest.mark.parametrize("kind", FORMATS)
def test_equal_figures_have_equal_bytes(kind, paper_folder, tmp_path):
    figure = figure_of("cost")
    for name in ("one", "other"):
        with figure.sheet("fa").styled():
            save_stamped(drawn(figure, paper_folder, "fa"), tmp_path / f"{name}.{kind}", {"figure": "cost"})
    assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"other.{kind}").read_bytes()


@pytest.mark.parametrize("name", ["picture.png", "picture.svg", "picture.pdf", "picture.txt"])
@pytest.mark.parametrize("content", [b"", b"<svg/>", b"\x89PNG\r\n", b"/Keywords (not JSON)", b"/Keywords (12)"])
def test_what_is_no_picture_of_ours_is_refused(name, content, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigError, match="does not say how it was made"):
        stamp_in(tmp_path / name)


def test_a_picture_is_made_again_from_itself(paper_folder, tmp_path):
    for kind in FORMATS:
        picture = tmp_path / f"found.{kind}"
        shutil.copyfile(paper_folder / f"figures/rollout.fa.{kind}", picture)
        done = mahalle("reproduce", picture, "--out", paper_folder)
        assert (done.returncode, done.stdout) == (0, f"{picture}: the same\n"), done.stderr


def test_a_picture_that_was_painted_on_differs(paper_folder, tmp_path):
    with Image.open(paper_folder / "figures/cost.en.png") as image:
        text = image.info["Description"]
        pixels = np.array(image.convert("RGB"))
    pixels[:, : pixels.shape[1] // 2] = 0
    from PIL.PngImagePlugin import PngInfo

    note = PngInfo()
    note.add_text("Description", text)
    Image.fromarray(pixels).save(tmp_path / "painted.png", pnginfo=note)
    done = mahalle("reproduce", tmp_path / "painted.png", "--out", paper_folder)
    assert done.returncode == 1
    assert "pixels differ" in done.stderr


def test_a_figure_of_one_s_own_says_how_it_is_found(tmp_path):
    """A picture knows the name of its figure, not the folder of its file, which is another on each machine."""
    picture = tmp_path / "mine.png"
    save_stamped(new_figure(1.0, 1.0, 72), picture, {"figure": "mine", "quick": True, "language": "en"})
    done = mahalle("reproduce", picture, "--out", tmp_path / "out")
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith(f'{picture}: no figure of the program is called "mine"')
    assert line.endswith("for one of your own add --figures FOLDER, the folder of its file")
    with pytest.raises(ConfigError, match='"mine" in that folder') as refused:
        figures_in(FIGURES, ["mine"])
    assert "--figures" not in str(refused.value)


# ---------------------------------------------------------------- made anew only where stale


def steps(folder, names, figures=FIGURES):
    """What is done to bring figures up to date."""
    said: list[str] = []
    with ThreadPoolExecutor(1) as executor:
        build(figures_in(figures, names, quick=True), folder, Hands(executor, 1, None, said.append), said.append)
    return [line for line in said if line.endswith((": runs", ": table", ": pictures"))]


@pytest.fixture
def copy_of_paper(paper_folder, tmp_path):
    """A copy of two figures' results that may be spoilt."""
    folder = tmp_path / "paper"
    shutil.copytree(paper_folder, folder)
    steps(folder, ["rollout", "cost"])  # whoever is moved is looked at once
    return folder


def test_partial_pictures_of_killed_processes_are_swept_away(tmp_path, monkeypatch):
    dead, alive = 2**22 + 1, os.getpid()  # numbers of processes end before the first
    (tmp_path / "figures").mkdir()
    left, others = (tmp_path / f"figures/.cost.en.pdf.{number}.partial" for number in (dead, alive))
    for path in (left, others):
        path.touch()
    monkeypatch.setattr("experiments.paper.building._tasks", lambda *_: [])
    steps(tmp_path, ["cost"])
    assert not left.exists()
    assert others.exists()  # a process that is at work writes it


def test_what_is_up_to_date_stays(copy_of_paper):
    assert steps(copy_of_paper, ["rollout", "cost"]) == []


def test_a_change_of_our_source_does_again_what_hangs_on_it(tmp_path, paper_folder):
    """A colour draws, a least difference makes tables, and what measures in runs runs; in a copy, but for the model."""
    for name in ("experiments", "configs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(paper_folder, tmp_path / "out")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}  # the model is this tree's
    words = ["figures", "rollout", "--quick", "--out", "out"]
    assert mahalle(*words, cwd=tmp_path, env=environment).returncode == 0  # what is moved is looked at once
    for file, old, new, done in (
        ("figures/style.py", "#D55E00", "#D55E01", {"pictures"}),
        ("least.py", "SURVEY = 0.02", "SURVEY = 0.03", {"table", "pictures"}),
        ("patterns.py", "The 28 patterns", "All 28 patterns", {"runs", "table"}),
    ):
        source = tmp_path / "experiments" / file
        text = source.read_text(encoding="utf-8")
        assert old in text
        source.write_text(text.replace(old, new, 1), encoding="utf-8")
        said = mahalle(*words, cwd=tmp_path, env=environment).stderr
        steps = [line for line in said.splitlines() if line.endswith((": runs", ": table", ": pictures"))]
        found = {line.rpartition(": ")[2] for line in steps}
        assert found - {"pictures"} == done - {"pictures"}, file
        assert not done >= {"pictures"} or "pictures" in found, file


def test_more_replications_are_another_question():
    one, other = (
        figures_in(FIGURES, ["rollout"], quick=True)[0].source.__class__(
            ROOT / "configs/experiments/naive_and_paired.yaml", {"replications": count}
        )
        for count in (4, 400)
    )
    assert one.digest != other.digest
    assert figures_in(FIGURES, ["rollout"], quick=True)[0].runs != figures_in(FIGURES, ["rollout"])[0].runs


def test_a_folder_holds_one_form(paper_folder):
    done = mahalle("figures", "cost", "--out", paper_folder)
    assert done.returncode == 2
    assert "another form" in done.stderr


def test_another_model_runs_again_and_draws_nothing_where_the_table_is_the_same(copy_of_paper, monkeypatch):
    from experiments.paper import building

    real = building.circumstances
    monkeypatch.setattr(building, "model_digest", lambda loaded: "another model")
    monkeypatch.setattr(building, "circumstances", lambda loaded: {**real(loaded), "model_digest": "another model"})
    done = steps(copy_of_paper, ["rollout"])
    assert [step.rpartition(": ")[2] for step in done] == ["runs", "table"]


def test_a_spoilt_picture_and_a_spoilt_table_are_made_again(copy_of_paper):
    before = (copy_of_paper / "tables/rollout.csv").read_bytes()
    (copy_of_paper / "figures/rollout.en.png").write_bytes(b"spoilt")
    assert steps(copy_of_paper, ["rollout"]) == ["rollout: pictures"]
    (copy_of_paper / "tables/rollout.csv").write_text("spoilt\n")
    assert "rollout: table" in steps(copy_of_paper, ["rollout"])
    assert (copy_of_paper / "tables/rollout.csv").read_bytes() == before


def test_a_figure_killed_in_the_middle_loses_nothing(paper_folder, tmp_path):
    folder = tmp_path / "killed"
    asked = ["figures", "rollout", "--quick", "--out", str(folder), "--workers", "1"]
    words = [sys.executable, "-m", "experiments", *asked]
    process = subprocess.Popen(words, cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True)
    while process.poll() is None and not list(folder.glob("runs/*/shards/*.parquet")):
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    kept = {path.name: path.read_bytes() for path in folder.glob("runs/*/shards/*.parquet")}
    assert kept
    done = mahalle("figures", "rollout", "--quick", "--out", folder)
    assert done.returncode == 0, done.stderr
    for path in folder.glob("runs/*/shards/*.parquet"):
        assert kept.get(path.name, path.read_bytes()) == path.read_bytes()
    assert (folder / "tables/rollout.csv").read_bytes() == (paper_folder / "tables/rollout.csv").read_bytes()
    for kind in ("png", "svg"):
        assert (folder / f"figures/rollout.en.{kind}").read_bytes() == (
            paper_folder / f"figures/rollout.en.{kind}"
        ).read_bytes()


def test_a_changed_default_of_the_model_names_the_figures_that_moved(tmp_path):
    """The source is copied and one default changed; figure 14 has no runs and must not be among those that moved."""
    for name in ("sim", "experiments", "configs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "results").mkdir()
    shutil.copytree(ROOT / "results/reference", tmp_path / "results/reference")
    carry_compiled(tmp_path)
    file = tmp_path / "sim/population.py"
    text = file.read_text(encoding="utf-8")
    default = "resources_mean: float = parameter(\n        0.5,"
    assert default in text
    file.write_text(text.replace(default, default.replace("0.5", "0.6")), encoding="utf-8")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = mahalle("reproduce", "rollout", "cost", "--quick", "--check", cwd=tmp_path, env=environment)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 figure of 1 differ: rollout" in done.stderr
    assert "column value, row" in done.stderr


# ---------------------------------------------------------------- tables and their comparison


def test_a_table_read_again_is_the_same(tmp_path):
    table = pd.DataFrame({"outcome": ["a", "", "nan?"], "value": [0.1, float("nan"), 1e-12], "week": [1, 2, 3]})
    write_table(table, tmp_path / "table.csv")
    pd.testing.assert_frame_equal(read_table(tmp_path / "table.csv"), table)


def test_differences_name_column_row_and_size():
    one = pd.DataFrame({"outcome": ["trust", "hope"], "value": [0.5, 0.25]})
    other = one.assign(value=[0.5, 0.26])
    assert differences_of_tables(one, one.copy()) == []
    assert differences_of_tables(one, one.assign(value=[0.5, 0.25 + 1e-10])) == []
    assert differences_of_tables(one, other) == [
        "column value, row 2 (hope): 0.26, in the reference 0.25, a difference of +0.01"
    ]
    assert differences_of_tables(one, one.head(1)) == ["1 rows, in the reference 2"]
    assert "columns are" in differences_of_tables(one, one.rename(columns={"value": "values"}))[0]
    assert differences_of_tables(one, one.assign(outcome=["trust", "fear"]))[0].startswith("column outcome, row 2")


def test_the_least_difference_that_matters():
    assert least_that_matters("trust_in_municipality:last", 0.4) == 0.02
    assert least_that_matters("participation_rate[sex=woman]:mean(1-2)", 0.04) == 0.02
    assert least_that_matters("service_gini", 0.1) == 0.01
    assert least_that_matters("money_leaked:last", 40.0) == pytest.approx(2.0)
    assert np.isnan(least_that_matters("council_projects_finished", 0.0))


# ---------------------------------------------------------------- files of figures


def written(folder, **changes):
    data = json.loads(json.dumps({
        "number": 1, "drawing": "rollout", "title": {"en": "t", "fa": "ع"}, "caption": {"en": "c", "fa": "ش"},
        "data": {"kind": "sweep", "file": str(ROOT / "configs/experiments/naive_and_paired.yaml")},
        "options": {"base": "status_quo", "week": 84, "outcomes": ["service_level"], "arms": [
            {"at": {"policy": "as_reported", "policy.rollout.order": "random"}, "en": "lot", "fa": "قرعه"}]},
    }))  # fmt: skip
    for key, value in changes.items():
        target = data
        *groups, last = key.split("__")
        for group in groups:
            target = target[group]
        target[last] = value
    path = folder / "figure.yaml"
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"drawing": "rolout"}, 'no such drawing: "rolout"; did you mean "rollout"'),
        ({"data__kind": "swep"}, 'no such kind of data: "swep"; did you mean "sweep"'),
        ({"data__kind": "validation"}, "draws data of the kind sweep, not validation"),
        ({"data__file": "nowhere.yaml"}, "no such file"),
        ({"options__weeks": 3}, "weeks"),
        ({"options__week": 0}, "options.week"),
        ({"caption__en": "of {m} runs"}, "{m} is not known"),
        ({"caption__en": "of {n runs"}, "braces stand around names"),
        ({"number": 0}, "number"),
        ({"data__set": {"replicatons": 3}}, "replicatons"),
    ],
)
def test_a_faulty_file_is_refused_with_its_line(changes, problem, tmp_path):
    path = written(tmp_path, **changes)
    with pytest.raises(ConfigError) as refusal:
        load_figure(path)
    assert problem in str(refusal.value)
    assert str(refusal.value).startswith(f"{path}:"), str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_sound_file_is_read_and_two_of_one_number_are_refused(tmp_path):
    figure = load_figure(written(tmp_path))
    assert (figure.name, figure.form.width) == ("figure", "double")
    shutil.copyfile(tmp_path / "figure.yaml", tmp_path / "second.yaml")
    with pytest.raises(ConfigError, match="is the number of"):
        figures_in(tmp_path)


@pytest.mark.parametrize("words", [["99"], ["delegaton"], ["--reference", "nowhere", "--check", "cost"]])
def test_wrong_requests_are_one_line_and_status_2(words, tmp_path):
    done = mahalle("reproduce", *words, "--quick", "--out", tmp_path / "out")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) <= 4
    assert "Traceback" not in done.stderr


def test_the_table_of_times_is_that_of_the_benchmarks():
    from tools.paper import BENCHMARKS, COST, cost_table

    assert COST.read_text(encoding="utf-8") == cost_table(BENCHMARKS.read_text(encoding="utf-8"))


def test_every_pattern_and_part_has_a_persian_name():
    from experiments.pattern_names import PARTS, PERSIAN
    from experiments.patterns import PATTERNS

    assert set(PERSIAN) == {pattern.number for pattern in PATTERNS}
    assert set(PARTS) == {part for pattern in PATTERNS for part in pattern.accept}


def test_a_dry_run_says_how_many_runs_and_how_long_and_makes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(forecasting, "run_once", lambda: None)
    monkeypatch.setattr(forecasting, "pilot", lambda *_: Pilot(each=6.0, size=1.0, count=1, failed=()))
    words = ["figures", "programme", "who_gains", "delegation", "cost", "--quick", "--workers", "2", "--dry-run"]
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    named = {figure.name: figure.source.experiment for figure in figures_in(names=["1", "2"], quick=True)}
    runs = {name: len(own.points) * own.replications.count for name, own in named.items()}
    for name, count in runs.items():
        assert re.search(rf"{name}: sweep-\S+: {count} runs, {duration(count * 6.0 / 2)} \(6 s a run\)", said)
    assert re.search(r"who_gains: sweep-\S+ \(see above\)", said)
    assert re.search(r"cost: \S+: no runs", said)
    assert (
        f"\n{sum(runs.values())} runs, {duration(sum(runs.values()) * 3.0)} with 2 workers, if none is done yet" in said
    )
    assert not (tmp_path / "out").exists()


def test_runs_of_every_kind_of_study_are_counted(monkeypatch):
    monkeypatch.setattr(forecasting, "pilot", lambda *_: Pilot(each=1.0, size=1.0, count=1, failed=()))
    monkeypatch.setattr(forecasting, "_seconds", lambda work: 1.0)
    named = {figure.name: figure for figure in figures_in(quick=True)}
    works = {name: forecasting.work_of(figure.source) for name, figure in named.items()}
    assert works["cost"] is None
    assert (works["patterns"].least, works["memory"].least) == (3, 2)
    assert works["calibration"].in_words == "at least 12 runs"
    assert works["what_matters"].least == 16 + 4 * 3  # points of the screening; four of them again, three times


@pytest.mark.parametrize("command", ["figures", "reproduce"])
def test_a_missing_package_is_named_before_any_run(command, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pyabc", None)
    monkeypatch.setattr("experiments.paper.command.build", lambda *_: pytest.fail("runs were begun"))
    assert main([command, "programme", "calibration", "--quick", "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.splitlines() == ["figure calibration: needs pyabc: pip install 'mahalle[calibrate]'"]
    assert not (tmp_path / "out").exists()
