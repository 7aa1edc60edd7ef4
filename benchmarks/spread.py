"""The illness that spreads in the peers, the same in each: weekly steps on a random network that stays."""

MEAN_TIES = 10
ILL_AT_START = 0.1
RISK_PER_TIE = 0.02
"""Chance, a week, that a tie who is ill passes the illness on."""

WEEKS_ILL = 20
