"""Paths that are not built in: refused as WeChat does, or answered as the mock was taught."""

from base64 import b64encode
from itertools import product
from typing import Any

import pytest

from mock_wechat import MockWeChat, Request, WeChatError

from .client import OFFICIAL, Client

PATH = "/datacube/getusersummary"
FAMILIES = (
    "cgi-bin wxa wxaapi datacube card customservice shop product tcb cv xpay promoter marketing semantic device "
    "merchant bizwifi shakearound channels scan union nontax intp donut componenttcb"
)
USERS: dict[str, object] = {"list": [{"ref_date": "2014-12-07", "new_user": 0}], "url": "https://example.com/"}


@pytest.fixture
def token(client: Client) -> str:
    token: str = client.token()["access_token"]
    return token


@pytest.fixture
def user_token(mock: MockWeChat, client: Client) -> str:
    asked = {"appid": OFFICIAL[0], "secret": OFFICIAL[1], "grant_type": "authorization_code"}
    token: str = client.get("/sns/oauth2/access_token", code=mock.oauth_code(), **asked)["access_token"]
    return token


def teach(client: Client, **fields: object) -> Any:
    return client.raw("POST", "/_mock/answers", json={"path": PATH, **fields})


def test_unknown_path_of_each_family_is_40066(client: Client, token: str) -> None:
    hows: list[tuple[str, dict[str, Any]]] = [
        ("GET", {}), ("POST", {"json": {}}), ("POST", {"files": {"media": b"x"}}),
    ]  # fmt: skip
    for family, (method, how) in product(FAMILIES.split(), hows):
        answer = client.raw(method, f"/{family}/no/such", params={"access_token": token}, **how)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/json; encoding=utf-8"
        assert answer.json()["errmsg"].startswith("invalid url rid: ")
        assert answer.json()["errcode"] == 40066


def test_unknown_path_checks_the_token_first(mock: MockWeChat, client: Client) -> None:
    old = client.token()["access_token"]
    mock.scenario("expired-token")
    new = client.token()["access_token"]
    used: tuple[dict[str, str], ...] = ({}, {"access_token": "x"}, {"access_token": old}, {"access_token": new})
    assert [client.post(PATH, {}, **query)["errcode"] for query in used] == [41001, 40001, 42001, 40066]
    mock.add_account(*OFFICIAL, ip_whitelist=["192.0.2.1"])
    assert client.get(PATH, access_token=new)["errcode"] == 40164


def test_unknown_sns_path_takes_a_users_token(client: Client, token: str, user_token: str) -> None:
    answers = [client.raw("GET", "/sns/nothing", params={"access_token": used}) for used in ("", token, user_token)]
    assert [answer.json()["errcode"] for answer in answers] == [41001, 40001, 40066]
    assert answers[2].json()["errmsg"].startswith("invalid url, rid: ")
    assert answers[2].headers["Content-Type"] == "text/plain"


def test_other_paths_are_not_wechats(client: Client) -> None:
    for path in ("/", "/cgi-bin", "/cgi-binary/token", "/other/path"):
        assert (client.raw("GET", path).status_code, client.raw("GET", path).json()["field"]) == (404, "path")


def test_taught_json_is_answered_logged_and_counted(mock: MockWeChat, client: Client, token: str) -> None:
    mock.add_account(*OFFICIAL, limits={PATH: {"day": 1}})
    mock.answer(PATH, USERS)
    assert client.post(PATH, {"begin_date": "2014-12-07"})["errcode"] == 41001
    answer = client.raw("POST", PATH, params={"access_token": token})
    assert (answer.json(), answer.headers["Content-Type"]) == (USERS, "application/json; encoding=utf-8")
    asked = {"cgi_path": PATH}
    quota = client.post("/cgi-bin/openapi/quota/get", asked, access_token=token)["quota"]
    assert quota == {"daily_limit": 1, "used": 1, "remain": 0}
    assert client.get(PATH, access_token=token)["errcode"] == 45009
    assert [(call.appid, call.errcode) for call in mock.calls(PATH)] == [
        (None, 41001), (OFFICIAL[0], None), (OFFICIAL[0], 45009),
    ]  # fmt: skip


