"""How fast the plain model is: `python -m tests.docking.timing [residents [weeks]]`."""

import sys

from tests.docking.model import seconds_per_resident_week

if __name__ == "__main__":
    residents, weeks = ([int(argument) for argument in sys.argv[1:]] + [2_000, 52][len(sys.argv) - 1 :])[:2]
    seconds = seconds_per_resident_week(residents, weeks)
    print(f"plain model, about {residents:,} residents, {weeks} weeks: {seconds * 1e9:,.0f} ns per resident-week")
