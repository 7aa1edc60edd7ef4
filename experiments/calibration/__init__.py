"""Calibration: which values of the behaviour are compatible with figures that are claimed, and what those teach."""
