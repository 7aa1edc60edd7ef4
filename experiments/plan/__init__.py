"""A locked plan: what is asked and expected is written down before any run, and the report answers exactly that."""
