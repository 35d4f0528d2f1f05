"""The console's files as the mock serves them; what the page does is in tests/e2e/test_console.py."""

import re
from pathlib import Path

import pytest

from mock_wechat import console

from .client import Client

KINDS = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
FILES = sorted(file for file in Path(console.__file__).parent.iterdir() if file.suffix in KINDS)
BEHIND_THE_PAGE = re.compile(r"/_mock/console/([\w.]+)|from \"\./([\w.]+)\"")


def test_the_page_is_at_the_root_of_the_control_plane(client: Client) -> None:
    answer = client.raw("GET", "/_mock/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.text.startswith("<!doctype html>")
    assert client.raw("GET", "/_mock", allow_redirects=False).headers["Location"] == "/_mock/"
    assert client.raw("GET", "/_mock").text == answer.text


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_file_is_served_with_its_resources(client: Client, file: Path) -> None:
    answer = client.raw("GET", f"/_mock/console/{file.name}")
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (200, KINDS[file.suffix])
    needed = {first or second for first, second in BEHIND_THE_PAGE.findall(answer.text)}
    assert needed <= {other.name for other in FILES}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_file_asks_another_host_or_writes_html(file: Path) -> None:
    text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"https?:|[\"'(]//\w", text) == []
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|\sstyle=|\son\w+=", text) == []


def test_the_policy_allows_nothing_but_its_own_files(client: Client) -> None:
    headers = client.raw("GET", "/_mock/").headers
    policy = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "img-src", "connect-src")} == {"'self'"}
    assert {policy[name] for name in ("base-uri", "form-action", "frame-ancestors")} == {"'none'"}
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["../__init__.py", "../README.md", "/etc/passwd", "./index.html", "", ".", ".."])
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    assert console.find("GET", f"/console/{name}") is None
