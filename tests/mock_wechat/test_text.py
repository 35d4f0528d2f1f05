"""/wxa/msg_sec_check by WECHAT.md 3."""

import json
import re

import pytest

from mock_wechat import MockWeChat

from .client import MINI, OFFICIAL, Client, FakeClock

TEST_STRINGS = ["特3456书yuuo莞6543李zxcz蒜7782法fgnv级", "完2347全dfji试3726测asad感3847知qwez到"]
OK = {"errcode": 0, "errmsg": "ok"}


def body(content: str, **more: object) -> bytes:
    return json.dumps({"content": content, **more}, ensure_ascii=False).encode()


def set_words(client: Client, *words: object) -> None:
    client.post("/_mock/words", {"words": list(words)})


@pytest.mark.parametrize("content", TEST_STRINGS)
def test_official_test_strings_are_risky(client: Client, mini_token: str, content: str) -> None:
    answer = client.check_text(mini_token, body(f"before {content} after"))
    assert answer["errcode"] == 87014
    assert answer["errmsg"].startswith("risky content rid: ")


def test_word_list_decides(client: Client, mini_token: str) -> None:
    set_words(client, "赌博", {"word": "casino", "suggest": "review"})
    assert client.check_text(mini_token, body("来赌博吧"))["errcode"] == 87014
    assert client.check_text(mini_token, body("a casino")) == OK  # version 1 knows risky only


@pytest.mark.parametrize("inside", ["\u200b", "\u00ad", "\x7f"])
def test_text_is_judged_and_logged_as_sent(mock: MockWeChat, client: Client, mini_token: str, inside: str) -> None:
    set_words(client, "casino")
    sent = body(f"cas{inside}ino")
    assert client.check_text(mini_token, sent) == OK
    assert (mock.calls("/wxa/msg_sec_check")[-1].body or "").encode() == sent


@pytest.mark.parametrize("content", TEST_STRINGS)
def test_escaped_text_passes_unchecked(mock: MockWeChat, client: Client, mini_token: str, content: str) -> None:
    assert client.check_text(mini_token, json.dumps({"content": content}).encode()) == OK
    assert mock.calls("/wxa/msg_sec_check")[-1].notes == ("unchecked",)


@pytest.mark.parametrize("raw", [rb'{"content":"casino \\u4e2d"}', rb'{"content":"casino \u0041"}'])
def test_other_escapes_are_checked(mock: MockWeChat, client: Client, mini_token: str, raw: bytes) -> None:
    set_words(client, "casino")
    assert client.check_text(mini_token, raw)["errcode"] == 87014
    assert mock.calls("/wxa/msg_sec_check")[-1].notes == ()


def test_more_than_500_kb_pass_unchecked(mock: MockWeChat, client: Client, mini_token: str) -> None:
    set_words(client, "casino")
    at_limit = "casino" + "中" * 170_000 + "xxxx"  # 6 + 510,000 + 4 bytes
    at_limit += "x" * (500 * 1024 - 510_010)
    assert client.check_text(mini_token, body(at_limit))["errcode"] == 87014
    assert client.check_text(mini_token, body(at_limit + "x")) == OK
    assert [call.notes for call in mock.calls("/wxa/msg_sec_check")] == [(), ("unchecked",)]


@pytest.mark.parametrize(
    ("raw", "errcode", "errmsg"),
    [
        (b"", 44002, "empty post data"),
        (b"content=hello", 47001, "data format error"),
        (b"{", 47001, "data format error"),
        (b"[" * 100_000, 47001, "data format error"),
        (b"{}", 47001, "data format error"),
        (b'{"content":""}', 47001, "data format error"),
        (b'{"content":1}', 47001, "data format error"),
        ('{"content":"你好"}'.encode("gbk"), 47001, "data format error"),
    ],
)
def test_wrong_body_is_named(client: Client, mini_token: str, raw: bytes, errcode: int, errmsg: str) -> None:
    answer = client.check_text(mini_token, raw)
    assert answer["errcode"] == errcode
    assert answer["errmsg"].startswith(f"{errmsg} rid: ")


def version_2(mock: MockWeChat, content: str, /, **change: object) -> bytes:
    asked = {"version": 2, "scene": 2, "openid": mock.openid(MINI[0]), **change}
    return body(content, **{name: value for name, value in asked.items() if value is not None})


@pytest.mark.parametrize("content", TEST_STRINGS)
def test_version_2_passes_with_a_bare_keyword_item(
    mock: MockWeChat, client: Client, mini_token: str, content: str
) -> None:
    answer = client.check_text(mini_token, version_2(mock, content))
    assert list(answer) == ["errcode", "errmsg", "detail", "trace_id", "result"]
    assert (answer["errcode"], answer["errmsg"]) == (0, "ok")
    assert answer["detail"] == [
        {"strategy": "content_model", "errcode": 0, "suggest": "pass", "label": 100, "prob": 90},
        {"strategy": "keyword", "errcode": 0},
    ]
    assert re.fullmatch("6b00f64c-[0-9a-f]{8}-[0-9a-f]{8}", answer["trace_id"])
    assert answer["result"] == {"suggest": "pass", "label": 100}


