"""Drawings of the paper's figures: one file each, found by being here."""
