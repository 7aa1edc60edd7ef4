"""One study: request and options, store, runner, executors, progress and verification of every analysis."""
