"""Every errcode and errmsg of WECHAT.md that belongs to the mock's endpoints: by its real cause, or else by a fault."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from mock_wechat import MockWeChat
from mock_wechat.errors import ERRMSG

from .client import MINI, OFFICIAL, Client

TOKEN, STABLE, TICKET = "/cgi-bin/token", "/cgi-bin/stable_token", "/cgi-bin/ticket/getticket"
TEXT, IMAGE, MEDIA = "/wxa/msg_sec_check", "/wxa/img_sec_check", "/wxa/media_check_async"
OAUTH, REFRESH, USERINFO = "/sns/oauth2/access_token", "/sns/oauth2/refresh_token", "/sns/userinfo"
SESSION, PHONE = "/sns/jscode2session", "/wxa/business/getuserphonenumber"
PAGE = "/connect/oauth2/authorize"

HERE = "127.0.0.1"
STABLE_HINT = ", could get access_token by getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r"
INVALID_CREDENTIAL = "invalid credential, access_token is invalid or not latest"
TEST_STRING = "特3456书yuuo莞6543李zxcz蒜7782法fgnv级"

Cause = Callable[[MockWeChat, Client], Any]
CAUSES: list[tuple[int, str, Cause]] = []


def cause(errcode: int, errmsg: str) -> Callable[[Cause], Cause]:
    """Writes down what really brings an errcode about."""

    def note(bring: Cause) -> Cause:
        CAUSES.append((errcode, errmsg, bring))
        return bring

    return note


def official(mock: MockWeChat, **switches: object) -> None:
    mock.add_account(OFFICIAL[0], OFFICIAL[1], "official", **switches)


def mini(mock: MockWeChat, **switches: object) -> None:
    mock.add_account(MINI[0], MINI[1], "mini", **switches)


def mini_token(client: Client) -> str:
    token: str = client.token(MINI)["access_token"]
    return token


def by_code(client: Client, path: str, account: tuple[str, str], **change: str) -> Any:
    asked = {"appid": account[0], "secret": account[1], "grant_type": "authorization_code"}
    return client.get(path, **asked | change)


def check(mock: MockWeChat, client: Client, path: str = TEXT, /, **change: object) -> Any:
    """A check that is right but for the change."""
    asked = {"version": 2, "scene": 2, "openid": mock.openid(MINI[0]), "content": "hello"}
    asked |= {"media_url": "http://127.0.0.1:1/a.png", "media_type": 2} if path == MEDIA else {}
    return client.post(path, asked | change, access_token=mini_token(client))


def upload(client: Client, **how: Any) -> Any:
    return client.raw("POST", IMAGE, params={"access_token": mini_token(client)}, **how).json()


def picture(colour: str = "blue", size: tuple[int, int] = (8, 8)) -> dict[str, tuple[str, bytes]]:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return {"media": ("a.png", file.getvalue())}


def granted(mock: MockWeChat, client: Client, scope: str = "snsapi_userinfo") -> dict[str, str]:
    answer: dict[str, str] = by_code(client, OAUTH, OFFICIAL, code=mock.oauth_code(scope=scope))
    return answer


def refresh(client: Client, refresh_token: str) -> Any:
    return client.get(REFRESH, appid=OFFICIAL[0], grant_type="refresh_token", refresh_token=refresh_token)


def ask(client: Client, path: str, **asked: object) -> Any:
    return client.post(path, asked, access_token=client.token()["access_token"])


# WECHAT.md 0.12


@cause(40066, "invalid url")
def unknown_path(_: MockWeChat, client: Client) -> Any:
    return client.get("/cgi-bin/menu/create")


@cause(43001, "require GET method")
def post_for_a_token(_: MockWeChat, client: Client) -> Any:
    return client.post(TOKEN)


@cause(43002, "require POST method")
def get_for_a_stable_token(_: MockWeChat, client: Client) -> Any:
    return client.get(STABLE)


# 1.3 and 1.4: tokens


@cause(40002, "invalid grant_type")
def other_grant_type(_: MockWeChat, client: Client) -> Any:
    return client.get(TOKEN, appid=OFFICIAL[0], secret=OFFICIAL[1], grant_type="password")


@cause(40013, "invalid appid")
def unknown_appid(_: MockWeChat, client: Client) -> Any:
    return client.token(("wx1", "s"))


@cause(40125, "invalid appsecret")
def wrong_secret(_: MockWeChat, client: Client) -> Any:
    return client.token((OFFICIAL[0], "wrong"))


@cause(40164, f"invalid ip {HERE} ipv6 ::ffff:{HERE}, not in whitelist")
def unlisted_address(mock: MockWeChat, client: Client) -> Any:
    official(mock, ip_whitelist=["192.0.2.1"])
    return client.token()


@cause(45035, "access clientip is not registered, not in ip-white-list")
def unlisted_address_elsewhere(mock: MockWeChat, client: Client) -> Any:
    official(mock, ip_whitelist=["192.0.2.1"], whitelist_errcode=45035)
    return client.token()


@cause(61004, "access clientip is not registered")
def unlisted_address_of_a_service_account(mock: MockWeChat, client: Client) -> Any:
    official(mock, ip_whitelist=["192.0.2.1"], whitelist_errcode=61004)
    return client.token()


@cause(41002, "appid missing")
def no_appid(_: MockWeChat, client: Client) -> Any:
    return client.raw("POST", STABLE, data={"appid": OFFICIAL[0]}).json()


@cause(41004, "appsecret missing")
def no_secret(_: MockWeChat, client: Client) -> Any:
    return client.token((OFFICIAL[0], ""))


@cause(45009, "reach max api daily quota limit" + STABLE_HINT)
def too_many_tokens(mock: MockWeChat, client: Client) -> Any:
    official(mock, daily_token_quota=0)
    return client.token()


@cause(45009, "reach max api daily quota limit")
def too_many_stable_tokens(mock: MockWeChat, client: Client) -> Any:
    official(mock, limits={STABLE: {"day": 0}})
    return client.stable_token()


@cause(45011, "api minute-quota reach limit, must slower, retry next minute")
def too_many_in_a_minute(mock: MockWeChat, client: Client) -> Any:
    official(mock, limits={TOKEN: {"minute": 0}})
    return client.token()


@cause(89503, "此次调用需要管理员确认，请耐心等候")
def unknown_address(mock: MockWeChat, client: Client) -> Any:
    official(mock, confirm_ip=True)
    return client.token()


@cause(89501, "公众号有未处理的确认请求，请稍候重试")
def unknown_address_asks_again(mock: MockWeChat, client: Client) -> Any:
    unknown_address(mock, client)
    return client.token()


@cause(89507, "该IP调用求请求已被公众号管理员拒绝，请1小时后再试，建议调用前与管理员沟通确认")
def refused_address(mock: MockWeChat, client: Client) -> Any:
    official(mock, confirm_ip=True)
    mock.confirm(OFFICIAL[0], HERE, "refuse")
    return client.token()


@cause(89506, "该IP调用求请求已被公众号管理员拒绝，请24小时后再试，建议调用前与管理员沟通确认")
def twice_refused_address(mock: MockWeChat, client: Client) -> Any:
    mock.confirm(OFFICIAL[0], HERE, "refuse")
    return refused_address(mock, client)


# 2 and 7.1: an access_token at work


@cause(40001, INVALID_CREDENTIAL + STABLE_HINT)
def stolen_token(mock: MockWeChat, client: Client) -> Any:
    token = client.token()["access_token"]
    mock.revoke(OFFICIAL[0], "access_token")
    return client.getticket(token)


@cause(42001, "access_token expired")
def old_token(mock: MockWeChat, client: Client) -> Any:
    token = client.token()["access_token"]
    mock.clock.advance(7200)
    return client.getticket(token)


@cause(41001, "access_token missing")
def no_token(_: MockWeChat, client: Client) -> Any:
    return client.get(TICKET, type="jsapi")


@cause(40097, "invalid args")
def unknown_ticket_type(_: MockWeChat, client: Client) -> Any:
    return client.getticket(client.token()["access_token"], "card")


@cause(48001, "api unauthorized")
def ticket_for_a_mini_program(_: MockWeChat, client: Client) -> Any:
    return client.getticket(mini_token(client))


# 3.3: msg_sec_check


@cause(40003, "invalid openid")
def nobodys_openid(mock: MockWeChat, client: Client) -> Any:
    return check(mock, client, openid="o1")


@cause(40129, "invalid scene")
def unknown_scene(mock: MockWeChat, client: Client) -> Any:
    return check(mock, client, scene=5)


@cause(43104, "The openid does not match the appid")
def openid_of_another_account(mock: MockWeChat, client: Client) -> Any:
    return check(mock, client, openid=mock.openid(OFFICIAL[0]))


@cause(61010, "code is expired")
def openid_that_was_not_here_lately(mock: MockWeChat, client: Client) -> Any:
    mock.set_openid(MINI[0], mock.openid(MINI[0]), "inactive")
    return check(mock, client)


@cause(44002, "empty post data")
def empty_body(_: MockWeChat, client: Client) -> Any:
    return client.check_text(mini_token(client), b"")


@cause(47001, "data format error")
def form_in_place_of_json(_: MockWeChat, client: Client) -> Any:
    return client.check_text(mini_token(client), b"content=hello")


@cause(47001, "data format error")
def misnamed_field(mock: MockWeChat, client: Client) -> Any:
    return check(mock, client, **{"version": None, "version ": 2})


@cause(44991, "reach max api minute frequence")
def too_many_checks_in_a_minute(mock: MockWeChat, client: Client) -> Any:
    mini(mock, limits={TEXT: {"minute": 0}})
    return check(mock, client)


@cause(45009, "reach max api daily quota limit")
def too_many_checks_in_a_day(mock: MockWeChat, client: Client) -> Any:
    mini(mock, limits={TEXT: {"day": 0}})
    return check(mock, client)


@cause(45002, "content size out of limit")
def content_too_long(mock: MockWeChat, client: Client) -> Any:
    return check(mock, client, content="中" * 2501)


@cause(87014, "risky content")
def risky_text(_: MockWeChat, client: Client) -> Any:
    return client.check_text(mini_token(client), f'{{"content":"{TEST_STRING}"}}'.encode())


# 4 and 5: media


@cause(41005, "media data missing")
def text_in_place_of_a_file(_: MockWeChat, client: Client) -> Any:
    return upload(client, data={"media": "text"})


@cause(47001, "data format error")
def json_in_place_of_a_file(_: MockWeChat, client: Client) -> Any:
    return upload(client, json={"media": "text"})


@cause(40006, "invalid media size")
def picture_too_wide(_: MockWeChat, client: Client) -> Any:
    return upload(client, files=picture(size=(751, 1)))


@cause(40006, "invalid meida size")
def picture_too_wide_misspelt(mock: MockWeChat, client: Client) -> Any:
    mini(mock, quirks=["meida"])
    return picture_too_wide(mock, client)


@cause(40004, "invalid media type")
def no_picture(_: MockWeChat, client: Client) -> Any:
    return upload(client, files={"media": ("a.png", b"text")})


@cause(87014, "risky content")
def risky_picture(_: MockWeChat, client: Client) -> Any:
    return upload(client, files=picture("red"))


@cause(40004, "invalid media type")
def unknown_media_type(mock: MockWeChat, client: Client) -> Any:
    return check(mock, client, MEDIA, media_type=3)


@cause(40003, "invalid openid")
def media_of_nobody(mock: MockWeChat, client: Client) -> Any:
    return check(mock, client, MEDIA, openid="o1")


@cause(43104, "The openid does not match the appid")
def media_of_another_account(mock: MockWeChat, client: Client) -> Any:
    return check(mock, client, MEDIA, openid=mock.openid(OFFICIAL[0]))


@cause(61010, "code is expired")
def media_of_somebody_who_was_not_here_lately(mock: MockWeChat, client: Client) -> Any:
    mock.set_openid(MINI[0], mock.openid(MINI[0]), "inactive")
    return check(mock, client, MEDIA)


@cause(44991, "reach max api minute frequence")
def too_much_media_in_a_minute(mock: MockWeChat, client: Client) -> Any:
    mini(mock, limits={MEDIA: {"minute": 0}})
    return check(mock, client, MEDIA)


# 7.2 and 0.10: operation


@cause(48006, "forbid to clear quota because of reaching the limit")
def eleventh_clearing(_: MockWeChat, client: Client) -> Any:
    return [ask(client, "/cgi-bin/clear_quota", appid=OFFICIAL[0]) for _ in range(11)][-1]


@cause(40013, "invalid appid")
def clearing_for_another(_: MockWeChat, client: Client) -> Any:
    return ask(client, "/cgi-bin/clear_quota", appid=MINI[0])


@cause(76021, "cgi_path not found, please check")
def quota_of_nothing(_: MockWeChat, client: Client) -> Any:
    return ask(client, "/cgi-bin/openapi/quota/get", cgi_path="/cgi-bin/nothing")


@cause(76022, "could not use this cgi_path，no permission")
def quota_of_sns(_: MockWeChat, client: Client) -> Any:
    return ask(client, "/cgi-bin/openapi/quota/get", cgi_path="/sns/userinfo")


def rid(client: Client, rid: str) -> Any:
    return ask(client, "/cgi-bin/openapi/rid/get", rid=rid)


@cause(76001, "rid not found, please check")
def unknown_rid(_: MockWeChat, client: Client) -> Any:
    return rid(client, "6b00f64c-00000000-00000000")


@cause(76002, "rid is error")
def no_rid(_: MockWeChat, client: Client) -> Any:
    return rid(client, "x")


@cause(76003, "could not query this rid,no permission")
def rid_of_another(_: MockWeChat, client: Client) -> Any:
    return rid(client, client.check_text(mini_token(client), b"")["errmsg"][-26:])


@cause(76004, "rid time is error")
def rid_of_long_ago(_: MockWeChat, client: Client) -> Any:
    return rid(client, "5f7865c4-4c14d465-0026a299")


@cause(40201, "invalid url")
def callback_without_url(_: MockWeChat, client: Client) -> Any:
    return ask(client, "/cgi-bin/callback/check", action="all", check_operator="DEFAULT")


@cause(40202, "invalid action")
def callback_with_another_action(_: MockWeChat, client: Client) -> Any:
    return ask(client, "/cgi-bin/callback/check", action="look", check_operator="DEFAULT")


@cause(40203, "invalid check_operator")
def callback_with_another_operator(_: MockWeChat, client: Client) -> Any:
    return ask(client, "/cgi-bin/callback/check", action="all", check_operator="X")


# 9.2: sns


@cause(40029, "invalid code")
def wrong_code(_: MockWeChat, client: Client) -> Any:
    return by_code(client, OAUTH, OFFICIAL, code="x")


@cause(40163, "code been used")
def used_code(mock: MockWeChat, client: Client) -> Any:
    code = mock.js_code()
    by_code(client, SESSION, MINI, js_code=code)
    return by_code(client, SESSION, MINI, js_code=code)


@cause(41008, "missing code")
def no_code(_: MockWeChat, client: Client) -> Any:
    return by_code(client, OAUTH, OFFICIAL)


@cause(41004, "appsecret missing")
def exchange_without_secret(_: MockWeChat, client: Client) -> Any:
    return by_code(client, OAUTH, OFFICIAL, secret="", code="x")


@cause(40164, f"invalid ip {HERE} ipv6 ::ffff:{HERE}, not in whitelist")
def login_from_an_unlisted_address(mock: MockWeChat, client: Client) -> Any:
    mini(mock, ip_whitelist=["192.0.2.1"])
    return by_code(client, SESSION, MINI, js_code="x")


@cause(45011, "api minute-quota reach limit, must slower, retry next minute")
def too_many_logins(mock: MockWeChat, client: Client) -> Any:
    mini(mock, limits={SESSION: {"minute": 0}})
    return by_code(client, SESSION, MINI, js_code="x")


@cause(40030, "invalid refresh_token")
def wrong_refresh_token(_: MockWeChat, client: Client) -> Any:
    return refresh(client, "x")


@cause(42002, "refresh_token expired")
def old_refresh_token(mock: MockWeChat, client: Client) -> Any:
    refresh_token = granted(mock, client)["refresh_token"]
    mock.clock.advance(30 * 86400)
    return refresh(client, refresh_token)


@cause(48001, "api unauthorized")
def name_without_consent(mock: MockWeChat, client: Client) -> Any:
    base = granted(mock, client, "snsapi_base")
    return client.get(USERINFO, access_token=base["access_token"], openid=base["openid"])


@cause(40001, INVALID_CREDENTIAL + STABLE_HINT)
def name_by_the_accounts_token(_: MockWeChat, client: Client) -> Any:
    return client.get(USERINFO, access_token=client.token()["access_token"], openid="o1")


@cause(42001, "access_token expired")
def name_by_an_old_token(mock: MockWeChat, client: Client) -> Any:
    answer = granted(mock, client)
    mock.clock.advance(7200)
    return client.get(USERINFO, access_token=answer["access_token"], openid=answer["openid"])


@cause(40003, "invalid openid")
def name_of_somebody_else(mock: MockWeChat, client: Client) -> Any:
    return client.get("/sns/auth", access_token=granted(mock, client)["access_token"], openid="o1")


@pytest.mark.parametrize(("errcode", "errmsg", "bring"), [pytest.param(*it, id=it[2].__name__) for it in CAUSES])
def test_errcode_has_its_real_cause(mock: MockWeChat, client: Client, errcode: int, errmsg: str, bring: Cause) -> None:
    answer = bring(mock, client)
    comma = "," if mock.calls()[-1].path.startswith("/sns/") else ""
    assert answer["errcode"] == errcode
    assert re.fullmatch(re.escape(errmsg + comma) + " rid: [0-9a-f-]{26}", answer["errmsg"])


FAULTS = [
    # errcode, its text if it is not the usual one, and where WeChat's tables have it
    *[(-1, None, path) for path in (TOKEN, STABLE, TICKET, TEXT, IMAGE, MEDIA, PHONE, OAUTH, SESSION)],
    (40001, INVALID_CREDENTIAL, TOKEN),
    (40001, None, IMAGE),
    (40001, None, MEDIA),
    (40013, None, OAUTH),
    (40014, None, TICKET),
    (40125, "invalid appsecret, view more at http://t.cn/RAEkdVq", OAUTH),
    (40164, "invalid ip 14.23.124.132, not in whitelist", TOKEN),
    (40226, None, SESSION),
    (40243, None, STABLE),
    (42003, None, OAUTH),
    (42007, None, REFRESH),
    (43003, None, TOKEN),
    (45002, None, IMAGE),
    (45009, "api freq out of limit", TOKEN),
    (45009, None, IMAGE),
    (45009, None, MEDIA),
    (45011, "api minute-quota reach limit, mustslower, retry next minute", TOKEN),
    (45011, None, PHONE),
    (48001, None, TOKEN),
    (48004, None, TICKET),
    (48017, "this ip is retired", TOKEN),
    (50001, "user unauthorized", TICKET),
    (50002, None, TICKET),
    (50004, None, TOKEN),
    (50007, None, STABLE),
    (61007, "api is unauthorized", TICKET),
    (61024, None, TOKEN),
    (87020, None, MEDIA),
    (89502, None, TOKEN),
    (89504, None, TOKEN),
    (89505, None, STABLE),
]

TEXTS = {
    -1: "system error",
    40001: INVALID_CREDENTIAL + STABLE_HINT,
    40013: "invalid appid",
    40014: "invalid access_token",
    40226: "code blocked",
    40243: "AppSecret已被冻结，请解冻后再次调用。",
    42003: "code expired",
    42007: "access_token and refresh_token exception",
    43003: "require https",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    48001: "api unauthorized",
    48004: "api forbidden for irregularities, view detail on mp.weixin.qq.com",
    50002: "user limited",
    50004: "user not allow to use accesstoken, maybe for punishment",
    50007: "账号已冻结",
    61024: "must use api(api_component_token) to get token for component acct",
    87020: "repeat request limit exceeded",
    89502: "请耐心等待管理员确认",
    89504: "正在等管理员确认，请耐心等待",
    89505: "正在等管理员确认，请稍候重试",
}


@pytest.mark.parametrize(("errcode", "errmsg", "path"), FAULTS)
def test_errcode_without_a_cause_comes_by_fault(
    mock: MockWeChat, client: Client, errcode: int, errmsg: str | None, path: str
) -> None:
    mock.fail(path, errcode, errmsg=errmsg)
    answer = client.get(path)
    comma = "," if path.startswith("/sns/") else ""
    assert answer["errcode"] == errcode
    assert re.fullmatch(re.escape((errmsg or TEXTS[errcode]) + comma) + " rid: [0-9a-f-]{26}", answer["errmsg"])


PAGES = (10003, 10004, 10005, 10006, 10009, 10010, 10011, 10012, 10013, 10015, 10016)


@pytest.mark.parametrize("errcode", PAGES)
def test_authorize_page_shows_any_of_its_errcodes(mock: MockWeChat, client: Client, errcode: int) -> None:
    mock.fail(PAGE, errcode)
    page = client.raw("GET", PAGE)
    assert f"<h1>{ERRMSG[errcode]}</h1><p>错误码: {errcode}</p>".encode() in page.content


def test_streamed_upload_gets_412(client: Client) -> None:
    query = {"access_token": mini_token(client)}
    assert client.raw("POST", IMAGE, params=query, data=iter([b"x"])).status_code == 412


def test_no_text_of_the_mock_is_left_out() -> None:
    walked = {errcode for errcode, _, _ in CAUSES} | {errcode for errcode, _, _ in FAULTS} | set(PAGES)
    assert set(ERRMSG) <= walked
