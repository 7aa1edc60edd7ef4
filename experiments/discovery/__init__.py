"""Scenario discovery: where among the assumptions a policy fails, as boxes (PRIM; Friedman and Fisher 1999)."""

from experiments.discovery.boxes import Box, Discovery, discover
from experiments.discovery.cases import Cases, cases
from experiments.discovery.words import in_words

__all__ = ["Box", "Cases", "Discovery", "cases", "discover", "in_words"]
