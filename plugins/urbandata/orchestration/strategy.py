"""The DAG of the strategy update: draft, a person's decision, release."""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.hitl import HITLEntryOperator
from airflow.sdk import DAG, Asset, Param, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from urbandata.orchestration.common import EVERY_DAG, OPTIONAL
from urbandata.settings import Settings

EDITION = Asset(name="strategy.edition", uri="urbandata://strategy/edition")
APPROVE, REJECT = "Freigeben", "Zurückweisen"
SUBMITTED = "{{ ti.xcom_pull(task_ids='submit') }}"
DAG_ID = "strategy_update"
MOST_WAITING = 16  # editions that wait for a decision side by side


def strategy_dag() -> DAG:
    """DAG ``strategy_update``: draws an edition, waits for a person, releases or sends back."""
    with DAG(
        dag_id=DAG_ID,
        schedule=None,
        **{**EVERY_DAG, "max_active_runs": MOST_WAITING},
        tags=["strategy"],
        params=_params(),
        doc_md=(
            "Draws the strategy update (Fortschreibung) from a published build and the editors' "
            "texts, freezes it and waits for a person under *Required Actions*. Approved: the "
            "edition becomes a release in `data/editions/<edition>/release/`. Rejected: it keeps "
            "the comment and its files.\n\nIt may wait for weeks; nothing else is held up. "
            "Triage: docs/runbook.md."
        ),
    ) as dag:  # fmt: skip
        (
            _submit_task(_draft_task())
            >> _decide_task()
            >> _route_task()
            >> [_release_task(), _send_back_task()]
        )
    return dag


def _params() -> dict[str, Param]:
    """What a person can set when starting a run by hand.

    Airflow's form insists on every field whose type does not allow null.
    """
    return {
        "edition": Param(None, type=OPTIONAL, title="Ausgabe",
                         description="Ein vorhandener Entwurf; leer: ein neuer."),
        "period": Param(None, type=OPTIONAL, title="Berichtszeitraum",
                        description="2025, 2025-H1, 2025-Q3, 2025-06; leer: der neueste."),
        "build": Param(None, type=OPTIONAL, title="Datenstand",
                       description="Leer: der veröffentlichte."),
        "langs": Param(["de"], type="array", items={"type": "string", "enum": ["de", "en"]},
                       title="Sprachen"),
        "who": Param("Airflow", type="string", title="Eingereicht von"),
    }  # fmt: skip


def _draft_task() -> Any:
    @task
    def draft(params: dict[str, Any] | None = None) -> str:
        """A new draft, or the one that was named; its id."""
        from urbandata.report import editions

        chosen = params or {}
        settings = Settings.from_env()
        if chosen["edition"]:
            return editions.get(settings, chosen["edition"]).id
        made = editions.create(
            settings,
            chosen["who"],
            chosen["period"] or "",
            chosen["build"] or "",
            chosen["langs"],
        )
        return made.id

    return draft()


def _submit_task(edition: Any) -> Any:
    @task
    def submit(edition: str, params: dict[str, Any] | None = None) -> str:
        """Freezes the draft, so that what is decided on is what is released."""
        from urbandata.report import editions

        return editions.submit(Settings.from_env(), edition, (params or {})["who"]).id

    return submit(edition)


def _decide_task() -> Any:
    """Waits for a person; the answer, with name and comment, is the task's result."""

    return HITLEntryOperator(
        task_id="decide",
        subject=f"Fortschreibung {SUBMITTED}: freigeben?",
        body=(
            f"Ausgabe **{SUBMITTED}** liegt in `data/editions/{SUBMITTED}/files/` (DOCX, PDF, "
            "HTML, XLSX) und auf der Seite „Fortschreibung“ der Dashboards.\n\n"
            "Freigegeben wird genau das, was dort liegt. Beim Zurückweisen bitte begründen."
        ),
        options=[APPROVE, REJECT],
        params={"comment": Param(None, type=OPTIONAL, title="Kommentar")},
    )


def _route_task() -> Any:
    @task.branch
    def route() -> str:
        """What the decision leads to; who decided and the comment go on to the next task."""
        answer = get_current_context()["ti"].xcom_pull(task_ids="decide")
        return "release" if answer["chosen_options"] == [APPROVE] else "send_back"

    return route()


def _release_task() -> Any:
    @task(outlets=[EDITION])
    def release() -> None:
        """The approved edition becomes a release."""
        from urbandata.report import editions

        edition, who, comment = _decision()
        done = editions.approve(Settings.from_env(), edition, who, comment)
        get_current_context()["outlet_events"][EDITION].extra = {
            "edition": done.id, "build_id": done.build_id, "approved_by": who,
        }  # fmt: skip

    return release()


def _send_back_task() -> Any:
    @task
    def send_back() -> None:
        """The rejected edition keeps the comment."""
        from urbandata.report import editions

        edition, who, comment = _decision()
        editions.reject(Settings.from_env(), edition, who, comment)

    return send_back()


def _decision() -> tuple[str, str, str]:
    """Edition, who decided, and the comment. Fails where nobody is known to have decided."""
    ti = get_current_context()["ti"]
    edition, answer = ti.xcom_pull(task_ids="submit"), ti.xcom_pull(task_ids="decide")
    if not answer["responded_by_user"]:
        raise AirflowFailException("nobody is known to have decided; clear the task 'decide'")
    return edition, answer["responded_by_user"]["name"], answer["params_input"].get("comment") or ""
