"""Servers of a cluster on loopback, each started by a test run and stopped with it."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import Request, urlopen

BUCKET = "city"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_for(ready: Callable[[], bool], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, f"{what} did not happen in {seconds} s"
        time.sleep(0.1)


def program(name: str) -> Path | None:
    """A program of PostgreSQL; Debian keeps them out of the PATH, by version."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = debian[-1] if debian else shutil.which(name)
    return Path(found) if found else None


class Postgres:
    """A PostgreSQL server of its own in a folder. It refuses root, so root lends it a user."""

    def __init__(self) -> None:
        # Not pytest's folder: each run of pytest closes that again for all other users.
        self.folder, self.port = Path(tempfile.mkdtemp(prefix="urbandata-postgres-")), 0
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        self._run("initdb", "-D", str(self.folder / "db"), "-U", "city", "-A", "trust", "--no-sync")

    def _run(self, name: str, *arguments: str) -> None:
        user = {"user": "postgres", "group": "postgres", "extra_groups": []}
        done = subprocess.run(
            [str(program(name)), *arguments],
            stdout=subprocess.DEVNULL,  # a server that stays would hold a pipe open
            stderr=subprocess.DEVNULL,
            cwd=self.folder,
            timeout=120,
            check=False,
            **(user if os.geteuid() == 0 else {}),
        )
        log = self.folder / "log"
        assert done.returncode == 0, f"{name}: {log.read_text()[-2000:] if log.exists() else ''}"

    def start(self) -> None:
        self.port = self.port or free_port()
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        self._run(
            "pg_ctl", "-D", str(self.folder / "db"), "-l", str(self.folder / "log"), "-w",
            "-o", f"{options} -c fsync=off -c max_connections=200", "start",
        )  # fmt: skip

    def stop(self) -> None:
        """Stop at once, cutting off every client, as a crash or a restart would."""
        self._run("pg_ctl", "-D", str(self.folder / "db"), "-m", "immediate", "-w", "stop")

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def database(self, name: str) -> str:
        """Create a database; what libpq needs to reach it."""
        self._say(f"CREATE DATABASE {name}")
        return f"host=127.0.0.1 port={self.port} user=city dbname={name}"

    def drop(self, name: str) -> None:
        """Remove a database, whoever uses it."""
        self._say(f"DROP DATABASE {name} WITH (FORCE)")

    def _say(self, sql: str) -> None:
        import psycopg2

        session = psycopg2.connect(f"host=127.0.0.1 port={self.port} user=city dbname=postgres")
        session.autocommit = True
        session.cursor().execute(sql)
        session.close()


class Redis:
    """A Redis server that keeps its queue on disk, as the cluster's does."""

    def __init__(self) -> None:
        self.folder, self.port = Path(tempfile.mkdtemp(prefix="urbandata-redis-")), free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        options = [
            "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder),
            "--save", "", "--appendonly", "yes",
        ]  # fmt: skip
        self.process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        wait_for(lambda: answers(self.port), "the start of Redis")

    def stop(self) -> None:
        """Kill it, cutting off every client."""
        self.process.kill()
        self.process.wait()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)


class Storage:
    """An S3 server (moto) behind a door that can be told to answer 503."""

    def __init__(self) -> None:
        self.inner = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.inner)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for(lambda: answers(self.inner), "moto's start")
        self.to_refuse, self.refused = 0, 0
        self.asked: list[str] = []  # method and path of every request
        self.refuses = re.compile("")  # which of them may be refused
        self.door = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.door.daemon_threads = True
        threading.Thread(target=self.door.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.door.server_port}"
        with urlopen(Request(f"{self.url}/{BUCKET}", method="PUT")) as answer:
            assert answer.status == 200

    def refuse(self, requests: int, which: str = "") -> None:
        """Answer 503 to so many requests from now on, whenever they come, of those named."""
        self.refuses = re.compile(which)
        self.to_refuse = self.refused + requests

    def stop(self) -> None:
        self.door.shutdown()
        self.door.server_close()
        self.process.kill()
        self.process.wait()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        storage = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                asked = f"{self.command} {self.path}"
                storage.asked.append(asked)
                if storage.refused < storage.to_refuse and storage.refuses.search(asked):
                    storage.refused += 1
                    self._answer(503, {}, b"<Error><Code>SlowDown</Code></Error>")
                    return
                inner = http.client.HTTPConnection("127.0.0.1", storage.inner, timeout=60)
                inner.request(self.command, self.path, body, dict(self.headers))
                answer = inner.getresponse()
                content = answer.read()
                self._answer(answer.status, dict(answer.getheaders()), content)
                inner.close()

            def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
                self.send_response(status)
                dropped = {"connection", "transfer-encoding", "date", "server"}
                if self.command != "HEAD":  # its length is that of the object
                    dropped.add("content-length")
                    self.send_header("Content-Length", str(len(content)))
                for name, value in headers.items():
                    if name.lower() not in dropped:
                        self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            def log_message(self, *args: object) -> None:
                """Tests need no access log."""

        for method in ("GET", "PUT", "POST", "HEAD", "DELETE"):
            setattr(Door, f"do_{method}", Door.handle_one)
        return Door
