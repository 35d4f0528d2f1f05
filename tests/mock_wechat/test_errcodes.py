"""Every errcode of the mock's endpoints: by its real cause, otherwise by a fault. Texts are in `ERRMSG`."""

import io
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from PIL import Image

from mock_wechat import MockWeChat
from mock_wechat.errors import ERRMSG
from mock_wechat.state.words import TEST_STRINGS

from .client import MINI, NOW, OFFICIAL, Client

TOKEN, STABLE, TICKET = "/cgi-bin/token", "/cgi-bin/stable_token", "/cgi-bin/ticket/getticket"
TEXT, IMAGE, MEDIA = "/wxa/msg_sec_check", "/wxa/img_sec_check", "/wxa/media_check_async"
OAUTH, REFRESH, USERINFO = "/sns/oauth2/access_token", "/sns/oauth2/refresh_token", "/sns/userinfo"
SESSION, PHONE = "/sns/jscode2session", "/wxa/business/getuserphonenumber"
CLEAR, CLEAR_V2, CALLBACK = "/cgi-bin/clear_quota", "/cgi-bin/clear_quota/v2", "/cgi-bin/callback/check"
QUOTA, RID, PAGE = "/cgi-bin/openapi/quota/get", "/cgi-bin/openapi/rid/get", "/connect/oauth2/authorize"

HERE = "127.0.0.1"
QUOTA_TEXT = (
    "reach max api daily quota limit, could get access_token by getStableAccessToken, "
    "more details at https://mmbizurl.cn/s/JtxxFh33r"
)
NOT_LISTED = f"invalid ip {HERE} ipv6 ::ffff:{HERE}, not in whitelist"


class Calls:
    """The calls that the causes are made of."""

    def __init__(self, mock: MockWeChat, client: Client) -> None:
        self.mock = mock
        self.client = client

    def official(self, **settings: object) -> "Calls":
        self.mock.add_account(*OFFICIAL, "official", **settings)  # type: ignore[arg-type]  # fields of Account
        return self

    def mini(self, **settings: object) -> "Calls":
        self.mock.add_account(*MINI, "mini", **settings)  # type: ignore[arg-type]  # fields of Account
        return self

    def refuse(self) -> "Calls":
        self.mock.confirm(OFFICIAL[0], HERE, "refuse")
        return self

    def inactive(self) -> "Calls":
        self.mock.set_openid(MINI[0], self.mock.openid(MINI[0]), "inactive")
        return self

    def token(self, **change: str) -> Any:
        asked = {"grant_type": "client_credential", "appid": OFFICIAL[0], "secret": OFFICIAL[1]}
        return self.client.get(TOKEN, **asked | change)

    def ticket(self, kind: str = "jsapi", account: tuple[str, str] = OFFICIAL, *, then: str = "") -> Any:
        token = self.client.token(account)["access_token"]
        if then == "revoked":
            self.mock.revoke(OFFICIAL[0], "access_token")
        if then == "old":
            self.mock.clock.advance(7200)
        return self.client.getticket(token, kind)

    def post(self, path: str, body: object, account: tuple[str, str] = OFFICIAL) -> Any:
        return self.client.post(path, body, access_token=self.client.token(account)["access_token"])

    def raw(self, path: str, account: tuple[str, str] = MINI, **how: Any) -> Any:
        query = {"access_token": self.client.token(account)["access_token"]}
        return self.client.raw("POST", path, params=query, **how).json()

    def check(self, path: str = TEXT, /, **change: object) -> Any:
        """A check that is right but for the change."""
        asked = {"version": 2, "scene": 2, "openid": self.mock.openid(MINI[0]), "content": "hello"}
        asked |= {"media_url": "http://127.0.0.1:1/a.png", "media_type": 2} if path == MEDIA else {}
        return self.post(path, asked | change, MINI)

    def upload(self, colour: str = "blue", size: tuple[int, int] = (8, 8)) -> Any:
        file = io.BytesIO()
        Image.new("RGB", size, colour).save(file, "PNG")
        return self.raw(IMAGE, files={"media": ("a.png", file.getvalue())})

    def by_code(self, path: str, account: tuple[str, str], **change: str) -> Any:
        asked = {"appid": account[0], "secret": account[1], "grant_type": "authorization_code"}
        return self.client.get(path, **asked | change)

    def refresh(self, refresh_token: str, **change: str) -> Any:
        asked = {"appid": OFFICIAL[0], "grant_type": "refresh_token", "refresh_token": refresh_token}
        return self.client.get(REFRESH, **asked | change)

    def granted(self, scope: str = "snsapi_userinfo", seconds: float = 0) -> Any:
        answer = self.by_code(OAUTH, OFFICIAL, code=self.mock.oauth_code(scope=scope))
        self.mock.clock.advance(seconds)
        return answer

    def userinfo(self, granted: Any, path: str = USERINFO, **change: str) -> Any:
        asked = {"access_token": granted["access_token"], "openid": granted["openid"]}
        return self.client.get(path, **asked | change)

    def callback(self, action: str = "all", operator: str = "DEFAULT") -> Any:
        return self.post(CALLBACK, {"action": action, "check_operator": operator})

    def twice(self, call: Callable[[], Any]) -> Any:
        call()
        return call()


