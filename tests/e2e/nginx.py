"""nginx with the shipped configuration, in front of a server under test."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.e2e.servers import ROOT, Server, answers, eventually, free_port, stop

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
_MAIN = """
daemon off;
worker_processes 1;
user root;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    {temporary}
    {http}
}}
"""
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass(frozen=True)
class Front:
    """URLs of the public and the internal listener, without TLS."""

    public: str
    internal: str
    log: Path
    """of the public listener"""


@contextmanager
def nginx(folder: Path, server: Server, *, client_seconds: int) -> Iterator[Front]:
    """deploy/nginx.conf with other addresses and paths, no TLS, and `client_seconds` for slow callers."""
    assert NGINX, "nginx is missing. On Debian or Ubuntu: apt-get install nginx-light"
    ports = {"443 ssl": free_port(), "80": free_port(), "8443 ssl": free_port()}
    http = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    for listen, port in ports.items():
        http = http.replace(f"listen {listen};", f"listen 127.0.0.1:{port};")
    http = re.sub(r"server 127\.0\.0\.1:\d+;", f"server {urlsplit(server.url).netloc};", http)
    http = re.sub(r"ssl_.*;", "", http).replace("/var/log/nginx", str(folder))
    http = re.sub(r"((?:client_(?:header|body)|send)_timeout) 10s;", rf"\1 {client_seconds}s;", http)
    http = http.replace("allow 10.0.0.0/8;", "allow 127.0.0.1;")
    temporary = " ".join(f"{name}_temp_path {folder}/{name};" for name in _TEMPORARY)
    file = folder / "nginx.conf"
    file.write_text(_MAIN.format(folder=folder, temporary=temporary, http=http), "utf-8")
    process = subprocess.Popen([NGINX, "-e", str(folder / "error.log"), "-c", str(file)])
    front = Front(
        f"http://127.0.0.1:{ports['443 ssl']}", f"http://127.0.0.1:{ports['8443 ssl']}", folder / "wechat.log"
    )
    try:
        eventually(lambda: answers(f"{front.internal}/healthz") or process.poll() is not None, "nginx answers")
        assert process.poll() is None, (folder / "error.log").read_text()
        yield front
    finally:
        stop(process)
