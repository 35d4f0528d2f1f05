"""Which of WeChat's paths are forwarded, and for which keys."""

import re
from collections.abc import Mapping
from fnmatch import translate
from typing import Literal

from ..accounts import ApiKey
from .answers import refusal, unauthorized

FAMILIES = (
    *("bizwifi", "card", "cgi-bin", "channels", "cityservice", "componenttcb", "customservice", "cv", "datacube"),
    *("device", "donut", "hardware", "intp", "marketing", "merchant", "nontax", "pay", "payfeedback", "product"),
    *("promoter", "publisher", "redpacketcover", "retail", "scan", "semantic", "shakearound", "shop", "sns", "tcb"),
    *("union", "user-order", "wedata", "wxa", "wxaapi", "wxadrama", "xpay"),
)
"""first segments of the paths on api.weixin.qq.com, from WeChat's documents and six SDKs"""

TOKEN_PATHS = ("/cgi-bin/token", "/cgi-bin/stable_token")
"""answered with a pass"""
TICKET_PATH = "/cgi-bin/ticket/getticket"
"""answered from the store"""
CODE_PATHS = ("/sns/jscode2session", "/sns/oauth2/access_token")
"""take appid, secret and a code; for the scope `sns`"""
USER_TOKEN_PATHS = ("/sns/userinfo", "/sns/auth", "/sns/oauth2/refresh_token")
"""take a user's token and nothing of ours: no key is needed"""
CLEAR_QUOTA_PATH = "/cgi-bin/clear_quota/v2"
"""takes appid and appsecret"""
_TAKE_SECRET = (*TOKEN_PATHS, *CODE_PATHS, CLEAR_QUOTA_PATH)
_QUOTA_GET = "/cgi-bin/openapi/quota/get"

