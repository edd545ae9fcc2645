"""The strategy update through Airflow: a person approves or rejects while the run waits."""

from __future__ import annotations

import threading
import time

import pytest

from tests.report import build
from urbandata.report import editions
from urbandata.settings import Settings

pytestmark = pytest.mark.xdist_group("airflow")


@pytest.fixture
def settings(monkeypatch, tmp_path, airflow_home) -> Settings:
    """A data folder with a small published build; the editions go there."""
    data = tmp_path / "data"
    build.publish(data / "serving")
    monkeypatch.setenv("URBANDATA_DATA_DIR", str(data))
    return Settings.from_env({"URBANDATA_DATA_DIR": str(data)})


def answer(option: str, comment: str, problems: list[str]) -> None:
    """What a person does under Required Actions, as Airflow's API writes it."""
    from airflow.api_fastapi.core_api.routes.public.hitl import handle_event_submit
    from airflow.models.hitl import HITLDetail
    from airflow.models.taskinstance import TaskInstance
    from airflow.triggers.base import TriggerEvent
    from airflow.utils.session import create_session
    from airflow.utils.state import TaskInstanceState
    from sqlalchemy import select

    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with create_session() as session:
            waiting = session.scalars(
                select(TaskInstance).where(TaskInstance.state == TaskInstanceState.AWAITING_INPUT)
            ).first()
            if waiting is not None:
                detail = session.get(HITLDetail, waiting.id)
                detail.responded_by = {"id": "7", "name": "Amtsleitung"}
                detail.responded_at = detail.created_at
                detail.chosen_options, detail.params_input = [option], {"comment": comment}
                session.add(detail)
                handle_event_submit(
                    TriggerEvent(detail.as_resume_event_payload()),
                    task_instance=waiting,
                    session=session,
                )
                return
        time.sleep(0.5)
    problems.append("no task has asked for a decision")


def run(dagbag, option: str, comment: str = "", **conf):
    """The DAG to its end, with a person who decides; states by task."""
    problems: list[str] = []
    person = threading.Thread(target=answer, args=(option, comment, problems), daemon=True)
    person.start()
    finished = dagbag.dags["strategy_update"].test(run_conf=conf)
    person.join(5)
    assert problems == []
    return finished.state, {t.task_id: t.state for t in finished.get_task_instances()}


@pytest.mark.timeout(240)
def test_approval_makes_a_release(dagbag, settings):
    state, tasks = run(dagbag, "Freigeben", "Einverstanden", who="Redaktion", langs=["de", "en"])
    assert (state, tasks["release"], tasks["send_back"]) == ("success", "success", "skipped")
    (edition,) = editions.every(settings)
    assert (edition.state, edition.decided_by, edition.comment) == (
        "approved", "Amtsleitung", "Einverstanden",
    )  # fmt: skip
    released = editions.files(settings, edition.id)
    assert {p.parent.name for p in released.values()} == {"release"}
    assert len(released) == 8
    assert "Freigegeben" in released["fortschreibung_de.html"].read_text()
    assert "von Amtsleitung" in released["fortschreibung_de.html"].read_text()


@pytest.mark.timeout(240)
def test_rejection_keeps_the_comment_and_releases_nothing(dagbag, settings):
    draft = editions.create(settings, "Redaktion")
    state, tasks = run(
        dagbag, "Zurückweisen", "Kapitel 3 fehlt.", edition=draft.id, who="Redaktion"
    )
    assert (state, tasks["release"], tasks["send_back"]) == ("success", "skipped", "success")
    (edition,) = editions.every(settings)
    assert (edition.id, edition.state, edition.comment) == (
        draft.id,
        "rejected",
        "Kapitel 3 fehlt.",
    )
    assert not (editions.folder(settings, edition.id) / "release").exists()
    assert editions.events(settings, edition.id)[-1]["who"] == "Amtsleitung"
    assert editions.files(settings, edition.id)
