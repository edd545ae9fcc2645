"""Groups under ten people: an attacker who knows every published table and how it is made.

The unknowns are the amounts (and people) of every month, action and borough of the hand-made and
the random community; each published number is an equation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest
from scipy.optimize import linprog

from tests.dbt.cleema_built import CleemaMarts

pytestmark = pytest.mark.xdist_group("cleema")
K = 10


@dataclass(frozen=True)
class Cells:
    """Unknown of the attacker: amount and people of every month, action and borough."""

    keys: list[tuple[date, str, str]]
    people: np.ndarray
    amount: np.ndarray
    weights: dict[tuple[date, str], tuple[float, ...]]

    def where(self, month: date, action: str | None, boroughs: set[str] | None) -> np.ndarray:
        """1 for the cells of a month, of an action (None: any), in boroughs (None: all)."""
        return np.array(
            [
                float(m == month and action in {None, a} and (boroughs is None or b in boroughs))
                for m, a, b in self.keys
            ]
        )


@pytest.fixture(scope="module")
def cells(cleema: CleemaMarts) -> Cells:
    rows = cleema.rows("""
        SELECT month_start, action_code, borough, people, amount::DOUBLE
        FROM intermediate.int_cleema__blocks ORDER BY ALL
    """)
    weights = {
        (month, action): (gross, low, central, high)
        for month, action, gross, low, central, high in cleema.rows(
            "SELECT month_start, action_code, gross_kg_per_unit, low_kg_per_unit, "
            "central_kg_per_unit, high_kg_per_unit FROM intermediate.int_cleema__unit_savings"
        )
    }
    return Cells(
        [r[:3] for r in rows],
        np.array([float(r[3]) for r in rows]),
        np.array([r[4] for r in rows]),
        weights,
    )


def _published(
    cleema: CleemaMarts, cells: Cells
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Equations of all published sums: over amounts (kg) and, for single actions, over people."""
    rows = cleema.rows("""
        SELECT month_start, action_code, area_kind, replace(area_id, 'borough:', ''), people,
            gross_kg_co2e, saving_low_kg_co2e, saving_kg_co2e, saving_high_kg_co2e, is_suppressed
        FROM marts.fct_cleema_savings_monthly
    """)
    shown = {(m, a, b) for m, a, kind, b, *_, s in rows if kind == "borough" and not s}
    cities = {(m, a) for m, a, kind, *_, s in rows if kind == "city" and not s}
    open_slices = {(m, a) for m, a in cities if a != "all"}
    boroughs = {b for _, _, b in cells.keys}
    kg_left, kg_right, people_left, people_right = [], [], [], []
    for month, action, kind, area, people, *kg, suppressed in rows:
        if suppressed:
            continue
        coefficients = np.zeros((4, len(cells.keys)))
        for single in {a for m, a in open_slices if m == month and action in {a, "all"}}:
            hidden = {b for b in boroughs if (month, single, b) not in shown}
            inside = {"city": boroughs, "borough": hidden if area == "under_k" else {area} - hidden}
            members = cells.where(month, single, inside[kind])
            coefficients += np.outer(cells.weights[month, single], members)
            if action != "all":
                people_left.append(members)
                people_right.append(float(people))
        kg_left.extend(coefficients)
        kg_right.extend(kg)
    return tuple(np.array(x) for x in (kg_left, kg_right, people_left, people_right))


def test_the_attackers_equations_are_true(cleema: CleemaMarts, cells: Cells) -> None:
    """Else the attack below would prove nothing."""
    kg, right, people, heads = _published(cleema, cells)
    assert kg @ cells.amount == pytest.approx(right, abs=2e-3)
    assert people @ cells.people == pytest.approx(heads)


