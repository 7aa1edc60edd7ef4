"""Persian letters of the brief: the fonts of figures with the letters that a text uses, put inside the page."""

from __future__ import annotations

import base64
import io

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from experiments.figures.style import FONTS, PERSIAN

_WEIGHTS = {"Regular": 400, "Bold": 700}


def faces_for(text: str) -> str:
    """Style rules with the fonts in them that write a text.

    Args:
        text: all letters that are written; any order.
    """
    return "\n".join(_face(name, weight, text) for name, weight in _WEIGHTS.items())


def _face(name: str, weight: int, text: str) -> str:
    data = base64.b64encode(_subset(name, text)).decode()
    source = f"url(data:font/woff;base64,{data}) format('woff')"
    return f"@font-face{{font-family:{PERSIAN};font-weight:{weight};src:{source}}}"


def _subset(name: str, text: str) -> bytes:
    """A font with the letters of a text and the forms that they take beside each other, as WOFF."""
    font = TTFont(FONTS / f"{PERSIAN}-{name}.ttf")
    subsetter = Subsetter(Options(layout_features=["*"], notdef_outline=True, hinting=False))
    subsetter.populate(text=text)
    subsetter.subset(font)
    font.flavor = "woff"
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()
