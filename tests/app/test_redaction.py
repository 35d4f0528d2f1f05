"""What is masked in a text, whoever wrote it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import redaction
from app.redaction import hide, redacted

SECRET = "5ecre7-of-somebody"


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hides what a test hides from the tests behind it."""
    monkeypatch.setattr(redaction, "_known", ())


@pytest.mark.parametrize(
    "text",
    [
        f"https://api.weixin.qq.com/cgi-bin/token?grant_type=client_credential&appid=wx1&secret={SECRET}",
        f"/cgi-bin/ticket/getticket?access_token={SECRET}&type=jsapi",
        f"GET /sns/oauth2/access_token?code={SECRET}&grant_type=authorization_code",
        f"/sns/jscode2session?js_code={SECRET}",
        f"jsapi_ticket={SECRET}&noncestr=Wm3WZYTPz0wzccnW&timestamp=1414587457",
        f"https%3A%2F%2Fh5.example.com%2F%3Fcode%3D{SECRET}%26state%3D1",
        f"url=https%3A%2F%2Fh5.example.com%2F%3Fa%3Db%26code%3D{SECRET}",
        json.dumps({"access_token": SECRET, "expires_in": 7200}),
        json.dumps({"errcode": 0, "ticket": SECRET}, separators=(",", ":")),
        json.dumps({"message": json.dumps({"appid": "wx1", "secret": SECRET})}),
        repr({"session_key": SECRET}),
        f"Client(appid='wx1', secret='{SECRET}')",
        f"appsecret = {SECRET}",
        f"APPSECRET={SECRET}",
        f"Authorization: Bearer {SECRET}",
        repr(("Authorization", f"Bearer {SECRET}")),
        f"authorization: basic {SECRET}",
        f"redis://user:{SECRET}@10.0.0.7:6379/0",
        f"rediss://:{SECRET}@10.0.0.7/0",
        f"proxy http://{SECRET}@10.0.0.5:3128 refused",
        f"ValueError: 81_{SECRET}{'x' * 60} was refused",
    ],
)
def test_secret_is_masked_by_its_name_or_its_looks(text: str) -> None:
    assert "5ecre7" not in redacted(text)
    assert "***" in redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "access_token of wx0000000000000001: fetched, generation 7",
        "WeChat answered errcode 40001: invalid credential, access_token is invalid or not latest",
        '{"errcode":40001,"status":200,"credential":"access_token","appid":"wx0000000000000001"}',
        "errcode=40001 status_code=200",
        "https://h5.example.com/shop/@somebody",
        "sqlite:///instance/credentials.db",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(text) == text


def test_what_stands_around_a_secret_stays() -> None:
    assert redacted(f"a?appid=wx1&secret={SECRET}&x=1 b") == "a?appid=wx1&secret=***&x=1 b"
    assert json.loads(redacted(json.dumps({"ticket": SECRET, "a": 1}))) == {"ticket": "***", "a": 1}


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=40))
def test_known_secret_is_masked_wherever_it_stands(secret: str) -> None:
    redaction._known = ()
    hide([secret])
    for text in (secret, json.dumps({"m": secret}), json.dumps(json.dumps([secret])), f"x{secret}y"):
        assert secret not in redacted(text) or secret in "***" * 20
        assert json.dumps(secret)[1:-1] not in redacted(text)


def test_known_secret_that_is_part_of_another_leaves_no_rest() -> None:
    hide(["abcdefgh", "abcdefgh-and-more"])
    assert redacted("key abcdefgh-and-more") == "key ***"


def test_known_text_that_is_too_short_to_tell_apart_is_left() -> None:
    hide(["app"])
    assert redacted("app.provider") == "app.provider"


@given(st.text())
def test_no_text_breaks_it_and_json_stays_json(text: str) -> None:
    json.loads(redacted(json.dumps({"m": text})))
    redacted(text)
