"""docker-compose.yml, profile cluster: well-formed, closed, and its commands are real ones."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
import yaml

from urbandata.errors import ConfigError
from urbandata.platform import cluster, parts
from urbandata.settings import PROJECT_ROOT, Settings

from .services import Postgres, program

FILE = PROJECT_ROOT / "docker-compose.yml"
COMPOSE = yaml.safe_load(FILE.read_text(encoding="utf-8"))
CLUSTER = {n: s for n, s in COMPOSE["services"].items() if "cluster" in s["profiles"]}
HELPERS = ("cluster-buckets", "own-volumes", "backup-files")  # run something else than a part
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
        if name == "own-volumes":  # runs once, without a network
            assert (service["cap_add"], service["network_mode"]) == (["CHOWN"], "none")
            continue
        own = service["image"].startswith(("urbandata:", "nginxinc/nginx-unprivileged:"))
        assert "user" not in service if own else service["user"] not in ("root", "0"), name
        assert "cap_add" not in service, name


def test_only_the_proxy_is_reached_from_outside():
    published = {n: s["ports"] for n, s in CLUSTER.items() if "ports" in s}
    assert published == {"proxy": ["443:8443"], "cluster-api": ["127.0.0.1:8080:8080"]}
    assert COMPOSE["networks"]["inside"]["internal"] is True
    for name in ("postgres", "redis", "storage", "backup"):
        assert CLUSTER[name]["networks"] == ["inside"], name


def test_the_page_for_everybody_holds_no_secret_and_reaches_nobody():
    assert COMPOSE["networks"]["public"]["internal"] is True
    assert [n for n, s in CLUSTER.items() if "public" in s.get("networks", [])] == [
        "cluster-citizens", "proxy"
    ]  # fmt: skip
    assert CLUSTER["cluster-citizens"]["networks"] == ["public"]
    for service in (CLUSTER["cluster-citizens"], COMPOSE["services"]["citizens"]):
        assert not service.get("secrets")
        assert not service.get("env_file")
        assert not any(name.endswith("_FILE") for name in service["environment"])
        assert service["volumes"] == ["data:/app/data:ro"]


def test_no_service_asks_a_demo_city_that_is_not_there():
    for name, service in CLUSTER.items():
        mode = service.get("environment", {}).get("URBANDATA_MODE", "")
        assert mode in ("", "${URBANDATA_MODE:-live}"), name


@pytest.mark.skipif(os.geteuid() != 0, reason="gives folders to other users")
def test_volumes_belong_to_those_who_write_them(tmp_path):
    """The script of the service that all others with volumes of root's wait for."""
    for _ in range(2):
        subprocess.run([str(PROJECT_ROOT / "cluster/own-volumes"), str(tmp_path)], check=True)
    owners = {str(p.relative_to(tmp_path)): p.stat().st_uid for p in tmp_path.rglob("*")}
    storage = int(CLUSTER["storage"]["user"].partition(":")[0])
    assert owners == {
        "storage": storage, "storage/filerldb2": storage,
        "backup": 0, "backup/dumps": 999, "backup/files": 10001,
    }  # fmt: skip
    assert "--uid 10001" in (PROJECT_ROOT / "Dockerfile").read_text(encoding="utf-8")
    for name in ("storage", "backup", "backup-files"):
        needs = CLUSTER[name]["depends_on"]["own-volumes"]
        assert needs == {"condition": "service_completed_successfully"}, name


def test_files_are_backed_up_beside_the_dumps():
    """What cannot be made again, onto another volume than the one it lies on."""
    service = CLUSTER["backup-files"]
    assert service["command"][:2] == ["/cluster/backup-files", "/backup/files"]
    assert "${URBANDATA_BACKUP:-backup}:/backup" in service["volumes"]
    script = (PROJECT_ROOT / "cluster/backup-files").read_text(encoding="utf-8")
    assert "urbandata backup" in script
    for name in ("runbook.md", "cluster.md"):
        text = (PROJECT_ROOT / "docs" / name).read_text(encoding="utf-8")
        assert "URBANDATA_PSEUDONYM_KEY" in text, name


def test_dumps_go_by_their_age_and_only_after_new_ones(tmp_path):
    """Whatever a database that is away does to the script, old dumps stay."""
    tools, dumps = tmp_path / "bin", tmp_path / "dumps"
    tools.mkdir(), dumps.mkdir()
    (tools / "pg_dump").write_text('#!/bin/sh\n[ "$3" != away ] && touch "${2#--file=}"\n')
    (tools / "pg_dump").chmod(0o755)
    env = {"PATH": f"{tools}:{os.environ['PATH']}", "BACKUP_DIR": str(dumps)}
    old, recent = dumps / "20260101T000000Z.lake.dump", dumps / "20260102T000000Z.lake.dump"
    cut_off = dumps / "20260103T000000Z.lake.partial"
    for path, days in ((old, 20), (recent, 3), (cut_off, 1)):
        path.touch()
        os.utime(path, (time.time() - days * 86400,) * 2)
    script = str(PROJECT_ROOT / "cluster/backup")
    failed = subprocess.run([script], env={**env, "BACKUP_DATABASES": "lake away"}, check=False)
    assert failed.returncode != 0
    assert old.exists()
    assert not cut_off.exists()
    for _ in range(3):
        subprocess.run([script], env={**env, "BACKUP_DATABASES": "lake"}, check=True)
    assert not old.exists()
    assert recent.exists()


def test_members_start_parts_that_exist(monkeypatch):
    for name, value in BROKER.items():
        monkeypatch.setenv(name, value)
    started = {}
    for name, service in CLUSTER.items():
        if service["image"].startswith("urbandata:") and name not in HELPERS:
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


def test_airflow_of_a_cluster_wants_a_log_in(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    named = {**BROKER, "URBANDATA_AIRFLOW_USERS": "kim:ADMIN:pw:1 platform:USER:pw2"}
    env = cluster.airflow_env(named)
    assert env["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS"] == "False"
    assert env["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"] == "kim:ADMIN,platform:USER"
    cluster.write_passwords(named)
    path = Path(env["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"])
    assert json.loads(path.read_text()) == {"kim": "pw:1", "platform": "pw2"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert cluster.platform_user(named) == ("platform", "USER", "pw2")
    assert cluster.platform_user({}) is None
    assert "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS" not in cluster.airflow_env(BROKER)


@pytest.mark.parametrize("wrong", ["kim:ADMIN:pw", "platform:USER", "platform:KING:pw", ":USER:pw"])
def test_users_that_cannot_be_read_are_named_without_their_password(wrong):
    with pytest.raises(ConfigError, match="URBANDATA_AIRFLOW_USERS") as failed:
        cluster.users({"URBANDATA_AIRFLOW_USERS": wrong})
    assert "pw" not in str(failed.value)


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
    users = cluster.users({"URBANDATA_AIRFLOW_USERS_FILE": str(folder / "secrets/airflow_users")})
    assert [(u.name, u.role) for u in users] == [("admin", "ADMIN"), ("platform", "USER")]


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