def test_taught_errcode_is_in_the_log(mock: MockWeChat, client: Client, token: str) -> None:
    mock.answer(PATH, {"errcode": 61501, "errmsg": "date range error"})
    assert client.get(PATH, access_token=token) == {"errcode": 61501, "errmsg": "date range error"}
    assert mock.calls(PATH)[0].errcode == 61501


def test_taught_body_is_answered_byte_by_byte(client: Client, token: str) -> None:
    body = b64encode(b"\xff\xd8\x00").decode()
    assert teach(client, body_base64=body, content_type="image/jpeg").json()["body_length"] == 3
    answer = client.raw("GET", PATH, params={"access_token": token})
    assert (answer.content, answer.headers["Content-Type"]) == (b"\xff\xd8\x00", "image/jpeg")
    teach(client, body_base64="")
    answer = client.raw("GET", PATH, params={"access_token": token})
    assert (answer.content, answer.headers["Content-Type"]) == (b"", "application/octet-stream")
    teach(client, answer={"a": "/"}, content_type="text/plain")
    answer = client.raw("GET", PATH, params={"access_token": token})
    assert (answer.content, answer.headers["Content-Type"]) == (b'{"a":"/"}', "text/plain")


def test_function_sees_the_call_and_may_refuse_it(mock: MockWeChat, client: Client, token: str) -> None:
    def summary(request: Request) -> dict[str, object] | bytes:
        if "begin_date" not in request.json_object:
            raise WeChatError(47001)
        return {"list": [request.json_object["begin_date"]]} if request.method == "POST" else b"never"

    mock.answer(PATH, summary)
    assert client.post(PATH, {"begin_date": "2026-01-01"}, access_token=token) == {"list": ["2026-01-01"]}
    refused = client.post(PATH, {}, access_token=token)
    assert (refused["errcode"], refused["errmsg"][:22]) == (47001, "data format error rid:")
    assert client.get("/_mock/answers")["answers"][0]["function"] == "summary"


def test_function_with_an_unusable_result_is_the_tests_error(mock: MockWeChat, token: str) -> None:
    mock.answer(PATH, lambda _: "text")  # type: ignore[arg-type, return-value]  # on purpose
    with pytest.raises(TypeError, match="must be a JSON object or bytes, not str"):
        mock.respond(Request.parse("GET", f"{PATH}?access_token={token}", {}, b"", "127.0.0.1"))


def test_kinds_limit_an_answer(client: Client, token: str, mini_token: str) -> None:
    teach(client, answer={}, kinds=["mini"])
    assert client.get(PATH, access_token=mini_token) == {}
    assert client.get(PATH, access_token=token)["errcode"] == 48001


def test_sns_answer_takes_a_users_token(mock: MockWeChat, client: Client, user_token: str) -> None:
    mock.answer("/sns/new", {"url": "https://example.com/"}, kinds=["official"])
    assert (
        client.raw("GET", "/sns/new", params={"access_token": user_token}).text == r'{"url":"https:\/\/example.com\/"}'
    )
    mock.answer("/sns/new", {}, kinds=["mini"])
    assert client.get("/sns/new", access_token=user_token)["errcode"] == 48001


def test_answer_without_token_takes_any_call(mock: MockWeChat, client: Client) -> None:
    mock.answer("/cgi-bin/component/api_component_token", {"component_access_token": "c"}, needs_token=False)
    assert client.post("/cgi-bin/component/api_component_token", {}) == {"component_access_token": "c"}