CAUSES: list[tuple[int, Callable[[Calls], Any], str | None]] = [
    # WECHAT.md 0.12
    (40066, lambda it: it.post("/cgi-bin/no/such", None), None),
    (43001, lambda it: it.client.post(TOKEN), None),
    (43002, lambda it: it.client.get(STABLE), None),
    # 1.3 and 1.4: tokens
    (40002, lambda it: it.token(grant_type="client"), None),
    (40013, lambda it: it.token(appid="wx1"), None),
    (40125, lambda it: it.token(secret="wrong"), None),
    (40164, lambda it: it.official(ip_whitelist=["192.0.2.1"]).token(), NOT_LISTED),
    (45035, lambda it: it.official(ip_whitelist=["192.0.2.1"], whitelist_errcode=45035).token(), None),
    (61004, lambda it: it.official(ip_whitelist=["192.0.2.1"], whitelist_errcode=61004).token(), None),
    (41002, lambda it: it.client.raw("POST", STABLE, data={"appid": OFFICIAL[0]}).json(), None),
    (41004, lambda it: it.token(secret=""), None),
    (45009, lambda it: it.official(daily_token_quota=0).token(), QUOTA_TEXT),
    (45009, lambda it: it.official(limits={STABLE: {"day": 0}}).client.stable_token(), None),
    (45011, lambda it: it.official(limits={TOKEN: {"minute": 0}}).token(), None),
    (89503, lambda it: it.official(confirm_ip=True).token(), None),
    (89501, lambda it: it.twice(it.official(confirm_ip=True).token), None),
    (89507, lambda it: it.official(confirm_ip=True).refuse().token(), None),
    (89506, lambda it: it.official(confirm_ip=True).refuse().refuse().token(), None),
    # 2 and 7.1: an access_token at work
    (40001, lambda it: it.ticket(then="revoked"), None),
    (42001, lambda it: it.ticket(then="old"), None),
    (41001, lambda it: it.client.get(TICKET, type="jsapi"), None),
    (41001, lambda it: it.client.post(TEXT, {"access_token": "x"}), None),
    (40097, lambda it: it.ticket("card"), None),
    (48001, lambda it: it.ticket(account=MINI), None),
    # 3.3: msg_sec_check
    (48001, lambda it: it.raw(TEXT, OFFICIAL, data=b'{"content":"hello"}'), None),
    (40003, lambda it: it.check(openid="o1"), None),
    (40129, lambda it: it.check(scene=5), None),
    (43104, lambda it: it.check(openid=it.mock.openid(OFFICIAL[0])), None),
    (61010, lambda it: it.inactive().check(), None),
    (44002, lambda it: it.raw(TEXT, data=b""), None),
    (47001, lambda it: it.raw(TEXT, data=b"content=hello"), None),
    (44991, lambda it: it.mini(limits={TEXT: {"minute": 0}}).check(), None),
    (45009, lambda it: it.mini(limits={TEXT: {"day": 0}}).check(), None),
    (45002, lambda it: it.check(content="中" * 2501), None),
    (87014, lambda it: it.raw(TEXT, data=f'{{"content":"{TEST_STRINGS[0]}"}}'.encode()), None),
    # 4 and 5: media
    (48001, lambda it: it.raw(IMAGE, OFFICIAL, data=b"x"), None),
    (41005, lambda it: it.raw(IMAGE, data={"media": "text"}), None),
    (47001, lambda it: it.raw(IMAGE, json={"media": "text"}), None),
    (40006, lambda it: it.upload(size=(751, 1)), None),
    (40006, lambda it: it.mini(quirks=["meida"]).upload(size=(751, 1)), "invalid meida size"),
    (40004, lambda it: it.raw(IMAGE, files={"media": ("a.png", b"text")}), None),
    (87014, lambda it: it.upload("red"), None),
    (48001, lambda it: it.raw(MEDIA, OFFICIAL, data=b"{}"), None),
    (40004, lambda it: it.check(MEDIA, media_type=3), None),
    (44991, lambda it: it.mini(limits={MEDIA: {"minute": 0}}).check(MEDIA), None),
    # 7.2 and 0.10: operation
    (48006, lambda it: [it.post(CLEAR, {"appid": OFFICIAL[0]}) for _ in range(11)][-1], None),
    (40013, lambda it: it.post(CLEAR, {"appid": MINI[0]}), None),
    (41004, lambda it: it.client.post(CLEAR_V2, {"appid": OFFICIAL[0]}), None),
    (40125, lambda it: it.client.post(CLEAR_V2, {"appid": OFFICIAL[0], "appsecret": "wrong"}), None),
    (76021, lambda it: it.post(QUOTA, {"cgi_path": "/cgi-bin/nothing"}), None),
    (76022, lambda it: it.post(QUOTA, {"cgi_path": "/sns/userinfo"}), None),
    (76001, lambda it: it.post(RID, {"rid": f"{NOW:08x}-00000000-00000000"}), None),
    (76001, lambda it: it.post(RID, {"rid": it.client.get("/sns/auth", access_token="x")["errmsg"][-26:]}), None),
    (76002, lambda it: it.post(RID, {"rid": "x"}), None),
    (76003, lambda it: it.post(RID, {"rid": it.raw(TEXT, data=b"")["errmsg"][-26:]}), None),
    (76004, lambda it: it.post(RID, {"rid": "5f7865c4-4c14d465-0026a299"}), None),
    (40201, lambda it: it.callback(), None),
    (40202, lambda it: it.callback(action="trace"), None),
    (40203, lambda it: it.callback(operator="X"), None),
    # 9.2: sns and phone numbers
    (40029, lambda it: it.by_code(OAUTH, OFFICIAL, code="x"), None),
    (40163, lambda it: it.twice(partial(it.by_code, SESSION, MINI, js_code=it.mock.js_code())), None),
    (41008, lambda it: it.by_code(OAUTH, OFFICIAL), None),
    (40164, lambda it: it.mini(ip_whitelist=["192.0.2.1"]).by_code(SESSION, MINI, js_code="x"), NOT_LISTED),
    (45011, lambda it: it.mini(limits={SESSION: {"minute": 0}}).by_code(SESSION, MINI, js_code="x"), None),
    (41002, lambda it: it.refresh("x", appid=""), None),
    (40013, lambda it: it.refresh("x", appid="wx1"), None),
    (40002, lambda it: it.refresh("x", grant_type="client_credential"), None),
    (40030, lambda it: it.refresh("x"), None),
    (40030, lambda it: it.refresh(it.granted()["refresh_token"], appid=MINI[0]), None),
    (42002, lambda it: it.refresh(it.granted(seconds=30 * 86400)["refresh_token"]), None),
    (48001, lambda it: it.userinfo(it.granted("snsapi_base")), None),
    (40001, lambda it: it.userinfo(it.granted(), access_token=it.token()["access_token"]), None),
    (40001, lambda it: it.client.getticket(it.granted()["access_token"]), None),
    (42001, lambda it: it.userinfo(it.granted(seconds=7200)), None),
    (40003, lambda it: it.userinfo(it.granted(), "/sns/auth", openid="o1"), None),
    (48001, lambda it: it.raw(PHONE, OFFICIAL, json={"code": "x"}), None),
]


