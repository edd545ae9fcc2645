"""Starts one of the two Streamlit apps: ``python -m urbandata.platform.dashboard_server NAME``.

The log-in of the internal app is configured by environment variables; Streamlit wants them in a
file, which is written for it where only its owner can read it. The public app gets none of it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from urbandata.errors import ConfigError
from urbandata.platform.private import private_folder
from urbandata.settings import Settings, secret
from urbandata.storage import write_atomically

APPS = ("leadership", "citizens")
OIDC = "URBANDATA_OIDC_"
NEEDED = ("METADATA_URL", "CLIENT_ID", "CLIENT_SECRET", "COOKIE_SECRET", "REDIRECT_URI")


def command(settings: Settings, app: str, bind: str) -> list[str]:
    """Streamlit's command line for an app, without telemetry. Raises ConfigError."""
    if app not in APPS:
        raise ConfigError(f"no app '{app}'; choose one of {', '.join(APPS)}")
    port = settings.dashboard_port if app == "leadership" else settings.public_port
    options = {
        "server.port": str(port),
        "server.address": bind,
        "server.headless": "true",
        "browser.gatherUsageStats": "false",
    }
    secrets = write_secrets(private_folder(), os.environ) if app == "leadership" else None
    if secrets:
        options["secrets.files"] = str(secrets)
    given = [part for name, value in options.items() for part in (f"--{name}", value)]
    path = settings.root / "dashboards" / f"{app}.py"
    return [sys.executable, "-m", "streamlit", "run", str(path), *given]


def write_secrets(folder: Path, env: Mapping[str, str]) -> Path | None:
    """The log-in as Streamlit reads it, mode 0600; None without a provider. Raises ConfigError."""
    found = {name: secret(env, f"{OIDC}{name}") for name in NEEDED}
    if not any(found.values()):
        return None
    missing = [f"{OIDC}{name}" for name, value in found.items() if not value]
    if missing:
        raise ConfigError(f"the log-in is configured by halves; {', '.join(missing)} is missing")
    lines = {
        "server_metadata_url": found["METADATA_URL"],
        "client_id": found["CLIENT_ID"],
        "client_secret": found["CLIENT_SECRET"],
        "cookie_secret": found["COOKIE_SECRET"],
        "redirect_uri": found["REDIRECT_URI"],
    }
    # JSON strings are TOML strings.
    text = "[auth]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in lines.items())
    path = folder / "streamlit-secrets.toml"
    write_atomically(path, text.encode(), mode=0o600)
    return path


def main() -> NoReturn:
    """Become Streamlit."""
    bind = os.environ.get("URBANDATA_BIND", "127.0.0.1")
    started = command(Settings.from_env(), sys.argv[1], bind)
    os.execv(started[0], started)  # noqa: S606


if __name__ == "__main__":
    main()