def test_taught_answer_wins_over_a_built_in_one(mock: MockWeChat, client: Client, token: str) -> None:
    mock.answer("/cgi-bin/getcallbackip", {"ip_list": []})
    mock.answer("/cgi-bin/get*", {"from": "prefix"})
    mock.answer("/cgi-bin/getsome*", {"from": "longer prefix"})
    paths = ("getcallbackip", "get_api_domain_ip", "getthing", "getsomething")
    answers = [client.get(f"/cgi-bin/{path}", access_token=token) for path in paths]
    assert answers[0] == {"ip_list": []}
    assert len(answers[1]["ip_list"]) == 2  # a prefix leaves what is built in
    assert answers[2:] == [{"from": "prefix"}, {"from": "longer prefix"}]


def test_answers_are_listed_and_forgotten(mock: MockWeChat, client: Client, token: str) -> None:
    shown = {
        "path": PATH,
        "answer": USERS,
        "content_type": None,
        "kinds": ["official", "mini", "web"],
        "needs_token": True,
    }
    assert teach(client, answer=USERS).json() == shown
    mock.answer("/wxa/*", b"abc")
    assert client.get("/_mock/answers")["answers"][0] == shown
    assert client.raw("DELETE", "/_mock/answers", params={"path": PATH}).json() == {}
    assert [each["path"] for each in client.get("/_mock/answers")["answers"]] == ["/wxa/*"]
    assert client.raw("DELETE", "/_mock/answers", params={"path": PATH}).json()["field"] == "path"
    mock.answer(PATH, {})
    client.raw("DELETE", "/_mock/answers")
    assert client.get(PATH, access_token=token)["errcode"] == 40066
    mock.answer(PATH, {})
    mock.reset()
    assert client.get("/_mock/answers") == {"answers": []}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({}, "answer"),
        ({"answer": []}, "answer"),
        ({"answer": None}, "answer"),
        ({"answer": {}, "body_base64": ""}, "body_base64"),
        ({"body_base64": "%"}, "body_base64"),
        ({"body_base64": None}, "body_base64"),
        ({"answer": {}, "content_type": "a\r\nb: c"}, "content_type"),
        ({"answer": {}, "kinds": []}, "kinds"),
        ({"answer": {}, "kinds": ["open"]}, "kinds"),
        ({"answer": {}, "kinds": ["mini"], "needs_token": False}, "kinds"),
        ({"answer": {}, "needs_token": 1}, "needs_token"),
        ({"answer": {}, "path": "/other/path"}, "path"),
        ({"answer": {}, "path": "/wxa/a?b"}, "path"),
        ({"answer": {}, "path": "/wxa/\ud800"}, "path"),
        ({"answer": {}, "answers": {}}, "answers"),
    ],
)
def test_wrong_answer_is_refused_by_name(client: Client, fields: dict[str, object], field: str) -> None:
    answer = teach(client, **fields)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert client.get("/_mock/answers") == {"answers": []}


@pytest.mark.parametrize("answer", ["text", {"a": float("nan")}, {"a": object()}, {"a": b""}, [1]])
def test_answer_in_python_must_be_json_or_bytes(mock: MockWeChat, answer: Any) -> None:
    with pytest.raises(ValueError, match="answer must be"):
        mock.answer(PATH, answer)


def test_faults_and_limits_apply_to_every_path(mock: MockWeChat, client: Client, token: str) -> None:
    mock.fail("/shop/no/such", 45009)
    mock.fail("/xpay/*", status=502)
    mock.add_account(*OFFICIAL, limits={"/wxaapi/any": {"minute": 1}, "/wxaapi/day": {"day": 1}})
    assert client.get("/shop/no/such")["errcode"] == 45009
    assert client.raw("POST", "/xpay/no/such").status_code == 502
    assert [client.get("/wxaapi/any", access_token=token)["errcode"] for _ in range(2)] == [40066, 45011]
    assert client.get("/card/any", access_token=token)["errcode"] == 40066
    mock.scenario("quota-exhausted")
    assert client.get("/wxaapi/day", access_token=token)["errcode"] == 45009
    mock.scenario("all-well")
    mock.fail(PATH, -1, processed=True)
    mock.answer(PATH, {})
    assert [client.get(PATH, access_token=token).get("errcode") for _ in range(2)] == [-1, None]
