"""Callbacks of web logins that come twice, late, broken, or while WeChat fails: no code is exchanged twice."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from tests.e2e.conftest import assert_no_secret_in
from tests.e2e.logins import EXCHANGE, Login, Phone, redeem, running_login, ticket_of
from tests.e2e.nodes import events


@pytest.fixture(scope="module")
def login(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Login]:
    with running_login(tmp_path_factory.mktemp("login")) as login:
        yield login


@contextmanager
def later(login: Login, seconds: int) -> Iterator[None]:
    """The server's clock is ahead."""
    login.offset.write_text(str(seconds))
    yield
    login.offset.write_text("0")


def test_callback_twice_at_once_and_30_seconds_later_is_the_same_redirect(login: Login) -> None:
    phone = Phone()
    callback, before = login.callback(phone), login.exchanges()
    login.wechat.fail(EXCHANGE, delay_seconds=0.2)
    with ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(phone.get, [callback] * 3))
    with later(login, 30):
        answers.append(phone.get(callback))
    assert len({answer.headers.get("Location") for answer in answers}) == 1
    assert login.exchanges() == before + 1
    tickets = [redeem(login.server, ticket_of(answer)) for answer in answers]
    assert sorted(answer.ok for answer in tickets) == [False, False, False, True]


def forged(callback: str) -> str:
    return re.sub(r"state=\w", "state=0" if "state=0" not in callback else "state=1", callback)


Callback = Callable[[Login], requests.Response]
BROKEN: dict[str, tuple[str, Callback]] = {}


def broken(reason: str) -> Callable[[Callback], Callback]:
    """A callback that ends at a page with this reason."""

    def decorate(callback: Callback) -> Callback:
        BROKEN[callback.__name__] = reason, callback
        return callback

    return decorate


@broken("expired")
def expired(login: Login) -> requests.Response:
    phone = Phone()
    callback = login.callback(phone)
    with later(login, 601):
        return phone.get(callback)


@broken("unknown")
def forged_state(login: Login) -> requests.Response:
    phone = Phone()
    return phone.get(forged(login.callback(phone)))


@broken("cookie")
def foreign_state(login: Login) -> requests.Response:
    phone, other = Phone(), Phone()
    login.callback(phone)
    return phone.get(login.callback(other))


@broken("cookie")
def missing_cookie(login: Login) -> requests.Response:
    return Phone().get(login.callback(Phone()))


@broken("code")
def missing_code(login: Login) -> requests.Response:
    phone = Phone()
    return phone.get(re.sub(r"code=[^&]*&", "", login.callback(phone)))


@broken("used")
def another_code(login: Login) -> requests.Response:
    phone = Phone()
    callback = login.callback(phone)
    assert phone.get(callback).status_code == 302
    return phone.get(re.sub(r"code=[^&]*", f"code={login.wechat.oauth_code()}", callback))


@broken("used")
def spent_and_late(login: Login) -> requests.Response:
    phone = Phone()
    callback = login.callback(phone)
    assert phone.get(callback).status_code == 302
    with later(login, 61):
        return phone.get(callback)


@pytest.mark.parametrize("case", BROKEN)
def test_broken_login_ends_at_a_page_that_starts_anew(login: Login, case: str) -> None:
    before, (reason, callback) = login.exchanges(), BROKEN[case]
    answer = callback(login)
    assert_starts_anew(answer, reason)
    assert login.exchanges() == before + (case in ("another_code", "spent_and_late"))
    assert_no_secret_in([answer.text], [login.wechat])


def assert_starts_anew(answer: requests.Response, reason: str) -> None:
    """It is a page with this reason, and with a link that starts the same login again, if that is known."""
    assert answer.status_code >= 400
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.headers["Cache-Control"] == "no-store"
    assert f'data-reason="{reason}"' in answer.text
    assert ('href="start?' in answer.text) == (reason != "unknown")


FAULTS: dict[str, dict[str, Any]] = {
    "system error": {"errcode": -1},
    "system error, code used": {"errcode": -1, "processed": True},
    "refused": {"errcode": 40001},
    "timeout": {"delay_seconds": 1.5},
    "connection cut before": {"drop": "before"},
    "connection cut after": {"drop": "after"},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_failed_exchange_is_not_repeated(login: Login, fault: str) -> None:
    phone = Phone()
    callback, before = login.callback(phone), login.exchanges()
    login.wechat.fail(EXCHANGE, **FAULTS[fault])
    answer, again = phone.get(callback), phone.get(callback)
    assert_starts_anew(answer, "wechat")
    assert_starts_anew(again, "wechat")
    calls = login.wechat.calls(EXCHANGE)[before:]
    assert len(calls) == 1
    rid = re.search(r"rid: ([\w-]+)", calls[0].answer or "")
    assert rid or fault != "refused"
    assert not rid or events(login.server, rid[1])
    assert_no_secret_in([answer.text], [login.wechat])
