"""Is a conclusion an artefact? The hypotheses of a plan asked again in ways that should not matter."""
