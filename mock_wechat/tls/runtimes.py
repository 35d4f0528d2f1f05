"""What each runtime needs to trust the CA and to use the proxy: environment variables."""

import os
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from .ca import Certificates

LOOPBACK = "localhost,127.0.0.1,::1"
READ_BY = {
    "HTTPS_PROXY": "Python, PHP, Go, Ruby, .NET, curl",
    "https_proxy": "the same programs, which prefer it",
    "NO_PROXY": "this machine",
    "no_proxy": "",
    "REQUESTS_CA_BUNDLE": "Python's requests",
    "SSL_CERT_FILE": "Python's ssl and httpx; Go, .NET and Ruby on Linux",
    "CURL_CA_BUNDLE": "curl",
    "PHP_INI_SCAN_DIR": "PHP: curl.cainfo and openssl.cafile",
    "NODE_EXTRA_CA_CERTS": "Node",
    "NODE_USE_ENV_PROXY": "Node from 24.5 and 22.21, SDKs without an agent of their own",
    "GLOBAL_AGENT_HTTPS_PROXY": "Node with NODE_OPTIONS=--require=global-agent/bootstrap",
    "GLOBAL_AGENT_NO_PROXY": "",
    "JAVA_TOOL_OPTIONS": "JVM",
}
"""The variables, and who reads them."""


def variables(files: "Certificates", proxy: str | None, inherited: Mapping[str, str]) -> dict[str, str]:
    """The variables of READ_BY, without those for a proxy if there is none. Lists keep what is `inherited`."""
    java = [f"-Djavax.net.ssl.trustStore={files.trust_store}", f"-Djavax.net.ssl.trustStorePassword={files.password}"]
    mine = {
        "REQUESTS_CA_BUNDLE": str(files.bundle),
        "SSL_CERT_FILE": str(files.bundle),
        "CURL_CA_BUNDLE": str(files.bundle),
        "NODE_EXTRA_CA_CERTS": str(files.ca),
        "PHP_INI_SCAN_DIR": f"{inherited.get('PHP_INI_SCAN_DIR', '')}{os.pathsep}{files.folder}",  # empty: PHP's own
    }
    if proxy:
        address = urlsplit(proxy)
        java += [f"-Dhttps.proxyHost={address.hostname}", f"-Dhttps.proxyPort={address.port}"]
        spared = loopback_spared(inherited)
        mine |= {"HTTPS_PROXY": proxy, "https_proxy": proxy, **spared, "NODE_USE_ENV_PROXY": "1"}
        mine |= {"GLOBAL_AGENT_HTTPS_PROXY": proxy, "GLOBAL_AGENT_NO_PROXY": spared["no_proxy"]}
    mine["JAVA_TOOL_OPTIONS"] = " ".join([*filter(None, [inherited.get("JAVA_TOOL_OPTIONS")]), *map(shlex.quote, java)])
    return {name: mine[name] for name in READ_BY if name in mine}


def loopback_spared(inherited: Mapping[str, str]) -> dict[str, str]:
    """NO_PROXY and no_proxy with loopback among their hosts: a company's proxy cannot reach this machine's mock."""
    others = inherited.get("no_proxy") or inherited.get("NO_PROXY")
    hosts = f"{others},{LOOPBACK}" if others else LOOPBACK
    return {"NO_PROXY": hosts, "no_proxy": hosts}


def guide(files: "Certificates", address: str | None, proxy: str | None) -> list[str]:
    """Lines for the terminal: the listeners, and the variables as shell commands."""
    ways = [f"HTTPS for WeChat's hosts: {address}, by a hosts entry or a container's alias."] if address else []
    ways += [f"HTTPS proxy for WeChat's hosts: {proxy}"] if proxy else []
    lines = [
        *ways,
        f"Certificates until {files.expiry:%Y-%m-%d}: {files.folder}",
        "They are for tests: put them into no system's trust store and no image.",
        "",
    ]
    for name, value in variables(files, proxy, {}).items():
        lines.append(f"export {name}={shlex.quote(value)}" + (f"  # {READ_BY[name]}" if READ_BY[name] else ""))
    return lines
