"""compose.yaml, the files that it mounts, and deploy/k8s: what their schemas and programs say of them."""

import re
import subprocess
import sys
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped] # it has no types
import pytest
import yaml  # type: ignore[import-untyped] # it has no types

from app.settings import load_settings
from app.version import __version__
from tests.e2e.nginx import NGINX

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
MANIFESTS = [
    pytest.param(document, id=f"{path.stem} {document['kind']}")
    for path in sorted((ROOT / "deploy" / "k8s").glob("*.yaml"))
    for document in yaml.safe_load_all(path.read_text("utf-8"))
]


def test_compose_file_is_valid() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("manifest", MANIFESTS)
def test_manifest_is_valid(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, "1.34", strict=True)


@pytest.mark.parametrize("path", ["public.yaml", "internal.yaml"])
def test_addresses_of_services_are_not_taken_for_settings(path: str) -> None:
    """Kubernetes sets WECHAT_PUBLIC_PORT and others in each pod, unless told not to."""
    deployment = next(yaml.safe_load_all((ROOT / "deploy" / "k8s" / path).read_text("utf-8")))
    assert deployment["spec"]["template"]["spec"]["enableServiceLinks"] is False


def test_manifests_name_the_image_of_this_version() -> None:
    manifests = "".join(path.read_text("utf-8") for path in ROOT.glob("deploy/k8s/*"))
    named = re.findall(r"image: wechat-central:(\S+)", manifests)
    assert named == [__version__] * 2


@pytest.mark.parametrize("service", ["public", "internal"])
def test_settings_of_the_mock_profile_start_each_service(service: str) -> None:
    lines = (ROOT / "deploy" / "compose" / "mock.env").read_text("utf-8").splitlines()
    environment = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    settings = load_settings(environment | COMPOSE["services"][service]["environment"])
    assert (settings.listener, settings.mock, len(settings.accounts)) == (service, "allow", 2)


def test_an_upgrade_of_compose_cannot_swap_the_two_services() -> None:
    """nginx resolves their names once; recreated containers take free addresses in any order."""
    (subnet,) = (ip_network(one["subnet"]) for one in COMPOSE["networks"]["inside"]["ipam"]["config"])
    services = [COMPOSE["services"][name]["networks"]["inside"] for name in ("public", "internal")]
    addresses = {ip_address(service["ipv4_address"]) for service in services}
    assert len(addresses) == 2
    assert all(address in subnet for address in addresses)
    assert COMPOSE["x-settings"]["WECHAT_TRUSTED_PROXIES"] == str(subnet)


def test_nginx_of_compose_accepts_its_configuration(tmp_path: Path) -> None:
    assert NGINX, "nginx is missing. On Debian or Ubuntu: apt-get install nginx-light"
    servers = (ROOT / "deploy" / "compose" / "nginx.conf").read_text("utf-8")
    for service in ("public", "internal"):  # names that compose's network resolves
        servers = servers.replace(f"server {service}:8000;", "server 127.0.0.1:8000;")
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{servers}\n}}\n")
    command = [NGINX, "-t", "-e", "stderr", "-c", str(tmp_path / "nginx.conf")]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
