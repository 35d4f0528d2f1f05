"""Fuzzing of the moderation endpoints: every answer is a documented one."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from app import create_app
from app.services import build_services
from app.settings import load_settings
from app.web.problems import PROBLEMS
from mock_wechat import MINI, MockWeChat
from tests.app.moderation.images.pictures import BLUE, RED, animated, gif, plain
from tests.app.web.conftest import Caller
from tests.doubles import FakeClock

TEXT, BATCH, IMAGE = "/api/moderation/text", "/api/moderation/text/batch", "/api/moderation/image"
SUGGESTS = {"pass", "review", "risky"}
TYPES = {problem.type for problem in PROBLEMS.values()}

fuzz = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def caller() -> Iterator[Caller]:
    clock = FakeClock()
    with MockWeChat(clock=clock) as mock:
        key = {"WECHAT_API_KEYS": "everything:moderation=everything-everything-key", "WECHAT_STORE_URL": "memory://"}
        services = build_services(load_settings(mock.environment | key), clock=clock, sleep=clock.sleep)
        services.for_account(services.accounts.first("mini")).access_token.get()
        yield Caller(create_app(services=services).test_client(), "everything")


def is_verdict(document: dict[str, Any]) -> bool:
    return document["suggest"] in SUGGESTS and {"label", "label_name", "api", "checked", "cached"} <= document.keys()


def is_problem(document: dict[str, Any]) -> bool:
    return document["type"] in TYPES and {"title", "status", "detail"} <= document.keys()


def check(response: TestResponse, *statuses: int) -> dict[str, Any]:
    assert response.status_code in statuses, response.get_data(as_text=True)
    document: dict[str, Any] = json.loads(response.get_data(as_text=True))
    if response.status_code != 200:
        assert is_problem(document)
        assert response.content_type == "application/problem+json"
    return document


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
writing = st.text(st.characters(exclude_categories=()), min_size=1, max_size=50)
openids = st.sampled_from(["o1", ""]) | st.text(max_size=10) | anything


def mostly(right: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(right, right, right, anything)


texts = st.fixed_dictionaries(
    {"content": mostly(writing)},
    optional={
        "openid": openids,
        "scene": mostly(st.integers(0, 5)),
        "title": mostly(writing),
        "nickname": mostly(writing),
        "signature": mostly(writing),
        "on_unavailable": mostly(st.sampled_from(["error", "review", "pass"])),
        "account": mostly(st.sampled_from(["mini", MINI.appid, "default", "unknown"])),
        "other": anything,
    },
)


@fuzz
@given(texts)
@example({"content": "\ud800", "openid": "o1"})
def test_text_of_any_kind(caller: Caller, asked: dict[str, Any]) -> None:
    document = check(caller.post(TEXT, asked), 200, 400, 404, 502)
    assert "type" in document or is_verdict(document)


@fuzz
@given(st.binary(max_size=200) | texts.map(lambda asked: json.dumps(asked)[:-1].encode()))
def test_body_that_is_no_json(caller: Caller, body: bytes) -> None:
    for path in (TEXT, BATCH):
        check(caller.post(path, data=body), 400)


@fuzz
@given(mostly(st.lists(texts | anything, max_size=5)))
def test_batch_of_any_kind(caller: Caller, items: Any) -> None:
    document = check(caller.post(BATCH, {"items": items}), 200, 400)
    if "items" in document:
        assert len(document["items"]) == len(items)
        assert all(is_problem(one) if "type" in one else is_verdict(one) for one in document["items"])


IMAGES = [
    plain("PNG", (30, 20), RED),
    plain("JPEG", (30, 20), BLUE),
    plain("BMP", (30, 20), BLUE),
    plain("WEBP", (30, 20), BLUE),
    animated("GIF", [RED, BLUE], (30, 20)),
    animated("WEBP", [RED, BLUE], (30, 20)),
    gif((10, 10), 12),
]


@st.composite
def damaged(draw: Callable[[st.SearchStrategy[Any]], Any]) -> bytes:
    """An image with some bytes changed, left out or added."""
    image = bytearray(draw(st.sampled_from(IMAGES)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(image) - 1))
        image[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(image[: draw(st.integers(1, len(image)) | st.just(len(image)))])


@fuzz
@given(
    damaged() | st.binary(max_size=300), st.sampled_from(["", "application/json", "image/png", "multipart/form-data"])
)
def test_image_of_any_kind(caller: Caller, image: bytes, content_type: str) -> None:
    document = check(caller.post(IMAGE, data=image, content_type=content_type), 200, 400, 413)
    assert "type" in document or is_verdict(document)
