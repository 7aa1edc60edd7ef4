"""The outcomes, each declared beside the function that works it out (`sim.outcome`).

A module put into this folder is read as well: its outcomes are the last columns of their tables.
"""

from importlib import import_module
from pkgutil import iter_modules

_IN_ORDER = (
    "clock", "trust", "participation", "councils", "projects", "choice", "services", "learning", "ties", "money",
    "participants", "neighbourhoods", "groups", "start",
)  # fmt: skip
"""Modules in the order of the columns."""

for _name in dict.fromkeys((*_IN_ORDER, *sorted(module.name for module in iter_modules(__path__)))):
    import_module(f"{__name__}.{_name}")
