"""A platform of small parts: ``python small.py NAME=PORT[:BEHAVIOUR] …``.

Behaviours: ``orphan`` starts a grandchild that ignores SIGTERM, renames nothing but leaves its
group; ``dies`` ends when asked for /die; ``once`` and ``once-fails`` end by themselves.
"""

import sys
from urllib.parse import unquote

from urbandata.errors import UrbandataError
from urbandata.platform import supervisor
from urbandata.platform.parts import Part
from urbandata.settings import Settings

SERVER = """
import os, signal, subprocess, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer
port, behaviour = int(sys.argv[1]), sys.argv[2]
STUBBORN = "import os, signal, time; os.setpgid(0, 0); signal.signal(signal.SIGTERM, "
STUBBORN += "signal.SIG_IGN); print('orphan', os.getpid(), flush=True); time.sleep(600)"
if behaviour == "once":
    sys.exit(0)
if behaviour == "once-fails":
    print("the database is from the future")
    sys.exit(3)
if behaviour == "orphan":
    subprocess.Popen([sys.executable, "-c", STUBBORN])
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die":
            print("no space left on device", flush=True)
            os._exit(7)
        self.send_response(200)
        self.end_headers()
HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


def part(text: str) -> Part:
    name, _, rest = text.partition("=")
    port, _, behaviour = rest.partition(":")
    once = behaviour.startswith("once")
    return Part(
        name=name,
        command=[sys.executable, "-c", SERVER, port, behaviour],
        env={},
        port=int(port),
        setting=f"URBANDATA_PORT_{name.upper()}",
        health_url="" if once else f"http://127.0.0.1:{port}/",
        once=once,
    )


if __name__ == "__main__":
    members = [part(unquote(a)) for a in sys.argv[1:]]
    try:
        sys.exit(supervisor.run(Settings.from_env(), members, first=lambda _: None))
    except UrbandataError as error:
        print(f"urbandata: {error}", file=sys.stderr)
        sys.exit(1)
