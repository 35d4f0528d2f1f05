"""The endpoints for content checks."""

import json
from typing import Any

import pytest

from app.services import Services
from mock_wechat import MINI, MockWeChat
from tests.app.web.conftest import Caller, problem
from tests.doubles import FakeClock

OFFICIAL_TEST_STRINGS = ("特3456书yuuo莞6543李zxcz蒜7782法fgnv级", "完2347全dfji试3726测asad感3847知qwez到")
TEXT, BATCH, CHECK = "/api/moderation/text", "/api/moderation/text/batch", "/wxa/msg_sec_check"


@pytest.fixture(autouse=True)
def warm(services: Services) -> None:
    """There is a token: threads that wait for one would turn the fake clock."""
    services.for_account(services.accounts.first("mini")).access_token.get()


def verdict(suggest: str, api: str) -> dict[str, Any]:
    return {"suggest": suggest, "label": None, "label_name": None, "api": api, "checked": True, "cached": False}


def test_text_gets_a_verdict(caller: Caller) -> None:
    good, bad = caller.post(TEXT, {"content": "你好"}), caller.post(TEXT, {"content": OFFICIAL_TEST_STRINGS[0]})
    assert (good.status_code, good.get_json()) == (200, verdict("pass", "msg_sec_check/1"))
    assert (bad.status_code, bad.get_json()) == (200, verdict("risky", "msg_sec_check/1"))


def test_mini_program_is_asked_for_unless_another_account_is_named(caller: Caller, wechat: MockWeChat) -> None:
    caller.post(TEXT, {"content": "x"})
    problem(caller.post(TEXT, {"content": "x", "account": "default"}), 502, "wechat-refused")
    assert [call.appid for call in wechat.calls("/wxa/msg_sec_check")] == ["wx0000000000000002", "wx0000000000000001"]


def openid(wechat: MockWeChat) -> str:
    return wechat.openid(MINI.appid)


def sent(wechat: MockWeChat) -> list[dict[str, Any]]:
    return [json.loads(call.body or "") for call in wechat.calls(CHECK)]


def test_invisible_characters_hide_no_word(caller: Caller, wechat: MockWeChat) -> None:
    wechat.set_words("casino")
    asked = {"content": "x", "title": "cas\u200bi\x1dno", "openid": openid(wechat)}
    assert caller.post(TEXT, asked).get_json()["suggest"] == "risky"
    assert sent(wechat)[0]["title"] == "casino"


@pytest.mark.parametrize("text", OFFICIAL_TEST_STRINGS)
def test_official_test_strings_are_risky_for_they_are_sent_raw(caller: Caller, wechat: MockWeChat, text: str) -> None:
    assert caller.post(TEXT, {"content": text}).get_json()["suggest"] == "risky"
    assert caller.post(TEXT, data=f'{{"content":{json.dumps(text)}}}').get_json()["suggest"] == "risky"
    bodies = [call.body or "" for call in wechat.calls(CHECK)]
    assert all(text in body and "\\u" not in body for body in bodies)
    assert not any("unchecked" in call.notes for call in wechat.calls(CHECK))


def test_text_with_an_openid_is_judged_by_version_2(caller: Caller, wechat: MockWeChat) -> None:
    wechat.set_words({"word": "鸡汤", "suggest": "review", "label": 20012, "level": 20})
    user = openid(wechat)
    found = caller.post(TEXT, {"content": "一碗鸡汤", "openid": user, "scene": 3}).get_json()
    assert (found["suggest"], found["label"], found["label_name"]) == ("review", 20012, "vulgar")
    assert (found["api"], found["checked"], found["cached"]) == ("msg_sec_check/2", True, False)
    assert found["trace_id"]
    assert found["detail"][1]["keyword"] == "鸡汤"
    assert sent(wechat) == [{"version": 2, "scene": 3, "openid": user, "content": "一碗鸡汤"}]


@pytest.mark.parametrize("with_openid", [True, False])
@pytest.mark.parametrize("where", ["content", "title", "nickname", "signature"])
@pytest.mark.parametrize("scene", [1, 2])
def test_every_text_that_is_given_is_checked(
    caller: Caller, wechat: MockWeChat, where: str, scene: int, with_openid: bool
) -> None:
    wechat.set_words("鸡汤")
    texts = dict.fromkeys(("content", "title", "nickname", "signature"), "好") | {where: "鸡汤"}
    asked = {**texts, "scene": scene} | ({"openid": openid(wechat)} if with_openid else {})
    assert caller.post(TEXT, asked).get_json()["suggest"] == "risky"


