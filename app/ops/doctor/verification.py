"""Does each JS domain serve the file with which WeChat sees that it is ours?"""

import http.client
from collections.abc import Iterator
from pathlib import Path

from ...accounts import Account, JsDomain, is_loopback
from ...wechat import Hint
from .findings import Finding, Verdict

_TIMEOUT_SECONDS = 5.0
_MAX_FILE_BYTES = 4096

_SERVE = Hint(
    en="WeChat wants the file at exactly this address. Let that host pass it on to this server, or serve it.",
    zh="微信要求在该地址直接访问到此文件：请让该主机把此路径转发到本服务器，或在那里放置该文件。",
)
_DOWNLOAD = Hint(
    en="Download MP_verify_*.txt at mp.weixin.qq.com where JS domains are entered, and put it there.",
    zh="请在 mp.weixin.qq.com 设置 JS接口安全域名 处下载 MP_verify_*.txt，并放入该目录。",
)


def check_domains(account: Account, folder: Path | None) -> Iterator[Finding]:
    """One finding for each JS domain, if there is a folder of files. Accounts have files of their own: one must do."""
    if folder is None or not account.js_domains:
        return
    files = sorted(folder.glob("MP_verify_*.txt"))
    if not files:
        yield Finding(account.name, "verify_file", Verdict.FAILED, f"no MP_verify_*.txt in {folder}", _DOWNLOAD)
        return
    for domain in account.js_domains:
        yield _domain(account, domain, files)


def _domain(account: Account, domain: JsDomain, files: list[Path]) -> Finding:
    if domain.subdomains:
        found = f"*.{domain.host} stands for any host: WeChat is told each by its name"
        return Finding(account.name, "verify_file", Verdict.SKIPPED, found)
    problems = {file: _problem(domain, file) for file in files}
    served = [file.name for file, problem in problems.items() if problem is None]
    if served:
        return Finding(account.name, "verify_file", Verdict.OK, f"{_origin(domain)} serves {', '.join(served)}")
    found = "; ".join(f"{_origin(domain)}{_path(domain, file)}: {problem}" for file, problem in problems.items())
    return Finding(account.name, "verify_file", Verdict.FAILED, found, _SERVE)


def _problem(domain: JsDomain, file: Path) -> str | None:
    """What is wrong with what the domain answers, or None if that is the file."""
    connection_to = http.client.HTTPConnection if is_loopback(domain.host) else http.client.HTTPSConnection
    connection = connection_to(domain.host, domain.port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", _path(domain, file))
        answer = connection.getresponse()
        body = answer.read(_MAX_FILE_BYTES)
    except (OSError, http.client.HTTPException) as error:
        return getattr(error, "strerror", None) or type(error).__name__
    finally:
        connection.close()
    if answer.status != http.client.OK:
        return f"HTTP {answer.status}"
    return None if body.strip() == file.read_bytes().strip() else "something else is served there"


def _origin(domain: JsDomain) -> str:
    scheme = "http" if is_loopback(domain.host) else "https"
    return f"{scheme}://{domain.host}" + (f":{domain.port}" if domain.port else "")


def _path(domain: JsDomain, file: Path) -> str:
    return f"{domain.path}/{file.name}"