PathGroup = Literal["never", "ops", "manage"]
# Matched in lower case, where `*` is any text; the first group that has a path is its group.
_GROUPS: Mapping[PathGroup, tuple[str, ...]] = {
    # A third-party platform's (第三方平台) own token or secret, which this server does not have.
    "never": ("/cgi-bin/component/*", "/sns/component/*", "/sns/oauth2/component/*", "/wxa/component/*"),
    # Quota can be cleared ten times a month; rid/get quotes other requests.
    "ops": ("/*/clear_quota*", "/cgi-bin/openapi/*", "/wxaapi/comment/apikfquota/reset"),
    "manage": (
        # what all followers see or get
        *("/cgi-bin/message/mass/*", "/cgi-bin/guide/*massendjob", "/cgi-bin/freepublish/submit"),
        *("/cgi-bin/freepublish/delete", "/cgi-bin/draft/delete", "/cgi-bin/draft/switch"),
        *("/cgi-bin/material/del_material", "/cgi-bin/comment/open", "/cgi-bin/comment/close"),
        *("/cgi-bin/comment/*delete", "/cgi-bin/menu/create", "/cgi-bin/menu/delete", "/cgi-bin/menu/*conditional"),
        # goods, shops
        *("/merchant/del", "/product/spu/del", "/shop/spu/del", "/cgi-bin/poi/delpoi"),
        # followers, templates, customer service accounts
        *("/cgi-bin/tags/members/batch*blacklist", "/cgi-bin/tags/delete", "/cgi-bin/groups/delete"),
        *("/customservice/kfaccount/*", "/cgi-bin/guide/delguideacct"),
        *("/customservice/work/*bind", "/cgi-bin/template/api_set_industry", "/cgi-bin/template/del_*"),
        *("/cgi-bin/wxopen/template/del", "/wxaapi/newtmpl/deltemplate"),
        # the account: its settings, its categories, what it is bound to
        *("/cgi-bin/account/modify*", "/cgi-bin/account/componentrebindadmin", "/cgi-bin/account/fastregister"),
        *("/cgi-bin/open/create", "/cgi-bin/open/*bind", "/cgi-bin/wxopen/addcategory"),
        *("/cgi-bin/wxopen/deletecategory", "/cgi-bin/wxopen/modifycategory", "/cgi-bin/wxopen/wxamp*link"),
        *("/cgi-bin/wxopen/qrcodejump*", "/cgi-bin/wxopen/setweappsupportversion", "/wxa/setnickname"),
        *("/wxa/change*status", "/wxa/*bind_tester", "/wxa/updateshowwxaitem", "/wxa/plugin", "/wxa/devplugin"),
        *("/wxa/*betaweapp*", "/wxa/operationams", "/wxa/setdefaultamsinfo", "/wxa/security/apply*"),
        *("/wxa/icp/*apply*", "/wxa/icp/cancel*", "/wxa/sec/wxaauth", "/wxa/sec/reauth", "/wxa/sec/submit_auth*"),
        *("/wxaapi/wxaembedded/add*", "/wxaapi/wxaembedded/del*", "/wxaapi/wxaembedded/set*"),
        "/wedata/wedata_set_*",
        # code and its release
        *("/wxa/commit", "/wxa/submit_audit", "/wxa/release", "/wxa/speedupaudit", "/wxa/undocodeaudit"),
        *("/wxa/revertcoderelease", "/wxa/*grayrelease", "/wxa/addtotemplate", "/wxa/deletetemplate"),
        # domains
        *("/wxa/modify*domain*", "/wxa/setwebviewdomain*", "/wxa/set_prefetchdnsdomain"),
        # money that leaves, in every family; payments of game currency that are undone
        *("/*refund*", "/*withdraw*", "/*bankaccount*", "/*aftersale/accept*", "/*cancelpay"),
        *("/xpay/cancel_currency_pay", "/xpay/create_funds_bill", "/xpay/bind_transfer_accout"),
        # cards, cloud environments, keys
        *("/card/delete", "/card/paygiftcard/delete", "/card/modifystock", "/componenttcb/*", "/tcb/getqcloudtoken"),
        *("/tcb/getcodesecret", "/tcb/modifyenv", "/tcb/shareenv", "/tcb/create*", "/tcb/downloadfunction"),
        *("/tcb/upload*config", "/tcb/databasecollectiondelete", "/tcb/databasemigrate*", "/retail/b2b/getappkey"),
    ),
}
_PATTERNS = {group: re.compile("|".join(map(translate, each))) for group, each in _GROUPS.items()}
# No segment ends in a dot: `..` leads elsewhere, and WeChat could take `create.` for `create`, which has a group.
_FORM = re.compile(r"(/[A-Za-z0-9_.-]*[A-Za-z0-9_-])+", re.ASCII)
# The code of `wx.pluginLogin`, of the phone number button and of a Donut app's login.
_CODES = ("/wxa/business/getuserphonenumber", "/wxa/getpluginopenpid", "/donut/code2verifyinfo")


def group(path: str) -> PathGroup | None:
    """The path's group, None for a path in no group."""
    lower = path.lower()
    if lower == _QUOTA_GET:
        return None
    return next((group for group, pattern in _PATTERNS.items() if pattern.match(lower)), None)


def check(path: str, key: ApiKey) -> None:
    """Raise GatewayRefusal unless this key may call this path, which is decoded and in one of the families."""
    if not _FORM.fullmatch(path):
        raise refusal("path")
    if path not in _TAKE_SECRET and path.lower() in _TAKE_SECRET:
        raise refusal("path")  # in another spelling, WeChat could get the API key in place of a secret
    found, scope = group(path), "sns" if path in CODE_PATHS else "gateway"
    if found == "never":
        raise unauthorized("this path is for third-party platforms")
    if not key.allows(scope):
        raise unauthorized(f"the key has no scope {scope}")
    if found == "ops" and not key.allows("ops"):
        raise unauthorized("the key has no scope ops, which this path needs")
    if found == "manage" and "manage" not in key.groups:
        raise unauthorized("the key is not in the group manage, which this path needs")
    if not (path in TOKEN_PATHS or key.allows_path(path)):
        raise unauthorized("the key is for other paths")


def takes_secret(path: str) -> bool:
    """Whether WeChat documents a secret for this path."""
    return path in _TAKE_SECRET


def once(path: str) -> bool:
    """Whether the call may use up a code: it is sent once, on a new connection."""
    return path.startswith("/sns/") or path.lower() in _CODES
