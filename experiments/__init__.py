"""Many cities: the command line, results, patterns and figures around the model in `sim`."""
