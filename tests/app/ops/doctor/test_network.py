"""Names, answers and clocks of hosts, and the files of JS domains."""

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.accounts import Account, JsDomain
from app.errors import WeChatUnavailable
from app.ops.doctor import Finding, Verdict
from app.ops.doctor.network import check_domains, check_host
from tests.doubles import START

LOOPBACK = "https://127.0.0.1:9100"
Pages = dict[str, bytes | int]
"""what is at each path; a number is an HTTP status"""


def findings(base: str = LOOPBACK, date: str | None = None, proxy: str | None = None) -> list[Finding]:
    """Of a host that answers with this Date header."""
    return list(check_host(base, lambda _: date, proxy, lambda: START))


@pytest.mark.parametrize(
    "name", ["nowhere.invalid", "two..dots", "a" * 64], ids=["unknown", "empty label", "long label"]
)  # settings accept any of them
def test_name_without_address_fails_dns_and_ends_the_checks(name: str) -> None:
    [finding] = findings(f"https://{name}")
    assert (finding.subject, finding.check, finding.verdict) == (name, "dns", Verdict.FAILED)
    assert finding.advice


@pytest.mark.parametrize(
    ("base", "checks"),
    [("http://127.0.0.1:9100", ["dns", "http", "clock"]), ("https://[::1]:9100", ["dns", "tls", "clock"])],
)
def test_address_is_its_own_name(base: str, checks: list[str]) -> None:
    found = findings(base)
    assert [finding.check for finding in found] == checks
    assert found[0].verdict is Verdict.OK
    assert found[0].found in base


def test_proxy_is_resolved_in_place_of_wechat_without_its_password() -> None:
    dns = findings("https://nowhere.invalid", proxy="http://user:password@127.0.0.1:3128")[0]
    assert (dns.verdict, dns.found) == (Verdict.OK, "the proxy 127.0.0.1: 127.0.0.1")


def test_without_an_answer_no_clock_is_compared() -> None:
    def probe(_: str) -> None:
        raise WeChatUnavailable("its certificate is not accepted: expired")

    _, finding = check_host(LOOPBACK, probe, None, lambda: START)
    assert (finding.check, finding.verdict) == ("tls", Verdict.FAILED)
    assert finding.found == "its certificate is not accepted: expired"


@pytest.mark.parametrize(
    ("date", "verdict", "found"),
    [
        ("Mon, 21 Sep 2026 14:13:20 GMT", Verdict.OK, "within 1 s of WeChat's"),
        ("Mon, 21 Sep 2026 14:12:51 GMT", Verdict.OK, "within 29 s of WeChat's"),
        ("Mon, 21 Sep 2026 14:12:20 GMT", Verdict.FAILED, "60 s ahead of WeChat's"),
        ("Mon, 21 Sep 2026 15:13:20 GMT", Verdict.FAILED, "3600 s behind WeChat's"),
        ("yesterday", Verdict.SKIPPED, "WeChat does not say what time it is"),
        ("Mon, 99999999999 Sep 2026 14:13:20 GMT", Verdict.SKIPPED, "WeChat does not say what time it is"),
        (None, Verdict.SKIPPED, "WeChat does not say what time it is"),
    ],
)
def test_clock_is_compared_with_the_date_header(date: str | None, verdict: Verdict, found: str) -> None:
    clock = findings(date=date)[-1]
    assert (clock.check, clock.verdict, clock.found) == ("clock", verdict, found)


# -- MP_verify files, fetched where WeChat fetches them


@pytest.fixture
def pages() -> Pages:
    return {}


@pytest.fixture
def port(pages: Pages) -> Iterator[int]:
    """Of a web site with these pages."""

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
        yield server.server_port
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


def test_served_file_of_one_account_is_enough(pages: Pages, port: int, folder: Path) -> None:
    (folder / "MP_verify_zZ9.txt").write_text("zZ9")  # another account's
    pages["/MP_verify_a1B2.txt"] = b"a1B2"
    [finding] = checked(folder, f"127.0.0.1:{port}")
    assert finding.verdict is Verdict.OK
    assert finding.found == f"http://127.0.0.1:{port} serves MP_verify_a1B2.txt"


def test_domain_with_a_path_serves_it_below_that_path(pages: Pages, port: int, folder: Path) -> None:
    pages["/h5/MP_verify_a1B2.txt"] = b"a1B2"
    domain = f"127.0.0.1:{port}"
    assert [finding.verdict for finding in checked(folder, f"{domain}/h5", domain)] == [Verdict.OK, Verdict.FAILED]


@pytest.mark.parametrize(
    ("page", "said"), [(404, "HTTP 404"), (302, "HTTP 302"), (b"<html>", "something else is served there")]
)
def test_missing_file_is_reported_with_its_address(
    pages: Pages, port: int, folder: Path, page: bytes | int, said: str
) -> None:
    pages["/MP_verify_a1B2.txt"] = page
    [finding] = checked(folder, f"127.0.0.1:{port}")
    assert finding.verdict is Verdict.FAILED
    assert finding.found == f"http://127.0.0.1:{port}/MP_verify_a1B2.txt: {said}"
    assert finding.advice


@pytest.mark.parametrize(
    ("domain", "reason"),
    [("127.0.0.1:1", "Connection refused"), ("a" * 64 + ".example.com", "label")],
    ids=["refused", "no host name"],
)
def test_host_that_does_not_answer_fails_and_is_asked_once(folder: Path, domain: str, reason: str) -> None:
    (folder / "MP_verify_zZ9.txt").write_text("zZ9")  # another 5 s, if the host is only slow
    [finding] = checked(folder, domain)
    assert finding.verdict is Verdict.FAILED
    assert f"://{domain}/MP_verify_a1B2.txt: " in finding.found
    assert reason in finding.found
    assert "zZ9" not in finding.found


def test_unreadable_file_is_named(folder: Path) -> None:
    (folder / "MP_verify_zZ9.txt").mkdir()  # as root, tests can read whatever is a file
    [finding] = checked(folder, "127.0.0.1:1")
    assert (finding.verdict, finding.found) == (Verdict.FAILED, f"{folder}/MP_verify_zZ9.txt: Is a directory")


def test_other_hosts_are_asked_over_tls(pages: Pages, port: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages["/MP_verify_a1B2.txt"] = b"a1B2"
    asked = []

    def secure(host: str, default: int | None, *, timeout: float) -> http.client.HTTPConnection:
        asked.append((host, default))
        return http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    monkeypatch.setattr(http.client, "HTTPSConnection", secure)
    [finding] = checked(folder, "h5.example.com")
    assert finding.found == "https://h5.example.com serves MP_verify_a1B2.txt"
    assert asked == [("h5.example.com", None)]


def test_wildcard_is_skipped_and_an_empty_folder_fails(folder: Path, tmp_path: Path) -> None:
    [wildcard] = checked(folder, "*.pages.example.com")
    assert wildcard.verdict is Verdict.SKIPPED
    (empty := tmp_path / "empty").mkdir()
    [nothing] = checked(empty, "127.0.0.1:1")
    assert nothing.verdict is Verdict.FAILED
    assert checked(None, "127.0.0.1:1") == checked(folder) == []
