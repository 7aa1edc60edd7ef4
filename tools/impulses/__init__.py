"""Impulse responses of the model for the documents: measured, kept and drawn."""
