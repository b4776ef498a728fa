"""nginx, HAProxy and Caddy with a given configuration; the first two also with the shortest that
forwards requests."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.acceptance.installation import free_port, wait_until
from tests.proxies.programs import have

AROUND_NGINX = """
pid {folder}/pid; error_log {folder}/log; daemon off; master_process off;
events {{}}
http {{
  access_log off; client_body_temp_path {folder}/1; proxy_temp_path {folder}/2;
  fastcgi_temp_path {folder}/3; uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  {text}
}}
"""

NGINX = """
server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://127.0.0.1:{to}; }} }}
"""

HAPROXY = """
defaults
  mode http
  timeout connect 5s
  timeout client 20s
  timeout server 20s
frontend all
  bind 127.0.0.1:{port}
  default_backend neuroplay
backend neuroplay
  server one 127.0.0.1:{to}
"""


@contextmanager
def bare_proxy(name: str, to: int, folder: Path) -> Iterator[int]:
    """The port of a proxy before port `to`."""
    port = free_port()
    text = NGINX if name == "nginx" else HAPROXY
    with running_proxy(name, text.format(port=port, to=to), port, folder):
        yield port


@contextmanager
def running_proxy(name: str, text: str, port: int, folder: Path) -> Iterator[None]:
    """A proxy that listens on `port`; `text` is its file, or what nginx has in `http`."""
    program, environment = have(name)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "configuration"
    if name == "nginx":
        text = AROUND_NGINX.format(folder=folder, text=text)
    file.write_text(text)
    words = {
        "nginx": ["-c", str(file)],
        "haproxy": ["-db", "-f", str(file)],
        "caddy": ["run", "--adapter", "caddyfile", "--config", str(file)],
    }[name]
    places = {"XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}  # Caddy's
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(
            [program, *words], env={**environment, **places}, stdout=output, stderr=output
        )
    try:
        wait_until(lambda: _listens(process, port, folder), f"{name} listens", 20)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _listens(process: subprocess.Popen[bytes], port: int, folder: Path) -> bool:
    assert process.poll() is None, (folder / "output").read_text()
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
