"""The rule for groups under ten people (macros/disclosure.sql) on random tables."""

from __future__ import annotations

import random
import re

import duckdb
import jinja2
import pytest

from urbandata.settings import PROJECT_ROOT

MACRO = (PROJECT_ROOT / "dbt/macros/disclosure.sql").read_text()
K = 10
SQL = (
    jinja2.Environment()  # noqa: S701 - SQL
    .from_string(MACRO + "{{ hidden_parts('members', ['slice'], 'part') }}")
    .render(var=lambda name: {"min_group_people": K}[name])
)


def _hidden(rows: list[tuple[str, str | None]]) -> dict[str, tuple[int, bool]]:
    """People and hidden or not, by part, of one slice given as (part, person)."""
    with duckdb.connect() as con:
        con.execute("CREATE TABLE members (slice INT, part VARCHAR, user_key VARCHAR)")
        con.executemany("INSERT INTO members VALUES (1, ?, ?)", rows)
        found = con.execute(f"SELECT part, people, is_hidden FROM ({SQL})").fetchall()
    return {part: (people, hidden) for part, people, hidden in found}


def _parts(**sizes: int) -> list[tuple[str, str | None]]:
    rows: list[tuple[str, str | None]] = []
    for part, size in sizes.items():
        rows += [(part, f"{part}{n}") for n in range(size)] or [(part, None)]
    return rows


def test_nothing_is_hidden_where_all_are_large() -> None:
    assert _hidden(_parts(a=10, b=11)) == {"a": (10, False), "b": (11, False)}


def test_a_single_small_part_takes_the_next_one_along() -> None:
    """Else the small one would be the whole less the shown ones."""
    assert _hidden(_parts(a=3, b=12, c=40)) == {"a": (3, True), "b": (12, True), "c": (40, False)}


def test_small_parts_that_are_large_together_are_enough() -> None:
    assert _hidden(_parts(a=4, b=7, c=40)) == {"a": (4, True), "b": (7, True), "c": (40, False)}


def test_an_empty_part_is_small_too() -> None:
    """That nobody of a borough took part is told of nobody."""
    assert _hidden(_parts(a=0, b=12, c=40))["b"] == (12, True)


def test_people_in_several_parts_count_once() -> None:
    """Six people in a and the same six in b are six, not twelve."""
    same = [(part, f"p{n}") for part in "ab" for n in range(6)]
    assert _hidden([*same, *_parts(c=20, d=30)])["c"] == (20, True)


def test_all_is_hidden_where_nothing_else_helps() -> None:
    assert _hidden(_parts(a=4, b=12)) == {"a": (4, True), "b": (12, True)}


@pytest.mark.parametrize("seed", range(40))
def test_what_is_hidden_is_a_group_of_ten(seed: int) -> None:
    rng = random.Random(seed)  # noqa: S311 - for tests
    people = [f"p{n}" for n in range(rng.randint(10, 120))]
    rows: list[tuple[str, str | None]] = []
    for part in "abcdefg"[: rng.randint(2, 7)]:
        rows += [(part, p) for p in people if rng.random() < rng.random() ** 2] or [(part, None)]
    result = _hidden(rows)
    hidden = {part for part, (_, is_hidden) in result.items() if is_hidden}
    assert all(part in hidden for part, (size, _) in result.items() if size < K)
    if hidden and hidden != set(result):
        assert len(hidden) >= 2
        assert len({p for part, p in rows if part in hidden and p}) >= K
    # no more is hidden than needed: the largest hidden part is there for a reason
    if hidden:
        largest = max(hidden, key=lambda part: (result[part][0], part))
        rest = hidden - {largest}
        alone = len({p for part, p in rows if part in rest and p})
        assert result[largest][0] < K or len(rest) < 2 or alone < K


def test_the_macro_knows_its_limit_from_the_settings() -> None:
    assert not re.search(r"\b10\b", MACRO)
