"""Passes compiled (`sim.compiling`) from rules: each applies them to one resident, seat or project after another.

The rules are those of `sim.rules`, compiled for numbers; what is here is what phases do with them row by row. Columns
of residents, (N,), of seats and of neighbourhoods, (M,), are written in place. A module for each phase that needs some.
"""
