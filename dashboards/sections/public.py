"""What Cleema saved together, in plain words, with its range and how it is computed."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

import charts
import components
import points as points_of
import state
import theme
from components import Card
from i18n import LANGUAGES
from marks import text
from queries import cleema, public
from queries.builds import records
from sections.cleema import scope
from shell import View, note

SOURCES = ("cleema_export", "cleema_api")
UNIT = "kg CO₂e"
TONNE = 1000.0
PERCENT = 100
TABLES = ("totals", "savings_monthly", "savings_by_action", "savings_by_borough")


def language(view: View) -> None:
    """The switch at the top of the page: there is no sidebar on this one."""
    with st.container(key="public_language"):
        state.switch("lang", view.t("app.language"), list(LANGUAGES), LANGUAGES.__getitem__, "de")


def rounded(view: View, kg: float) -> str:
    """Two significant digits, in kg or t: more would pretend to know more."""
    if not kg:
        return f"0 {UNIT}"
    amount, unit = (kg / TONNE, "t CO₂e") if abs(kg) >= TONNE else (kg, UNIT)
    digits = 1 if abs(amount) < 10 else 0  # noqa: PLR2004 - two significant digits
    step = 10 ** (len(str(int(abs(amount)))) - 2) if abs(amount) >= 10 else 0.1  # noqa: PLR2004
    return f"{theme.fmt_number(round(amount / step) * step, digits, view.lang)} {unit}"


def together(view: View) -> None:
    """The figure, its range, and what it compares with."""
    t = view.t
    found = view.read(public.totals, view.origin)
    if found.empty:
        components.empty(view, "", t("public.none"), "totals")
        return
    row = found.iloc[0]
    kg = {c: float(row[f"saving{s}_kg_co2e"]) for c, s in
          (("value", ""), ("low", "_low"), ("high", "_high"))}  # fmt: skip
    since = theme.fmt_period("month", row["first_month"], t, view.lang)
    with st.container(border=True, key="card_together"):
        badge = f'<span class="badge">{escape(t("demo.badge"))}</span>' if view.is_demo else ""
        st.html(
            f'<p class="kpi-name">{escape(t("public.together", since=since))}{badge}</p>'
            f'<p class="kpi-value">{escape(t("public.about", amount=rounded(view, kg["value"])))}'
            f'</p><p class="summary">{escape(_range(view, kg))}</p>'
            f'<p class="summary">{escape(_as_car_km(view, kg))}</p>'
        )
        note(t("public.estimate_note"))
        note(t("public.answers", answers=theme.fmt_number(row["answers"], 0, view.lang),
               until=theme.fmt_date(row["observed_until"], view.lang)))  # fmt: skip


def _range(view: View, kg: dict[str, float]) -> str:
    return view.t("public.range", low=rounded(view, kg["low"]), high=rounded(view, kg["high"]))


def _as_car_km(view: View, kg: dict[str, float]) -> str:
    """The same as kilometres in a car; the range joins that of the saving and of the factor."""
    found = view.read(public.factors)
    car = found[found["action_code"] == public.CAR] if len(found) else found
    if car.empty:
        return ""
    factor = car.iloc[0]
    km = {
        "value": kg["value"] / factor["value_kg_co2e"],
        "low": kg["low"] / factor["high_kg_co2e"],
        "high": kg["high"] / factor["low_kg_co2e"],
    }
    return view.t("public.car_km", **{k: _two_digits(view, v) for k, v in km.items()})


def _two_digits(view: View, number: float) -> str:
    size = 10 ** max(len(str(int(abs(number)))) - 2, 0)
    return theme.fmt_number(round(number / size) * size, 0, view.lang)


def course(view: View) -> None:
    """By month, with the range as a band."""
    t = view.t
    st.header(t("public.course"), anchor="verlauf")
    found = view.read(public.monthly, view.origin)
    if found.empty or found["value"].isna().all():
        components.empty(view, "", t("public.none"), "course")
        return
    points = points_of.by_period(view, found, "month")
    last = points.dropna(subset=["value"]).iloc[-1]
    said = t("public.course_said", month=last["label"], value=rounded(view, last["value"]),
             low=rounded(view, last["low"]), high=rounded(view, last["high"]))  # fmt: skip
    card = Card(
        key="public_course", title=t("public.course_title"), unit=UNIT, sources=SOURCES,
        subject="", stand=t("kpi.stand", period=last["label"]), download=lambda: found,
        note=f"{t('public.gap_note')} {t('public.running')}",
        chart=view.draw(charts.course, points, UNIT, []),
        summary=[said], table=points_of.table(view, points, UNIT),
    )  # fmt: skip
    components.chart_card(view, card)


def actions(view: View) -> None:
    """What people did, largest saving first."""
    t = view.t
    st.header(t("public.actions"), anchor="handlungen")
    found = view.read(public.by_action, view.origin)
    if found.empty:
        components.empty(view, "", t("public.none"), "actions")
        return
    rows = _named(view, found)
    card = Card(
        key="public_actions", title=t("public.actions_title"), unit=UNIT, sources=SOURCES,
        subject="", stand=_years(view, found), download=lambda: found,
        note=t("public.boundary_note"),
        chart=view.draw(charts.ranking, rows[["name", "value", "text"]], UNIT),
        summary=[_list(rows)], table=_table(view, rows, t("public.action")),
    )  # fmt: skip
    components.chart_card(view, card)


def boroughs(view: View) -> None:
    """Where people live who took part, if the app knows it and enough of them did."""
    t = view.t
    st.header(t("public.boroughs"), anchor="stadtbezirke")
    found = view.read(public.by_borough, view.origin)
    mapped = found[found["area_id"].str.fullmatch(r"borough:\d+")] if len(found) else found
    if mapped.empty:
        components.empty(view, "", t("public.no_borough"), "boroughs")
        return
    rows = _named(view, found)
    shown = rows[rows["area_id"].str.fullmatch(r"borough:\d+")]
    card = Card(
        key="public_boroughs", title=t("public.boroughs_title"), unit=UNIT, sources=SOURCES,
        subject="", stand=_years(view, found), download=lambda: found,
        note=f"{t('public.under_k')} {t('map.note')}",
        chart=view.draw(charts.area_map, shown[["area_id", "name", "value", "text"]], UNIT),
        summary=[_list(rows)], table=_table(view, rows, t("area.borough")),
    )  # fmt: skip
    components.chart_card(view, card)


def _years(view: View, found: pd.DataFrame) -> str:
    """The years that the rows are sums of."""
    first, last = int(found["first_year"].iloc[0]), int(found["last_year"].iloc[0])
    if first == last:
        return view.t("public.year", year=first)
    return view.t("public.years", first=first, last=last)


def _named(view: View, found: pd.DataFrame) -> pd.DataFrame:
    return found.assign(
        name=found[f"name_{view.lang}"], text=[rounded(view, v) for v in found["value"]]
    )


def _list(rows: pd.DataFrame) -> str:
    return "; ".join(f"{r['name']}: {r['text']}" for _, r in rows.iterrows())


def _table(view: View, rows: pd.DataFrame, what: str) -> pd.DataFrame:
    t = view.t
    heads = {"low": t("kpi.low"), "value": t("public.middle"), "high": t("kpi.high")}
    shown = {head: [rounded(view, v) for v in rows[column]] for column, head in heads.items()}
    return pd.DataFrame({what: rows["name"], **shown})


def method(view: View) -> None:
    """How it is computed, in a few sentences; the factors and assumptions with their sources."""
    t = view.t
    st.header(t("public.method"), anchor="rechnung")
    steps = "".join(f"<li>{escape(t(f'public.method.{i}'))}</li>" for i in range(1, 7))
    st.html(f'<ol class="summary">{steps}</ol>')
    _factors(view, view.read(public.factors))
    _assumptions(view, view.read(cleema.assumptions))


def _factors(view: View, found: pd.DataFrame) -> None:
    t = view.t
    if found.empty:
        return
    rows = [
        [text(r[f"name_{view.lang}"]), text(r[f"unit_{view.lang}"]),
         theme.fmt_number(r["value_kg_co2e"], 2, view.lang),
         f"{theme.fmt_number(r['low_kg_co2e'], 2, view.lang)} – "
         f"{theme.fmt_number(r['high_kg_co2e'], 2, view.lang)}",
         _source(view, r, r["edition"])]
        for r in records(found)
    ]  # fmt: skip
    heads = [t(f"public.factor.{k}") for k in ("action", "unit", "value", "range", "source")]
    with st.expander(t("public.factors")):
        st.html(components.html_table(heads, rows, numbers=(2, 3)))
        note(t("cleema.factors_note"))


def _assumptions(view: View, found: pd.DataFrame) -> None:
    """Shares in percent, caps in the unit of their action."""
    t = view.t
    if found.empty:
        return
    rows = [
        [_assumed(view, r), text(scope(view, r)), *_amounts(view, r),
         _source(view, r, theme.fmt_month(r["edition"], t))]
        for r in records(found)
    ]  # fmt: skip
    columns = ("what", "scope", "value", "range", "unit", "source")
    heads = [t(f"public.assumption.col.{c}") for c in columns]
    with st.expander(t("public.assumptions")):
        st.html(components.html_table(heads, rows, numbers=(2, 3)))
        note(t("cleema.factors_note"))


def _assumed(view: View, row: dict[str, Any]) -> str:
    """What is assumed, and below it what that means here."""
    name, meaning = view.t(f"public.assumption.{row['assumption']}"), row[f"note_{view.lang}"]
    return escape(name) + ("" if pd.isna(meaning) else f"<br><small>{text(meaning)}</small>")


def _amounts(view: View, row: dict[str, Any]) -> list[str]:
    """Value, range (none where nothing is uncertain) and unit of an assumption."""
    is_share = not str(row["assumption"]).startswith("cap")
    low, value, high = (
        theme.fmt_number(row[c] * (PERCENT if is_share else 1), lang=view.lang)
        for c in ("low", "central", "high")
    )
    unit = "%" if is_share else str(row[f"unit_{view.lang}"])
    return [value, theme.NONE if low == high else f"{low} – {high}", escape(unit)]


def _source(view: View, row: dict[str, Any], edition: str) -> str:
    """Where a figure comes from, its edition, and whether somebody has looked it up."""
    sureness = view.t(f"sureness.{row['sureness']}")
    return text(f"{row['source']} ({edition}; {sureness})")


def join(view: View) -> None:
    """How to take part."""
    st.header(view.t("public.join"), anchor="mitmachen")
    st.markdown(view.t("public.join_text"))


def downloads(view: View) -> None:
    """Every public table as a file."""
    t = view.t
    st.header(t("public.downloads"), anchor="daten")
    with st.container(horizontal=True, gap="small"):
        for name in TABLES:
            card = Card(
                key=f"public_{name}", title=t(f"public.table.{name}"), unit=UNIT,
                sources=SOURCES, subject="",
                download=partial(view.read, public.table, name, view.origin),
            )  # fmt: skip
            components.download(view, card, t(f"public.table.{name}"))


def footer(view: View) -> None:
    """Build, age and privacy."""
    t = view.t
    at = theme.fmt_instant(view.build.published_at, view.lang)
    st.html(
        f'<footer class="page-footer"><p>{escape(t("footer.build", build=view.build.build_id))} · '
        f"{escape(t('footer.published', at=at))}</p><p>{escape(t('public.privacy'))}</p></footer>"
    )
