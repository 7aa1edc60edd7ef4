"""`python -m experiments`: the same as the command `mahalle`."""

from experiments.cli import main

if __name__ == "__main__":  # MPI's workers import this module too
    raise SystemExit(main())
