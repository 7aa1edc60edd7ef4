"""Experiments: a base, what is varied, a design, replications and outcomes."""
