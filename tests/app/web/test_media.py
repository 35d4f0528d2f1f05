"""Media that WeChat checks later: submitted, pushed by the mock, asked for."""

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from app.errors import StoreUnavailable
from app.services import Services
from mock_wechat import MINI, MockWeChat
from mock_wechat.state.accounts import DEFAULT_AES_KEY, DEFAULT_TOKEN
from tests.app.web.conftest import KEYS, Caller, problem
from tests.app.web.live import live
from tests.doubles import FakeClock
from tests.mock_wechat.receiver import Receiver

PATH = "/api/moderation/media"
CHECK = "/wxa/media_check_async"
LATER = "/api/moderation/image?mode=async&scene=1&openid="
MODES = [(mode, form) for mode in ("plain", "compat", "secure") for form in ("json", "xml")]


def image(colour: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (40, 40), colour).save(content, "PNG")
    return content.getvalue()


def animation(*colours: str) -> bytes:
    content = io.BytesIO()
    first, *others = [Image.new("RGB", (40, 40), colour) for colour in colours]
    first.save(content, "GIF", save_all=True, append_images=others, duration=100)
    return content.getvalue()


@pytest.fixture
def files() -> Iterator[Receiver]:
    """Where the media are."""
    with Receiver() as receiver:
        for colour in ("red", "yellow", "blue"):
            receiver.serve(f"/{colour}.png", image(colour))
        yield receiver


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """Pushes come plain; a test may add to this before it asks for the app."""
    return environment | {
        "WECHAT_PUSH_TOKEN": DEFAULT_TOKEN,
        "WECHAT_PRIVATE_MEDIA": "allow",
        "WECHAT_SECRET_KEY": "0123456789abcdef0123456789abcdef",
    }


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where the app listens."""
    with live(app) as address:
        yield address


@pytest.fixture
def asked(files: Receiver, wechat: MockWeChat) -> Callable[..., dict[str, Any]]:
    """A good request, with changes."""

    def ask(colour: str = "red", **changes: Any) -> dict[str, Any]:
        url = f"{files.url}/{colour}.png"
        document = {"media_url": url, "media_type": 2, "openid": wechat.openid(MINI.appid), "scene": 1} | changes
        return {name: value for name, value in document.items() if value is not None}

    return ask


Asked = Callable[..., dict[str, Any]]


def submit(caller: Caller, document: dict[str, Any]) -> str:
    answer = caller.post(PATH, document)
    assert answer.status_code == 202, answer.text
    assert answer.get_json() == {"trace_id": answer.get_json()["trace_id"], "status": "pending"}
    return str(answer.get_json()["trace_id"])


def progress(caller: Caller, trace_id: str) -> dict[str, Any]:
    answer = caller.get(f"{PATH}/{trace_id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def push(wechat: MockWeChat, address: str, trace_id: str | None = None, **how: str) -> list[str]:
    return [sent.outcome for sent in wechat.push.deliver(trace_id, url=f"{address}/api/push/mini", **how)]


def test_wechat_is_asked_by_version_2(caller: Caller, wechat: MockWeChat, asked: Asked) -> None:
    trace_id = submit(caller, asked(scene=3, media_type=1))
    (call,) = wechat.calls(CHECK)
    assert call.appid == MINI.appid
    assert f'"openid": "{wechat.openid(MINI.appid)}"' in str(call.body)
    assert '"version": 2' in str(call.body)
    assert '"scene": 3' in str(call.body)
    assert '"media_type": 1' in str(call.body)
    assert wechat.push.waiting() == [trace_id]
    assert progress(caller, trace_id) == {"trace_id": trace_id, "status": "pending"}


@pytest.mark.parametrize(("mode", "form"), MODES)
def test_verdict_is_pushed_in_every_mode_and_format(
    request: pytest.FixtureRequest, environment: dict[str, str], wechat: MockWeChat, asked: Asked, mode: str, form: str
) -> None:
    if mode != "plain":
        environment["WECHAT_PUSH_AES_KEY"] = DEFAULT_AES_KEY
    caller: Caller = request.getfixturevalue("caller")
    trace_ids = {colour: submit(caller, asked(colour)) for colour in ("red", "yellow", "blue")}
    address: str = request.getfixturevalue("address")
    assert push(wechat, address, mode=mode, format=form) == ["accepted"] * 3
    found = {colour: progress(caller, trace_id) for colour, trace_id in trace_ids.items()}
    assert {now["status"] for now in found.values()} == {"done"}
    assert {colour: now["verdict"]["suggest"] for colour, now in found.items()} == {
        "red": "risky",
        "yellow": "review",
        "blue": "pass",
    }
    red = found["red"]["verdict"]
    assert (red["label"], red["label_name"], red["api"]) == (20002, "porn", "media_check_async/2")
    assert red["trace_id"] == trace_ids["red"]
    assert red["checked"]
    assert red["detail"][0]["strategy"] == "content_model"


@pytest.mark.parametrize("errcode", [40003, 43104, 61010, 87020])
def test_refused_media_is_an_error_and_no_job(caller: Caller, wechat: MockWeChat, asked: Asked, errcode: int) -> None:
    wechat.fail(CHECK, errcode)
    assert problem(caller.post(PATH, asked()), 502, "wechat-refused")["errcode"] == errcode


@pytest.mark.parametrize(
    ("changes", "slug", "said"),
    [
        ({"media_url": None}, "parameter-wrong", "media_url is missing"),
        ({"media_url": "ftp://example.com/"}, "media-url-wrong", "http"),
        ({"media_type": 3}, "parameter-wrong", "media_type must be at most 2"),
        ({"scene": 5}, "parameter-wrong", "scene must be at most 4"),
        ({"openid": ""}, "parameter-wrong", "openid must match"),
        ({"content": "x"}, "parameter-wrong", "'content' is unknown"),
    ],
)
def test_wrong_request_is_refused_by_name_without_a_call(
    caller: Caller, wechat: MockWeChat, asked: Asked, changes: dict[str, Any], slug: str, said: str
) -> None:
    assert said in problem(caller.post(PATH, asked(**changes)), 400, slug)["detail"]
    assert wechat.calls(CHECK) == []


def test_private_host_is_refused_unless_the_setting_allows_it(
    environment: dict[str, str], request: pytest.FixtureRequest, asked: Asked, wechat: MockWeChat
) -> None:
    del environment["WECHAT_PRIVATE_MEDIA"]
    caller: Caller = request.getfixturevalue("caller")
    assert "private" in problem(caller.post(PATH, asked()), 400, "media-url-wrong")["detail"]
    assert wechat.calls(CHECK) == []


def test_without_a_push_token_no_verdict_could_come_so_nothing_is_submitted(
    environment: dict[str, str], request: pytest.FixtureRequest, asked: Asked
) -> None:
    del environment["WECHAT_PUSH_TOKEN"]
    caller: Caller = request.getfixturevalue("caller")
    assert "push_token" in problem(caller.post(PATH, asked()), 404, "not-configured")["detail"]


def test_verdict_that_the_store_does_not_take_is_pushed_again(
    caller: Caller, wechat: MockWeChat, asked: Asked, address: str, services: Services, clock: FakeClock
) -> None:
    """Else WeChat would think it delivered, and no other worker could ever tell it."""
    trace_id = submit(caller, asked())
    taking, refused = services.store._inner.add, iter([True, False])

    def add(name: str, text: str, seconds: float) -> bool:
        if next(refused, False):
            raise StoreUnavailable("full")
        return taking(name, text, seconds)

    services.store._inner.add = add  # type: ignore[method-assign] # to break it once
    sent = wechat.push.deliver(trace_id, url=f"{address}/api/push/mini")
    assert sent[0].status == 503
    clock.advance(1)
    services.async_checks.record(MINI.appid, sent[0].message)
    assert progress(caller, trace_id)["status"] == "done"


@pytest.mark.parametrize("trace_id", ["60f96f1d-3845297a-1976a3ae", "x", "..", "%2e%2e", "a" * 65])
def test_unknown_trace_id_is_404(caller: Caller, trace_id: str) -> None:
    assert caller.get(f"{PATH}/{trace_id}").status_code == 404


def test_key_of_another_account_does_not_see_the_job(
    client: FlaskClient, caller: Caller, asked: Asked, services: Services
) -> None:
    trace_id = submit(caller, asked())
    moderator = {"Authorization": f"Bearer {KEYS['moderator']}"}
    assert client.get(f"{PATH}/{trace_id}", headers=moderator).status_code == 200
    restricted = next(key for key in services.keys if key.name == "moderator")
    object.__setattr__(restricted, "accounts", frozenset({"default"}))
    problem(client.get(f"{PATH}/{trace_id}", headers=moderator), 404, "job-unknown")


def test_image_that_only_we_have_is_checked_by_a_link(
    environment: dict[str, str], request: pytest.FixtureRequest, wechat: MockWeChat
) -> None:
    services, caller = with_public_url(environment, request)
    services.for_account(services.accounts.first("mini")).access_token.get()  # else waiting threads turn the fake clock
    app: Flask = request.getfixturevalue("app")
    with live(app) as address:
        _repoint(services, address)
        answer = caller.post(LATER + wechat.openid(MINI.appid), data=animation("blue", "red", "yellow"))
        assert (answer.status_code, answer.get_json()["status"]) == (202, "pending")
        job = services.async_checks.jobs.find(answer.get_json()["trace_id"])
        assert progress(caller, job.trace_id) == {"trace_id": job.trace_id, "status": "pending"}
        assert push(wechat, address, job.trace_id) == ["accepted"]
        assert progress(caller, job.trace_id)["status"] == "pending"
        assert push(wechat, address) == ["accepted"] * 2
    now = progress(caller, job.trace_id)
    assert (now["trace_id"], now["status"], now["verdict"]["suggest"]) == (job.trace_id, "done", "risky")
    assert now["verdict"]["trace_id"] == job.trace_ids[1]
    assert (now["verdict"]["frames"], now["verdict"]["frames_checked"]) == (3, 3)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("mode=sync", "mode must be 'async'"),
        ("mode=async", "openid is missing"),
        ("mode=async&openid=o&scene=5", "scene must be a whole number"),
        ("mode=async&openid=o&on_unavailable=pass", "on_unavailable"),
        ("openid=o", "mode=async"),
    ],
)
def test_image_parameters_depend_on_the_mode(caller: Caller, wechat: MockWeChat, query: str, said: str) -> None:
    answer = caller.post(f"/api/moderation/image?{query}", data=image("blue"))
    assert said in problem(answer, 400, "parameter-wrong")["detail"]
    assert wechat.calls("/wxa/*") == []


def test_link_is_served_for_wechat_alone_and_gone_when_its_verdict_is_in(
    environment: dict[str, str], request: pytest.FixtureRequest, wechat: MockWeChat
) -> None:
    services, caller = with_public_url(environment, request)
    client: FlaskClient = request.getfixturevalue("client")
    with live(request.getfixturevalue("app")) as address:
        _repoint(services, address)
        assert caller.post(LATER + wechat.openid(MINI.appid), data=image("blue")).status_code == 202
        link = str(wechat.calls(CHECK)[0].body).split(f"{address}")[1].split('"')[0]
        answer = client.get(link)
        assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
        assert answer.data.startswith(b"\xff\xd8")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        push(wechat, address)
    problem(client.get(link), 404, "media-unknown")


def test_without_a_public_url_there_are_no_links(client: FlaskClient, caller: Caller, wechat: MockWeChat) -> None:
    problem(client.get("/media/x"), 404, "not-configured")
    answer = caller.post(LATER + "o", data=image("red"))
    assert "WECHAT_PUBLIC_URL" in problem(answer, 404, "not-configured")["detail"]
    assert wechat.calls(CHECK) == []


def with_public_url(environment: dict[str, str], request: pytest.FixtureRequest) -> tuple[Services, Caller]:
    environment["WECHAT_PUBLIC_URL"] = "http://127.0.0.1:9"
    return request.getfixturevalue("services"), request.getfixturevalue("caller")


def _repoint(services: Services, address: str) -> None:
    """The port is known only once the app listens."""
    assert services.async_checks.links
    services.async_checks.links._public_url = address