@pytest.mark.parametrize(("errcode", "call", "errmsg"), CAUSES)
def test_errcode_has_its_real_cause(
    mock: MockWeChat, client: Client, errcode: int, call: Callable[[Calls], Any], errmsg: str | None
) -> None:
    answer = call(Calls(mock, client))
    comma = "," if mock.calls()[-1].path.startswith("/sns/") else ""
    assert answer["errcode"] == errcode
    assert re.fullmatch(re.escape((errmsg or ERRMSG[errcode]) + comma) + " rid: [0-9a-f-]{26}", answer["errmsg"])


PAGES = (10003, 10004, 10005, 10006, 10009, 10010, 10011, 10012, 10013, 10015, 10016)
FAULTS: list[tuple[int, str, str | None]] = [
    *[(-1, path, None) for path in (TOKEN, STABLE, TICKET, TEXT, IMAGE, MEDIA, PHONE, OAUTH, SESSION)],
    *[(errcode, TOKEN, None) for errcode in sorted(set(ERRMSG) - {errcode for errcode, _, _ in CAUSES} - {*PAGES, -1})],
    # texts that are not the usual ones
    (40125, OAUTH, "invalid appsecret, view more at http://t.cn/RAEkdVq"),
    (40164, TOKEN, "invalid ip 14.23.124.132, not in whitelist"),
    (45009, TOKEN, "api freq out of limit"),
    (48017, TOKEN, "this ip is retired"),
]


@pytest.mark.parametrize(("errcode", "path", "errmsg"), FAULTS)
def test_errcode_without_a_cause_comes_by_fault(
    mock: MockWeChat, client: Client, errcode: int, path: str, errmsg: str | None
) -> None:
    mock.fail(path, errcode, errmsg=errmsg)
    answer = client.get(path)
    comma = "," if path.startswith("/sns/") else ""
    assert answer["errcode"] == errcode
    assert re.fullmatch(re.escape((errmsg or ERRMSG[errcode]) + comma) + " rid: [0-9a-f-]{26}", answer["errmsg"])


@pytest.mark.parametrize("errcode", PAGES)
def test_authorize_page_shows_any_of_its_errcodes(mock: MockWeChat, client: Client, errcode: int) -> None:
    mock.fail(PAGE, errcode)
    page = client.raw("GET", PAGE)
    assert f"<h1>{ERRMSG[errcode]}</h1><p>错误码: {errcode}</p>".encode() in page.content
