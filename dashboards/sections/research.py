"""For researchers: the marts with their dictionary, own SQL, and everything to take away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

import exports
import state
import theme
from marks import text
from queries import marts, sandbox
from shell import View, note
from texts.descriptions import in_language

EXAMPLE = """SELECT kpi_code, period_start, value, low, high
FROM marts.kpi_values
WHERE period_kind = 'month' AND area_kind = 'city'
ORDER BY kpi_code, period_start
LIMIT 100"""
PREVIEW = 200
SHOWN = 1000
SNIPPETS = {
    "Python": """import duckdb

con = duckdb.connect("{path}", read_only=True)
{name} = con.sql("{sql}").df()""",
    "R": """library(duckdb)

con <- dbConnect(duckdb(), dbdir = "{path}", read_only = TRUE)
{name} <- dbGetQuery(con, "{sql}")
dbDisconnect(con, shutdown = TRUE)""",
    "DuckDB": """duckdb -readonly {path}
{sql};""",
}


def browser(view: View) -> None:
    """One mart: description, columns, first rows, downloads and how to read it elsewhere."""
    t = view.t
    st.header(t("research.marts"), anchor="marts")
    known = view.read(marts.tables).set_index("name")
    names = [str(n) for n in known.index if view.may_read(f"marts.{n}")]
    default = "kpi_values" if "kpi_values" in names else names[0]
    name = state.pick("mart", t("research.pick"), names, str, default)
    mart: Any = known.loc[name]
    meaning = in_language(str(mart["description"]), view.lang)
    st.html(f'<p class="summary">{text(meaning)}</p>')
    rows = theme.fmt_number(mart["rows"], 0, view.lang)
    note(t("research.size", rows=rows, columns=int(mart["columns"])))
    tabs = st.tabs([t("research.columns"), t("research.preview"), t("research.code")])
    with tabs[0]:
        columns = view.read(marts.columns, name)
        columns["description"] = [in_language(d, view.lang) for d in columns["description"]]
        labels = {c: t(f"research.col.{c}") for c in columns.columns}
        st.dataframe(columns.rename(columns=labels), hide_index=True, width="stretch",
                     key="table_columns", alt=t("research.columns"))  # fmt: skip
    with tabs[1]:
        note(t("research.preview_note", n=PREVIEW))
        preview = view.read(marts.preview, name, view.origin)
        st.dataframe(preview, hide_index=True, width="stretch", key="table_preview",
                     alt=t("research.preview"))  # fmt: skip
    with tabs[2]:
        _snippets(view, name, bool(mart["has_origin"]))
    _downloads(view, name, name, lambda: marts.whole(view.con, name, view.origin))


def _snippets(view: View, name: str, has_origin: bool) -> None:
    where = f" WHERE origin = '{view.origin}'" if has_origin else ""
    sql = f"FROM marts.{name}{where}"
    note(view.t("research.code_note"))
    for tab, (language, snippet) in zip(st.tabs(list(SNIPPETS)), SNIPPETS.items(), strict=True):
        with tab:
            code = snippet.format(path=f"data/serving/{view.build.path.name}", sql=sql, name=name)
            st.code(code, language="sql" if language == "DuckDB" else language.lower())


def _downloads(view: View, key: str, title: str, rows: Callable[[], Any]) -> None:
    """CSV and Parquet of an Arrow table; read when somebody clicks."""
    t = view.t
    sources = tuple(view.sources.index)
    kinds = {"csv": ("text/csv", exports.csv_of_arrow),
             "parquet": ("application/vnd.apache.parquet", exports.parquet)}  # fmt: skip

    def file(write: Callable[..., bytes]) -> Callable[[], bytes]:
        return lambda: write(exports.about(view, title, sources), rows())

    with st.container(horizontal=True, gap="small"):
        for kind, (mime, write) in kinds.items():
            st.download_button(
                t(f"research.{kind}"),
                data=file(write),
                file_name=f"{key}_{view.origin}_{view.build.build_id}.{kind}",
                mime=mime, key=f"{kind}_{key}", on_click="ignore", icon=":material/download:",
            )  # fmt: skip


def query(view: View) -> None:
    """A reader's own query, run apart from everything else."""
    t = view.t
    st.header(t("research.sql"), anchor="sql")
    note(t("research.limits", seconds=sandbox.SECONDS, memory=sandbox.MEMORY_MB,
           rows=theme.fmt_number(sandbox.ROWS, 0, view.lang)))  # fmt: skip
    given = st.query_params.get("sql")
    with st.form("sql", border=False):
        sql = st.text_area(t("research.query"), given or EXAMPLE, height=170, key="widget_sql")
        asked = st.form_submit_button(t("research.run"), type="primary")
    if asked:
        st.session_state["answered"] = (view.build.build_id, sql, _run(view, sql))
    answered = st.session_state.get("answered")
    if answered and answered[0] == view.build.build_id:
        _show(view, answered[1], answered[2])


def _run(view: View, sql: str) -> sandbox.Answer | sandbox.RefusedError:
    with st.spinner(view.t("research.running")):
        try:
            return sandbox.run(view.build.path, sql, hidden=view.hidden)
        except sandbox.RefusedError as refused:
            return refused


def _show(view: View, sql: str, answer: sandbox.Answer | sandbox.RefusedError) -> None:
    t = view.t
    if isinstance(answer, sandbox.RefusedError):
        st.warning(t(f"refused.{answer.kind}", seconds=sandbox.SECONDS, memory=sandbox.MEMORY_MB))
        if answer.detail:
            st.code(answer.detail, language=None)
        return
    n = theme.fmt_number(answer.table.num_rows, 0, view.lang)
    took = theme.fmt_number(answer.seconds, 2, view.lang)
    note(t("research.cut" if answer.is_cut else "research.rows", n=n, seconds=took))
    shown: pd.DataFrame = answer.table.slice(0, SHOWN).to_pandas()
    st.dataframe(shown, hide_index=True, width="stretch", key="table_answer", alt=t("research.sql"))
    _downloads(view, "query", sql, lambda: answer.table)
