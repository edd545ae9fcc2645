"""Choices of a reader, kept in the URL so that a link shows the same page to somebody else.

Streamlit's own binding writes the labels into the URL, which change with the language; here the
URL holds the codes. The session keeps them too, since a page switch empties the URL.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import streamlit as st


def remembered(name: str) -> list[str] | None:
    """Values of a parameter: from the URL, else from earlier in this session; None if unset."""
    from_url = st.query_params.get_all(name)
    kept: list[str] | None = st.session_state.get(f"kept_{name}")
    return from_url or kept


def keep(name: str, values: Sequence[str]) -> None:
    """Store the values in the session and in the URL, where they differ."""
    values = list(values)
    st.session_state[f"kept_{name}"] = values
    if st.query_params.get_all(name) != values:
        st.query_params[name] = values


def pick(
    name: str, label: str, options: Sequence[str], show: Callable[[str], str], default: str
) -> str:
    """A list to choose one from."""
    chosen = st.selectbox(
        label, options, index=options.index(_valid(name, options, default)),
        format_func=show, key=f"widget_{name}",
    )  # fmt: skip
    keep(name, [chosen])
    return str(chosen)


def switch(
    name: str, label: str, options: Sequence[str], show: Callable[[str], str], default: str
) -> str:
    """A row of a few options, exactly one of which is chosen."""
    chosen = st.segmented_control(
        label, options, default=_valid(name, options, default), format_func=show,
        key=f"widget_{name}", required=True,
    )  # fmt: skip
    keep(name, [str(chosen)])
    return str(chosen)


def pick_some(
    name: str,
    label: str,
    options: Sequence[str],
    show: Callable[[str], str],
    default: Sequence[str],
    at_most: int,
) -> list[str]:
    """A list to choose several from."""
    before = [v for v in remembered(name) or [] if v in options]
    chosen = st.multiselect(
        label, options, default=(before or list(default))[:at_most], format_func=show,
        key=f"widget_{name}", max_selections=at_most,
    )  # fmt: skip
    keep(name, chosen)
    return list(chosen)


def pick_day(name: str, label: str, default: date, earliest: date, latest: date) -> date:
    """A day between two days."""
    before = remembered(name)
    start = _day(before[0], default) if before else default
    chosen = st.date_input(
        label, min(max(start, earliest), latest), min_value=earliest, max_value=latest,
        format="DD.MM.YYYY", key=f"widget_{name}",
    )  # fmt: skip
    keep(name, [chosen.isoformat()])
    return chosen


def slide(name: str, label: str, low: int, high: int, default: int, step: int, form: str) -> int:
    """A whole number between two bounds; what the URL says is brought into them."""
    before = remembered(name)
    start = _whole(before[0], default) if before else default
    start = low + round((min(max(start, low), high) - low) / step) * step
    chosen = st.slider(label, low, high, start, step=step, format=form, key=f"widget_{name}")
    keep(name, [str(chosen)])
    return int(chosen)


def _whole(text: str, default: int) -> int:
    """A number from the URL; readers may mistype it, then the default holds."""
    return int(text) if text.lstrip("-").isdecimal() else default


def _valid(name: str, options: Sequence[str], default: str) -> str:
    before = remembered(name)
    return before[0] if before and before[0] in options else default


def _day(text: str, default: date) -> date:
    """A day from the URL; readers may mistype it, then the default holds."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return default
