"""What ``make run`` starts, and that containers start the same; nothing listens to the network."""

import re
import subprocess

import pytest
import yaml

from urbandata.platform import dashboard_server
from urbandata.platform.parts import airflow_env, all_parts, bind_address, part, parts
from urbandata.settings import PROJECT_ROOT, Settings

COMPOSE = yaml.safe_load((PROJECT_ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (PROJECT_ROOT / "Dockerfile").read_text(encoding="utf-8")
SERVICES = {n: s for n, s in COMPOSE["services"].items() if "default" in s["profiles"]}
SUPERVISOR = ["python", "-m", "urbandata.platform"]


def settings(**env):
    return Settings.from_env({f"URBANDATA_{k}": v for k, v in env.items()})


def test_only_the_demo_needs_the_demo_city():
    names = {mode: [p.name for p in parts(settings(MODE=mode))] for mode in ("demo", "live")}
    assert [n for n in names["demo"] if n not in names["live"]] == ["demo-city"]


def test_the_database_is_ready_before_airflow_starts():
    names = [p.name for p in all_parts(settings())]
    first = names.index("airflow-migrate")
    assert set(names[first + 1 :]) == {
        "airflow-api", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer"
    }  # fmt: skip
    assert part(settings(), "airflow-migrate").once


def test_settings_reach_the_parts(tmp_path):
    chosen = settings(
        MODE="inbox",
        INBOX=str(tmp_path / "in"),
        DATA_DIR=str(tmp_path / "data"),
        PORT_AIRFLOW="18080",
        PORT_DASHBOARD="18501",
        PORT_DEMO="18900",
        DEMO_SEED="7",
    )
    for member in all_parts(chosen):
        assert Settings.from_env(member.env).inbox_dir == tmp_path / "in"
        assert Settings.from_env(member.env).data_dir == tmp_path / "data"
        assert Settings.from_env(member.env).mode == "inbox"
    env = airflow_env(chosen)
    assert env["AIRFLOW__API__PORT"] == "18080"
    assert env["AIRFLOW__API__BASE_URL"] == "http://127.0.0.1:18080"
    assert env["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"].startswith("http://127.0.0.1:18080/")
    assert "18501" in dashboard_server.command(chosen, "leadership", "127.0.0.1")
    city = part(chosen, "demo-city").command
    assert city[-6:] == ["--port", "18900", "--seed", "7", "--scale", "1.0"]


def test_a_part_reads_the_same_ports_as_the_platform(tmp_path):
    """Tasks and plugins of Airflow read the settings again from their environment."""
    chosen = settings(
        DATA_DIR=str(tmp_path), PORT_DEMO="1", PORT_AIRFLOW="2", PORT_DASHBOARD="3", DEMO_SEED="4"
    )
    for member in all_parts(chosen):
        again = Settings.from_env(member.env)
        assert (again.demo_port, again.airflow_port, again.dashboard_port) == (1, 2, 3)
        assert again.demo_seed == 4


def test_everything_listens_on_loopback_only(monkeypatch):
    monkeypatch.delenv("URBANDATA_BIND", raising=False)
    chosen = settings()
    for app in dashboard_server.APPS:
        command = dashboard_server.command(chosen, app, bind_address())
        assert command[command.index("--server.address") + 1] == "127.0.0.1"
    assert airflow_env(chosen)["AIRFLOW__API__HOST"] == "127.0.0.1"
    for name in ("airflow-scheduler", "airflow-triggerer"):  # their log servers take all addresses
        assert "--skip-serve-logs" in part(chosen, name).command


def test_nothing_phones_home():
    for member in all_parts(settings()):
        assert member.env["DO_NOT_TRACK"] == "1"
        assert member.env["GX_ANALYTICS_ENABLED"] == "false"
    for app in dashboard_server.APPS:
        command = dashboard_server.command(settings(), app, "127.0.0.1")
        assert command[command.index("--browser.gatherUsageStats") + 1] == "false"


def test_every_part_is_a_service_with_the_same_command():
    commands = {name: service["command"] for name, service in SERVICES.items()}
    expected = {p.name: [*SUPERVISOR, "part", p.name] for p in all_parts(settings())}
    expected["first-pass"] = [*SUPERVISOR, "first-pass"]
    machine = commands.pop("machine")
    assert commands == expected
    assert machine == ["sleep", "infinity"], "whose network the parts share must never end"


def test_containers_are_reached_through_loopback_and_by_their_own_port():
    published = {n: s["ports"] for n, s in SERVICES.items() if "ports" in s}
    ports = (part(settings(), n).port for n in ("airflow-api", "dashboards", "citizens"))
    assert published == {"machine": [f"127.0.0.1:{port}:{port}" for port in ports]}
    # inside a container loopback would hide the part from the published port
    bind = re.search(r"URBANDATA_BIND=(\S+)", DOCKERFILE).group(1)
    assert bind_address({"URBANDATA_BIND": bind}) == "0.0.0.0"  # noqa: S104


def test_parts_share_a_network_as_on_one_machine():
    """So they find each other on loopback, and internal pages know who can reach them."""
    for name, service in SERVICES.items():
        if name != "machine":
            assert service["network_mode"] == "service:machine", name
            assert service["environment"]["URBANDATA_PUBLISHED_ON"] == "127.0.0.1", name


def test_services_start_in_the_order_of_the_platform():
    for name, service in SERVICES.items():
        needs = service.get("depends_on", {})
        if name.startswith("airflow-") and name != "airflow-migrate":
            assert needs["airflow-migrate"]["condition"] == "service_completed_successfully", name
    assert SERVICES["first-pass"]["depends_on"]["airflow-api"]["condition"] == "service_healthy"


def test_services_that_answer_have_a_health_check():
    for member in all_parts(settings()):
        if member.health_url:
            test = SERVICES[member.name]["healthcheck"]["test"]
            assert test == ["CMD", *SUPERVISOR, "healthy", member.name]


def test_containers_keep_their_data_and_have_few_rights():
    for name, service in SERVICES.items():
        read_only = ":ro" if name == "citizens" else ""
        assert service.get("volumes", []) == (
            [] if name == "machine" else [f"data:/app/data{read_only}"]
        ), name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not service.get("privileged", False), name
    users = re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE)
    assert users[-1] not in ("root", "0")
    assert "--require-hashes" in DOCKERFILE


@pytest.mark.parametrize("name", ["docker-compose.yml", "Dockerfile", "Makefile", ".ci/run"])
def test_no_secret_is_written_down(name):
    text = (PROJECT_ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"(?i)(password|passwd|token|secret|_key)\s*[:=]\s*[^\s${}]", text)


def test_the_image_has_all_that_the_parts_read():
    lines = re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.MULTILINE)
    copied = {name for line in lines for name in line.split()}
    assert {"requirements.lock", "pools.json", "pools.cluster.json", "plugins", "dags",
            "expectations", "dbt", "dashboards", "notebooks", "LICENSE"} <= copied  # fmt: skip
    assert "urbandata.cli" in DOCKERFILE, "docs/cluster.md runs 'urbandata' in it"
    assert "/app/data/inbox" in DOCKERFILE, "the runbook copies files there"
    for name in copied:
        assert (PROJECT_ROOT / name).exists(), name


def test_help_lists_every_target():
    text = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE).group(1).split())
    shown = subprocess.run(
        ["make", "-s"], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert set(re.findall(r"^  make ([\w-]+) +\S", shown, re.MULTILINE)) == phony
    assert {"setup", "run", "test", "check", "stop", "clean", "help"} <= phony
