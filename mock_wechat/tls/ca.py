"""The certificates of one project: made at first start, renewed before they end, for tests only.

They are for WeChat's hosts alone: name constraints limit the CA to them. Its private key is never written, so it can
issue no further certificates. Only this module needs `cryptography`.
"""

import os
import re
import ssl
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ..hosts import HOSTS

LIFETIME = timedelta(days=30)
RENEWED_WITHIN = timedelta(days=1)
CLOCK_SKEW = timedelta(hours=1)

SYSTEM_ROOTS = (
    ssl.get_default_verify_paths().openssl_cafile,
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora
    "/etc/ssl/cert.pem",  # macOS
)
"""The first that exists is used; not SSL_CERT_FILE, which may be an earlier bundle of a mock."""


@dataclass(frozen=True)
class Certificates:
    """The files of one folder."""

    folder: Path

    @property
    def server(self) -> Path:
        """Private key and certificate of the mock."""
        return self.folder / "server.pem"

    @property
    def ca(self) -> Path:
        """The CA alone, for runtimes that add it to their own list."""
        return self.folder / "ca.pem"

    @property
    def bundle(self) -> Path:
        """The system's CAs and this one, for runtimes that replace their list."""
        return self.folder / "bundle.pem"

    @property
    def trust_store(self) -> Path:
        """The same as `bundle`, for the JVM."""
        return self.folder / "truststore.p12"

    @property
    def expiry(self) -> datetime:
        return x509.load_pem_x509_certificate(self.ca.read_bytes()).not_valid_after_utc

    @property
    def password(self) -> str:
        """The JVM's default: a trust store contains no secret."""
        return "changeit"


def prepare(folder: Path, now: datetime) -> Certificates:
    """The certificates in `folder`, made anew unless they are good for another day.

    Raises OSError if the folder can't be written.
    """
    folder = folder.absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = Certificates(folder)
    with _locked(folder / "lock"):
        if not _are_usable(files, now):
            _make(files, now)
        authority, roots = files.ca.read_bytes(), _system_roots()
        _write(folder / ".gitignore", b"*\n")
        _write(files.bundle, roots + authority)
        _write(files.trust_store, _trust_store(authority, roots, files.password))
        settings = "".join(f'{name} = "{files.bundle}"\n' for name in ("curl.cainfo", "openssl.cafile"))
        _write(folder / "php.ini", settings.encode())
    return files


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Lock the folder, so that mocks that start at the same time share one CA."""
    with path.open("w") as file:
        if sys.platform != "win32":
            import fcntl  # noqa: PLC0415 -- not on Windows

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _are_usable(files: Certificates, now: datetime) -> bool:
    try:
        authority = x509.load_pem_x509_certificate(files.ca.read_bytes())
        server = x509.load_pem_x509_certificate(files.server.read_bytes())
        server.verify_directly_issued_by(authority)
        server_context(files)  # the key fits
        hosts = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except Exception:  # noqa: BLE001 -- whatever is wrong with the files, new ones are right
        return False
    return hosts == _names() and server.not_valid_after_utc > now + RENEWED_WITHIN


def server_context(files: Certificates) -> ssl.SSLContext:
    """The server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.server)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _make(files: Certificates, now: datetime) -> None:
    authority_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    authority_name = _name("Mock WeChat, for tests only")
    authority_id = x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key())
    authority = (
        _builder(authority_key, authority_name, authority_name, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_constraints(), critical=True)
        .add_extension(_key_usage(of_ca=True), critical=True)
        .sign(authority_key, SHA256())
    )
    server = (
        _builder(server_key, _name(HOSTS[0]), authority_name, now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_names(), critical=False)
        .add_extension(_key_usage(of_ca=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(authority_id), critical=False)
        .sign(authority_key, SHA256())
    )
    key = server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _write(files.server, key + server.public_bytes(Encoding.PEM), mode=0o600)
    _write(files.ca, authority.public_bytes(Encoding.PEM))


def _builder(
    key: ec.EllipticCurvePrivateKey, subject: x509.Name, issuer: x509.Name, now: datetime
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        issuer, subject, key.public_key(), x509.random_serial_number(), now - CLOCK_SKEW, now + LIFETIME
    ).add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _names() -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS])


def _constraints() -> x509.NameConstraints:
    """WeChat's hosts, and no IP address."""
    no_address = [x509.IPAddress(ip_network(every)) for every in ("0.0.0.0/0", "::/0")]
    return x509.NameConstraints([x509.DNSName(host) for host in HOSTS], no_address)


def _key_usage(*, of_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not of_ca,
        key_cert_sign=of_ca,
        crl_sign=of_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _system_roots() -> bytes:
    """PEM, empty if the system has no list in a file."""
    for path in map(Path, SYSTEM_ROOTS):
        if path.is_file():
            return path.read_bytes().rstrip() + b"\n"
    return b""


def _trust_store(authority: bytes, roots: bytes, password: str) -> bytes:
    """A PKCS #12 file with the attribute by which the JVM trusts its certificates."""
    certificates = {b"mock-wechat": x509.load_pem_x509_certificate(authority)}
    for number, root in enumerate(re.findall(rb"-----BEGIN CERT.+?-----END CERTIFICATE-----", roots, re.DOTALL)):
        with warnings.catch_warnings(action="ignore"), suppress(ValueError):  # some old roots violate today's rules
            certificates[b"root-%d" % number] = x509.load_pem_x509_certificate(root)
    entries = [pkcs12.PKCS12Certificate(certificate, alias) for alias, certificate in certificates.items()]
    return pkcs12.serialize_java_truststore(entries, BestAvailableEncryption(password.encode()))


def _write(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Replace the file as a whole: clients may be reading it."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    new.replace(path)
