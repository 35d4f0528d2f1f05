"""WeChat's errcodes: which error each one is, and what a person should do about it. Source: WECHAT.md 1.3, 3.3, 7.1."""

from typing import TypedDict

from ..errors import (
    AccessTokenRefused,
    AccountRefused,
    AddressRefused,
    CentralRefused,
    CentralUnavailable,
    DayLimitReached,
    MinuteLimitReached,
    OpenidRefused,
    RiskyContent,
    SecretRefused,
    WeChatBusy,
    WeChatError,
    WeChatRefused,
)


class Hint(TypedDict):
    """What to do about an error, in both languages."""

    en: str
    zh: str


# Asked first when the call was one for an access_token: there 40001 speaks of the secret, and 48001 was an incident.
_ON_TOKEN_CALLS: dict[int, type[WeChatRefused]] = {
    40001: SecretRefused,
    48001: WeChatBusy,
}

_BY_ERRCODE: dict[int, type[WeChatRefused]] = {
    -1: WeChatBusy,
    40001: AccessTokenRefused,
    40014: AccessTokenRefused,
    42001: AccessTokenRefused,
    40013: SecretRefused,
    40125: SecretRefused,
    40243: SecretRefused,
    40164: AddressRefused,
    45035: AddressRefused,
    48017: AddressRefused,
    61004: AddressRefused,
    89501: AddressRefused,
    89502: AddressRefused,
    89503: AddressRefused,
    89504: AddressRefused,
    89505: AddressRefused,
    89506: AddressRefused,
    89507: AddressRefused,
    45011: MinuteLimitReached,
    44991: MinuteLimitReached,
    45009: DayLimitReached,
    48006: DayLimitReached,
    9410009: DayLimitReached,
    48004: AccountRefused,
    50001: AccountRefused,
    50002: AccountRefused,
    50004: AccountRefused,
    50007: AccountRefused,
    61007: AccountRefused,
    61024: AccountRefused,
    85113: WeChatBusy,
    61080: WeChatBusy,
    61081: WeChatBusy,
    87014: RiskyContent,
    40003: OpenidRefused,
    43104: OpenidRefused,
    61010: OpenidRefused,
}

_CONFIRM = Hint(
    en="WeChat has asked the account's administrator to confirm this server's IP address. Ask them to approve it on "
    "their phone, or enter the address in the IP whitelist so that nobody is asked.",
    zh="微信已请公众号管理员确认本服务器的 IP。请管理员在手机上确认，或将该 IP 加入 IP白名单，以后便无需确认。",
)
_WHITELIST = Hint(
    en="Add the IP address named in errmsg to the account's IP whitelist (mp.weixin.qq.com, Settings and Development, "
    "Basic configuration). It takes about five minutes to act.",
    zh="请把 errmsg 中的 IP 加入该账号的 IP白名单（mp.weixin.qq.com，设置与开发，基本配置），约五分钟后生效。",
)
_UNAVAILABLE = Hint(
    en="Can this machine reach WeChat? Run: wechat-central doctor",
    zh="请检查本机能否访问微信，可运行：wechat-central doctor",
)
_CENTRAL = Hint(
    en="Can this machine reach WECHAT_CENTRAL_URL, and is that server well (wechat-central status, there)? "
    "Run here: wechat-central doctor",
    zh="请检查本机能否访问 WECHAT_CENTRAL_URL，以及该中控服务器是否正常（在其上运行 wechat-central status）。"
    "本机可运行：wechat-central doctor",
)
_CENTRAL_KEY = Hint(
    en="Compare WECHAT_CENTRAL_URL and WECHAT_CENTRAL_KEY with that server's settings: it has to have this account, "
    "the key needs the scopes token and ticket and the account, the URL has to lead to its internal doors.",
    zh="请将 WECHAT_CENTRAL_URL 和 WECHAT_CENTRAL_KEY 与该中控服务器的配置核对："
    "须配置此账号，密钥须有 token 和 ticket 权限并允许此账号，URL 须指向其 internal 入口。",
)
_BUSY = Hint(
    en="WeChat is busy. Nothing is to be done here: try again shortly, as the server does by itself.",
    zh="微信系统繁忙，无需处理：服务会自动重试，请稍后再试。",
)
_TOKEN = Hint(
    en="WeChat refused the access_token, and a new one as well. Is another server fetching tokens for this appid?",
    zh="微信不接受该 access_token，重新获取后仍被拒绝。是否有其他服务器也在为此 appid 获取 access_token？",
)
_SECRET = Hint(
    en="Compare AppID and AppSecret with those shown at mp.weixin.qq.com: same account, no spaces, secret not reset "
    "since? Put the right AppSecret in place: from its file it is read at once, from the environment after a restart.",
    zh="请与 mp.weixin.qq.com 上的 AppID 和 AppSecret 核对：是否同一账号、有无空格、是否已被重置。"
    "改正 AppSecret 后，密钥文件会立即重新读取；环境变量须重启后生效。",
)
_MANGLED = Hint(
    en="The call did not arrive as it was sent. Look for a proxy or gateway on the way (WECHAT_PROXY, WECHAT_API_BASE) "
    "that rewrites requests; if there is none, it is a fault of this server: report it with the rid.",
    zh="请求到达微信时已被改动。请检查途中的代理或网关（WECHAT_PROXY、WECHAT_API_BASE）是否改写请求；"
    "若无，则为本服务的缺陷，请附 rid 反馈。",
)
_MINUTE = Hint(
    en="Too many calls in this minute: slow down. If it is the token that is asked for, look for another server that "
    "asks as well.",
    zh="本分钟调用次数已达上限，请放慢调用。若为获取 access_token，请检查是否有其他服务器也在获取。",
)
_DAY = Hint(
    en="The day's quota is used up. It starts anew at midnight in Shanghai; clear_quota (ten times a month) resets it.",
    zh="当日调用次数已达上限，北京时间零点重置；也可调用 clear_quota（每月十次）清零。",
)
_BANNED = Hint(
    en="The account is restricted or frozen. Its administrator finds the reason at mp.weixin.qq.com.",
    zh="该账号已被限制或冻结，请管理员登录 mp.weixin.qq.com 查看原因。",
)

