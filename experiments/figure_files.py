"""Files that a command writes of one figure; a leaf, so that whoever only names them imports no Matplotlib."""

from __future__ import annotations

FORMATS = ("pdf", "svg", "png")


def caption_file(name: str) -> str:
    """The caption of a figure, beside its pictures."""
    return f"{name}.caption.md"


def files_of_figure(name: str) -> tuple[str, ...]:
    """All files of a figure: pictures and caption."""
    return (*(f"{name}.{kind}" for kind in FORMATS), caption_file(name))
