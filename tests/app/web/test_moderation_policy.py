"""What a check answers without a verdict by WeChat: as the account's settings say, never a silent pass."""

from collections.abc import Callable
from typing import Any

import pytest

from app import create_app
from app.services import build_services
from app.settings import load_settings
from mock_wechat import MINI, MockWeChat
from tests.app.moderation.images.pictures import BLUE, plain
from tests.app.web.conftest import Caller, problem
from tests.doubles import FakeClock

TEXT, BATCH, IMAGE = "/api/moderation/text", "/api/moderation/text/batch", "/api/moderation/image"
CHECK, IMAGE_CHECK = "/wxa/msg_sec_check", "/wxa/img_sec_check"
LONG = "".join(chr(0x4E00 + number % 20_000) for number in range(12_000))
INACTIVE, UNKNOWN, FOREIGN = 61010, 40003, 43104

Build = Callable[..., Caller]


@pytest.fixture
def build(environment: dict[str, str], clock: FakeClock) -> Build:
    """A caller of a server with these settings, whose token is there."""

    def caller(**settings: str) -> Caller:
        loaded = load_settings(environment | {f"WECHAT_{name.upper()}": value for name, value in settings.items()})
        services = build_services(loaded, clock=clock, sleep=clock.sleep, spawn=lambda work: work())
        services.for_account(services.accounts.first("mini")).access_token.get()
        return Caller(create_app(services=services).test_client(), "everything")

    return caller