_OPENID = Hint(
    en="Send the openid that this mini program knows the user by (wx.login), while the user is there or at most two "
    "hours later. For others leave it out, or set WECHAT_ON_OPENID_REFUSED to review or v1.",
    zh="请使用该小程序自己的 openid（wx.login），且用户须在近两小时内访问过；"
    "否则请不传 openid，或将 WECHAT_ON_OPENID_REFUSED 设为 review 或 v1。",
)

_OPENID_OF_MEDIA = Hint(
    en="Send the openid that this mini program knows the user by (wx.login), while the user is there or at most two "
    "hours later: for others WeChat checks no media. Their images go to POST /api/moderation/image without mode=async, "
    "which takes no openid.",
    zh="请使用该小程序自己的 openid（wx.login），且用户须在近两小时内访问过：否则微信不检测其音视频和图片。"
    "其他用户的图片请改用 POST /api/moderation/image（不带 mode=async），无需 openid。",
)

_HINTS: dict[int, Hint] = {
    40003: _OPENID,
    43104: _OPENID,
    61010: _OPENID,
    40001: _TOKEN,
    40014: _TOKEN,
    42001: _TOKEN,
    40002: _MANGLED,
    40013: Hint(
        en="WeChat knows no such AppID. Compare it, letter by letter, with the one shown at mp.weixin.qq.com: wx and "
        "16 hexadecimal digits. Then restart the server.",
        zh="微信没有此 AppID。请与 mp.weixin.qq.com 上的逐字核对（wx 加 16 位十六进制），修改后重启服务。",
    ),
    40125: _SECRET,
    40243: Hint(
        en="The AppSecret is frozen. Unfreeze it at mp.weixin.qq.com; that takes ten minutes to act.",
        zh="AppSecret 已被冻结，请在 mp.weixin.qq.com 解冻，约十分钟后生效。",
    ),
    41002: _MANGLED,
    41004: _MANGLED,
    43002: _MANGLED,
    40164: _WHITELIST,
    45035: _WHITELIST,
    61004: _WHITELIST,
    48017: Hint(
        en="WeChat has retired the IP address that was called. Call its hosts by name (WECHAT_API_BASE).",
        zh="所调用的微信 IP 已停用，请使用域名（WECHAT_API_BASE）。",
    ),
    89501: _CONFIRM,
    89502: _CONFIRM,
    89503: _CONFIRM,
    89504: _CONFIRM,
    89505: _CONFIRM,
    89506: Hint(
        en="The administrator refused this IP address twice; WeChat blocks it for 24 hours. Talk to them first, or use "
        "the IP whitelist.",
        zh="管理员已两次拒绝该 IP，24 小时内不可再试。请先与管理员沟通，或使用 IP白名单。",
    ),
    89507: Hint(
        en="The administrator refused this IP address; WeChat blocks it for one hour. Talk to them first, or use the "
        "IP whitelist.",
        zh="管理员已拒绝该 IP，1 小时内不可再试。请先与管理员沟通，或使用 IP白名单。",
    ),
    45011: _MINUTE,
    44991: _MINUTE,
    45009: _DAY,
    48006: _DAY,
    9410009: _DAY,
    48001: Hint(
        en="This kind of account may not call this API: content checks need a mini program (小程序), tickets an "
        "official account (公众号).",
        zh="该类型账号无此接口权限：内容安全接口需小程序，jsapi_ticket 需公众号。",
    ),
    48004: _BANNED,
    50001: _BANNED,
    50002: _BANNED,
    50004: _BANNED,
    50007: _BANNED,
    61007: _BANNED,
    61024: Hint(
        en="This appid belongs to a third-party platform (第三方平台), which has tokens of its own kind: take the "
        "account out of this server's settings, or enter the appid of the official account or mini program itself.",
        zh="该 appid 属于第三方平台，须使用 component_access_token：请从本服务的配置中移除该账号，"
        "或改填公众号、小程序自身的 appid。",
    ),
}

