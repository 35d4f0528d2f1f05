"""MP_verify files: fetched where WeChat looks for them."""

import http.client
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.accounts import Account, JsDomain
from app.ops.doctor import Finding, Verdict
from app.ops.doctor.verification import check_domains


@dataclass
class Site:
    """A web site: what stands at each path. A number is an HTTP status."""

    port: int
    pages: dict[str, bytes | int]


@pytest.fixture
def site() -> Iterator[Site]:
    pages: dict[str, bytes | int] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path, 404)
            self.send_response(page if isinstance(page, int) else 200)
            self.end_headers()
            self.wfile.write(page if isinstance(page, bytes) else b"")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield Site(server.server_port, pages)
        server.shutdown()
        thread.join()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "MP_verify_a1B2.txt").write_text("a1B2\n")
    (tmp_path / "something-else.txt").write_text("no")
    return tmp_path


def checked(folder: Path | None, *domains: str) -> list[Finding]:
    parsed = tuple(JsDomain.parse(domain) for domain in domains)
    return list(check_domains(Account("shop", "wx0123456789abcdef", "secret", js_domains=parsed), folder))


def test_file_that_is_served_as_it_is(site: Site, folder: Path) -> None:
    site.pages["/MP_verify_a1B2.txt"] = b"a1B2"
    [finding] = checked(folder, f"127.0.0.1:{site.port}")
    assert finding.verdict is Verdict.OK
    assert finding.found == f"http://127.0.0.1:{site.port} serves MP_verify_a1B2.txt"


def test_domain_with_a_path_serves_it_below_that_path(site: Site, folder: Path) -> None:
    site.pages["/h5/MP_verify_a1B2.txt"] = b"a1B2"
    domain = f"127.0.0.1:{site.port}"
    assert [finding.verdict for finding in checked(folder, f"{domain}/h5", domain)] == [Verdict.OK, Verdict.FAILED]


@pytest.mark.parametrize(
    ("page", "said"), [(404, "HTTP 404"), (302, "HTTP 302"), (b"<html>", "something else is served there")]
)
def test_file_that_is_not_served_is_told_with_its_address(
    site: Site, folder: Path, page: bytes | int, said: str
) -> None:
    site.pages["/MP_verify_a1B2.txt"] = page
    [finding] = checked(folder, f"127.0.0.1:{site.port}")
    assert finding.verdict is Verdict.FAILED
    assert finding.found == f"http://127.0.0.1:{site.port}/MP_verify_a1B2.txt: {said}"
    assert finding.advice


def test_host_that_does_not_answer_is_told(folder: Path) -> None:
    [finding] = checked(folder, "127.0.0.1:1")
    assert finding.found == "http://127.0.0.1:1/MP_verify_a1B2.txt: Connection refused"


def test_file_of_another_account_may_be_missing(site: Site, folder: Path) -> None:
    (folder / "MP_verify_zZ9.txt").write_text("zZ9")
    site.pages["/MP_verify_zZ9.txt"] = b"zZ9"
    [finding] = checked(folder, f"127.0.0.1:{site.port}")
    assert finding.verdict is Verdict.OK


def test_other_hosts_are_asked_over_tls(site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site.pages["/MP_verify_a1B2.txt"] = b"a1B2"
    asked = []

    def secure(host: str, port: int | None, *, timeout: float) -> http.client.HTTPConnection:
        asked.append((host, port))
        return http.client.HTTPConnection("127.0.0.1", site.port, timeout=timeout)

    monkeypatch.setattr(http.client, "HTTPSConnection", secure)
    [finding] = checked(folder, "h5.example.com")
    assert finding.found == "https://h5.example.com serves MP_verify_a1B2.txt"
    assert asked == [("h5.example.com", None)]


def test_wildcard_cannot_be_asked(folder: Path) -> None:
    [finding] = checked(folder, "*.pages.example.com")
    assert finding.verdict is Verdict.SKIPPED


def test_folder_without_files_is_told(tmp_path: Path) -> None:
    [finding] = checked(tmp_path, "127.0.0.1:1")
    assert finding.verdict is Verdict.FAILED
    assert "MP_verify_*.txt" in finding.found


def test_without_folder_or_domains_there_is_nothing_to_check(folder: Path) -> None:
    assert checked(None, "127.0.0.1:1") == []
    assert checked(folder) == []
