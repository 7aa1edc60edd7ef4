"""Where a figure comes from, written into the file itself: PNG, PDF and SVG have places for it.

So a picture that somebody finds in a paper or a mail tells what it was made of, and `mahalle reproduce FILE` makes it
again. The text is JSON in ASCII, in the field `Description` of PNG and SVG and in `Keywords` of PDF.
"""

from __future__ import annotations

import codecs
import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from PIL import Image, UnidentifiedImageError

from sim.errors import ConfigError

LONGEST = 20_000_000
"""Bytes of a picture beyond which no stamp is looked for: figures of the paper have far fewer."""

_DESCRIPTION = "{http://purl.org/dc/elements/1.1/}description"
_KEYWORDS = re.compile(rb"/Keywords \((?P<text>(?:[^()\\]|\\.)*)\)", re.DOTALL)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)


def save_stamped(figure: Figure, path: Path, stamp: Mapping[str, Any], kind: str = "") -> None:
    """Write a figure with its stamp; equal figures and stamps give equal bytes under one version of Matplotlib.

    Args:
        figure: drawn, in its style.
        path: where to.
        stamp: plain data.
        kind: pdf, svg or png; what the path ends in if empty.
    """
    text = json.dumps(stamp, sort_keys=True, separators=(",", ":"))
    kind = kind or path.suffix[1:]
    if kind == "pdf":
        fields: dict[str, Any] = {"Keywords": text, "Creator": "mahalle", "Producer": None, "CreationDate": None}
    elif kind == "svg":
        fields = {"Description": text, "Creator": "mahalle", "Date": None}
    else:
        fields = {"Description": text, "Software": "mahalle"}
    figure.savefig(path, format=kind, metadata=fields)


def stamp_in(path: Path) -> dict[str, Any]:
    """The stamp of a figure.

    Raises:
        ConfigError: the file is no picture of ours, or cannot be read.
    """
    try:
        if path.stat().st_size > LONGEST:
            raise ConfigError("is too large for a figure of the paper", source=path)
        text = _READERS.get(path.suffix.lower(), _none)(path)
        stamp = json.loads(text)
    except (ValueError, ElementTree.ParseError, UnidentifiedImageError):
        stamp = None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror or error}", source=path) from None
    if not isinstance(stamp, dict) or not isinstance(stamp.get("figure"), str):
        raise ConfigError("does not say how it was made: it is no PNG, PDF or SVG of mahalle figures", source=path)
    return stamp


def _png(path: Path) -> str:
    with Image.open(path, formats=["PNG"]) as image:
        return str(image.info.get("Description", ""))


def _svg(path: Path) -> str:
    found = next(ElementTree.parse(path).iter(_DESCRIPTION), None)  # one element of a bounded file
    return "" if found is None else (found.text or "")


def _pdf(path: Path) -> str:
    found = _KEYWORDS.search(path.read_bytes())
    if found is None:
        return ""
    text = _ESCAPED.sub(rb"\1", found["text"])
    return text.decode("utf-16") if text.startswith(codecs.BOM_UTF16_BE) else text.decode("latin-1")


def _none(path: Path) -> str:
    return ""


_READERS = {".png": _png, ".svg": _svg, ".pdf": _pdf}
