"""/wxa/msg_sec_check as WECHAT.md 3 has it."""

import json

import pytest

from mock_wechat import MockWeChat

from .client import Client

TEST_STRINGS = ["特3456书yuuo莞6543李zxcz蒜7782法fgnv级", "完2347全dfji试3726测asad感3847知qwez到"]
OK = {"errcode": 0, "errmsg": "ok"}


def body(content: str, **more: object) -> bytes:
    return json.dumps({"content": content, **more}, ensure_ascii=False).encode()


def set_words(client: Client, *words: object) -> None:
    client.post("/_mock/words", {"words": list(words)})


def test_plain_text_passes(client: Client, mini_token: str) -> None:
    assert client.check_text(mini_token, body("你好")) == OK


@pytest.mark.parametrize("content", TEST_STRINGS)
def test_official_test_strings_are_risky(client: Client, mini_token: str, content: str) -> None:
    answer = client.check_text(mini_token, body(f"before {content} after"))
    assert answer["errcode"] == 87014
    assert answer["errmsg"].startswith("risky content rid: ")


def test_word_list_decides(client: Client, mini_token: str) -> None:
    set_words(client, "赌博", {"word": "casino", "suggest": "review"})
    assert client.check_text(mini_token, body("来赌博吧"))["errcode"] == 87014
    assert client.check_text(mini_token, body("a casino")) == OK  # version 1 knows risky only


@pytest.mark.parametrize("content", TEST_STRINGS)
def test_escaped_text_passes_unchecked(mock: MockWeChat, client: Client, mini_token: str, content: str) -> None:
    assert client.check_text(mini_token, json.dumps({"content": content}).encode()) == OK
    assert mock.calls("/wxa/msg_sec_check")[-1].notes == ("unchecked",)


@pytest.mark.parametrize("raw", [rb'{"content":"casino \\u4e2d"}', rb'{"content":"casino \u0041"}'])
def test_what_only_looks_escaped_is_checked(mock: MockWeChat, client: Client, mini_token: str, raw: bytes) -> None:
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
        (b"[]", 47001, "data format error"),
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


def test_token_belongs_into_the_query(client: Client, mini_token: str) -> None:
    answer = client.post("/wxa/msg_sec_check", {"access_token": mini_token, "content": "hello"})
    assert answer["errcode"] == 41001


def test_official_accounts_have_no_content_check(client: Client) -> None:
    assert client.check_text(client.token()["access_token"], body("hello"))["errcode"] == 48001


def test_version_2_passes_with_a_bare_keyword_item(client: Client, mini_token: str) -> None:
    answer = client.check_text(mini_token, body(TEST_STRINGS[0], version=2, scene=2, openid="o1"))
    assert list(answer) == ["errcode", "errmsg", "detail", "trace_id", "result"]
    assert answer["result"] == {"suggest": "pass", "label": 100}
    assert answer["detail"][1] == {"strategy": "keyword", "errcode": 0}


def test_version_2_is_risky_with_errcode_0(client: Client, mini_token: str) -> None:
    set_words(client, {"word": "casino", "suggest": "review", "label": 10001}, {"word": "poker", "label": 20006})
    review = client.check_text(mini_token, body("casino", version=2, scene=2, openid="o1"))
    risky = client.check_text(mini_token, body("casino poker", version="2", scene=2, openid="o1"))
    assert (review["errcode"], review["result"]) == (0, {"suggest": "review", "label": 10001})
    assert (risky["errcode"], risky["result"]) == (0, {"suggest": "risky", "label": 20006})
    assert risky["detail"][1]["keyword"] == "poker"


@pytest.mark.parametrize(
    ("fields", "errcode"),
    [
        ({"scene": 2}, 47001),
        ({"openid": "o1"}, 47001),
        ({"openid": "o1", "scene": 5}, 40129),
        ({"openid": "o1", "scene": [2]}, 40129),
    ],
)
def test_version_2_wants_openid_and_scene(
    client: Client, mini_token: str, fields: dict[str, object], errcode: int
) -> None:
    assert client.check_text(mini_token, body("hello", version=2, **fields))["errcode"] == errcode


def test_version_2_takes_2500_characters(client: Client, mini_token: str) -> None:
    asked = {"version": 2, "scene": 2, "openid": "o1"}
    assert client.check_text(mini_token, body("中" * 2500, **asked))["errcode"] == 0
    assert client.check_text(mini_token, body("中" * 2501, **asked))["errcode"] == 45002
