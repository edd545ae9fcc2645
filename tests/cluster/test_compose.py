"""docker-compose.yml, profile cluster: well-formed, closed, and its commands are real ones."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
import yaml

from urbandata.errors import ConfigError
from urbandata.platform import parts
from urbandata.settings import PROJECT_ROOT, Settings

from .services import Postgres, program

FILE = PROJECT_ROOT / "docker-compose.yml"
COMPOSE = yaml.safe_load(FILE.read_text(encoding="utf-8"))
CLUSTER = {n: s for n, s in COMPOSE["services"].items() if "cluster" in s["profiles"]}
BROKER = {
    "URBANDATA_AIRFLOW_BROKER": "redis://r:6379/0",
    "URBANDATA_AIRFLOW_DATABASE": "postgresql://u@p/airflow",
    "URBANDATA_AIRFLOW_SECRET": "word",
    "URBANDATA_AIRFLOW_URL": "http://api:8080",
}


def test_the_file_follows_the_schema_of_compose():
    done = subprocess.run(
        [".venv/bin/check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE)],
        cwd=PROJECT_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_service_is_in_one_profile():
    for name, service in COMPOSE["services"].items():
        assert service["profiles"] in (["default"], ["cluster"]), name


def test_images_are_pinned_and_rights_are_few():
    for name, service in CLUSTER.items():
        _, _, tag = service["image"].partition(":")
        assert tag, name
        assert tag[0].isdigit(), name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        own = service["image"].startswith(("urbandata:", "nginxinc/nginx-unprivileged:"))
        assert own or service["user"] not in ("root", "0"), name


def test_only_the_proxy_is_reached_from_outside():
    assert [n for n, s in CLUSTER.items() if "ports" in s] == ["proxy"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    for name in ("postgres", "redis", "storage", "backup"):
        assert CLUSTER[name]["networks"] == ["inside"], name


def test_members_start_parts_that_exist(monkeypatch):
    for name, value in BROKER.items():
        monkeypatch.setenv(name, value)
    started = {}
    for name, service in CLUSTER.items():
        if service["image"].startswith("urbandata:") and name != "cluster-buckets":
            assert service["command"][:4] == ["python", "-m", "urbandata.platform", "part"]
            started[name] = parts.part(Settings.from_env({}), service["command"][4])
    worker, scheduler = started["cluster-worker"].command, started["cluster-scheduler"].command
    assert worker[1:5] == ["-m", "urbandata.orchestration.warm", "celery", "worker"]
    assert scheduler[1] == "scheduler", "it runs no tasks, so it needs none of their libraries"
    assert "--skip-serve-logs" in worker, "task logs are in the shared folder"
    assert len(started) == 9
    for member in started.values():
        if member.name.startswith("airflow-"):
            assert member.env["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
            assert member.env["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == (
                "http://api:8080/execution/"
            )


@pytest.mark.parametrize("missing", sorted(BROKER.keys() - {"URBANDATA_AIRFLOW_BROKER"}))
def test_what_a_cluster_lacks_is_named(missing, monkeypatch):
    for name, value in BROKER.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv(missing)
    with pytest.raises(ConfigError, match=missing):
        parts.airflow_env(Settings.from_env({}))


def test_every_variable_of_the_members_is_read_by_the_platform():
    code = "".join(p.read_text() for p in (PROJECT_ROOT / "plugins").rglob("*.py"))
    for name in CLUSTER["cluster-worker"]["environment"]:
        assert name.removesuffix("_FILE") in code, name


def test_secrets_are_made_once_and_each_is_there(tmp_path):
    folder = tmp_path / "cluster"
    shutil.copytree(PROJECT_ROOT / "cluster", folder, ignore=shutil.ignore_patterns("secrets"))
    subprocess.run([str(folder / "make-secrets")], check=True, capture_output=True)
    made = {p.name: p.read_bytes() for p in (folder / "secrets").iterdir()}
    for name, secret in COMPOSE["secrets"].items():
        assert secret["file"] == f"./cluster/secrets/{name}"
        assert made[name].strip(), name
    used = {s for service in CLUSTER.values() for s in service.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])
    subprocess.run([str(folder / "make-secrets")], check=True, capture_output=True)
    assert made == {p.name: p.read_bytes() for p in (folder / "secrets").iterdir()}
    settings = Settings.from_env({"URBANDATA_WAREHOUSE_FILE": str(folder / "secrets/warehouse")})
    assert settings.lake_dsn.startswith("host=postgres ")


@pytest.mark.xdist_group("cluster")
def test_a_dump_can_be_put_back(postgres: Postgres, tmp_path):
    """The very scripts of the backup service, on a database of this test."""
    import psycopg2

    where = postgres.database("dumped")
    with psycopg2.connect(where) as session, session.cursor() as cursor:
        cursor.execute("CREATE TABLE t AS SELECT generate_series(1, 1000) AS n")
    session.close()
    tools = program("pg_dump").parent
    env = {
        "PATH": f"{tools}:{os.environ['PATH']}", "PGHOST": "127.0.0.1", "PGUSER": "city",
        "PGPORT": str(postgres.port), "BACKUP_DIR": str(tmp_path), "BACKUP_DATABASES": "dumped",
    }  # fmt: skip
    scripts = PROJECT_ROOT / "cluster"
    subprocess.run([str(scripts / "backup")], env=env, check=True)
    (dump,) = tmp_path.glob("*.dumped.dump")
    with psycopg2.connect(where) as session, session.cursor() as cursor:
        cursor.execute("DELETE FROM t WHERE n > 10")
    session.close()
    subprocess.run([str(scripts / "restore"), str(dump), "dumped"], env=env, check=True)
    with psycopg2.connect(where) as session, session.cursor() as cursor:
        cursor.execute("SELECT count(*), sum(n) FROM t")
        assert cursor.fetchone() == (1000, 500500)
    session.close()
