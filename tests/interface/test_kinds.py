"""Each command refuses files of another kind in one line that says what the file is and what takes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.cli import main

ROOT = Path(__file__).resolve().parents[2]
CITY, POLICY = ROOT / "configs/cities/rafsanjan.yaml", ROOT / "configs/policies/tokenism.yaml"
EXPERIMENT = ROOT / "configs/experiments/delegated_share.yaml"
CALIBRATION = ROOT / "configs/calibrations/rafsanjan.yaml"
ELECTION = ROOT / "configs/cities/own_data/ballot.pb"

IS = {
    CITY: "is a city config: mahalle run takes it",
    POLICY: "is a policy: give it to mahalle run with --policy",
    EXPERIMENT: "is an experiment: give it to mahalle sweep",
    CALIBRATION: "is a calibration: give it to mahalle calibrate",
    ELECTION: "is an election in the Pabulib format: give it to mahalle count",
}
TAKES = {"run": CITY, "validate": CITY, "sweep": EXPERIMENT, "calibrate": CALIBRATION}


@pytest.mark.parametrize(
    ("command", "file"),
    [(command, file) for command, own in TAKES.items() for file in IS if file != own],
    ids=lambda item: item if isinstance(item, str) else item.name,
)
def test_a_file_of_another_kind_is_refused_in_one_line(command, file, capsys, tmp_path):
    assert main([command, str(file), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert IS[file] in said[0]
    assert said[0].startswith(str(file))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("file", [CITY, POLICY, EXPERIMENT, CALIBRATION], ids=lambda file: file.name)
def test_what_is_no_election_is_not_counted(file, capsys):
    assert main(["count", str(file), "--rule", "greedy"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert IS[file] in said[0]