FAULTS: dict[str, dict[str, Any]] = {
    "down": {"status": 503},
    "dropped": {"drop": "before"},
    "busy": {"errcode": -1},
    "minute": {"errcode": 45011},
    "day": {"errcode": 45009},
    "banned": {"errcode": 50002},
    "address": {"errcode": 40164},
    "token refused again and again": {"errcode": 40001},
    "no json": {"body": "<html>"},
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("on_unavailable", ["error", "review", "pass"])
def test_text_that_cannot_be_checked_is_answered_as_the_setting_says(
    build: Build, wechat: MockWeChat, fault: str, on_unavailable: str
) -> None:
    caller = build(on_unavailable=on_unavailable)
    wechat.fail(CHECK, times=None, **FAULTS[fault])
    for _ in range(2):  # the second one may meet a cooldown
        response = caller.post(TEXT, {"content": "x"})
        if on_unavailable == "error":
            assert response.status_code in (429, 502, 503)
        else:
            verdict = response.get_json()
            assert (verdict["suggest"], verdict["checked"], verdict["cached"]) == (on_unavailable, False, False)


def test_no_credential_is_no_verdict_either(build: Build, wechat: MockWeChat) -> None:
    caller = build(on_unavailable="review")
    wechat.revoke(MINI.appid, "stable_token")
    wechat.fail("/cgi-bin/stable_token", times=None, status=500)
    verdict = caller.post(TEXT, {"content": "x"}).get_json()
    assert (verdict["suggest"], verdict["checked"]) == ("review", False)


def test_other_refusals_of_wechat_are_always_errors(build: Build, wechat: MockWeChat) -> None:
    """Else a wrong call would look like a busy WeChat for ever."""
    caller = build(on_unavailable="pass")
    wechat.fail(CHECK, 47001)
    problem(caller.post(TEXT, {"content": "x"}), 502, "wechat-refused")


@pytest.mark.parametrize("own", ["pass", "review", "error"])
@pytest.mark.parametrize("asked", ["pass", "review", "error"])
@pytest.mark.parametrize("path", [TEXT, IMAGE])
def test_request_may_be_stricter_and_not_looser(
    build: Build, wechat: MockWeChat, own: str, asked: str, path: str
) -> None:
    caller = build(on_unavailable=own)
    wechat.fail("/wxa/*", 45011, times=None)
    if path == TEXT:
        response = caller.post(TEXT, {"content": "x", "on_unavailable": asked})
    else:
        response = caller.post(f"{IMAGE}?on_unavailable={asked}", data=plain("PNG", (60, 40), BLUE))
    order = ["pass", "review", "error"]
    if order.index(asked) < order.index(own):
        detail = problem(response, 400, "parameter-wrong")["detail"]
        assert "error is stricter than review, review than pass" in detail
    elif asked == "error":
        problem(response, 429, "wechat-minute-limit")
    else:
        assert (response.get_json()["suggest"], response.get_json()["checked"]) == (asked, False)


@pytest.mark.parametrize(
    ("on_unavailable", "word", "suggest"),
    [("error", True, "risky"), ("review", True, "risky"), ("review", False, "review"), ("pass", False, "pass")],
)
def test_part_that_cannot_be_checked_hides_no_risky_one_and_is_no_silent_pass(
    build: Build, wechat: MockWeChat, on_unavailable: str, word: bool, suggest: str
) -> None:
    if word:
        wechat.set_words(LONG[11_900:11_910])
    wechat.fail(CHECK, 45011)
    caller = build(on_unavailable=on_unavailable, threads="1")  # one part after the other: the first one fails
    verdict = caller.post(TEXT, {"content": LONG, "openid": wechat.openid(MINI.appid)}).get_json()
    assert (verdict["suggest"], verdict["checked"]) == (suggest, word)
    assert (verdict.get("errcode"), "reason" in verdict) == ((None, False) if word else (45011, True))


def test_text_of_a_batch_says_after_how_long_to_try_it_again(build: Build, wechat: MockWeChat) -> None:
    wechat.fail(CHECK, 45011)
    wechat.fail(CHECK, 40129)
    items = [{"content": "x"}, {"content": "y"}, {"content": 7}]
    results = build().post(BATCH, {"items": items}).get_json()["items"]
    waits = {result["type"]: result.get("retry_after") for result in results}
    assert waits == {
        "/problems/wechat-minute-limit": 60,
        "/problems/wechat-refused": None,
        "/problems/parameter-wrong": None,
    }


def test_texts_of_a_batch_are_each_decided(build: Build, wechat: MockWeChat) -> None:
    caller = build(on_unavailable="review")
    wechat.fail(CHECK, 45011, times=None)
    items = [{"content": "x"}, {"content": "y", "on_unavailable": "error"}, {"content": "z", "on_unavailable": "pass"}]
    results = caller.post(BATCH, {"items": items}).get_json()["items"]
    assert [result.get("suggest") or result["type"] for result in results] == [
        "review",
        "/problems/wechat-minute-limit",
        "/problems/parameter-wrong",
    ]


@pytest.mark.parametrize("errcode", [INACTIVE, UNKNOWN, FOREIGN])
def test_refused_openid_is_a_review_or_an_error(build: Build, wechat: MockWeChat, errcode: int) -> None:
    wechat.fail(CHECK, errcode, times=None)
    asked = {"content": "x", "openid": "o1"}
    verdict = build().post(TEXT, asked).get_json()
    assert (verdict["suggest"], verdict["checked"], verdict["api"]) == ("review", False, "msg_sec_check/2")
    assert (verdict["errcode"], str(errcode) in verdict["reason"]) == (errcode, True)
    document = problem(build(on_openid_refused="error").post(TEXT, asked), 502, "wechat-refused")
    assert (document["errcode"], set(document["hint"])) == (errcode, {"en", "zh"})


def test_refused_openid_is_left_out_where_the_account_says_so_and_the_verdict_tells(
    build: Build, wechat: MockWeChat
) -> None:
    wechat.set_words("鸡汤")
    user = wechat.openid(MINI.appid)
    wechat.set_openid(MINI.appid, user, "inactive")
    caller = build(on_openid_refused="v1")
    for content, suggest in (("鸡汤", "risky"), ("米饭", "pass")):
        verdict = caller.post(TEXT, {"content": content, "openid": user}).get_json()
        assert (verdict["suggest"], verdict["api"], verdict["checked"]) == (suggest, "msg_sec_check/1", True)
    title = caller.post(TEXT, {"content": "x", "openid": user, "title": "鸡汤"}).get_json()
    assert title["suggest"] == "risky"


def test_refused_openid_of_a_long_text_costs_few_calls(build: Build, wechat: MockWeChat) -> None:
    caller = build(threads="1")
    wechat.set_openid(MINI.appid, "o1", "inactive")
    caller.post(TEXT, {"content": LONG, "openid": "o1"})
    assert len(wechat.calls(CHECK)) == 1


def test_policies_are_the_accounts_own(build: Build, wechat: MockWeChat, tmp_path: Any) -> None:
    file = tmp_path / "accounts.toml"
    file.write_text(
        '[accounts.shop]\nappid = "wx0123456789abcdef"\nsecret = "mock-shop-secret"\nkind = "mini"\n'
        'on_unavailable = "pass"\n'
    )
    wechat.add_account("wx0123456789abcdef", "mock-shop-secret", "mini")
    caller = build(config=str(file), on_unavailable="review")
    wechat.fail(CHECK, 45011, times=None)
    assert caller.post(TEXT, {"content": "x"}).get_json()["suggest"] == "review"
    assert caller.post(TEXT, {"content": "x", "account": "shop"}).get_json()["suggest"] == "pass"
