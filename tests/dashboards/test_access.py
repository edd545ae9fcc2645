"""Roles bind the queries: what a role may not read is refused before anything is read."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import streamlit as st
from streamlit import config
from streamlit.testing.v1 import AppTest

import access
import i18n
from queries import builds, guarded, sandbox
from queries.guarded import Guarded
from tests.dashboards.conftest import words
from urbandata.errors import ConfigError
from urbandata.platform import dashboard_server

DASHBOARDS = Path(__file__).parents[2] / "dashboards"
RESEARCH = frozenset({"research"})
NOW = 1_800_000_000.0


def test_every_page_has_a_rule_and_every_rule_a_page():
    views = {p.stem for p in (DASHBOARDS / "views").glob("*.py")} - {"buerger"}
    rules = access.rules()
    assert views <= set(rules["pages"])
    known = set(rules["roles"])
    for allowed in [*rules["pages"].values(), *rules["tables"].values()]:
        assert set(allowed) <= known
    assert not access.may_open(known, "no_such_page")


@pytest.mark.parametrize(
    ("claim", "roles"),
    [
        (["leadership", "janitor"], {"leadership"}),
        ("office research", {"office", "research"}),
        ("leadershipx", set()),
        ([], set()),
        (None, set()),
        ({"leadership": False}, {"leadership"}),
    ],
)
def test_only_known_roles_count(claim, roles):
    assert access.roles_of({"roles": claim}) == roles


def test_the_claim_can_be_named(monkeypatch):
    monkeypatch.setenv("URBANDATA_ROLE_CLAIM", "groups")
    assert access.roles_of({"groups": ["editor"], "roles": ["leadership"]}) == {"editor"}


@pytest.mark.parametrize(
    ("issued", "over"),
    [(NOW - 60, False), (NOW - 7.9 * 3600, False), (NOW - 8.1 * 3600, True), (None, True),
     ("1800000000", True)],
)  # fmt: skip
def test_sessions_end(issued, over):
    assert access.is_over({"iat": issued}, NOW) is over


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM marts.fct_spending_monthly",
        'FROM marts."FCT_Spending_Monthly"',
        "WITH a AS (SELECT 1 FROM marts.fct_spending_monthly) FROM a",
        "SELECT 1 WHERE EXISTS (FROM ops.quarantine)",
        "FROM marts.kpi_values UNION ALL BY NAME FROM marts.fct_spending_forecast",
        "SELECT (SELECT max(row) FROM ops.quarantine) AS n",
        "DESCRIBE marts.fct_spending_monthly",
        "ATTACH 'x.duckdb'",
    ],
)
def test_a_role_reads_no_table_it_may_not(con, sql):
    with pytest.raises(access.DeniedError):
        builds.frame(Guarded(con, RESEARCH), sql)


def test_a_role_reads_the_rest(con):
    found = builds.frame(
        Guarded(con, RESEARCH),
        "SELECT count(*) AS n FROM marts.kpi_values WHERE origin = $origin",
        {"origin": "real"},
    )
    assert found["n"].iloc[0] > 0


def test_names_given_in_a_query_are_no_tables():
    assert guarded.tables_of("WITH a AS (SELECT 1) FROM a") == {".a"}


@pytest.mark.parametrize("sql", ["FROM marts.kpi_status", 'FROM marts."KPI_Status"'])
def test_own_sql_obeys_the_role_too(published, sql):
    build = builds.current(published / "serving")
    with pytest.raises(sandbox.RefusedError) as refused:
        sandbox.run(build.path, sql, hidden=frozenset({"marts.kpi_status"}))
    assert refused.value.kind == "forbidden"
    assert sandbox.run(build.path, f"{sql} LIMIT 1").table.num_rows == 1


@pytest.mark.parametrize(("role", "may"), [("research", False), ("editor", True)])
def test_own_sql_reads_examples_of_turned_away_rows_only_with_them(published, role, may):
    build = builds.current(published / "serving")
    hidden = access.hidden_tables({role})
    sql = "SELECT observed FROM ops.checks"
    assert sandbox.run(build.path, "FROM ops.sources", hidden=hidden).table.num_rows
    if may:
        assert sandbox.run(build.path, sql, hidden=hidden).table.num_rows
        return
    with pytest.raises(sandbox.RefusedError) as refused:
        sandbox.run(build.path, sql, hidden=hidden)
    assert (refused.value.kind, refused.value.detail) == ("forbidden", "ops.checks")


def test_without_log_in_nothing_is_shown_to_the_network(published, open_app, monkeypatch):
    monkeypatch.setattr(access, "is_loopback", lambda _: False)
    app = open_app(published, "finanzierung")
    assert "keine Anmeldung eingerichtet" in words(app)
    assert not app.get("vega_lite_chart")


@pytest.mark.parametrize("port", ["127.0.0.1", "192.0.2.1"])
def test_in_a_container_the_published_port_counts(published, open_app, monkeypatch, port):
    """There the app listens on all addresses, whoever may reach them."""
    app = open_app(published, "ueberblick")
    config.set_option("server.address", "0.0.0.0")  # noqa: S104
    try:
        monkeypatch.delenv("URBANDATA_PUBLISHED_ON", raising=False)
        assert "keine Anmeldung eingerichtet" in words(app.run())
        monkeypatch.setenv("URBANDATA_PUBLISHED_ON", port)
        assert ("keine Anmeldung eingerichtet" in words(app.run())) is (port != "127.0.0.1")
    finally:
        config.set_option("server.address", "127.0.0.1")


def test_local_mode_is_named(published, open_app):
    assert "Lokaler Betrieb ohne Anmeldung" in words(open_app(published, "umwelt"))


@pytest.mark.parametrize(
    ("role", "page", "open_"),
    [("research", "finanzierung", False), ("leadership", "forschung", False),
     ("office", "finanzierung", False), ("research", "forschung", True),
     ("leadership", "finanzierung", True), ("research", "datenlage", True),
     ("office", "datenlage", True), ("research", "ueberblick", True)],
)  # fmt: skip
def test_pages_open_by_role_whatever_the_address(
    published, open_app, monkeypatch, role, page, open_
):
    reader = access.Reader("Kim", frozenset({role}))
    monkeypatch.setattr(access, "current", lambda: reader)
    st.cache_data.clear()
    app = open_app(published, page)
    assert not app.exception
    title = app.title[0].value
    assert (title == i18n.translator("de")(f"nav.{page}")) is open_, "not in the menu: no page"
    view = AppTest.from_file(str(DASHBOARDS / "views" / f"{page}.py"), default_timeout=60).run()
    assert ("Ihre Rolle darf diese Seite nicht öffnen" in words(view)) is not open_


def test_quarantine_is_for_offices(published, open_app, monkeypatch):
    for role, seen in (("office", True), ("research", False)):
        st.cache_data.clear()
        reader = access.Reader("Kim", frozenset({role}))
        monkeypatch.setattr(access, "current", lambda reader=reader: reader)
        text = words(open_app(published, "datenlage"))
        assert ("sehen Fachämter und Redaktion" in text) is not seen


FULL = {f"URBANDATA_OIDC_{name}": f"x{i}" for i, name in enumerate(dashboard_server.NEEDED)}


def test_the_log_in_comes_from_the_environment(tmp_path):
    path = dashboard_server.write_secrets(tmp_path, FULL)
    assert path is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert 'client_secret = "x2"' in path.read_text()
    assert dashboard_server.write_secrets(tmp_path, {}) is None


def test_secrets_of_the_log_in_may_be_files(tmp_path):
    (tmp_path / "word").write_text("from a file\n", encoding="utf-8")
    name = "URBANDATA_OIDC_CLIENT_SECRET"
    given = {**{n: v for n, v in FULL.items() if n != name}, f"{name}_FILE": str(tmp_path / "word")}
    path = dashboard_server.write_secrets(tmp_path / "run", given)
    assert 'client_secret = "from a file"' in path.read_text()


def test_half_a_log_in_is_refused(tmp_path):
    half = dict(list(FULL.items())[:2])
    with pytest.raises(ConfigError, match="URBANDATA_OIDC_CLIENT_SECRET"):
        dashboard_server.write_secrets(tmp_path, half)


def test_the_public_app_gets_no_secrets(settings, monkeypatch):
    for name, value in FULL.items():
        monkeypatch.setenv(name, value)
    assert "secrets.files" not in " ".join(
        dashboard_server.command(settings, "citizens", "127.0.0.1")
    )
    with pytest.raises(ConfigError, match="no app"):
        dashboard_server.command(settings, "x", "127.0.0.1")
