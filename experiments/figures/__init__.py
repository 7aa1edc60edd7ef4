"""Figures, each a function from DataFrames to a Matplotlib figure."""
