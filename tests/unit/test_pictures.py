"""Pictures are written atomically: one that fails or is cut off leaves nothing that stays."""

from __future__ import annotations

import errno
from fnmatch import fnmatch

import pytest
from matplotlib.figure import Figure

from experiments.figure_files import FORMATS
from experiments.figures.pictures import save_pictures
from experiments.figures.stamps import stamp_in

STAMP = {"figure": "mine", "seed": 1}


@pytest.fixture
def figure():
    drawn = Figure(figsize=(1, 1))
    drawn.subplots().plot([0, 1])
    return drawn


def test_each_format_is_what_its_name_says(figure, tmp_path):
    assert save_pictures(figure, tmp_path, "mine", STAMP) == [f"mine.{kind}" for kind in FORMATS]
    assert {path.name: stamp_in(path) for path in tmp_path.iterdir()} == {f"mine.{kind}": STAMP for kind in FORMATS}


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_that_cannot_be_written_leaves_nothing(figure, kind, tmp_path, monkeypatch):
    while_writing = []

    def full(self, path, **_):
        path.write_bytes(b"half")
        while_writing.extend(entry.name for entry in tmp_path.iterdir())
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", full)
    with pytest.raises(OSError, match="No space"):
        save_pictures(figure, tmp_path, "mine", STAMP, [kind])
    assert list(tmp_path.iterdir()) == []
    (name,) = while_writing  # what a kill would leave, the next start must know
    assert fnmatch(name, ".*.partial")
