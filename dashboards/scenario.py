"""What Cleema would save under other assumptions: a reader's scenario, never the official figure.

The saving of an action is proportional to its additionality and to one minus its rebound, so a
scenario scales the official central value; all other assumptions and factors stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from queries.builds import records


@dataclass(frozen=True, slots=True)
class Scenario:
    """A reader's assumptions: shares between 0 and 1, and how many times as many people."""

    additionality: float
    rebound: float
    people: float


def total(actions: pd.DataFrame, assumptions: pd.DataFrame, chosen: Scenario) -> float:
    """Saving over all actions in kg CO2e. Raises ValueError where an action cannot be scaled."""
    return sum(
        float(row["value"]) * _scale(assumptions, row["action_code"], row["action_group"], chosen)
        for row in records(actions)
    )


def official(assumptions: pd.DataFrame, name: str, action: str, group: str) -> float:
    """Central value of an assumption; the narrowest scope counts: action, group, default."""
    known = assumptions[assumptions["assumption"] == name].set_index("scope")["central"]
    for scope in (action, group, "default"):
        if scope in known.index:
            return float(known[scope])
    raise ValueError(f"no value of {name} for {action}")


def _scale(assumptions: pd.DataFrame, action: str, group: str, chosen: Scenario) -> float:
    additionality = official(assumptions, "additionality", action, group)
    kept = 1 - official(assumptions, "rebound", action, group)
    if additionality == 0 or kept == 0:
        raise ValueError(f"the official saving of {action} is nothing, it cannot be scaled")
    # Without an official discount there is nothing the rebound could act on: money is not saved.
    rebound = 1 - chosen.rebound if kept < 1 else 1.0
    return chosen.people * chosen.additionality / additionality * rebound / kept
