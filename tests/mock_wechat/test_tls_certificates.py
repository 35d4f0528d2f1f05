"""The certificates of a project, and what runtimes need to use them."""

import os
import re
import shlex
import shutil
import stat
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

import mock_wechat
from mock_wechat.hosts import HOSTS
from mock_wechat.tls import ca
from mock_wechat.tls.ca import Certificates
from mock_wechat.tls.runtimes import READ_BY, guide, variables

NOW = datetime.now(UTC)
PROXY = "http://127.0.0.1:9101"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return ca.prepare(tmp_path_factory.mktemp("tls") / "new" / "ca", NOW)


def test_files_are_private_and_limited_to_wechats_hosts(files: Certificates) -> None:
    folder = files.folder
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (folder, files.server)}
    assert modes == {"ca": 0o700, "server.pem": 0o600}
    assert (folder / ".gitignore").read_text() == "*\n"
    assert [path.name for path in folder.iterdir() if b"PRIVATE KEY" in path.read_bytes()] == ["server.pem"]
    authority = x509.load_pem_x509_certificate(files.ca.read_bytes())
    constraints = authority.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    assert [name.value for name in constraints.value.permitted_subtrees or ()] == list(HOSTS)
    assert [str(name.value) for name in constraints.value.excluded_subtrees or ()] == ["0.0.0.0/0", "::/0"]
    assert authority.not_valid_after_utc - NOW < timedelta(days=31)
    assert files.bundle.read_bytes().endswith(files.ca.read_bytes())


def without_key(files: Certificates, _: object) -> None:
    begin = "-----BEGIN CERTIFICATE"
    files.server.write_text(begin + files.server.read_text().partition(begin)[2])


def another_ca(files: Certificates, _: object) -> None:
    files.ca.write_bytes(ca.prepare(files.folder / "other", NOW).ca.read_bytes())


def other_hosts(files: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave certificates of an earlier version, with fewer hosts."""
    files.server.unlink()
    with monkeypatch.context() as earlier:
        earlier.setattr(ca, "HOSTS", HOSTS[:-1])
        ca.prepare(files.folder, NOW)


@pytest.mark.parametrize(
    ("spoil", "days", "renewed"),
    [
        (None, 28.9, False),
        (None, 29.1, True),
        (lambda files, _: files.server.write_text("-----BEGIN"), 0, True),
        (without_key, 0, True),
        (lambda files, _: files.ca.write_bytes(b""), 0, True),
        (another_ca, 0, True),
        (other_hosts, 0, True),
    ],
    ids=["good", "old", "damaged", "no key", "no CA", "another CA", "other hosts"],
)
def test_certificates_are_kept_while_they_are_good(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[Certificates, pytest.MonkeyPatch], object] | None,
    days: float,
    renewed: bool,
) -> None:
    files = ca.prepare(tmp_path, NOW)
    if spoil:
        spoil(files, monkeypatch)
    before = files.ca.read_bytes()
    ca.prepare(tmp_path, NOW + timedelta(days=days))
    assert (files.ca.read_bytes() != before) is renewed
    ca.server_context(files)


def test_mocks_that_start_at_once_share_a_ca(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        authorities = set(pool.map(lambda _: ca.prepare(tmp_path, NOW).ca.read_bytes(), range(8)))
    assert len(authorities) == 1


@pytest.mark.skipif(shutil.which("keytool") is None, reason="needs a JDK")
def test_java_trusts_the_certificate_in_the_trust_store(files: Certificates) -> None:
    store = ["-keystore", str(files.trust_store), "-storepass", files.password]
    listed = subprocess.run(["keytool", "-list", *store], capture_output=True, text=True, timeout=50, check=True)
    assert re.search(r"^mock-wechat, .*, trustedCertEntry", listed.stdout, re.MULTILINE)
    all_roots = files.bundle.read_bytes().count(b"BEGIN CERTIFICATE")
    assert listed.stdout.count("trustedCertEntry") > all_roots * 0.9  # some may be too old to be read


def test_environment_keeps_what_it_extends(files: Certificates) -> None:
    inherited = {"NO_PROXY": "corp.example", "JAVA_TOOL_OPTIONS": "-Xmx1g", "PHP_INI_SCAN_DIR": "/etc/mine"}
    environment = variables(files, PROXY, inherited)
    assert list(environment) == list(READ_BY)
    assert environment["NO_PROXY"] == environment["no_proxy"] == "corp.example,localhost,127.0.0.1,::1"
    assert environment["JAVA_TOOL_OPTIONS"].startswith("-Xmx1g -Djavax.net.ssl.trustStore=/")
    assert environment["JAVA_TOOL_OPTIONS"].endswith(" -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=9101")
    assert environment["PHP_INI_SCAN_DIR"] == f"/etc/mine{os.pathsep}{files.folder}"


def test_guide_is_a_shell_script_and_the_readme_names_its_variables(files: Certificates) -> None:
    lines = guide(files, None, PROXY)
    commands = [shlex.split(line, comments=True) for line in lines if line.startswith("export ")]
    assert dict(words[1].split("=", 1) for words in commands) == variables(files, PROXY, {})
    readme = (Path(mock_wechat.__file__).parent / "README.md").read_text("utf-8")
    assert [name for name in READ_BY if f"`{name}" not in readme] == []
    assert [
        host for host in HOSTS if host not in readme and f"`{host.removesuffix('weixin.qq.com')}`" not in readme
    ] == []


def test_https_alone_sets_certificates_only(files: Certificates) -> None:
    environment = variables(files, None, {})
    assert [name for name in environment if "proxy" in name.lower()] == []
    assert "proxy" not in environment["JAVA_TOOL_OPTIONS"]
    assert guide(files, "127.0.0.1:443", None)[0].startswith("HTTPS for WeChat's hosts: 127.0.0.1:443")
