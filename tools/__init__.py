"""Developers' own: generators of documents, reference tables, coverage of the calibration. No wheel holds them."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
"""The project's folder."""

__all__ = ["ROOT"]