def test_version_2_is_risky_with_errcode_0(mock: MockWeChat, client: Client, mini_token: str) -> None:
    set_words(client, {"word": "casino", "suggest": "review", "label": 10001}, {"word": "poker", "label": 20006})
    review = client.check_text(mini_token, version_2(mock, "casino"))
    risky = client.check_text(mini_token, version_2(mock, "casino poker", version="2"))
    assert (review["errcode"], review["result"]) == (0, {"suggest": "review", "label": 10001})
    assert (risky["errcode"], risky["result"]) == (0, {"suggest": "risky", "label": 20006})
    assert risky["detail"][1:] == [
        {"strategy": "keyword", "errcode": 0, "suggest": "risky", "label": 20006, "level": 90, "keyword": "poker"},
        {"strategy": "keyword", "errcode": 0, "suggest": "review", "label": 10001, "level": 20, "keyword": "casino"},
    ]


def test_version_2_tells_the_model_from_the_keyword_list(mock: MockWeChat, client: Client, mini_token: str) -> None:
    set_words(client, {"word": "casino", "label": 20006, "prob": 77}, {"word": "poker", "level": 20, "prob": 50})
    model = client.check_text(mini_token, version_2(mock, "casino"))
    assert model["detail"] == [
        {"strategy": "content_model", "errcode": 0, "suggest": "risky", "label": 20006, "prob": 77},
        {"strategy": "keyword", "errcode": 0},
    ]
    both = client.check_text(mini_token, version_2(mock, "poker"))
    assert both["detail"] == [
        {"strategy": "content_model", "errcode": 0, "suggest": "risky", "label": 21000, "prob": 50},
        {"strategy": "keyword", "errcode": 0, "suggest": "risky", "label": 21000, "level": 20, "keyword": "poker"},
    ]


def test_version_2_may_call_the_result_something_else(mock: MockWeChat, client: Client, mini_token: str) -> None:
    set_words(client, {"word": "casino", "label": 20006, "prob": 90, "result_label": 20001})
    answer = client.check_text(mini_token, version_2(mock, "casino"))
    assert answer["result"] == {"suggest": "risky", "label": 20001}
    assert answer["detail"][0]["label"] == 20006


@pytest.mark.parametrize(
    ("field", "scene", "suggest"),
    [("title", 2, "risky"), ("nickname", 2, "risky"), ("signature", 1, "risky"), ("signature", 2, "pass")],
)
def test_version_2_checks_other_texts(
    mock: MockWeChat, client: Client, mini_token: str, field: str, scene: int, suggest: str
) -> None:
    set_words(client, "casino")
    answer = client.check_text(mini_token, version_2(mock, "hello", scene=scene, **{field: "casino"}))
    assert answer["result"]["suggest"] == suggest


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"openid": None}, 47001),
        ({"openid": 1}, 47001),
        ({"scene": None}, 47001),
        ({"version": None, "version ": 2}, 47001),
        ({"version": 3}, 47001),
        ({"version": [2]}, 47001),
        ({"scene": 0}, 40129),
        ({"scene": "2"}, 40129),
        ({"openid": ""}, 40003),
    ],
)
def test_version_2_requires_every_field(
    mock: MockWeChat, client: Client, mini_token: str, fields: dict[str, object], errcode: int
) -> None:
    assert client.check_text(mini_token, version_2(mock, "hello", **fields))["errcode"] == errcode


def test_version_2_accepts_only_its_own_users(mock: MockWeChat, client: Client, mini_token: str) -> None:
    elsewhere = client.check_text(mini_token, version_2(mock, "hello", openid=mock.openid(OFFICIAL[0])))
    assert elsewhere["errcode"] == 43104
    assert elsewhere["errmsg"].startswith("The openid does not match the appid rid: ")
    mock.set_openid(MINI[0], "o1", "known")
    assert client.check_text(mini_token, version_2(mock, "hello", openid="o1"))["errcode"] == 0
    mock.set_openid(MINI[0], "o1", "foreign")
    assert client.check_text(mini_token, version_2(mock, "hello", openid="o1"))["errcode"] == 43104


def test_version_2_requires_a_recent_login(mock: MockWeChat, client: Client, clock: FakeClock) -> None:
    asked = {"appid": MINI[0], "secret": MINI[1], "grant_type": "authorization_code"}
    client.get("/sns/jscode2session", **asked, js_code=mock.js_code())
    clock.advance(7199)
    token = client.token(MINI)["access_token"]
    assert client.check_text(token, version_2(mock, "hello"))["errcode"] == 0
    clock.advance(1)
    answer = client.check_text(token, version_2(mock, "hello"))
    assert answer["errcode"] == 61010
    assert answer["errmsg"].startswith("code is expired rid: ")
