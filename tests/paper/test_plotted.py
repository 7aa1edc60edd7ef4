"""A picture of `mahalle plot` tells the command that made it, as it works from here, and is made again and compared."""

import shlex
import shutil

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import experiments
from experiments.cli import main

SWEEP = """
title: {en: Shares, fa: سهم‌ها}
base: rafsanjan
levers: {policy.authority.delegated_share: [0, 1]}
design: {kind: grid}
replications: 2
run: {scale: 0.01, weeks: 13}
outcomes: [{trust_in_municipality: last}]
"""
SHARE = "policy.authority.delegated_share"


@pytest.fixture(scope="module")
def swept(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plotted")
    (folder / "shares.yaml").write_text(SWEEP, encoding="utf-8")
    experiments.run(folder / "shares.yaml", out=folder / "results/shares", workers=1)
    words = ["--x", SHARE, "--y", "trust_in_municipality", "--narrow", "--out", str(folder / "mine/picture")]
    assert main(["plot", str(folder / "results/shares"), *words]) == 0
    return folder


@pytest.fixture
def here(swept, tmp_path, monkeypatch):
    folder = shutil.copytree(swept, tmp_path / "here")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_command_works_from_here_and_gives_the_same_picture(kind, here, capsys):
    picture = f"mine/picture.{kind}"
    assert main(["reproduce", picture]) == 0
    command, verdict = capsys.readouterr().out.splitlines()
    assert verdict == f"{picture}: the same"
    program, *words = shlex.split(command)
    assert program == "mahalle"
    before = (here / picture).read_bytes()
    (here / picture).unlink()
    assert main(words) == 0
    assert (here / picture).read_bytes() == before


def test_a_plot_that_was_painted_on_differs(here, capsys):
    path = here / "mine/picture.png"
    with Image.open(path) as image:
        note = PngInfo()
        note.add_text("Description", image.info["Description"])
        painted = image.convert("RGB")
    painted.paste((0, 0, 0), (0, 0, 300, 300))
    painted.save(path, pnginfo=note)
    assert main(["reproduce", "mine/picture.png"]) == 1
    assert "mine/picture.png: differs: its pixels differ" in capsys.readouterr().err


def test_without_its_sweep_the_command_has_a_gap_for_the_folder(here, capsys):
    shutil.move(here / "results/shares", here / "results/renamed")
    shutil.copytree(here / "mine", here / "results/shares")  # a folder of that name which is no such sweep
    assert main(["reproduce", "mine/picture.png"]) == 2
    said = capsys.readouterr().err.strip()
    assert said == (
        'mine/picture.png: was drawn of the sweep "shares", which is neither beside it nor here: mahalle plot FOLDER '
        f"--x {SHARE} --y trust_in_municipality:last --narrow"
    )