def test_no_hidden_cell_can_be_solved_for(cleema: CleemaMarts, cells: Cells) -> None:
    """A sum over cells follows from the published ones if it lies in the space of their rows.
    No single cell of fewer than ten people does, nor an action month that was left out."""
    kg, _, _, _ = _published(cleema, cells)
    scaled = kg / np.maximum(np.abs(kg).max(axis=1, keepdims=True), 1e-12)
    rank = np.linalg.matrix_rank(scaled)
    hidden = [i for i, people in enumerate(cells.people) if 0 < people < K]
    assert len(hidden) >= 8  # the random community gives the attack something to do
    for i in hidden:
        one = np.zeros(len(cells.keys))
        one[i] = 1.0
        assert np.linalg.matrix_rank(np.vstack([scaled, one])) == rank + 1, cells.keys[i]
    small = {(m, a) for m, a, _ in cells.keys if cells.where(m, a, None) @ cells.people < K}
    assert small, "the random community has no action month under ten people"
    for month, action in small:
        together = cells.where(month, action, None)
        assert np.linalg.matrix_rank(np.vstack([scaled, together])) == rank + 1


def test_the_attack_finds_a_careless_sum(cleema: CleemaMarts, cells: Cells) -> None:
    """Had the sums over actions counted a small action in, it could be solved for."""
    kg, _, _, _ = _published(cleema, cells)
    month, action = min(
        (m, a) for m, a, _ in cells.keys if cells.where(m, a, None) @ cells.people < K
    )
    careless = sum(
        np.outer(weights, cells.where(m, a, None))
        for (m, a), weights in cells.weights.items()
        if m == month
    )
    known = np.vstack([kg, careless])
    rank = np.linalg.matrix_rank(known)
    together = cells.where(month, action, None)
    assert np.linalg.matrix_rank(np.vstack([known, together])) == rank


def test_no_hidden_cell_can_be_bounded_below_ten(cleema: CleemaMarts, cells: Cells) -> None:
    """The most people a hidden cell may have, given all published counts, is ten or more."""
    _, _, left, right = _published(cleema, cells)
    published = left.any(axis=0)
    for i, people in enumerate(cells.people):
        if not published[i] or people >= K:
            continue
        goal = np.zeros(len(cells.keys))
        goal[i] = -1.0
        bound = linprog(goal, A_eq=left, b_eq=right, bounds=(0, 1000), method="highs")
        assert bound.status == 0
        assert -bound.fun >= K, cells.keys[i]


def test_no_small_group_is_shown_anywhere(cleema: CleemaMarts) -> None:
    for table in ("fct_cleema_savings_monthly", "fct_cleema_retention"):
        assert cleema.one(f"SELECT count(*) FROM marts.{table} WHERE people < {K}") == 0
    assert (
        cleema.one(
            f"SELECT count(*) FROM marts.fct_cleema_activity_monthly WHERE active_people < {K}"
        )
        == 0
    )


def _few(cleema: CleemaMarts, table: str, counts: tuple[str, ...]) -> int:
    few = " OR ".join(f"{count} BETWEEN 1 AND {K - 1}" for count in counts)
    found: int = cleema.one(f"SELECT count(*) FROM marts.{table} WHERE {few}")
    return found


def test_few_completions_are_not_shown(cleema: CleemaMarts) -> None:
    """Twelve people had joined what ended in June, three completed one of it: the joins are shown,
    the three are not, and there is no year that would be them when May is subtracted."""
    row = cleema.rows("""
        SELECT ended_joins, completed_joins, completion_pct FROM marts.fct_cleema_activity_monthly
        WHERE area_kind = 'city' AND month_start = '2024-06-01'
    """)
    assert row == [(24, None, None)]
    counts = ("completed_joins", "ended_joins - completed_joins")
    assert _few(cleema, "fct_cleema_activity_monthly", counts) == 0
    values = cleema.rows("""
        SELECT period_kind, month(period_start), value FROM intermediate.int_kpi__cleema
        WHERE kpi_code = 'M2.2' AND year(period_start) = 2024
    """)
    assert values == [("month", 5, 25.0)]


def test_few_who_stay_or_leave_are_not_shown(cleema: CleemaMarts) -> None:
    assert _few(cleema, "fct_cleema_retention", ("active_people", "people - active_people")) == 0
