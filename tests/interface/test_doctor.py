"""What is installed: `mahalle doctor`, `mahalle --version`, and what a shell completes."""

import os
import platform
import re
import subprocess
import sys

import pytest
from packaging.requirements import Requirement

from experiments import cli, doctor
from experiments.cli import main
from experiments.provenance import model_digest, version_of
from tests.interrupting import HANGING


def test_the_version_says_what_a_report_of_a_fault_needs(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == (
        f"mahalle {version_of('mahalle')} (model {model_digest()[:12]}), Python {platform.python_version()}\n"
    )


@pytest.mark.parametrize("language", ["en", "fa"])
@pytest.mark.parametrize("width", [None, 30, 120])
def test_doctor_breaks_no_word_in_a_pipe_or_a_terminal(language, width):
    path = "~/a/folder/with/a/name/that/is/longer/than/a/narrow/line"
    findings = [*doctor.examine(), doctor.Finding("caches", "good", ("Numba", "Numba"), (path, path))]
    lines = list(doctor.lines_of(findings, language, width))
    assert f"+ mahalle: {version_of('mahalle')}" in lines
    assert " ".join(" ".join(lines).split()).endswith(doctor.WORDS["sound"][language == "fa"])
    words = {word for line in lines for word in line.split()}
    assert path in words
    assert {word for line in doctor.lines_of(findings, language) for word in line.split()} == words
    if width is None:
        assert f"+ Numba: {path}" in lines
    else:
        assert all(len(line) <= width or len(line.split()) == 1 for line in lines)


@pytest.mark.parametrize("language", ["en", "fa"])
def test_each_finding_is_one_line_in_a_pipe(language, capsys):
    assert main(["doctor", "--lang", language]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"+ mahalle: {version_of('mahalle')}" in lines
    assert not [line for line in lines if line.startswith(" ")]


def test_a_package_that_is_missing_or_too_old_is_named(monkeypatch, capsys):
    needed = [Requirement("no-such-package>=1"), Requirement("numpy>=999"), Requirement("pandas")]
    assert doctor.missing_of(needed) == [("no-such-package", ""), ("numpy", version_of("numpy"))]
    monkeypatch.setattr(doctor, "needed_by", lambda extra="": [] if extra else needed)
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "! no-such-package: missing; needs >=1\n" in out
    assert f"! numpy {version_of('numpy')}: needs >=999\n" in out
    assert out.endswith("Something that is needed is missing.\n")
    assert main(["doctor", "--lang", "fa"]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "! no-such-package: نصب نیست؛ نسخه >=1 لازم است" in out
    assert f"! numpy {version_of('numpy')}: به نسخه >=999 نیاز دارد" in out


def test_doctor_counts_in_the_digits_of_the_language(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "needed_by", lambda extra="": [] if extra else [Requirement("pandas")] * 21)
    monkeypatch.setattr(doctor.os, "cpu_count", lambda: 16)
    said = {}
    for language in ("en", "fa"):
        assert main(["doctor", "--lang", language]) == 0
        said[language] = " ".join(capsys.readouterr().out.split())
    assert "+ packages: all 21 that are needed are installed" in said["en"]
    assert "+ CPU: 16 cores" in said["en"]
    assert "+ بسته‌ها: هر ۲۱ بسته لازم نصب است" in said["fa"]
    assert "+ پردازنده: ۱۶ هسته" in said["fa"]
    assert re.search(r"حافظه: [۰-۹٫]+ گیگابایت، [۰-۹٫]+ آزاد", said["fa"])
    assert ";" not in said["fa"]


def test_an_extra_that_is_missing_is_no_failure(monkeypatch, capsys):
    monkeypatch.setattr(
        doctor, "needed_by", lambda extra="": [Requirement("no-such-package")] if extra == "mpi" else []
    )
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "- mpi: sweeps under MPI; missing: no-such-package" in lines
    assert "To add an extra here: pip install 'mahalle[NAME]'" in lines


def test_extras_are_those_of_the_installed_program():
    assert "pyabc" in {one.name for one in doctor.needed_by("calibrate")}
    assert "numpy" in {one.name for one in doctor.needed_by()}
    assert "pyabc" not in {one.name for one in doctor.needed_by()}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_nobody_may_write_to_is_told(tmp_path):
    tmp_path.chmod(0o500)
    assert doctor.has_locks(tmp_path) is None
    tmp_path.chmod(0o700)
    assert doctor.has_locks(tmp_path) is True


# ---------------------------------------------------------------- completion


def completed(line, cwd):
    """What bash is told when the key is pressed at the end of a line."""
    environment = {
        **os.environ,
        "_MAHALLE_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split(" ")) - 1),
    }
    words = [sys.executable, "-c", "import sys; from experiments.cli import main; sys.exit(main())"]
    done = subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, timeout=HANGING)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("mahalle sens", ["sensitivity"]),
        ("mahalle run raf", ["rafsanjan"]),
        ("mahalle run rafsanjan --policy toke", ["tokenism"]),
        ("mahalle compare as_", ["as_is"]),
        ("mahalle sweep delegated", ["delegated_share"]),
        ("mahalle plan lock raf", ["rafsanjan"]),
        ("mahalle figures memo", ["memory"]),
        ("mahalle run mine", ["mine.yaml", "mine_too/"]),
        ("mahalle run --no-f", ["--no-figure"]),
    ],
)
def test_a_shell_completes_names_files_and_options(line, words, tmp_path, monkeypatch):
    (tmp_path / "mine.yaml").touch()
    (tmp_path / "mine.txt").touch()
    (tmp_path / "mine_too").mkdir()
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(os.path.abspath, filter(None, sys.path))))
    assert completed(line, tmp_path) == words


def test_the_script_for_bash_asks_the_command(capsys, monkeypatch):
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")  # a test need not run under a shell
    monkeypatch.setattr(cli, "_command", cli._command.__wrapped__)  # the shell is looked for when commands are made
    assert main(["--show-completion", "bash"]) == 0
    out = capsys.readouterr().out
    assert "_MAHALLE_COMPLETE=complete_bash" in out
    assert out.rstrip().endswith("mahalle")
