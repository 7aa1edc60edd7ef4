"""Impulse responses of the model for the documents: measured and kept."""
