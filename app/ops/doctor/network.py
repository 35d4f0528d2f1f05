"""Hosts: does WeChat answer, is our clock right, do our JS domains serve WeChat's file?"""

import http.client
import socket
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from ...accounts import Account, JsDomain, is_loopback
from ...errors import WeChatUnavailable
from ...wechat import Hint
from .findings import Finding, Verdict

_TOLERABLE_SKEW_SECONDS = 30.0
"""nodes that share a store judge by their own clocks when a credential ends"""
_FILE_TIMEOUT_SECONDS = 5.0
_MAX_FILE_BYTES = 4096

_CLOCK = Hint(en="Set this machine's clock, and keep it right with NTP.", zh="请校准本机时间，并启用 NTP 同步。")
_SERVE = Hint(
    en="WeChat wants the file at exactly this address. Let that host pass it on to this server, or serve it.",
    zh="微信要求在该地址直接访问到此文件：请让该主机把此路径转发到本服务器，或在那里放置该文件。",
)
_DOWNLOAD = Hint(
    en="Download MP_verify_*.txt at mp.weixin.qq.com where JS domains are entered, and put it there.",
    zh="请在公众号后台设置「JS接口安全域名」的页面下载 MP_verify_*.txt，并放入该目录。",
)
_NO_ADDRESS = Hint(
    en="Check the name in WECHAT_API_BASE or WECHAT_PROXY, and this machine's DNS (/etc/resolv.conf).",
    zh="请检查 WECHAT_API_BASE 或 WECHAT_PROXY 中的主机名，以及本机 DNS（/etc/resolv.conf）。",
)
NO_ANSWER = Hint(
    en="Let this machine reach that host: firewall, security group, or WECHAT_PROXY. If it is the certificate: "
    "does a device intercept TLS, is this machine's clock right?",
    zh="请放通本机到该主机的网络（防火墙、安全组或 WECHAT_PROXY）。"
    "若为证书问题：是否有设备拦截 TLS？本机时间是否正确？",
)


def check_host(
    base: str, probe: Callable[[str], str | None], proxy: str | None, clock: Callable[[], float]
) -> Iterator[Finding]:
    """Name, answer (over TLS unless it is on loopback) and clock of a host that we call; ends at the first failure.

    `base` is scheme, name and port. `probe` returns the Date header of the answer, or raises WeChatUnavailable.
    """
    subject, scheme = urlsplit(base).netloc, urlsplit(base).scheme.lower()
    target = urlsplit(proxy or base)  # a proxy resolves WeChat's name itself
    prefix = f"the proxy {target.hostname}: " if proxy else ""
    try:
        addresses = socket.getaddrinfo(target.hostname, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        found = f"{prefix}{_reason(error)}"
        yield Finding(subject, "dns", Verdict.FAILED, found, _NO_ADDRESS)
        return
    yield Finding(subject, "dns", Verdict.OK, prefix + ", ".join(sorted({str(one[0]) for *_, one in addresses})))
    check, accepted = ("tls", ", certificate accepted") if scheme == "https" else ("http", "")
    before = clock()
    try:
        date = probe(base)
    except WeChatUnavailable as error:
        yield Finding(subject, check, Verdict.FAILED, str(error), NO_ANSWER)
        return
    after = clock()
    yield Finding(subject, check, Verdict.OK, f"answers in {(after - before) * 1000:.0f} ms{accepted}")
    yield _compare_clocks(subject, date, (before + after) / 2)


def _compare_clocks(subject: str, date: str | None, now: float) -> Finding:
    try:
        skew = now - parsedate_to_datetime(date or "").timestamp()
    except (ValueError, OverflowError):
        return Finding(subject, "clock", Verdict.SKIPPED, "WeChat does not say what time it is")
    if abs(skew) <= _TOLERABLE_SKEW_SECONDS:
        return Finding(subject, "clock", Verdict.OK, f"within {max(1, abs(skew)):.0f} s of WeChat's")
    found = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} WeChat's"
    return Finding(subject, "clock", Verdict.FAILED, found, _CLOCK)


def check_domains(account: Account, folder: Path | None) -> Iterator[Finding]:
    """One finding for each JS domain, if there is a folder. Accounts have files of their own: one is enough."""
    if folder is None or not account.js_domains:
        return
    try:
        files = {file.name: file.read_bytes().strip() for file in sorted(folder.glob("MP_verify_*.txt"))}
    except OSError as error:
        yield Finding(account.name, "verify_file", Verdict.FAILED, f"{error.filename}: {error.strerror}", _DOWNLOAD)
        return
    if not files:
        yield Finding(account.name, "verify_file", Verdict.FAILED, f"no MP_verify_*.txt in {folder}", _DOWNLOAD)
        return
    for domain in account.js_domains:
        yield _check_domain(account, domain, files)


def _check_domain(account: Account, domain: JsDomain, files: Mapping[str, bytes]) -> Finding:
    """`files`: content by name. The first one that is served is enough; a host that does not answer is asked once."""
    if domain.subdomains:
        found = f"*.{domain.host} covers any host: at WeChat each is entered by its name"
        return Finding(account.name, "verify_file", Verdict.SKIPPED, found)
    origin = f"{'http' if is_loopback(domain.host) else 'https'}://{domain.host}"
    origin += f":{domain.port}" if domain.port else ""
    problems: list[str] = []
    for name, content in files.items():
        try:
            problem = _problem(domain, name, content)
        except (OSError, UnicodeError, http.client.HTTPException) as error:
            problems.append(f"{origin}{domain.path}/{name}: {_reason(error)}")
            break
        if problem is None:
            return Finding(account.name, "verify_file", Verdict.OK, f"{origin} serves {name}")
        problems.append(f"{origin}{domain.path}/{name}: {problem}")
    return Finding(account.name, "verify_file", Verdict.FAILED, "; ".join(problems), _SERVE)


def _problem(domain: JsDomain, name: str, content: bytes) -> str | None:
    """What is wrong with the domain's answer, None if it is the file."""
    connection_to = http.client.HTTPConnection if is_loopback(domain.host) else http.client.HTTPSConnection
    connection = connection_to(domain.host, domain.port, timeout=_FILE_TIMEOUT_SECONDS)
    try:
        connection.request("GET", f"{domain.path}/{name}")
        answer = connection.getresponse()
        body = answer.read(_MAX_FILE_BYTES)
    finally:
        connection.close()
    if answer.status != http.client.OK:
        return f"HTTP {answer.status}"
    return None if body.strip() == content else "something else is served there"


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
