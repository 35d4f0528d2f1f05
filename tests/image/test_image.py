"""The image as a container runs it: its user, a read-only root, no privilege. `make test-image` builds it first."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from app.version import __version__
from mock_wechat import MockWeChat
from tests.e2e.servers import answers, eventually, free_port, stop

pytestmark = [
    pytest.mark.image,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not shutil.which("buildah") or os.geteuid() != 0, reason="buildah or root is missing"),
]

IMAGE = "localhost/wechat-central"
VOLUMES = ("/tmp", "/dev/shm", "/var/lib/wechat-central")  # noqa: S108 -- mounted in the container
"""what compose.yaml and deploy/k8s let it write; /dev/shm is in every container"""
# A container without a container runtime: a mount namespace, the image's files read-only, and its user.
RUN = """
set -e
root=$1 user=$2 directory=$3; shift 3
mount --bind "$root" "$root"
mount --bind /proc "$root/proc"
mount --bind /dev "$root/dev"
for volume in $VOLUMES; do
    mkdir -p "$root$volume" && mount -t tmpfs -o mode=1777,nosuid,nodev,noexec tmpfs "$root$volume"
done
mount -o remount,bind,ro "$root"
exec chroot "$root" setpriv --reuid "${user%:*}" --regid "${user#*:}" --clear-groups --no-new-privs \
    --bounding-set=-all --inh-caps=-all sh -c 'cd "$0" && exec "$@"' "$directory" "$@"
"""


def buildah(*arguments: str) -> str:
    return subprocess.run(["buildah", *arguments], check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    inspected: dict[str, Any] = json.loads(buildah("inspect", "--type", "image", IMAGE))["Docker"]["config"]
    return inspected


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    """The mounted files of a container of the image."""
    container = buildah("from", IMAGE)
    try:
        yield buildah("mount", container)
    finally:
        buildah("rm", container)


def command(root: str, config: dict[str, Any], *arguments: str) -> list[str]:
    place = (root, config["User"], config["WorkingDir"])
    return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", RUN, "sh", *place, *arguments]


def environment(config: dict[str, Any], **more: str) -> dict[str, str]:
    return {**dict(entry.split("=", 1) for entry in config["Env"]), "VOLUMES": " ".join(VOLUMES), **more}


def test_running_image_signs_a_page_and_is_healthy(
    mock_wechat_server: MockWeChat, config: dict[str, Any], root: str, tmp_path: Path
) -> None:
    port = str(free_port())
    url = f"http://127.0.0.1:{port}"
    settings = environment(config, WECHAT_JS_DOMAINS=f"127.0.0.1:{port}", **mock_wechat_server.environment)
    started = [word.replace("8000", port) for word in (*config["Entrypoint"], *config["Cmd"])]
    log = tmp_path / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command(root, config, *started), env=settings, stdout=output, stderr=output)
    try:
        eventually(lambda: answers(f"{url}/healthz") or process.poll() is not None, "the server answers")
        assert process.poll() is None, log.read_text()
        signed = requests.get(f"{url}/api/jssdk/signature", {"url": f"{url}/"}, timeout=30).json()
        assert mock_wechat_server.verify(signed, f"{url}/") == {"valid": True}
        kind, *probe = config["Healthcheck"]["Test"]
        assert kind == "CMD"
        for number, status in ((port, 0), (str(free_port()), 1)):
            tried = [word.replace("8000", number) for word in probe]
            assert subprocess.run(command(root, config, *tried), env=settings, check=False).returncode == status
    finally:
        stop(process)
    assert f"starting version={__version__}" in log.read_text()


def test_its_user_cannot_write_its_files_and_finds_no_tool_to_install_or_build(
    config: dict[str, Any], root: str
) -> None:
    script = """
        id -u; touch /opt/wechat-central/x /x 2>/dev/null && echo written
        for tool in gcc cc make pip pip3 git curl; do command -v $tool; done
        python -c "import pip" 2>/dev/null && echo pip
        grep CapEff /proc/self/status
        wechat-central --version
    """
    shown = subprocess.run(
        command(root, config, "sh", "-c", script), env=environment(config), check=True, capture_output=True, text=True
    )
    assert shown.stdout.split() == ["65532", "CapEff:", "0" * 16, "wechat-central", __version__]
