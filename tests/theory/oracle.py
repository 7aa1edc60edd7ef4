"""Elections counted by pabutools, by the rules that ours are compared with."""

from __future__ import annotations

from typing import Any


def elected_by_pabutools(rules: Any, instance: Any, profile: Any, options: dict[str, Any], rule: str) -> list[int]:
    """Numbers of the elected, ascending.

    Args:
        rules: the module pabutools.rules.
        instance, profile: the election; projects are named by their numbers.
        options: satisfaction and tie-breaking.
        rule: "greedy", or a completion of Equal Shares: "none", "add1" or "add1_exhaustive".
    """
    shares, greedy = rules.method_of_equal_shares, rules.greedy_utilitarian_welfare
    if rule == "greedy":
        outcome = greedy(instance, profile, **options)
    elif rule == "none":
        outcome = shares(instance, profile, **options)
    elif rule == "add1_exhaustive":
        outcome = rules.completion_by_rule_combination(
            instance, profile, [shares, greedy], [options | {"voter_budget_increment": 1}, options]
        )
    else:
        voters = len(profile)
        raised = rules.exhaustion_by_budget_increase(
            instance,
            profile,
            shares,
            dict(options),
            exhaustive_stop=False,
            budget_step=voters,
            # At the sum of costs each, everything with a vote is elected: there our rule stops, and here the bound.
            budget_bound=voters * (sum(project.cost for project in instance) + 1),
        )
        outcome = greedy(instance, profile, **options, initial_budget_allocation=raised)
    return sorted(int(project.name) for project in outcome)