def test_text_over_the_limit_is_too_long(caller: Caller, wechat: MockWeChat) -> None:
    detail = problem(caller.post(TEXT, {"content": "中" * 100_001}), 413, "text-too-long")["detail"]
    assert "100001 characters" in detail
    problem(caller.post(TEXT, {"content": "中" * 100_000, "title": "T"}), 413, "text-too-long")
    assert wechat.calls(CHECK) == []


BAD_TEXTS: list[tuple[Any, str]] = [
    ({}, "content is missing"),
    ({"content": " \n\t\u3000"}, "content is empty"),
    ({"content": "\x00\x01"}, "content is empty"),
    ({"content": "\u200b \u2800"}, "content is empty"),
    ({"content": 7}, "content must be a string"),
    ({"content": "x", "scene": 5}, "scene must be at most 4"),
    ({"content": "x", "scene": "2"}, "scene must be a whole number"),
    ({"content": "x", "openid": "o\n1"}, "openid must match"),
    ({"content": "x", "openid": "中"}, "openid must match"),
    ({"content": "x", "openid": "o" * 129}, "openid must match"),
    ({"content": "x", "title": " "}, "title is empty"),
    ({"content": "x", "title": "x" * 2_501}, "title may have at most 2500"),
    ({"content": "x", "on_unavailable": "never"}, "on_unavailable must be 'error', 'review' or 'pass'"),
]


@pytest.mark.parametrize(("asked", "said"), BAD_TEXTS)
def test_wrong_text_is_refused_by_name(caller: Caller, wechat: MockWeChat, asked: Any, said: str) -> None:
    assert said in problem(caller.post(TEXT, asked), 400, "parameter-wrong")["detail"]
    assert wechat.calls(CHECK) == []


def test_same_text_is_answered_from_the_cache(caller: Caller, wechat: MockWeChat, clock: FakeClock) -> None:
    asked = {"content": OFFICIAL_TEST_STRINGS[0]}
    first, second = caller.post(TEXT, asked).get_json(), caller.post(TEXT, asked).get_json()
    assert second == first | {"cached": True}
    assert len(wechat.calls(CHECK)) == 1
    clock.advance(600)
    assert not caller.post(TEXT, asked).get_json()["cached"]
    assert len(wechat.calls(CHECK)) == 2


def test_parts_of_a_long_text_that_are_known_are_not_asked_again(caller: Caller, wechat: MockWeChat) -> None:
    content = "".join(chr(0x4E00 + number % 20_000) for number in range(12_000))
    wechat.fail(CHECK, 45011)
    problem(caller.post(TEXT, {"content": content, "openid": openid(wechat)}), 429, "wechat-minute-limit")
    calls = len(wechat.calls(CHECK))
    verdict = caller.post(TEXT, {"content": content, "openid": openid(wechat)}).get_json()
    assert (verdict["suggest"], verdict["cached"]) == ("pass", False)
    assert len(wechat.calls(CHECK)) == calls + 1


def test_batch_has_a_verdict_or_a_problem_for_each_text_in_order(caller: Caller, wechat: MockWeChat) -> None:
    items: list[Any] = [
        {"content": "你好"},
        {"content": 7},
        {"content": OFFICIAL_TEST_STRINGS[0]},
        "text",
        {"content": "x", "account": "mini"},
        {"content": "中" * 100_001},
        {"content": "好", "openid": openid(wechat)},
    ]
    response = caller.post(BATCH, {"items": items})
    assert response.status_code == 200
    results = response.get_json()["items"]
    assert [result.get("suggest") or result["type"] for result in results] == [
        "pass",
        "/problems/parameter-wrong",
        "risky",
        "/problems/parameter-wrong",
        "/problems/parameter-wrong",
        "/problems/text-too-long",
        "pass",
    ]
    assert [result["status"] for result in results if "status" in result] == [400, 400, 400, 413]


def test_batch_of_a_hundred_keeps_their_order(caller: Caller, wechat: MockWeChat) -> None:
    wechat.set_words(*(f"鸡汤{number}号" for number in range(0, 100, 3)))
    results = caller.post(BATCH, {"items": [{"content": f"鸡汤{number}号"} for number in range(100)]}).get_json()[
        "items"
    ]
    assert [result["suggest"] for result in results] == ["pass" if number % 3 else "risky" for number in range(100)]
    assert len(wechat.calls("/cgi-bin/stable_token")) == 1


def test_batch_is_a_list_of_1_to_100(caller: Caller) -> None:
    for items in ([], [{"content": "x"}] * 101):
        problem(caller.post(BATCH, {"items": items}), 400, "parameter-wrong")