_HINTS_ON_TOKEN_CALLS: dict[int, Hint] = {
    40001: _SECRET,
    45009: Hint(
        en="The day's quota of token calls is used up: find out who else fetches tokens for this appid, and stop them. "
        "It starts anew at midnight in Shanghai; clear_quota (ten times a month) resets it. In classic mode, "
        "WECHAT_TOKEN_MODE=stable has a far larger quota.",
        zh="当日获取 access_token 的次数已达上限：请查明还有谁在为此 appid 获取并停止。北京时间零点重置；"
        "也可调用 clear_quota（每月十次）清零。classic 模式可改用 WECHAT_TOKEN_MODE=stable，额度大得多。",
    ),
    48001: Hint(
        en="WeChat answers this to token calls on its bad days: take it as busy, the server tries again by itself. If "
        "it lasts for hours, ask WeChat's support with the rid.",
        zh="微信故障期间获取 access_token 会返回此错误，按系统繁忙处理，服务会自动重试；"
        "持续数小时请附 rid 联系微信客服。",
    ),
    50004: Hint(
        en="WeChat forbids this account to fetch tokens, maybe as a punishment. Its administrator finds the reason in "
        "the notices at mp.weixin.qq.com, and appeals there.",
        zh="该账号被禁止获取 access_token（可能因违规处罚），请管理员登录 mp.weixin.qq.com 查看通知并申诉。",
    ),
    50007: Hint(
        en="The account is frozen. Its administrator unfreezes it, or finds the reason, at mp.weixin.qq.com.",
        zh="该账号已被冻结，请管理员登录 mp.weixin.qq.com 查看原因并解冻。",
    ),
}
"""asked first, as above"""

_HINTS_ON_MEDIA_CALLS: dict[int, Hint] = dict.fromkeys((40003, 43104, 61010), _OPENID_OF_MEDIA)
"""there the openid is required"""

MEDIA_ENDPOINT = "/wxa/media_check_async"
TOKEN_ENDPOINTS = ("/cgi-bin/stable_token", "/cgi-bin/token")
"""Calls for an access_token, which carry the secret."""


def refusal(
    errcode: int, errmsg: str, rid: str | None = None, *, endpoint: str, retry_after: float | None = None
) -> WeChatRefused:
    """The error that stands for `errcode` from `endpoint`."""
    kind = _BY_ERRCODE.get(errcode, WeChatRefused)
    if endpoint in TOKEN_ENDPOINTS:
        kind = _ON_TOKEN_CALLS.get(errcode, kind)
    return kind(errcode, errmsg, rid, endpoint=endpoint, retry_after=retry_after)


def hint(error: WeChatError) -> Hint | None:
    """What a person should do about this error, or None where we know nothing better than its text."""
    if isinstance(error, CentralRefused):
        return _CENTRAL_KEY
    if not isinstance(error, WeChatRefused):
        return _CENTRAL if isinstance(error, CentralUnavailable) else _UNAVAILABLE
    known = _HINTS.get(error.errcode, _BUSY if isinstance(error, WeChatBusy) else None)
    if error.endpoint in TOKEN_ENDPOINTS:
        return _HINTS_ON_TOKEN_CALLS.get(error.errcode, known)
    return _HINTS_ON_MEDIA_CALLS.get(error.errcode, known) if error.endpoint == MEDIA_ENDPOINT else known
